"""Which records belong to a zone on a day, each once, however zones overlap."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.schema import require_columns
from zonewright.land.area import geodesic_area_m2
from zonewright.land.hierarchy import Hierarchy

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Scope:
    """The zones of a day: their boundaries and memberships.

    A record with coordinates lies in a zone if its point lies in (or on) the zone's boundary; a
    zone without a boundary holds what its members hold. A record without coordinates lies in the
    zone in which it is declared and in every zone above that. A zone with neither boundary nor
    members holds only what is declared in it.

    Parameters
    ----------
    versions
        The boundaries of the day: index zone code; ``version`` (id), ``kind`` and ``geometry``
        (polygon in EPSG:4490, or None).
    memberships
        ``parent``, ``child``, ``valid_from``, ``valid_to``; see `Hierarchy.of`.
    on
        The day.

    Raises
    ------
    InputError
        If a zone is a member of itself.

    Notes
    -----
    Masks are kept for each frame and zone: frames are taken as unchanging.

    Examples
    --------
    >>> from shapely import box
    >>> versions = pd.DataFrame(
    ...     {"version": [7, None], "kind": ["park", "collective"],
    ...      "geometry": [box(113.0, 22.0, 113.1, 22.1), None]}, index=["P1", "ALL"])
    >>> members = pd.DataFrame({"parent": ["ALL"], "child": ["P1"]})
    >>> scope = Scope(versions, members, date(2023, 10, 31))
    >>> works = pd.DataFrame({"lon": [113.05, 113.5, None], "lat": [22.05, 22.05, None],
    ...                       "zone": ["", "P1", "P1"]})
    >>> scope.mask(works, "ALL").tolist()
    [True, False, True]
    """

    versions: pd.DataFrame
    memberships: pd.DataFrame
    on: date
    hierarchy: Hierarchy = field(init=False, repr=False)
    _kept: dict[int, tuple[weakref.ref[pd.DataFrame], dict[str, Mask]]] = field(
        init=False, repr=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        require_columns(self.versions, "version", "kind", "geometry", of="zone versions")
        object.__setattr__(self, "hierarchy", Hierarchy.of(self.memberships, self.on))

    def mask(self, frame: pd.DataFrame, zone: str) -> Mask:
        """Return which rows of a frame lie in a zone.

        Parameters
        ----------
        frame
            Shape (n,): ``lon``, ``lat`` [degrees, NaN if not on the map] and, if there, ``zone``
            (the declared zone).
        zone
            Zone code.

        Returns
        -------
        mask
            Shape (n,), in the order of the rows; read-only.

        Raises
        ------
        UnknownReferenceError
            If there is no such zone.
        SchemaError
            If the frame has no place.
        """
        self._require(zone)
        require_columns(frame, "lon", "lat", of="records")
        masks = self._masks_of(frame)
        if zone not in masks:
            masks[zone] = self._new_mask(frame, zone)
        return masks[zone]

    def has_boundary(self, zone: str) -> bool:
        """Return whether a zone has a boundary of its own on the day."""
        self._require(zone)
        return self._boundary(zone) is not None

    def version_of(self, zone: str) -> str:
        """Return the id of a zone's boundary version; empty if it has no boundary."""
        return self._id_of(zone) if self.has_boundary(zone) else ""

    def versions_used(self, zone: str) -> tuple[str, ...]:
        """Return the ids of the boundary versions that decide what lies in a zone."""
        self._require(zone)
        return tuple(dict.fromkeys(map(self._id_of, self._deciding(zone))))

    def bounded_zones(self, zone: str) -> tuple[str, ...]:
        """Return the zones whose boundaries decide what lies in a zone: itself, or members."""
        self._require(zone)
        return tuple(dict.fromkeys(self._deciding(zone)))

    def members(self, zone: str) -> tuple[str, ...]:
        """Return the zones directly below a zone."""
        self._require(zone)
        return self.hierarchy.children.get(zone, ())

    def descendants(self, zone: str) -> tuple[str, ...]:
        """Return every zone below a zone, nearest first."""
        self._require(zone)
        return self.hierarchy.below(zone)

    def ancestors(self, zone: str) -> tuple[str, ...]:
        """Return every zone above a zone, nearest first."""
        self._require(zone)
        return self.hierarchy.above(zone)

    def city_of(self, zone: str) -> str:
        """Return the city of a zone: itself, the nearest above it, or the one that contains it.

        Raises
        ------
        UnknownReferenceError
            If there is no such zone, or no city around it.
        """
        self._require(zone)
        for code in (zone, *self.hierarchy.above(zone), *self._cities_around(zone)):
            if self._kind(code) == "city":
                return code
        raise UnknownReferenceError("scope-no-city", zone=zone)

    def geometry_of(self, zone: str) -> shapely.Geometry | None:
        """Return a zone's boundary, or the union of its members' boundaries; None if neither."""
        self._require(zone)
        shapes = [self._boundary(code) for code in dict.fromkeys(self._deciding(zone))]
        if not shapes:
            return None
        return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)

    def area_m2(self, zone: str) -> float | None:
        """Return the ellipsoidal area of a zone's `geometry_of` [m²]; None without a boundary."""
        shape = self.geometry_of(zone)
        return None if shape is None else float(geodesic_area_m2([shape])[0])

    def _require(self, zone: str) -> None:
        known = (self.versions.index, self.hierarchy.children, self.hierarchy.parents)
        if not any(zone in codes for codes in known):
            raise UnknownReferenceError("scope-zone-unknown", zone=zone)

    def _masks_of(self, frame: pd.DataFrame) -> dict[str, Mask]:
        key = id(frame)
        if key not in self._kept:
            forget = weakref.ref(frame, lambda _: self._kept.pop(key, None))
            self._kept[key] = (forget, {})
        return self._kept[key][1]

    def _new_mask(self, frame: pd.DataFrame, zone: str) -> Mask:
        lon = frame["lon"].to_numpy(dtype=float, na_value=np.nan)
        lat = frame["lat"].to_numpy(dtype=float, na_value=np.nan)
        located = ~(np.isnan(lon) | np.isnan(lat))
        inside = np.zeros(len(frame), dtype=bool)
        bounded, open_leaves = tuple(self._deciding(zone)), self._open_leaves(zone)
        for code in dict.fromkeys(bounded):
            rest = np.flatnonzero(located & ~inside)
            shape = self._boundary(code)
            shapely.prepare(shape)
            inside[rest] = shapely.intersects_xy(shape, lon[rest], lat[rest])
        if "zone" in frame:
            declared = frame["zone"]
            below = {zone, *self.hierarchy.below(zone)}
            inside |= ~located & declared.isin(below).to_numpy(dtype=bool)
            inside |= located & declared.isin(open_leaves).to_numpy(dtype=bool)
        inside.setflags(write=False)
        return inside

    def _deciding(self, zone: str) -> Iterator[str]:
        if self._boundary(zone) is not None:
            yield zone
            return
        for member in self.hierarchy.children.get(zone, ()):
            yield from self._deciding(member)

    def _open_leaves(self, zone: str) -> set[str]:
        if self._boundary(zone) is not None:
            return set()
        members = self.hierarchy.children.get(zone, ())
        return set().union(*map(self._open_leaves, members)) if members else {zone}

    def _boundary(self, zone: str) -> shapely.Geometry | None:
        if zone not in self.versions.index:
            return None
        shape = self.versions.at[zone, "geometry"]
        return shape if isinstance(shape, shapely.Geometry) and not shape.is_empty else None

    def _id_of(self, zone: str) -> str:
        given: object = self.versions.at[zone, "version"]
        if isinstance(given, float):
            return "" if np.isnan(given) else f"{given:.0f}"
        return "" if given is None or given is pd.NA else str(given)

    def _kind(self, zone: str) -> str:
        return str(self.versions.at[zone, "kind"]) if zone in self.versions.index else ""

    def _cities_around(self, zone: str) -> tuple[str, ...]:
        shape = self.geometry_of(zone)
        if shape is None:
            return ()
        point = shape.representative_point()
        cities = self.versions.index[self.versions["kind"] == "city"]
        around = ((code, self._boundary(str(code))) for code in sorted(cities))
        return tuple(code for code, city in around if city is not None and city.intersects(point))
