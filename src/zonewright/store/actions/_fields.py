"""From what a person or program gives for a field to what the record keeps, or what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import shapely
from django.db import models
from django.db.models import QuerySet

from zonewright.core.errors import GeometryError, PeriodError
from zonewright.core.findings import Finding, Severity
from zonewright.core.periods import Period
from zonewright.core.schema import Field
from zonewright.core.units import known_unit, unit
from zonewright.store import models as store
from zonewright.store.access import Access
from zonewright.store.fields import to_wkb
from zonewright.store.mapping import Column, Mapped, editable, kept
from zonewright.store.selectors.record import beside

FIRST_YEAR, LAST_YEAR = 1900, 2100
BOUNDS = ("exact", "ge", "le", "approx")
PRECISIONS = ("d", "m", "y")
CURRENCIES = {"CNY": "元", "USD": "美元"}
_DEFAULTS = {"bound": "exact", "precision": "d"}
_LONGEST = {"code": 100, "text": 20_000}
_MODELS: Mapping[str, Any] = {
    "zone": store.Zone, "parcel": store.Parcel, "work": store.Work, "venture": store.Venture,
    "firm": store.Firm, "indicator": store.Indicator,
}  # fmt: skip
# Growth and balances may be below zero; what is measured may not.
_SIGNED = frozenset({("observations", "value"), ("targets", "value")})
_SERVICE_STATES = range(6)


class _UnfitError(ValueError):
    """A value that a field cannot take: code and parameters of its finding."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


@dataclass(slots=True)
class Draft:
    """What is to be written into a record: attribute to value, and what was found on the way.

    Parameters
    ----------
    mapped
        Kind of the record.
    access
        Who writes: what they do not see they cannot refer to.
    present
        Attribute to value of the record as it stands; empty for a new one.
    """

    mapped: Mapped
    access: Access
    present: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def tell(
        self, code: str, name: str = "", severity: Severity = "error", /, **params: object
    ) -> None:
        """Add a finding about a field."""
        labels: dict[str, object] = {}
        column = next((c for c in editable(self.mapped.record) if c.field.name == name), None)
        if column is not None:
            labels = {"label_en": column.field.label("en"), "label_zh": column.field.label("zh")}
        ids = (str(self.now("code")),) if self.now("code") else ()
        self.findings.append(
            Finding(
                code, severity, self.mapped.table, name, ids=ids, params={**labels, **params}
            )
        )  # fmt: skip

    def now(self, attr: str) -> Any:
        """Return the value that an attribute will have; None if nobody gave one."""
        return self.values.get(attr, self.present.get(attr))

    def changes(self, *attrs: str) -> bool:
        """Return whether one of some attributes is written."""
        return any(attr in self.values for attr in attrs)


def read_values(draft: Draft, given: Mapping[str, object]) -> None:
    """Read what is given by field into a draft; every fault becomes a finding beside its field."""
    columns = {column.field.name: column for column in editable(draft.mapped.record)}
    extras = _extras(draft.mapped)
    for name, value in given.items():
        if name in columns:
            _read(draft, columns[name], value)
        elif name not in extras:
            known = ", ".join([*columns, *extras])
            draft.tell("edit-field-unknown", name, name=name, known=known)
    for name, value in given.items():
        if name in extras:
            _read_beside(draft, name, *extras[name], value)
    _with_currency(draft, given)


def _extras(mapped: Mapped) -> dict[str, tuple[str, Column]]:
    """Return what may be given beside a value: its name to kind and column."""
    found = {
        f"{column.field.name}_{kind}": (kind, column)
        for column in editable(mapped.record)
        for kind, _ in beside(column)
    }
    if mapped.record == "venture":
        money = next(c for c in mapped.columns if c.field.name == "investment")
        found["currency"] = ("currency", money)
        found["fixed_investment_unit"] = ("", money)
    return found


def _read(draft: Draft, column: Column, value: object) -> None:
    item = column.field
    own = draft.mapped.field(column.attr)
    draft.given.add(item.name)
    if isinstance(value, str):
        value = value.strip()
    if value is None or value in ("", {}):
        if item.required:
            draft.tell("edit-required", item.name)
            return
        draft.values[own.attname] = kept(own, None)
        return
    try:
        if column.refers:
            draft.values[own.attname] = _referred(draft, column, value)
            return
        found = _READERS[item.kind](item, value)
        _require_range(draft.mapped, item, own, found)
        draft.values[own.attname] = kept(own, found)
    except _UnfitError as unfit:
        draft.tell(unfit.code, item.name, "error", **unfit.params)
        return
    for kind, attr in beside(column):
        if kind in _DEFAULTS and draft.values[own.attname] != draft.present.get(own.attname):
            draft.values[attr] = _DEFAULTS[kind]


def _read_beside(draft: Draft, name: str, kind: str, column: Column, value: object) -> None:
    if not kind:
        return
    attr = "currency" if kind == "currency" else getattr(column, kind)
    text = "" if value is None else str(value).strip()
    if kind == "unit":
        if text and not _fits(column.field, text, draft.mapped):
            draft.tell("edit-unit", column.field.name, value=text, unit=column.field.unit)
            return
        draft.values[attr] = unit(text).code if text else ""
        return
    allowed = {"bound": BOUNDS, "precision": PRECISIONS, "currency": tuple(CURRENCIES)}[kind]
    if text and text not in allowed:
        draft.tell("edit-choice", column.field.name, value=text, known=", ".join(allowed))
        return
    draft.values[attr] = text or allowed[0]
    draft.given.add(name)


def _fits(item: Field, text: str, mapped: Mapped) -> bool:
    if not known_unit(text):
        return False
    dimension = unit(text).dimension
    foreign = mapped.record == "venture" and item.kind == "money" and dimension == "usd"
    return foreign or dimension == unit(item.unit).dimension


def _with_currency(draft: Draft, given: Mapping[str, object]) -> None:
    """Take a project's currency from the unit in which its investment was written."""
    if draft.mapped.record != "venture" or given.get("currency"):
        return
    written = [given.get("investment_unit"), given.get("fixed_investment_unit")]
    said = [unit(str(name)).dimension for name in written if name and known_unit(str(name))]
    if said:
        draft.values["currency"] = said[0].upper()


def _referred(draft: Draft, column: Column, value: object) -> int:
    """Return the primary key of what a code names, if whoever writes may see it."""
    rows: QuerySet[Any] = _MODELS[column.refers].objects.filter(code=str(value))
    if column.refers != "indicator":
        rows = draft.access.narrow(rows)
    key = rows.values_list("pk", flat=True).first()
    if key is None:
        raise _UnfitError("edit-reference-unknown", value=value)
    return int(key)


def _text(item: Field, value: object) -> str:
    if not isinstance(value, str | int):
        raise _UnfitError("edit-text", value=value)
    text = str(value)
    longest = _LONGEST.get(item.kind, _LONGEST["text"])
    if len(text) > longest:
        raise _UnfitError("edit-text-long", longest=longest)
    spaces = ("\n", "\t") if item.kind == "text" else ()
    if any(not sign.isprintable() and sign not in (*spaces, "\u3000") for sign in text):
        raise _UnfitError("edit-text-signs")
    return text


def _number(_item: Field, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _UnfitError("edit-number", value=value)
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise _UnfitError("edit-number", value=value) from error
    if not number.is_finite():
        raise _UnfitError("edit-number", value=value)
    return number


def _day(_item: Field, value: object) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise _UnfitError("edit-date", value=value) from error
    return day.date() if isinstance(day, datetime) else day


def _month(_item: Field, value: object) -> date:
    if isinstance(value, date):
        return value.replace(day=1)
    try:
        period = value if isinstance(value, Period) else Period.parse(str(value))
    except PeriodError as error:
        raise _UnfitError("edit-month", value=value) from error
    if period.months != 1:
        raise _UnfitError("edit-month", value=value)
    return period.start_on


def _period(_item: Field, value: object) -> str:
    try:
        return str(value if isinstance(value, Period) else Period.parse(str(value)))
    except PeriodError as error:
        raise _UnfitError(error.code, **error.params) from error


def _year(_item: Field, value: object) -> int:
    try:
        return int(str(value))
    except ValueError as error:
        raise _UnfitError("edit-number", value=value) from error


def _bool(_item: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise _UnfitError("edit-choice", value=value, known="true, false")
    return value


def _choice(item: Field, value: object) -> str:
    if value not in item.choices:
        raise _UnfitError("edit-choice", value=value, known=", ".join(item.choices))
    return str(value)


def _unit(_item: Field, value: object) -> str:
    if not known_unit(str(value)):
        raise _UnfitError("edit-unit-unknown", value=value)
    return unit(str(value)).code


def _points(item: Field, value: object) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise _UnfitError("edit-points")
    found = {}
    for month, share in value.items():
        if not str(month).isdecimal() or not 1 <= int(month) <= 12:
            raise _UnfitError("edit-points")
        number = float(_number(item, share))
        if not 0 <= number <= 100:
            raise _UnfitError("edit-points")
        found[str(int(month))] = number
    return dict(sorted(found.items(), key=lambda pair: int(pair[0])))


def _services(item: Field, value: object) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise _UnfitError("edit-services", known=", ".join(item.choices))
    found = {}
    for name, state in value.items():
        if state in (None, ""):
            continue
        if name not in item.choices or str(state) not in map(str, _SERVICE_STATES):
            raise _UnfitError("edit-services", known=", ".join(item.choices))
        found[str(name)] = int(str(state))
    return found


def _shape(item: Field, value: object) -> bytes:
    """Return a geometry as WKB, polygons as a multipolygon where the field wants one."""
    try:
        wkb = to_wkb(value)
        shape = shapely.from_wkb(wkb)
    except (GeometryError, shapely.errors.ShapelyError) as error:
        raise _UnfitError("edit-geometry-unreadable") from error
    shape = shapely.force_2d(shape)
    if shape.is_empty:
        raise _UnfitError("edit-geometry-empty")
    west, south, east, north = shape.bounds
    if 73 <= south <= north <= 136 and 3 <= west <= east <= 54:
        raise _UnfitError("edit-geometry-swapped")
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise _UnfitError("edit-geometry-degrees")
    if item.kind == "multipolygon":
        if shape.geom_type not in ("Polygon", "MultiPolygon"):
            raise _UnfitError("edit-geometry-kind", found=shape.geom_type)
        shape = shapely.multipolygons([shape]) if shape.geom_type == "Polygon" else shape
    if not shape.is_valid:
        raise _UnfitError("edit-geometry-fault", reason=shapely.is_valid_reason(shape))
    return to_wkb(shape) or b""


_READERS: Mapping[str, Callable[[Field, object], object]] = {
    "code": _text, "text": _text, "choice": _choice, "number": _number, "money": _number,
    "energy": _number, "percent": _number, "area": _number, "date": _day, "month": _month,
    "period": _period, "year": _year, "bool": _bool, "unit": _unit, "points": _points,
    "services": _services, "geometry": _shape, "multipolygon": _shape,
}  # fmt: skip


def _require_range(mapped: Mapped, item: Field, own: models.Field[Any, Any], value: object) -> None:
    if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise _UnfitError("edit-year", low=FIRST_YEAR, high=LAST_YEAR)
    if item.kind == "year" and not FIRST_YEAR <= int(str(value)) <= LAST_YEAR:
        raise _UnfitError("edit-year", low=FIRST_YEAR, high=LAST_YEAR)
    if not isinstance(value, Decimal):
        return
    if item.kind == "percent" and not 0 <= value <= 100:
        raise _UnfitError("edit-percent", value=value)
    if item.kind == "area" and value <= 0:
        raise _UnfitError("edit-above-zero", value=value)
    if value < 0 and (mapped.table, item.name) not in _SIGNED:
        raise _UnfitError("edit-not-below-zero", value=value)
    most = Decimal(10) ** 15
    if isinstance(own, models.DecimalField):
        most = Decimal(10) ** (own.max_digits - own.decimal_places)
    if abs(value) >= most:
        raise _UnfitError("edit-number-large", value=value)
