"""The rows of a return as tables: beside last month's, with what is wrong and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.paginator import Page, Paginator

from zonewright.steering.returns.kinds import ReturnKind, ReturnSheet
from zonewright.steering.returns.rows import RowsOf, SheetRow
from zonewright.steering.returns.showing import shown
from zonewright.web import language, return_columns
from zonewright.web.return_columns import Column
from zonewright.web.return_told import Matter, Spot, Told, anchors, gravest

PAGE_ROWS = 200
# Which rows of a sheet are shown.
SHOWN = ("all", "findings", "changed", "filled")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Parameters
    ----------
    id, name
        Its anchor on the page, and the name of its input.
    text, typed
        Its value as it is told, and as an input holds it.
    last
        Last month's value as it is told; empty if it is not shown.
    before
        The value of the version before, if it differs; None if not.
    told
        What is wrong with it.
    theirs
        What somebody else wrote into it meanwhile; None if nobody did.
    """

    id: str
    name: str
    column: Column
    text: str
    typed: str
    last: str = ""
    before: str | None = None
    told: tuple[Told, ...] = ()
    theirs: str | None = None

    @property
    def severity(self) -> str:
        """The gravest of what is wrong; empty if nothing is."""
        return gravest(self.told)

    @property
    def missing(self) -> bool:
        """Whether all that is wrong is that it is not filled in yet."""
        return bool(self.told) and all(one.missing for one in self.told)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what it is of, and its cells."""

    id: str
    key: str
    title: str
    code: str
    cells: tuple[Cell, ...]
    number: int
    told: tuple[Told, ...] = ()
    added: bool = False
    removed: bool = False
    blank: bool = False


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A sheet of a return on its page.

    Parameters
    ----------
    columns
        The columns beside those that say what a row is of.
    lines, page
        The rows of this page.
    total, matching
        How many rows there are, and how many of those are asked for.
    """

    sheet: ReturnSheet
    label: str
    head: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    page: Page[Any]
    total: int
    matching: int
    told: tuple[Told, ...] = ()
    has_last: bool = False

    @property
    def free(self) -> bool:
        """Whether rows may be added and taken out."""
        return self.sheet.rows == "open"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a return's rows is shown: all, or some, and the page of each sheet."""

    show: str = "all"
    pages: Mapping[str, str] = field(default_factory=dict)


# ---- Tables --------------------------------------------------------------------------------------


def tables(matter: Matter, told: Sequence[Told], asked: Asked) -> tuple[SheetTable, ...]:
    """Return the sheets of a return as tables.

    Parameters
    ----------
    told
        Its findings (`tell_all`).
    asked
        Which rows are shown.
    """
    by_row: dict[tuple[str, str], list[Told]] = {}
    for one in told:
        by_row.setdefault(one.spot[:2], []).append(one)
    return tuple(_table(matter, sheet, by_row, asked) for sheet in matter.kind.sheets)


def _table(
    matter: Matter,
    sheet: ReturnSheet,
    by_row: Mapping[tuple[str, str], Sequence[Told]],
    asked: Asked,
) -> SheetTable:
    titles = return_columns.title_columns(sheet)
    # A free row is named by what is typed into it: there its key is a column like any other.
    columns = tuple(
        column
        for column in return_columns.columns_of(sheet)
        if sheet.rows == "open" or column.name not in titles
    )
    rows = list(enumerate(matter.rows.get(sheet.code, ())))
    before = _by_key(matter.before, sheet)
    chosen = [
        (number, row)
        for number, row in rows
        if _is_asked(asked.show, sheet, row, before, by_row.get((sheet.code, row.key), ()))
    ]
    page = Paginator(chosen, PAGE_ROWS).get_page(asked.pages.get(sheet.code))
    last = _by_key(matter.last, sheet) or {}
    place, ids = matter.kind.sheets.index(sheet), anchors(matter)
    positions = {column.name: at for at, column in enumerate(sheet.columns)}
    make = _Maker(sheet, columns, positions, last, before, by_row)
    lines = [make.line(ids[sheet.code, row.key], number, row) for number, row in page]
    if asked.show in ("all", "changed") and before and page.number == page.paginator.num_pages:
        there = {row.key for _, row in rows}
        gone = [row for key, row in before.items() if key not in there]
        lines += [make.gone(f"g{place}-{number}", row) for number, row in enumerate(gone)]
    head = sheet.column(titles[0]).field.label(language.current()) if titles else ""
    return SheetTable(
        sheet, sheet.label(language.current()), head, columns, tuple(lines), page,
        sum(bool(row.values) for _, row in rows),
        len(chosen), tuple(by_row.get((sheet.code, ""), ())),
        any(column.column.shows_last for column in columns) and bool(last),
    )  # fmt: skip


def _by_key(rows: RowsOf | None, sheet: ReturnSheet) -> dict[str, SheetRow] | None:
    return None if rows is None else {row.key: row for row in rows.get(sheet.code, ())}


def _is_asked(
    show: str,
    sheet: ReturnSheet,
    row: SheetRow,
    before: Mapping[str, SheetRow] | None,
    told: Sequence[Told],
) -> bool:
    if show == "findings":
        return any(one.severity != "info" for one in told)
    if show == "changed":
        return before is not None and _differs(sheet, row, before.get(row.key))
    if show == "filled":
        names = [column.name for column in sheet.columns if not column.given and not column.carried]
        return any(row.values.get(name) not in (None, "") for name in names)
    return True


def _differs(sheet: ReturnSheet, row: SheetRow, other: SheetRow | None) -> bool:
    if other is None:
        return True
    return any(
        shown(column, row.values.get(column.name)) != shown(column, other.values.get(column.name))
        for column in sheet.columns
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the lines of one table."""

    sheet: ReturnSheet
    columns: tuple[Column, ...]
    positions: Mapping[str, int]
    last: Mapping[str, SheetRow]
    before: Mapping[str, SheetRow] | None
    by_row: Mapping[tuple[str, str], Sequence[Told]]

    def line(self, anchor: str, number: int, row: SheetRow) -> Line:
        told = self.by_row.get((self.sheet.code, row.key), ())
        last = self.last.get(row.key)
        before = None if self.before is None else self.before.get(row.key)
        cells = tuple(
            self._cell(column, anchor, row, last, before, told) for column in self.columns
        )
        title, code = return_columns.title_of(self.sheet, row)
        shown = {column.name for column in self.columns}
        return Line(
            anchor, row.key, title, code, cells, number + 1,
            tuple(one for one in told if one.spot[2] not in shown),
            added=self.before is not None and before is None,
            blank=not row.values,
        )  # fmt: skip

    def gone(self, anchor: str, row: SheetRow) -> Line:
        cells = tuple(
            Cell(
                f"{anchor}-{self.positions[column.name]}", "", column,
                return_columns.told(self.sheet, column.column, row.values), "",
            )
            for column in self.columns
        )  # fmt: skip
        title, code = return_columns.title_of(self.sheet, row)
        return Line(anchor, row.key, title, code, cells, 0, removed=True)

    def _cell(
        self,
        column: Column,
        anchor: str,
        row: SheetRow,
        last: SheetRow | None,
        before: SheetRow | None,
        told: Sequence[Told],
    ) -> Cell:
        name = column.name
        text = return_columns.told(self.sheet, column.column, row.values)
        was = None
        if before is not None:
            earlier = return_columns.told(self.sheet, column.column, before.values)
            was = None if earlier == text else earlier
        return Cell(
            f"{anchor}-{self.positions[name]}",
            input_name(self.sheet.code, row.key, name),
            column,
            text,
            return_columns.typed(column.column, row.values.get(name)),
            _last(column, self.sheet, last),
            was,
            tuple(one for one in told if one.spot[2] == name),
        )


def _last(column: Column, sheet: ReturnSheet, last: SheetRow | None) -> str:
    if last is None or not column.column.shows_last:
        return ""
    return return_columns.told(sheet, column.column, last.values)


def input_name(sheet: str, key: str, name: str) -> str:
    """Return the name of a cell's input."""
    return f"{sheet}|{name}|{key}"


def spot_of(name: str) -> Spot | None:
    """Return the cell that an input's name says; None if it says none."""
    parts = name.split("|", 2)
    return (parts[0], parts[2], parts[1]) if len(parts) == 3 else None


def with_empty(rows: RowsOf, kind: ReturnKind, count: int) -> RowsOf:
    """Return rows with so many empty ones at the end of each sheet of free rows."""
    return {
        sheet.code: (*rows.get(sheet.code, ()), *_empty(rows.get(sheet.code, ()), count))
        if sheet.rows == "open"
        else rows.get(sheet.code, ())
        for sheet in kind.sheets
    }


def _empty(rows: Sequence[SheetRow], count: int) -> Iterable[SheetRow]:
    signs = [row.key.removeprefix("+") for row in rows if row.key.startswith("+")]
    last = max((int(sign) for sign in signs if sign.isdecimal()), default=0)
    return [SheetRow(0, f"+{last + place}", {}) for place in range(1, count + 1)]


def overlaid(
    made: Sequence[SheetTable], typed: Mapping[str, str], theirs: Mapping[str, str]
) -> tuple[SheetTable, ...]:
    """Return tables whose inputs hold what was typed, beside what somebody else wrote meanwhile."""

    def cell(given: Cell) -> Cell:
        text = typed.get(given.name, given.typed)
        return replace(given, typed=text, theirs=theirs.get(given.name))

    return tuple(
        replace(
            table,
            lines=tuple(replace(line, cells=tuple(map(cell, line.cells))) for line in table.lines),
        )
        for table in made
    )
