"""Metres around the parcels of a file, for distances of centimetres to a few hundred metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import compiled, in_halves
from zonewright.land.flat import Flat
from zonewright.land.scale import Scale
from zonewright.land.segments import degree_lengths_m

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TRUE = 1e-3


@dataclass(frozen=True, slots=True)
class NearFrame:
    """A plane in which file units are scaled to metres at the middle of the parcels.

    Degrees are scaled as at the middle latitude: within half a degree of it a distance is true to
    0.4 %, which serves tolerances. A projected frame that is true to 1 in 1000 there is taken as it
    is, so that a distance is that of other programs. Lengths and areas are made true by `stretch`
    and `area_stretch`.

    Parameters
    ----------
    x, y
        The origin [units of the file].
    unit_x_m, unit_y_m
        Length of a unit [m].
    scale
        What a unit is on the ground elsewhere.
    """

    x: float
    y: float
    unit_x_m: float
    unit_y_m: float
    scale: Scale

    @classmethod
    def of(cls, flat: Flat, scale: Scale) -> NearFrame:
        """Return the frame in the middle of polygons; a stray one among many does not move it.

        Examples
        --------
        >>> from pyproj import CRS
        >>> from shapely import box
        >>> from zonewright.land.flat import flat_of_shapes
        >>> flat = flat_of_shapes([box(113.0, 22.0, 113.001, 22.001)])
        >>> frame = NearFrame.of(flat, Scale.of(flat, CRS.from_epsg(4490)))
        >>> round(frame.unit_x_m), round(frame.unit_y_m)
        (103262, 110730)
        """
        some = flat.xy[:: max(1, len(flat.xy) // 100_000)]
        x, y = (float(value) for value in np.median(some, axis=0)) if len(some) else (0.0, 0.0)
        unit_x_m, unit_y_m = (float(value) for value in _units(scale, np.array([y]))[0])
        if scale.crs.is_projected:
            plain_m = float(scale.crs.axis_info[0].unit_conversion_factor or 1.0)
            if abs(unit_x_m / plain_m - 1) < _TRUE:
                unit_x_m = unit_y_m = plain_m
        return cls(x, y, unit_x_m, unit_y_m, scale)

    def metric(self, points: Floats) -> Floats:
        """Return points of shape (m, 2) in metres from the origin."""
        return (points - (self.x, self.y)) * (self.unit_x_m, self.unit_y_m)

    def units(self, points_m: Floats) -> Floats:
        """Return points of shape (m, 2) in metres from the origin as units of the file."""
        return points_m / (self.unit_x_m, self.unit_y_m) + (self.x, self.y)

    def ends(self, flat: Flat, at: Ints) -> Floats:
        """Return both ends of the segments that begin at some points of `flat`, (s, 4) [m]."""
        ends = np.empty((len(at), 4))
        frame = self.x, self.y, self.unit_x_m, self.unit_y_m
        in_halves(len(at), lambda a, b: _ends(flat.xy, at[a:b], *frame, ends[a:b]))
        return ends

    def stretch(self, ends: Floats) -> Floats:
        """Return true length by length in this frame for segments of shape (s, 4) [m], shape (s,).

        It is 1 for segments without length.
        """
        true = self._true((ends[:, 1] + ends[:, 3]) / 2)
        span = ends[:, 2:] - ends[:, :2]
        length = np.hypot(span[:, 0], span[:, 1])
        true_length = np.hypot(span[:, 0] * true[:, 0], span[:, 1] * true[:, 1])
        return np.divide(true_length, length, out=np.ones(len(ends)), where=length > 0)

    def area_stretch(self, y_m: Floats) -> Floats:
        """Return true area by area in this frame at some northings [m]."""
        return np.asarray(self._true(y_m).prod(axis=1))

    def _true(self, y_m: Floats) -> Floats:
        unit_m = _units(self.scale, y_m / self.unit_y_m + self.y)
        return np.asarray(unit_m / (self.unit_x_m, self.unit_y_m))


def metric(ends: Floats, latitude: float) -> Floats:
    """Return segments of shape (s, 4) in degrees in metres, scaled at one latitude [degrees]."""
    unit_m: Floats = np.tile(degree_lengths_m(latitude), 2)
    return ends * unit_m


def _units(scale: Scale, y: Floats) -> Floats:
    """Return the length of a unit of x and of y at some y, shape (n, 2) [m]."""
    at = scale.south + np.arange(len(scale.table)) * scale.table_step
    return np.column_stack([np.interp(y, at, scale.table[:, axis]) for axis in (0, 1)])


@compiled
def _ends(
    xy: Floats, at: Ints, x: float, y: float, unit_x: float, unit_y: float, ends: Floats
) -> None:
    for s in range(len(at)):
        p = at[s]
        ends[s, 0] = (xy[p, 0] - x) * unit_x
        ends[s, 1] = (xy[p, 1] - y) * unit_y
        ends[s, 2] = (xy[p + 1, 0] - x) * unit_x
        ends[s, 3] = (xy[p + 1, 1] - y) * unit_y
