"""Work in two threads gives the same arrays, bit by bit, as work in one."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import shapely

from tests.unit.land.topology.coverage import PLANE, coverage, jittered, with_corners
from zonewright.core import compiled
from zonewright.land import outlines
from zonewright.land.contiguity import BlockTable, contiguous_blocks
from zonewright.land.flat import flat_of_shapes
from zonewright.land.topology import (
    Topology,
    near,
    near_doubt,
    near_grid,
    overlaps_boxes,
    topology_of,
)

MODULES = (compiled, near, near_doubt, near_grid, outlines, overlaps_boxes)


def found(shapes: np.ndarray, tolerance_m: float) -> tuple[Topology, BlockTable]:
    topology = topology_of(flat_of_shapes(shapes), PLANE, tolerance_m=tolerance_m, slit_m=1.0)
    ready = np.random.default_rng(1).random(len(shapes)) < 0.6
    return topology, contiguous_blocks(topology, min_area_m2=1.0, ready=ready)


@pytest.mark.parametrize("tolerance_m", [0.0, 0.1])
@pytest.mark.parametrize("seed", range(3))
def test_two_threads_find_what_one_finds(
    monkeypatch: pytest.MonkeyPatch, seed: int, tolerance_m: float
) -> None:
    rng = np.random.default_rng(seed)
    shapes = with_corners(
        jittered(coverage(12, 15, rng), rng, share=0.2, by_m=0.06), rng, share=0.2
    )
    shapes = np.append(shapes, [*shapes[:3], None, shapely.buffer(shapes[40], 5)])
    for module in MODULES:
        monkeypatch.setattr(module, "_FEW", 10**9)
    whole, blocks = found(shapes, tolerance_m)
    for module in MODULES:
        monkeypatch.setattr(module, "_FEW", 0)
    halved, same_blocks = found(shapes, tolerance_m)
    for one, other in [(whole, halved), (whole.edges, halved.edges), (whole.flat, halved.flat)]:
        for name in ("first", "second", "shared_m", "near_m", "area_m2", "twin", "surplus", "xy"):
            if hasattr(one, name):
                assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    assert len(whole.edges.surplus)
    assert len(whole.near_m[whole.near_m > 0]) or not tolerance_m
    assert shapely.to_wkb(blocks.outline).tolist() == shapely.to_wkb(same_blocks.outline).tolist()
    if whole.survey is None or halved.survey is None:
        assert whole.survey is halved.survey
        return
    for part in ("overlaps", "slits"):
        one, other = getattr(whole.survey, part), getattr(halved.survey, part)
        for field in fields(one):
            assert getattr(one, field.name).tobytes() == getattr(other, field.name).tobytes()
