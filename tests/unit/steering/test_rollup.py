"""Figures from records: each once, exactly, with what they rest on."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pandas as pd
import pytest

from tests.unit.steering.ground import (
    IN_BOTH,
    IN_CLUSTER,
    IN_PLATFORM,
    NOWHERE,
    TO_OCTOBER,
    ask,
    at,
    codes,
    facts,
    rows,
)
from zonewright.core.errors import SchemaError, UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.steering.catalogue import load


def levelled(*given: tuple[tuple[float, float], str, float]) -> pd.DataFrame:
    return rows(
        "parcel_events",
        *(
            at(point, parcel=f"P{place}", stage="L5", on=on, area_m2=area)
            for place, (point, on, area) in enumerate(given)
        ),
    )


# ---- Sums ---------------------------------------------------------------------------------------


def test_a_sum_is_of_the_zone_the_stage_and_the_period() -> None:
    events = levelled(
        (IN_CLUSTER, "2023-01-01", 10_000.0),
        (IN_CLUSTER, "2023-10-31", 20_000.0),
        (IN_CLUSTER, "2022-12-31", 1e9),
        (IN_CLUSTER, "2023-11-01", 1e9),
        (IN_PLATFORM, "2023-05-05", 1e9),
    )
    figure = ask(facts(parcel_events=events), "land_levelled")
    assert (figure.value, figure.unit) == (3.0, "ha")
    assert figure.records == ("parcel_events:0", "parcel_events:1")
    assert figure.terms["contribution"].tolist() == [1.0, 2.0]
    assert ask(facts(parcel_events=events), "land_acquired").value == 0.0


def test_a_parcel_in_two_overlapping_zones_counts_once_in_the_zone_above() -> None:
    known = facts(
        parcel_events=levelled(
            (IN_BOTH, "2023-03-01", 10_000.0), (IN_CLUSTER, "2023-03-01", 20_000.0)
        )
    )
    assert [ask(known, "land_levelled", zone).value for zone in ("C", "PF", "JM")] == [
        3.0,
        1.0,
        3.0,
    ]


def test_an_event_recorded_twice_counts_once_on_its_first_day_and_is_found() -> None:
    events = pd.concat(
        [
            levelled((IN_CLUSTER, "2023-02-01", 10_000.0)),
            levelled((IN_CLUSTER, "2023-06-01", 10_000.0)).assign(record="parcel_events:9"),
        ],
        ignore_index=True,
    )
    figure = ask(facts(parcel_events=events), "land_levelled")
    assert figure.value == 1.0
    assert figure.records == ("parcel_events:0",)
    assert codes(figure) == ["rollup-repeated"]
    june = ask(facts(parcel_events=events), "land_levelled", period=Period.parse("2023-06"))
    assert june.value == 0.0


def test_deleting_a_record_changes_the_figure_by_its_contribution() -> None:
    events = levelled((IN_CLUSTER, "2023-02-01", 10_000.0), (IN_CLUSTER, "2023-03-01", 25_000.0))
    whole = ask(facts(parcel_events=events), "land_levelled")
    less = ask(facts(parcel_events=events.drop(index=1)), "land_levelled")
    assert whole.value - less.value == whole.terms["contribution"].iloc[1]


def test_sums_of_money_are_exact() -> None:
    months = rows(
        "work_months",
        *(
            at(IN_CLUSTER, work=f"W{place}", kind="road", month="2023-04-01", invested_cny=amount)
            for place, amount in enumerate([0.1, 0.2] * 5_000 + [14_373_998_500.0])
        ),
    )
    figure = ask(facts(work_months=months), "works_invested")
    assert figure.exact == Fraction(14_374, 100)
    assert figure.value == 143.74


def test_a_row_without_value_is_left_out_and_named() -> None:
    events = levelled(
        (IN_CLUSTER, "2023-02-01", 10_000.0), (IN_CLUSTER, "2023-02-01", float("nan"))
    )
    figure = ask(facts(parcel_events=events), "land_levelled")
    assert figure.value == 1.0
    assert codes(figure) == ["rollup-value-missing"]
    assert figure.findings[0].ids == ("parcel_events:1",)


def test_a_zone_without_any_record_is_unknown_and_not_0() -> None:
    known = facts(parcel_events=levelled((IN_PLATFORM, "2023-02-01", 10_000.0)))
    figure = ask(known, "land_levelled")
    assert figure.value is None
    assert codes(figure) == ["rollup-no-records"]
    assert "parcel_events" in figure.findings[0].text("zh")


def test_the_terms_add_up_to_the_value() -> None:
    known = facts(
        parcel_events=levelled(*((IN_CLUSTER, "2023-02-01", 1_234.5678 * n) for n in range(1, 99)))
    )
    figure = ask(known, "land_levelled")
    assert figure.terms["contribution"].sum() == pytest.approx(figure.value, rel=1e-12)


def test_money_in_another_currency_is_not_added() -> None:
    ventures = rows(
        "ventures",
        *(
            {"venture": c, "zone": "P1", "category": "transfer", "currency": c, "investment": 1e8,
             "signed_on": "2023-02-01"}
            for c in ("CNY", "USD")
        ),
    )  # fmt: skip
    assert ask(facts(ventures=ventures), "transfer_investment").records == ("ventures:0",)


def test_the_bounds_of_parts_carry_into_their_sum() -> None:
    ventures = rows(
        "ventures",
        *(
            {"venture": bound, "zone": "P1", "category": "eu", "currency": "USD",
             "investment": 1e8, "investment_bound": bound, "signed_on": "2023-02-01"}
            for bound in ("exact", "ge")
        ),
    )  # fmt: skip
    figure = ask(facts(ventures=ventures), "eu_investment")
    assert (figure.value, figure.unit, figure.bound) == (2.0, "亿美元", "ge")


# ---- Counts -------------------------------------------------------------------------------------


def test_a_count_excludes_what_its_condition_excludes() -> None:
    works = rows(
        "works",
        at(IN_CLUSTER, work="A", kind="road", started_on="2023-02-01"),
        at(IN_CLUSTER, work="B", kind="standard_factory", started_on="2023-02-01"),
        at(IN_CLUSTER, work="C", kind="water", started_on=None),
    )
    figure = ask(facts(works=works), "works_started")
    assert (figure.value, figure.records) == (1.0, ("works:0",))


def test_distinct_counts_a_work_once_however_many_returns_it_makes() -> None:
    months = rows(
        "work_months",
        at(IN_CLUSTER, work="A", kind="road", month="2023-02-01", invested_cny=5.0),
        at(IN_CLUSTER, work="A", kind="road", month="2023-03-01", invested_cny=5.0),
        at(IN_CLUSTER, work="B", kind="road", month="2023-03-01", invested_cny=0.0),
    )
    figure = ask(facts(work_months=months), "works_under_way")
    assert figure.value == 1.0
    assert figure.records == ("work_months:0", "work_months:1")
    assert figure.terms["contribution"].tolist() == [1.0, 0.0]
    assert figure.terms["part"].tolist() == ["A", "A"]


def test_distinct_leaves_out_blanks() -> None:
    ventures = rows(
        "ventures",
        *(
            {"venture": str(n), "zone": "P1", "category": "eu", "source_country": country,
             "signed_on": "2023-02-01"}
            for n, country in enumerate(["德国", "法国", "德国", ""])
        ),
    )  # fmt: skip
    figure = ask(facts(ventures=ventures), "eu_source_countries")
    assert figure.value == 2.0
    assert codes(figure) == ["rollup-value-missing"]


def test_zones_are_counted_by_membership() -> None:
    zones = rows(
        "zones",
        {"code": "S1", "zone": "S1", "kind": "startup", "planned": 1},
        {"code": "S2", "zone": "S2", "kind": "startup", "planned": 0},
        {"code": "C", "zone": "C", "kind": "cluster", "planned": 1},
    )
    assert ask(facts(zones=zones), "startup_areas_planned").value == 1.0
    assert ask(facts(zones=zones), "startup_areas_planned", "PF").value is None


def test_a_park_of_two_zones_counts_in_both_and_once_in_the_city() -> None:
    plans = rows("plans", {"plan": "G1", "zone": "P1"}, {"plan": "G2", "zone": "S1"})
    found = [ask(facts(plans=plans), "plans", zone).value for zone in ("C", "PF", "JM", "START")]
    assert found == [2.0, 1.0, 2.0, 1.0]


def test_a_period_open_at_its_start_takes_everything_before() -> None:
    ventures = rows(
        "ventures",
        *(
            {"venture": day, "zone": "P1", "category": "transfer", "signed_on": day}
            for day in ("2019-05-01", "2023-10-31", "2023-11-01")
        ),
    )
    known = facts(ventures=ventures)
    assert ask(known, "transfer_ventures", period=Period.parse("..2023-10")).value == 2.0


# ---- Observations -------------------------------------------------------------------------------


def returns(*given: tuple[str, str, str, float, str]) -> pd.DataFrame:
    return rows(
        "observations",
        *(
            {"indicator": "output", "firm": firm, "zone": zone, "period": period, "value": value,
             "unit": unit, "bound": "exact", "basis": "cumulative"}
            for firm, zone, period, value, unit in given
        ),
    )  # fmt: skip


def test_firms_add_up_in_any_unit_each_once() -> None:
    known = facts(
        observations=returns(
            ("F1", "S1", "2023-01..2023-10", 2.5, "亿元"),
            ("F2", "P1", "2023-01..2023-10", 5_000.0, "万元"),
            ("F3", "PF", "2023-01..2023-10", 1.0, "亿元"),
            ("F1", "S1", "2023-01..2023-09", 100.0, "亿元"),
            ("", "C", "2023-01..2023-10", 999.0, "亿元"),
        )
    )
    assert ask(known, "output").value == 3.0
    assert ask(known, "output", "JM").value == 4.0
    assert ask(known, "output", "PF").terms["part"].tolist() == ["F2", "F3"]


def test_a_firm_that_fell_silent_is_named() -> None:
    known = facts(
        observations=returns(
            ("F1", "S1", "2023-01..2023-10", 2.5, "亿元"),
            ("F2", "S1", "2023-01..2023-09", 1.0, "亿元"),
        )
    )
    figure = ask(known, "output")
    assert codes(figure) == ["rollup-firms-missing"]
    assert figure.findings[0].ids == ("F2",)


def test_the_period_must_be_the_one_asked() -> None:
    known = facts(observations=returns(("F1", "S1", "2023-01..2023-09", 2.5, "亿元")))
    figure = ask(known, "output")
    assert figure.value is None
    assert "2023-01..2023-09" in figure.findings[0].text("en")


def test_a_value_in_a_unit_of_another_kind_makes_the_sum_unknown_and_is_named() -> None:
    known = facts(
        observations=returns(
            ("F1", "S1", "2023-01..2023-10", 2.5, "ha"),
            ("F2", "S1", "2023-01..2023-10", 2.5, "亿元"),
        )
    )
    figure = ask(known, "output")
    assert (figure.value, codes(figure)) == (None, ["rollup-unit"])
    assert figure.findings[0].ids == ("observations:0",)


@pytest.mark.parametrize("indicator", ["works_completion", "plan_completion"])
def test_a_target_in_a_unit_of_another_kind_tells_nothing_and_is_named(indicator: str) -> None:
    known = facts(
        work_months=invested(1e8), targets=rows("targets", target("works_invested", 10, "ha"))
    )
    figure = ask(known, indicator)
    (found, *_) = [finding for finding in figure.findings if finding.code == "rollup-unit"]
    assert figure.value is None
    assert (found.ids, found.params["units"]) == (("targets:0",), "ha")


def observed(
    indicator: str, zone: str, value: float, unit: str, *, period: str = "2023-01..2023-10",
    bound: str = "exact", basis: str = "",
) -> dict[str, object]:  # fmt: skip
    return {"indicator": indicator, "zone": zone, "firm": "", "period": period, "value": value,
            "unit": unit, "bound": bound, "basis": basis}  # fmt: skip


def test_a_reported_value_keeps_its_bound_and_basis() -> None:
    known = facts(
        observations=rows(
            "observations",
            observed("planned_area", "C", 139_500.0, "ha", bound="approx"),
            observed("planned_area", "JM", 9_535.0, "km2"),
            observed("value_added_growth", "PF", 19.7, "%", basis="comparable"),
        )
    )
    area = ask(known, "planned_area")
    assert (area.value, area.unit, area.bound) == (1_395.0, "km2", "approx")
    growth = ask(known, "value_added_growth", "PF")
    assert (growth.value, growth.basis) == (19.7, "comparable")


def test_growth_is_quoted_and_never_computed_from_levels() -> None:
    """Published growth is at comparable prices: the quotient of two levels is another number."""
    levels = rows(
        "observations",
        *(
            observed(indicator, "C", value, "亿元", period=period)
            for indicator in ("output", "value_added", "value_added_published")
            for period, value in (("2022-01..2022-10", 100.0), ("2023-01..2023-10", 120.0))
        ),
    )
    rates = [
            code for code, indicator in load().items()
            if indicator.nature == "rate" and indicator.rule != "formula"
        ]  # fmt: skip
    assert {"output_growth", "value_added_growth"} <= set(rates)
    for code in rates:
        figure = ask(facts(observations=levels), code)
        assert figure.value is None, code
        assert codes(figure) == ["rollup-no-observation"]
        assert load()[code].rule == "reported"


def test_zones_add_up_each_once_and_two_levels_are_found() -> None:
    parks = [observed("title_application", zone, 1.0, "个", period="2023") for zone in ("S1", "S2")]
    known = facts(observations=rows("observations", *parks))
    assert ask(known, "title_application", period=Period.parse("2023")).value == 2.0
    both = facts(
        observations=rows(
            "observations", *parks, observed("title_application", "START", 2.0, "个", period="2023")
        )
    )
    assert codes(ask(both, "title_application", period=Period.parse("2023"))) == [
        "rollup-zone-and-member"
    ]


# ---- Land ---------------------------------------------------------------------------------------

BLOCKS = pd.DataFrame(
    {"area_m2": [400_000.0, 350_000.0], "members": [("A", "B"), ("C",)]}, index=["A", "C"]
)
PARCELS = rows(
    "parcels",
    at(IN_CLUSTER, parcel="A", area_m2=300_000.0),
    at(IN_CLUSTER, parcel="B", area_m2=100_000.0),
    at(IN_CLUSTER, parcel="C", area_m2=350_000.0),
)


def test_blocks_are_counted_with_their_parcels() -> None:
    figure = ask(facts(blocks=BLOCKS, parcels=PARCELS), "ready_blocks")
    assert (figure.value, figure.records) == (2.0, ("parcels:0", "parcels:1", "parcels:2"))
    assert figure.terms["part"].tolist() == ["A", "A", "C"]
    assert figure.terms["contribution"].tolist() == [1.0, 0.0, 1.0]


def test_the_area_of_blocks_adds_up_by_parcel() -> None:
    figure = ask(facts(blocks=BLOCKS, parcels=PARCELS), "ready_block_area")
    assert figure.value == 75.0
    assert figure.terms["contribution"].tolist() == [30.0, 10.0, 35.0]


def test_no_block_is_0_but_no_parcel_is_unknown() -> None:
    assert ask(facts(parcels=PARCELS), "ready_blocks").value == 0.0
    assert ask(facts(parcels=PARCELS), "ready_blocks", "PF").value is None


def test_the_area_of_a_boundary_names_its_version() -> None:
    figure = ask(facts(), "boundary_area")
    assert figure.value == pytest.approx(5_700, rel=0.02)
    assert (figure.records, figure.versions) == (("zone_version:2",), ("zone_version:2",))
    assert codes(ask(facts(), "boundary_area", "P1")) == ["rollup-no-boundary"]


# ---- One project --------------------------------------------------------------------------------

VENTURES = rows(
    "ventures",
    {"venture": "LG", "zone": "P1", "category": "major", "land_m2": 340_000.0, "investment": 2e9,
     "investment_bound": "approx", "currency": "CNY"},
    {"venture": "EU", "zone": "P1", "category": "eu", "investment": 1e8, "currency": "USD"},
)  # fmt: skip


def test_an_attribute_of_a_project() -> None:
    known = facts(ventures=VENTURES)
    land = ask(known, "venture_land", subject="LG")
    assert (land.value, land.bound, land.records) == (34.0, "exact", ("ventures:0",))
    investment = ask(known, "venture_investment", subject="LG")
    assert (investment.value, investment.bound) == (20.0, "approx")


def test_what_a_project_does_not_say_is_unknown_for_a_reason() -> None:
    known = facts(ventures=VENTURES)
    assert codes(ask(known, "venture_land", subject="XX")) == ["rollup-subject-unknown"]
    assert codes(ask(known, "venture_floor_area", subject="LG")) == ["rollup-subject-silent"]
    assert codes(ask(known, "venture_investment", subject="EU")) == ["rollup-currency"]
    outside = ask(known, "venture_land", "S1", subject="LG")
    assert (outside.value, codes(outside)) == (34.0, ["rollup-subject-outside"])


def test_a_milestone_keeps_its_precision_and_waits_for_its_day() -> None:
    milestones = rows(
        "milestones",
        {"venture": "LG", "zone": "P1", "step": "topped_out", "actual_on": "2023-06-30",
         "actual_precision": "m"},
        {"venture": "LG", "zone": "P1", "step": "started", "actual_on": "2023-04-21",
         "actual_precision": "d"},
    )  # fmt: skip
    known = facts(ventures=VENTURES, milestones=milestones)
    figure = ask(known, "venture_topped_out", subject="LG")
    assert (figure.value, figure.precision, figure.exact) == (date(2023, 6, 30), "m", None)
    assert figure.records == ("milestones:0",)
    early = ask(known, "venture_topped_out", period=Period.parse("2023-01..2023-05"), subject="LG")
    assert (early.value, codes(early)) == (None, ["rollup-not-reached"])


# ---- Figures of figures -------------------------------------------------------------------------


def city_share(city_bound: str) -> object:
    observations = pd.concat(
        [
            returns(("F1", "S1", "2023-01..2023-10", 600.0, "亿元")).assign(
                indicator="value_added"
            ),
            rows(
                "observations",
                observed("value_added_published", "JM", 800.0, "亿元", bound=city_bound),
            ).assign(record="observations:7"),
        ],
        ignore_index=True,
    )
    return ask(facts(observations=observations), "value_added_city_share")


@pytest.mark.parametrize(
    ("city", "share"),
    [("exact", "exact"), ("ge", "le"), ("le", "ge"), ("approx", "approx")],
)
def test_a_ratio_divides_by_the_citys_figure_and_carries_its_bound(city: str, share: str) -> None:
    figure = city_share(city)
    assert (figure.value, figure.unit, figure.bound) == (75.0, "%", share)
    assert figure.records == ("observations:0", "observations:7")
    assert [part.question.zone for part in figure.inputs] == ["C", "JM"]
    assert figure.terms["contribution"].sum() == 75.0


def test_a_ratio_of_two_counts_converts_no_unit() -> None:
    ventures = rows(
        "ventures",
        *(
            {"venture": str(n), "zone": "P1", "category": "transfer", "source_city": city,
             "signed_on": "2023-02-01"}
            for n, city in enumerate(["深圳市", "广州市", "长沙市", "东莞市"])
        ),
    )  # fmt: skip
    figure = ask(facts(ventures=ventures), "transfer_prd_share")
    assert figure.value == 75.0
    assert len(figure.records) == 4


def test_a_ratio_over_nothing_is_unknown() -> None:
    ventures = rows("ventures", {"venture": "1", "zone": "P1", "category": "eu"})
    figure = ask(facts(ventures=ventures), "transfer_prd_share")
    assert figure.value is None
    assert "rollup-division" in codes(figure)


def invested(amount: float, month: str = "2023-04-01") -> pd.DataFrame:
    return rows(
        "work_months", at(IN_CLUSTER, work="W", kind="road", month=month, invested_cny=amount)
    )


def target(indicator: str, value: float, unit: str, *, zone: str = "C", year: int = 2023) -> dict:
    return {"indicator": indicator, "zone": zone, "year": year, "value": value, "unit": unit}


def test_a_completion_is_of_the_zones_own_target_in_any_unit() -> None:
    targets = rows(
        "targets",
        target("works_invested", 1.0, "亿元", year=2022),
        target("works_invested", 301_833.0, "万元"),
        target("works_invested", 1.0, "亿元", zone="PF"),
    )
    known = facts(work_months=invested(26.03e8), targets=targets)
    figure = ask(known, "works_completion")
    assert figure.exact == Fraction(2603, 100) / Fraction("30.1833") * 100
    assert figure.records == ("work_months:0", "targets:1")
    assert ask(known, "completion:works_invested").value == figure.value


def test_a_completion_counts_from_january_whatever_period_is_asked() -> None:
    known = facts(
        work_months=invested(5e8, "2023-02-01"),
        targets=rows("targets", target("works_invested", 10, "亿元")),
    )
    month = ask(known, "works_completion", period=Period.parse("2023-10"))
    assert month.value == 50.0
    assert str(month.inputs[0].question.period) == "2023-01..2023-10"


def test_without_a_target_there_is_no_completion() -> None:
    figure = ask(facts(work_months=invested(1e8)), "works_completion")
    assert (figure.value, codes(figure)) == (None, ["rollup-no-target"])


def test_the_lowest_completion_of_all_targets_of_the_zone() -> None:
    known = facts(
        work_months=invested(9e8),
        parcel_events=levelled((IN_CLUSTER, "2023-02-01", 1_200_000.0)),
        targets=rows(
            "targets", target("works_invested", 10, "亿元"), target("land_levelled", 1_500, "亩")
        ),
    )
    figure = ask(known, "plan_completion")
    assert figure.value == 90.0
    assert {part.question.indicator: part.value for part in figure.inputs} == {
        "completion:land_levelled": 120.0,
        "completion:works_invested": 90.0,
    }
    assert codes(ask(known, "plan_completion", "PF")) == ["rollup-no-target"]


def test_the_lowest_completion_is_unknown_while_one_of_them_is() -> None:
    known = facts(
        work_months=invested(9e8),
        targets=rows(
            "targets", target("works_invested", 10, "亿元"), target("land_levelled", 1_500, "亩")
        ),
    )
    figure = ask(known, "plan_completion")
    assert figure.value is None
    assert "rollup-input-missing" in codes(figure)


# ---- All of them --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", load())
def test_every_indicator_answers_or_says_what_is_missing(code: str) -> None:
    figure = ask(facts(), code, subject="XX")
    assert figure.value is not None or figure.findings
    assert figure.formula("zh")
    assert figure.formula("en")
    assert all("C" in text or "XX" in text for text in (figure.formula_zh, figure.formula_en))


def test_formulas_say_what_was_counted() -> None:
    figure = ask(facts(), "land_levelled")
    assert figure.formula_zh == (
        "Σ 面积（地块阶段记录：阶段 = 平整；日期在2023年1—10月；位于片区 C），以公顷计"
    )
    assert figure.formula_en == (
        "Σ area (parcel stage events: Stage = L5; Date in Jan–Oct 2023; in zone C), in ha"
    )


def test_order_of_records_is_irrelevant() -> None:
    events = levelled(*((IN_CLUSTER, "2023-02-01", 0.1 + 3.3 * n) for n in range(50)))
    mixed = events.sample(frac=1, random_state=3).reset_index(drop=True)
    one, other = (ask(facts(parcel_events=frame), "land_levelled") for frame in (events, mixed))
    assert one.exact == other.exact
    assert set(one.records) == set(other.records)


def test_an_unknown_indicator_zone_or_table_is_refused() -> None:
    with pytest.raises(UnknownReferenceError, match="nonsense"):
        ask(facts(), "nonsense")
    with pytest.raises(UnknownReferenceError, match="XX"):
        ask(facts(), "plans", "XX")
    known = facts()
    bare = {name: frame for name, frame in known.tables.items() if name != "plans"}
    with pytest.raises(SchemaError, match="plans"):
        ask(type(known)(bare, known.scope, known.targets, known.blocks), "plans")


def test_nowhere_is_in_no_zone() -> None:
    events = levelled((NOWHERE, "2023-02-01", 10_000.0), (IN_CLUSTER, "2023-02-01", 10_000.0))
    assert ask(facts(parcel_events=events), "land_levelled", "JM", TO_OCTOBER).value == 1.0
