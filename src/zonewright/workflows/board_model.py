"""What the headquarters' board shows: zones by headline indicators, each cell with its cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.texts import text_of
from zonewright.core.units import unit as unit_of
from zonewright.steering.catalogue import Indicator
from zonewright.steering.pace import Colour
from zonewright.workflows.board_parts import Part, unexplained
from zonewright.workflows.shortfalls import Cause


@dataclass(frozen=True, slots=True)
class BoardZone:
    """A zone of the board: code, names, kind, and how deep it lies below the first [0 …]."""

    code: str
    zh: str
    en: str
    kind: str
    depth: int = 0

    def label(self, lang: str = "en") -> str:
        """Return its name in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class BoardCell:
    """One headline indicator of one zone, from January to the month of the board.

    Parameters
    ----------
    zone, indicator
        Codes.
    value
        Since January for a flow, at the month's end for a stock [`unit`]; None if not known.
    unit
        Unit code.
    target
        Target of the year [`unit`]; None if there is none or it cannot be compared.
    completion_pct, expected_pct
        Done, and due by the target's curve, as a share of the target [%]; None without either.
    ahead_pp
        Their difference [percentage points]; negative is behind.
    remaining
        What is left of the target [`unit`].
    rate_needed
        What each month that is left must bring [`unit`]; None after December.
    colour
        ``blue``, ``green``, ``yellow`` or ``red``; empty without a target or a value.
    word_zh, word_en
        超时序, 达到时序, 滞后 or 完成年度任务; empty without colour.
    cause
        What carries the shortfall, the largest part first; empty unless it is behind.
    findings
        What is missing or odd.
    part
        That not all have reported yet what the value is made of; None if they have.
    withheld
        Whether `cause` was narrowed to what the reader may see.
    """

    zone: str
    indicator: str
    value: float | None
    unit: str
    target: float | None = None
    completion_pct: float | None = None
    expected_pct: float | None = None
    ahead_pp: float | None = None
    remaining: float | None = None
    rate_needed: float | None = None
    colour: Colour | Literal[""] = ""
    word_zh: str = ""
    word_en: str = ""
    cause: tuple[Cause, ...] = ()
    findings: tuple[Finding, ...] = ()
    part: Part | None = None
    withheld: bool = False

    @property
    def is_behind(self) -> bool:
        """Whether it is yellow or red."""
        return self.colour in ("yellow", "red")

    def unexplained(self, lang: str = "en") -> str:
        """Return why nothing is named that carries its shortfall; empty if it is, or has none."""
        if not self.is_behind or self.cause:
            return ""
        if self.withheld:
            return text_of("board-cause-withheld", {}, lang)
        return unexplained(self.part, lang)

    def word(self, lang: str = "en") -> str:
        """Return the verdict in a language."""
        return self.word_zh if lang == "zh" else self.word_en

    def unit_label(self, lang: str = "en") -> str:
        """Return how a reader of a language writes the unit."""
        return unit_of(self.unit).label(lang)

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "zone": self.zone,
            "indicator": self.indicator,
            "value": self.value,
            "unit": self.unit,
            "target": self.target,
            "completion_pct": self.completion_pct,
            "expected_pct": self.expected_pct,
            "ahead_pp": self.ahead_pp,
            "remaining": self.remaining,
            "rate_needed": self.rate_needed,
            "colour": self.colour or None,
            "word": self.word_zh,
            "word_en": self.word_en,
            "cause": [cause.as_dict() for cause in self.cause],
            "findings": [finding.as_dict("en") for finding in self.findings],
            "part": self.part.as_dict() if self.part else None,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """All zones that a reader sees, by headline indicators.

    Parameters
    ----------
    period
        January to the month of the board.
    as_of
        Time at which the workspace is seen; None means now.
    zones
        In the order of the hierarchy, those above before those below.
    indicators
        The headline indicators, in their order.
    cells
        Of each zone each indicator, in the order of `zones` and then of `indicators`.
    """

    period: Period
    as_of: datetime | None
    zones: tuple[BoardZone, ...]
    indicators: tuple[Indicator, ...]
    cells: tuple[BoardCell, ...]
    _by_place: Mapping[tuple[str, str], BoardCell] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_place = {(cell.zone, cell.indicator): cell for cell in self.cells}
        object.__setattr__(self, "_by_place", by_place)

    def cell(self, zone: str, indicator: str) -> BoardCell | None:
        """Return a cell; None if the board does not show it."""
        return self._by_place.get((zone, indicator))

    def row(self, zone: str) -> tuple[BoardCell, ...]:
        """Return a zone's cells, in the order of the indicators."""
        return tuple(self._by_place[zone, item.code] for item in self.indicators)

    def behind(self) -> tuple[BoardCell, ...]:
        """Return the cells that are behind, the furthest first."""
        late = (cell for cell in self.cells if cell.is_behind)
        return tuple(sorted(late, key=lambda cell: (cell.ahead_pp or 0.0, cell.zone)))

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "period": str(self.period),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "zones": [
                {"code": zone.code, "name": zone.zh, "name_en": zone.en, "depth": zone.depth}
                for zone in self.zones
            ],
            "indicators": [
                {"code": item.code, "name": item.zh, "name_en": item.en, "unit": item.unit}
                for item in self.indicators
            ],
            "cells": [cell.as_dict() for cell in self.cells],
        }


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that was given out and is another now.

    Parameters
    ----------
    publication
        Key of the publication.
    zone, indicator
        Codes.
    period
        January to the month that was published.
    unit
        Of both values [unit code].
    old, new
        As it was given out, and as it is now; None if it could not be told.
    records
        The records behind it that came in after the publication, as in ``"observation:12"``.
    """

    publication: int
    zone: str
    indicator: str
    period: Period
    unit: str
    old: float | None
    new: float | None
    records: tuple[str, ...] = ()

    @property
    def difference(self) -> float | None:
        """New less old; None if either is not known."""
        return None if self.old is None or self.new is None else self.new - self.old

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "publication": self.publication,
            "zone": self.zone,
            "indicator": self.indicator,
            "period": str(self.period),
            "unit": self.unit,
            "old": self.old,
            "new": self.new,
            "records": list(self.records),
        }


@dataclass(frozen=True, slots=True)
class Published:
    """A publication: its key, month, title, what it was seen as of, by whom and when it was made.

    `figures` counts what was given out.
    """

    key: int
    period: Period
    title: str
    as_of: datetime
    by: str
    at: datetime
    figures: int


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """A month of an indicator: as it was first reported, and as it is known now [unit code].

    `versions` counts the values that were recorded for the month; `changed_at` is when the last
    came in.
    """

    period: Period
    unit: str
    reported: float | None
    corrected: float | None
    versions: int
    reported_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def is_corrected(self) -> bool:
        """Whether it was changed after it was first reported."""
        return self.versions > 1 and self.reported != self.corrected
