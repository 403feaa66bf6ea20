"""Read an office's own workbook as a return: the same table, laid out by itself.

Sheets of a table that Zonewright knows go the way of every file (`intake.sheets`), their rows are
then put into the return's columns; other sheets are read by the captions that the return has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from zonewright.core.periods import Period
from zonewright.core.records import TableRead
from zonewright.intake.context import Context
from zonewright.intake.cumulative import complete_months
from zonewright.intake.drafts import Draft
from zonewright.intake.faults import CellError
from zonewright.intake.grids import Grid, index_of
from zonewright.intake.layouts import COMPANIONS
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.return_cells import NUMERIC, note_of_number
from zonewright.intake.return_columns import Found, find_free
from zonewright.intake.return_rows import RowReader
from zonewright.intake.return_titles import context_of_titles, kind_of, zone_of
from zonewright.intake.return_words import named
from zonewright.intake.sheets import read_sheet
from zonewright.intake.values import DIMENSIONS
from zonewright.steering.returns.kinds import Into, ReturnColumn, ReturnKind, ReturnSheet
from zonewright.steering.returns.rows import RowsOf, SheetPlace, SheetRow


@dataclass(frozen=True, slots=True)
class FreeRead:
    """What an office's own workbook says; codes and month are empty where it does not."""

    kind: str = ""
    zone: str = ""
    period: str = ""
    rows: Mapping[str, Sequence[SheetRow]] = field(default_factory=dict)
    places: Mapping[str, SheetPlace] = field(default_factory=dict)


def read_free(
    name: str,
    grids: Sequence[Grid],
    kinds: Mapping[str, ReturnKind],
    asked: str,
    *,
    zone: str,
    zones: Mapping[str, str],
    given: RowsOf | None,
    problems: Problems,
) -> FreeRead:
    """Return the rows of an office's own workbook.

    Parameters
    ----------
    name, grids
        The file's name and its sheets.
    kinds, asked, zone
        Kinds of return by code, and which is meant of which zone; empty if it must tell.
    zones
        Code of each zone to its name.
    given
        The return as the workspace would fill it in; None if it is not known.
    problems
        Takes what is wrong.

    Raises
    ------
    CellError
        If nothing in it looks like a return, or it looks like several.
    """
    stem = Path(name).stem
    if asked and asked not in kinds:
        raise CellError("return-book-kind-unknown", kind=asked)
    kind = kinds[asked] if asked else kind_of(stem, grids, kinds)
    context = context_of_titles(stem, grids)
    month = context.period
    period = str(Period(month.last, month.last)) if month else ""
    reader = _FreeReader(name, kind, grids, context, given, problems)
    reader.zone = zone or zone_of(stem, grids, zones)
    reader.zones = {
        **{text: code for code, text in zones.items()},
        **{code: code for code in zones},
    }
    rows, places = reader.read()
    if not any(rows.values()):
        raise CellError("return-book-nothing", kind=kind.zh)
    return FreeRead(kind.code, zone_of(stem, grids, zones), period, rows, places)


class _FreeReader:
    def __init__(
        self,
        name: str,
        kind: ReturnKind,
        grids: Sequence[Grid],
        context: Context,
        given: RowsOf | None,
        problems: Problems,
    ) -> None:
        self.name, self.kind, self.grids = name, kind, grids
        self.context, self.given, self.problems = context, given, problems
        self.zone, self.zones = "", dict[str, str]()
        self.others: set[str] = set()

    def read(self) -> tuple[dict[str, tuple[SheetRow, ...]], dict[str, SheetPlace]]:
        rows: dict[str, tuple[SheetRow, ...]] = {}
        places: dict[str, SheetPlace] = {}
        tables = self._tables() if any(sheet.table for sheet in self.kind.sheets) else []
        for sheet in self.kind.sheets:
            found = self._of_tables(sheet, tables) if sheet.table else self._of_captions(sheet)
            if found is not None:
                rows[sheet.code], places[sheet.code] = found
            elif len(self.kind.sheets) > 1:
                self.problems.add("return-book-sheet-absent", "info", Spot(), name=sheet.zh)
        return rows, places

    # ---- Tables that Zonewright knows ---------------------------------------------------------

    def _tables(self) -> list[TableRead]:
        drafts: list[Draft] = []
        for grid in self.grids:
            found, _ = read_sheet(
                grid, file=self.problems.file, stem=Path(self.name).stem, problems=self.problems
            )
            drafts += found
        complete_months(drafts)
        return [draft.freeze() for draft in drafts]

    def _of_tables(
        self, sheet: ReturnSheet, tables: Sequence[TableRead]
    ) -> tuple[tuple[SheetRow, ...], SheetPlace] | None:
        tabs = _tabs_of(sheet, tables)
        if not tabs:
            return None
        tab = max(tabs, key=lambda name: tabs[name])
        self.others.clear()
        for other in tabs:
            if other != tab:
                self.problems.add("return-book-sheet-extra", "info", Spot(sheet=other))
        values: dict[str, dict[str, object]] = {}
        numbers: dict[str, int] = {}
        letters: dict[str, str] = {}
        for read in tables:
            if read.sheet == tab:
                self._gather(sheet, read, values, numbers, letters)
        if not values:
            return None
        self._note_texts(sheet, tab, values, numbers, letters)
        self._add_remarks(sheet, tab, values, numbers, letters)
        listed = sorted(values, key=lambda key: numbers[key])
        if sheet.rows == "open":
            listed = [key for key in listed if self._is_new(sheet, key)]
            rows = [
                SheetRow(numbers[key], f"+{at}", values[key]) for at, key in enumerate(listed, 1)
            ]
        else:
            rows = self._checked(
                sheet, tab, [SheetRow(numbers[key], key, values[key]) for key in listed], letters
            )
        return tuple(rows), SheetPlace(tab, letters)

    def _is_new(self, sheet: ReturnSheet, key: str) -> bool:
        """Return whether a row is of a free sheet: records that the zone has stand in another."""
        others = [
            other for other in self.kind.sheets
            if other.table == sheet.table and other.rows == "records"
        ]  # fmt: skip
        if not others:
            return True
        known = {row.key for other in others for row in (self.given or {}).get(other.code, ())}
        return self.given is not None and key not in known

    def _takes_new(self, sheet: ReturnSheet) -> bool:
        """Return whether another sheet takes records that the zone does not have yet."""
        return any(
            other.table == sheet.table and other.rows == "open" for other in self.kind.sheets
        )

    def _gather(
        self,
        sheet: ReturnSheet,
        read: TableRead,
        values: dict[str, dict[str, object]],
        numbers: dict[str, int],
        letters: dict[str, str],
    ) -> None:
        """Put the rows of a table into the columns of the sheet, by the record that they are of."""
        link = _link(sheet, read.table)
        columns = [
            column for column in sheet.columns if column.into and column.into.table == read.table
        ]
        if not link or not (columns or read.table == sheet.table):
            return
        other_months: set[str] = set()
        elsewhere: list[int] = []
        for position, row in enumerate(read.rows):
            key = row.get(link)
            if not isinstance(key, str) or not key:
                continue
            own = [column for column in columns if column.into and self._fits(column.into, row)]
            if sheet.rows == "indicators" and key not in sheet.indicators:
                continue
            if self._is_elsewhere(row) or key in self.others:
                if key not in self.others:
                    elsewhere.append(read.numbers[position])
                self.others.add(key)
                continue
            month = row.get("month")
            wanted = self.context.period
            if isinstance(month, Period) and wanted and month.last != wanted.last:
                other_months.add(str(month))
                continue
            numbers.setdefault(key, read.numbers[position])
            letters.setdefault(sheet.key, read.place(position, link).column)
            held = values.setdefault(key, {})
            for column in own:
                into = column.into
                if into is None or into.field not in row:
                    continue
                held[column.name] = row[into.field]
                for end in ("unit", "bound", "precision"):
                    if f"{into.field}_{end}" in row:
                        held[f"{column.name}_{end}"] = row[f"{into.field}_{end}"]
                letters.setdefault(column.name, read.place(position, into.field).column)
        if elsewhere:
            spot = Spot(table=read.table, sheet=read.sheet, row=elsewhere[0])
            self.problems.add("return-book-other-zones", "info", spot, count=len(elsewhere))
        if other_months:
            self.problems.add(
                "return-book-other-months",
                "info",
                Spot(table=read.table, sheet=read.sheet),
                months="、".join(sorted(other_months)),
            )

    def _fits(self, into: Into, row: Mapping[str, object]) -> bool:
        for name, wanted in into.fixed:
            value = row.get(name)
            if isinstance(value, Period):
                if value.is_year_to_date != (wanted == "ytd") and value.last_month != 1:
                    return False
            elif value != wanted:
                return False
        period = row.get("period")
        if isinstance(period, Period) and self.context.period is not None:
            return period.last == self.context.period.last
        return True

    def _is_elsewhere(self, row: Mapping[str, object]) -> bool:
        """Return whether a row says that it is of another zone than the return."""
        said = self.zones.get(str(row.get("zone") or ""), "")
        return bool(self.zone and said and said != self.zone)

    def _note_texts(
        self,
        sheet: ReturnSheet,
        tab: str,
        values: Mapping[str, Mapping[str, object]],
        numbers: Mapping[str, int],
        letters: Mapping[str, str],
    ) -> None:
        """Tell how texts were read that stand for numbers."""
        rows = next(grid.rows for grid in self.grids if grid.name == tab)
        for column in sheet.columns:
            if column.field.kind not in NUMERIC or not letters.get(column.name):
                continue
            at = index_of(letters[column.name])
            for key, number in numbers.items():
                cell = rows[number - 1][at]
                if not isinstance(cell, str) or values[key].get(column.name) is None:
                    continue
                try:
                    note = note_of_number(column, cell, values[key], column.unit)
                except CellError:  # the value stands elsewhere: in a merged cell above
                    continue
                if note:
                    spot = Spot(sheet.table, column.name, tab, number, letters[column.name], (key,))
                    self.problems.add(note.code, note.severity, spot, **note.params)

    def _add_remarks(
        self,
        sheet: ReturnSheet,
        tab: str,
        values: dict[str, dict[str, object]],
        numbers: Mapping[str, int],
        letters: dict[str, str],
    ) -> None:
        """Read the columns that stay in the return, which no table of ours has."""
        kept = [column for column in sheet.columns if column.into is None and not column.given]
        grid = next(grid for grid in self.grids if grid.name == tab)
        found = find_free(grid, sheet)
        if not kept or found is None:
            return
        plain = replace(sheet, columns=tuple(kept), rows="open", key="")
        columns = {c.name: found.columns[c.name] for c in kept if c.name in found.columns}
        rows = self._rows(grid, plain, replace(found, columns=columns))
        of_row = {row.row: row.values for row in rows}
        for key, number in numbers.items():
            values[key].update(of_row.get(number, {}))
        letters.update({name: found.letter(name) for name in columns})

    def _checked(
        self, sheet: ReturnSheet, tab: str, rows: Sequence[SheetRow], letters: Mapping[str, str]
    ) -> list[SheetRow]:
        """Return the rows of records that the zone has, with what the workspace fills in."""
        if self.given is None:
            return list(rows)
        known = {row.key: row for row in self.given.get(sheet.code, ())}
        kept: list[SheetRow] = []
        for row in rows:
            before = known.get(row.key)
            if before is None and self._takes_new(sheet):
                continue
            if before is None:
                spot = Spot(sheet.table, "", tab, row.row, letters.get(sheet.key, ""), (row.key,))
                self.problems.add("return-book-row-added", "error", spot, key=row.key)
                continue
            filled = {name: value for name, value in row.values.items() if value is not None}
            kept.append(SheetRow(row.row, row.key, {**before.values, **filled}))
        held = {row.key for row in kept}
        for key, before in known.items():
            if key not in held:
                spot = Spot(sheet.table, "", tab, None, "", (key,))
                name = str(before.values.get("name") or "")
                self.problems.add("return-book-row-missing", "error", spot, key=key, name=name)
        return kept

    # ---- Sheets of the return alone -----------------------------------------------------------

    def _of_captions(self, sheet: ReturnSheet) -> tuple[tuple[SheetRow, ...], SheetPlace] | None:
        best: tuple[Grid, Found] | None = None
        for grid in self.grids:
            found = find_free(grid, sheet)
            if found and (best is None or len(found.columns) > len(best[1].columns)):
                best = grid, found
        if best is None:
            return None
        grid, found = best
        for column in sheet.columns:
            if column.field.required and column.name not in found.columns:
                spot = Spot(sheet=grid.name, row=found.bottom + 1)
                self.problems.add(
                    "return-book-column-missing", "error", spot, **named(column.field)
                )
        rows = self._rows(grid, sheet, found)
        letters = {name: found.letter(name) for name in found.columns}
        return rows, SheetPlace(grid.name, letters)

    def _rows(self, grid: Grid, sheet: ReturnSheet, found: Found) -> tuple[SheetRow, ...]:
        columns = tuple(self._in_own_unit(column, grid, found) for column in sheet.columns)
        return RowReader(
            grid,
            replace(sheet, columns=columns),
            found,
            given=None,
            context=self.context,
            lang="zh",
            problems=self.problems,
        ).read()

    def _in_own_unit(self, column: ReturnColumn, grid: Grid, found: Found) -> ReturnColumn:
        """Return a column in the unit that the workbook gives it; without one there is none."""
        dimension = DIMENSIONS.get(column.field.kind)
        if dimension is None or column.name not in found.columns:
            return column
        said = found.units.get(column.name) or self.context.units.get(dimension, "")
        if not said:
            self.problems.add(
                "return-book-unit-unsaid",
                "error",
                Spot(
                    field=column.name,
                    sheet=grid.name,
                    row=found.bottom + 1,
                    column=found.letter(column.name),
                ),
                unit=column.unit,
                **named(column.field),
            )
        return replace(column, unit=said or column.unit)


def _link(sheet: ReturnSheet, table: str) -> str:
    """Return the field of a table that names the record of which a row is."""
    if table == sheet.table:
        return sheet.key
    companion, field_name = COMPANIONS.get(sheet.table, ("", ""))
    return field_name if companion == table else ""


def _tabs_of(sheet: ReturnSheet, tables: Sequence[TableRead]) -> dict[str, int]:
    """Return the tabs that hold rows of the sheet's records, with how many."""
    found: dict[str, int] = {}
    for read in tables:
        if _link(sheet, read.table):
            found[read.sheet] = found.get(read.sheet, 0) + len(read.rows)
    return found
