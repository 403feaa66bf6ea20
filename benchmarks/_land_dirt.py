"""The same ground as it comes from offices: drawn apart, without common vertices, overlapping."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks._land_ground import Ground

SHARE, SHARE_OVERLAPPING = 0.02, 0.005
# Two lots that are both redrawn lie up to 0.1 m apart.
APART_M, ASIDE_M = 0.049, 0.03
OVERLAP_M = (0.2, 0.6)
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def soiled(ground: Ground, *, seed: int) -> tuple[Floats, Integers]:
    """Return vertices [m] and starts of the rings of the ground, badly drawn.

    One lot in fifty each has vertices of its own, up to 5 cm off; a vertex more than its neighbour,
    up to 3 cm beside the common edge; or none where neighbours meet on its edge. One in two hundred
    reaches 20 to 60 cm over its eastern neighbour. Who abuts whom remains.
    """
    rng = np.random.default_rng([seed, 1])
    draw = rng.random(len(ground))
    redrawn = draw < SHARE
    more = (draw >= SHARE) & (draw < 2 * SHARE)
    fewer = (draw >= 2 * SHARE) & (draw < 3 * SHARE)
    reaching = (draw >= 3 * SHARE) & (draw < 3 * SHARE + SHARE_OVERLAPPING)

    owner = np.repeat(np.arange(len(ground)), np.diff(ground.start))
    xy = ground.xy / 1_000
    _reach(xy, ground, reaching, rng)
    turn, by = rng.uniform(0, 2 * np.pi, len(xy)), APART_M * np.sqrt(rng.random(len(xy)))
    xy += (redrawn[owner] * by)[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    xy[ground.start[1:] - 1] = xy[ground.start[:-1]]

    at, added = _added(xy, ground.start, np.flatnonzero(more), rng)
    kept = ground.corner | ~fewer[owner]
    xy, owner = np.insert(xy, at, added, axis=0), np.insert(owner, at, owner[at])
    stay = np.insert(kept, at, True)
    start = np.concatenate([[0], np.cumsum(np.bincount(owner[stay], minlength=len(ground)))])
    return np.round(xy[stay], 3), start


def _reach(
    xy: Floats, ground: Ground, reaching: NDArray[np.bool_], rng: np.random.Generator
) -> None:
    """Move the eastern side of some lots over their neighbour, in place."""
    pairs = np.flatnonzero(ground.beside & reaching[ground.first])
    for first, second in zip(ground.first[pairs], ground.second[pairs], strict=True):
        own = slice(ground.start[first], ground.start[first + 1])
        other = ground.xy[ground.start[second] : ground.start[second + 1]]
        shared = (ground.xy[own, None] == other[None]).all(axis=2).any(axis=1)
        xy[own][shared, 0] += rng.uniform(*OVERLAP_M)


def _added(
    xy: Floats, start: Integers, lots: Integers, rng: np.random.Generator
) -> tuple[Integers, Floats]:
    """Return where each lot gets a vertex more, and that vertex: about the middle of an edge."""
    edges = np.diff(start)[lots] - 1
    at = start[lots] + (rng.random(len(lots)) * edges).astype(np.int64)
    along = xy[at + 1] - xy[at]
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.linalg.norm(along, axis=1)[:, None]
    share, aside = rng.uniform(0.3, 0.7, (len(at), 1)), rng.uniform(-1, 1, (len(at), 1))
    return at + 1, xy[at] + share * along + ASIDE_M * aside * across
