"""What the works of a zone will still bring: the lesser of what is left and what they can build."""

from __future__ import annotations

import pytest

from zonewright.steering.forecast_works import WorkState, path_of, works_ahead

JANUARY = 2023 * 12


def monthly(*amounts: float, first: int = JANUARY) -> dict[int, float]:
    return {first + month: amount for month, amount in enumerate(amounts)}


def test_a_plan_ends_a_work_and_a_rate_bounds_it() -> None:
    fast = WorkState("F", monthly(10, 10, 10), year_plan=35.0, started=JANUARY)
    slow = WorkState("S", monthly(1, 1, 1), year_plan=100.0, started=JANUARY)
    found = {ahead.code: ahead for ahead in works_ahead([slow, fast], year=2023, month=3)}
    assert found["F"].brings == 5.0
    assert (found["S"].left, found["S"].brings) == (97.0, 9.0)


def test_what_was_brought_before_the_year_counts_against_the_cost() -> None:
    before = monthly(40.0, first=JANUARY - 12)
    work = WorkState("W", {**before, **monthly(2, 2)}, total=45.0, started=JANUARY - 12)
    (found,) = works_ahead([work], year=2023, month=2)
    assert found.left == pytest.approx(1.0)


def test_a_finished_work_brings_nothing_more() -> None:
    work = WorkState("W", monthly(5, 5), year_plan=50.0, started=JANUARY, finished=JANUARY + 1)
    assert works_ahead([work], year=2023, month=2)[0].brings == 0.0


def test_one_that_has_not_begun_waits_as_long_as_works_did() -> None:
    late = WorkState("L", monthly(0, 0, 1), total=9.0, planned_start=JANUARY, started=JANUARY + 2)
    new = WorkState("N", {}, year_plan=30.0, planned_start=JANUARY + 5)
    found = {ahead.code: ahead for ahead in works_ahead([late, new], year=2023, month=3)}
    assert found["N"].path == pytest.approx((0, 0, 0, 0, 6, 6, 6, 6, 6))


def test_what_came_later_is_not_looked_at() -> None:
    work = WorkState("W", monthly(2, 2, 50, 50), year_plan=200.0, started=JANUARY)
    (found,) = works_ahead([work], year=2023, month=2, upto=4)
    assert found.path == (2.0, 2.0)


def test_physical_progress_bounds_a_work_without_a_plan() -> None:
    work = WorkState("W", monthly(10, 10), total=100.0, physical_pct=95.0, started=JANUARY)
    assert works_ahead([work], year=2023, month=2)[0].brings == pytest.approx(5.0)


def test_works_without_plan_or_cost_go_on_at_their_rate() -> None:
    work = WorkState("W", monthly(3, 3), started=JANUARY)
    assert not work.is_told
    assert path_of(works_ahead([work], year=2023, month=2)) == (3.0,) * 10
