"""Edges drawn in two ways, drawn alike: corners moved onto one another, missing corners put in."""

from __future__ import annotations

import numpy as np

from zonewright.land._snap import insertions, rebuilt, roots
from zonewright.land.flat import Flat, Ints
from zonewright.land.topology.near_frame import NearFrame

# Two corners both within the tolerance of a right angle's edges lie up to 1.41 tolerances apart.
_REACH = 1.5


def snapped(
    flat: Flat, frame: NearFrame, one: Ints, other: Ints, *, tolerance_m: float = 0.1
) -> Flat:
    """Return polygons whose edges, where two run along one another, are the same segments.

    Corners that two such segments have within reach of one another become one, wherever else they
    occur; where a corner stands within reach of the other segment, that gets a corner there. Land
    is moved by about the tolerance at most. Overlaps and gaps wider than it stay.

    Parameters
    ----------
    flat, frame
        n polygons and their metric frame.
    one, other
        Shape (c,): points of `flat` at which two segments begin that run along one another.
    tolerance_m
        How far apart they run [m].

    Returns
    -------
    flat
        The same n rows. A ring that shrinks to nothing is left out.

    Examples
    --------
    A long edge, and a neighbour with a corner on it, drawn 3 cm away:

    >>> import shapely
    >>> from pyproj import CRS
    >>> from zonewright.land.flat import flat_of_shapes
    >>> from zonewright.land.scale import Scale
    >>> long, left = shapely.box(0, 0, 90, 50), shapely.box(0, 50.03, 40, 90)
    >>> flat = flat_of_shapes([long, left])
    >>> frame = NearFrame.of(flat, Scale.of(flat, CRS.from_epsg(3395)))
    >>> for shape in snapped(flat, frame, np.array([1]), np.array([8])).shapes():
    ...     print(shape)
    POLYGON ((90 0, 90 50, 40 50.03, 0 50, 0 0, 90 0))
    POLYGON ((40 50.03, 40 90, 0 90, 0 50, 40 50.03))
    """
    reach_m = _REACH * tolerance_m
    points = np.concatenate([one, one + 1, other, other + 1])
    corners = np.ascontiguousarray(flat.xy[points]).view(np.complex128).ravel()
    found, number = np.unique(corners, return_inverse=True)
    xy = found.view(np.float64).reshape(-1, 2)
    metric = frame.metric(xy)
    number = number.reshape(4, -1).astype(np.int64)
    root = roots(metric, number, reach_m)
    begin, share, corner = insertions(metric, number, root, one, other, reach_m)
    order = np.lexsort((corner, share, begin))
    begin, corner = begin[order], corner[order]
    moved = np.flatnonzero(root != np.arange(len(root)))
    parts = rebuilt(
        flat.xy, flat.xy.view(np.uint64), flat.ring_start, flat.owner, flat.hole,
        xy[moved].copy(), xy[moved].copy().view(np.uint64), xy[root[moved]], begin, xy[corner],
    )  # fmt: skip
    return Flat(*parts, flat.state)
