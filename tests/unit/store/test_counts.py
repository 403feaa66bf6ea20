"""Counts of a big table are counted beside the readers; those of a small one are of now."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from zonewright.store.selectors import _counts
from zonewright.store.selectors._counts import kept_count


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_quick_count_is_of_now() -> None:
    key = object()
    assert [kept_count(key, state, lambda state=state: state) for state in (1, 1, 2)] == [1, 1, 2]


def test_the_same_state_is_counted_once() -> None:
    key, calls = object(), list[int]()
    for _ in range(3):
        kept_count(key, "same", lambda: calls.append(1))
    assert len(calls) == 1


def test_a_slow_count_is_made_beside_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_counts, "QUICK_S", -1.0)
    monkeypatch.setattr(_counts, "REST", 0.0)
    key = object()
    assert kept_count(key, "a", lambda: 1) == 1
    assert kept_count(key, "b", lambda: 2) == 1
    wait_for(lambda: kept_count(key, "b", lambda: 3) == 2)


def test_after_a_slow_count_there_is_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_counts, "QUICK_S", -1.0)
    monkeypatch.setattr(_counts, "REST", 1e12)
    key = object()
    kept_count(key, "a", lambda: time.sleep(0.001) or 1)
    for _ in range(20):
        assert kept_count(key, "b", lambda: 2) == 1
        time.sleep(0.002)
