"""An indicator month by month."""

from __future__ import annotations

from tests.unit.steering.ground import IN_CLUSTER, at, codes, facts, rows
from zonewright.core.periods import Period
from zonewright.steering.figure import Facts, Question
from zonewright.steering.series import monthly, series, year_to_date

PUT_ASIDE = Period.parse("2023")


def returned(*amounts: float, indicator: str = "output", firm: str = "F1") -> Facts:
    """Return facts with a firm's (or zone's) cumulative returns from February on."""
    return facts(
        observations=rows(
            "observations",
            *(
                {"indicator": indicator, "firm": firm, "zone": "S1", "value": amount,
                 "unit": "亿元", "period": f"2023-01..2023-{month:02}", "bound": "exact",
                 "basis": "cumulative"}
                for month, amount in enumerate(amounts, start=2)
            ),
        )
    )  # fmt: skip


def values(known: Facts, indicator: str, periods: tuple[Period, ...], zone: str = "S1") -> list:
    return [figure.value for figure in series(Question(indicator, zone, PUT_ASIDE), known, periods)]


def test_months_are_differences_and_january_comes_with_february() -> None:
    known = returned(2.0, 3.5, 4.1)
    periods = monthly("output", known, 2023, upto=4)
    assert [str(period) for period in periods] == ["2023-01..2023-02", "2023-03", "2023-04"]
    assert values(known, "output", periods) == [2.0, 1.5, 0.6]


def test_a_difference_rests_on_both_returns() -> None:
    known = returned(2.0, 3.5)
    (march,) = series(Question("output", "S1", PUT_ASIDE), known, [Period.parse("2023-03")])
    assert [str(part.question.period) for part in march.inputs] == [
        "2023-01..2023-03", "2023-01..2023-02",
    ]  # fmt: skip
    assert march.records == ("observations:1", "observations:0")
    assert march.terms["contribution"].sum() == 1.5


def test_a_revision_downwards_gives_a_negative_month_and_says_so() -> None:
    known = returned(2.0, 1.25)
    (march,) = series(Question("output", "S1", PUT_ASIDE), known, [Period.parse("2023-03")])
    assert (march.value, codes(march)) == (-0.75, ["series-negative"])


def test_there_is_no_january_of_its_own() -> None:
    known = returned(2.0)
    (january,) = series(Question("output", "S1", PUT_ASIDE), known, [Period.parse("2023-01")])
    assert (january.value, codes(january)) == (None, ["rollup-no-observation"])


def test_a_gap_in_the_returns_leaves_two_months_unknown() -> None:
    known = returned(2.0, 3.0, 4.5)
    table = known.tables["observations"]
    gap = facts(observations=table[table["period"] != "2023-01..2023-03"])
    months = (Period.parse("2023-03"), Period.parse("2023-04"))
    assert values(gap, "output", months) == [None, None]


def test_the_year_to_date_is_as_returned() -> None:
    assert values(returned(2.0, 3.5), "output", year_to_date(2023, upto=3)) == [None, 2.0, 3.5]


def test_a_month_that_was_reported_itself_is_quoted() -> None:
    known = returned(2.0, 3.5, indicator="value_added_published", firm="")
    month = known.tables["observations"].iloc[[0]].assign(period="2023-03", value=1.6)
    table = known.tables["observations"]
    both = facts(observations=type(table)({c: [*table[c], *month[c]] for c in table}))
    assert values(known, "value_added_published", (Period.parse("2023-03"),)) == [1.5]
    assert values(both, "value_added_published", (Period.parse("2023-03"),)) == [1.6]


def test_growth_is_never_broken_down() -> None:
    known = returned(8.0, 8.7, indicator="output_growth", firm="")
    assert values(known, "output_growth", (Period.parse("2023-03"),)) == [None]


def test_records_are_dated_and_need_no_difference() -> None:
    events = rows(
        "parcel_events",
        *(
            at(IN_CLUSTER, parcel=f"P{month}", stage="L5", on=f"2023-{month:02}-15", area_m2=1e4)
            for month in (1, 1, 3)
        ),
    )
    events.loc[1, "parcel"] = "P9"
    known = facts(parcel_events=events)
    assert values(known, "land_levelled", monthly("land_levelled", known, 2023, upto=3), "C") == [
        2.0, 0.0, 1.0,
    ]  # fmt: skip
    assert values(known, "land_levelled", year_to_date(2023, upto=3), "C") == [2.0, 2.0, 3.0]
