"""Tables while they are read; frozen into `TableRead` when every file of the set has been seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zonewright.core.records import Row, TableRead
from zonewright.intake.problems import Problems

Values = dict[str, object]


@dataclass(slots=True)
class Draft:
    """Rows of one table of one sheet, still open to what other files say.

    `problems` takes the findings of its file. `monthly` holds, by position, measures that the sheet
    gave for the month alone although the table keeps them from January
    (`zonewright.intake.cumulative`).
    """

    table: str
    file: str
    sheet: str
    columns: dict[str, str]
    problems: Problems
    rows: list[Values] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    row_columns: dict[int, Mapping[str, str]] = field(default_factory=dict)
    monthly: dict[int, Values] = field(default_factory=dict)
    base: dict[tuple[object, ...], Row] | None = None
    base_version: str = ""

    def add(self, values: Values, number: int, columns: Mapping[str, str] | None = None) -> None:
        """Append a row; `columns` are those in which it differs from the sheet's."""
        if columns:
            self.row_columns[len(self.rows)] = columns
        self.rows.append(values)
        self.numbers.append(number)

    def column_of(self, position: int, name: str) -> str:
        """Return the column letter of a field of a row, or an empty text."""
        return {**self.columns, **self.row_columns.get(position, {})}.get(name, "")

    def keep(self, positions: list[int]) -> None:
        """Keep only some rows, in the order given."""
        self.row_columns = {
            new: self.row_columns[old]
            for new, old in enumerate(positions)
            if old in self.row_columns
        }
        self.monthly = {
            new: self.monthly[old] for new, old in enumerate(positions) if old in self.monthly
        }
        self.rows = [self.rows[old] for old in positions]
        self.numbers = [self.numbers[old] for old in positions]

    def freeze(self) -> TableRead:
        """Return the table as the store takes it."""
        return TableRead(
            table=self.table,
            file=self.file,
            sheet=self.sheet,
            columns=self.columns,
            rows=tuple(self.rows),
            numbers=tuple(self.numbers),
            row_columns=self.row_columns,
            base=self.base,
            base_version=self.base_version,
        )
