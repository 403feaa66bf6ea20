"""Fill in a return: what it starts with, the blank workbook, typed cells, the rules' findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose

from zonewright.core.errors import EditConflictError, EngineError, UnknownReferenceError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.intake.faults import CellError
from zonewright.intake.return_book import blank
from zonewright.intake.return_cells import CellReader
from zonewright.intake.return_read import context_of, read_return
from zonewright.steering.returns.checking import Context, finding
from zonewright.steering.returns.kinds import ReturnColumn, ReturnKind, ReturnSheet, kinds
from zonewright.steering.returns.rows import (
    Given,
    Places,
    RowsOf,
    SheetRow,
    given_of,
    place_of,
    plain,
)
from zonewright.steering.returns.rules import check
from zonewright.steering.returns.showing import shown
from zonewright.store.actions.returns import Book, foreign_codes
from zonewright.store.models import Zone
from zonewright.store.selectors.return_rows import (
    invested_lately,
    known_before,
    prefilled,
    spent_before,
)
from zonewright.store.selectors.returns import rows_before, rows_of_year
from zonewright.workflows.returns_answers import CellChange
from zonewright.workflows.returns_figures import map_figures
from zonewright.workflows.returns_tasks import ORDERS, left_out, with_orders

_BESIDE = ("_unit", "_bound", "_precision")


@dataclass(frozen=True, slots=True)
class Start:
    """What a return starts with: its rows, last month's, and the month's figures of the map."""

    rows: RowsOf
    last: RowsOf
    context: Context


def start_of(kind: ReturnKind, zone: str, period: str) -> Start:
    """Return what the workspace knows beforehand of a zone's return of a month.

    Last month's rows are those of its return; of records whose figures came by another way, those
    of the records.
    """
    before = rows_before(kind.code, zone, period)
    known = known_before(kind, zone, period)
    returned = before.rows if before else {}
    last = {
        sheet.code: _merged(known.get(sheet.code, ()), returned.get(sheet.code, ()))
        for sheet in kind.sheets
    }
    rows = _of_the_year(kind, zone, period, dict(prefilled(kind, zone, period)))
    for sheet in kind.sheets:
        if sheet.carry:
            rows[sheet.code] = _carried(sheet, rows[sheet.code], returned.get(sheet.code, ()))
        if sheet.starts == ORDERS:
            rows[sheet.code] = with_orders(rows[sheet.code], zone, period)
    context = Context(
        period, last, map_figures(kind, zone, period), spent_before(kind, zone, period),
        {**invested_lately(kind, zone, period), **_december(kind, zone, period)},
    )  # fmt: skip
    return Start(rows, last, context)


def _december(kind: ReturnKind, zone: str, period: str) -> RowsOf:
    """Return what is known of the December before, for a return that is the first of its year."""
    month = Period.parse(period)
    jumps = (rule.params for rule in kind.rules if rule.rule == "no_jump")
    paced = any(params.get("within") == "year" for params in jumps)
    first = not any(
        kind.asked(str(Period.month(month.year, earlier))) for earlier in range(1, month.last_month)
    )
    return known_before(kind, zone, f"{month.year:04d}-01") if paced and first else {}


def _of_the_year(
    kind: ReturnKind, zone: str, period: str, rows: dict[str, Sequence[SheetRow]]
) -> dict[str, Sequence[SheetRow]]:
    """Return rows without what held for the year before: a plan, a start of that year.

    What the ledger still says as last year's returns did is left open, and the ledger's new value
    is shown once it is there.
    """
    if not any(column.lapses for sheet in kind.sheets for column in sheet.columns):
        return rows
    past = rows_of_year(kind.code, zone, Period.parse(period).year - 1)
    if past is None:
        return rows
    for sheet in kind.sheets:
        lapsing = [column for column in sheet.columns if column.lapses]
        before = {row.key: row.values for row in past.rows.get(sheet.code, ())}
        rows[sheet.code] = tuple(
            _without(row, lapsing, before.get(row.key, {})) for row in rows[sheet.code]
        )
    return rows


def _without(
    row: SheetRow, lapsing: Sequence[ReturnColumn], before: Mapping[str, object]
) -> SheetRow:
    """Return a row without the values of columns that lapse and are still what they were."""
    past = {
        column.name
        for column in lapsing
        if (value := row.values.get(column.name)) == before.get(column.name)
        and ("*" in column.lapses or value in column.lapses)
    }
    gone = {name + extra for name in past for extra in ("", *_BESIDE)}
    return replace(row, values={k: item for k, item in row.values.items() if k not in gone})


def _merged(known: Sequence[SheetRow], returned: Sequence[SheetRow]) -> tuple[SheetRow, ...]:
    """Return rows of the return, completed by those that only the records know."""
    there = {row.key for row in returned}
    return (*returned, *(row for row in known if row.key not in there))


def _carried(
    sheet: ReturnSheet, rows: Sequence[SheetRow], last: Sequence[SheetRow]
) -> tuple[SheetRow, ...]:
    """Return the rows of a sheet that starts with last month's."""
    kept = [
        column.name + extra
        for column in sheet.columns
        if column.carried or column.name == sheet.key
        for extra in ("", *_BESIDE)
    ]
    values = {
        row.key: {name: row.values[name] for name in kept if name in row.values} for row in last
    }
    if sheet.rows == "records":
        return tuple(replace(row, values={**row.values, **values.get(row.key, {})}) for row in rows)
    return tuple(SheetRow(0, row.key, values[row.key]) for row in last)


def findings_of(
    kind: ReturnKind,
    zone: str,
    rows: RowsOf,
    start: Start,
    *,
    places: Places | None = None,
    given: Given | None = None,
    file: str = "",
) -> tuple[Finding, ...]:
    """Return what is wrong with rows: by the kind's rules, and set against the zone's ledger."""
    context = replace(start.context, places=places or {}, file=file)
    return (
        *check(kind, rows, context),
        *_against_ledger(kind, zone, rows, start, context),
        *foreign_codes(kind, zone, rows, context),
        *_emptied(kind, rows, given or {}, context),
        *left_out(kind, rows, start.rows, context),
    )


def _against_ledger(
    kind: ReturnKind, zone: str, rows: RowsOf, start: Start, context: Context
) -> Iterable[Finding]:
    """Yield rows that the ledger of the zone does not have, and those of it that are missing."""
    for sheet in kind.sheets:
        if sheet.rows == "open":
            continue
        there = {row.key: row for row in rows.get(sheet.code, ())}
        known = {row.key for row in start.rows.get(sheet.code, ())}
        names = {"sheet_zh": sheet.zh, "sheet_en": sheet.en, "zone": zone}
        for key in there.keys() - known:
            yield finding(
                "return-row-added", "error", sheet, sheet.key, there[key], context=context,
                params=names,
            )  # fmt: skip
        for key in known - there.keys():
            row = SheetRow(0, key, {})
            yield finding(
                "return-row-missing", "error", sheet, sheet.key, row, context=context, params=names
            )


def _emptied(kind: ReturnKind, rows: RowsOf, given: Given, context: Context) -> Iterable[Finding]:
    """Yield cells that were emptied: an empty cell takes nothing back of what the ledger says."""
    for sheet in kind.sheets:
        for row in rows.get(sheet.code, ()):
            before = given.get((sheet.code, row.key), {})
            for column in sheet.columns:
                if not column.carried or column.into is None or column.name not in before:
                    continue
                if row.values.get(column.name) in (None, ""):
                    yield finding(
                        "return-cell-emptied", "warning", sheet, column.name, row, context=context,
                        params={
                            "label_zh": column.field.zh, "label_en": column.field.en,
                            "before": str(before[column.name]),
                        },
                    )  # fmt: skip


def book_of(
    kind: ReturnKind, zone: Zone, period: str, rows: RowsOf, last: RowsOf, lang: str = "zh"
) -> tuple[str, bytes]:
    """Return name and bytes of the workbook with some rows filled in."""
    data = blank(
        kind, zone=zone.code, zone_name=zone.name if lang == "zh" else zone.name_en or zone.name,
        period=period, prefilled=rows, last=last, lang=lang,
    )  # fmt: skip
    return f"{period} {zone.code} {kind.label(lang)}.xlsx".replace("/", "-"), data


def made_book(
    kind: ReturnKind, zone: Zone, period: str, rows: RowsOf, given: Given, last: RowsOf
) -> Book:
    """Return the workbook made of what was typed in the browser; its reading proves it.

    Raises
    ------
    EngineError
        If it does not say the same as what was typed: nothing is submitted then.
    """
    name, data = book_of(kind, zone, period, rows, last)
    read = read_return(name, data, kinds())
    placed: dict[str, tuple[SheetRow, ...]] = {}
    for sheet in kind.sheets:
        found = {row.key: row for row in read.rows.get(sheet.code, ())}
        lines = []
        for row in rows.get(sheet.code, ()):
            there = found.get(row.key)
            if not any(value not in (None, "") for value in row.values.values()):
                continue
            if there is None or not _same(sheet, row, there):
                raise EngineError("return-file-disagrees", key=f"{sheet.zh} {row.key}")
            lines.append(replace(row, row=there.row))
        placed[sheet.code] = tuple(lines)
    return Book(name, data, placed, read.places, given)


def _same(sheet: ReturnSheet, one: SheetRow, other: SheetRow) -> bool:
    """Return whether two rows say the same, whatever the unit in which they say it."""
    for column in sheet.columns:
        first, second = one.values.get(column.name), other.values.get(column.name)
        if isinstance(first, float) and isinstance(second, float):
            if not isclose(first, second, rel_tol=1e-9):
                return False
        elif (first or None) != (second or None):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Typed:
    """Rows after typed cells were written into them, and what of that could not be read."""

    rows: RowsOf
    changes: Mapping[str, object]
    refused: tuple[Finding, ...]


def with_cells(
    kind: ReturnKind, period: str, rows: RowsOf, changes: Iterable[CellChange], *, by: str
) -> Typed:
    """Write typed cells into rows.

    Parameters
    ----------
    changes
        As somebody typed them; a new key adds a row to a sheet of free rows.
    by
        Who saved last, for a conflict.

    Raises
    ------
    EditConflictError
        If a cell is no longer what they saw: `theirs` has its present text.
    UnknownReferenceError
        If there is no such sheet, column or row.
    """
    made = {sheet.code: {row.key: row for row in rows.get(sheet.code, ())} for sheet in kind.sheets}
    told: dict[str, object] = {}
    refused: list[Finding] = []
    for change in changes:
        sheet = kind.sheet(change.sheet)
        column = sheet.column(change.field)
        row = made[sheet.code].get(change.key)
        if row is None:
            if sheet.rows != "open":
                raise UnknownReferenceError(
                    "return-row-unknown", sheet_zh=sheet.zh, sheet_en=sheet.en, key=change.key
                )
            row = SheetRow(0, change.key, {})
        fault = _unwritable(sheet, column, row)
        if fault is None:
            _require_seen(column, row, change, by)
            values, fault = _read(sheet, column, row, change.text, period)
        if fault is not None:
            refused.append(fault)
            continue
        before = row.values.get(column.name)
        if plain(values.get(column.name)) == plain(before) and row.key in made[sheet.code]:
            continue
        rest = {
            name: value
            for name, value in row.values.items()
            if name not in {column.name + extra for extra in ("", *_BESIDE)}
        }
        made[sheet.code][row.key] = SheetRow(0, row.key, {**rest, **values})
        told[f"{sheet.code} {row.key} {column.name}"] = change.text
    return Typed(
        {code: tuple(lines.values()) for code, lines in made.items()}, told, tuple(refused)
    )


def without_row(kind: ReturnKind, rows: RowsOf, sheet_code: str, key: str) -> RowsOf:
    """Return rows without a free row.

    Raises
    ------
    UnknownReferenceError
        If there is no such free row.
    """
    sheet = kind.sheet(sheet_code)
    lines = rows.get(sheet.code, ())
    if sheet.rows != "open" or key not in {row.key for row in lines}:
        raise UnknownReferenceError(
            "return-row-unknown", sheet_zh=sheet.zh, sheet_en=sheet.en, key=key
        )
    return {**rows, sheet.code: tuple(row for row in lines if row.key != key)}


def _unwritable(sheet: ReturnSheet, column: ReturnColumn, row: SheetRow) -> Finding | None:
    if not column.given:
        return None
    return _cell_finding("return-cell-given", sheet, column, row)


def _require_seen(column: ReturnColumn, row: SheetRow, change: CellChange, by: str) -> None:
    present = shown(column, row.values.get(column.name))
    if change.seen is None or change.seen == present or change.text.strip() == present:
        return
    raise EditConflictError(
        "return-cell-changed", theirs={change.field: present}, label_zh=column.field.zh,
        label_en=column.field.en, key=row.key, by=by, value=present,
    )  # fmt: skip


def _read(
    sheet: ReturnSheet, column: ReturnColumn, row: SheetRow, text: str, period: str
) -> tuple[dict[str, object], Finding | None]:
    """Return what a text says as values, or the finding that it cannot be read."""
    if not text.strip():
        return {column.name: None}, None
    unit = str(row.values.get("unit") or "") or sheet.row_unit(column, row.key)
    try:
        read = CellReader(column, context_of(period)).read(text.strip(), beside=unit)
    except CellError as fault:
        return {}, _cell_finding(fault.code, sheet, column, row, **fault.params)
    return dict(read.values), None


def _cell_finding(
    code: str, sheet: ReturnSheet, column: ReturnColumn, row: SheetRow, /, **params: object
) -> Finding:
    named = column.field
    labels = {
        "label_zh": named.zh, "label_en": named.en, "field_zh": named.zh, "field_en": named.en,
    }  # fmt: skip
    return Finding(
        code, "error", sheet.code, column.name, place_of({}, sheet.code, row, column.name),
        (row.key,), {**labels, **params},
    )  # fmt: skip


__all__ = [
    "Start", "Typed", "book_of", "findings_of", "given_of", "made_book", "start_of", "with_cells",
    "without_row",
]  # fmt: skip
