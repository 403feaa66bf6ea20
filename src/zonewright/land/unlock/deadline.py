"""When to stop: the time that is left, and a question to whoever waits for the answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

_ASK_EVERY_S = 0.1


class Deadline:
    """A time limit that may be cut short.

    Parameters
    ----------
    time_limit_s
        Wall time from now [s].
    stop
        Asked some times a second, only by the thread that made the deadline; once it is true, no
        time is left.
    """

    def __init__(self, time_limit_s: float, stop: Callable[[], bool] | None = None) -> None:
        self.began = time.perf_counter()
        self.until = self.began + time_limit_s
        self.halt = np.zeros(1, dtype=bool)
        self._stop = stop
        self._asked = self.began
        self._thread = threading.get_ident()

    @property
    def stopped(self) -> bool:
        """Return whether the time was cut short; compiled code looks at `halt`, shape (1,)."""
        return bool(self.halt[0])

    @property
    def may_stop(self) -> bool:
        """Return whether anybody may cut the time short, so that long steps come in slices."""
        return self._stop is not None

    @property
    def elapsed_s(self) -> float:
        """Return the time since it was made [s]."""
        return time.perf_counter() - self.began

    def left_s(self) -> float:
        """Return how much time is left [s]; not above 0 once it is over."""
        now = time.perf_counter()
        own = threading.get_ident() == self._thread
        if self._stop is not None and own and now - self._asked >= _ASK_EVERY_S:
            self._asked = now
            self.halt[0] = self.stopped or self._stop()
        return 0.0 if self.stopped else self.until - now

    def half(self) -> Deadline:
        """Return a deadline at half of the time that is left."""
        return Deadline(self.left_s() / 2, self.over)

    def over(self) -> bool:
        """Tell whether no time is left."""
        return self.left_s() <= 0
