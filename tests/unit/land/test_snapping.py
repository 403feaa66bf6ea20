"""Edges drawn in two ways become the same segments."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from tests.unit.land.topology.test_exact import METRES, grid
from zonewright.land.flat import Flat, flat_of_shapes
from zonewright.land.scale import Scale
from zonewright.land.snapping import snapped
from zonewright.land.topology.exact import ALONE, match_edges, shared_edges
from zonewright.land.topology.near import contacts_of
from zonewright.land.topology.near_frame import NearFrame


def drawn_alike(lots: list[Polygon]) -> tuple[Flat, dict[tuple[int, int], float]]:
    """Return the lots after snapping, and the lengths of the edges that are then the same."""
    flat = flat_of_shapes(lots)
    scale = Scale.of(flat, METRES)
    frame = NearFrame.of(flat, scale)
    at = np.flatnonzero(match_edges(flat).twin == ALONE)
    found = contacts_of(frame.ends(flat, at), flat.point_owner()[at], tolerance_m=0.1)
    flat = snapped(flat, frame, at[found.one], at[found.other])
    first, second, shared_m = shared_edges(flat, match_edges(flat), scale)
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    return flat, dict(zip(pairs, shared_m.tolist(), strict=True))


def test_a_missing_corner_is_put_in() -> None:
    lots = [box(0, 0, 100, 50), box(0, 50, 40, 90), box(40, 50, 100, 90)]
    flat, shared = drawn_alike(lots)
    assert shared == pytest.approx({(0, 1): 40.0, (0, 2): 60.0, (1, 2): 40.0}, rel=1e-3)
    assert [shape.equals(lot) for shape, lot in zip(flat.shapes(), lots, strict=True)] == [True] * 3


def test_a_lot_drawn_apart_shares_its_edges_again() -> None:
    lots = grid(5)
    scale = Scale.of(flat_of_shapes(lots), METRES)
    clean = shared_edges(flat_of_shapes(lots), match_edges(flat_of_shapes(lots)), scale)
    shaken = [*lots]
    shaken[12] = shapely.transform(lots[12], lambda points: points + np.array([0.04, -0.03]))
    shaken[7] = shapely.segmentize(lots[7], 33.0)
    flat, shared = drawn_alike(shaken)
    assert list(shared) == list(zip(clean[0].tolist(), clean[1].tolist(), strict=True))
    assert list(shared.values()) == pytest.approx(clean[2].tolist(), abs=0.1)
    assert shapely.hausdorff_distance(flat.shapes(), np.array(lots)).max() < 0.11


def test_a_road_and_a_corner_contact_stay() -> None:
    lots = [box(0, 0, 50, 50), box(0, 50.4, 50, 90), box(50, 50, 90, 90)]
    flat, shared = drawn_alike([lots[0], lots[1]])
    assert shared == {}
    assert [shape.equals(lot) for shape, lot in zip(flat.shapes(), lots[:2], strict=True)] == [
        True
    ] * 2
    assert drawn_alike([lots[0], lots[2]])[1] == {}


def test_a_ring_that_shrinks_to_nothing_is_left_out() -> None:
    ground = box(0, 0, 50, 50).difference(box(20, 20, 20.05, 20.05))
    flat, _ = drawn_alike([ground, box(20, 20, 20.05, 20.05), box(50, 0, 90, 50)])
    assert flat.rows == 3
    assert shapely.area(flat.shapes()[0]) == pytest.approx(2_500, abs=0.01)
