"""Pace against a curve, colours, and the forecast."""

from __future__ import annotations

import pytest

from zonewright.core.errors import InputError, RangeError
from zonewright.steering.curves import LINEAR, Milestones, Seasonal, Stepped, curve_of
from zonewright.steering.forecast import forecast
from zonewright.steering.pace import Thresholds, pace


@pytest.mark.parametrize("month", range(1, 13))
def test_linear_pace_is_not_rounded(month: int) -> None:
    assert pace(0, 100, month=month).ahead_pp == -100 * month / 12


@pytest.mark.parametrize(
    ("done", "colour"),
    [
        (53.0, "blue"), (52.999, "green"), (50.0, "green"), (47.0, "green"), (46.999, "yellow"),
        (40.0, "yellow"), (39.999, "red"),
    ],
)  # fmt: skip
def test_colours_at_their_limits(done: float, colour: str) -> None:
    assert pace(done, 100, month=6).colour == colour


def test_thresholds_can_be_set() -> None:
    strict = Thresholds(blue=10, green=0, yellow=-5)
    colours = [pace(done, 100, month=6, thresholds=strict).colour for done in (60, 50, 45, 44)]
    assert colours == ["blue", "green", "yellow", "red"]
    with pytest.raises(RangeError, match="rise from yellow"):
        Thresholds(blue=0, green=5, yellow=-5)


@pytest.mark.parametrize(
    ("done", "zh", "en"),
    [
        (100, "完成年度任务", "year's target met"),
        (51, "超时序", "ahead of pace"),
        (50, "达到时序", "on pace"),
        (49.999, "滞后", "behind pace"),
    ],
)
def test_words(done: float, zh: str, en: str) -> None:
    found = pace(done, 100, month=6)
    assert (found.word("zh"), found.word()) == (zh, en)


def test_what_is_left_and_how_fast_it_must_come() -> None:
    found = pace(30, 90, month=6)
    assert (found.remaining, found.rate_needed, found.rate_so_far) == (60, 10, 5)
    assert (found.expected, found.expected_pct) == (45, 50)


def test_a_task_beyond_its_target_needs_nothing_more() -> None:
    found = pace(120, 90, month=6)
    assert (found.remaining, found.rate_needed) == (0, 0)
    assert found.completion_pct == pytest.approx(400 / 3)


def test_after_december_no_rate_is_left() -> None:
    assert pace(80, 100, month=12).rate_needed is None


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_month_is_1_to_12(month: int) -> None:
    with pytest.raises(RangeError, match="1 to 12"):
        pace(1, 2, month=month)
    with pytest.raises(RangeError, match="1 to 12"):
        forecast(1, month=month)


@pytest.mark.parametrize("target", [0, -5])
def test_a_target_is_above_0(target: float) -> None:
    with pytest.raises(RangeError, match="target"):
        pace(1, target, month=3)


def test_sixty_percent_by_june() -> None:
    """Jiangmen 2022: every county had to reach 60 % by June, where linear pace asks 50."""
    curve = curve_of("stepped", points={"6": 60})
    assert pace(55, 100, month=6, curve=curve).ahead_pp == -5
    assert pace(55, 100, month=6).ahead_pp == 5
    assert [float(curve.share(month)) for month in (1, 12)] == [0.1, 1.0]


def test_a_stepped_curve_between_its_points() -> None:
    rising = Stepped(((3, 20), (9, 80)))
    assert [float(100 * rising.share(month)) for month in (3, 5, 6, 9, 12)] == [20, 40, 50, 80, 100]
    held = Stepped(((3, 20), (9, 80)), held=True)
    assert [float(100 * held.share(month)) for month in (2, 5, 9, 11, 12)] == [0, 20, 80, 80, 100]
    assert Stepped(()).share(6) == LINEAR.share(6)


@pytest.mark.parametrize(
    "points", [((6, 60), (3, 70)), ((6, 60), (6, 70)), ((3, 60), (6, 50)), ((0, 5),), ((6, 101),)]
)
def test_points_of_a_stepped_curve_must_rise(points: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(RangeError, match="must rise"):
        Stepped(points)


def test_a_seasonal_curve_follows_last_year_even_through_a_negative_month() -> None:
    curve = Seasonal((0, 20, 10, -5, 15, 10, 10, 10, 10, 10, 5, 5))
    assert [float(curve.share(month)) for month in (1, 2, 4, 12)] == [0, 0.2, 0.25, 1]
    with pytest.raises(RangeError, match="twelve months"):
        Seasonal((1, 2, 3))
    with pytest.raises(RangeError, match="above 0"):
        Seasonal((0,) * 12)


def test_starts_by_quarter() -> None:
    """Jiangmen 2022: 195 starts, 96, 34, 36 and 29 of them by quarter."""
    due = (*[3] * 96, *[6] * 34, *[9] * 36, *[12] * 29)
    curve = Milestones(due)
    found = pace(130, 195, month=6, curve=curve)
    assert found.ahead_pp == 0
    assert found.word_zh == "达到时序"
    with pytest.raises(RangeError, match="each step"):
        Milestones(())


def test_curves_by_name() -> None:
    assert curve_of("") is curve_of("linear") is LINEAR
    assert curve_of("seasonal", amounts=(1,) * 12).share(3) == LINEAR.share(3)
    assert curve_of("milestone", due=(6, 12)).share(6) == LINEAR.share(6)
    with pytest.raises(InputError, match="no curve wavy"):
        curve_of("wavy")


def test_a_forecast_is_a_range_of_methods() -> None:
    last_year = Seasonal((5,) * 10 + (25, 25))  # half of the year came in its last two months
    found = forecast(50, month=10, recent=(4, 6), last_year=last_year, capability=30)
    assert dict(found.by_method) == {
        "run_rate": 60, "recent": 60, "seasonal": 100, "capability": 80,
    }  # fmt: skip
    assert (found.low, found.high) == (60, 100)


def test_a_forecast_misses_only_when_its_best_method_does() -> None:
    assert forecast(80, month=10).misses(97)
    assert not forecast(80, month=10).misses(96)
    assert not forecast(80, month=10, capability=20).misses(100)


def test_red_whenever_the_forecast_misses() -> None:
    assert pace(82, 100, month=10).colour == "green"
    assert pace(82, 100, month=10, forecast=forecast(82, month=10)).colour == "red"
    able = forecast(82, month=10, capability=18)
    assert pace(82, 100, month=10, forecast=able).colour == "green"


def test_numbers_are_taken_as_written() -> None:
    """0.1 + 0.2 of a target of 0.3 is all of it, and 0.3 is not 0.29999."""
    assert pace(0.3, 0.3, month=12).word_zh == "完成年度任务"
    assert pace(0.15, 0.3, month=6).ahead_pp == 0
