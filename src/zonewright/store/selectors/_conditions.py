"""What is asked of records, as conditions of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import or_
from typing import Any, Literal, get_args

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from zonewright.core.errors import InputError, RangeError
from zonewright.core.periods import Period
from zonewright.store.mapping import Mapped
from zonewright.store.selectors._columns import ColumnInfo, column, columns, model_field
from zonewright.store.spatial import LOCATED

Op = Literal[
    "eq", "ne", "contains", "starts", "lt", "le", "gt", "ge", "in", "empty", "filled", "between"
]
OPS: tuple[Op, ...] = get_args(Op)
Box = tuple[float, float, float, float]
# What free text is looked for in, where a kind of records has it.
_TEXTS = ("code", "name", "name_en", "firm", "town", "owner", "document", "wording")
# A million parcels are looked for by code, which an index holds; the rest is asked by column.
_BY_CODE_ALONE = "parcel"
_LOOKUPS = {"eq": "", "lt": "__lt", "le": "__lte", "gt": "__gt", "ge": "__gte"}
_UNASKED = ("services", "points", "geometry", "multipolygon")


@dataclass(frozen=True, slots=True)
class Condition:
    """What is asked of a column.

    Parameters
    ----------
    field
        Name of the column.
    op
        ``contains`` and ``starts`` leave case aside; ``in`` takes several values, ``between`` two
        of which either may be None; ``empty`` and ``filled`` take none.
    value
        Plain value, or text that reads as one, in the column's base unit.
    """

    field: str
    op: Op
    value: object = None


def asked(mapped: Mapped, name: str) -> ColumnInfo:
    """Return a column by name.

    Raises
    ------
    InputError
        If there is none.
    """
    info = column(mapped, name)
    if info is None:
        known = ", ".join(item.field for item in columns(mapped.record))
        raise InputError("listing-column-unknown", field=name, known=known)
    return info


def holds(mapped: Mapped, condition: Condition) -> Q:
    """Return a condition as the database asks it."""
    info = asked(mapped, condition.field)
    if condition.op not in OPS:
        raise InputError("listing-operator", op=condition.op, known=", ".join(OPS))
    own = model_field(mapped, info)
    if condition.op in ("empty", "filled"):
        blank = _is_blank(info, own)
        return blank if condition.op == "empty" else ~blank
    if info.kind in _UNASKED:
        raise InputError("listing-not-filterable", field=info.field)
    path, value = info.path, condition.value
    if condition.op in ("contains", "starts"):
        lookup = "icontains" if condition.op == "contains" else "istartswith"
        return Q(**{f"{path}__{lookup}": str(value)})
    if condition.op == "in":
        many = value if isinstance(value, list | tuple | set | frozenset) else [value]
        return Q(**{f"{path}__in": [_value(info, item) for item in many]})
    if condition.op == "between":
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise InputError("listing-value", field=info.field, value=value)
        low, high = (None if item in (None, "") else _value(info, item) for item in value)
        above = Q() if low is None else Q(**{f"{path}__gte": low})
        return above if high is None else above & Q(**{f"{path}__lte": high})
    wanted = _value(info, value)
    if condition.op == "ne":
        return ~Q(**{path: wanted})
    return Q(**{f"{path}{_LOOKUPS[condition.op]}": wanted})


def _is_blank(info: ColumnInfo, own: models.Field[Any, Any] | None) -> Q:
    if own is None:
        return Q(**{f"{info.path.removesuffix('__code')}__isnull": True})
    if isinstance(own, models.JSONField):
        return Q(**{info.path: {}})
    if isinstance(own, models.TextField | models.CharField):
        return Q(**{info.path: ""})
    return Q(**{f"{info.path}__isnull": True})


def _value(info: ColumnInfo, value: object) -> object:
    """Return a value as the database compares it."""
    try:
        if info.kind in ("number", "area", "money", "energy", "percent"):
            number = Decimal(str(value))
            if not number.is_finite():
                raise InputError("listing-value", field=info.field, value=value)
            return number
        if info.kind == "year":
            return int(str(value))
        if info.kind == "date":
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        if info.kind == "month":
            return value if isinstance(value, date) else Period.parse(str(value)).start_on
    except (InvalidOperation, ValueError) as error:
        raise InputError("listing-value", field=info.field, value=value) from error
    if info.kind == "bool":
        known = {"true": True, "1": True, "false": False, "0": False}
        if str(value).lower() not in known:
            raise InputError("listing-value", field=info.field, value=value)
        return known[str(value).lower()]
    return str(value)


def says(mapped: Mapped, text: str) -> Q:
    """Return that a text stands in a code or name."""
    if mapped.record == _BY_CODE_ALONE:
        return Q(code__icontains=text)
    paths = [info.path for info in columns(mapped.record) if info.field in _TEXTS]
    for info in columns(mapped.record):
        if info.refers:
            paths.append(info.path)
            if info.refers != "parcel":
                paths.append(f"{info.path.removesuffix('__code')}__name")
    return reduce(or_, (Q(**{f"{path}__icontains": text}) for path in dict.fromkeys(paths)))


def counts(mapped: Mapped) -> Q:
    """Return that a row of a series is the latest of its key: what it corrected counts no more."""
    rows: Any = mapped.model._default_manager.order_by()
    if mapped.record == "observation":
        return Q(superseded_by__isnull=True)
    owner, other = mapped.key
    later = Q(recorded_at__gt=OuterRef("recorded_at")) | Q(
        recorded_at=OuterRef("recorded_at"), pk__gt=OuterRef("pk")
    )
    # Few rows have the same owner. As text, the other half of the key keeps SQLite from an index
    # of all rows that share a stage or month.
    text = models.TextField()
    rows = rows.alias(_other=Cast(other, text)).filter(_other=Cast(OuterRef(other), text))
    return ~Q(Exists(rows.filter(later, **{owner: OuterRef(owner)})))


def meets(mapped: Mapped, bbox: Box) -> Q:
    """Return that the bounding box of a record meets a box, by the spatial index."""
    table = mapped.model._meta.db_table
    if table not in LOCATED:
        raise InputError("listing-not-located", table=mapped.table)
    west, south, east, north = (float(edge) for edge in bbox)
    if not (west <= east and south <= north):
        raise RangeError("listing-box", west=west, south=south, east=east, north=north)
    if connection.vendor == "postgresql":
        box = "ST_MakeEnvelope(%s, %s, %s, %s, 4490)"
        sql = f"SELECT id FROM {table} WHERE geometry && {box}"  # noqa: S608
        found = RawSQL(sql, (west, south, east, north))  # noqa: S611
    else:
        sql = (
            f"SELECT id FROM {table}_rtree WHERE west <= %s AND east >= %s"  # noqa: S608
            " AND south <= %s AND north >= %s"
        )
        found = RawSQL(sql, (east, west, north, south))  # noqa: S611
    # An index of the map rounds to 32 bits; the columns do not.
    return Q(pk__in=found, west__lte=east, east__gte=west, south__lte=north, north__gte=south)
