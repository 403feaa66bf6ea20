"""The shared-edge graph of parcels: which two run along one another, and how far."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from zonewright.land.flat import Flat, Floats, Ints
from zonewright.land.scale import Scale
from zonewright.land.topology.exact import Edges, match_edges, shared_edges
from zonewright.land.topology.findings import Faults
from zonewright.land.topology.near_frame import NearFrame
from zonewright.land.topology.near_survey import Survey, survey
from zonewright.land.topology.overlaps import twofold_m2
from zonewright.land.topology.repair import Repair, repaired, repeated_rows

Slots = NDArray[np.int32]

TOLERANCE_M = 0.1


@dataclass(frozen=True, slots=True)
class Topology:
    """The shared-edge graph of n parcels.

    Parameters
    ----------
    first, second
        Shape (p,): positions of two parcels with common frontage, first < second, ascending.
    shared_m
        Shape (p,): length of their common frontage [m].
    near_m
        Shape (p,): of it, the length that is drawn in two ways, true to the tolerance only.
    area_m2
        Shape (n,): area of each parcel on the ellipsoid [m²]; 0 for one without a polygon.
    flat
        The polygons, made valid.
    edges
        Their segments that are drawn alike from both sides: what outlines are traced from.
    scale
        What a unit of the coordinates is on the ground.
    tolerance_m
        How far apart two drawings of one edge may run [m].
    survey
        What neighbours share besides equal edges: near frontage, overlaps and slits; None where the
        tolerance is 0.
    repairs
        Polygons that were made valid.
    repeated, earlier
        Shape (k,): rows whose polygon an earlier row has drawn already, and that row.
    """

    first: Slots
    second: Slots
    shared_m: Floats
    near_m: Floats
    area_m2: Floats
    flat: Flat
    edges: Edges
    scale: Scale
    tolerance_m: float
    survey: Survey | None
    repairs: tuple[Repair, ...]
    repeated: Ints
    earlier: Ints

    def __len__(self) -> int:
        """Return the number of parcels."""
        return len(self.area_m2)

    @property
    def faults(self) -> Faults:
        """Return what is wrong with the parcels, for `findings_of`."""
        found = Faults(self.repairs, self.repeated, self.earlier)
        if self.survey is None:
            return found
        return replace(found, overlaps=self.survey.overlaps, slits=self.survey.slits)

    def own_area_m2(self, ready: NDArray[np.bool_] | None = None) -> Floats:
        """Return the area of each parcel without what a lower row of those chosen covers too [m²].

        The sum over chosen parcels is the land that they cover, each square metre once. Overlaps
        narrower than the tolerance are taken as drawings of one edge and stay. Without a tolerance
        only polygons drawn twice are known to overlap.

        Parameters
        ----------
        ready
            Shape (n,): parcels that are chosen; None means all.
        """
        if self.survey is None:
            return self._once_m2(ready)
        if not len(self.survey.overlaps):
            return self.area_m2
        frame = NearFrame.of(self.flat, self.scale)
        return self.area_m2 - twofold_m2(self.flat, frame, self.survey.overlaps, ready)

    def _once_m2(self, ready: NDArray[np.bool_] | None) -> Floats:
        """Return areas, 0 for a row of which a lower row of those chosen is the same polygon."""
        if not len(self.repeated):
            return self.area_m2
        drawing = np.arange(len(self))
        drawing[self.repeated] = self.earlier
        rows = np.union1d(self.repeated, self.earlier)
        rows = rows if ready is None else rows[ready[rows]]
        _, lowest = np.unique(drawing[rows], return_index=True)
        area_m2 = self.area_m2.copy()
        area_m2[np.delete(rows, lowest)] = 0.0
        return area_m2


def topology_of(
    flat: Flat, crs: CRS, *, tolerance_m: float = TOLERANCE_M, slit_m: float | None = None
) -> Topology:
    """Return the shared-edge graph of parcels.

    Edges that two parcels draw alike are found by the bits of their ends. What is left is compared
    within the tolerance: an edge drawn twice some centimetres apart, a corner that stands on a
    neighbour's edge without a vertex there, neighbours that overlap.

    Parameters
    ----------
    flat
        n polygons; those that are not valid are made valid first.
    crs
        The frame of their coordinates.
    tolerance_m
        How far apart two drawings of one edge may run [m]; 0 takes only edges drawn alike.
    slit_m
        Widest strip between two parcels that is reported [m]; None reports none.

    Examples
    --------
    >>> from shapely import box
    >>> from zonewright.land.flat import flat_of_shapes
    >>> flat = flat_of_shapes([box(0, 0, 50, 50), box(50, 0, 99, 40)])
    >>> found = topology_of(flat, CRS.from_epsg(32631))
    >>> found.first.tolist(), found.second.tolist(), found.shared_m.round(2).tolist()
    ([0], [1], [39.89])
    """
    scale = Scale.of(flat, crs)
    flat, repairs = repaired(flat, scale)
    edges = match_edges(flat)
    owner = flat.point_owner()
    exact = shared_edges(flat, edges, scale, point_owner=owner)
    near = None
    if tolerance_m > 0:
        near = survey(flat, scale, edges, tolerance_m=tolerance_m, slit_m=slit_m, point_owner=owner)
    repeated, earlier = repeated_rows(flat) if len(edges.surplus) else (np.empty(0, np.int64),) * 2
    return Topology(
        *_merged(exact, near, tolerance_m),
        scale.areas_m2(flat),
        flat,
        edges,
        scale,
        tolerance_m,
        near,
        repairs,
        repeated,
        earlier,
    )


def _merged(
    exact: tuple[Slots, Slots, Floats], near: Survey | None, tolerance_m: float
) -> tuple[Slots, Slots, Floats, Floats]:
    """Return both kinds of pairs as one list: first, second, all that is shared, of it the near."""
    if near is None:
        return *exact, np.zeros(len(exact[0]))
    # Where two edges leave a common corner they run along one another for about the tolerance.
    some = near.frontage_m > tolerance_m
    if not some.any():
        return *exact, np.zeros(len(exact[0]))
    first = np.concatenate([exact[0], near.first[some]])
    second = np.concatenate([exact[1], near.second[some]])
    order = np.argsort(first.astype(np.int64) << 32 | second, kind="stable")
    first, second = first[order], second[order]
    changed = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    begins = np.flatnonzero(np.append(True, changed))
    length_m = np.concatenate([exact[2], near.frontage_m[some]])[order]
    near_m = np.where(order >= len(exact[0]), length_m, 0.0)
    shared_m, near_m = (np.add.reduceat(values, begins) for values in (length_m, near_m))
    return first[begins], second[begins], shared_m, near_m
