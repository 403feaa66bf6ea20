"""What a request for features asks: the parameters of its address, read and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import shapely
from django.db.models import Q

from zonewright.web.api.ogc import crs, dates, filters
from zonewright.web.api.ogc.catalogue import Collection
from zonewright.web.api.problems import ApiError

Given = Mapping[str, str]
DEFAULT_LIMIT, MOST = 100, 10_000
_OWN = (
    "bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "after", "filter", "filter-lang",
    "filter-crs", "f",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a collection.

    Parameters
    ----------
    conditions
        Which features.
    system
        Reference system of the answer.
    limit, offset, after
        How many; how many are skipped; the row after which the page begins (None: from the first).
    """

    conditions: Q
    system: str
    limit: int
    offset: int
    after: int | None


def asked(given: Given, of: Collection) -> Asked:
    """Read the parameters of a request for features.

    Raises
    ------
    ApiError
        400, naming the parameter that cannot be used.
    """
    names = _property_names(of)
    _refuse_unknown(given, (*_OWN, *names))
    _check_form(given)
    language, system = _language(given), _system(given, "filter-crs")
    _system(given, "bbox-crs")
    found = of.during(dates.span(given["datetime"]) if "datetime" in given else None)
    if "bbox" in given:
        found &= _in_box(given, of)
    for name in names:
        if name in given:
            found &= filters.property_equals(of, name, given[name])
    if "filter" in given:
        found &= filters.condition(given["filter"], of, language=language, system=system)
    return Asked(
        found,
        _system(given, "crs"),
        min(_whole(given, "limit", DEFAULT_LIMIT, least=1), MOST),
        _whole(given, "offset", 0, least=0),
        _whole(given, "after", 0, least=0) if "after" in given else None,
    )


def asked_of_item(given: Given) -> str:
    """Return the reference system of a request for one feature."""
    _refuse_unknown(given, ("crs", "f"))
    _check_form(given)
    return _system(given, "crs")


def check_plain(given: Given) -> None:
    """Refuse parameters of an address that takes none but the form of the answer."""
    _refuse_unknown(given, ("f",))
    _check_form(given)


def property_names(of: Collection) -> tuple[str, ...]:
    """Return the properties by which an address may choose features."""
    return _property_names(of)


def _property_names(of: Collection) -> tuple[str, ...]:
    return tuple(
        name for name, item in of.properties.items() if item.kind != "object" and name not in _OWN
    )


def _refuse_unknown(given: Given, known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            raise ApiError("api-parameter-unknown", status=400, name=name, known=", ".join(known))


def _check_form(given: Given) -> None:
    if given.get("f", "json") not in ("json", "geojson"):
        raise _wrong("f", given["f"], "json", "json")


def _language(given: Given) -> str:
    language = given.get("filter-lang", filters.TEXT)
    if language not in (filters.TEXT, filters.JSON):
        raise _wrong("filter-lang", language, f"{filters.TEXT} or {filters.JSON}",
                     f" {filters.TEXT} 或 {filters.JSON}")  # fmt: skip
    return language


def _system(given: Given, name: str) -> str:
    return crs.require(given.get(name, crs.CRS84), name=name)


def _whole(given: Given, name: str, default: int, *, least: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 18 or int(text) < least:
        raise _wrong(name, text, f"a whole number from {least}", f"不小于 {least} 的整数")
    return int(text)


def _in_box(given: Given, of: Collection) -> Q:
    """Return the condition that a feature meets the box; without a geometry none does."""
    numbers = _numbers(given["bbox"])
    system = _system(given, "bbox-crs")
    if not of.geometry:
        return Q(pk__in=())
    half = len(numbers) // 2
    low, high = numbers[:2], numbers[half : half + 2]
    if crs.is_swapped(system):
        low, high = low[::-1], high[::-1]
    (west, south), (east, north) = low, high
    if south > north:
        raise _wrong_box(given["bbox"])
    if west <= east:
        box = shapely.box(west, south, east, north)
    elif abs(west) <= 180 and abs(east) <= 180:
        # A box across the 180th meridian.
        box = shapely.MultiPolygon(
            [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
        )
    else:
        raise _wrong_box(given["bbox"])
    shape = crs.inwards(_bent(box, system), system)
    if not math.isfinite(float(abs(shapely.get_coordinates(shape)).max())):
        raise _wrong_box(given["bbox"])
    return Q(**filters.meets(of, shape))


def _bent(box: shapely.Geometry, system: str) -> shapely.Geometry:
    """Return a box with points along its edges: they are no straight lines in degrees."""
    west, south, east, north = box.bounds
    longest = max(east - west, north - south)
    return shapely.segmentize(box, longest / 16) if crs.is_bent(system) and longest else box


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise _wrong_box(text) from None
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise _wrong_box(text)
    return numbers


def _wrong_box(text: str) -> ApiError:
    return _wrong("bbox", text, "four numbers: both low ends, then both high ends",
                  "四个数：先两个最小值，再两个最大值")  # fmt: skip


def _wrong(name: str, text: str, wanted: str, wanted_zh: str) -> ApiError:
    return ApiError(
        "api-parameter-value", status=400, name=name, text=text, wanted=wanted, wanted_zh=wanted_zh
    )
