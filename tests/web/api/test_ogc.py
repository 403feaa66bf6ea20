"""The map service: collections, features by box, time, property and filter, reference systems."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

import pyproj
import pytest
import shapely
from django.utils import timezone

from tests.web.api.conftest import Holder, Program
from zonewright.store.models import MapFeature, MapLayer, Parcel, ZoneVersion

pytestmark = pytest.mark.django_db
ITEMS = "/ogc/collections/{}/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def items(program: Program, name: str, **asked: Any) -> dict[str, Any]:
    """Return the answer of a request for features, which must be good."""
    dashed = {name: name.replace("_", "-") for name in ("bbox_crs", "filter_crs", "filter_lang")}
    query = urlencode({dashed.get(name, name): value for name, value in asked.items()})
    answer = program.get(f"{ITEMS.format(name)}?{query}")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/geo+json"
    found: dict[str, Any] = answer.json()
    return found


def codes(program: Program, name: str = "parcels", **asked: Any) -> set[str]:
    """Return the codes of the features chosen."""
    page = items(program, name, limit=10_000, **asked)
    assert page["numberReturned"] == len(page["features"]) == page["numberMatched"]
    return {feature["properties"]["code"] for feature in page["features"]}


def test_it_says_what_there_is(everything: Program) -> None:
    landing = everything.get("/ogc/").json()
    rels = {link["rel"]: link["href"] for link in landing["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= set(rels)
    conformance = everything.get("/ogc/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in conformance
    listed = everything.get("/ogc/collections").json()["collections"]
    names = {item["id"] for item in listed}
    assert {"zones", "parcels", "works", "no_go", "ventures", "parcel_events"} <= names
    parcels = next(item for item in listed if item["id"] == "parcels")
    west, south, east, north = parcels["extent"]["spatial"]["bbox"][0]
    assert 112.6 < west < east < 113.2
    assert 22.3 < south < north < 22.7
    assert parcels["storageCrs"] == f"{EPSG}4490"
    for link in parcels["links"]:
        assert everything.get(link["href"].removeprefix("http://testserver")).status_code == 200


def test_the_document_names_every_collection_and_property(everything: Program) -> None:
    document = everything.get("/ogc/api").json()
    assert document["openapi"].startswith("3.0")
    parameters = document["paths"]["/collections/parcels/items"]["get"]["parameters"]
    assert {"bbox", "limit", "datetime", "filter", "stage"} <= {item["name"] for item in parameters}


def test_a_feature_is_geojson_with_plain_properties(everything: Program) -> None:
    parcel = Parcel.objects.get(code="DK-0000")
    name = f"parcel:{parcel.pk}"
    answer = everything.get(f"{ITEMS.format('parcels')}/{name}")
    feature = answer.json()
    assert feature["id"] == name
    drawn = shapely.geometry.shape(feature["geometry"])
    assert drawn.equals_exact(shapely.from_wkb(parcel.geometry), 1e-8)
    assert feature["properties"]["town"] == "=1+1"
    assert feature["properties"]["zone"] == "Z1"
    assert feature["properties"]["use"] is None
    assert feature["properties"]["area_m2"] == 1e6
    assert {link["rel"] for link in feature["links"]} == {"self", "collection"}


def test_pages_follow_one_another_and_miss_nothing(everything: Program) -> None:
    seen: list[str] = []
    address = f"{ITEMS.format('parcels')}?limit=7"
    while address:
        page = everything.get(address).json()
        seen += [feature["properties"]["code"] for feature in page["features"]]
        nexts = [link["href"] for link in page["links"] if link["rel"] == "next"]
        address = nexts[0].removeprefix("http://testserver") if nexts else ""
    assert len(seen) == len(set(seen)) == Parcel.objects.count() == 36
    assert items(everything, "parcels", limit=10, offset=30)["numberReturned"] == 6
    assert items(everything, "parcels", limit=1_000_000)["numberReturned"] == 36


def test_a_box_chooses_what_it_really_meets(everything: Program) -> None:
    west, south, east, north = 112.72, 22.42, 112.80, 22.48
    box = shapely.box(west, south, east, north)
    meets = {
        parcel.code
        for parcel in Parcel.objects.all()
        if shapely.intersects(shapely.from_wkb(parcel.geometry), box)
    }
    assert 0 < len(meets) < 36
    assert codes(everything, bbox=f"{west},{south},{east},{north}") == meets
    assert codes(everything, bbox=f"{west},{south},0,{east},{north},9") == meets
    swapped = f"{south},{west},{north},{east}"
    assert codes(everything, bbox=swapped, bbox_crs=f"{EPSG}4490") == meets
    assert codes(everything, bbox="170,-10,-170,60") == set()
    slanted = ZoneVersion.objects.get(zone__code="E1")
    slanted.geometry = shapely.MultiPolygon(
        [shapely.Polygon([(112.65, 22.35), (113.0, 22.35), (112.65, 22.55)])]
    ).wkb
    slanted.save()
    # The box of the triangle meets the corner, the triangle does not.
    assert "E1" not in codes(everything, "zones", bbox="112.95,22.5,112.99,22.54")
    assert "E1" in codes(everything, "zones", bbox="112.7,22.36,112.71,22.37")


def test_boxes_and_answers_in_metres(everything: Program) -> None:
    to = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True)
    parcel = Parcel.objects.get(code="DK-0014")
    x, y = to.transform(*shapely.from_wkb(parcel.geometry).centroid.coords[0])
    uri = f"{EPSG}4547"
    # The first axis of a Gauss-Krüger zone points north.
    box = f"{y - 10},{x - 10},{y + 10},{x + 10}"
    found = items(everything, "parcels", bbox=box, bbox_crs=uri, crs=uri)
    (feature,) = found["features"]
    assert feature["properties"]["code"] == "DK-0014"
    first, second = feature["geometry"]["coordinates"][0][0][0]
    assert abs(first - y) < 10_000
    assert abs(second - x) < 10_000
    answer = everything.get(f"{ITEMS.format('parcels')}?limit=1&crs={uri}")
    assert answer["Content-Crs"] == f"<{uri}>"


def test_degrees_come_with_the_axes_of_their_system(everything: Program) -> None:
    (feature,) = items(everything, "parcels", limit=1)["features"]
    (other,) = items(everything, "parcels", limit=1, crs=f"{EPSG}4326")["features"]
    lon, lat = feature["geometry"]["coordinates"][0][0][0]
    assert other["geometry"]["coordinates"][0][0][0] == [lat, lon]


def test_time_chooses_boundaries_and_stages(everything: Program) -> None:
    assert "Z1" in codes(everything, "zones")
    assert codes(everything, "zones", datetime="2022-12-31") == set()
    ZoneVersion.objects.filter(zone__code="Z1").update(valid_to=date(2023, 6, 1))
    assert "Z1" not in codes(everything, "zones")
    assert "Z1" in codes(everything, "zones", datetime="2023-05-31T23:00:00+08:00")
    assert "Z1" not in codes(everything, "zones", datetime="2023-06-01")
    assert "Z1" in codes(everything, "zones", datetime="2023-01-01/..")
    reached = set(
        Parcel.objects.filter(stage="L4", events__stage="L4").values_list("code", flat=True)
    )
    assert reached
    assert codes(everything, datetime="2023-02-01/2023-02-28") == reached
    assert codes(everything, "works", datetime="../2023-03-15") == {"W0", "W1"}


def test_properties_choose(everything: Program) -> None:
    stage = set(Parcel.objects.filter(stage="L7").values_list("code", flat=True))
    assert stage
    assert codes(everything, stage="L7") == stage
    assert codes(everything, zone="Z1", code="DK-0003") == {"DK-0003"}
    assert codes(everything, "works", started_on="2023-02-01") == {"W0"}


FILTERS = {
    "code = 'DK-0003'": {"DK-0003"},
    "code IN ('DK-0003', 'DK-0004')": {"DK-0003", "DK-0004"},
    "code LIKE 'DK-000%' AND code < 'DK-0002'": {"DK-0000", "DK-0001"},
    "code LIKE 'dk-000%'": set(),
    "code LIKE 'DK_003_' AND NOT (code >= 'DK-0031')": {"DK-0030"},
    "area_m2 BETWEEN 1000002 AND 1000003": {"DK-0002", "DK-0003"},
    "area_m2 > 1000033.5 OR town = '=1+1'": {"DK-0000", "DK-0034", "DK-0035"},
    "use = 'x' OR use <> 'x' OR NOT (use = 'x')": set(),
    "use IS NULL AND code = 'DK-0001'": {"DK-0001"},
    "NOT (use IS NULL)": set(),
    "TRUE AND code = 'DK-0001'": {"DK-0001"},
    "NOT (TRUE OR code = 'DK-0001')": set(),
    "1000001 >= area_m2": {"DK-0000", "DK-0001"},
    "S_INTERSECTS(geometry, POINT(112.701 22.401))": {"DK-0000"},
    "S_INTERSECTS(geometry, BBOX(112.7, 22.4, 112.701, 22.401))": {"DK-0000"},
    "code = 'DK-0000' AND NOT S_INTERSECTS(geometry, POINT(113.5 23))": {"DK-0000"},
}


def test_filters_choose(everything: Program) -> None:
    for text, found in FILTERS.items():
        assert codes(everything, filter=text) == found, text


def test_filters_in_json_and_other_systems(everything: Program) -> None:
    asked = '{"op":"and","args":[{"op":"=","args":[{"property":"code"},"DK-0003"]}]}'
    assert codes(everything, filter=asked, filter_lang="cql2-json") == {"DK-0003"}
    swapped = "S_INTERSECTS(geometry, POINT(22.401 112.701))"
    assert codes(everything, filter=swapped, filter_crs=f"{EPSG}4326") == {"DK-0000"}


def test_filters_by_time(everything: Program) -> None:
    asked = {
        "t_after(started_on, DATE('2023-05-01'))": {"W4"},
        "t_before(started_on, DATE('2023-03-01'))": {"W0"},
        "t_during(started_on, INTERVAL('2023-02-01', '2023-04-01'))": {"W1"},
        "t_intersects(started_on, INTERVAL('2023-02-01', '2023-03-01'))": {"W0", "W1"},
        "started_on >= DATE('2023-06-01')": {"W4"},
        "t_equals(started_on, DATE('2023-06-01'))": {"W4"},
        "t_during(started_on, INTERVAL('..', '..'))": {"W0", "W1", "W2", "W3", "W4"},
    }
    for text, found in asked.items():
        assert codes(everything, "works", filter=text) == found, text


DEEP = (
    "(" * 60 + "code = 'x'" + ")" * 60,
    "NOT " * 900 + "code = 'x'",
    "code = " + "-" * 3_000 + "1",
    "code = 2" + "^2" * 1_900,
    "code = " + "f(" * 900 + "1" + ")" * 900,
    "code = '" + "x" * 5_000 + "'",
)


def test_a_filter_that_would_exhaust_the_parser_is_refused(everything: Program) -> None:
    for text in DEEP:
        answer = everything.get(f"{ITEMS.format('parcels')}?{urlencode({'filter': text})}")
        assert answer.status_code == 400, text[:40]
        assert answer.json()["code"] == "ogc-filter-too-long"


UNREADABLE = [
    ("bbox", "1,2,3"), ("bbox", "a,b,c,d"), ("bbox", "1,9,2,3"), ("bbox", "nan,1,2,3"),
    ("bbox", "inf,1,2,3"), ("bbox", "500,1,200,3"), ("limit", "0"), ("limit", "x"),
    ("limit", "-1"), ("offset", "-1"), ("after", "x"), ("crs", "EPSG:4326"),
    ("bbox-crs", "x"), ("filter-crs", "x"), ("datetime", "yesterday"),
    ("datetime", "2023-02-30"), ("datetime", "2024-01-01/2023-01-01"), ("nope", "1"),
    ("f", "html"), ("filter", "code ="), ("filter", "nope = 1"), ("filter", "code = 1"),
    ("filter", "area_m2 = 'x'"), ("filter", "code"), ("filter", "code = town"),
    ("filter", "code LIKE 'x\\'"), ("filter", "area_m2 LIKE 'x'"), ("filter", "foo(code)"),
    ("filter", "S_INTERSECTS(geometry, POLYGON EMPTY)"), ("filter", "area_m2 = 1e400"),
    ("filter", "S_INTERSECTS(code, POINT(1 1))"), ("filter-lang", "sql"), ("filter", ""),
    ("filter", "t_after(code, DATE('2023-01-01'))"), ("filter", "S_CROSSES(geometry, 1)"),
    ("filter", "services = 'x'"), ("area_m2", "x"), ("available_on", "x"),
    ("basic_farmland", "perhaps"),
]  # fmt: skip


def test_what_cannot_be_read_is_named(everything: Program) -> None:
    for name, value in UNREADABLE:
        answer = everything.get(f"{ITEMS.format('parcels')}?{urlencode({name: value})}")
        assert answer.status_code == 400, (name, value)
        assert answer["Content-Type"] == "application/problem+json"


def test_what_is_not_there_is_not_found(everything: Program) -> None:
    for path in ("nope", "nope/items", "nope/queryables", "layer_x", "parcels/items/parcel:0",
                 "parcels/items/work:1", "parcels/items/x"):  # fmt: skip
        assert everything.get(f"/ogc/collections/{path}").status_code == 404, path


def test_readers_see_what_lies_in_their_zones(holder: Holder, everything: Program) -> None:
    west = holder(("viewer", "G1"))
    seen = codes(west)
    assert 0 < len(seen) < len(codes(everything))
    assert codes(west, "zones") == {"G1"}
    hidden = Parcel.objects.exclude(code__in=seen).first()
    assert hidden is not None
    assert west.get(f"{ITEMS.format('parcels')}/parcel:{hidden.pk}").status_code == 404
    assert codes(west, code=hidden.code) == set()
    listed = west.get("/ogc/collections").json()["collections"]
    box = next(item for item in listed if item["id"] == "parcels")["extent"]["spatial"]["bbox"][0]
    assert box[2] < 112.9


def test_who_was_granted_nothing_sees_no_collection(holder: Holder) -> None:
    nobody = holder()
    assert nobody.get("/ogc/collections").json()["collections"] == []
    assert nobody.get("/ogc/collections/parcels").status_code == 404
    assert nobody.get(ITEMS.format("parcels")).status_code == 404


def test_layers_for_reference_are_collections(everything: Program, holder: Holder) -> None:
    layer = MapLayer.objects.create(
        code="rail", name="铁路", kind="features", added_at=timezone.now()
    )
    line = shapely.LineString([(112.7, 22.4), (112.9, 22.5)])
    MapFeature.objects.create(layer=layer, name="A", properties={"k": 1}, geometry=line.wkb)
    for program in (everything, holder(("viewer", "P1"))):
        (feature,) = items(program, "layer_rail")["features"]
        assert feature["properties"] == {"name": "A", "properties": {"k": 1}}
        assert items(program, "layer_rail", bbox="112.7,22.4,112.8,22.45")["numberMatched"] == 1
        assert items(program, "layer_rail", bbox="112.7,22.47,112.75,22.5")["numberMatched"] == 0


def test_tables_without_a_map_have_no_geometry(everything: Program) -> None:
    (feature,) = items(everything, "ventures")["features"]
    assert feature["geometry"] is None
    assert items(everything, "ventures", bbox="112,22,113,23")["features"] == []


def test_stages_are_drawn_where_their_parcel_lies(everything: Program) -> None:
    found = items(everything, "parcel_events", bbox="112.7,22.4,112.701,22.401")
    assert {item["properties"]["parcel"] for item in found["features"]} == {"DK-0000"}


def test_its_titles_are_in_the_readers_language(holder: Holder) -> None:
    chinese = holder(("viewer", None), language="zh-CN").get("/ogc/collections/parcels").json()
    assert chinese["title"] == "地块"


def test_a_page_of_features_takes_few_queries(
    everything: Program, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):
        items(everything, "parcels", limit=30, bbox="112,22,114,23")
