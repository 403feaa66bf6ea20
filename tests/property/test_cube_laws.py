"""Laws of the two evaluators: one figure with its records, and all of them as arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.steering import ground
from zonewright.core.periods import Period
from zonewright.steering.catalogue import COLUMNS, Indicator, load, parse
from zonewright.steering.cube import Kind
from zonewright.steering.cube_facts import cube_of, vector_codes
from zonewright.steering.figure import Facts, Question
from zonewright.steering.rollup import evaluate

ZONES = ("JM", "C", "PF", "START", "S1", "S2", "P1")
FIRST, MONTHS = 2022 * 12, 24
# The cube begins as many months before: a formula may reach back into them, where records lie.
EARLIER = 36
trials = settings(max_examples=80, deadline=None)

BASE = (
    ("area", "ha", "flow", "reported", "sum"), ("money", "亿元", "flow", "reported", "sum"),
    ("top", "亿元", "stock", "reported", "max"), ("plot", "亩", "stock", "reported", "latest"),
    ("pace", "%", "rate", "reported", "none"), ("jobs", "个", "flow", "sum_zones", "sum"),
    ("sales", "万元", "flow", "sum_firms", "sum"), ("heads", "个", "stock", "sum_firms", "sum"),
)  # fmt: skip
UNITS = {
    "area": ("亩", "公顷", "km2"), "plot": ("亩", "m2"), "money": ("亿元", "万元"),
    "top": ("亿元", "元"), "sales": ("万元", "亿元"), "jobs": ("个",), "heads": ("个", "家"),
    "pace": ("%",),
}  # fmt: skip
ATOMS = {
    "area": "area", "plot": "area", "money": "cny", "top": "cny", "sales": "cny",
    "land_levelled": "area", "works_invested": "cny", "boundary_area": "area",
}  # fmt: skip


def row(code: str, unit: str, nature: str, rule: str, rollup: str = "", of: str = "") -> dict:
    given = {"code": code, "zh": f"{code}项", "en": code, "unit": unit, "nature": nature,
             "basis": "nominal", "rule": rule, "rollup": rollup, "of": of}  # fmt: skip
    if rule in ("reported", "sum_zones", "sum_firms"):
        given |= {"table": "observations", "value": "value"}
    return dict.fromkeys(COLUMNS, "") | given


spans = st.sampled_from(("{}", "ytd({})", "month({})", "prev_year({})", "prev_month({})",
                         "at({}, 'C')", "ytd(prev_month({}))"))  # fmt: skip


@st.composite
def sums(draw: st.DrawFn, dimension: str) -> str:
    """Return an expression of one dimension."""
    codes = [code for code, known in ATOMS.items() if known == dimension]
    parts = draw(
        st.lists(st.tuples(spans, st.sampled_from(codes), st.sampled_from("+-")), min_size=1,
                 max_size=3)
    )  # fmt: skip
    text = " ".join(f"{sign} {span.format(code)}" for span, code, sign in parts)
    return draw(
        st.sampled_from(("({})", "abs({})", "2.5 * ({})", "min({0}, {1})", "max({0}, {1})",
                         "if_known({0}, {1})"))
    ).format(text, codes[0])  # fmt: skip


@st.composite
def formulas(draw: st.DrawFn) -> tuple[dict, ...]:
    """Return formulas over all reported indicators, as rows of a registry."""
    return (
        row("f_money", "万元", "flow", "formula", of=draw(sums("cny"))),
        row("f_area", "km2", "flow", "formula", of=draw(sums("area"))),
        row("f_rate", "%", "ratio", "formula", of=f"({draw(sums('cny'))}) / ({draw(sums('cny'))})"),
        row(
            "f_per",
            "元/m2",
            "ratio",
            "formula",
            of=f"({draw(sums('cny'))}) / ({draw(sums('area'))})",
        ),
        row("f_share", "%", "ratio", "formula", of=f"share_of({draw(sums('area'))}, 'city')"),
        row("f_growth", "%", "rate", "formula", of=f"growth({draw(sums('cny'))})"),
        row("f_again", "亿元", "flow", "formula", of="ytd(f_money) + 1 * money - f_money"),
        row("f_ratio", "%", "ratio", "ratio", of="sales / money@city"),
    )


def registry_with(rows: tuple[dict, ...]) -> Mapping[str, Indicator]:
    """Return the shipped registry with the reported indicators and some formulas."""
    return parse([*(row(*given) for given in BASE), *rows], known=load())


@st.composite
def observations(draw: st.DrawFn) -> pd.DataFrame:
    """Return what zones and firms reported: months, years to date, both or neither."""
    found = []
    last: dict[tuple[str, str, str, str], dict[str, object]] = {}
    for code, *_, rule, _ in BASE:
        of_firms = rule == "sum_firms"
        who = st.sampled_from(("A", "B", "D")) if of_firms else st.sampled_from(ZONES)
        reports = st.tuples(
            who, st.integers(0, MONTHS - 1), st.booleans(), st.integers(-50, 5000),
            st.sampled_from(UNITS[code]),
        )  # fmt: skip
        for name, at, is_ytd, value, unit in draw(st.lists(reports, max_size=25)):
            end = FIRST + at
            period = Period(end - end % 12 if is_ytd else end, end)
            zone = {"A": "P1", "B": "S1", "D": "JM"}[name] if of_firms else name
            firm = name if of_firms else ""
            key = (code, zone, firm, str(period))
            last[key] = {
                "zone": zone, "indicator": code, "firm": firm, "period": str(period),
                "value": value / 4, "unit": unit, "bound": "exact", "basis": "nominal",
            }  # fmt: skip
    found = list(last.values())
    return ground.rows("observations", *found)


@st.composite
def records(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    """Return parcels' stages and works' months inside and outside the span and the zones."""
    points = st.sampled_from(
        (ground.IN_CLUSTER, ground.IN_BOTH, ground.IN_PLATFORM, ground.NOWHERE)
    )
    days = st.dates(pd.Timestamp("2021-06-01").date(), pd.Timestamp("2024-02-01").date())
    stages = st.sampled_from(("L3", "L5", "L8"))
    event = st.tuples(points, days, stages, st.integers(1, 90_000), st.integers(0, 3))
    events = draw(st.lists(event, max_size=8))
    months = draw(st.lists(st.tuples(points, days, st.integers(-10, 900), st.integers(0, 3)),
                           max_size=8))  # fmt: skip
    return {
        "parcel_events": ground.rows("parcel_events", *(
            ground.at(point, zone="P1", parcel=f"P{number}", stage=stage, on=str(on), area_m2=area)
            for point, on, stage, area, number in events
        )),
        "work_months": ground.rows("work_months", *(
            ground.at(point, zone="S1", work=f"W{number}", kind="road",
                      month=str(on.replace(day=1)), invested_cny=given * 1e6)
            for point, on, given, number in months
        )),
    }  # fmt: skip


CODES = (*(code for code, *_ in BASE), "f_money", "f_area", "f_rate", "f_per", "f_share",
         "f_growth", "f_again", "f_ratio", "land_levelled", "land_supplied", "works_invested",
         "works_under_way", "boundary_area")  # fmt: skip
questions = st.tuples(
    st.sampled_from(CODES), st.sampled_from(ZONES), st.integers(0, MONTHS - 1), st.booleans()
)


@trials
@given(formulas(), observations(), records(), st.lists(questions, min_size=8, max_size=16))
def test_the_cube_and_the_single_figure_agree(
    formed: tuple[dict, ...],
    observed: pd.DataFrame,
    recorded: dict[str, pd.DataFrame],
    asked: list[tuple[str, str, int, bool]],
) -> None:
    registry = registry_with(formed)
    plain = ground.facts(observations=observed, **recorded)
    facts = Facts(plain.tables, plain.scope, plain.targets, plain.blocks, registry)
    cube = cube_of(facts, ZONES, first=FIRST - EARLIER, months=EARLIER + MONTHS)
    assert set(CODES) <= set(vector_codes(cube, registry))
    for code, zone, month, is_month in asked:
        last = FIRST + month
        # January alone is asked as a year to date.
        period = Period(last if is_month and month % 12 else last - last % 12, last)
        kind: Kind = "ytd" if period.is_year_to_date else "month"
        told = float(cube.values(code, kind)[ZONES.index(zone), EARLIER + month])
        figure = evaluate(Question(code, zone, period), facts)
        expected = math.nan if figure.number is None else figure.number
        assert told == pytest.approx(expected, rel=1e-7, abs=1e-6, nan_ok=True), (
            code, registry[code].formula, zone, str(period),
        )  # fmt: skip


def test_what_a_cube_keeps_cannot_be_changed() -> None:
    facts = ground.facts()
    cube = cube_of(facts, ZONES, first=FIRST, months=MONTHS)
    found = cube.base("land_levelled", "ytd")
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 1.0
    assert np.isnan(cube.values("land_levelled")).all()
