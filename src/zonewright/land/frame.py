"""A metric frame of one's own: a transverse Mercator on the data's central meridian."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

Floats = NDArray[np.float64]
EPSG_4490 = CRS.from_epsg(4490)


@dataclass(frozen=True, slots=True)
class MetricFrame:
    """A transverse Mercator (scale 1) on one meridian of CGCS2000.

    Within 1° of the meridian lengths are true to 1 in 6 000. It serves distances; areas are
    computed on the ellipsoid.

    Parameters
    ----------
    meridian
        Central meridian [degrees].

    Examples
    --------
    >>> frame = MetricFrame(113.0)
    >>> frame.to_metric(np.array([[113.0, 22.0]])).round(1).tolist()
    [[0.0, 2433800.5]]
    """

    meridian: float

    @classmethod
    def around(cls, longitudes: Iterable[float]) -> MetricFrame:
        """Return the frame in the middle of some longitudes [degrees]."""
        given = np.asarray(list(longitudes), dtype=float)
        return cls(float((given.min() + given.max()) / 2))

    def to_metric(self, points: Floats) -> Floats:
        """Return points of shape (n, 2), longitude and latitude, in metres."""
        east, north = _transformer(self.meridian).transform(points[:, 0], points[:, 1])
        return np.column_stack([east, north])

    def to_degrees(self, points: Floats) -> Floats:
        """Return points of shape (n, 2) in metres as longitude and latitude."""
        lon, lat = _transformer(self.meridian).transform(
            points[:, 0], points[:, 1], direction="INVERSE"
        )
        return np.column_stack([lon, lat])


@lru_cache(maxsize=64)
def _transformer(meridian: float) -> Transformer:
    local = CRS.from_proj4(
        f"+proj=tmerc +lat_0=0 +lon_0={meridian!r} +k=1 +ellps=GRS80 +units=m +no_defs"
    )
    return Transformer.from_crs(local.geodetic_crs, local, always_xy=True)
