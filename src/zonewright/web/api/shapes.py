"""Shapes of the records, made from the dictionary: what is sent, what is given, what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, create_model

from zonewright.store.mapping import editable
from zonewright.store.selectors.listing import ColumnInfo, LedgerInfo, columns
from zonewright.store.selectors.record import beside
from zonewright.web.api.schemas import Geometry, ProblemFinding

_SHAPES = ("geometry", "multipolygon")
_NUMBERS = ("number", "area", "money", "energy", "percent")
_Month = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(_NUMBERS, float),
    "date": date,
    "month": _Month,
    "year": int,
    "bool": bool,
    "points": dict[str, float],
    "services": dict[str, int],
}
_ORDERED = (*_NUMBERS, "date", "month", "year")
_STRICT = ConfigDict(extra="forbid")


def _class_name(info: LedgerInfo) -> str:
    return "".join(part.capitalize() for part in info.record.split("_"))


def described(column: ColumnInfo) -> str:
    """Return what is to be known of a column: its name, unit, choices and note."""
    unit = column.unit or ("%" if column.kind == "percent" else "")
    named = f"{column.en} [{unit}]" if unit else column.en
    codes = f"code of a {column.refers}" if column.refers else ""
    choices = f"one of {', '.join(column.choices)}" if column.choices else ""
    return "; ".join(part for part in (named, codes, choices, column.note) if part)


def _sent_type(column: ColumnInfo) -> Any:
    if column.kind == "choice" and column.choices:
        return Literal[tuple(column.choices)]
    return _TYPES.get(column.kind, str)


def _given_type(column: ColumnInfo) -> Any:
    # What another program wrote into the workspace may be no choice of the dictionary.
    return _TYPES.get(column.kind, str)


_BESIDE = {
    "unit": "unit in which it was written",
    "bound": "exact, ge, le or approx",
    "precision": "d, m or y: how exact the day is",
}


def _beside(info: LedgerInfo, column: ColumnInfo) -> dict[str, str]:
    """Return what stands beside a column's values: name to description."""
    kept = next((item for item in editable(info.record) if item.field.name == column.field), None)
    if kept is None:
        return {}
    return {f"{column.field}_{kind}": f"{column.en}: {_BESIDE[kind]}" for kind, _ in beside(kept)}


def _optional(kind: Any, text: str) -> tuple[Any, Any]:
    return (kind | None, Field(None, description=text))


@cache
def sent(info: LedgerInfo, *, new: bool) -> type[Schema]:
    """Return the shape of what is sent to add a record, or to change one."""
    fields: dict[str, Any] = {}
    for column in _own(info):
        required = new and column.required
        kind = _sent_type(column)
        fields[column.field] = (
            (kind, Field(description=described(column)))
            if required
            else _optional(kind, described(column))
        )
        fields |= {name: _optional(str, text) for name, text in _beside(info, column).items()}
    if info.record == "venture":
        fields["currency"] = _optional(Literal["CNY", "USD"], "Currency of the investment")
    verb = "New" if new else "Changed"
    name = _class_name(info)
    values = create_model(f"{verb}{name}Values", __config__=_STRICT, **fields)
    whole: dict[str, Any] = {
        "values": (values, ...) if new else (values, Field(default_factory=values)),
        "reason": (str, Field("", max_length=2000, description="Why, for the audit trail")),
    }
    if info.located:
        whole["geometry"] = _optional(Geometry, "Where it lies; null takes it off the map")
    made = create_model(f"{verb}{name}", __base__=Schema, **whole)
    made.model_config = {**made.model_config, "extra": "forbid"}
    made.model_rebuild(force=True)
    return made


@cache
def given(info: LedgerInfo) -> type[Schema]:
    """Return the shape of a record as it is given."""
    name = _class_name(info)
    values: dict[str, Any] = {}
    computed: dict[str, Any] = {}
    for column in columns(info.name):
        if column.kind in _SHAPES:
            continue
        where = computed if column.computed else values
        where[column.field] = _optional(_given_type(column), described(column))
        where |= {key: _optional(str, text) for key, text in _beside(info, column).items()}
    if info.record == "venture":
        values["currency"] = _optional(str, "Currency of the investment")
    whole: dict[str, Any] = {
        "id": (str, Field(description=f"Name of the record, as in {info.record}:12")),
        "table": (str, ...),
        "code": (str, ...),
        "title": (str, ...),
        "etag": (str, Field(description="State of the record; send it as If-Match to change it")),
        "zones": (list[str], Field(description="Codes of the zones in which it lies")),
        "refers": (dict[str, str], Field(description="Field to the record that it names")),
        "recorded_at": (datetime, ...),
        "values": (create_model(f"{name}Values", **values), ...),
        "computed": (create_model(f"{name}Computed", **computed), ...),
        "geometry": _optional(Geometry, "Null if it is not on the map, or was not asked for"),
        "findings": (list[ProblemFinding], Field(description="What was noticed as it was written")),
    }
    return create_model(name, __base__=Schema, **whole)


@cache
def listed(info: LedgerInfo) -> type[Schema]:
    """Return the shape of a page of records."""
    fields: dict[str, Any] = {
        "items": (list[given(info)], ...),  # type: ignore[misc]
        "next": (str | None, Field(None, description="Address of the next page; null at the end")),
        "total": (int | None, Field(None, description="How many there are, if asked for")),
    }
    return create_model(f"{_class_name(info)}Page", __base__=Schema, **fields)


@cache
def asked(info: LedgerInfo) -> type[Schema]:
    """Return the shape of the parameters by which records are chosen."""
    fields: dict[str, Any] = {
        "limit": (int, Field(50, ge=1, le=500, description="Records on a page")),
        "after": (str | None, Field(None, description="Cursor of the page; follow `next`")),
        "order": (
            str, Field("", description="Fields, comma-separated; - before one turns it round")
        ),
        "text": (str, Field("", max_length=200, description="Part of a code or name")),
        "total": (bool, Field(False, description="Count all records that are chosen")),
        "shapes": (bool, Field(True, description="Give geometries")),
    }  # fmt: skip
    if info.located:
        fields["bbox"] = (
            str | None, Field(None, description="west,south,east,north [degrees]")
        )  # fmt: skip
    for column in columns(info.name):
        if column.filterable:
            fields |= _filters(column)
    return create_model(f"{_class_name(info)}Query", __base__=Schema, **fields)


def _filters(column: ColumnInfo) -> dict[str, Any]:
    """Return the parameters that ask something of a column."""
    name, text = column.field, described(column)
    kind = _TYPES.get(column.kind, str)
    found = {name: _optional(kind, text), f"{name}__ne": _optional(kind, f"Not {text}")}
    if column.kind in _ORDERED:
        for op, words in (("ge", "At least"), ("le", "At most"), ("gt", "Above"), ("lt", "Below")):
            found[f"{name}__{op}"] = _optional(kind, f"{words}: {text}")
    if kind is str:
        found[f"{name}__contains"] = _optional(str, f"Contains: {text}")
        found[f"{name}__in"] = _optional(str, f"One of several, comma-separated: {text}")
    found[f"{name}__empty"] = _optional(bool, f"Whether it is empty: {text}")
    return found


def _own(info: LedgerInfo) -> list[ColumnInfo]:
    return [
        column
        for column in columns(info.name)
        if not column.computed and column.kind not in _SHAPES
    ]
