"""A page of a ledger: headers that sort, cells in the reader's units, sums below."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from zonewright.core.phrases import exact
from zonewright.report import numbers
from zonewright.store.access import Access
from zonewright.store.selectors.listing import ColumnInfo, Listing, listing
from zonewright.store.selectors.record import RecordState
from zonewright.web import language, values
from zonewright.web.listing_view import Asked, field_of, table_of
from zonewright.web.values import NUMERIC


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a column."""

    info: ColumnInfo
    label: str
    unit: str
    is_number: bool
    sorted: str
    query: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, and for a reference the name and the record's address."""

    text: str
    is_number: bool
    label: str
    code: str = ""
    link: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """A page of a ledger: its cells, where it stands, and the sums below the columns."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[RecordState, tuple[Cell, ...]], ...]
    sums: tuple[str, ...]
    number: int
    pages: int
    total: int
    first: int
    last: int


def look_up(asked: Asked, access: Access) -> tuple[Cut, Asked]:
    """Return the page that was asked for; beyond the end, the last one."""
    found = _page(asked, access)
    total = found.total or 0
    pages = max(1, math.ceil(total / asked.size))
    if asked.number > pages:
        asked = replace(asked, number=pages)
        found = _page(asked, access)
    first = (asked.number - 1) * asked.size + 1 if found.rows else 0
    cut = Cut(
        heads=tuple(head_of(asked, info) for info in asked.shown),
        rows=tuple(zip(found.rows, _cells(asked, found.rows), strict=True)),
        sums=_sums(asked, found.sums),
        number=asked.number,
        pages=pages,
        total=total,
        first=first,
        last=first + len(found.rows) - 1 if found.rows else 0,
    )
    return cut, asked


def _page(asked: Asked, access: Access) -> Listing:
    return listing(
        asked.name,
        access=access,
        conditions=asked.conditions(),
        text=asked.text,
        order=order_of(asked),
        offset=(asked.number - 1) * asked.size,
        limit=asked.size,
        with_sums=True,
    )


def order_of(asked: Asked) -> list[tuple[str, bool]]:
    """Return the order that was asked for, as `listing` takes it."""
    return [(asked.sort, asked.down)] if asked.sort else [("code", False)]


def head_of(asked: Asked, info: ColumnInfo) -> Head:
    """Return the header of a column."""
    is_sorted = asked.sort == info.field
    shown = values.unit_of(field_of(info), asked.units) if info.kind in NUMERIC else ""
    state = ("descending" if asked.down else "ascending") if is_sorted else ""
    query = asked.query(sort=info.field, down=is_sorted and not asked.down, number=1)
    label = info.label(language.current())
    unit = values.unit_name(shown) if shown else ""
    return Head(
        info,
        label,
        "" if label.endswith(unit) else unit,
        info.kind in NUMERIC or info.kind == "year",
        state,
        query if info.sortable else "",
    )


def _cells(asked: Asked, rows: Sequence[RecordState]) -> Iterator[tuple[Cell, ...]]:
    names = {info.field: names_in(info, rows) for info in asked.shown if info.refers}
    for row in rows:
        held = {**row.values, **row.computed}
        yield tuple(
            _cell(asked, info, row, held, names.get(info.field, {})) for info in asked.shown
        )


def names_in(info: ColumnInfo, rows: Sequence[RecordState]) -> dict[str, str]:
    """Return the names of what a column of some rows refers to, by code."""
    return values.names_of(info.refers, (str(row.values.get(info.field) or "") for row in rows))


def _cell(
    asked: Asked,
    info: ColumnInfo,
    row: RecordState,
    held: Mapping[str, Any],
    names: Mapping[str, str],
) -> Cell:
    text = values.text(field_of(info), table_of(asked.mapped, info), held, asked.units)
    label = info.label(language.current())
    is_number = info.kind in NUMERIC or info.kind == "year"
    if info.refers and text:
        return Cell(names.get(text, text), False, label, text if text in names else "",
                    row.refers.get(info.field, ""))  # fmt: skip
    stage = str(held.get("stage") or "") if info.field == "stage" else ""
    return Cell(text, is_number, label, stage=stage)


def _sums(asked: Asked, sums: Mapping[str, object]) -> tuple[str, ...]:
    """Return the sum below each column shown; amounts in several currencies are not added up."""
    found = tuple(
        ""
        if sums.get(info.field) is None or has_currency(asked, info)
        else _sum(asked, info, sums[info.field])
        for info in asked.shown
    )
    return found if any(found) else ()


def has_currency(asked: Asked, info: ColumnInfo) -> bool:
    """Return whether the amounts of a column are each in a currency of their own."""
    names = {item.name for item in asked.mapped.model._meta.get_fields()}
    return info.kind == "money" and "currency" in names


def _sum(asked: Asked, info: ColumnInfo, value: object) -> str:
    shown = values.unit_of(field_of(info), asked.units)
    number = values.amount(field_of(info), exact(value), shown)  # type: ignore[arg-type]
    return numbers.number(number, numbers.decimals_of(number, shown))
