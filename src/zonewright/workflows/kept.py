"""A few results kept in memory, for the threads of the desk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import RLock
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """Results by key; those asked for last are kept.

    One thread makes a result while those that want the same wait for it.

    Parameters
    ----------
    most
        How many are kept.

    Examples
    --------
    >>> squares = Kept(2)
    >>> [squares.get(number, lambda: number**2) for number in (1, 2, 1, 3)], squares.keys()
    ([1, 4, 1, 9], (1, 3))
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[Key, Value] = {}
        self._lock = RLock()
        self._making: dict[Key, AbstractContextManager[object]] = {}

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the result of a key, made if it is not there."""
        with self._lock:
            if key in self._found:
                return self._renewed(key)
            making = self._making.setdefault(key, RLock())
        with making:
            with self._lock:
                if key in self._found:
                    return self._renewed(key)
            try:
                found = make()
                self.put(key, found)
            finally:
                with self._lock:
                    self._making.pop(key, None)
            return found

    def _renewed(self, key: Key) -> Value:
        found = self._found[key] = self._found.pop(key)
        return found

    def put(self, key: Key, value: Value) -> None:
        """Keep a result, also in place of another of its key."""
        with self._lock:
            self._found.pop(key, None)
            while len(self._found) >= self._most:
                del self._found[next(iter(self._found))]
            self._found[key] = value

    def clear(self) -> None:
        """Drop everything that is kept."""
        with self._lock:
            self._found.clear()

    def keys(self) -> tuple[Key, ...]:
        """Return the keys of what is kept, the one asked for last at the end."""
        with self._lock:
            return tuple(self._found)
