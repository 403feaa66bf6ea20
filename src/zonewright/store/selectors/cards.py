"""Records as a reader sees them, with the file, sheet, row and column they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.findings import Place
from zonewright.core.records import RecordCard
from zonewright.core.units import convert, unit
from zonewright.store.mapping import BY_RECORD, FIRM_INDICATORS, Column, Mapped, is_key
from zonewright.store.models import Milestone, SourceFile

Values = Mapping[str, Any]
# What stands for the file where somebody wrote a value in the desk or through the API: a card's
# place is the same text in both languages.
BY_HAND = "直接录入 · entered by hand"
# SQLite takes at most 999 parameters in older builds.
_CHUNK = 900
_ORIGIN = ("source_id", "sheet", "row", "columns", "origins")
_MORE: Mapping[str, tuple[str, ...]] = {
    "zone_version": ("zone__code", "zone__name"),
    "membership": ("parent__name", "child__name"),
    "work_month": ("work__name",),
    "milestone": ("venture__name",),
    "observation": ("indicator__name", "zone__name", "firm__code", "firm__name"),
    "target": ("indicator__name", "zone__name"),
    "venture": ("currency",),
    "outline_item": ("wording",),
    "parcel_event": tuple(f"parcel__{name}" for name in _ORIGIN),
}
_NAMES: Mapping[str, Callable[[Values], tuple[str, str]]] = {
    "zone_version": lambda row: (row["zone__code"], row["zone__name"]),
    "membership": lambda row: (row["child__code"], f"{row['parent__name']} › {row['child__name']}"),
    "parcel": lambda row: (row["code"], row["code"]),
    "parcel_event": lambda row: (row["parcel__code"], f"{row['parcel__code']} · {row['stage']}"),
    "work_month": lambda row: (row["work__code"], f"{row['work__name']} · {row['month']:%Y-%m}"),
    "milestone": lambda row: (row["venture__code"], f"{row['venture__name']} · {row['step']}"),
    "observation": lambda row: (
        row["firm__code"] or row["zone__code"],
        f"{row['indicator__name']} · {row['firm__name'] or row['zone__name']} · {row['period']}",
    ),
    "target": lambda row: (
        row["zone__code"], f"{row['indicator__name']} · {row['zone__name']} · {row['year']}",
    ),
    "quota_entry": lambda row: (row["code"], row["document"] or row["code"]),
    "fund_entry": lambda row: (row["code"], row["document"] or row["code"]),
    "outline_item": lambda row: (row["code"], row["wording"] or row["code"]),
}  # fmt: skip


def titles_need(record: str) -> tuple[str, ...]:
    """Return what must be read of a kind of records, besides its columns, to name one."""
    return tuple(name for name in _MORE.get(record, ()) if not name.startswith("parcel__"))


def title_of(record: str, row: Values) -> tuple[str, str]:
    """Return the code of a record, or of what it belongs to, and what a reader would call it."""
    return _NAMES.get(record, _code_and_name)(row)


def record_cards(records: Sequence[str], *, reads: str = "") -> list[RecordCard]:
    """Return records by name, in the order asked.

    Parameters
    ----------
    records
        Names as in the frames of `facts`: ``"parcel_event:123"``.
    reads
        Column of those frames that is read, whose cell is the card's place: an amount, or the day
        by which records are counted. Empty, or unknown to a kind: what decides of that kind.

    Raises
    ------
    UnknownReferenceError
        If a name is unreadable or no such record exists.
    """
    wanted: dict[str, list[int]] = {}
    for name in records:
        kind, _, number = name.partition(":")
        if kind not in BY_RECORD or not is_key(number):
            raise UnknownReferenceError("record-unknown", record=name)
        wanted.setdefault(kind, []).append(int(number))
    files = SourceFile.objects.only("name", "columns").in_bulk() if wanted else {}
    found: dict[str, RecordCard] = {}
    for kind, numbers in wanted.items():
        mapped = BY_RECORD[kind]
        signed = _signed(numbers, files) if (kind, reads) == ("venture", "signed_on") else {}
        for row in _rows(mapped, numbers):
            card = _card(mapped, row, files, reads)
            found[card.record] = replace(card, place=signed.get(row["pk"], card.place))
    missing = next((name for name in records if name not in found), None)
    if missing is not None:
        raise UnknownReferenceError("record-unknown", record=missing)
    return [found[name] for name in records]


def _signed(numbers: Sequence[int], files: Mapping[int, SourceFile]) -> dict[int, Place]:
    """Return where the day of signing stands of each project: a step, with a cell of its own."""
    found = {}
    unique = list(dict.fromkeys(numbers))
    for start in range(0, len(unique), _CHUNK):
        asked = unique[start : start + _CHUNK]
        steps = Milestone.objects.filter(step="signed", venture__in=asked).order_by()
        for row in steps.values("venture_id", *_ORIGIN):
            told = next((item for item in row["origins"] if "actual_on" in item["fields"]), row)
            found[row["venture_id"]] = _place(told, "milestones", "actual_on", files)
    return found


def _rows(mapped: Mapped, numbers: Sequence[int]) -> Iterator[Values]:
    paths = [_path(column) for column in mapped.columns if column.field.kind not in _SHAPES]
    beside = [name for column in mapped.columns for name in _beside(column)]
    place = ("pk", "source_id", "sheet", "row", "columns", "origins", "recorded_at")
    names = dict.fromkeys((*place, *paths, *beside, *_MORE.get(mapped.record, ())))
    manager = mapped.model._default_manager.order_by()
    unique = list(dict.fromkeys(numbers))
    for start in range(0, len(unique), _CHUNK):
        yield from manager.filter(pk__in=unique[start : start + _CHUNK]).values(*names)


_SHAPES = ("geometry", "multipolygon")
_PLAIN = ("year", "code", "text", "choice", "period", "unit")


def _path(column: Column) -> str:
    return f"{column.attr.removesuffix('_id')}__code" if column.refers else column.attr


def _beside(column: Column) -> tuple[str, ...]:
    return tuple(name for name in (column.unit, column.bound, column.precision) if name)


def _card(
    mapped: Mapped, row: Values, files: Mapping[int, SourceFile], reads: str
) -> RecordCard:  # fmt: skip
    code, title = _NAMES.get(mapped.record, _code_and_name)(row)
    table, decisive = mapped.table, mapped.decisive
    if row.get("kind") == "standard_factory":
        decisive = "floor_area"
    named = (column.field.name for column in mapped.columns if reads and column.attr == reads)
    decisive = next(named, decisive)
    if mapped.record == "observation" and row["firm__code"]:
        table = "firm_months"
        fields = {indicator: field for field, indicator in FIRM_INDICATORS.items()}
        decisive = fields.get(row["indicator__code"], decisive)
    origins = {name: origin for origin in row["origins"] for name in origin["fields"]}
    own = _columns(row, table, files)
    elsewhere = {name: _place(origin, table, name, files) for name, origin in origins.items()}
    place = elsewhere.get(decisive) or _own_place(row, table, decisive, files)
    recorded: datetime = row["recorded_at"]
    return RecordCard(
        record=f"{mapped.record}:{row['pk']}",
        code=code,
        title=title,
        values=_values(mapped, row),
        place=place,
        columns={**own, **{name: str(other) for name, other in elsewhere.items()}},
        recorded_at=recorded.astimezone(UTC).isoformat(timespec="seconds"),
        measured=_shape_of_parcel(row, files) if mapped.record == "parcel_event" else None,
    )


def _own_place(row: Values, table: str, name: str, files: Mapping[int, SourceFile]) -> Place:
    """Return where a field stands that no other file gave; of a record made by hand, that."""
    if row["source_id"] is None and row["origins"]:
        return _place(row["origins"][0], table, name, files)
    return _place(row, table, name, files)


def _shape_of_parcel(row: Values, files: Mapping[int, SourceFile]) -> Place | None:
    """Return where the shape of an event's parcel was drawn; None if it is not on a map."""
    parcel = {name: row[f"parcel__{name}"] for name in _ORIGIN}
    drawn = next((origin for origin in parcel["origins"] if "geometry" in origin["fields"]), parcel)
    place = _place(drawn, "parcels", "geometry", files)
    return place if place.column or place.file == BY_HAND else None


def _code_and_name(row: Values) -> tuple[str, str]:
    return row["code"], row["name"] or row["code"]


def _columns(origin: Values, table: str, files: Mapping[int, SourceFile]) -> dict[str, str]:
    source = files.get(origin.get("source_id") or origin.get("source") or 0)
    columns = source.columns.get(origin["sheet"], {}).get(table, {}) if source else {}
    return {**columns, **origin.get("columns", {})}


def _place(origin: Values, table: str, name: str, files: Mapping[int, SourceFile]) -> Place:
    if origin.get("by"):
        on = timezone.localdate(datetime.fromisoformat(origin["at"]))
        return Place(BY_HAND, f"{origin['by']} · {on:%Y-%m-%d}")
    source = files.get(origin.get("source_id") or origin.get("source") or 0)
    column = _columns(origin, table, files).get(name, "")
    return Place(source.name if source else "", origin["sheet"], origin["row"], column)


def _values(mapped: Mapped, row: Values) -> dict[str, str]:
    found = {}
    for column in mapped.columns:
        if column.field.kind in _SHAPES:
            continue
        value = row[_path(column)]
        if value not in (None, "", {}):
            found[column.field.name] = _text(column, value, row)
    return found


def _text(column: Column, value: object, row: Values) -> str:
    """Return a value as plain text, with its unit and with what was said besides."""
    field = column.field
    if isinstance(value, date):
        return _day(value, row[column.precision] if column.precision else "d", field.kind)
    if isinstance(value, dict):
        return " · ".join(f"{name} {item}" for name, item in value.items())
    if isinstance(value, bool) or field.kind in _PLAIN:
        return str(value)
    bound = _BOUNDS.get(row[column.bound], "") if column.bound else ""
    return bound + _quantity(column, value, row)


_BOUNDS = {"ge": "≥ ", "le": "≤ ", "approx": "≈ "}


def _day(value: date, precision: str, kind: str) -> str:
    form = "%Y-%m" if precision == "m" or kind == "month" else "%Y-%m-%d"
    return f"{value:%Y}" if precision == "y" else value.strftime(form)


def _quantity(column: Column, value: Any, row: Values) -> str:
    kind, base = column.field.kind, column.field.unit
    if kind == "money" and row.get("currency") == "USD":
        base = "美元"
    shown = (row[column.unit] if column.unit else "") or base
    if kind in ("area", "money", "energy") and shown and base and shown != base:
        if unit(shown).dimension == unit(base).dimension:
            value = float(convert(value, base, shown))
    elif kind == "percent":
        shown = "%"
    elif kind == "number" and "unit" in row:
        shown = row["unit"]
    number = f"{value:,.6f}".rstrip("0").rstrip(".")
    return f"{number} {unit(shown).code}".strip() if shown else number
