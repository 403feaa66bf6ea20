"""Collect the findings of one file, and keep a fault that repeats itself from drowning the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from zonewright.core.findings import Finding, Place, Severity

CAP = 200


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a file a fault is, and which field and records it concerns."""

    table: str = ""
    field: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    ids: tuple[str, ...] = ()


class Problems:
    """Findings of one file in the order in which they were met.

    Parameters
    ----------
    file
        Name of the file, for the place of each finding.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[Finding] = []
        self._seen: Counter[tuple[str, Severity, str, str, str]] = Counter()

    def add(self, code: str, severity: Severity, at: Spot, /, **params: object) -> None:
        """Note a fault; of identical ones in a column only the first `CAP` are kept in full."""
        identity = (code, severity, at.sheet, at.table, at.column)
        self._seen[identity] += 1
        if self._seen[identity] > CAP:
            return
        place = Place(self.file, at.sheet, at.row, at.column)
        self._found.append(Finding(code, severity, at.table, at.field, place, at.ids, params))

    def found(self) -> tuple[Finding, ...]:
        """Return every finding, with a summary of those that were beyond the cap."""
        more = []
        for (code, severity, sheet, table, column), count in self._seen.items():
            if count > CAP:
                more.append(
                    Finding(
                        "intake-more",
                        severity,
                        table,
                        "",
                        Place(self.file, sheet, None, column),
                        (),
                        {"count": count - CAP, "cap": CAP, "code": code},
                    )
                )
        return (*self._found, *more)
