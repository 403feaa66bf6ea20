"""The map's style and its vector tiles."""

from __future__ import annotations

import gzip
from datetime import date

import mapbox_vector_tile
import pytest
import shapely
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web import sample
from zonewright.land.blocks import ready_blocks
from zonewright.store import selectors
from zonewright.store.actions import create_user
from zonewright.store.models import (
    Change,
    Grant,
    MapFeature,
    MapLayer,
    Parcel,
    ParcelEvent,
    User,
    Zone,
    ZoneVersion,
)
from zonewright.store.places import locate
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


def decoded(client: Client, layer: str, place: tuple[int, int, int], *, on: str = "") -> list[dict]:
    asked = {"on": on} if on else {}
    answer = client.get("/tiles/{}/{}/{}/{}.mvt".format(layer, *place), asked)
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


def test_parcels_are_joined_by_stage_until_they_are_near(workspace: None, client: Client) -> None:
    far, middle, near = (tile_of(112.75, 22.45, z) for z in (5, 11, 13))
    assert client.get("/tiles/parcels/{}/{}/{}.mvt".format(*far)).status_code == 204
    joined = [f["properties"]["stage"] for f in decoded(client, "parcels", middle)]
    assert sorted(joined) == ["L3", "L4", "L5"]  # of three columns of parcels, six in each
    single = decoded(client, "parcels", near)[0]
    assert set(single["properties"]) == {"code", "stage", "area_m2"}
    assert Parcel.objects.get(pk=single["id"]).code == single["properties"]["code"]


def test_a_tile_of_a_day_shows_stages_and_boundaries_of_that_day(
    workspace: None, client: Client
) -> None:
    place = tile_of(112.75, 22.45, 13)
    # Parcels reach L3 in January, L4 in February and so on.
    found = {
        f["properties"]["code"]: f["properties"].get("stage", "")
        for f in decoded(client, "parcels", place, on="2023-02-20")
    }
    drawn = selectors.parcels(date(2023, 2, 20))["stage"]
    assert found == {code: drawn[code] for code in found}
    assert set(found.values()) <= {"L3", "L4"}
    zones = "/tiles/zones/{}/{}/{}.mvt?on=2022-12-31".format(*tile_of(112.9, 22.5, 8))
    assert client.get(zones).status_code == 204


def test_a_day_that_is_none_is_refused(workspace: None, client: Client) -> None:
    place = "/tiles/parcels/{}/{}/{}.mvt?on=2023-02-31".format(*tile_of(112.75, 22.45, 13))
    assert client.get(place).status_code == 422


def test_a_correction_recorded_later_counts(workspace: None, client: Client) -> None:
    place = tile_of(112.75, 22.45, 13)
    parcel = Parcel.objects.get(code=decoded(client, "parcels", place)[0]["properties"]["code"])
    later = date(2023, 12, 1)
    assert stage_of(client, place, parcel, on="2023-02-20")
    for event in parcel.events.all():
        ParcelEvent.objects.create(parcel=parcel, stage=event.stage, on=later)
    assert stage_of(client, place, parcel, on="2023-02-20") == ""
    parcel.events.filter(on=later).delete()
    assert (
        stage_of(client, place, parcel, on="2023-02-20")
        == selectors.parcels(date(2023, 2, 20))["stage"][parcel.code]
    )


def stage_of(client: Client, place: tuple[int, int, int], parcel: Parcel, *, on: str = "") -> str:
    features = decoded(client, "parcels", place, on=on)
    found = {f["properties"]["code"]: f["properties"].get("stage", "") for f in features}
    return found[parcel.code]


def test_an_edited_parcel_shows_at_once_and_no_other_tile_is_made_again(
    workspace: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tile_of(112.75, 22.45, 13), tile_of(113.05, 22.55, 13)
    parcel = Parcel.objects.get(code=decoded(client, "parcels", here)[0]["properties"]["code"])
    far = decoded(client, "parcels", there)
    made: list[tuple[int, int, int]] = []
    make = tiles._parcels
    monkeypatch.setattr(
        tiles,
        "_parcels",
        lambda ground, asked, allowed: (
            made.append((asked.z, asked.x, asked.y)) or make(ground, asked, allowed)
        ),
    )
    ParcelEvent.objects.create(parcel=parcel, stage="L9", on=date(2023, 8, 1))
    assert stage_of(client, here, parcel) == "L9"
    assert decoded(client, "parcels", there) == far
    assert made == [here]


def test_a_parcel_that_was_moved_deleted_or_added_is_drawn_where_it_is(
    workspace: None, client: Client
) -> None:
    here, there = tile_of(112.75, 22.45, 13), tile_of(113.3, 22.9, 13)
    code = decoded(client, "parcels", here)[0]["properties"]["code"]
    parcel = Parcel.objects.get(code=code)
    west, south, east, north = tiles.bounds(*there, buffer=-1000)
    parcel.geometry = shapely.MultiPolygon([shapely.box(west, south, east, north)]).wkb
    parcel.save()
    assert code not in codes(client, here)
    assert codes(client, there) == [code]
    parcel.events.all().delete()
    parcel.delete()
    assert client.get("/tiles/parcels/{}/{}/{}.mvt".format(*there)).status_code == 204
    shape = shapely.MultiPolygon([shapely.box(west, south, east, north)]).wkb
    Parcel.objects.create(code="NEW", geometry=shape)
    assert codes(client, there) == ["NEW"]


def codes(client: Client, place: tuple[int, int, int]) -> list[str]:
    return sorted(f["properties"]["code"] for f in decoded(client, "parcels", place))


def test_a_log_that_was_cut_off_is_no_hindrance(workspace: None, client: Client) -> None:
    place = tile_of(112.75, 22.45, 13)
    parcel = Parcel.objects.get(code=codes(client, place)[0])
    Change.objects.all().delete()
    Parcel.objects.filter(pk=parcel.pk).update(code="RENAMED")
    Change.objects.all().delete()
    assert "RENAMED" in codes(client, place)


def scoped(zone: str) -> Client:
    create_user("scoped", "correct-horse-battery")
    user = User.objects.get(username="scoped")
    Grant.objects.create(user=user, role="viewer", zone=Zone.objects.get(code=zone))
    found = Client()
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


def test_who_is_granted_a_zone_sees_what_lies_in_it_and_the_base_map(
    workspace: None, client: Client
) -> None:
    locate()
    reader = scoped("G1")
    whole = tile_of(112.9, 22.5, 8)
    zones = {f["properties"]["code"] for f in decoded(reader, "zones", whole)}
    assert zones == {"CITY", "D1", "D2", "G1"}
    inside, outside = tile_of(112.75, 22.45, 13), tile_of(113.05, 22.55, 13)
    assert codes(reader, inside) == codes(client, inside)
    assert codes(client, outside)
    for layer in ("parcels", "works", "blocks"):
        path = "/tiles/{}/{}/{}/{}.mvt".format(layer, *outside)
        assert reader.get(path).status_code == 204
    everything = decoded(client, "parcels", whole)
    own = decoded(reader, "parcels", whole)
    assert 0 < area_of(own) < area_of(everything)


def area_of(features: list[dict]) -> float:
    return sum(shapely.geometry.shape(f["geometry"]).area for f in features)


def test_who_has_no_grant_sees_the_base_map_alone(workspace: None) -> None:
    create_user("nobody", "correct-horse-battery")
    reader = Client()
    reader.force_login(
        User.objects.get(username="nobody"), backend="django.contrib.auth.backends.ModelBackend"
    )
    whole = tile_of(112.9, 22.5, 8)
    assert {f["properties"]["kind"] for f in decoded(reader, "zones", whole)} == {
        "city",
        "district",
    }
    assert reader.get("/tiles/parcels/{}/{}/{}.mvt".format(*whole)).status_code == 204


def test_a_grant_that_is_taken_back_is_gone_at_once(workspace: None) -> None:
    locate()
    reader = scoped("G1")
    path = "/tiles/parcels/{}/{}/{}.mvt".format(*tile_of(112.75, 22.45, 13))
    assert reader.get(path).status_code == 200
    Grant.objects.all().delete()
    assert reader.get(path).status_code == 204


def test_ready_blocks_are_a_layer(workspace: None, client: Client) -> None:
    found = decoded(client, "blocks", tile_of(112.9, 22.5, 9))
    blocks = ready_blocks(selectors.parcels(date.max))
    assert {f["properties"]["code"] for f in found} == set(blocks.index)
    first = found[0]["properties"]
    assert first["area_m2"] == round(blocks.at[first["code"], "area_m2"])
    assert first["parcel_count"] == blocks.at[first["code"], "parcel_count"]


def test_features_for_reference_have_tiles_of_their_own(workspace: None, client: Client) -> None:
    layer = MapLayer.objects.create(code="rail", name="铁路", kind="features")
    line = shapely.LineString([(112.72, 22.42), (112.9, 22.5)])
    MapFeature.objects.create(
        layer=layer, name="一号线", properties={"tracks": 2, "open": True}, geometry=line.wkb
    )
    place = tile_of(112.75, 22.43, 10)
    (feature,) = decoded(client, "ref-rail", place)
    assert feature["properties"] == {"name": "一号线", "tracks": 2, "open": True}
    assert feature["geometry"]["type"] == "LineString"
    MapFeature.objects.all().delete()
    assert client.get("/tiles/ref-rail/{}/{}/{}.mvt".format(*place)).status_code == 204
    assert client.get("/tiles/ref-none/{}/{}/{}.mvt".format(*place)).status_code == 404


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


def test_a_tile_is_compressed_once_for_who_can_read_that(workspace: None, client: Client) -> None:
    path = "/tiles/zones/{}/{}/{}.mvt".format(*tile_of(112.9, 22.5, 8))
    plain = client.get(path)
    packed = client.get(path, headers={"accept-encoding": "gzip, br"})
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert "Accept-Encoding" in packed["Vary"]


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
