"""Laws of targets and forecasts, whatever the zone brought."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from zonewright.steering.backtest import Known
from zonewright.steering.forecast_methods import History
from zonewright.steering.forecast_works import WorkState, path_of, works_ahead
from zonewright.steering.forecasts import year_end
from zonewright.steering.targets import Part, check_sum, split

amounts = st.floats(0, 1e6, allow_nan=False).map(lambda amount: round(amount, 3))
histories = st.lists(amounts, min_size=6, max_size=70).map(
    lambda months: History(2016, tuple(months))
)
starts = st.integers(2022 * 12, 2023 * 12 + 11)
works = st.lists(
    st.builds(
        WorkState,
        code=st.text("ABCDEF", min_size=1, max_size=3),
        amounts=st.dictionaries(starts, amounts, max_size=12),
        total=st.none() | amounts,
        year_plan=st.none() | amounts,
        physical_pct=st.none() | st.floats(0, 100),
        planned_start=st.none() | starts,
        started=st.none() | starts,
    ),
    max_size=8,
    unique_by=lambda work: work.code,
)


def known(past: History, target: float | None = None) -> Known:
    year, month = past.last
    return Known("Z", "x", "x", "x", "亿元", year, month, past, target=target)


@settings(max_examples=25, deadline=None)
@given(histories, st.floats(1, 1e7), st.floats(1, 1e7))
def test_the_interval_holds_the_median_and_more_asked_is_never_likelier(
    past: History, one: float, other: float
) -> None:
    low_target, high_target = sorted((one, other))
    easy, hard = year_end(known(past, low_target)), year_end(known(past, high_target))
    for outlook, harder in zip(easy.by_method, hard.by_method, strict=True):
        assert outlook.low <= outlook.median <= outlook.high
        assert outlook.low >= past.done(*past.last) or outlook.floor == -math.inf
        assert all(point.low <= point.median <= point.high for point in outlook.path)
        assert 0 <= (harder.probability or 0) <= (outlook.probability or 0) <= 1
        ends = [outlook.band(level) for level in (0.5, 0.8, 0.95)]
        assert ends[0][0] >= ends[1][0] >= ends[2][0]
        assert ends[0][1] <= ends[1][1] <= ends[2][1]


@settings(max_examples=10, deadline=None)
@given(histories, st.sampled_from([0.001, 15.0, 1e4]))
def test_a_forecast_knows_no_unit(past: History, factor: float) -> None:
    scaled = History(past.year, tuple(amount * factor for amount in past.amounts))
    one, other = year_end(known(past)), year_end(known(scaled))
    assert one.is_told == other.is_told
    told = {outlook.method: outlook.median for outlook in other.by_method}
    for outlook in one.by_method:
        if outlook.method in ("run_rate", "recent", "seasonal_naive"):
            near = math.isclose(told[outlook.method], outlook.median * factor, rel_tol=1e-6)
            assert near or abs(outlook.median) < 1e-6


@given(works, st.randoms(use_true_random=False))
def test_the_order_of_works_is_irrelevant(listed: list[WorkState], random: object) -> None:
    shuffled = sorted(listed, key=lambda _work: random.random())  # type: ignore[attr-defined]
    one = works_ahead(listed, year=2023, month=7)
    other = works_ahead(shuffled, year=2023, month=7)
    assert one == other
    assert path_of(one) == path_of(other)


@given(works)
def test_no_work_brings_more_than_is_left_or_than_it_can(listed: list[WorkState]) -> None:
    for ahead in works_ahead(listed, year=2023, month=7):
        assert ahead.brings <= ahead.capability * (1 + 1e-9) + 1e-9
        assert ahead.left is None or ahead.brings <= ahead.left * (1 + 1e-9) + 1e-6
        assert min(ahead.path, default=0.0) >= 0


@given(works, st.floats(1, 1e6))
def test_a_larger_plan_never_brings_less(listed: list[WorkState], more: float) -> None:
    larger = [
        work if work.year_plan is None else replace(work, year_plan=work.year_plan + more)
        for work in listed
    ]
    for one, other in zip(
        works_ahead(listed, year=2023, month=7),
        works_ahead(larger, year=2023, month=7),
        strict=True,
    ):
        assert other.brings >= one.brings - 1e-6


@given(st.lists(st.none() | amounts, min_size=1, max_size=8), st.floats(1, 1e6))
def test_parts_given_out_and_left_over_make_the_whole(
    values: list[float | None], whole: float
) -> None:
    parts = [Part("zone", str(place), value) for place, value in enumerate(values)]
    found = check_sum(whole, parts)
    assert math.isclose(found.whole + found.difference, found.total, abs_tol=1e-6)
    assert check_sum(whole, reversed(parts)).total == found.total
    assert (found.verdict == "partial") <= bool(found.lacking)


@given(st.floats(1, 1e6), st.lists(st.integers(0, 100), min_size=1, max_size=8), st.integers(0, 5))
def test_what_is_split_adds_up(whole: float, weights: list[int], step: int) -> None:
    weights[0] += 1
    assert math.isclose(math.fsum(split(whole, weights, step=step)), whole, rel_tol=1e-9)
