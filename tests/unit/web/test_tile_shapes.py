"""Shapes of a tile: read from WKB, found by their box, cut, joined and written."""

from __future__ import annotations

import threading
import time

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from zonewright.core.errors import GeometryError
from zonewright.web.tiles import grid, wire
from zonewright.web.tiles.cache import Tile, TileCache
from zonewright.web.tiles.index import Index
from zonewright.web.tiles.joined import write_joined
from zonewright.web.tiles.layers import sheet
from zonewright.web.tiles.singles import write_singles
from zonewright.web.tiles.wkb import read_shapes

PLACE = (12, 3332, 1784)
WEST, SOUTH, EAST, NORTH = grid.bounds(*PLACE, buffer=0)
RING = [(0, 0), (4, 0), (4, 4), (0, 4)]
HOLE = [(1, 1), (1, 2), (2, 2), (2, 1)]


def on_earth(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape given in tile widths, y to the south, in degrees."""
    z, x, y = PLACE

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        lon = (x + points[:, 0]) / 2**z * 360 - 180
        lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + points[:, 1]) / 2**z))))
        return np.column_stack([lon, lat])

    return shapely.transform(shape, place)


def tile_of(shapes: list[shapely.Geometry], *, tolerance: float = 0.0) -> list[dict]:
    """Return the features of a tile of some shapes (in tile widths), as a client reads them."""
    found = sheet(
        [on_earth(shape).wkb for shape in shapes],
        [{"code": f"C{n}", "kind": "same"} for n in range(len(shapes))],
        ("code", "kind"),
        ids=range(1, len(shapes) + 1),
    )
    box = grid.world_box(*PLACE)
    rows = found.index.search(box)
    features, values = write_singles(
        found.shapes,
        rows,
        found.ids,
        tags=found.tags[rows],
        values=(found.values, found.value_end),
        shared=found.shared,
        box=box,
        margin=grid.margin_of(PLACE[0]),
        shift=grid.shift_of(PLACE[0]),
        tolerance=tolerance,
    )
    return read(wire.layer("a", found.keys, values, features, grid.EXTENT))


def read(content: bytes) -> list[dict]:
    options = {"y_coord_down": True}
    return mapbox_vector_tile.decode(content, default_options=options)["a"]["features"]


def shape_of(feature: dict) -> shapely.Geometry:
    return shapely.geometry.shape(feature["geometry"])


def clipped(shape: shapely.Geometry) -> shapely.Geometry:
    margin = grid.BUFFER / grid.EXTENT
    box = shapely.clip_by_rect(shape, -margin, -margin, 1 + margin, 1 + margin)
    return shapely.transform(box, lambda points: points * grid.EXTENT)


def star(rng: np.random.Generator, points: int) -> shapely.Polygon:
    """Return a polygon that is not convex, around somewhere in or near the tile."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, points))
    far = rng.uniform(0.05, 0.6, points)
    middle = rng.uniform(-0.2, 1.2, 2)
    return shapely.Polygon(middle + np.column_stack([far * np.cos(angle), far * np.sin(angle)]))


@pytest.mark.parametrize("seed", range(6))
def test_a_polygon_is_cut_as_geos_cuts_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = [star(rng, 12) for _ in range(20)]
    shapes = [shape for shape in shapes if shape.is_valid and clipped(shape).area > 100]
    found = {f["properties"]["code"]: shape_of(f) for f in tile_of(shapes)}
    assert len(found) == len(shapes)
    seen = shapely.box(0, 0, grid.EXTENT, grid.EXTENT)
    for number, shape in enumerate(shapes):
        # At the margin a ring may run along the cut, outside of what is seen.
        wanted, drawn = (shapely.make_valid(one) for one in (clipped(shape), found[f"C{number}"]))
        assert drawn.area == pytest.approx(wanted.area, abs=2 * wanted.length + 4)
        apart = shapely.symmetric_difference(drawn, wanted)
        assert shapely.intersection(apart, seen).area < 2 * wanted.length + 4


def test_what_lies_inside_keeps_its_corners_holes_and_parts() -> None:
    lot = shapely.Polygon(RING, [HOLE])
    island = shapely.box(5, 0, 9, 4)
    shape = shapely.transform(shapely.MultiPolygon([lot, island]), lambda points: points / 16)
    (feature,) = tile_of([shape])
    drawn = shape_of(feature)
    assert drawn.equals(clipped(shape))
    assert feature["id"] == 1
    assert feature["properties"] == {"code": "C0", "kind": "same"}


@pytest.mark.parametrize("ccw", [False, True])
def test_outer_rings_run_clockwise_on_the_screen_whatever_was_drawn(ccw: bool) -> None:
    shape = shapely.transform(shapely.Polygon(RING, [HOLE]), lambda points: points / 16)
    (feature,) = tile_of([shapely.orient_polygons(shape, exterior_cw=not ccw)])
    drawn = shape_of(feature)
    assert drawn.exterior.is_ccw  # with y down: clockwise on the screen
    assert not drawn.interiors[0].is_ccw


def test_a_value_of_several_features_is_written_once() -> None:
    dots = [shapely.Point(0.1 * n, 0.5).buffer(0.02) for n in range(1, 9)]
    features = tile_of(dots)
    assert {f["properties"]["kind"] for f in features} == {"same"}
    assert len({f["properties"]["code"] for f in features}) == 8


def test_what_is_smaller_than_a_unit_is_left_out() -> None:
    big, small = shapely.box(0.1, 0.1, 0.2, 0.2), shapely.box(0.5, 0.5, 0.50001, 0.50001)
    assert [f["properties"]["code"] for f in tile_of([small, big])] == ["C1"]


def test_a_line_is_cut_into_the_pieces_inside() -> None:
    line = shapely.LineString([(-1, 0.5), (0.5, 0.5), (2, 0.5), (2, 0.7), (0.3, 0.7)])
    (feature,) = tile_of([line])
    drawn = shape_of(feature)
    assert drawn.geom_type == "MultiLineString"
    assert drawn.length == pytest.approx(clipped(line).length, abs=4)


def test_points_inside_are_kept() -> None:
    points = shapely.MultiPoint([(0.25, 0.25), (0.5, 0.75), (3, 3)])
    (feature,) = tile_of([points])
    assert shape_of(feature).equals(shapely.MultiPoint([(1024, 1024), (2048, 3072)]))


def test_a_long_outline_is_simplified_within_the_tolerance() -> None:
    circle = shapely.Point(0.5, 0.5).buffer(0.4, quad_segs=400)
    (whole,), (simple,) = tile_of([circle]), tile_of([circle], tolerance=3.0)
    assert len(simple["geometry"]["coordinates"][0]) < len(whole["geometry"]["coordinates"][0]) / 8
    assert shapely.hausdorff_distance(shape_of(whole), shape_of(simple)) < 6


def joined(shapes: list[shapely.Geometry], groups: list[int]) -> dict[int, shapely.Geometry]:
    read_ = read_shapes([on_earth(shape).wkb for shape in shapes])
    features = write_joined(
        read_,
        np.arange(len(shapes), dtype=np.int32),
        np.array(groups, dtype=np.int64),
        groups=4,
        box=grid.world_box(*PLACE),
        margin=grid.margin_of(PLACE[0]),
        shift=grid.shift_of(PLACE[0], 11),
    )
    values = b"".join(wire.value_field(number) for number in range(4))
    found = read(wire.layer("a", ("group",), values, features, 2048))
    return {f["properties"]["group"]: shape_of(f) for f in found}


def lots(side: int) -> list[shapely.Polygon]:
    """Return a square of irregular lots that share corners."""
    rng = np.random.default_rng(3)
    at = np.linspace(0.1, 0.9, side + 1)
    x, y = np.meshgrid(at, at)
    shake = rng.uniform(-0.2, 0.2, (2, side + 1, side + 1)) * (at[1] - at[0])
    corner = np.stack([x + shake[0], y + shake[1]], axis=-1)
    return [
        shapely.Polygon([corner[i, j], corner[i, j + 1], corner[i + 1, j + 1], corner[i + 1, j]])
        for i in range(side)
        for j in range(side)
    ]


@pytest.mark.parametrize("side", [4, 30, 400])
def test_joined_land_keeps_its_area_by_group(side: int) -> None:
    shapes = lots(side)
    groups = np.random.default_rng(1).integers(0, 4, len(shapes)).tolist()
    found = joined(shapes, groups)
    for group in range(4):
        own = [shape.area for shape, of in zip(shapes, groups, strict=True) if of == group]
        assert found[group].area / 2048**2 == pytest.approx(sum(own), rel=0.02)


def test_neighbours_of_a_group_have_no_edge_between_them() -> None:
    shapes = lots(10)
    found = joined(shapes, [1] * len(shapes))
    assert list(found) == [1]
    assert found[1].geom_type == "Polygon"
    assert not found[1].interiors
    assert found[1].is_valid


def test_a_gap_in_joined_land_is_a_hole() -> None:
    shapes = lots(5)
    found = joined([shape for n, shape in enumerate(shapes) if n != 12], [2] * 24)[2]
    assert len(found.interiors) == 1
    assert found.is_valid


def test_land_that_touches_itself_at_a_corner_stays_sound() -> None:
    boxes = [
        shapely.box(0.1 * i, 0.1 * j, 0.1 * (i + 1), 0.1 * (j + 1))
        for i in range(1, 6)
        for j in range(1, 6)
        if (i, j) not in ((2, 2), (3, 3), (4, 1))
    ]
    found = joined(boxes, [0] * len(boxes))[0]
    assert found.is_valid
    assert found.area / 2048**2 == pytest.approx(0.22, rel=0.01)


def test_land_at_the_margin_is_cut_there() -> None:
    found = joined([shapely.box(-5, -5, 5, 0.5)], [0])[0]
    margin = 2048 * grid.BUFFER // grid.EXTENT
    assert found.bounds == (-margin, -margin, 2048 + margin, 1024)


@pytest.mark.parametrize(
    ("shape", "kind", "points"),
    [
        (shapely.Point(113, 22), 1, 1),
        (shapely.LineString([(113, 22), (114, 23)]), 2, 2),
        (shapely.Polygon(RING, [HOLE]), 3, 8),
        (shapely.MultiPoint([(1, 1), (2, 2)]), 1, 2),
        (shapely.MultiLineString([[(1, 1), (2, 2)], [(3, 3), (4, 4)]]), 2, 4),
        (shapely.MultiPolygon([shapely.Polygon(RING)]), 3, 4),
        (shapely.GeometryCollection([shapely.Point(1, 1), shapely.Polygon(RING)]), 3, 4),
        (shapely.Polygon(), 0, 0),
        (shapely.GeometryCollection(), 0, 0),
    ],
)
@pytest.mark.parametrize("order", [0, 1])
def test_every_kind_of_shape_is_read(
    shape: shapely.Geometry, kind: int, points: int, order: int
) -> None:
    found = read_shapes([shapely.to_wkb(shape, byte_order=order)])
    assert (found.kind.tolist(), len(found.xy)) == ([kind], points)
    deep = read_shapes([shapely.to_wkb(shapely.force_3d(shape), flavor="iso", byte_order=order)])
    assert np.array_equal(deep.xy, found.xy)


@pytest.mark.parametrize("value", [b"", b"nonsense", shapely.Polygon(RING).wkb[:-9]])
def test_what_is_no_wkb_is_refused(value: bytes) -> None:
    with pytest.raises(GeometryError):
        read_shapes([shapely.Point(1, 1).wkb, value])


def test_a_point_stands_to_two_centimetres() -> None:
    shape = read_shapes([shapely.Point(WEST, NORTH).wkb])
    x, y = shape.xy[0].tolist()
    assert (x, y) == (PLACE[1] << 19, PLACE[2] << 19)


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 300, 5000])
def test_the_index_finds_what_looking_at_every_box_finds(count: int) -> None:
    rng = np.random.default_rng(count)
    low = rng.integers(0, 10_000, (count, 2))
    boxes = np.hstack([low, low + rng.integers(0, 900, (count, 2))]).astype(np.int32)
    if count > 2:
        boxes[1] = (2**31 - 1, 2**31 - 1, -1, -1)  # without a shape
    index = Index.of(boxes)
    for asked in ((0, 0, 20_000, 20_000), (3000, 3000, 3100, 4000), (-5, -5, -1, -1)):
        meets = (
            (boxes[:, 0] <= asked[2])
            & (boxes[:, 2] >= asked[0])
            & (boxes[:, 1] <= asked[3])
            & (boxes[:, 3] >= asked[1])
        )
        assert index.search(asked).tolist() == np.flatnonzero(meets).tolist()


def test_a_tile_is_made_once_for_each_version() -> None:
    cache, made = TileCache(), []
    for version in (1, 1, 2, 2):
        cache.get("a", version, lambda: made.append(1) or b"x" * len(made))
    assert len(made) == 2


def test_readers_of_one_tile_wait_for_who_makes_it() -> None:
    cache, made = TileCache(), []

    def make() -> bytes:
        made.append(1)
        time.sleep(0.1)
        return b"tile"

    readers = [threading.Thread(target=cache.get, args=("a", 1, make)) for _ in range(5)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(made) == 1


def test_only_a_tile_seen_from_afar_may_be_from_before() -> None:
    cache = TileCache()

    def slow(content: bytes) -> bytes:
        time.sleep(0.06)
        return content

    for afar, wanted in ((False, b"new"), (True, b"old")):
        cache.get(afar, 1, lambda: slow(b"old"), afar=afar)
        assert cache.get(afar, 2, lambda: slow(b"new"), afar=afar).content == wanted


def test_kept_tiles_stay_within_their_bytes() -> None:
    cache, made = TileCache(most_bytes=5_000), []
    rng = np.random.default_rng(0)
    for key in [*range(20), 19, 0]:
        cache.get(key, 1, lambda: made.append(1) or rng.bytes(1000))
    assert len(made) == 21  # the last is still there, the first is not


def test_a_tile_is_named_by_its_content() -> None:
    assert Tile.of(b"a").tag == Tile.of(b"a").tag != Tile.of(b"b").tag
    assert Tile.of(b"a" * 1000).content == b"a" * 1000
