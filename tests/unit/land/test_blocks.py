"""Contiguous blocks: what joins, what does not, and how large they are."""

from __future__ import annotations

from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box
from shapely.affinity import translate

from tests.unit.land.draw import SIDE, SOUTH, WEST, draw
from zonewright.core.errors import CRSError, InputError, RangeError, SchemaError
from zonewright.land.area import geodesic_area_m2
from zonewright.land.blocks import MU_500_M2, ready_blocks

# A degree of longitude and of latitude at the test ground [m].
LON_M, LAT_M = 102_900.0, 110_750.0


def members(parcels: gpd.GeoDataFrame, **options: float) -> list[tuple[str, ...]]:
    return sorted(ready_blocks(parcels, **{"min_area_m2": 1.0, **options})["members"])


def plots(*shapes: Polygon) -> gpd.GeoDataFrame:
    codes = [chr(ord("A") + place) for place in range(len(shapes))]
    return gpd.GeoDataFrame({"stage": "L6"}, geometry=list(shapes), index=codes, crs="EPSG:4490")


def metres(west: float, south: float, east: float, north: float) -> Polygon:
    """Draw a rectangle by metres from the corner of the test ground."""
    return box(
        WEST + west / LON_M, SOUTH + south / LAT_M, WEST + east / LON_M, SOUTH + north / LAT_M
    )


def test_an_edge_joins_and_a_corner_does_not() -> None:
    assert members(draw("RR ", "  R")) == [("P0000", "P0001"), ("P0102",)]


def test_a_corner_does_not_join_in_any_direction() -> None:
    assert len(members(draw("R R", " R ", "R R"))) == 5


def test_only_land_that_is_levelled_and_not_supplied_counts() -> None:
    assert members(draw("RNSL")) == [("P0000", "P0001")]
    assert members(draw("RNSL"), stages=("L8", "L7")) == [("P0001", "P0002")]  # type: ignore[arg-type]


def test_a_chain_joins_around_a_hole() -> None:
    ring = ready_blocks(draw("RRR", "RSR", "RRR"), min_area_m2=1.0)
    assert ring["parcel_count"].tolist() == [8]
    assert len(ring.geometry.iloc[0].interiors) == 1


def test_columns_order_and_identity() -> None:
    found = ready_blocks(draw("R RR RRR"), min_area_m2=1.0)
    assert found.index.tolist() == ["P0005", "P0002", "P0000"]
    assert found.index.name == "block_id"
    assert list(found) == ["parcel_count", "area_m2", "area_mu", "members", "geometry"]
    assert found.crs == "EPSG:4490"
    assert found["area_mu"].tolist() == pytest.approx((found["area_m2"] * 3 / 2000).tolist())


def test_areas_are_geodesic_and_outlines_exact() -> None:
    parcels = draw("RR", "R ")
    found = ready_blocks(parcels, min_area_m2=1.0).iloc[0]
    assert found["area_m2"] == pytest.approx(geodesic_area_m2(parcels.geometry).sum(), rel=1e-12)
    assert found["geometry"].equals(parcels.union_all())


def test_a_given_area_is_used_and_a_missing_one_computed() -> None:
    parcels = draw("RR").assign(area_m2=[1_000.0, np.nan])
    own = geodesic_area_m2(parcels.geometry)[1]
    assert ready_blocks(parcels, min_area_m2=1.0)["area_m2"].tolist() == [1_000.0 + own]


def test_500_mu_are_exact() -> None:
    assert Fraction(MU_500_M2).limit_denominator(3) == Fraction(1_000_000, 3)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 11])
def test_a_block_of_exactly_500_mu_is_kept_however_it_is_divided(count: int) -> None:
    parcels = draw("R" * count).assign(area_m2=MU_500_M2 / count)
    assert len(ready_blocks(parcels)) == 1


def test_a_square_centimetre_below_500_mu_is_dropped() -> None:
    assert len(ready_blocks(draw("RR").assign(area_m2=(MU_500_M2 - 1e-4) / 2))) == 0


def test_an_edge_without_a_vertex_at_the_neighbours_corner_joins() -> None:
    long, left, right = metres(0, 0, 100, 50), metres(0, 50, 40, 90), metres(40, 50, 100, 90)
    assert members(plots(long, left, right)) == [("A", "B", "C")]
    assert members(plots(long, left)) == [("A", "B")]


def test_two_drawings_of_an_edge_that_differ_within_the_tolerance_join() -> None:
    assert members(plots(metres(0, 0, 100, 50), metres(0, 50.04, 100, 90))) == [("A", "B")]
    assert len(members(plots(metres(0, 0, 100, 50), metres(0, 50.2, 100, 90)))) == 2
    apart = plots(metres(0, 0, 100, 50), metres(0, 50.2, 100, 90))
    assert members(apart, tolerance_m=0.3) == [("A", "B")]


def test_edges_that_overlap_within_the_tolerance_join() -> None:
    assert members(plots(metres(0, 0, 100, 50), metres(0, 49.96, 100, 90))) == [("A", "B")]


def test_a_slanting_neighbour_edge_joins() -> None:
    slant = Polygon(metres(0, 0, 100, 50).exterior.coords)
    ends = [(0, 50.03), (100, 49.98), (100, 90), (0, 90)]
    other = Polygon([(WEST + x / LON_M, SOUTH + y / LAT_M) for x, y in ends])
    assert members(plots(slant, other)) == [("A", "B")]


@pytest.mark.parametrize(("width", "joined"), [(0.9, False), (1.1, True), (5.0, True)])
def test_the_frontage_must_be_long_enough(width: float, joined: bool) -> None:
    noded = Polygon(
        [(WEST + x / LON_M, SOUTH + y / LAT_M)
         for x, y in [(0, 0), (100, 0), (100, 50), (100 - width, 50), (0, 50)]]
    )  # fmt: skip
    above = Polygon(
        [(WEST + x / LON_M, SOUTH + y / LAT_M)
         for x, y in [(100 - width, 50), (100, 50), (200, 50), (200, 90), (100 - width, 90)]]
    )  # fmt: skip
    bare = metres(0, 0, 100, 50), metres(100 - width, 50, 200, 90)
    assert len(members(plots(noded, above))) == (1 if joined else 2)
    assert len(members(plots(*bare))) == (1 if joined else 2)


def test_frontage_adds_up_over_several_short_pieces() -> None:
    xs = np.linspace(0, 2, 11)  # ten pieces of 0.2 m, then a step away
    edge = [(x, 50) for x in xs]
    below = Polygon(
        [(WEST + x / LON_M, SOUTH + y / LAT_M) for x, y in [(0, 0), (2, 0), *edge[::-1]]]
    )
    above = Polygon([(WEST + x / LON_M, SOUTH + y / LAT_M) for x, y in [*edge, (2, 90), (0, 90)]])
    assert members(plots(below, above)) == [("A", "B")]
    assert len(members(plots(below, above), min_frontage_m=2.5)) == 2


def test_equal_and_nearly_equal_pieces_of_frontage_add_up() -> None:
    """0.6 m of the edge are drawn alike, the next 0.6 m are not: 1.2 m in all."""

    def outlined(*corners: tuple[float, float]) -> Polygon:
        return Polygon([(WEST + x / LON_M, SOUTH + y / LAT_M) for x, y in corners])

    below = outlined((0, 0), (1.2, 0), (1.2, 50), (0.6, 50), (0, 50))
    above = outlined((0, 50), (0.6, 50), (0.6, 50.03), (1.2, 50.03), (1.2, 90), (0, 90))
    assert members(plots(below, above)) == [("A", "B")]
    assert len(members(plots(below, above), min_frontage_m=1.3)) == 2


def test_corners_within_the_tolerance_do_not_join() -> None:
    one, other = metres(0, 0, 100, 50), metres(100.03, 50.03, 200, 90)
    overlapping = metres(99.97, 49.97, 200, 90)
    assert len(members(plots(one, other))) == 2
    assert len(members(plots(one, overlapping))) == 2


def test_a_road_between_keeps_apart() -> None:
    assert len(members(plots(metres(0, 0, 100, 50), metres(0, 58, 100, 100)))) == 2


def test_the_outline_of_a_badly_drawn_block_is_one_valid_polygon() -> None:
    long, left, right = metres(0, 0, 100, 50), metres(0, 50.03, 40, 90), metres(40, 50.03, 100, 90)
    found = ready_blocks(plots(long, left, right), min_area_m2=1.0).iloc[0]
    assert found["geometry"].geom_type == "Polygon"
    assert found["geometry"].is_valid
    assert geodesic_area_m2([found["geometry"]])[0] == pytest.approx(found["area_m2"], rel=1e-3)


def test_parts_of_one_parcel_count_together() -> None:
    split = MultiPolygon([metres(0, 0, 50, 50), metres(100, 0, 150, 50)])
    assert members(plots(split, metres(50, 0, 100, 50))) == [("A", "B")]
    assert members(plots(split)) == [("A",)]


def test_an_edge_inside_a_hole_joins() -> None:
    ring = metres(0, 0, 100, 100).difference(metres(40, 40, 60, 60))
    assert members(plots(ring, metres(40, 40, 60, 60))) == [("A", "B")]


def test_land_without_a_boundary_is_left_out() -> None:
    parcels = draw("RR")
    parcels.loc["P0000", "geometry"] = None
    assert members(parcels) == [("P0001",)]


def test_no_ready_land_gives_an_empty_frame() -> None:
    found = ready_blocks(draw("SSL"))
    assert len(found) == 0
    assert list(found) == ["parcel_count", "area_m2", "area_mu", "members", "geometry"]


def test_input_is_not_changed() -> None:
    parcels = draw("RR R")
    before = parcels.copy(deep=True)
    ready_blocks(parcels, min_area_m2=1.0)
    pd.testing.assert_frame_equal(parcels, before)


def test_refusals() -> None:
    with pytest.raises(CRSError, match="EPSG:4490"):
        ready_blocks(draw("R").to_crs("EPSG:4547"))
    with pytest.raises(CRSError, match="no CRS"):
        ready_blocks(draw("R").set_crs(None, allow_override=True))
    with pytest.raises(SchemaError, match="stage"):
        ready_blocks(draw("R").drop(columns="stage"))
    with pytest.raises(RangeError, match="min_area_m2"):
        ready_blocks(draw("R"), min_area_m2=0)
    with pytest.raises(RangeError, match="twice the tolerance"):
        ready_blocks(draw("R"), min_frontage_m=0.1)
    with pytest.raises(InputError, match="P0000"):
        ready_blocks(pd.concat([draw("R"), draw("R")]))


def test_a_thousand_noded_parcels_agree_with_the_union_of_geos() -> None:
    rng = np.random.default_rng(11)
    rows = ["".join(rng.choice(list("RS"), 32, p=[0.55, 0.45])) for _ in range(32)]
    parcels = draw(*rows)
    ready = parcels[parcels["stage"] == "L5"]
    parts = shapely.get_parts(shapely.coverage_union_all(ready.geometry.to_numpy()))
    expected = sorted(round(area, 3) for area in geodesic_area_m2(parts))
    found = ready_blocks(parcels, min_area_m2=1.0)
    assert sorted(round(area, 3) for area in found["area_m2"]) == pytest.approx(expected, rel=1e-9)
    assert shapely.equals(
        shapely.union_all(found.geometry.to_numpy()), shapely.union_all(ready.geometry.to_numpy())
    )


def test_dirty_copies_give_the_partition_of_the_clean_ground() -> None:
    rng = np.random.default_rng(5)
    rows = ["".join(rng.choice(list("RS"), 20, p=[0.6, 0.4])) for _ in range(20)]
    clean = draw(*rows)
    shaken = clean.copy()
    for code in rng.choice(clean.index, 60, replace=False):
        east, north = rng.uniform(-0.03, 0.03, 2)
        shape = clean.at[code, "geometry"]
        shaken.at[code, "geometry"] = translate(shape, east / LON_M, north / LAT_M)
    for code in rng.choice(clean.index, 60, replace=False):
        shape = shaken.at[code, "geometry"]
        shaken.at[code, "geometry"] = shapely.segmentize(shape, SIDE * 0.37)
    assert members(shaken) == members(clean)
