"""What ``make setup`` compiles is what the commands need."""

from __future__ import annotations

from zonewright.intake import _pages
from zonewright.land import _areas, _snap, _trace, _wkb
from zonewright.land.grading import _sums
from zonewright.land.topology import bridge_kernels, exact, near, repair_kernels
from zonewright.land.unlock import _growth
from zonewright.workflows.compiling import compile_all


def test_the_kernels_of_blocks_plans_and_grading_are_compiled() -> None:
    assert compile_all() > 0
    needed = (
        _areas.ring_areas_m2, _areas.ring_moments, _snap.rebuilt, _trace.trace, _wkb.fill_rings,
        _pages.records_of, exact._match, near._meet, bridge_kernels.outline_starts,
        repair_kernels.row_marks, _growth.grow, _sums.cut_and_fill,
    )  # fmt: skip
    assert [kernel.__name__ for kernel in needed if not kernel.signatures] == []
