"""What the map asks of the workspace, and the layers that it shows besides the records."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
import shapely
from django.db import connection, transaction

from tests.unit.store.conftest import Made
from tests.web import sample
from zonewright.core.errors import (
    FindingsError,
    GeometryError,
    NotAllowedError,
    RangeError,
    UnknownReferenceError,
)
from zonewright.land.area import geodesic_area_m2
from zonewright.store.access import Access, operator
from zonewright.store.actions import maps as actions
from zonewright.store.indicators import sync_indicators
from zonewright.store.models import AuditEntry, MapFeature, MapLayer, NoGo, Parcel, ParcelEvent
from zonewright.store.places import locate
from zonewright.store.selectors import area as areas
from zonewright.store.selectors import maps as selectors

EVERYTHING = operator("tester")
VIEW = frozenset({"view"})
WEST_ONLY = Access("west", by_zone={"G1": VIEW})
NOBODY = Access("nobody")
SQUARE = shapely.to_wkb(shapely.box(112.8, 22.4, 112.81, 22.41))
GOOD: dict[str, Any] = {
    "name": "底图",
    "kind": "xyz",
    "url": "https://t.example.cn/{z}/{x}/{y}.png",
}


@pytest.fixture
def filled(workspace: Made) -> Made:
    """The small workspace of the desk's tests, in each kind of database."""
    with transaction.atomic():
        sync_indicators()
        sample.title()
        sample.fill(rows=6)
        locate()
    return workspace


def codes(found: tuple[selectors.Found, ...], kind: str) -> list[str]:
    return [item.code for item in found if item.kind == kind]


# ---- At a spot --------------------------------------------------------------------------------


def test_what_lies_at_a_spot_is_found_the_smallest_zone_first(filled: Made) -> None:
    found = selectors.at(112.73, 22.43, access=EVERYTHING)
    assert codes(found, "no_go") == ["N1"]
    assert len(codes(found, "parcel")) == 1
    zones = codes(found, "zone")
    assert {"Z1", "G1", "D1", "CITY", "E1"} == set(zones)
    assert {item.detail for item in found if item.kind == "zone"} >= {"cluster", "group"}


def test_a_line_is_found_from_beside_it_and_not_from_further(filled: Made) -> None:
    spot = (112.7305, 22.5)
    assert codes(selectors.at(*spot, access=EVERYTHING, tolerance_m=200), "work") == ["W0"]
    assert codes(selectors.at(*spot, access=EVERYTHING, tolerance_m=2), "work") == []


def test_only_what_the_reader_sees_is_found(filled: Made) -> None:
    west = selectors.at(112.73, 22.43, access=WEST_ONLY)
    assert codes(west, "zone") == ["G1"]
    assert codes(west, "parcel")
    assert selectors.at(112.98, 22.43, access=WEST_ONLY) == ()
    assert selectors.at(112.73, 22.43, access=NOBODY) == ()


def test_boundaries_and_stages_are_those_of_the_day(filled: Made) -> None:
    before = selectors.at(112.73, 22.43, access=EVERYTHING, on=date(2022, 12, 31))
    assert codes(before, "zone") == []
    (parcel,) = [item for item in before if item.kind == "parcel"]
    assert parcel.detail == ""
    after = selectors.at(112.73, 22.43, access=EVERYTHING, on=date(2023, 1, 15))
    (parcel,) = [item for item in after if item.kind == "parcel"]
    assert parcel.detail == "L3"


def test_a_row_without_its_box_is_found_too(filled: Made) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store_nogo SET west = NULL, south = NULL, east = NULL, north = NULL")
    assert codes(selectors.at(112.73, 22.43, access=EVERYTHING), "no_go") == ["N1"]


# ---- Search and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("集聚", "zone", "Z1"),
        ("large", "zone", "Z1"),
        ("DK-0003", "parcel", "DK-0003"),
        ("dk-0003", "parcel", "DK-0003"),
        ("道路3", "work", "W3"),
        ("新厂", "venture", "V1"),
    ],
)
def test_things_are_found_by_code_or_name(filled: Made, text: str, kind: str, code: str) -> None:
    assert code in codes(selectors.search(text, access=EVERYTHING), kind)


def test_the_search_is_narrowed_and_bounded(filled: Made) -> None:
    assert len(codes(selectors.search("DK", access=EVERYTHING, limit=4), "parcel")) == 4
    everywhere = selectors.search("DK", access=EVERYTHING, limit=99)
    west = selectors.search("DK", access=WEST_ONLY, limit=99)
    assert 0 < len(west) < len(everywhere)
    assert selectors.search("DK", access=NOBODY) == ()
    assert selectors.search("  ", access=EVERYTHING) == ()
    assert selectors.search("%", access=EVERYTHING) == ()


def test_a_zones_shape_is_that_of_the_day(filled: Made) -> None:
    (zone,) = [item for item in selectors.search("S1", access=EVERYTHING) if item.kind == "zone"]
    shape = selectors.shape_of(zone.record)
    assert shape is not None
    assert shape.bounds == pytest.approx((112.8, 22.46, 112.9, 22.54))
    assert selectors.shape_of(zone.record, on=date(2020, 1, 1)) is None
    assert selectors.shape_of("user:1") is None


# ---- In an area -------------------------------------------------------------------------------


def drawn(*box: float) -> shapely.Geometry:
    return areas.read_area(shapely.to_geojson(shapely.box(*box)))


def test_a_parcel_counts_as_a_whole_where_its_point_lies(filled: Made) -> None:
    shapes = {row.code: row for row in Parcel.objects.all()}
    area = shapely.Polygon([(112.7, 22.4), (113.0, 22.4), (112.9, 22.58)])
    found = areas.select(area, access=EVERYTHING)
    points = {
        code: shapely.point_on_surface(shapely.from_wkb(bytes(row.geometry)))
        for code, row in shapes.items()
    }
    expected = sorted(code for code, point in points.items() if area.intersects(point))
    assert found.parcels["code"].tolist() == expected
    assert 0 < len(expected) < len(shapes)
    assert found.parcel_area_m2 == pytest.approx(sum(shapes[code].area_m2 for code in expected))
    assert sum(item.count for item in found.stages) == found.count
    assert found.area_m2 == pytest.approx(geodesic_area_m2([area])[0])


def test_stages_of_a_day_are_those_of_that_day(filled: Made) -> None:
    everywhere = drawn(112.0, 22.0, 114.0, 23.0)
    now = {item.code: item.count for item in areas.select(everywhere, access=EVERYTHING).stages}
    assert now == dict.fromkeys(("L3", "L4", "L5", "L6", "L7", "L8"), 6)
    parcel = Parcel.objects.get(code="DK-0005")
    # Corrected: of a stage's dates the one recorded last counts.
    ParcelEvent.objects.create(parcel=parcel, stage="L8", on=date(2023, 2, 1))
    found = areas.select(everywhere, access=EVERYTHING, on=date(2023, 3, 20))
    assert {item.code: item.count for item in found.stages} == {"L3": 6, "L4": 6, "L5": 23, "L8": 1}


def test_works_and_no_go_land_inside_are_told(filled: Made) -> None:
    found = areas.select(drawn(112.71, 22.41, 112.74, 22.44), access=EVERYTHING)
    assert [(item.code, item.count) for item in found.works] == [("road", 1)]
    (farmland,) = found.no_go
    expected = geodesic_area_m2([shapely.box(112.72, 22.42, 112.74, 22.44)])[0]
    assert farmland.area_m2 == pytest.approx(expected)


def test_a_selection_holds_only_what_the_reader_sees(filled: Made) -> None:
    everywhere = drawn(112.0, 22.0, 114.0, 23.0)
    assert areas.select(everywhere, access=NOBODY).count == 0
    west = areas.select(everywhere, access=WEST_ONLY)
    assert 0 < west.count < Parcel.objects.count()
    assert west.count == WEST_ONLY.narrow(Parcel.objects.all()).count()


def test_an_area_that_only_touches_no_go_land_holds_none(filled: Made) -> None:
    row = NoGo.objects.get()
    west, south, _, north = shapely.from_wkb(bytes(row.geometry)).bounds
    assert areas.select(drawn(west - 0.01, south, west, north), access=EVERYTHING).no_go == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "map-area-unreadable"),
        ("[1, 2]", "map-area-unreadable"),
        ('{"type": "Point", "coordinates": [112, 22]}', "map-area-unreadable"),
        ('{"type": "Polygon", "coordinates": []}', "map-area-unreadable"),
        (shapely.to_geojson(shapely.box(300, 0, 301, 1)), "map-area-degrees"),
        (
            '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}',
            "map-area-invalid",
        ),
        (
            shapely.to_geojson(shapely.Point(112, 22).buffer(1, quad_segs=1500)),
            "map-area-vertices",
        ),
    ],
)
def test_what_is_no_area_is_refused(text: str, code: str) -> None:
    with pytest.raises(GeometryError) as refused:
        areas.read_area(text)
    assert refused.value.code == code


def test_the_slider_begins_with_the_first_dated_thing(filled: Made) -> None:
    assert selectors.first_day() == date(2023, 1, 1)
    assert selectors.hierarchies(date(2023, 6, 1))["group"] == ["G1", "G2", "G3", "Z1"]


# ---- Layers and services ----------------------------------------------------------------------


def feature(name: str = "一") -> actions.ReferenceFeature:
    return actions.ReferenceFeature(SQUARE, name, {"面积": 3.5})


def add_layer(name: str = "规划") -> MapLayer:
    return actions.add_reference_layer(name, [feature()], access=EVERYTHING, origin="test")


def test_a_layer_is_added_with_its_features_and_found_at_a_spot(filled: Made) -> None:
    layer = add_layer()
    row = MapFeature.objects.get(layer=layer)
    assert (row.west, row.north) == pytest.approx((112.8, 22.41))
    (found,) = selectors.references_at(112.805, 22.405, layers=[layer.code])
    assert (found.layer, found.name, found.properties) == ("规划", "一", {"面积": 3.5})
    assert selectors.references_at(112.805, 22.405, layers=["layer-99"]) == ()
    entry = AuditEntry.objects.get(table="map_layers")
    assert (entry.action, entry.by, entry.origin) == ("create", "tester", "test")


def test_a_layer_is_changed_moved_and_deleted_with_its_features(filled: Made) -> None:
    first, second = add_layer("一"), add_layer("二")
    actions.change_reference_layer(
        first.code, name="甲", color="#123ABC", shown=False, access=EVERYTHING, origin=""
    )
    first.refresh_from_db()
    assert (first.name, first.color, first.shown) == ("甲", "#123abc", False)
    actions.move_layer(second.code, up=True, access=EVERYTHING, origin="")
    assert [row.pk for row in MapLayer.objects.all()] == [second.pk, first.pk]
    actions.move_layer(second.code, up=True, access=EVERYTHING, origin="")
    assert [row.pk for row in MapLayer.objects.all()] == [second.pk, first.pk]
    actions.delete_layer(first.code, access=EVERYTHING, origin="")
    assert not MapFeature.objects.filter(layer_id=first.pk).exists()
    with pytest.raises(UnknownReferenceError):
        actions.delete_layer(first.code, access=EVERYTHING, origin="")
    actions_told = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions_told == ["create", "create", "update", "update", "delete"]


def test_a_change_to_what_is_there_leaves_no_entry(filled: Made) -> None:
    layer = add_layer()
    actions.change_reference_layer(
        layer.code, name="规划", color=layer.color, shown=True, access=EVERYTHING, origin=""
    )
    assert AuditEntry.objects.filter(action="update").count() == 0


def test_who_may_not_is_refused(filled: Made) -> None:
    planner = Access("planner", frozenset({"view", "plan"}))
    layer = add_layer()
    with pytest.raises(NotAllowedError):
        actions.add_reference_layer("x", [feature()], access=WEST_ONLY, origin="")
    with pytest.raises(NotAllowedError):
        actions.add_service(actions.Service(**GOOD), access=planner, origin="")
    with pytest.raises(NotAllowedError):
        actions.delete_layer(layer.code, access=WEST_ONLY, origin="")
    service = actions.add_service(actions.Service(**GOOD), access=EVERYTHING, origin="")
    with pytest.raises(NotAllowedError):
        actions.delete_layer(service.code, access=planner, origin="")
    actions.delete_layer(layer.code, access=planner, origin="")


def test_layers_of_no_or_too_many_features_are_refused(
    filled: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RangeError):
        actions.add_reference_layer("x", [], access=EVERYTHING, origin="")
    monkeypatch.setattr(actions, "MAX_FEATURES", 1)
    with pytest.raises(RangeError):
        actions.add_reference_layer("x", [feature(), feature()], access=EVERYTHING, origin="")
    with pytest.raises(FindingsError) as refused:
        actions.add_reference_layer(" ", [feature()], color="red", access=EVERYTHING, origin="")
    assert [item.field for item in refused.value.findings] == ["name", "color"]


def test_a_key_goes_into_the_address_and_not_into_the_trail(filled: Made) -> None:
    url = "https://t{s}.example.cn/wmts?TILEMATRIX={TileMatrix}&TILEROW={y}&TILECOL={x}&tk={key}"
    service = actions.Service("天", "wmts", url, key="abc123")
    layer = actions.add_service(service, access=EVERYTHING, origin="")
    assert layer.url.endswith("TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=abc123")
    assert actions.hosts(layer.url) == tuple(f"https://t{n}.example.cn" for n in range(8))
    entry = AuditEntry.objects.get(table="map_layers")
    assert "abc123" not in json.dumps(entry.after)
    changed = actions.Service("地", "wmts", layer.url)
    actions.change_service(layer.code, changed, access=EVERYTHING, origin="")
    layer.refresh_from_db()
    assert (layer.name, "tk=abc123" in layer.url) == ("地", True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://t.example.cn/{z}/{x}/{y}"}, "url"),
        ({"url": "javascript:alert(1)//{z}{x}{y}"}, "url"),
        ({"url": "data:image/png,{z}{x}{y}"}, "url"),
        ({"url": "https://user:pw@t.example.cn/{z}/{x}/{y}"}, "url"),
        ({"url": "https://@t.example.cn/{z}/{x}/{y}"}, "url"),
        ({"url": "https://t.example.cn/{z}/{x}"}, "url"),
        ({"url": "https://{z}.example.cn/{z}/{x}/{y}"}, "url"),
        ({"url": "https://t.example.cn/{z}/{x}/{y}/{secret}"}, "url"),
        ({"url": "https://t.example.cn;script-src *;/{z}/{x}/{y}"}, "url"),
        ({"url": "https://t.example.cn 'unsafe-inline'/{z}/{x}/{y}"}, "url"),
        ({"url": "https://*/{z}/{x}/{y}"}, "url"),
        ({"url": "https:///{z}/{x}/{y}"}, "url"),
        ({"url": "https://t.example.cn:no/{z}/{x}/{y}"}, "url"),
        ({"url": "https://t.example.cn/{z}/{x}/{y}?k={key}"}, "key"),
        ({"url": "https://t.example.cn/{z}/{x}/{y}?k={key}", "key": "a;b"}, "key"),
        ({"name": " "}, "name"),
        ({"kind": "features"}, "kind"),
        ({"min_zoom": 9, "max_zoom": 3}, "max_zoom"),
        ({"max_zoom": 40}, "max_zoom"),
        ({"tile_size": 100}, "tile_size"),
    ],
)
def test_a_service_that_cannot_be_used_is_refused_beside_its_field(
    workspace: Made, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(FindingsError) as refused:
        actions.add_service(actions.Service(**{**GOOD, **change}), access=EVERYTHING, origin="")
    assert [item.field for item in refused.value.findings] == [field]
    assert not MapLayer.objects.exists()


@pytest.mark.parametrize(
    "url", ["http://localhost:8080/{z}/{x}/{y}", "http://127.0.0.1/{z}/{x}/{y}"]
)
def test_this_machine_may_be_asked_without_https(workspace: Made, url: str) -> None:
    actions.add_service(actions.Service(**{**GOOD, "url": url}), access=EVERYTHING, origin="")
    assert MapLayer.objects.get().url == url
