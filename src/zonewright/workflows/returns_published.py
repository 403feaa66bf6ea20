"""Which figures that were given out a return changes when it is locked late or corrected."""

from __future__ import annotations

from zonewright.store.access import Access
from zonewright.store.models import Publication
from zonewright.workflows import board
from zonewright.workflows.returns_answers import FigureChange

_Key = tuple[int, str, str]


class Watch:
    """The publications that a month's return may change, as they stood before it was locked.

    Parameters
    ----------
    period
        The return's month: publications of an earlier one cannot change.
    access
        Whose zones are looked at.
    """

    def __init__(self, period: str, access: Access) -> None:
        self._access = access
        given_out = Publication.objects.filter(period__gte=period).order_by("pk")
        self._titles = dict(given_out.values_list("pk", "title"))
        self._before = {key: change.new for key, (change, _) in self._now().items()}

    def changes(self) -> tuple[FigureChange, ...]:
        """Return the figures that differ from what was given out, and did not before."""
        return tuple(
            FigureChange(
                change.publication, self._titles[change.publication], str(change.period),
                change.zone, change.indicator, change.old, change.new, change.unit, change.records,
            )
            for key, (change, _) in self._now().items()
            if key not in self._before or self._before[key] != change.new
        )  # fmt: skip

    def _now(self) -> dict[_Key, tuple[board.FigureChange, int]]:
        return {
            (change.publication, change.zone, change.indicator): (change, publication)
            for publication in self._titles
            for change in board.changes_since(publication, access=self._access)
        }
