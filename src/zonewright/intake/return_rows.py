"""Read the rows of one sheet of a return: which record each is of, and what its cells say.

A row is known by what its key's column shows, else by its hidden key. Totals,
headings and remarks are skipped; each row that is not read is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from zonewright.core.findings import Severity
from zonewright.intake.captions import Caption
from zonewright.intake.context import Context
from zonewright.intake.grids import Cell, Grid
from zonewright.intake.headers import Header
from zonewright.intake.problems import Problems
from zonewright.intake.return_columns import Found
from zonewright.intake.return_layout import FREE_KEY, LAST, narrowed
from zonewright.intake.return_row_cells import Plain, RowCells
from zonewright.intake.return_totals import Total, check_totals
from zonewright.intake.return_words import named
from zonewright.intake.rows import sort_rows
from zonewright.intake.wording import key_of
from zonewright.steering.returns.kinds import ReturnSheet
from zonewright.steering.returns.rows import SheetRow

_TOTAL = re.compile(r"(?:小|合|总|共)计|总和|(?:sub|grand)?total")


class RowReader:
    """Reads the rows of a sheet.

    Parameters
    ----------
    grid, sheet, found
        The cells, what they should hold, and where its columns stand.
    given
        Key of a row to the plain values that stood in it when it was made; None if the workbook
        does not say.
    context
        Year and month of the return.
    lang
        Language in which the workbook was made.
    problems
        Takes what is wrong.
    """

    def __init__(
        self,
        grid: Grid,
        sheet: ReturnSheet,
        found: Found,
        *,
        given: Plain | None,
        context: Context,
        lang: str,
        problems: Problems,
    ) -> None:
        self.grid, self.sheet, self.found = grid, sheet, found
        self.given, self.context = given, context
        self.cells = RowCells(
            grid, sheet, found, given=given or {}, context=context, lang=lang, problems=problems
        )
        self._add = self.cells.note
        self._filled = self.cells.filled
        self._visible: dict[int, tuple[str, str]] = {}
        self._totals: list[Total] = []

    def read(self) -> tuple[SheetRow, ...]:
        """Return the rows, in the order of the sheet."""
        skipped = self._skipped()
        keyed = self._keyed_open if self.sheet.rows == "open" else self._keyed
        rows: list[SheetRow] = []
        for index, key in keyed(skipped):
            rows.append(SheetRow(index + 1, key, self.cells.values(index, key)))
        if self.sheet.rows == "open":
            self._note_alike(rows)
        else:
            rows = self._once(rows)
            self._note_missing(rows)
        check_totals(self.cells, self._totals, rows, self.cells.problems)
        self._note_hidden()
        return tuple(rows)

    # ---- Which rows are records ---------------------------------------------------------------

    def _hidden_key(self, index: int) -> str:
        keys = self.found.keys
        return "" if keys is None else narrowed(self.grid.rows[index][keys]).strip()

    def _visible_key(self, index: int) -> tuple[str, str]:
        """Return the key that a row shows, and the text of its cell."""
        if index not in self._visible:
            self._visible[index] = self.cells.key(index)
        return self._visible[index]

    def _skipped(self) -> set[int]:
        """Return the rows that are totals, headings, repeated captions or remarks; each is told."""
        rows = self.grid.rows
        candidates: list[list[Cell]] = [[] for _ in rows]
        for index in range(self.found.bottom + 1, len(rows)):
            if not self._is_known(index):
                candidates[index] = [
                    None if at == self.found.keys else cell for at, cell in enumerate(rows[index])
                ]
        header = Header(
            self.found.bottom,
            self.found.bottom,
            tuple(Caption((part,)) for text in self.found.captions for part in text.split()),
            self.context,
            (),
        )
        key = self.found.columns.get(self.sheet.key) if self.sheet.key else None
        records = sort_rows(candidates, header, key=key)
        totals = {total.number - 1 for total in records.totals}
        totals |= {index for index in records.records if self._is_total(candidates[index], key)}
        skipped: set[int] = set()
        kept = set(records.records) - totals
        for index in range(self.found.bottom + 1, len(rows)):
            if index in kept or not any(cell is not None for cell in candidates[index]):
                continue
            filled = self._filled(index)
            if index not in totals and len(filled) > 1 and self._hidden_key(index):
                continue
            code = "return-book-total-skipped" if index in totals else "return-book-row-skipped"
            label = next((cell for cell in candidates[index] if cell is not None), "")
            first = min(filled) if filled else None
            self._add(code, "info", index, first, "", None, text=str(label)[:40])
            skipped.add(index)
            if index in totals:
                self._totals.append(Total(index, str(label).strip()[:40]))
        return skipped

    @staticmethod
    def _is_total(cells: Sequence[Cell], key: int | None) -> bool:
        """Return whether a row without a key says that it is a total, in whatever column."""
        if key is not None and cells[key] is not None:
            return False
        return any(isinstance(cell, str) and _TOTAL.fullmatch(key_of(cell)) for cell in cells)

    def _is_known(self, index: int) -> bool:
        """Return whether a row is one of those that the workbook was made with."""
        if self.given is None:
            return False
        if self._hidden_key(index) in self.given:
            return bool(self._filled(index)) or self.sheet.rows != "open"
        return self.sheet.rows != "open" and self._visible_key(index)[0] in self.given

    # ---- Keys ---------------------------------------------------------------------------------

    def _keyed(self, skipped: set[int]) -> Iterator[tuple[int, str]]:
        moved = 0
        for index in range(self.found.bottom + 1, len(self.grid.rows)):
            hidden = self._hidden_key(index)
            if index in skipped or (not self._filled(index) and not hidden):
                continue
            key, text = self._visible_key(index)
            at = self.found.columns.get(self.sheet.key)
            given = self.given
            if given is None:
                if key:
                    yield index, key
                elif self._filled(index):
                    self._keyless(index, at)
            elif key in given:
                moved += hidden != key and hidden in given
                yield index, key
            elif hidden in given:
                if at is not None:
                    self._add(
                        "return-book-code-changed", "error", index, at, hidden, None,
                        was=hidden, now=text,
                    )  # fmt: skip
                yield index, hidden
            elif key or text:
                self._add("return-book-row-added", "error", index, at, "", None, key=key or text)
            elif self._filled(index):
                self._keyless(index, at)
        if moved:
            self._add("return-book-rows-moved", "info", None, None, "", None, count=moved)

    def _keyless(self, index: int, at: int | None) -> None:
        told = named(self.sheet.column(self.sheet.key).field)
        self._add("intake-key-empty", "error", index, at, "", None, **told)

    def _keyed_open(self, skipped: set[int]) -> Iterator[tuple[int, str]]:
        indices = [
            index
            for index in range(self.found.bottom + 1, len(self.grid.rows))
            if index not in skipped and self._filled(index)
        ]
        signs = [self._hidden_key(index) for index in indices]
        numbers = [int(match[1]) for sign in signs if (match := FREE_KEY.fullmatch(sign))]
        following = max(numbers, default=0) + 1
        taken: dict[str, int] = {}
        for index, sign in zip(indices, signs, strict=True):
            own = sign
            if sign in taken:
                self._add(
                    "return-book-row-copied", "info", index, None, "", None, other=taken[sign] + 1
                )
            if sign in taken or not FREE_KEY.fullmatch(sign):
                own = f"+{following}"
                following += 1
            taken[own] = index
            yield index, own

    def _once(self, rows: Sequence[SheetRow]) -> list[SheetRow]:
        """Return the rows, each key once."""
        held: dict[str, SheetRow] = {}
        at = self.found.columns.get(self.sheet.key)
        for row in rows:
            first = held.setdefault(row.key, row)
            if first is row:
                continue
            alike = first.values == row.values
            if alike:
                self._repeated("intake-row-repeated", "warning", row, first.row, at)
            else:
                self._repeated("intake-key-repeated", "error", row, first.row, at)
                self._repeated("intake-key-repeated", "error", first, row.row, at)
        return list(held.values())

    def _repeated(
        self, code: str, severity: Severity, row: SheetRow, other: int, at: int | None
    ) -> None:
        self._add(code, severity, row.row - 1, at, row.key, None, key=row.key, other=other)

    def _note_alike(self, rows: Sequence[SheetRow]) -> None:
        seen: dict[str, int] = {}
        for row in rows:
            first = seen.setdefault(repr(sorted(row.values.items())), row.row)
            if first != row.row:
                self._repeated("return-book-row-twice", "warning", row, first, None)

    def _note_missing(self, rows: Sequence[SheetRow]) -> None:
        seen = {row.key for row in rows}
        for key, values in (self.given or {}).items():
            if key not in seen:
                name = str(values.get("name") or "")
                self._add(
                    "return-book-row-missing", "error", None, None, key, None, key=key, name=name
                )

    def _note_hidden(self) -> None:
        hidden = [
            index
            for index in self.grid.hidden_rows
            if self.found.bottom < index < len(self.grid.rows) and self._filled(index)
        ]
        if hidden:
            shown_rows = "、".join(str(index + 1) for index in hidden[:20])
            self._add(
                "intake-rows-hidden", "warning", hidden[0], None, "", None,
                count=len(hidden), rows=shown_rows,
            )  # fmt: skip
        for name, at in self.found.columns.items():
            below = (row[at] for row in self.grid.rows[self.found.bottom + 1 :])
            if at in self.grid.hidden_columns and any(cell is not None for cell in below):
                column = self.sheet.column(name.removesuffix(LAST))
                caption = self.found.captions[at] or column.field.zh
                self._add("return-book-column-hidden", "warning", None, at, "", column,
                          caption=caption)  # fmt: skip
