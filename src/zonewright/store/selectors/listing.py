"""Records page by page: what a reader asked for, in the order asked, with totals and sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet, Sum

from zonewright.core.errors import InputError
from zonewright.store.mapping import SERIES, Mapped, ledger
from zonewright.store.models import Firm, Indicator, Parcel, Revision, Venture, Work, Zone
from zonewright.store.selectors._columns import ColumnInfo, LedgerInfo, columns, ledgers
from zonewright.store.selectors._conditions import Box, Condition, counts, holds, meets, says
from zonewright.store.selectors._counts import kept_count
from zonewright.store.selectors._keyset import Order, cursor, keys_of, later, read_cursor
from zonewright.store.selectors.record import RecordState, states

if TYPE_CHECKING:
    from zonewright.store.access import Access

__all__ = [
    "ColumnInfo",
    "Condition",
    "LedgerInfo",
    "Listing",
    "choices_for",
    "columns",
    "ledgers",
    "listing",
    "matching",
]

MAX_ROWS = 10_000
_SUMMED = ("area", "money", "energy")
_NAMED = {"zone": Zone, "parcel": Parcel, "work": Work, "venture": Venture, "firm": Firm,
          "indicator": Indicator}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of records.

    Parameters
    ----------
    rows
        The records.
    total
        How many there are in all; None if not asked.
    next
        Cursor of the page after this one; None if this is the last.
    sums
        Field to sum over all pages of each column of areas and money; empty if not asked.
    """

    rows: list[RecordState]
    total: int | None
    next: str | None
    sums: Mapping[str, object] = field(default_factory=dict)


def listing(
    table: str,
    *,
    access: Access,
    conditions: Sequence[Condition] = (),
    text: str = "",
    order: Order = (("code", False),),
    offset: int = 0,
    limit: int = 50,
    after: str | None = None,
    bbox: Box | None = None,
    with_total: bool = True,
    with_sums: bool = False,
    superseded: bool = False,
) -> Listing:
    """Return a page of the records of a kind that somebody may see.

    Parameters
    ----------
    table
        A name of `mapping.NAMES`, or a prefix as in ``parcel``.
    access
        Whose page it is.
    conditions, text, bbox
        What is asked: all of it must hold. `text` is looked for in codes and names, `bbox` is west,
        south, east, north [degrees].
    order
        Columns, each with whether it descends; what is equal stands in the order of its code.
    offset, limit
        Which page, by position; at most `MAX_ROWS` a page.
    after
        Cursor of the page before (`Listing.next`), instead of `offset`: records that are written
        meanwhile shift nothing.
    with_total, with_sums
        Whether all records are counted, and whether their areas and money are added up.
    superseded
        Whether rows of a series that were corrected stand among the others.

    Raises
    ------
    InputError
        If a column is unknown or may not be asked for, or a value or cursor cannot be read.
    """
    mapped = ledger(table)
    rows = matching(
        table, access=access, conditions=conditions, text=text, bbox=bbox, superseded=superseded
    )
    keys = keys_of(mapped, order)
    limit = max(1, min(limit, MAX_ROWS))
    page = rows.order_by(*(key.name for key in keys))
    if after is not None:
        page, offset = page.filter(later(keys, read_cursor(after, keys))), 0
    paths = [key.path for key in keys]
    # First the keys alone: they stand in an index, and the wide rows are read of one page only.
    found = list(page.values_list("pk", *paths)[max(0, offset) : max(0, offset) + limit + 1])
    more, found = len(found) > limit, found[:limit]
    numbers = [row[0] for row in found]
    whole = {state.record: state for state in states(mapped, _of(mapped, numbers))}
    return Listing(
        rows=[whole[f"{mapped.record}:{number}"] for number in numbers if
              f"{mapped.record}:{number}" in whole],
        total=_total(mapped, rows) if with_total else None,
        next=cursor(keys, found[-1][1:]) if more else None,
        sums=_sums(mapped, rows) if with_sums else {},
    )  # fmt: skip


def matching(
    table: str,
    *,
    access: Access,
    conditions: Sequence[Condition] = (),
    text: str = "",
    bbox: Box | None = None,
    superseded: bool = False,
) -> QuerySet[Any]:
    """Return the rows of a kind that somebody may see and of which all that is asked holds."""
    mapped = ledger(table)
    rows: QuerySet[Any] = access.narrow(mapped.model._default_manager.order_by())
    for condition in conditions:
        rows = rows.filter(holds(mapped, condition))
    if mapped.record in SERIES and not superseded:
        rows = rows.filter(counts(mapped))
    if text.strip():
        rows = rows.filter(says(mapped, text.strip()))
    return rows if bbox is None else rows.filter(meets(mapped, bbox))


def choices_for(
    field: str, access: Access, text: str = "", *, limit: int = 50
) -> list[tuple[str, str]]:
    """Return codes and names of records that a field may name, those that a text fits.

    Parameters
    ----------
    field
        A kind of record (``zone``, ``parcel`` …), or a field that names one (``parent``).
    access
        Who chooses: only what they see is offered.
    text
        Part of the code or name; empty fits all.
    """
    kind = {"parent": "zone", "child": "zone", "subject": "venture"}.get(field, field)
    model: Any = _NAMED.get(kind)
    if model is None:
        raise InputError("listing-column-unknown", field=field, known=", ".join(_NAMED))
    rows = model.objects.order_by("code")
    rows = rows if model is Indicator else access.narrow(rows)
    named = model is not Parcel
    if text.strip():
        fits = Q(code__icontains=text.strip())
        rows = rows.filter(fits | Q(name__icontains=text.strip()) if named else fits)
    pairs = rows.values_list("code", "name" if named else "town")[:limit]
    return [(code, name) for code, name in pairs]


def _of(mapped: Mapped, numbers: Sequence[int]) -> QuerySet[Any]:
    rows: QuerySet[Any] = mapped.model._default_manager.order_by().filter(pk__in=numbers)
    return rows


def _total(mapped: Mapped, rows: QuerySet[Any]) -> int:
    return int(str(_kept(mapped, "count", rows, lambda: rows.count())))


def _sums(mapped: Mapped, rows: QuerySet[Any]) -> Mapping[str, object]:
    names = {item.field: item.path for item in columns(mapped.record) if item.kind in _SUMMED}
    if not names:
        return {}
    sums = {f"sum_{name}": Sum(path) for name, path in names.items()}

    def add_up() -> dict[str, object]:
        found = rows.aggregate(**sums)
        return {name: found[f"sum_{name}"] for name in names}

    return dict(_kept(mapped, "sums", rows, add_up))  # type: ignore[call-overload, no-any-return]


def _kept(mapped: Mapped, what: str, rows: QuerySet[Any], make: Any) -> object:
    """Return a number that holds until a table on which it rests changes."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:  # Nothing can match: the database need not be asked.
        return make()
    tables = sorted(rows.query.alias_map) or [mapped.model._meta.db_table]
    names = {item.table_name for item in rows.query.alias_map.values()}
    tokens = tuple(
        Revision.objects.filter(name__in=names | {mapped.model._meta.db_table, "store_place"})
        .order_by("name")
        .values_list("name", "token")
    )
    return kept_count((what, sql, repr(params), tuple(tables)), tokens, make)
