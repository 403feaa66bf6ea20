"""The small layers in memory: zones, works, no-go areas, features for reference, ready blocks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zonewright.store.selectors import bulk
from zonewright.web.tiles.grid import Box
from zonewright.web.tiles.index import Index, Slots
from zonewright.web.tiles.wire import Bytes, value_field
from zonewright.web.tiles.wkb import Shapes, read_shapes

Ints = NDArray[np.int64]
Features = Sequence[Mapping[Any, object]]
# The outlines of these are the base map: every reader sees them.
BASE_KINDS = ("city", "district")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "zones": ("code", "name", "name_en", "kind", "area_km2"),
    "works": ("code", "name", "kind", "status"),
    "no_go": ("code", "kind", "name"),
}
# What stands for a place: every reader sees it; only who sees everything does.
EVERYBODY, NOWHERE = -1, -2
_ALWAYS = (-(2**31), 2**31 - 1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The features of a layer, by row.

    Parameters
    ----------
    shapes, ids
        Shape and identifier of each.
    keys
        Names of the attributes.
    tags
        Shape (n, len(keys)): number of each attribute's value, -1 for none.
    values, value_end, shared
        The values, written; the first `shared` may be those of several rows.
    place
        Shape (n,): primary key of its place, `EVERYBODY` or `NOWHERE`.
    since, until
        Shape (n,): first day, and first day without it, as ordinals; empty where all is for ever.
    index
        Over the shapes.
    """

    shapes: Shapes
    ids: Ints
    keys: tuple[str, ...]
    tags: NDArray[np.int32]
    values: Bytes
    value_end: Ints
    shared: int
    place: Ints
    since: Ints
    until: Ints
    index: Index

    def search(self, box: Box, allowed: NDArray[np.bool_] | None, on: date) -> Slots:
        """Return the rows that meet a box on a day and lie in an allowed place."""
        found = self.index.search(box)
        if len(self.since):
            found = found[self._drawn_on(on.toordinal())[found]]
        if allowed is None or not len(found):
            return found
        place = self.place[found]
        known = (place >= 0) & (place < len(allowed))
        seen = np.zeros(len(found), dtype=np.bool_)
        seen[known] = allowed[place[known]]
        kept: Slots = found[seen | (place == EVERYBODY)]
        return kept

    def _drawn_on(self, day: int) -> NDArray[np.bool_]:
        """Return which rows are drawn on a day: of two boundaries of a zone the later one."""
        drawn = (self.since <= day) & (self.until > day)
        rows = np.flatnonzero(drawn)
        drawn[rows[:-1][self.ids[rows[:-1]] == self.ids[rows[1:]]]] = False
        return drawn


def sheet(
    shapes: Sequence[bytes],
    features: Features,
    keys: Sequence[str],
    *,
    ids: Iterable[int] = (),
    place: Iterable[int] = (),
    days: Iterable[tuple[int, int]] = (),
) -> Sheet:
    """Return features as a sheet.

    Parameters
    ----------
    shapes
        WKB (EPSG:4490).
    features
        Attributes of each; what is None or empty is left out.
    keys
        Attributes that a tile carries.
    ids
        Identifier of each; empty for none.
    place
        Place of each; empty where every reader sees all.
    days
        First day and first day without it; empty for ever.
    """
    count = len(shapes)
    written = [[_written(feature.get(key)) for key in keys] for feature in features]
    times = Counter(value for value in chain.from_iterable(written) if value)
    common = [value for value, number in times.items() if number > 1]
    single = [value for value, number in times.items() if number == 1]
    number_of = {value: number for number, value in enumerate([*common, *single])}
    tags = np.array(
        [[number_of.get(value, -1) for value in row] for row in written], dtype=np.int32
    )
    drawn = read_shapes(shapes)
    spans = np.array([*days], dtype=np.int64).reshape(-1, 2)
    return Sheet(
        drawn,
        _numbers(ids, count, 0),
        tuple(keys),
        tags.reshape(count, len(keys)),
        np.array(bytearray(b"".join(number_of)), dtype=np.uint8),
        np.cumsum([len(value) for value in number_of], dtype=np.int64),
        len(common),
        _numbers(place, count, EVERYBODY),
        spans[:, 0],
        spans[:, 1],
        Index.of(drawn.box),
    )


def _numbers(given: Iterable[int], count: int, otherwise: int) -> Ints:
    found = np.fromiter(given, dtype=np.int64)
    return found if len(found) else np.full(count, otherwise, dtype=np.int64)


def _written(value: object) -> bytes:
    """Return a value as a tile holds it; nothing for one that is empty."""
    plain = value.item() if isinstance(value, np.generic) else value
    if plain is None or plain == "" or plain != plain:
        return b""
    if isinstance(plain, list | dict):
        plain = json.dumps(plain, ensure_ascii=False)
    return value_field(plain)


def read_layer(layer: str) -> Sheet:
    """Return zones, works or no-go areas as a sheet."""
    rows = bulk.layer_rows(layer)
    rows = rows.astype(object).where(rows.notna(), None)
    place = [NOWHERE if value is None else int(value) for value in rows["place"]]
    days: list[tuple[int, int]] = []
    if layer == "zones":
        rows["area_km2"] = (rows["area_m2"].astype(float) / 1e6).round(3)
        place = [EVERYBODY if kind in BASE_KINDS else own
                 for kind, own in zip(rows["kind"], place, strict=True)]  # fmt: skip
        since = [_ordinal(day, _ALWAYS[0]) for day in rows["since"]]
        days = [*zip(since, [_ordinal(day, _ALWAYS[1]) for day in rows["until"]], strict=True)]
    records: list[dict[Hashable, Any]] = rows[list(COLUMNS[layer])].to_dict("records")
    return sheet(
        [bytes(value) for value in rows["geometry"]],
        records,
        COLUMNS[layer],
        ids=rows["id"],
        place=place,
        days=days,
    )


def _ordinal(day: str | None, otherwise: int) -> int:
    return date.fromisoformat(day).toordinal() if day else otherwise


def read_reference(code: str) -> Sheet:
    """Return a reference layer as a sheet, with its features' own attributes."""
    rows = bulk.reference_rows(code)
    features: list[dict[str, object]] = []
    for _, name, properties, _ in rows:
        found = json.loads(properties) if isinstance(properties, str) else properties
        features.append({**(found if isinstance(found, dict) else {}), "name": name})
    keys = dict.fromkeys(chain(["name"], chain.from_iterable(features)))
    return sheet([row[3] for row in rows], features, tuple(keys), ids=[row[0] for row in rows])
