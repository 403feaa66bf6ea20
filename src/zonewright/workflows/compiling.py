"""Compile what is compiled at its first use, so that no command has to: ``make setup`` runs it.

python -m zonewright.workflows.compiling
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import box

from zonewright.land.contiguity import contiguous_blocks
from zonewright.land.flat import flat_of_shapes
from zonewright.land.frame import EPSG_4490
from zonewright.land.grading._sums import cut_and_fill, tangent_of_cut
from zonewright.land.topology import topology_of
from zonewright.land.unlock import Case, Limits, unlock
from zonewright.land.unlock.case import Target
from zonewright.workflows.block_file import load

_SIDE = 6
_TARGETS: tuple[Target, ...] = ("largest", "area", "blocks")


@dataclass(frozen=True, slots=True)
class _Ground:
    """Lots in rows and columns of which some are ready, at random."""

    ready: NDArray[np.bool_]
    cost_cny: NDArray[np.float64]

    def case(self) -> Case:
        """Return the lots as a question what to buy."""
        count = _SIDE * _SIDE
        number = np.arange(count).reshape(_SIDE, _SIDE)
        first = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
        second = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
        codes = np.array([f"L{lot:03}" for lot in range(count)], dtype=object)
        area_m2, all_of_them = np.full(count, 2e4), np.ones(count, dtype=np.bool_)
        cost_cny = np.where(self.ready, 0.0, self.cost_cny)
        return Case(
            codes, area_m2, self.ready, cost_cny, np.zeros(count), all_of_them, first, second
        )


def compile_all(*, time_limit_s: float = 20.0) -> float:
    """Run, on little ground, the compiled steps of blocks, plans and grading; return seconds.

    What is compiled is kept beside the modules, or in the user's cache where these cannot be
    written.

    Parameters
    ----------
    time_limit_s
        Most that each of the plans may take, its compilation included [s].
    """
    begun = time.perf_counter()
    load()
    # Degrees, and a lot drawn twice.
    lots = flat_of_shapes([box(x, 22.0, x + 0.001, 22.001) for x in (113.0, 113.001, 113.001)])
    contiguous_blocks(topology_of(lots, EPSG_4490), min_area_m2=1.0)
    rng = np.random.default_rng(7)
    ground = _Ground(rng.random(_SIDE * _SIDE) < 0.3, rng.lognormal(13.0, 0.5, _SIDE * _SIDE))
    for target in _TARGETS:
        limits = Limits(4e6, target=target, threshold_m2=1e5)
        unlock(ground.case(), limits, time_limit_s=time_limit_s)
    terms, ones = np.ones((4, 3)), np.ones(4)
    cut_and_fill(terms, ones, ones, np.zeros(3))
    tangent_of_cut(terms, ones, ones, np.zeros(3))
    return time.perf_counter() - begun


def main() -> None:
    """Compile, and say how long it took."""
    print(f"compiled in {compile_all():.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
