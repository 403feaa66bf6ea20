"""What a column of a sheet holds."""

from __future__ import annotations

from dataclasses import dataclass

from zonewright.core.periods import Period


@dataclass(frozen=True, slots=True)
class Role:
    """What a column holds.

    Parameters
    ----------
    column
        Position of the column.
    table, field
        Field of the schema; `tag` is the stage, step, service or month of a column of events.
    unit
        Unit that the caption gives.
    basis, period
        ``month`` or ``ytd`` and the period that the caption names, for measures.
    rank
        How well the caption fits; 0 is best.
    """

    column: int
    table: str
    field: str
    tag: str = ""
    unit: str = ""
    basis: str = ""
    period: Period | None = None
    rank: int = 0

    @property
    def slot(self) -> tuple[str, str, str, str, Period | None]:
        """What only one column may hold."""
        return (self.table, self.field, self.tag, self.basis, self.period)
