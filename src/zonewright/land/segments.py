"""How long a degree is on the ellipsoid of CGCS2000."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_EQUATOR_M, _FLATTENING = 6_378_137.0, 1 / 298.257222101
_ECCENTRICITY2 = _FLATTENING * (2 - _FLATTENING)


def degree_lengths_m(latitude: float | Floats) -> Floats:
    """Return the lengths of a degree of longitude and of latitude on the ellipsoid.

    Parameters
    ----------
    latitude
        One, or shape (n,) [degrees].

    Returns
    -------
    lengths_m
        Shape (2,) or (n, 2) [m].

    Examples
    --------
    >>> degree_lengths_m(22.0).round(1).tolist()
    [103262.1, 110730.3]
    """
    phi = np.radians(latitude)
    root = 1 - _ECCENTRICITY2 * np.sin(phi) ** 2
    normal = _EQUATOR_M / np.sqrt(root)
    meridian = normal * (1 - _ECCENTRICITY2) / root
    return np.radians(np.stack([normal * np.cos(phi), meridian], axis=-1))
