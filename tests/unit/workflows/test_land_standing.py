"""Answers about land that are kept, and computed beside the readers where it takes long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest

from zonewright.workflows import land_standing
from zonewright.workflows.books import Books
from zonewright.workflows.land_standing import Answers


def books(state: str, *, parcels: int = 1) -> Books:
    """Return what the keeper asks of books: their state and how many parcels there are."""
    tables = {"parcels": pd.DataFrame(index=range(parcels))}
    return cast(Books, SimpleNamespace(fingerprint=state, tables=tables))


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a hundred parcels as many, and wait only a moment."""
    monkeypatch.setattr(land_standing, "BESIDE_FROM", 100)
    monkeypatch.setattr(land_standing, "WAIT_S", 0.05)
    monkeypatch.setattr(land_standing, "layers_token", lambda: "")
    monkeypatch.setattr(land_standing, "connection", SimpleNamespace(close=lambda: None))


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_an_answer_is_made_once_for_a_state() -> None:
    answers: Answers[int] = Answers()
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    first = answers.get("q", books("a"), make)
    again = answers.get("q", books("a"), make)
    later = answers.get("q", books("b"), make)
    assert first is not None
    assert again is first
    assert later is not None
    assert (first.value, later.value, later.is_current) == (1, 2, True)


def test_only_so_many_answers_are_kept() -> None:
    answers: Answers[int] = Answers(most=2)
    made: list[str] = []

    def make(key: str) -> int:
        made.append(key)
        return len(made)

    for key in ("a", "b", "a", "c", "a", "b"):
        answers.get(key, books("s"), partial(make, key))
    assert made == ["a", "b", "c", "b"]


def test_in_a_big_workspace_the_first_answer_is_waited_for_and_the_last_one_shown() -> None:
    answers: Answers[str] = Answers()
    gate = threading.Event()

    def slow(text: str) -> Callable[[], str]:
        def make() -> str:
            gate.wait(10)
            return text

        return make

    big = books("a", parcels=100)
    assert answers.get("q", big, slow("first")) is None
    gate.set()
    until(lambda: answers.get("q", big, slow("first")) is not None)
    gate.clear()
    changed = books("b", parcels=100)
    before = answers.get("q", changed, slow("second"))
    assert before is not None
    assert (before.value, before.is_current) == ("first", False)
    gate.set()

    def is_renewed() -> bool:
        found = answers.get("q", changed, slow("second"))
        return found is not None and found.value == "second" and found.is_current

    until(is_renewed)


def test_what_fails_beside_the_readers_is_told_to_the_next_one() -> None:
    answers: Answers[str] = Answers()

    def fail() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        until(lambda: answers.get("q", books("a", parcels=100), fail) is not None)


def test_a_changed_reference_layer_asks_for_a_new_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: Answers[str] = Answers()
    assert answers.get("q", books("a"), lambda: "without river") is not None
    monkeypatch.setattr(land_standing, "layers_token", lambda: "river")
    later = answers.get("q", books("a"), lambda: "with river")
    assert later is not None
    assert later.value == "with river"
