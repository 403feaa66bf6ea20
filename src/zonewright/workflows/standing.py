"""The figures as the desk shows them: those of now, or, while they take long, the last ones.

In a small workspace a page computes what has changed and shows it at once. In one of a million
parcels the books take half a minute: there a reader sees the figures of the last moment at which
they were computed, with that moment, while a thread computes the present ones.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock, Thread

from django.db import connection
from django.utils import timezone

from zonewright.store import selectors
from zonewright.store.workspace import one_moment
from zonewright.workflows.books import Books, open_books
from zonewright.workflows.figures import FigureSet, figures_of, keep_figures
from zonewright.workflows.kept import Kept
from zonewright.workflows.zones import ZoneSummary, summary_of

log = logging.getLogger(__name__)

# What takes no longer than this is computed while the reader waits [s].
QUICK_S = 4.0
# After a computation beside the readers, the next begins only after so many times its duration:
# whoever edits all day must not keep the machine busy with figures.
REST = 10.0
KEPT_ZONES = 200
PREPARED_ZONES = 12


@dataclass(frozen=True, slots=True)
class Standing:
    """Books and figures of one moment.

    Parameters
    ----------
    books, figures
        Of the same state of the workspace.
    at
        When they were computed.
    is_current
        Whether the workspace is still as it was then; if not, they are being computed anew.
    """

    books: Books
    figures: FigureSet
    at: datetime
    is_current: bool = True


class Keeper:
    """Keeps the last answer and makes a new one when the workspace has changed.

    Parameters
    ----------
    make
        Computes the answer of now.
    state
        Fingerprint of the workspace as it is now.
    prepare
        Called with an answer made beside the readers, before they get it: what they will ask next
        is then at hand.
    quick_s, rest
        See `QUICK_S` and `REST`.
    """

    def __init__(
        self,
        make: Callable[[], Standing],
        state: Callable[[], str],
        *,
        prepare: Callable[[Standing], None] = lambda _found: None,
        quick_s: float = QUICK_S,
        rest: float = REST,
    ) -> None:
        self._make, self._state, self._prepare = make, state, prepare
        self._quick_s, self._rest = quick_s, rest
        self._one_at_a_time = Lock()
        self._last: Standing | None = None
        self._took_s = self._ended = 0.0
        self._thread: Thread | None = None

    def get(self) -> Standing:
        """Return the answer of now if it is at hand or quickly made, else the last one."""
        state = self._state()
        last = self._last
        if last is not None and last.books.fingerprint == state:
            return last
        if last is None or self._took_s <= self._quick_s:
            return self._renew(lambda _found: None)
        rested = time.monotonic() > self._ended + self._rest * self._took_s
        if rested and (self._thread is None or not self._thread.is_alive()):
            self._thread = Thread(target=self._beside, daemon=True, name="figures")
            self._thread.start()
        return replace(last, is_current=False)

    def forget(self) -> None:
        """Forget the last answer."""
        self._last = None
        self._took_s = 0.0

    def _renew(self, prepare: Callable[[Standing], None]) -> Standing:
        with self._one_at_a_time:
            state = self._state()  # another reader may have made it meanwhile
            if self._last is not None and self._last.books.fingerprint == state:
                return self._last
            begun = time.monotonic()
            found = self._make()
            prepare(found)
            self._last = found
            self._ended = time.monotonic()
            self._took_s = self._ended - begun
            return found

    def _beside(self) -> None:
        try:
            self._renew(self._prepare)
            log.info("figures computed beside the readers in %.1f s", self._took_s)
        except Exception:
            log.exception("The figures could not be computed beside the readers")
            self._ended = time.monotonic()
        finally:
            connection.close()


def _compute() -> Standing:
    at = timezone.now()
    with one_moment():
        books = open_books()
        figures = figures_of(books)
    return Standing(books, keep_figures(figures), at)


_zones: Kept[tuple[str, str], ZoneSummary] = Kept(KEPT_ZONES)


def _prepare(found: Standing) -> None:
    """Sum up anew the zones that readers looked at last."""
    codes = list(dict.fromkeys(code for _, code in reversed(_zones.keys())))
    for code in codes[:PREPARED_ZONES]:
        if code in found.books.zones:
            _summary(found, code)


def _summary(now: Standing, code: str) -> ZoneSummary:
    key = (now.books.fingerprint, code)
    return _zones.get(key, lambda: summary_of(now.books, now.figures, code))


_keeper = Keeper(_compute, selectors.fingerprint, prepare=_prepare)


def standing() -> Standing:
    """Return books and figures for a page of the desk."""
    return _keeper.get()


def zone_summary(code: str) -> tuple[ZoneSummary, Standing]:
    """Return what there is to know of a zone, and the moment of which it tells.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone.
    """
    now = standing()
    return _summary(now, code), now
