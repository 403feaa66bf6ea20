"""Features as GeoJSON, thousands at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import InvalidOperation
from typing import Any

import numpy as np
import shapely
from django.db.models import QuerySet

from zonewright.store.access import Access
from zonewright.web.api.ogc import crs
from zonewright.web.api.ogc.asking import Asked
from zonewright.web.api.ogc.catalogue import Collection
from zonewright.web.api.problems import ApiError, plain

Row = Sequence[Any]


class Page:
    """Some features, as text, with what is to be said of them.

    Attributes
    ----------
    features
        Each as the text of a GeoJSON feature.
    matched
        How many features there are in all; None on the pages that follow the first.
    last
        The row with which the page ends; None if nothing follows.
    """

    def __init__(self, features: list[str], matched: int | None, last: int | None) -> None:
        self.features = features
        self.matched = matched
        self.last = last


def page(of: Collection, wanted: Asked, access: Access) -> Page:
    """Return a page of features in the order of their keys.

    Raises
    ------
    ApiError
        400, if a number in a condition is larger than its column can hold.
    """
    rows = of.rows(access).filter(wanted.conditions).order_by("pk")
    try:
        matched = rows.count() if wanted.after is None else None
        if wanted.after is not None:
            rows = rows.filter(pk__gt=wanted.after)
        found = list(_values(of, rows)[wanted.offset : wanted.offset + wanted.limit + 1])
    except InvalidOperation as error:
        raise ApiError("ogc-filter", status=400, reason="a number is too large") from error
    more = len(found) > wanted.limit
    found = found[: wanted.limit]
    return Page(_features(of, found, wanted.system), matched, found[-1][0] if more else None)


def one(of: Collection, number: int, system: str, access: Access) -> str | None:
    """Return a feature as text; None if there is none that they may see."""
    found = list(_values(of, of.rows(access).filter(pk=number)))
    return _features(of, found, system)[0] if found else None


def _values(of: Collection, rows: QuerySet[Any]) -> QuerySet[Any, Row]:
    paths = [item.path for item in of.properties.values()]
    return rows.values_list("pk", *([of.geometry] if of.geometry else []), *paths)


def _features(of: Collection, rows: Sequence[Row], system: str) -> list[str]:
    skip = 2 if of.geometry else 1
    shapes = _shapes([row[1] for row in rows], system) if of.geometry else ["null"] * len(rows)
    names = tuple(of.properties)
    return [
        f'{{"type":"Feature","id":"{of.record}:{row[0]}","geometry":{shape},'
        f'"properties":{_properties(names, row[skip:])}}}'
        for row, shape in zip(rows, shapes, strict=True)
    ]


def _properties(names: Sequence[str], values: Iterable[object]) -> str:
    """Return properties as text; an empty text is no value."""
    found = {
        name: None if value == "" else plain(value)
        for name, value in zip(names, values, strict=True)
    }
    return json.dumps(found, ensure_ascii=False)


def _shapes(values: Sequence[bytes | None], system: str) -> list[str]:
    drawn = shapely.from_wkb(np.array(values, dtype=object), on_invalid="ignore")
    there = ~shapely.is_missing(drawn)
    texts = np.full(len(values), "null", dtype=object)
    if there.any():
        texts[there] = shapely.to_geojson(crs.outwards(drawn[there], system))
    return list(texts)
