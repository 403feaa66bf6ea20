"""Land as the desk shows it: that of now, or, while it takes long, the last one.

In a small workspace a page computes what it shows. In a big one a thread does, and the page shows
the last answer with its moment, or says that the first one is being computed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock, Thread
from typing import Generic, TypeVar

from django.db import connection
from django.utils import timezone

from zonewright.store.selectors.land import layers_token
from zonewright.workflows.books import Books

log = logging.getLogger(__name__)
Value = TypeVar("Value")

# From how many parcels on answers are computed beside the readers, and how long one waits [s].
BESIDE_FROM = 60_000
WAIT_S = 2.5
KEPT_ANSWERS = 64


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value]):
    """An answer, when it was computed, and whether the workspace is still as it was then."""

    value: Value
    fingerprint: str
    at: datetime
    is_current: bool = True


def state_of(books: Books) -> str:
    """Return what an answer about land rests on: the facts, and the layers that may part it."""
    return f"{books.fingerprint}|{layers_token()}"


class Answers(Generic[Value]):
    """The last answers by question; a new one is made when the workspace has changed.

    Parameters
    ----------
    most
        How many are kept.
    """

    def __init__(self, most: int = KEPT_ANSWERS) -> None:
        self._most = most
        self._lock = Lock()
        # Two at once would only slow one another down.
        self._one_at_a_time = Lock()
        self._last: dict[Hashable, Answer[Value]] = {}
        self._making: dict[Hashable, Thread] = {}
        self._failed: dict[Hashable, Exception] = {}

    def get(self, key: Hashable, books: Books, make: Callable[[], Value]) -> Answer[Value] | None:
        """Return the answer to a question; None while the first one is being computed.

        Parameters
        ----------
        key
            The question.
        books
            State of the workspace that is asked.
        make
            Computes the answer from these books.

        Raises
        ------
        Exception
            What `make` raises.
        """
        state = state_of(books)
        with self._lock:
            last = self._last.get(key)
            if last is not None and last.fingerprint == state:
                self._last[key] = self._last.pop(key)
                return last
        if len(books.tables["parcels"]) < BESIDE_FROM:
            return self._make(key, state, make)
        thread = self._begin(key, state, make)
        thread.join(WAIT_S if last is None else 0.0)
        with self._lock:
            failed = self._failed.pop(key, None)
            found = self._last.get(key)
        if failed is not None:
            raise failed
        if found is None or found.fingerprint == state:
            return found
        return replace(found, is_current=False)

    def forget(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._last.clear()

    def _begin(self, key: Hashable, state: str, make: Callable[[], Value]) -> Thread:
        with self._lock:
            thread = self._making.get(key)
            if thread is None or not thread.is_alive():
                thread = Thread(
                    target=self._beside, args=(key, state, make), daemon=True, name="land"
                )
                self._making[key] = thread
                thread.start()
            return thread

    def _beside(self, key: Hashable, state: str, make: Callable[[], Value]) -> None:
        try:
            self._make(key, state, make)
        except Exception as error:
            log.exception("Land could not be computed beside the readers")
            with self._lock:
                self._failed[key] = error
        finally:
            with self._lock:
                self._making.pop(key, None)
            connection.close()

    def _make(self, key: Hashable, state: str, make: Callable[[], Value]) -> Answer[Value]:
        with self._one_at_a_time:
            with self._lock:
                last = self._last.get(key)
            if last is not None and last.fingerprint == state:
                return last
            found = Answer(make(), state, timezone.now())
            with self._lock:
                self._last.pop(key, None)
                while len(self._last) >= self._most:
                    del self._last[next(iter(self._last))]
                self._last[key] = found
            return found
