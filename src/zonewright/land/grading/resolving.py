"""Cells fine enough for the pads: a few columns of one height measure too much."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt

from zonewright.core.schema import require_positive
from zonewright.land.grading.columns import columns_of
from zonewright.land.grading.pads import Pad
from zonewright.land.grading.terrain import Terrain

_MOST_TIMES = 12


def resolved(terrain: Terrain, pads: Sequence[Pad], *, columns: int = 400) -> Terrain:
    """Return the terrain with its cells divided where a pad has few of them.

    Parameters
    ----------
    terrain
        Heights on a grid.
    pads
        Whose volumes are to be measured.
    columns
        How many a pad is to have, on average; a cell is divided into 12 by 12 at most.

    Returns
    -------
    terrain
        The same where the cells are enough; else `Terrain.refined`.

    Notes
    -----
    A height stands for the middle of its cell; between the middles the ground goes on. A column of
    one height takes a slope within the cell for a step, and counts cut and fill that neighbours
    would even out. On thirty cells of 10 m with metres between neighbours that is 7 to 10 % of the
    volume; it falls with the square of the cell's size.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> terrain = Terrain(np.array([[1.0, 3.0]]), west=0, north=10, cell_x_m=10, cell_y_m=10)
    >>> fine = resolved(terrain, [Pad("A", shapely.box(0, 0, 20, 10))])
    >>> fine.heights_m.shape, fine.divided
    ((12, 24), 12)
    """
    require_positive(columns=columns)
    covered = sum(columns_of(terrain, pad.polygon).total_m2 for pad in pads)
    cells = covered / terrain.cell_m2
    if not cells > 0:
        return terrain
    times = min(_MOST_TIMES, ceil(sqrt(columns * len(pads) / cells)))
    return terrain.refined(times) if times > 1 else terrain
