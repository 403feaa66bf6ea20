"""How the fields of the exchanged tables (`core.schema`) stand in the models.

Reading, merging, exporting and showing a record all follow this one description.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from django.db import models

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.core.schema import Field, table
from zonewright.store import models as store
from zonewright.store.fields import GeometryField, to_wkb

# What a zone's boundary is dated by if no file says since when it holds.
EVER = date(1970, 1, 1)
# Digits of the largest key that a database keeps, less one.
_LONGEST_KEY = 18


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field of a table stands in a model.

    Parameters
    ----------
    field
        The field, as in ``core.schema``.
    attr
        The model's attribute.
    refers
        Kind of record that the field names by its code (``zone``, ``parcel`` …); empty if none.
    unit, bound, precision
        Attributes that keep what the text said besides the value.
    """

    field: Field
    attr: str
    refers: str = ""
    unit: str = ""
    bound: str = ""
    precision: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A table and the model of its records.

    Parameters
    ----------
    table
        Table of ``core.schema``.
    record
        Prefix of record names, as in ``parcel_event:123``.
    model
        Model of a row.
    columns
        Its fields.
    key
        Attributes that identify a record.
    decisive
        Field that figures read; its cell is the record's place.
    """

    table: str
    record: str
    model: type[models.Model]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    decisive: str

    def field(self, attr: str) -> models.Field[Any, Any]:
        """Return the model's field of an attribute."""
        found = self.model._meta.get_field(attr)
        if not isinstance(found, models.Field):
            raise KeyError(attr)
        return found

    def column(self, name: str) -> Column | None:
        """Return the column of a field; None if the model does not keep it."""
        return next((column for column in self.columns if column.field.name == name), None)


_REFERS = {
    "zone": "zone", "parent": "zone", "child": "zone", "parcel": "parcel", "work": "work",
    "venture": "venture", "firm": "firm", "indicator": "indicator",
}  # fmt: skip
_ATTRS = {
    ("works", "total_cost"): "total_cost_cny",
    ("works", "year_plan"): "year_plan_cny",
    ("works", "floor_area"): "floor_area_m2",
    ("work_months", "invested"): "invested_cny",
    ("work_months", "invested_ytd"): "invested_ytd_cny",
    ("ventures", "land"): "land_m2",
    ("ventures", "floor_area"): "floor_area_m2",
    ("parcels", "reported_area"): "reported_area_m2",
    ("quota_entries", "area"): "area_m2",
    ("fund_entries", "amount"): "amount_cny",
}
_BESIDE = {
    ("parcels", "reported_area"): {"unit": "reported_area_unit", "bound": "reported_area_bound"},
    ("parcel_events", "on"): {"precision": "on_precision"},
    ("milestones", "actual_on"): {"precision": "actual_precision"},
    ("ventures", "investment"): {"unit": "investment_unit", "bound": "investment_bound"},
    ("observations", "value"): {"bound": "bound"},
    ("quota_entries", "area"): {"unit": "area_unit"},
    ("fund_entries", "amount"): {"unit": "amount_unit"},
}
_NOT_KEPT = {("quota_entries", "balance"), ("fund_entries", "balance")}
_VERSION_FIELDS = ("valid_from", "valid_to", "legal_basis", "geometry")


def _columns(name: str, model: type[models.Model]) -> tuple[Column, ...]:
    found = []
    attributes = {field.name for field in model._meta.get_fields()}
    for field in table(name).fields:
        place = (name, field.name)
        refers = _REFERS.get(field.name, "") if field.kind == "code" else ""
        attr = _ATTRS.get(place, f"{field.name}_id" if refers else field.name)
        if place not in _NOT_KEPT and attr.removesuffix("_id" if refers else "") in attributes:
            found.append(Column(field, attr, refers, **_BESIDE.get(place, {})))
    return tuple(found)


def _mapped(
    name: str, record: str, model: type[models.Model], *key: str, decisive: str = ""
) -> Mapped:
    columns = _columns(name, model)
    return Mapped(name, record, model, columns, key or ("code",), decisive or columns[0].field.name)


def _zone_versions() -> Mapped:
    fields = table("zones")
    columns = tuple(Column(fields[name], name) for name in _VERSION_FIELDS)
    key = ("zone_id", "valid_from")
    return Mapped("zones", "zone_version", store.ZoneVersion, columns, key, "geometry")


ZONES = _mapped("zones", "zone", store.Zone)
ZONE_VERSIONS = _zone_versions()
MEMBERSHIPS = _mapped(
    "memberships", "membership", store.Membership, "parent_id", "child_id", "hierarchy",
    decisive="child",
)  # fmt: skip
PLANS = _mapped("plans", "plan", store.Plan)
PARCELS = _mapped("parcels", "parcel", store.Parcel, decisive="geometry")
PARCEL_EVENTS = _mapped(
    "parcel_events", "parcel_event", store.ParcelEvent, "parcel_id", "stage", decisive="on"
)
WORKS = _mapped("works", "work", store.Work, decisive="started_on")
WORK_MONTHS = _mapped(
    "work_months", "work_month", store.WorkMonth, "work_id", "month", decisive="invested"
)
VENTURES = _mapped("ventures", "venture", store.Venture, decisive="investment")
MILESTONES = _mapped(
    "milestones", "milestone", store.Milestone, "venture_id", "step", decisive="actual_on"
)
FIRMS = _mapped("firms", "firm", store.Firm)
OBSERVATIONS = _mapped(
    "observations", "observation", store.Observation, "indicator_id", "zone_id", "firm_id",
    "period", decisive="value",
)  # fmt: skip
TARGETS = _mapped(
    "targets", "target", store.Target, "indicator_id", "zone_id", "year", "subject",
    decisive="value",
)  # fmt: skip
QUOTA_ENTRIES = _mapped("quota_entries", "quota_entry", store.QuotaEntry, decisive="area")
FUND_ENTRIES = _mapped("fund_entries", "fund_entry", store.FundEntry, decisive="amount")
NO_GO = _mapped("no_go", "no_go", store.NoGo, decisive="geometry")
OUTLINE = _mapped("outline", "outline_item", store.OutlineItem)

# In the order in which tables are written: what is referred to comes first.
ALL = (
    ZONES, ZONE_VERSIONS, MEMBERSHIPS, PLANS, PARCELS, WORKS, VENTURES, FIRMS, PARCEL_EVENTS,
    WORK_MONTHS, MILESTONES, OBSERVATIONS, TARGETS, QUOTA_ENTRIES, FUND_ENTRIES, NO_GO, OUTLINE,
)  # fmt: skip
BY_RECORD: Mapping[str, Mapped] = {mapped.record: mapped for mapped in ALL}
# Kinds of which rows are only added: a correction is a later row, the latest of its key counts.
SERIES = frozenset({"parcel_event", "work_month", "observation"})
# What whoever reports may write; everything else is the planner's.
_REPORTED = frozenset({"parcel_event", "work_month", "milestone"})
# Field of a firm's monthly return to the indicator of which it is an observation.
FIRM_INDICATORS = {
    "output": "output", "value_added": "value_added", "tax": "tax", "power": "power_use",
}  # fmt: skip

# What a record is named by in the desk and the API: its table, and a zone's boundaries apart.
NAMES: Mapping[str, Mapped] = {
    "zone_versions" if mapped is ZONE_VERSIONS else mapped.table: mapped for mapped in ALL
}
_NAME_OF = {mapped.record: name for name, mapped in NAMES.items()}


def ledger(name: str) -> Mapped:
    """Return the records of a name (`NAMES`), or of a prefix as in ``parcel``.

    Raises
    ------
    UnknownReferenceError
        If there are none of that name.
    """
    found = NAMES.get(name) or BY_RECORD.get(name)
    if found is None:
        raise UnknownReferenceError("ledger-unknown", name=name, known=", ".join(NAMES))
    return found


def name_of(mapped: Mapped) -> str:
    """Return the name (`NAMES`) of a kind of records."""
    return _NAME_OF[mapped.record]


def writing(mapped: Mapped) -> Literal["plan", "report"]:
    """Return what somebody must be allowed to do who writes records of a kind."""
    return "report" if mapped.record in _REPORTED else "plan"


@cache
def editable(record: str) -> tuple[Column, ...]:
    """Return the columns that a person fills in: those of files, and what a file's table implies.

    A boundary names its zone, and an observation may be of a firm instead of a zone.
    """
    mapped = BY_RECORD[record]
    if mapped is ZONE_VERSIONS:
        zone = replace(table("plans")["zone"], key=True)
        since = replace(table("zones")["valid_from"], required=True, key=True)
        rest = [column for column in mapped.columns if column.field.name != "valid_from"]
        return (Column(zone, "zone_id", "zone"), Column(since, "valid_from"), *rest)
    if mapped is OBSERVATIONS:
        firm = replace(table("firm_months")["firm"], required=False)
        return tuple(
            found
            for column in mapped.columns
            for found in (
                (replace(column, field=replace(column.field, required=False)),
                 Column(firm, "firm_id", "firm"))
                if column.field.name == "zone"
                else (column,)
            )
        )  # fmt: skip
    return mapped.columns


def kept(field: models.Field[Any, Any], value: object) -> object:
    """Return a value of ``core.records`` as a model's field keeps it; an empty one as its blank."""
    if value is None:
        return _blank(field)
    if isinstance(field, GeometryField):
        return to_wkb(value)
    if isinstance(field, models.DecimalField):
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-field.decimal_places))
    if isinstance(field, models.FloatField):
        return float(value)  # type: ignore[arg-type]
    if isinstance(field, models.DateField):
        return value.start_on if isinstance(value, Period) else value
    if isinstance(field, models.JSONField):
        return {str(key): item for key, item in dict(value).items()}  # type: ignore[call-overload]
    if isinstance(field, models.TextField | models.CharField):
        return str(value)
    return value


def _blank(field: models.Field[Any, Any]) -> object:
    return None if field.null else field.get_default()


def is_key(text: str) -> bool:
    """Return whether a text can be the primary key of a record: no longer than one can be."""
    return text.isdecimal() and len(text) <= _LONGEST_KEY
