"""The order of records, and cursors that keep their place in it while records are written."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q

from zonewright.core.errors import InputError
from zonewright.store.mapping import Mapped
from zonewright.store.selectors._columns import column
from zonewright.store.selectors._conditions import asked

Order = Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Key:
    """A column by which records are ordered."""

    path: str
    down: bool
    field: models.Field[Any, Any]

    @property
    def name(self) -> str:
        """How Django names the order."""
        return f"-{self.path}" if self.down else self.path

    @property
    def may_be_empty(self) -> bool:
        """Whether a record may have no value."""
        return self.field.null or "__" in self.path


def keys_of(mapped: Mapped, order: Order) -> list[Key]:
    """Return by what records are ordered; the last of it is told apart by nothing else."""
    keys: list[Key] = []
    unique = "code" if mapped.key == ("code",) else "pk"
    for name, down in order:
        if name == "code" and column(mapped, name) is None:
            continue
        info = asked(mapped, name)
        if not info.sortable:
            raise InputError("listing-not-sortable", field=name)
        keys.append(Key(info.path, down, _field(mapped.model, info.path)))
    if all(key.path != unique for key in keys):
        keys.append(Key(unique, bool(keys) and keys[-1].down, _field(mapped.model, unique)))
    return keys[: next(n for n, key in enumerate(keys, 1) if key.path == unique)]


def _field(model: type[models.Model], path: str) -> models.Field[Any, Any]:
    owner: Any = model
    *through, last = path.split("__")
    for name in through:
        owner = owner._meta.get_field(name).related_model
    found: models.Field[Any, Any] = owner._meta.pk if last == "pk" else owner._meta.get_field(last)
    return found


def later(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """Return the condition that a record stands after one with some values, in the keys' order."""
    found = Q()
    same = Q()
    for key, value in zip(keys, values, strict=True):
        found |= same & _beyond(key, value)
        same &= Q(**{f"{key.path}__isnull": True} if value is None else {key.path: value})
    first, value = keys[0], values[0]
    if value is None or first.may_be_empty:
        return found
    # Said once more of the first key alone, so that an index on it is entered at the right place.
    return Q(**{f"{first.path}__{'lte' if first.down else 'gte'}": value}) & found


def _beyond(key: Key, value: Any) -> Q:
    """Return the condition that a value stands after another; an empty one as the database does."""
    empty = Q(**{f"{key.path}__isnull": True})
    empty_is_last = (connection.vendor == "postgresql") != key.down
    if value is None:
        return Q(pk__in=[]) if empty_is_last else ~empty
    beyond = Q(**{f"{key.path}__{'lt' if key.down else 'gt'}": value})
    return beyond | empty if empty_is_last and key.may_be_empty else beyond


def cursor(keys: Sequence[Key], values: Sequence[object]) -> str:
    """Return the cursor of the place after a record with some values."""
    plain = [None if value is None else str(value) for value in values]
    text = json.dumps([_order_of(keys), plain], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(after: str, keys: Sequence[Key]) -> list[Any]:
    """Return the values of a cursor.

    Raises
    ------
    InputError
        If it is none, or one of another order.
    """
    try:
        text = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode()
        order, values = json.loads(text)
        if order != _order_of(keys) or len(values) != len(keys):
            raise InputError("listing-cursor")
        return [
            None if value is None else key.field.to_python(value)
            for key, value in zip(keys, values, strict=True)
        ]
    except (ValueError, TypeError, ValidationError) as error:
        raise InputError("listing-cursor") from error


def _order_of(keys: Sequence[Key]) -> str:
    return ",".join(key.name for key in keys)
