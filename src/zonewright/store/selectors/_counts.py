"""Counts and sums that hold until a table changes, kept by what was asked of which state."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

_MOST = 512
# What takes no longer is always that of now. What does is asked again only after so many times as
# long, also if the table changes meanwhile: whoever edits all day must not keep readers waiting.
QUICK_S = 0.05
REST, MOST_REST_S = 40.0, 20.0


@dataclass(frozen=True, slots=True)
class _Kept:
    found: object
    state: Hashable
    fresh_until: float


_kept: OrderedDict[Hashable, _Kept] = OrderedDict()
_lock = Lock()


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
        if kept is not None and (kept.state == state or time.monotonic() < kept.fresh_until):
            _kept.move_to_end(key)
            return kept.found
    begin = time.monotonic()
    found = make()
    end = time.monotonic()
    rest = min(REST * (end - begin), MOST_REST_S) if end - begin > QUICK_S else 0.0
    with _lock:
        _kept[key] = _Kept(found, state, end + rest)
        _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return found
