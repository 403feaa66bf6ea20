"""What lies between parcels: strips that a block may reach across, and barriers that it may not."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.errors import InputError
from zonewright.land.no_go import polygons_of

Role = Literal["strip", "barrier"]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
_KEYS = {"code", "role", "words", "works", "width_m", "zh", "en"}
_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)


@dataclass(frozen=True, slots=True)
class LandKind:
    """A kind of land between parcels.

    Parameters
    ----------
    code
        Its name.
    role
        ``strip``: gaps may be bridged over it; ``barrier``: no block reaches across it.
    words
        What a layer or a column calls it, in lower case.
    works
        Kinds of works that are of it.
    width_m
        How wide a strip drawn as a line is taken to be [m]; 0 for a barrier.
    zh, en
        What a reader sees.
    """

    code: str
    role: Role
    words: frozenset[str]
    works: tuple[str, ...]
    width_m: float
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class LandKinds:
    """The kinds of land between parcels."""

    version: str
    kinds: tuple[LandKind, ...]

    def called(self, word: object) -> LandKind | None:
        """Return the kind that a layer or a column calls so; None if it is none of them."""
        text = str(word or "").strip().casefold()
        return next((kind for kind in self.kinds if text in kind.words), None)

    def strips(self, codes: Collection[str] | None = None) -> tuple[LandKind, ...]:
        """Return the kinds that may be bridged, of some codes; None means all.

        Raises
        ------
        InputError
            If a code is none of a strip.
        """
        known = [kind for kind in self.kinds if kind.role == "strip"]
        names = [kind.code for kind in known]
        wrong = sorted(set(codes or ()) - set(names))
        if wrong or (codes is not None and not codes):
            raise InputError("strip-kind-unknown", found=", ".join(wrong), known=", ".join(names))
        return tuple(kind for kind in known if codes is None or kind.code in codes)


def read_kinds(text: str) -> LandKinds:
    """Return the kinds that a TOML text describes.

    Raises
    ------
    InputError
        If the text is no TOML, a kind lacks something, or two share a code or a word.

    Examples
    --------
    >>> given = 'kind = [{code = "r", role = "barrier", words = ["铁路"], zh = "铁", en = "r"}]'
    >>> kinds = read_kinds(given)
    >>> kinds.called("铁路").code, kinds.called("道路")
    ('r', None)
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise InputError("land-kinds-unreadable", cause=str(fault)) from fault
    kinds = tuple(_kind(place, row) for place, row in enumerate(given.get("kind", []), start=1))
    said: set[str] = set()
    for kind in kinds:
        for name in sorted(kind.words):
            if name in said:
                raise InputError("land-kinds-twice", name=name)
            said.add(name)
    return LandKinds(str(given.get("version", "")), kinds)


@cache
def standard_kinds() -> LandKinds:
    """Return the kinds that Zonewright brings: roads and canals, rivers, expressways, railways."""
    source = files("zonewright.land") / "data" / "between.toml"
    return read_kinds(source.read_text(encoding="utf-8"))


def areas_of(
    shapes: Shapes, widths_m: Floats | Sequence[float], unit_m: tuple[float, float]
) -> Shapes:
    """Return strips as polygons: those that are drawn as lines get their width.

    Parameters
    ----------
    shapes
        Shape (k,): polygons and lines; points and what is absent are left out.
    widths_m
        Shape (k,): of the lines [m].
    unit_m
        Length of a unit of x and of y there [m].

    Examples
    --------
    >>> road = np.array([shapely.LineString([(0, 0), (100, 0)])])
    >>> areas_of(road, [12.0], (1.0, 1.0))[0].bounds
    (0.0, -6.0, 100.0, 6.0)
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    line = np.isin(shapely.get_type_id(parts), _LINES)
    unit = np.asarray(unit_m)
    metric = shapely.transform(parts[line], lambda points: points * unit)
    half = np.asarray(widths_m, dtype=float)[owner[line]] / 2
    wide = shapely.buffer(metric, half, cap_style="flat", join_style="mitre")
    drawn = shapely.transform(wide, lambda points: points / unit)
    return np.concatenate([polygons_of(parts[~line]), polygons_of(drawn)])


def obstacles_of(shapes: Shapes) -> Shapes:
    """Return the lines and polygons among barriers; polygons are made valid."""
    parts = shapely.get_parts(shapes[~shapely.is_missing(shapes)])
    lines = parts[np.isin(shapely.get_type_id(parts), _LINES)]
    return np.concatenate([lines, polygons_of(parts)])


def _kind(place: int, row: Mapping[str, Any]) -> LandKind:
    """Return a kind, or refuse it by its code or its place."""
    name = str(row.get("code") or place)
    unknown = sorted(set(row) - _KEYS)
    if unknown:
        raise InputError("land-kind-key", kind=name, key=unknown[0], known=", ".join(sorted(_KEYS)))
    missing = [key for key in ("code", "role", "words", "zh", "en") if not row.get(key)]
    if missing:
        raise InputError("land-kind-missing", kind=name, key=missing[0])
    role, width_m = row["role"], float(row.get("width_m", 0))
    if role not in ("strip", "barrier"):
        raise InputError("land-kind-role", kind=name, found=str(role))
    if role == "strip" and not width_m > 0:
        raise InputError("land-kind-missing", kind=name, key="width_m")
    words = frozenset(str(word).strip().casefold() for word in row["words"])
    works = tuple(str(kind) for kind in row.get("works", ()))
    return LandKind(name, cast(Role, role), words, works, width_m, str(row["zh"]), str(row["en"]))
