"""Compiled work in two threads, and what is said while it is compiled."""

from __future__ import annotations

import logging
import threading

import pytest
from numba.core import event

from zonewright.core import compiled
from zonewright.core.compiled import at_once, in_halves


def test_tasks_run_at_once_and_keep_their_order() -> None:
    meeting = threading.Barrier(2, timeout=30)

    def task(name: str) -> str:
        meeting.wait()
        return name

    assert at_once([lambda: task("first"), lambda: task("second")]) == ["first", "second"]


def test_an_error_of_any_task_is_raised() -> None:
    for tasks in ([lambda: 1, lambda: 1 // 0], [lambda: 1 // 0, lambda: 1]):
        with pytest.raises(ZeroDivisionError):
            at_once(tasks)


@pytest.mark.parametrize("count", [0, 1, 19_999, 20_000, 20_001])
def test_halves_cover_everything_once(count: int) -> None:
    parts = in_halves(count, lambda begin, end: list(range(begin, end)))
    assert len(parts) == (2 if count >= 20_000 else 1)
    assert [thing for part in parts for thing in part] == list(range(count))


def test_the_first_compilation_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    told = compiled._Told()
    with (
        caplog.at_level(logging.WARNING, logger="zonewright.core.compiled"),
        event.install_listener("numba:compile", told),
    ):
        one = compiled.numba.njit(lambda number: number + 1)
        other = compiled.numba.njit(lambda number: number * 2)
        assert (one(1), other(3), one(2)) == (2, 6, 3)
    of_this = [record for record in caplog.records if "编译" in record.message]
    assert 1 <= len(of_this) <= 2  # the module's own may speak for the first time as well
    assert told.told
