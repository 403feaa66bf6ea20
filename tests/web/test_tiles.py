"""The map's style and its vector tiles."""

from __future__ import annotations

import geopandas as gpd
import mapbox_vector_tile
import pytest
import shapely
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web import sample
from zonewright.store import selectors
from zonewright.store.models import ZoneVersion
from zonewright.web import tiles
from zonewright.web.mapstyle import short_name
from zonewright.web.theme import colours

pytestmark = pytest.mark.django_db


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    for x in range(2**z):
        west, _, east, _ = tiles.bounds(z, x, 0, buffer=0)
        if west <= lon < east:
            break
    for y in range(2**z):
        _, south, _, north = tiles.bounds(z, x, y, buffer=0)
        if south <= lat < north:
            return z, x, y
    raise AssertionError


def decoded(client: Client, layer: str, place: tuple[int, int, int]) -> list[dict]:
    answer = client.get("/tiles/{}/{}/{}/{}.mvt".format(layer, *place))
    assert answer.status_code == 200
    options = {"y_coord_down": True}
    return mapbox_vector_tile.decode(answer.content, default_options=options)[layer]["features"]


def test_the_zones_of_a_tile_carry_name_kind_and_area(workspace: None, client: Client) -> None:
    found = {f["properties"]["code"]: f for f in decoded(client, "zones", tile_of(112.9, 22.5, 8))}
    assert set(found) == {code for code, zone in sample.ZONES.items() if zone[3]}
    assert found["G1"]["properties"] == {
        "code": "G1",
        "name": "西组团",
        "name_en": "West group",
        "kind": "group",
        "area_km2": 200.0,
    }


def test_a_zone_stands_where_it_lies(workspace: None, client: Client) -> None:
    z, x, y = place = tile_of(112.9, 22.5, 9)
    shapes = {
        f["properties"]["code"]: shapely.geometry.shape(f["geometry"])
        for f in decoded(client, "zones", place)
    }
    west, _south, east, _north = tiles.bounds(z, x, y, buffer=0)
    left, _, right, _ = shapes["S1"].bounds
    assert west + left / tiles.EXTENT * (east - west) == pytest.approx(112.8, abs=2e-3)
    assert west + right / tiles.EXTENT * (east - west) == pytest.approx(112.9, abs=2e-3)


def test_an_outer_ring_runs_clockwise_on_the_screen(workspace: None, client: Client) -> None:
    feature = decoded(client, "zones", tile_of(112.9, 22.5, 8))[0]
    ring = shapely.geometry.shape(feature["geometry"])
    ring = ring.geoms[0] if hasattr(ring, "geoms") else ring
    assert ring.exterior.is_ccw  # counter-clockwise with y up is clockwise with y down


def test_parcels_are_drawn_when_near_and_joined_by_stage_until_nearer(
    workspace: None, client: Client
) -> None:
    far, middle, near = (tile_of(112.75, 22.45, z) for z in (10, 11, 13))
    assert client.get("/tiles/parcels/{}/{}/{}.mvt".format(*far)).status_code == 204
    joined = [f["properties"]["stage"] for f in decoded(client, "parcels", middle)]
    assert sorted(joined) == ["L3", "L4", "L5"]  # of three columns of parcels, six in each
    single = decoded(client, "parcels", near)[0]["properties"]
    assert set(single) == {"code", "stage", "area_m2"}


@pytest.mark.parametrize(("layer", "lon"), [("works", 112.73), ("no_go", 112.74)])
def test_works_and_no_go_areas_have_tiles(
    workspace: None, client: Client, layer: str, lon: float
) -> None:
    assert decoded(client, layer, tile_of(lon, 22.44, 10))


def test_an_empty_tile_has_no_content(workspace: None, client: Client) -> None:
    answer = client.get("/tiles/zones/8/0/0.mvt")
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_tile_is_private_and_asked_for_again_by_its_tag(workspace: None, client: Client) -> None:
    path = "/tiles/zones/{}/{}/{}.mvt".format(*tile_of(112.9, 22.5, 8))
    first = client.get(path)
    assert first["Cache-Control"].startswith("private")
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_change_of_the_workspace_changes_the_tile(workspace: None, client: Client) -> None:
    path = "/tiles/zones/{}/{}/{}.mvt".format(*tile_of(112.9, 22.5, 8))
    first = client.get(path)
    ZoneVersion.objects.filter(zone__code="S1").delete()
    second = client.get(path, headers={"if-none-match": first["ETag"]})
    assert second.status_code == 200
    assert second.content != first.content


@pytest.mark.parametrize(
    "path",
    ["secrets/8/0/0", "zones/8/256/0", "zones/8/0/256", "zones/40/0/0", "store_user/8/0/0"],
)
def test_what_is_no_tile_is_not_found(workspace: None, client: Client, path: str) -> None:
    assert client.get(f"/tiles/{path}.mvt").status_code == 404


@pytest.mark.parametrize("path", ["/tiles/zones/8/208/111.mvt", "/map/style.json"])
def test_strangers_and_writers_are_refused(
    workspace: None, client: Client, anonymous: Client, path: str
) -> None:
    assert anonymous.get(path).status_code == 302
    assert client.post(path).status_code == 405


def test_a_tile_asks_few_queries(
    workspace: None, client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_max_num_queries(8):
        client.get("/tiles/parcels/{}/{}/{}.mvt".format(*tile_of(112.75, 22.45, 13)))


def test_joining_keeps_the_area() -> None:
    boxes = [shapely.box(112.70 + 0.002 * i, 22.5, 112.702 + 0.002 * i, 22.502) for i in range(20)]
    frame = gpd.GeoDataFrame({"stage": ["L3", "L5"] * 10}, geometry=boxes, crs="EPSG:4490")
    z, x, y = tile_of(112.72, 22.501, 11)
    found = mapbox_vector_tile.decode(
        tiles.encode("parcels", frame, z, x, y), default_options={"y_coord_down": True}
    )["parcels"]["features"]
    assert len(found) == 2
    area = sum(shapely.geometry.shape(f["geometry"]).area for f in found)
    west, south, east, north = tiles.bounds(z, x, y, buffer=0)
    whole = 0.04 * 0.002 / ((east - west) * (north - south)) * tiles.EXTENT**2
    assert area == pytest.approx(whole, rel=0.05)


def test_the_style_is_offline_and_takes_its_colours_from_the_theme(
    workspace: None, english: Client
) -> None:
    style = english.get("/map/style.json?theme=dark").json()
    assert "glyphs" not in style
    assert "sprite" not in style
    for source in style["sources"].values():
        for address in source.get("tiles", []):
            assert address.startswith("http://testserver/tiles/")
    layers = {layer["id"]: layer for layer in style["layers"]}
    assert layers["ground"]["paint"]["background-color"] == colours("dark")["map-ground"]
    assert "zone-startup-fill" in layers
    names = {f["properties"]["name"] for f in style["sources"]["labels"]["data"]["features"]}
    assert "West group" in names


def test_the_style_speaks_the_readers_language(workspace: None, client: Client) -> None:
    style = client.get("/map/style.json").json()
    names = {f["properties"]["name"] for f in style["sources"]["labels"]["data"]["features"]}
    assert "西组团" in names


def test_an_unknown_theme_is_refused(workspace: None, client: Client) -> None:
    assert client.get("/map/style.json?theme=pink").status_code == 400


def test_the_style_of_an_empty_workspace_draws_the_ground(empty: None, client: Client) -> None:
    assert client.get("/map/style.json").json()["layers"][0]["id"] == "ground"


def test_land_is_drawn_over_the_grounds_of_zones_and_below_their_lines(
    workspace: None, client: Client
) -> None:
    order = [layer["id"] for layer in client.get("/map/style.json").json()["layers"]]
    fills = [
        place for place, name in enumerate(order) if name.endswith("-fill") and "zone-" in name
    ]
    lines = [
        place for place, name in enumerate(order) if name.endswith("-line") and "zone-" in name
    ]
    assert max(fills) < order.index("parcels") < min(lines)


def test_a_part_is_named_without_its_whole() -> None:
    whole = {"大型产业集聚区", "江门市"}
    assert short_name("大型产业集聚区·北组团", whole) == "北组团"
    assert short_name("硅能源产业基地·鹤山园区", whole) == "硅能源产业基地·鹤山园区"
    assert short_name("大型产业集聚区", whole) == "大型产业集聚区"


def test_a_parcels_stage_is_found_by_parcel_not_by_stage(workspace: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        selectors.features("parcels", (112.0, 22.0, 114.0, 23.0))
    queries = [item["sql"] for item in asked.captured_queries]
    query = next(sql for sql in queries if "store_parcelevent" in sql)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + query.replace("%", "%%"), [])
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "SEARCH n USING INDEX" in plan
    assert "parcel_event_stage_on" not in plan
