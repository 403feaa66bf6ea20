"""Records of one table while an import works on them: looked up, changed, written at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zonewright.core.findings import Place
from zonewright.store.actions import _bulk
from zonewright.store.actions._references import folded
from zonewright.store.actions._shapes import measured, same_shape
from zonewright.store.fields import BOX
from zonewright.store.mapping import Mapped

Key = tuple[object, ...]
# Of more values of a part of the key than this, a table is read whole.
_MOST_ASKED = 400


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row was read: file, sheet, row, and columns that differ from its sheet's."""

    source: int
    sheet: str
    row: int
    columns: Mapping[str, str]


@dataclass(slots=True)
class Record:
    """A record as it will be; `before` keeps what it was, where it changed.

    `places` tells where fields stand that are checked once every file is read.
    """

    values: dict[str, object]
    place: Place
    pk: int | None = None
    before: dict[str, object] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, object]:
        """The new values of what changed in a record that was there before."""
        return {} if self.pk is None else {name: self.values[name] for name in self.before}


def _blank(field: Any) -> tuple[str, object, Callable[[], object] | None]:
    """Return a field's name, what it holds if nobody said, and what makes that anew if need be."""
    made = field.has_default() and callable(field.default) and not field.null
    make = field.default if made else None
    return field.attname, None if field.null or make else field.get_default(), make


class Pool:
    """The records of a table by key.

    Parameters
    ----------
    mapped
        The table.
    at
        When the workspace learns of what is written.
    rows
        Values of all rows that will be looked up: records whose key none of them can have are not
        read, so that one month's return does not read ten years. None reads every record.
    """

    def __init__(
        self, mapped: Mapped, *, at: datetime, rows: Sequence[Mapping[str, object]] | None = None
    ) -> None:
        self.mapped = mapped
        self.at = at
        self.records: dict[Key, Record] = {}
        self.touched: dict[Key, Record] = {}
        self.changed: list[Record] = []
        self.said_twice: dict[tuple[str, str, str], list[tuple[Record, Place, Place]]] = {}
        self.fields = {field.attname: field for field in mapped.model._meta.concrete_fields}
        self._alike: dict[str, str] | None = None
        self._blanks = [_blank(field) for field in self.fields.values() if not field.primary_key]
        self._geometry = "geometry" in self.fields
        self._read({} if rows is None else self._asked(rows))

    def _asked(self, rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
        """Return what the parts of the key may be, of those parts that have few values."""
        found = {name: {row.get(name) for row in rows} for name in self.mapped.key}
        return {
            f"{name}__in": list(values)
            for name, values in found.items()
            if len(values) <= _MOST_ASKED and None not in values
        }

    def _read(self, asked: Mapping[str, object]) -> None:
        kept = self.mapped.model._default_manager.filter(**asked).order_by("pk")
        for values in kept.values(*self.fields):
            record = Record(values, Place(), pk=values.pop("id"))
            self.records[self.key(values)] = record

    def spelt_otherwise(self, code: str) -> str:
        """Return the code of a record that is spelt like an unknown one but for case or spaces."""
        if (code,) in self.records:
            return ""
        if self._alike is None:
            self._alike = {folded(str(key[0])): str(key[0]) for key in self.records}
        return "" if (other := self._alike.setdefault(folded(code), code)) == code else other

    def key(self, values: Mapping[str, object]) -> Key:
        """Return the key of a row's values."""
        return tuple([values.get(name) for name in self.mapped.key])

    def apply(
        self,
        values: Mapping[str, object],
        *,
        origin: Origin,
        place: Place,
        names: Mapping[str, str],
    ) -> Record:
        """Write a row's values into its record, which is made if there is none.

        Parameters
        ----------
        values
            Attribute to value; the key is among them.
        origin, place
            Where the row was read.
        names
            Attribute to the field that it came from.
        """
        key = self.key(values)
        record = self.records.get(key)
        if record is None:
            record = self.add(values, origin=origin, place=place)
            self.records[key] = record
        else:
            changed = [name for name in values if self.differs(record, name, values[name])]
            self._note_said_twice(record, changed, names, place)
            for name in changed:
                self.change(record, name, values[name])
            self._credit(record, {names[name] for name in changed if name in names}, origin)
            record.place = place
        record.fields.update(names.values())
        self.touched[key] = record
        return record

    def _note_said_twice(
        self, record: Record, changed: list[str], names: Mapping[str, str], place: Place
    ) -> None:
        """Note values that this import gave before and now gives otherwise."""
        for name in changed:
            field = names.get(name, "")
            if field in record.fields and record.values[name] not in (None, "", {}):
                group = (field, record.place.file, place.file)
                self.said_twice.setdefault(group, []).append((record, record.place, place))

    def add(self, values: Mapping[str, object], *, origin: Origin, place: Place) -> Record:
        """Return a new record; what the row does not say is blank."""
        blank = {name: make() if make else fixed for name, fixed, make in self._blanks}
        source = {
            "source_id": origin.source,
            "sheet": origin.sheet,
            "row": origin.row,
            "columns": dict(origin.columns),
            "origins": [],
            "recorded_at": self.at,
        }
        return Record({**blank, **values, **source}, place)

    def differs(self, record: Record, name: str, value: object) -> bool:
        """Return whether a value is not the one that the record has."""
        present = record.values[name]
        if name == "geometry":
            return not same_shape(present, value)  # type: ignore[arg-type]
        return present != value

    def change(self, record: Record, name: str, value: object) -> None:
        """Change a value, keeping what a record of the workspace had."""
        if record.pk is None:
            record.values[name] = value
            return
        record.before.setdefault(name, record.values[name])
        record.values[name] = value
        if record.before[name] == value:
            del record.before[name]

    def _credit(self, record: Record, fields: set[str], origin: Origin) -> None:
        """Note that another file than the record's own gave fields."""
        if not fields:
            return
        values = record.values
        rest = []
        for group in values["origins"]:  # type: ignore[attr-defined]
            left = [name for name in group["fields"] if name not in fields]
            if left:
                rest.append({**group, "fields": left})
        own = (values["source_id"], values["sheet"], values["row"])
        if own != (origin.source, origin.sheet, origin.row):
            group = {
                "source": origin.source,
                "sheet": origin.sheet,
                "row": origin.row,
                "columns": dict(origin.columns),
            }
            same = next((g for g in rest if {**g, "fields": []} == {**group, "fields": []}), None)
            if same is None:
                rest.append({**group, "fields": sorted(fields)})
            else:
                same["fields"] = sorted({*same["fields"], *fields})
        if rest != values["origins"]:
            self.change(record, "origins", rest)

    def created(self) -> Iterator[Record]:
        """Yield the records that were not there before."""
        return (record for record in self.touched.values() if record.pk is None)

    def updated(self) -> Iterator[Record]:
        """Yield the records that were there and changed."""
        return (record for record in self.touched.values() if record.changes)

    def write(self) -> None:
        """Write what is new and what changed, with boxes and areas of changed geometries."""
        self._measure()
        new = list(self.created())
        changed = [(record.pk, record.changes) for record in self.updated()]
        keys = _bulk.insert(self.mapped.model, [record.values for record in new])
        _bulk.update(self.mapped.model, changed)  # type: ignore[arg-type]
        self.changed = [record for record in self.touched.values() if record.before]
        for record, key in zip(new, keys, strict=True):
            record.pk = key

    def _measure(self) -> None:
        if not self._geometry:
            return
        moved = [record for record in self.touched.values() if self._moved(record)]
        drawn = [record for record in moved if record.values["geometry"] is not None]
        with_area = "area_m2" in self.fields
        shapes = [record.values["geometry"] for record in drawn]
        found = measured(shapes, with_area=with_area) if shapes else []  # type: ignore[arg-type]
        for record, values in zip(drawn, found, strict=True):
            for name, value in values.items():
                self.change(record, name, value)
        for record in moved:
            if record.values["geometry"] is None:
                for name in (*BOX, "area_m2") if with_area else BOX:
                    self.change(record, name, None)

    def _moved(self, record: Record) -> bool:
        return record.pk is None or "geometry" in record.before
