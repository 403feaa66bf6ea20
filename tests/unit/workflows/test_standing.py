"""The desk shows the last figures while the present ones take long, and says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

import pytest

from tests.unit.store.conftest import Made, drawing, ledger, register
from zonewright.store import selectors
from zonewright.store.actions import take
from zonewright.store.models import ParcelEvent
from zonewright.workflows.standing import Keeper, Standing, _compute


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def change() -> str:
    """Change the workspace; return its state."""
    ParcelEvent.objects.filter(stage="L5").first().delete()  # type: ignore[union-attr]
    return selectors.fingerprint()


@pytest.fixture
def filled(workspace: Made) -> Made:
    take([register(), ledger(), drawing()], by="t")
    return workspace


def test_a_quick_answer_is_always_that_of_now(filled: Made) -> None:
    keeper = Keeper(_compute, selectors.fingerprint, quick_s=60)
    assert keeper.get() is keeper.get()
    state = change()
    assert (keeper.get().books.fingerprint, keeper.get().is_current) == (state, True)


def test_a_slow_answer_is_made_beside_the_readers(filled: Made) -> None:
    calls, go = [0], Event()
    go.set()

    def slow() -> Standing:
        calls[0] += 1
        assert go.wait(20)
        return _compute()

    keeper = Keeper(slow, selectors.fingerprint, quick_s=-1, rest=0)
    first = keeper.get()
    go.clear()
    state = change()
    old = keeper.get()
    assert (old.books, old.at, old.is_current) == (first.books, first.at, False)
    assert keeper.get().is_current is False
    go.set()
    wait_for(lambda: keeper.get().is_current)
    assert keeper.get().books.fingerprint == state
    assert calls == [2]


def test_after_a_slow_answer_the_machine_rests(filled: Made) -> None:
    calls = [0]

    def slow() -> Standing:
        calls[0] += 1
        return _compute()

    keeper = Keeper(slow, selectors.fingerprint, quick_s=-1, rest=1e9)
    keeper.get()
    change()
    assert [keeper.get().is_current for _ in range(3)] == [False] * 3
    assert calls == [1]


def test_a_fault_leaves_the_readers_the_last_answer(
    filled: Made, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [_compute()]

    def once() -> Standing:
        return answers.pop()

    keeper = Keeper(once, selectors.fingerprint, quick_s=-1, rest=0)
    first = keeper.get()
    change()
    assert keeper.get().books is first.books
    wait_for(lambda: "could not be computed" in caplog.text)
    assert keeper.get().books is first.books
