"""What a hostile reader sends: nothing of it breaks the desk, and nothing is answered with 500."""

from __future__ import annotations

import json
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.web import sample
from zonewright.store.access import access_of
from zonewright.store.actions import tokens
from zonewright.store.models import Run, User, Work

LONG = "9" * 5_000
DEEP = '{"a":' * 3_000 + "1" + "}" * 3_000
ADDRESSES = (
    f"/map/record/parcel:{LONG}",
    f"/map/record/parcel:{LONG}/",
    f"/map/shape/parcel:{LONG}.json",
    f"/map/shape/venture:{LONG}.json",
    f"/figures/F018/?page={LONG}",
    f"/records/parcels/?page={LONG}&size={LONG}",
    f"/runs/?page={LONG}",
    f"/people/?page={LONG}",
    f"/audit/?page={LONG}&since={LONG}&until=9999-12-31",
    "/audit/?until=9999-12-31",
    "/audit/?since=0001-01-01",
    "/map/search/?q=%00",
    "/records/parcels/?q=%00",
    "/records/works/?q=%00",
    "/audit/?code=%00&by=%00",
    "/people/?q=%00",
    "/people/%00/",
    "/zones/%00/",
    "/figures/%00/",
    "/runs/?by=%00",
    "/runs/1/files/%00",
    "/records/choices/zone/?q=%00",
    "/map/at/?lon=nan&lat=inf",
    "/map/at/?lon=112.9&lat=90&tolerance=inf",
    "/map/at/?lon=112.9&lat=22.5&layers=%00",
    "/map/?on=10000-01-01",
    "/tiles/parcels/12/0/0.mvt?on=99999-01-01",
    "/tiles/ref-%00/12/0/0.mvt",
    "/tiles/parcels/99999999999999999999/0/0.mvt",
    f"/tiles/parcels/{LONG}/0/0.mvt",
    "/map/layers/x/",
    "/records/parcels/999999999999999999999/",
    "/attachments/999999999999999999999/",
    "/changes/999999999999999999999/undo/",
    "/runs/999999999999999999999/",
)


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda text: text[:60])
def test_no_address_breaks_the_desk(workspace: None, client: Client, address: str) -> None:
    client.raise_request_exception = False
    assert client.get(address).status_code < 500


def polygon(number: str) -> str:
    ring = f"[[{number}, 22.4], [112.8, 22.4], [112.8, 22.5], [{number}, 22.4]]"
    return f'{{"type": "Polygon", "coordinates": [{ring}]}}'


AREAS = (polygon(LONG), polygon("1e999"), polygon("NaN"), DEEP, "[" * 100_000, '"\\ud800"', "null")


@pytest.mark.parametrize("text", AREAS, ids=range(len(AREAS)))
@pytest.mark.parametrize("kind", ["", "geojson"])
def test_no_drawn_area_breaks_the_desk(
    workspace: None, client: Client, text: str, kind: str
) -> None:
    client.raise_request_exception = False
    address = "/map/select/export/" if kind else "/map/select/"
    assert client.post(address, {"area": text, "kind": kind}).status_code == 422


@pytest.mark.parametrize("text", [*AREAS, "1e9999999999", "sNaN", "1e-9999999", "\0"])
def test_no_typed_value_breaks_a_form(workspace: None, client: Client, text: str) -> None:
    client.raise_request_exception = False
    work = Work.objects.get(code="W0")
    fields = ("name", "total_cost", "started_on", "geometry", "zone", "floor_area", "status")
    for name in (*fields, "opened", "token", "once", "reason"):
        for address in (f"/records/works/{work.pk}/edit/", "/records/works/new/"):
            answer = client.post(address, {"code": "W9", "name": "路", name: text})
            assert answer.status_code < 500, (name, address)


POSTS = (
    ("/account/tokens/", {"name": "x", "days": LONG}),
    ("/account/tokens/", {"name": "x", "days": "90", "zone": "\0"}),
    ("/account/second-factor/confirm/", {"code": LONG}),
    ("/account/second-factor/confirm/", {"code": "१२३४५६"}),
    ("/people/new/", {"username": "a\0b", "name": "x"}),
    ("/people/new/", {"username": "x" * 9_000, "name": "x"}),
    ("/people/new/", {"username": "../..", "name": "x"}),
    ("/people/new/", {"username": "a b\r\nSet-Cookie: x=1", "name": "x"}),
    ("/runs/start/blocks/", {"on": LONG}),
    ("/runs/start/blocks/", {"on": "9999-12-31"}),
    ("/map/services/add/", {"name": "x", "kind": "xyz", "url": "https://[::1/{z}/{x}/{y}"}),
    ("/theme/", {"theme": LONG, "next": "//evil.example/"}),
)


@pytest.mark.parametrize(("address", "given"), POSTS, ids=range(len(POSTS)))
def test_no_form_breaks_the_desk(
    workspace: None, client: Client, address: str, given: dict[str, str]
) -> None:
    client.raise_request_exception = False
    answer = client.post(address, given)
    assert answer.status_code < 500
    assert "evil" not in answer.get("Location", "")


@pytest.mark.parametrize("legend", [*AREAS, json.dumps([{"color": "#000000", "shape": "fill"}])])
def test_no_legend_breaks_the_print(workspace: None, client: Client, legend: str) -> None:
    client.raise_request_exception = False
    picture = SimpleUploadedFile("a.png", bomb(8_000))
    answer = client.post(
        "/map/print/", {"legend": legend, "width_m": "1000", "picture": picture, "title": "=1+1"}
    )
    assert answer.status_code in (200, 422)


def bomb(side: int) -> bytes:
    """Return the head of a picture that says it is large, with nothing to draw in it."""
    head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [head, b"IDAT" + zlib.compress(b"\0" * 100), b"IEND"]
    parts = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


RUNS = ({"on": "tomorrow"}, {"on": "9999-12-31"}, {"on": "2023-10-31", "more": "x" * 9_000})


@pytest.mark.parametrize("params", RUNS, ids=range(len(RUNS)))
def test_a_run_is_asked_with_parameters_that_it_takes(
    workspace: None, params: dict[str, str]
) -> None:
    user = User.objects.get(username=sample.USER)
    text, _ = tokens.issue(user, "x", access=access_of(user))
    program = Client(headers={"authorization": f"Bearer {text}"})
    body = json.dumps({"question": "blocks", "params": params})
    answer = program.post("/api/v1/runs", body, content_type="application/json")
    assert answer.status_code == 422
    assert not Run.objects.filter(question="blocks").exists()


FILTERS = ("f-total_cost-min=1e99999999999", "f-total_cost-max=1e-99999999999", "f-zone=%F0%9F%98")


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_that_cannot_be_read_is_left_aside(
    workspace: None, client: Client, query: str
) -> None:
    assert client.get(f"/records/works/?{query}").status_code == 200


@pytest.mark.parametrize("address", ["/map/search/?q=%00", "/people/%00/", "/zones/%00/"])
def test_a_zero_sign_is_refused_before_a_database_sees_it(
    workspace: None, client: Client, address: str
) -> None:
    assert client.get(address).status_code == 400
    assert client.post("/people/new/", {"username": "a\0b", "name": "x"}).status_code == 400


def test_a_stranger_fills_no_disk(workspace: None) -> None:
    stranger = Client(enforce_csrf_checks=True)
    page = stranger.get("/sign-in/").content.decode()
    mark = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    file = SimpleUploadedFile("a.bin", b"a" * 100_000)
    given = {"username": "x", "password": "y", "csrfmiddlewaretoken": mark, "file": file}
    assert stranger.post("/sign-in/", given).status_code == 400
