"""Counts and sums that hold until a table changes, kept by what was asked of which state."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

_MOST = 512
_kept: OrderedDict[Hashable, object] = OrderedDict()
_lock = Lock()


def kept_count(key: Hashable, make: Callable[[], object]) -> object:
    """Return what was counted for a key, or count it; the least used are forgotten."""
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = make()
    with _lock:
        _kept[key] = found
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return found
