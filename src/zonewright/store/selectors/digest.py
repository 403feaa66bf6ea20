"""A workspace's digest by content: what its records say, whenever and in which order they came.

Primary keys and times of recording are left out, references are told by codes: whoever replays the
same files and steps from scratch gets the same digest, on either database.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db import models

from zonewright.store import models as store
from zonewright.store.mapping import ALL, BY_RECORD
from zonewright.store.models import orders
from zonewright.store.selectors.record import plain

# Kinds whose rows others refer to, with the fields by which a row is known.
_KNOWN_BY: Mapping[type[models.Model], tuple[str, ...]] = {
    store.Zone: ("code",),
    store.Parcel: ("code",),
    store.Work: ("code",),
    store.Venture: ("code",),
    store.Firm: ("code",),
    store.Plan: ("code",),
    store.Indicator: ("code",),
    store.NoGo: ("code",),
    store.QuotaEntry: ("code",),
    store.FundEntry: ("code",),
    store.OutlineItem: ("code",),
    store.ZoneVersion: ("zone__code", "valid_from"),
    store.Membership: ("parent__code", "child__code", "hierarchy"),
    store.Milestone: ("venture__code", "step"),
    store.ParcelEvent: ("parcel__code", "stage", "on"),
    store.WorkMonth: ("work__code", "month", "invested_cny", "invested_ytd_cny"),
    store.Observation: ("indicator__code", "zone__code", "firm__code", "period", "value"),
    store.Target: ("indicator__code", "zone__code", "year", "subject"),
    store.SourceFile: ("sha256",),
    store.Return: ("kind", "zone__code", "period"),
    store.ReturnVersion: ("of__kind", "of__zone__code", "of__period", "number"),
    orders.Order: ("code",),
    orders.OrderStep: ("of__code", "action", "by", "text"),
    store.User: ("username",),
}
# What has a digest: the records, and what tells of returns, orders and targets.
_TOLD: tuple[type[models.Model], ...] = (
    *(mapped.model for mapped in ALL), store.Indicator, store.TargetVersion, store.SourceFile,
    store.Return, store.ReturnVersion, store.ReturnStep, store.Publication, orders.Order,
    orders.OrderStep, store.Attachment, store.Grant,
)  # fmt: skip
# What follows from other rows, or tells of a moment.
_LEFT_OUT: Mapping[type[models.Model], frozenset[str]] = {
    store.Publication: frozenset({"as_of", "fingerprint"}),
    store.SourceFile: frozenset({"findings"}),
}
_DERIVED = frozenset({"place", "west", "south", "east", "north"})
_RECORD = re.compile(r"^([a-z_]+):(\d{1,18})$")
_ALSO: Mapping[str, type[models.Model]] = {
    "order": orders.Order, "order_step": orders.OrderStep, "return": store.Return,
}  # fmt: skip
_MOMENTS = frozenset({"at", "recorded_at"})


def content_digest() -> str:
    """Return the fingerprint of what a workspace's records say, 64 hexadecimal digits.

    Equal for two workspaces if and only if every table of `content_digests` is.
    """
    whole = sha256()
    for name, (count, digest) in sorted(content_digests().items()):
        whole.update(f"{name} {count} {digest}\n".encode())
    return whole.hexdigest()


def content_digests() -> Mapping[str, tuple[int, str]]:
    """Return the number of rows and the fingerprint of each table, by its name."""
    names = _Names()
    found = {}
    for model in dict.fromkeys(_TOLD):
        lines = sorted(sha256(line.encode()).digest() for line in _lines(model, names))
        whole = sha256(b"".join(lines)).hexdigest()
        found[str(model._meta.model_name)] = (len(lines), whole)
    return found


class _Names:
    """What rows are known by, for whoever refers to them; each kind is read once."""

    def __init__(self) -> None:
        self._read: dict[type[models.Model], dict[Any, str]] = {}

    def of(self, model: type[models.Model], key: Any) -> str:
        """Return by what a row is known; of other kinds, such as bytes, by its key."""
        if model not in _KNOWN_BY:
            return str(key)
        if model not in self._read:
            rows = model._default_manager.order_by().values_list("pk", *_KNOWN_BY[model])
            self._read[model] = {
                row[0]: "|".join("" if item is None else str(plain(item)) for item in row[1:])
                for row in rows
            }
        return self._read[model].get(key, f"?{key}")

    @cached_property
    def kinds(self) -> Mapping[str, type[models.Model]]:
        """Kinds of record by the prefix of their names."""
        return {name: mapped.model for name, mapped in BY_RECORD.items()} | dict(_ALSO)

    def told(self, value: Any) -> Any:
        """Return a value of a JSON field: records by what they are known by, without moments."""
        if isinstance(value, Mapping):
            return {
                self.told(key): self._source(item) if key == "source" else self.told(item)
                for key, item in value.items()
                if key not in _MOMENTS
            }
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [self.told(item) for item in value]
        match = _RECORD.match(value) if isinstance(value, str) else None
        if match is None or match[1] not in self.kinds:
            return value
        return f"{match[1]}:{self.of(self.kinds[match[1]], int(match[2]))}"

    def _source(self, value: Any) -> Any:
        return self.of(store.SourceFile, value) if isinstance(value, int) else self.told(value)


def _lines(model: type[models.Model], names: _Names) -> Iterator[str]:
    left_out = _LEFT_OUT.get(model, frozenset())
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key
        and not isinstance(field, models.DateTimeField)
        and field.name not in left_out | _DERIVED
    ]
    rows = model._default_manager.order_by().values_list(*(field.attname for field in fields))
    for row in rows.iterator(chunk_size=2_000):
        values = {
            field.name: _told(field, value, names)
            for field, value in zip(fields, row, strict=True)
            if value not in (None, "", {}, [])
        }
        yield json.dumps(values, ensure_ascii=False, sort_keys=True)


def _told(field: Any, value: Any, names: _Names) -> Any:
    if isinstance(field, models.ForeignKey):
        target: Any = field.related_model
        return names.of(target, value)
    if isinstance(field, models.JSONField):
        return names.told(value)
    if isinstance(value, memoryview):
        value = bytes(value)
    if isinstance(value, datetime):
        return None
    return names.told(plain(value)) if isinstance(value, str) else plain(value)
