"""Who is let in, how often, and what is told to who is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.web import sample
from tests.web.api.conftest import Holder, Program, account, token_of
from zonewright.store.models import ApiToken, AuditEntry, Parcel, User, Zone
from zonewright.web.api import about

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


def test_without_a_token_nothing_is_told(land: None) -> None:
    for path in ("/api/v1/me", "/api/v1/parcels", "/api/v1/nowhere", "/ogc", "/ogc/collections"):
        answer = Program().get(path)
        assert answer.status_code == 401, path
        assert answer["Content-Type"] == PROBLEM
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "api-sign-in"


@pytest.mark.parametrize("header", ["Bearer zw_nothing", "Basic eDp5", "Bearer", "zw_x"])
def test_a_token_that_nobody_has_is_refused(land: None, header: str) -> None:
    answer = Client(headers={"authorization": header}).get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.json()["code"] == "api-token-refused"


def test_a_token_ends(everything: Program) -> None:
    assert everything.get("/api/v1/me").status_code == 200
    token = ApiToken.objects.get()
    token.expires_at = timezone.now() - timedelta(seconds=1)
    token.save()
    assert everything.get("/api/v1/me").status_code == 401
    token.expires_at, token.revoked_at = None, timezone.now()
    token.save()
    assert everything.get("/api/v1/me").status_code == 401
    token.revoked_at = None
    token.save()
    assert everything.get("/api/v1/me").status_code == 200
    User.objects.update(is_active=False)
    assert everything.get("/api/v1/me").status_code == 401


def test_the_cookie_of_the_desk_reads_and_never_writes(land: None) -> None:
    desk = Client()
    desk.force_login(User.objects.get(username=sample.USER))
    assert desk.get("/api/v1/me").json()["name"] == sample.USER
    body = {"values": {"code": "X", "name": "x", "kind": "road"}}
    answer = desk.post("/api/v1/works", body, content_type="application/json")
    assert answer.status_code == 401
    assert answer["Content-Type"] == PROBLEM


def test_a_token_may_do_less_than_its_holder(land: None) -> None:
    user = account("both", ("planner", None))
    zone = Zone.objects.get(code="G3")
    narrow = Program(token_of(user, role="viewer", zone=zone))
    told = narrow.get("/api/v1/me").json()
    assert told["everywhere"] == []
    assert told["by_zone"] == {"G3": ["view"]}
    wide = Program(token_of(user)).get("/api/v1/parcels?total=1").json()
    few = narrow.get("/api/v1/parcels?total=1").json()
    assert 0 < few["total"] < wide["total"] == Parcel.objects.count()
    refused = narrow.send(
        "POST",
        "/api/v1/works",
        {"values": {"code": "X", "name": "x", "kind": "road", "zone": "G3"}},
    )
    assert refused.status_code == 403


def test_requests_are_counted_reads_and_writes_apart(
    everything: Program, settings: Settings
) -> None:
    settings.API_RATES = {"read": 2, "write": 1, "refused": 60}
    first = everything.get("/api/v1/me")
    assert first["RateLimit-Policy"] == '"read";q=2;w=60'
    assert first["RateLimit"].startswith('"read";r=1;t=')
    assert everything.get("/ogc").status_code == 200
    third = everything.get("/api/v1/me")
    assert third.status_code == 429
    assert third["Content-Type"] == PROBLEM
    assert 0 < int(third["Retry-After"]) <= 60
    assert everything.send("POST", "/api/v1/runs/9/cancel").status_code == 404
    assert everything.send("POST", "/api/v1/runs/9/cancel").status_code == 429


def test_guessing_tokens_is_slowed_down(everything: Program, settings: Settings) -> None:
    settings.API_RATES = {"read": 600, "write": 120, "refused": 3}
    guesses = [Program("zw_guess").get("/api/v1/me").status_code for _ in range(5)]
    assert guesses == [401, 401, 401, 429, 429]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/api/", 404),
        ("GET", "/ogc/nowhere", 404),
        ("PUT", "/api/v1/parcels", 405),
        ("POST", "/ogc/collections", 405),
    ],
)
def test_what_django_refuses_is_a_problem_too(
    everything: Program, method: str, path: str, status: int
) -> None:
    answer = everything.send(method, path)
    assert answer.status_code == status
    assert answer["Content-Type"] == PROBLEM
    assert answer.json()["status"] == status
    assert (status == 405) == answer.has_header("Allow")


def test_a_body_must_be_json(everything: Program) -> None:
    answer = everything.post("/api/v1/works", "code=X", content_type="text/plain")
    assert answer.status_code == 415
    broken = everything.post("/api/v1/works", "{", content_type="application/json")
    assert broken.status_code == 400
    assert broken["Content-Type"] == PROBLEM


def test_problems_speak_the_readers_language(holder: Holder) -> None:
    chinese = holder(("viewer", None), language="zh-CN").get("/api/v1/parcels/parcel:999999")
    assert chinese.json()["title"] == "未找到"
    english = holder(("viewer", None)).get("/api/v1/parcels/parcel:999999")
    assert english.json()["title"] == "Not found"


def test_pages_stay_pages(land: None) -> None:
    answer = Client().get("/api/v1/docs")
    assert answer.status_code == 302
    desk = Client(headers={"accept-language": "zh-CN"})
    desk.force_login(User.objects.get(username=sample.USER))
    page = desk.get("/api/v1/docs")
    assert page.status_code == 200
    assert "下载附件" in page.content.decode()
    assert "/api/v1/parcels/{record}" in page.content.decode()


def test_a_slip_in_a_parameter_is_told(everything: Program) -> None:
    answer = everything.get("/api/v1/parcels?stgae=L7")
    assert answer.status_code == 400
    assert "stgae" in answer.json()["detail"]


def test_zero_bytes_reach_no_database(everything: Program) -> None:
    for path in (
        "/api/v1/parcels?text=%00",
        "/ogc/collections/parcels/items?code=%00",
        "/api/v1/figures/%00",
    ):
        assert everything.get(path).status_code == 400, path


def test_bodies_hold_only_what_a_database_keeps(everything: Program) -> None:
    for sign, status in (("\\u0000", 400), ("\\ud800", 400), ("\\u9053", 201)):
        body = f'{{"values": {{"code": "X", "name": "{sign}", "kind": "road"}}}}'
        answer = everything.post("/api/v1/works", body, content_type="application/json")
        assert answer.status_code == status, answer.content
    deep = "[" * 100_000 + "\\u9053" + "]" * 100_000
    for body in (deep, "[" * 100_000):
        answer = everything.post("/api/v1/works", body, content_type="application/json")
        assert answer.status_code == 400


def test_the_trail_tells_the_token_that_wrote(everything: Program) -> None:
    body = {"values": {"code": "W9", "name": "Road", "kind": "road", "zone": "S1"}}
    assert everything.send("POST", "/api/v1/works", body).status_code == 201
    entry = AuditEntry.objects.filter(table="works").get()
    assert entry.by == sample.USER
    assert entry.origin.startswith("api ")


def test_a_fault_of_the_desk_is_a_problem_without_its_cause(
    everything: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("secret cause")

    monkeypatch.setattr(about, "ledgers", broken)
    everything.raise_request_exception = False
    answer = everything.get("/api/v1/schema")
    assert answer.status_code == 500
    assert answer["Content-Type"] == PROBLEM
    assert "secret" not in answer.content.decode()


def test_a_body_that_is_too_large_is_a_problem(everything: Program, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = {"values": {"code": "X" * 200, "name": "x", "kind": "road"}}
    answer = everything.send("POST", "/api/v1/works", body)
    assert answer.status_code == 413
    assert answer["Content-Type"] == PROBLEM
