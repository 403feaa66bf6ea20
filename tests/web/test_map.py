"""The map's page, its panel, search, selection and print."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable

import openpyxl
import pytest
import shapely
from django.test import Client

from tests.web import sample
from tests.web.readers import reader_with
from tests.web.test_every_page import read
from zonewright.report.mapsheet import scale_bar
from zonewright.store.access import operator
from zonewright.store.actions import maps as actions
from zonewright.store.models import MapLayer, Parcel, User, Venture, Zone
from zonewright.store.places import locate

pytestmark = pytest.mark.django_db
AREA = shapely.to_geojson(shapely.box(112.70, 22.40, 112.76, 22.50))
EVERYTHING = operator("tester")


@pytest.fixture(autouse=True)
def placed(request: pytest.FixtureRequest) -> None:
    """Know in which zones the sample's records lie."""
    if "workspace" in request.fixturenames:
        request.getfixturevalue("workspace")
        locate()


def name_of(code: str) -> str:
    return f"parcel:{Parcel.objects.get(code=code).pk}"


def picture(wide: int = 4, high: int = 3) -> bytes:
    """Return a small PNG."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    rows = b"".join(b"\0" + b"\x30\x60\x90" * wide for _ in range(high))
    header = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


# ---- The page ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "图层"), ("en", "Layers")])
def test_the_page_has_legend_search_tools_and_slider(
    workspace: None, reader: Callable[[str], Client], language: str, word: str
) -> None:
    answer = reader(language).get("/map/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert word in page
    for mark in (
        'data-kind="startup"',
        'data-filter="parcels"',
        'id="map-query"',
        'id="map-month"',
    ):
        assert mark in page
    assert 'data-first="2023-01-01"' in page


def test_the_page_can_be_read_by_ear_and_holds_no_inline_code(
    workspace: None, english: Client
) -> None:
    reading = read(english.get("/map/").content.decode())
    assert not reading.unbalanced
    labels = {attributes.get("for") for tag, attributes in reading.tags if tag == "label"}
    for tag, attributes in reading.tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        if tag in ("input", "select") and attributes.get("type") not in ("hidden", "checkbox"):
            assert attributes["id"] in labels
    ids = [attributes["id"] for _, attributes in reading.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_strangers_sign_in_first_and_who_sees_nothing_reads_why(
    workspace: None, anonymous: Client
) -> None:
    assert anonymous.get("/map/").status_code == 302
    assert b"map-work" not in reader_with().get("/map/").content


def test_the_legend_and_style_hold_only_what_the_reader_sees(workspace: None) -> None:
    west = reader_with("viewer", "G1")
    assert 'data-kind="startup"' not in west.get("/map/").content.decode()
    style = west.get("/map/style.json").json()
    codes = {item["properties"]["code"] for item in style["sources"]["labels"]["data"]["features"]}
    assert codes == {"G1", "CITY", "D1", "D2"}


def test_the_style_is_of_a_day(workspace: None, client: Client) -> None:
    style = client.get("/map/style.json?on=2022-06-30").json()
    assert style["sources"]["parcels"]["tiles"][0].endswith(".mvt?on=2022-06-30")
    assert style["sources"]["labels"]["data"]["features"] == []


@pytest.mark.parametrize("path", ["/map/style.json", "/map/at/"])
@pytest.mark.parametrize("day", ["yesterday", "0001-01-01", "2023-13-01"])
def test_what_is_no_day_is_refused(workspace: None, client: Client, path: str, day: str) -> None:
    assert client.get(path, {"on": day, "lon": "112.9", "lat": "22.5"}).status_code == 422


def test_the_page_asks_few_queries(
    workspace: None, client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client.get("/map/")
    with django_assert_max_num_queries(24):
        client.get("/map/")


# ---- What lies there --------------------------------------------------------------------------


def test_a_spot_shows_the_land_and_lists_what_else_lies_there(
    workspace: None, english: Client
) -> None:
    answer = english.get("/map/at/", {"lon": "112.73", "lat": "22.43"})
    page = answer.content.decode()
    parcel = Parcel.objects.get(code="DK-0000")
    assert f'class="map-card" data-record="parcel:{parcel.pk}"' in page
    for name in ("Large industrial cluster", "West group", "基本农田"):
        assert name in page
    assert "things here" in page
    assert "<html" not in page


def test_what_is_switched_off_is_not_listed(workspace: None, english: Client) -> None:
    asked = {"lon": "112.73", "lat": "22.43", "kinds": "zone", "hidden": "cluster,city"}
    page = english.get("/map/at/", asked).content.decode()
    assert "West group" in page
    assert "DK-0000" not in page
    assert "Large industrial cluster" not in page


def test_nothing_is_said_where_nothing_lies(workspace: None, english: Client) -> None:
    assert b"Nothing lies here" in english.get("/map/at/", {"lon": "0", "lat": "0"}).content


@pytest.mark.parametrize(
    "asked", [{"lon": "x", "lat": "22"}, {"lon": "200", "lat": "22"}, {"lon": "nan", "lat": "22"}]
)
def test_what_is_no_spot_is_refused(workspace: None, client: Client, asked: dict) -> None:
    assert client.get("/map/at/", asked).status_code == 422


def test_features_for_reference_are_told_and_escaped(workspace: None, english: Client) -> None:
    shape = shapely.to_wkb(shapely.box(112.72, 22.42, 112.74, 22.44))
    row = actions.ReferenceFeature(shape, "<b>x</b>", {"用途": "<i>y</i>"})
    layer = actions.add_reference_layer("规划", [row], access=EVERYTHING, origin="")
    asked = {"lon": "112.73", "lat": "22.43", "layers": layer.code}
    page = english.get("/map/at/", asked).content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "&lt;i&gt;y&lt;/i&gt;" in page
    assert "规划" not in english.get("/map/at/", {**asked, "layers": ""}).content.decode()


def test_the_panel_shows_stages_source_and_a_way_to_the_record(
    workspace: None, english: Client
) -> None:
    page = english.get(f"/map/record/{name_of('DK-0002')}/").content.decode()
    assert [page.count(f'data-stage="{stage}"') for stage in ("L3", "L4", "L5", "L6")] == [
        1,
        1,
        1,
        0,
    ]
    assert "=土地台账.xlsx" in page
    assert "/records/parcels/" in page
    zone = Zone.objects.get(code="S1")
    page = english.get(f"/map/record/zone:{zone.pk}/").content.decode()
    assert "Start-up area across" in page
    assert 'href="/zones/S1/"' in page


@pytest.mark.parametrize("what", ["record/{}/", "shape/{}.json"])
def test_a_record_elsewhere_is_not_there_for_an_outsider(workspace: None, what: str) -> None:
    path = f"/map/{what}"
    west = reader_with("viewer", "G1")
    assert west.get(path.format(name_of("DK-0000"))).status_code == 200
    assert west.get(path.format(name_of("DK-0005"))).status_code == 404
    assert reader_with().get(path.format(name_of("DK-0000"))).status_code == 404


@pytest.mark.parametrize("name", ["parcel:999999", "parcel:x", "user:1", "grant:1", "nothing"])
def test_what_is_no_record_is_not_found(workspace: None, client: Client, name: str) -> None:
    assert client.get(f"/map/record/{name}/").status_code == 404
    assert client.get(f"/map/shape/{name}.json").status_code == 404


def test_a_shape_comes_with_its_box_and_a_venture_lies_in_its_zone(
    workspace: None, client: Client
) -> None:
    shape = client.get(f"/map/shape/{name_of('DK-0000')}.json").json()
    assert shape["geometry"]["type"] == "MultiPolygon"
    assert shape["bbox"] == pytest.approx([112.7, 22.4, 112.764, 22.432])
    venture = Venture.objects.get(code="V1")
    assert client.get(f"/map/shape/venture:{venture.pk}.json").json()["bbox"][0] == 112.8


def test_the_search_finds_by_code_and_name_and_only_what_is_seen(
    workspace: None, english: Client
) -> None:
    found = english.get("/map/search/", {"q": "DK-000"}).json()["items"]
    assert [item["code"] for item in found] == [f"DK-000{n}" for n in range(6)]
    assert found[0]["url"] == f"/map/record/{found[0]['record']}/"
    west = reader_with("viewer", "G1").get("/map/search/", {"q": "DK-000"}).json()["items"]
    assert 0 < len(west) < len(found)
    assert english.get("/map/search/", {"q": ""}).json()["items"] == []
    assert english.post("/map/search/").status_code == 405


# ---- Selection --------------------------------------------------------------------------------


def test_land_in_an_area_is_counted_summed_and_listed(workspace: None, english: Client) -> None:
    page = english.post("/map/select/", {"area": AREA}).content.decode()
    rows = read(page)
    assert not rows.unbalanced
    assert "Levelled" not in page  # only the first column's stage lies in it
    assert "A parcel counts as a whole" in page
    assert page.count('data-record="parcel:') == 3
    assert "Farmland" in page


@pytest.mark.parametrize("path", ["/map/select/", "/map/select/export/"])
def test_an_area_that_cannot_be_used_is_refused(workspace: None, client: Client, path: str) -> None:
    assert client.post(path, {"area": "{}", "kind": "xlsx"}).status_code == 422
    assert client.post(path, {"kind": "xlsx"}).status_code == 422
    assert client.get(path).status_code == 405


def test_a_selection_needs_its_token(workspace: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username=sample.USER))
    assert strict.post("/map/select/", {"area": AREA}).status_code == 403


def test_a_selection_is_exported_as_a_workbook_and_as_geojson(
    workspace: None, client: Client
) -> None:
    answer = client.post("/map/select/export/", {"area": AREA, "kind": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.worksheets[0].values)
    assert [row[0] for row in rows[1:]] == ["DK-0000", "DK-0006", "DK-0012"]
    assert rows[1][3] == pytest.approx(100.0)
    assert sample.NOTICE in [row[1] for row in book.worksheets[1].values]
    answer = client.post(
        "/map/select/export/", {"area": AREA, "kind": "geojson", "on": "2023-06-30"}
    )
    made = json.loads(answer.content)
    assert [item["id"] for item in made["features"]] == ["DK-0000", "DK-0006", "DK-0012"]
    assert made["day"] == "2023-06-30"
    assert shapely.from_geojson(json.dumps(made["features"][0]["geometry"])).is_valid
    assert client.post("/map/select/export/", {"area": AREA, "kind": "exe"}).status_code == 400


def test_an_outsider_selects_nothing(workspace: None) -> None:
    answer = reader_with().post("/map/select/export/", {"area": AREA, "kind": "geojson"})
    assert json.loads(answer.content)["features"] == []


def test_too_large_an_export_is_refused(
    workspace: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zonewright.web.views.map_selection.MAX_EXPORT", 2)
    answer = client.post("/map/select/export/", {"area": AREA, "kind": "geojson"})
    assert answer.status_code == 422


# ---- Print ------------------------------------------------------------------------------------


def printed(client: Client, **more: object) -> object:
    file = io.BytesIO(picture())
    file.name = "map.png"
    legend = [
        {"color": "", "shape": "heading", "text": "片区"},
        {"color": "#336699", "shape": "fill", "text": "园区 #[evil]"},
        {"color": "url(x)", "shape": "fill", "text": "left out"},
        "left out",
    ]
    given = {"picture": file, "title": "图 $x$ #panic()", "width_m": "12000", "paper": "a3"}
    return client.post("/map/print/", {**given, "legend": json.dumps(legend), **more})


def test_the_map_is_printed_as_pdf_and_texts_stay_texts(workspace: None, client: Client) -> None:
    answer = printed(client)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize(
    "change",
    [
        {"picture": ""},
        {"picture": io.BytesIO(b"<svg/>")},
        {"picture": io.BytesIO(picture(9000, 1))},
        {"width_m": "nan"},
        {"width_m": "-5"},
        {"width_m": ""},
        {"on": "x"},
    ],
)
def test_what_cannot_be_printed_is_refused(workspace: None, client: Client, change: dict) -> None:
    assert printed(client, **change).status_code == 422


@pytest.mark.parametrize(
    ("width_m", "share", "text"),
    [(4_000.0, 0.25, "1 km"), (1_000.0, 0.2, "200 m"), (90_000.0, 2 / 9, "20 km")],
)
def test_the_scale_bar_is_round_and_at_most_a_quarter(
    width_m: float, share: float, text: str
) -> None:
    assert scale_bar(width_m) == (pytest.approx(share), text)


# ---- What the browser may ask -----------------------------------------------------------------


def test_only_the_page_with_the_services_may_ask_their_hosts(
    workspace: None, client: Client
) -> None:
    plain = client.get("/map/")["Content-Security-Policy"]
    assert "https:" not in plain
    url = "https://t{s}.example.cn/{z}/{x}/{y}.png?tk={key}"
    service = actions.Service("影像", "xyz", url, key="abc", attribution="例图")
    layer = actions.add_service(service, access=EVERYTHING, origin="")
    policy = client.get("/map/")["Content-Security-Policy"]
    for directive in ("img-src", "connect-src"):
        (line,) = [part for part in policy.split("; ") if part.startswith(directive)]
        assert line.split()[-8:] == [f"https://t{n}.example.cn" for n in range(8)]
    assert policy.count("https:") == 16
    assert "https:" not in client.get("/figures/")["Content-Security-Policy"]
    style = client.get("/map/style.json?whole=1").json()
    assert (
        style["sources"][layer.code]["tiles"][3] == "https://t3.example.cn/{z}/{x}/{y}.png?tk=abc"
    )
    assert layer.code not in client.get("/map/style.json").json()["sources"]
    order = [item["id"] for item in style["layers"]]
    assert order.index("district-fill") < order.index(layer.code) < order.index("parcels")
    MapLayer.objects.all().delete()
    assert client.get("/map/")["Content-Security-Policy"] == plain


@pytest.mark.parametrize("kinds", ["multipolygon", "geometry", "<script>"])
def test_the_tools_of_a_geometry_field(workspace: None, english: Client, kinds: str) -> None:
    page = english.get("/map/draw-field/", {"kinds": kinds, "id": 'x"><script>'}).content.decode()
    assert "<script" not in page
    assert ('data-draw="linestring"' in page) == (kinds != "multipolygon")
    assert 'id="xscript-text"' in page
