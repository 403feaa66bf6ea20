"""Sums over the columns of a pad, compiled: they are asked for hundreds of times a search."""

from __future__ import annotations

import numpy as np

from zonewright.core.compiled import compiled
from zonewright.land.grading.terrain import Floats


@compiled
def cut_and_fill(terms: Floats, above: Floats, area: Floats, surface: Floats) -> Floats:
    """Return cut and fill [m³] of n columns under a surface (`PadGround`)."""
    cut = fill = 0.0
    for column in range(len(above)):
        over = above[column] - (
            terms[column, 0] * surface[0]
            + terms[column, 1] * surface[1]
            + terms[column, 2] * surface[2]
        )
        if over > 0:
            cut += area[column] * over
        else:
            fill -= area[column] * over
    return np.array([cut, fill])


@compiled
def tangent_of_cut(terms: Floats, above: Floats, area: Floats, surface: Floats) -> Floats:
    """Return the cut [m³] and how it falls with each number of the surface [m²], shape (4,)."""
    found = np.zeros(4)
    for column in range(len(above)):
        over = above[column] - (
            terms[column, 0] * surface[0]
            + terms[column, 1] * surface[1]
            + terms[column, 2] * surface[2]
        )
        if over > 0:
            found[0] += area[column] * over
            for axis in range(3):
                found[axis + 1] += area[column] * terms[column, axis]
    return found
