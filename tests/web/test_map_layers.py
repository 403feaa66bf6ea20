"""The pages on which map services and layers for reference are kept."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from django.test import Client

from tests.web.readers import reader_with
from tests.web.test_every_page import read
from zonewright.store.access import operator
from zonewright.store.actions import maps as actions
from zonewright.store.models import AuditEntry, MapFeature, MapLayer
from zonewright.workflows import reference_layers

pytestmark = pytest.mark.django_db
SERVICE = {
    "name": "影像", "kind": "wmts", "url": "https://t{s}.example.cn/{z}/{x}/{y}?tk={key}",
    "key": "abc", "min_zoom": "0", "max_zoom": "18", "tile_size": "256", "shown": "1",
}  # fmt: skip
BOXES = [shapely.box(112.8 + 0.01 * i, 22.4, 112.809 + 0.01 * i, 22.41) for i in range(3)]


def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"名称": ["甲", "乙", "丙"], "面积": [1.5, 2.0, 3.0]}, geometry=BOXES, crs="EPSG:4490"
    )


def written(folder: Path, suffix: str) -> bytes:
    """Return a file of three areas."""
    path = folder / f"layer{suffix}"
    if suffix == ".zip":
        (folder / "parts").mkdir()
        frame().to_file(folder / "parts" / "规划.shp", encoding="utf-8")
        with zipfile.ZipFile(path, "w") as archive:
            for part in (folder / "parts").iterdir():
                archive.write(part, part.name)
    else:
        frame().to_file(path, driver="GPKG" if suffix == ".gpkg" else "GeoJSON")
    return path.read_bytes()


def upload(client: Client, content: bytes, name: str = "x.bin", **more: str) -> object:
    file = io.BytesIO(content)
    file.name = name
    given = {"file": file, "name": "", "color": "#aa3300", **more}
    return client.post("/map/layers/add/", given)


# ---- Layers for reference -----------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".zip"])
def test_a_file_becomes_a_layer_whatever_it_is_called(
    workspace: None, client: Client, tmp_path: Path, suffix: str
) -> None:
    answer = upload(client, written(tmp_path, suffix), name="../../规划.txt")
    assert answer.status_code in (200, 302), answer.content.decode()
    layer = MapLayer.objects.get()
    assert (layer.name, layer.kind, layer.color) == ("规划", "features", "#aa3300")
    rows = MapFeature.objects.filter(layer=layer)
    assert [(row.name, row.properties["面积"]) for row in rows] == [
        ("甲", 1.5),
        ("乙", 2.0),
        ("丙", 3.0),
    ]
    assert f"ref-{layer.code}" in client.get("/map/").content.decode()
    style = client.get("/map/style.json?whole=1").json()
    assert f"ref-{layer.code}" in style["sources"]


def test_what_is_at_fault_is_left_out_and_named(workspace: None, english: Client) -> None:
    bow = [[[112, 22], [113, 23], [113, 22], [112, 23], [112, 22]]]
    shapes = [
        {"type": "Polygon", "coordinates": bow},
        {"type": "GeometryCollection", "geometries": []},
        None,
        json.loads(shapely.to_geojson(BOXES[0])),
    ]
    features = [
        {"type": "Feature", "properties": {"name": "x"}, "geometry": shape} for shape in shapes
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    answer = upload(english, content, name="plan.geojson")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Features: 1" in page
    assert page.split('class="findings"')[1].split("</ul>")[0].count("<li>") >= 3
    assert MapFeature.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"MZ\x90\x00",
        b"{}",
        b"PK\x03\x04broken",
        b"SQLite format 3\x00" + b"\0" * 200,
    ],
)
def test_what_holds_no_layer_is_refused_with_a_reason(
    workspace: None, english: Client, content: bytes
) -> None:
    answer = upload(english, content, name="evil.geojson")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not MapLayer.objects.exists()


def test_a_zip_without_a_layer_is_refused(workspace: None, english: Client) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("../../evil.shp", b"x")
    assert upload(english, content.getvalue()).status_code == 422


def test_a_file_is_needed_and_must_not_be_too_large(
    workspace: None, english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert english.post("/map/layers/add/", {"name": "x"}).status_code == 422
    monkeypatch.setattr(reference_layers, "MAX_BYTES", 10)
    assert upload(english, b'{"type": "FeatureCollection"}').status_code == 422


def test_a_layer_is_renamed_and_deleted_after_a_question(
    workspace: None, english: Client, tmp_path: Path
) -> None:
    upload(english, written(tmp_path, ".geojson"))
    code = MapLayer.objects.get().code
    bad = english.post(f"/map/layers/{code}/", {"name": "", "color": "#12345"})
    assert bad.status_code == 422
    english.post(f"/map/layers/{code}/", {"name": "Rivers", "color": "#112233"})
    layer = MapLayer.objects.get()
    assert (layer.name, layer.color, layer.shown) == ("Rivers", "#112233", False)
    assert "3 features" in english.get(f"/map/layers/{code}/delete/").content.decode()
    assert MapLayer.objects.exists()
    assert english.post(f"/map/layers/{code}/delete/").status_code == 302
    assert english.post(f"/map/layers/{code}/delete/").status_code == 404
    assert not MapFeature.objects.exists()
    told = [row.action for row in AuditEntry.objects.filter(table="map_layers").order_by("pk")]
    assert told == ["create", "update", "delete"]


# ---- Map services -----------------------------------------------------------------------------


def test_a_service_is_added_changed_and_deleted(workspace: None, english: Client) -> None:
    assert english.post("/map/services/add/", SERVICE).status_code == 302
    layer = MapLayer.objects.get()
    assert layer.url == "https://t{s}.example.cn/{z}/{x}/{y}?tk=abc"
    page = english.get(f"/map/services/{layer.code}/").content.decode()
    assert 'data-test-tile="https://t{s}.example.cn' in page
    english.post(f"/map/services/{layer.code}/", {**SERVICE, "name": "Image", "shown": ""})
    layer.refresh_from_db()
    assert (layer.name, layer.shown) == ("Image", False)
    english.post(f"/map/services/{layer.code}/move/", {"direction": "up"})
    assert english.post(f"/map/services/{layer.code}/delete/").status_code == 302
    assert not MapLayer.objects.exists()


def test_a_preset_fills_the_form_and_says_that_the_key_is_seen(
    workspace: None, english: Client
) -> None:
    page = english.get("/map/services/?preset=img").content.decode()
    assert "tianditu.gov.cn/img_w/wmts" in page
    assert "can be seen by every reader" in page
    assert "tianditu.gov.cn" not in english.get("/map/services/?preset=x").content.decode()


def test_faults_stand_beside_their_fields_and_what_was_typed_is_kept(
    workspace: None, english: Client
) -> None:
    given = {**SERVICE, "url": "http://t.example.cn/{z}/{x}/{y}", "max_zoom": "x"}
    answer = english.post("/map/services/add/", given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="service-url-fault"' in page
    assert 'id="service-max-fault"' in page
    assert "http://t.example.cn/{z}/{x}/{y}" in page
    assert not MapLayer.objects.exists()


# ---- Both ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/map/layers/", "/map/services/"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_can_be_read_by_ear(workspace: None, path: str, language: str) -> None:
    shape = actions.ReferenceFeature(shapely.to_wkb(BOXES[0]), "", {})
    access = operator("tester")
    actions.add_reference_layer("一", [shape], access=access, origin="")
    good = actions.Service("影像", "xyz", "https://t.example.cn/{z}/{x}/{y}")
    actions.add_service(good, access=access, origin="")
    reading = read(reader_with("administrator", None, language=language).get(path).content.decode())
    assert not reading.unbalanced
    tags = [tag for tag, _ in reading.tags]
    assert tags.count("h1") == 1
    assert tags.count("table") == tags.count("caption") == 1
    labels = {attributes.get("for") for tag, attributes in reading.tags if tag == "label"}
    for tag, attributes in reading.tags:
        assert "style" not in attributes
        if tag in ("input", "select") and attributes.get("type") not in ("hidden", "checkbox"):
            assert attributes["id"] in labels


@pytest.mark.parametrize(
    ("role", "zone", "layers", "services"),
    [
        ("planner", None, 200, 404),
        ("administrator", None, 200, 200),
        ("planner", "G1", 404, 404),
        ("administrator", "G1", 404, 404),
        ("viewer", None, 404, 404),
        ("approver", None, 404, 404),
    ],
)
def test_only_who_may_finds_the_pages(
    workspace: None, role: str, zone: str | None, layers: int, services: int
) -> None:
    somebody = reader_with(role, zone)
    assert somebody.get("/map/layers/").status_code == layers
    assert somebody.get("/map/services/").status_code == services
    if layers == 404:
        assert upload(somebody, b"{}").status_code == 404
    if services == 404:
        assert somebody.post("/map/services/add/", SERVICE).status_code == 404
    page = somebody.get("/map/").content.decode()
    assert ("/map/layers/" in page) == (layers == 200)
    assert ("/map/services/" in page) == (services == 200)


def test_a_layer_is_no_service_and_a_service_no_layer(workspace: None, client: Client) -> None:
    client.post("/map/services/add/", SERVICE)
    code = MapLayer.objects.get().code
    assert client.get(f"/map/layers/{code}/").status_code == 404
    assert client.post(f"/map/layers/{code}/delete/").status_code == 404
    assert client.get(f"/map/services/{code}/").status_code == 200
