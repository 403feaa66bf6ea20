"""True lengths and areas of a file's coordinates: degrees, metres or feet, in any frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer

from zonewright.core.compiled import in_halves
from zonewright.core.errors import CRSError
from zonewright.land._areas import at_points, ring_areas_m2, ring_moments
from zonewright.land.flat import Flat, Floats

# Rings up to 60 km across are integrated by a series; beyond it, edge by edge.
_SERIES_DEGREES = 0.5
_LATITUDES = 257
_SAMPLE = 10_000
_PRECISION = 1e-9
_DEGREES = (4, 6, 8, 12, 16, 24)
# Step of the numerical derivative, as a share of the ellipsoid's axis: about 1 km.
_STEP = 1.5e-4


@dataclass(frozen=True)
class Scale:
    """What a unit of the file's coordinates is on the ground, on the ellipsoid of their frame.

    Parameters
    ----------
    crs
        Geographic (x = longitude, y = latitude, in degrees) or projected.
    west, south, east, north
        Box around the coordinates [units of the frame].
    middle
        Easting at which the length of a unit is taken [units of the frame]; None takes the middle
        of the box.

    Notes
    -----
    In a geographic frame edges are geodesics: the area below each is integrated with the bulge of
    the geodesic to fourth order, true to 1 in 10⁸ for parcels up to 60 km across. In a projected
    frame edges are straight lines of the projection, and the plane area is multiplied by the scale
    of areas at the parcel's centre of gravity: true to 1 in 10⁷ for parcels up to 10 km across.
    """

    crs: CRS
    west: float
    south: float
    east: float
    north: float
    middle: float | None = None

    @classmethod
    def of(cls, flat: Flat, crs: CRS) -> Scale:
        """Return the scale around some polygons.

        Raises
        ------
        CRSError
            If the frame is neither geographic nor projected, or its coordinates are said to be
            degrees and are none.
        """
        if not (crs.is_geographic or crs.is_projected):
            raise CRSError("scale-crs", found=crs.name)
        if not len(flat.xy):
            return cls(crs, 0.0, 0.0, 1.0, 1.0)
        west, south, east, north = flat.box()
        if crs.is_geographic and (min(west, -east) < -360 or min(south, -north) < -90):
            x, y = flat.xy[np.argmax(np.abs(flat.xy).max(axis=1))]
            raise CRSError("area-not-degrees", x=round(float(x), 3), y=round(float(y), 3))
        some = flat.xy[:: max(1, len(flat.xy) // _SAMPLE), 0]
        return cls(crs, west, south, east, north, float(np.median(some)))

    def areas_m2(self, flat: Flat) -> Floats:
        """Return the area of each row on the ellipsoid, holes subtracted [m²].

        It is 0 for a row that lies where the projection has no place on the ellipsoid.

        Examples
        --------
        >>> from shapely import box
        >>> from zonewright.land.flat import flat_of_shapes
        >>> flat = flat_of_shapes([box(113.0, 22.0, 113.01, 22.01)])
        >>> Scale.of(flat, CRS.from_epsg(4490)).areas_m2(flat).round(1).tolist()
        [1143385.2]
        """
        if self.crs.is_geographic:
            rings = self._geographic(flat.xy, flat)
        elif self._density is None:
            to_degrees = Transformer.from_crs(self.crs, self.crs.geodetic_crs, always_xy=True)
            rings = self._geographic(np.column_stack(to_degrees.transform(*flat.xy.T)), flat)
        else:
            density, box = self._density, (self.west, self.south, self.east, self.north)

            def some(begin: int, end: int) -> Floats:
                area, x, y = ring_moments(flat.xy, flat.ring_start[begin : end + 1])
                return area * at_points(x, y, box, density)

            rings = np.concatenate(in_halves(len(flat.owner), some))
        rings = np.where(np.isfinite(rings), rings, 0.0)
        return np.bincount(flat.owner, rings, flat.rows).astype(np.float64, copy=False)

    @cached_property
    def table(self) -> Floats:
        """Return the length of a unit of x and of y at evenly spaced y, shape (257, 2) [m]."""
        y = np.linspace(self.south, self.north, _LATITUDES)
        if self.crs.is_geographic:
            return _degree_lengths_m(self._ellipsoid, np.clip(y, -89.9, 89.9))
        x = np.full(_LATITUDES, (self.west + self.east) / 2 if self.middle is None else self.middle)
        unit_m = np.sqrt(_density_of(self.crs, x, y))
        plain = float(self.crs.axis_info[0].unit_conversion_factor or 1.0)
        unit_m = np.where(np.isfinite(unit_m), unit_m, plain)
        return np.column_stack([unit_m, unit_m])

    @property
    def table_step(self) -> float:
        """Return the distance in y between two entries of `table`, above 0."""
        return max(self.north - self.south, 1e-12) / (_LATITUDES - 1)

    @cached_property
    def _ellipsoid(self) -> tuple[float, float]:
        found = self.crs.ellipsoid
        if found is None:
            raise CRSError("scale-crs", found=self.crs.name)
        flattening = 1 / found.inverse_flattening if found.inverse_flattening else 0.0
        return float(found.semi_major_metre), flattening

    def _geographic(self, degrees: Floats, flat: Flat) -> Floats:
        axis_m, flattening = self._ellipsoid
        rings, wide = ring_areas_m2(
            degrees, flat.ring_start, axis_m, flattening * (2 - flattening), _SERIES_DEGREES
        )
        geod = Geod(a=axis_m, f=flattening)
        for ring in np.flatnonzero(wide):
            first, last = flat.ring_start[ring : ring + 2]
            area_m2 = abs(geod.polygon_area_perimeter(*degrees[first:last].T)[0])
            rings[ring] = -area_m2 if flat.hole[ring] else area_m2
        return rings

    @cached_property
    def _density(self) -> Floats | None:
        """Return the coefficients of the scale of areas; None where no polynomial fits it."""
        test = np.random.default_rng(0).uniform(-1, 1, (64, 2))
        exact = _density_of(self.crs, *self._from_unit(*test.T))
        for degree in _DEGREES:
            nodes = chebyshev.chebpts1(degree)
            x, y = (grid.ravel() for grid in np.meshgrid(nodes, nodes, indexing="ij"))
            values = _density_of(self.crs, *self._from_unit(x, y))
            if not np.isfinite(values).all():
                return None
            basis = chebyshev.chebvander2d(x, y, [degree - 1, degree - 1])
            found = np.linalg.solve(basis, values).reshape(degree, degree)
            near = chebyshev.chebval2d(test[:, 0], test[:, 1], found)
            if np.allclose(near, exact, rtol=_PRECISION, atol=0):
                return np.asarray(found, dtype=np.float64)
        return None

    def _from_unit(self, across: Floats, up: Floats) -> tuple[Floats, Floats]:
        x = (self.west + self.east + across * (self.east - self.west)) / 2
        return x, (self.south + self.north + up * (self.north - self.south)) / 2


def _density_of(crs: CRS, x: Floats, y: Floats) -> Floats:
    """Return the area on the ellipsoid of a unit square of a projected frame at points [m²]."""
    geographic = crs.geodetic_crs
    found = crs.ellipsoid
    if geographic is None or found is None:
        raise CRSError("scale-crs", found=crs.name)
    axis_m = float(found.semi_major_metre)
    flattening = 1 / found.inverse_flattening if found.inverse_flattening else 0.0
    to_degrees = Transformer.from_crs(crs, geographic, always_xy=True)
    step = _STEP * axis_m / float(crs.axis_info[0].unit_conversion_factor or 1.0)

    def moved(by_x: float, by_y: float) -> NDArray[np.float64]:
        return np.stack(to_degrees.transform(x + by_x * step, y + by_y * step))

    def slope(by_x: float, by_y: float) -> NDArray[np.float64]:
        near = moved(by_x, by_y) - moved(-by_x, -by_y)
        far = moved(2 * by_x, 2 * by_y) - moved(-2 * by_x, -2 * by_y)
        return (8 * _wrapped(near) - _wrapped(far)) / (12 * step)

    # Where the projection has no place on the ellipsoid, infinities give what is no number.
    with np.errstate(invalid="ignore"):
        across, up = slope(1, 0), slope(0, 1)
        lengths = _degree_lengths_m((axis_m, flattening), moved(0, 0)[1])
        jacobian: Floats = np.abs(across[0] * up[1] - across[1] * up[0])
        return jacobian * lengths[:, 0] * lengths[:, 1]


def _wrapped(change: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([(change[0] + 180) % 360 - 180, change[1]])


def _degree_lengths_m(ellipsoid: tuple[float, float], latitude: Floats) -> Floats:
    axis_m, flattening = ellipsoid
    eccentricity2 = flattening * (2 - flattening)
    phi = np.radians(latitude)
    root = 1 - eccentricity2 * np.sin(phi) ** 2
    normal = axis_m / np.sqrt(root)
    meridian = normal * (1 - eccentricity2) / root
    return np.radians(np.column_stack([normal * np.cos(phi), meridian]))
