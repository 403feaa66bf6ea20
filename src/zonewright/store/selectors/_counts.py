"""Counts and sums that hold until a table changes, kept by what was asked of which state."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock, Thread

from django.db import connection

_MOST = 512
# What takes no longer is always that of now. What does is counted again beside the readers, and
# only after so many times as long: whoever edits all day must not keep them waiting.
QUICK_S = 0.05
REST, MOST_REST_S = 40.0, 20.0


@dataclass(frozen=True, slots=True)
class _Kept:
    found: object
    state: Hashable
    took_s: float
    at: float


_kept: OrderedDict[Hashable, _Kept] = OrderedDict()
_lock = Lock()
_beside = Lock()


def kept_count(key: Hashable, state: Hashable, make: Callable[[], object]) -> object:
    """Return what was counted for a key, or count it; the least used are forgotten.

    Parameters
    ----------
    key
        What is counted.
    state
        Equal as long as the tables that it rests on are.
    make
        Counts.
    """
    with _lock:
        kept = _kept.get(key)
        if kept is not None:
            _kept.move_to_end(key)
    if kept is None or (kept.state != state and kept.took_s <= QUICK_S):
        return _count(key, state, make)
    if kept.state != state and time.monotonic() > kept.at + min(REST * kept.took_s, MOST_REST_S):
        _count_beside(key, state, make)
    return kept.found


def _count(key: Hashable, state: Hashable, make: Callable[[], object]) -> object:
    begin = time.monotonic()
    found = make()
    end = time.monotonic()
    with _lock:
        _kept[key] = _Kept(found, state, end - begin, end)
        _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return found


def _count_beside(key: Hashable, state: Hashable, make: Callable[[], object]) -> None:
    """Count while readers see what was counted before; one count at a time."""
    if not _beside.acquire(blocking=False):
        return

    def work() -> None:
        try:
            _count(key, state, make)
        finally:
            connection.close()
            _beside.release()

    Thread(target=work, daemon=True, name="count").start()
