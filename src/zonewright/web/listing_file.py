"""A ledger as a file: all pages of what is seen, with the columns, units and words of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache

from django.utils.translation import gettext as _

from zonewright.core.units import factor, known_unit
from zonewright.store.access import Access
from zonewright.store.selectors.listing import listing
from zonewright.store.selectors.record import RecordState
from zonewright.web import exports, values
from zonewright.web.listing_page import has_currency, head_of, names_in, order_of
from zonewright.web.listing_view import Asked, field_of, table_of
from zonewright.web.values import NUMERIC

_FORMATS = {
    "area": "#,##0.00", "money": "#,##0.00", "energy": "#,##0", "percent": "0.00",
    "number": "#,##0.######", "date": "yyyy-mm-dd", "month": "yyyy-mm", "year": "0",
}  # fmt: skip
_WIDTHS = {"text": 22.0, "code": 18.0, "services": 40.0, "points": 40.0, "date": 12.0}
_BATCH = 5_000


def sheet(asked: Asked, access: Access, *, name: str) -> exports.Sheet:
    """Return a ledger as it is seen, all pages of it: same columns, filters, order and units."""
    return exports.Sheet(name, tuple(_columns(asked)), _rows(asked, access))


def _columns(asked: Asked) -> Iterator[exports.Column]:
    for info in asked.shown:
        head = head_of(asked, info)
        title = f"{head.label} [{head.unit}]" if head.unit else head.label
        yield exports.Column(title, _FORMATS.get(info.kind, ""), _WIDTHS.get(info.kind, 16.0))
        if info.refers in _NAMED:
            yield exports.Column(f"{head.label} · {_('name')}", "", 24.0)
        if has_currency(asked, info):
            yield exports.Column(f"{head.label} · {_('currency')}", "", 10.0)


_NAMED = ("zone", "work", "venture", "firm", "indicator")


def _rows(asked: Asked, access: Access) -> Iterator[list[exports.Value]]:
    after: str | None = None
    left = exports.MAX_ROWS
    while left > 0:
        found = listing(
            asked.name, access=access, conditions=asked.conditions(), text=asked.text,
            order=order_of(asked), limit=min(_BATCH, left), after=after, with_total=False,
        )  # fmt: skip
        names = {info.field: names_in(info, found.rows) for info in asked.shown if info.refers}
        for row in found.rows:
            yield list(_cells(asked, row, names))
        left -= len(found.rows)
        after = found.next
        if after is None:
            return


def _cells(
    asked: Asked, row: RecordState, names: Mapping[str, Mapping[str, str]]
) -> Iterator[exports.Value]:
    held = {**row.values, **row.computed}
    for info in asked.shown:
        value = held.get(info.field)
        if info.kind in NUMERIC and value is not None:
            shown = values.unit_of(field_of(info), asked.units)
            # Not exact fractions as on the page: a spreadsheet holds fifteen digits, and files
            # have many rows.
            yield round(float(str(value)) * _scale(info.unit, shown), 9)
        elif isinstance(value, date) or info.kind == "year":
            yield value  # type: ignore[misc]
        elif info.refers:
            yield str(value or "")
        else:
            yield values.text(field_of(info), table_of(asked.mapped, info), held, asked.units)
        if info.refers in _NAMED:
            yield names[info.field].get(str(value or ""), "")
        if has_currency(asked, info):
            yield str(held.get("currency") or "") if value is not None else ""


@cache
def _scale(base: str, shown: str) -> float:
    """Return how many of the shown unit one of the base unit is."""
    return float(factor(base, shown)) if base and base != shown and known_unit(base) else 1.0
