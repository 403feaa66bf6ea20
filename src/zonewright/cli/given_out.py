"""Figures that were given out and are others now, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zonewright.core.periods import Period
from zonewright.core.phrases import Lang
from zonewright.report import numbers
from zonewright.store import selectors
from zonewright.store.selectors.open_items import zone_rows
from zonewright.workflows.returns_answers import FigureChange


def change_lines(changes: Iterable[FigureChange], lang: str) -> Iterator[str]:
    """Yield a line for each figure: where it was given out, what it is of, and both values."""
    said: Lang = "zh" if lang == "zh" else "en"
    catalogue = selectors.catalogue()
    names = {code: zh if lang == "zh" else en for code, zh, en, _ in zone_rows()}
    for change in changes:
        known = catalogue.get(change.indicator)
        label = known.label(lang) if known else change.indicator
        old, new = (
            numbers.computed(value, change.unit, said) for value in (change.given_out, change.now)
        )
        month = Period.parse(change.period).label(lang)
        zone = names.get(change.zone, change.zone)
        yield " · ".join(filter(None, (change.title, month, zone, f"{label}: {old} → {new}")))
