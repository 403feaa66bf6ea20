"""Laws of figures, statements, pace, units and periods."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.strategies import amounts, month_indices, months
from tests.unit.steering.ground import ask, facts, rows
from zonewright.core.periods import Period, statistical_periods
from zonewright.core.units import UNITS, convert, factor
from zonewright.steering.catalogue import load
from zonewright.steering.curves import LINEAR, Milestones, Seasonal, Stepped
from zonewright.steering.figure import Bound, Figure, Question, new_terms
from zonewright.steering.pace import pace
from zonewright.steering.statement import state

trials = settings(max_examples=60, deadline=None)
points = st.tuples(st.floats(112.4, 113.9), st.floats(21.9, 22.6))
areas = st.floats(1.0, 1e6)


def events(parcels: list[tuple[tuple[float, float], float]]) -> pd.DataFrame:
    return rows(
        "parcel_events",
        *(
            {"lon": lon, "lat": lat, "parcel": f"P{place}", "stage": "L5", "on": "2023-05-01",
             "area_m2": area}
            for place, ((lon, lat), area) in enumerate(parcels)
        ),
    )  # fmt: skip


@trials
@given(st.lists(st.tuples(points, areas), min_size=1, max_size=12))
def test_a_zones_land_is_the_set_of_parcels_in_it_however_its_parts_overlap(
    parcels: list[tuple[tuple[float, float], float]],
) -> None:
    """Of two overlapping zones the whole is one and the other less what lies in both."""
    frame = events(parcels)
    known = facts(parcel_events=frame)
    zones = {zone: set(ask(known, "land_levelled", zone).records) for zone in ("JM", "C", "PF")}
    assert zones["C"] | zones["PF"] <= zones["JM"]
    start = set(ask(known, "land_levelled", "START").records)
    parts = [set(ask(known, "land_levelled", zone).records) for zone in ("S1", "S2")]
    assert start == parts[0] | parts[1]
    inside = frame[frame["record"].isin(zones["C"])]
    figure = ask(known, "land_levelled")
    assert (figure.value is None) == inside.empty
    assert (figure.number or 0.0) == pytest.approx(inside["area_m2"].sum() / 10_000, rel=1e-12)


@trials
@given(st.lists(st.tuples(points, areas), min_size=1, max_size=10), st.permutations(range(10)))
def test_the_order_of_records_changes_no_figure(
    parcels: list[tuple[tuple[float, float], float]], order: list[int]
) -> None:
    frame = events(parcels)
    mixed = frame.iloc[[place for place in order if place < len(frame)]].reset_index(drop=True)
    one, other = (
        ask(facts(parcel_events=known), "land_levelled", "JM") for known in (frame, mixed)
    )
    assert one.exact == other.exact


@trials
@given(
    st.lists(st.tuples(amounts, st.sampled_from(["元", "万元", "亿元"])), min_size=1, max_size=8)
)
def test_the_unit_of_a_return_changes_no_sum(returns: list[tuple[Decimal, str]]) -> None:
    def total(unit: str | None) -> Fraction | None:
        frame = rows(
            "observations",
            *(
                {"indicator": "output", "firm": f"F{place}", "zone": "S1", "basis": "cumulative",
                 "period": "2023-01..2023-10", "bound": "exact", "unit": unit or given,
                 "value": float(amount if unit is None else Decimal(0) + amount)}
                for place, (amount, given) in enumerate(returns)
            ),
        )  # fmt: skip
        return ask(facts(observations=frame), "output").exact

    exact = sum(convert(amount, given, "亿元") for amount, given in returns)
    assert total(None) == exact
    assert total("万元") == sum(convert(amount, "万元", "亿元") for amount, _ in returns)


def figure(value: Fraction) -> Figure:
    question = Question("land_levelled", "C", Period.parse("2023"))
    indicator = load()["land_levelled"]
    return Figure(question, indicator, float(value), value, "exact", "none", new_terms(), ())


@trials
@given(
    st.fractions(min_value=0, max_value=10**6, max_denominator=10**6),
    st.sampled_from(["0.01", "0.1", "1", "5", "100"]),
    st.sampled_from(["exact", "ge", "le", "approx"]),
)
def test_what_is_stated_is_a_multiple_of_the_step_on_the_right_side(
    value: Fraction, step: str, bound: Bound
) -> None:
    size = Fraction(step)
    found = state(figure(value), bound=bound, step=Decimal(step))
    stated = Fraction(repr(found.stated))
    assert (stated / size).denominator == 1
    if bound == "ge":
        assert stated <= value < stated + size
    elif bound == "le":
        assert stated - size < value <= stated
    else:
        assert abs(stated - value) <= size / 2
    assert bool(found.findings) == (bound in ("ge", "le") and stated == value)


@trials
@given(amounts, amounts.filter(lambda amount: amount > 0), months)
def test_pace_is_the_same_in_every_unit(done: Decimal, target: Decimal, month: int) -> None:
    one = pace(done, target, month=month)
    other = pace(done * 10_000, target * 10_000, month=month)
    assert (one.ahead_pp, one.colour, one.word_zh) == (other.ahead_pp, other.colour, other.word_zh)


@trials
@given(amounts, amounts.filter(lambda amount: amount > 0), st.integers(1, 11))
def test_the_rate_needed_reaches_the_target(done: Decimal, target: Decimal, month: int) -> None:
    found = pace(done, target, month=month)
    assert found.rate_needed is not None
    end = found.done + found.rate_needed * (12 - month)
    assert end == pytest.approx(max(float(target), float(done)), rel=1e-9)


@trials
@given(st.dictionaries(months, st.integers(0, 100), max_size=5), st.booleans())
def test_a_stepped_curve_passes_its_points_and_never_falls(
    given_points: dict[int, int], held: bool
) -> None:
    shares = sorted(given_points.values())
    ordered = tuple(zip(sorted(given_points), shares, strict=True))
    curve = Stepped(ordered, held=held)
    course = [curve.share(month) for month in range(1, 13)]
    assert course == sorted(course)
    assert all(curve.share(month) == Fraction(share, 100) for month, share in ordered)
    assert 12 in given_points or course[-1] == 1


@trials
@given(st.lists(amounts, min_size=12, max_size=12).filter(lambda year: sum(year) > 0))
def test_a_year_that_repeats_the_last_is_on_its_seasonal_pace(year: list[Decimal]) -> None:
    curve = Seasonal(tuple(year))
    for month in range(1, 13):
        found = pace(sum(year[:month], Decimal(0)), sum(year), month=month, curve=curve)
        assert found.ahead_pp == 0


@trials
@given(st.lists(months, min_size=1, max_size=30))
def test_curves_end_at_the_whole_of_the_year(due: list[int]) -> None:
    assert Milestones(tuple(due)).share(12) == LINEAR.share(12) == 1


@trials
@given(amounts, st.sampled_from(list(UNITS)), st.sampled_from(list(UNITS)))
def test_conversion_there_and_back_is_exact(value: Decimal, one: str, other: str) -> None:
    if UNITS[one].dimension == UNITS[other].dimension:
        there = convert(value, one, other)
        assert convert(there, other, one) == Fraction(value)
        assert factor(one, other) * factor(other, one) == 1


@trials
@given(month_indices, st.integers(0, 40), st.booleans())
def test_a_period_is_read_back_from_its_text(last: int, span: int, since_ever: bool) -> None:
    period = Period(None if since_ever else last - span, last)
    assert Period.parse(str(period)) == period
    assert period.contains(period.end_on)
    assert since_ever or (period.contains(period.start_on) and period.months == span + 1)


@trials
@given(st.integers(1990, 2060))
def test_statistical_periods_fill_the_year_once(year: int) -> None:
    covered = np.concatenate(
        [np.arange(period.first, period.last + 1) for period in statistical_periods(year)]
    )
    whole = Period.whole_year(year)
    assert covered.tolist() == list(range(whole.first or 0, whole.last + 1))
