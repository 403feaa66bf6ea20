"""Laws of contiguous blocks."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from tests.property.strategies import grounds
from tests.unit.land.draw import draw
from zonewright.land.area import geodesic_area_m2
from zonewright.land.blocks import READY_STAGES, ready_blocks

trials = settings(max_examples=40, deadline=None)


def partition(parcels: gpd.GeoDataFrame, **options: float) -> set[tuple[str, ...]]:
    return set(ready_blocks(parcels, **{"min_area_m2": 1.0, **options})["members"])


def flood(rows: list[str]) -> set[tuple[str, ...]]:
    """Return the blocks of a ground by walking over its letters: no geometry at all."""
    left = {
        (r, c) for r, row in enumerate(rows) for c, mark in enumerate(row) if mark in "RN"
    }  # fmt: skip
    found = set()
    while left:
        edge, block = [left.pop()], []
        while edge:
            r, c = edge.pop()
            block.append(f"P{r:02}{c:02}")
            for step in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
                if step in left:
                    left.remove(step)
                    edge.append(step)
        found.add(tuple(sorted(block)))
    return found


@trials
@given(grounds)
def test_blocks_are_what_a_walk_over_the_edges_finds(rows: list[str]) -> None:
    """A corner joins nothing, an edge always joins."""
    assert partition(draw(*rows)) == flood(rows)


@trials
@given(grounds)
def test_every_ready_parcel_is_in_one_block_and_area_is_kept(rows: list[str]) -> None:
    parcels = draw(*rows)
    ready = parcels[parcels["stage"].isin(READY_STAGES)]
    blocks = ready_blocks(parcels, min_area_m2=1.0)
    listed = [code for members in blocks["members"] for code in members]
    assert sorted(listed) == sorted(ready.index)
    expected = geodesic_area_m2(ready.geometry).sum()
    assert blocks["area_m2"].sum() == pytest.approx(expected, rel=1e-12)
    assert geodesic_area_m2(blocks.geometry).sum() == pytest.approx(expected, rel=1e-8)


@trials
@given(grounds)
def test_blocks_are_the_parts_of_the_union(rows: list[str]) -> None:
    """An independent method: GEOS joins the parcels, and its parts are counted."""
    parcels = draw(*rows)
    ready = parcels[parcels["stage"].isin(READY_STAGES)].geometry.to_numpy()
    parts = shapely.get_parts(shapely.coverage_union_all(ready))
    blocks = ready_blocks(parcels, min_area_m2=1.0)
    assert len(blocks) == len(parts)
    assert sorted(blocks["area_m2"]) == pytest.approx(sorted(geodesic_area_m2(parts)), rel=1e-8)


@trials
@given(grounds, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(rows: list[str], shuffle: object) -> None:
    parcels = draw(*rows)
    order = list(range(len(parcels)))
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    one, other = (ready_blocks(frame, min_area_m2=1.0) for frame in (parcels, parcels.iloc[order]))
    assert one.drop(columns="geometry").equals(other.drop(columns="geometry"))
    assert all(one.geometry.geom_equals(other.geometry))


@trials
@given(grounds, st.floats(-20, 20), st.floats(-1, 1))
def test_a_rigid_move_changes_no_block(rows: list[str], east: float, north: float) -> None:
    """Moved by any distance, so that corners no longer agree bit by bit."""
    parcels = draw(*rows)
    moved = parcels.set_geometry(
        gpd.GeoSeries(
            [translate(shape, east, north) for shape in parcels.geometry],
            index=parcels.index,
            crs=parcels.crs,
        )
    )
    assert partition(moved) == partition(parcels)
    areas = ready_blocks(parcels, min_area_m2=1.0)["area_m2"].sum()
    along = parcels.set_geometry(parcels.translate(0.5, 0))  # along a parallel areas stay
    assert ready_blocks(along, min_area_m2=1.0)["area_m2"].sum() == pytest.approx(areas, rel=1e-9)


@trials
@given(grounds, st.integers(0, 2**32 - 1))
def test_where_vertices_stand_on_an_edge_is_irrelevant(rows: list[str], seed: int) -> None:
    parcels = draw(*rows)
    rng = np.random.default_rng(seed)
    shapes = [
        shapely.segmentize(shape, rng.choice([1e-3, 7e-4, 1.0])) for shape in parcels.geometry
    ]
    turned = [shapely.reverse(shape) if rng.random() < 0.5 else shape for shape in shapes]
    assert partition(parcels.set_geometry(turned, crs=parcels.crs)) == partition(parcels)


@trials
@given(grounds, st.floats(1e4, 3e5), st.floats(1e4, 3e5))
def test_a_larger_least_size_only_takes_blocks_away(
    rows: list[str], one: float, other: float
) -> None:
    parcels = draw(*rows)
    loose, tight = sorted((one, other))
    assert partition(parcels, min_area_m2=tight) <= partition(parcels, min_area_m2=loose)


@trials
@given(grounds)
def test_a_longer_frontage_never_joins_more(rows: list[str]) -> None:
    parcels = draw(*rows)
    edge_m = 195.0  # the shortest side of a parcel is about 201 m
    assert partition(parcels, min_frontage_m=edge_m) == partition(parcels)
    assert all(len(block) == 1 for block in partition(parcels, min_frontage_m=300.0))
