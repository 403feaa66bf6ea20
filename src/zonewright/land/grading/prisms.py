"""The ground under a pad as triangular prisms, and their exact volumes above and below a plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from zonewright.land.grading.pads import Plane
from zonewright.land.grading.terrain import Floats, Terrain


@dataclass(frozen=True, slots=True, eq=False)
class Prisms:
    """Triangles of the ground, n of them, which together cover a polygon.

    Parameters
    ----------
    x, y
        Corners, shape (n, 3) [m].
    height_m
        Height of the ground at the corners, shape (n, 3) [m].
    area_m2
        Shape (n,) [m²]; below 0 for the triangles that a fan takes away again.
    missing_m2
        Area of the polygon where the terrain has no height [m²].
    """

    x: Floats
    y: Floats
    height_m: Floats
    area_m2: Floats
    missing_m2: float

    def cut_fill(self, plane: Plane) -> tuple[float, float]:
        """Return the volumes above and below a plane [m³]."""
        above = self.height_m - plane.heights_at(self.x, self.y)
        return (
            float((self.area_m2 * positive_part(above)).sum()),
            float((self.area_m2 * positive_part(-above)).sum()),
        )


def positive_part(corners: Floats) -> Floats:
    """Return the mean over a triangle of the part of a linear function that is above 0.

    Parameters
    ----------
    corners
        Values at the corners, shape (n, 3).

    Returns
    -------
    mean
        Shape (n,).

    Notes
    -----
    With the values in descending order a >= b >= c: the mean is (a + b + c) / 3 if c >= 0; if only
    a is above 0, the function is a pyramid over the corner that the plane cuts off, and the mean is
    a³ / (3 (a - b) (a - c)); if only c is below 0, it is (a + b + c) / 3 plus the like of c.

    Examples
    --------
    >>> positive_part(np.array([[3.0, 0, 0], [1, -1, -1], [-1, -1, -1]])).round(6).tolist()
    [1.0, 0.083333, 0.0]
    """
    low, middle, high = np.sort(corners, axis=1).T
    mean: Floats = np.where(low >= 0, corners.sum(axis=1) / 3, 0.0)
    one = (high > 0) & (middle <= 0)
    a, b, c = high[one], middle[one], low[one]
    mean[one] = a * (a / (a - b)) * (a / (a - c)) / 3
    two = (middle > 0) & (low < 0)
    a, b, c = high[two], middle[two], low[two]
    mean[two] = (a + b + c) / 3 - c * (c / (a - c)) * (c / (b - c)) / 3
    return mean


def prisms_of(terrain: Terrain, polygon: shapely.Geometry) -> Prisms:
    """Return the triangulated ground under a polygon.

    Between the middles of four cells lie two triangles, divided from north-west to south-east;
    beyond the outermost middles the ground goes on level. A cell without a height is left out, and
    its neighbours' triangles lean on the nearest height.

    Parameters
    ----------
    terrain
        Heights on a grid.
    polygon
        In the terrain's frame [m]; it may reach beyond the terrain.

    Notes
    -----
    A triangle on the border is cut by it. The piece, with any holes, is taken as a fan: with each
    of its edges a signed triangle from one fixed point, so that any shape is summed exactly.
    """
    nodes, covered = _nodes(terrain, polygon)
    nw, ne, sw, se = nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, :-1], nodes[1:, 1:]
    squares = shapely.box(*np.moveaxis(sw[..., :2], -1, 0), *np.moveaxis(ne[..., :2], -1, 0))
    shapely.prepare(covered)
    whole = shapely.contains_properly(covered, squares)
    border = ~whole & shapely.intersects(covered, squares)
    inner, outer = (
        np.concatenate(
            [
                np.stack([nw[which], sw[which], se[which]], axis=1),
                np.stack([nw[which], se[which], ne[which]], axis=1),
            ]
        )
        for which in (whole, border)
    )
    shapes = shapely.polygons(outer[..., :2])
    fans, areas = _fans(outer, shapely.intersection(shapes, covered))
    triangles = np.concatenate([inner, fans])
    area = np.concatenate([np.tile(shapely.area(squares[whole]) / 2, 2), areas])
    missing = max(0.0, float(shapely.area(polygon) - area.sum()))
    return Prisms(triangles[..., 0], triangles[..., 1], triangles[..., 2], area, missing)


def _nodes(terrain: Terrain, polygon: shapely.Geometry) -> tuple[Floats, shapely.Geometry]:
    """Return the corners of triangles near a polygon, shape (rows, columns, 3): x, y, height.

    With them the part of the polygon where heights are known.
    """
    west, south, east, north = shapely.bounds(polygon)
    x_m, y_m = terrain.cell_x_m, terrain.cell_y_m
    part = terrain.cropped((west - x_m, south - y_m, east + x_m, north + y_m))
    known = ~np.isnan(part.heights_m)
    nearest = distance_transform_edt(~known, return_distances=False, return_indices=True)
    heights = np.pad(part.heights_m[tuple(nearest)], 1, mode="edge")
    bounds = part.bounds
    x, y = np.meshgrid(
        np.concatenate([[bounds[0]], part.center_x, [bounds[2]]]),
        np.concatenate([[bounds[3]], part.center_y, [bounds[1]]]),
    )
    return np.stack([x, y, heights], axis=-1), _known_part(part, known, polygon)


def _known_part(
    part: Terrain, known: NDArray[np.bool_], polygon: shapely.Geometry
) -> shapely.Geometry:
    covered = shapely.intersection(polygon, shapely.box(*part.bounds))
    if known.all():
        return covered
    few = known.mean() < 0.5
    row, column = np.nonzero(known if few else ~known)
    west, north = part.west + column * part.cell_x_m, part.north - row * part.cell_y_m
    cells = shapely.box(west, north - part.cell_y_m, west + part.cell_x_m, north)
    together = shapely.union_all(cells[shapely.intersects(cells, polygon)])
    return (shapely.intersection if few else shapely.difference)(covered, together)


def _fans(triangles: Floats, pieces: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Return the signed triangles of pieces of triangles, shape (n, 3, 3), and their areas."""
    parts, owner = shapely.get_parts(pieces, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    parts, owner = shapely.orient_polygons(parts[flat]), owner[flat]
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = owner[part]
    points, ring = shapely.get_coordinates(rings, return_index=True)
    along = ring[1:] == ring[:-1]
    own = triangles[owner[ring[1:][along]]]
    fan = np.stack([own[:, 0, :2], points[:-1][along], points[1:][along]], axis=1)
    one, other = fan[:, 1] - fan[:, 0], fan[:, 2] - fan[:, 0]
    area = (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]) / 2
    height = _heights_on(own[..., :2], own[..., 2], fan)
    return np.concatenate([fan, height[..., None]], axis=2), area


def _heights_on(corners: Floats, heights: Floats, points: Floats) -> Floats:
    """Return the heights of points on the planes of triangles, shape (n, 3)."""
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    double = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    rise, rise_other = heights[:, 1] - heights[:, 0], heights[:, 2] - heights[:, 0]
    east = (rise * other[:, 1] - rise_other * one[:, 1]) / double
    north = (rise_other * one[:, 0] - rise * other[:, 0]) / double
    away = points - corners[:, :1]
    found: Floats = heights[:, :1] + east[:, None] * away[..., 0] + north[:, None] * away[..., 1]
    return found
