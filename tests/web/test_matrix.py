"""The permission matrix: every address and operation, every role, here, elsewhere and everywhere.

``matrix.csv`` has a row for each address and method. An address that is not in it fails the
test, and so does a method that answers without a row. Columns:

``address``
    Name of the address, or for an operation of the API its path in the document (``{table}`` stands
    for each of the tables).
``method``, ``path``, ``body``
    What is asked; a body that begins with ``{`` is JSON, ``@`` is a form with a picture as its
    ``file``, others are forms. ``{zone}``, ``{parcel}`` … stand for records: first those of the
    reader's own zone, then those of another.
``anonymous``, ``nobody``
    Status for who has not signed in, and for an account without any role.
``own``, ``other``
    For roles in one zone: on records of that zone, on those of another (``-`` where the path names
    none).
``everywhere``
    For roles in the whole workspace.

A cell is a status, then exceptions by permission: ``403 plan=302`` is 403, but 302 for each role
that may plan. Of several exceptions that fit, the last counts.
"""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, URLResolver, get_resolver

from tests.web import sample
from zonewright.core.schema import all_tables
from zonewright.store.access import PERMISSIONS, access_of, roles
from zonewright.store.actions import tokens
from zonewright.store.indicators import sync_indicators
from zonewright.store.models import (
    Attachment,
    AuditEntry,
    Blob,
    Grant,
    Indicator,
    MapLayer,
    NoGo,
    Order,
    OrderStep,
    Parcel,
    Publication,
    Return,
    Run,
    RunFile,
    Target,
    User,
    Venture,
    Work,
    Zone,
)
from zonewright.store.places import locate
from zonewright.web.api.api import api

pytestmark = pytest.mark.django_db
TABLE = (Path(__file__).parent / "matrix.csv").read_text(encoding="utf-8")
ROWS = list(csv.DictReader(TABLE.splitlines()))
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OWN, OTHER = "S1", "P1"
PNG = b"\x89PNG\r\n\x1a\n"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
API, MAP_SERVICE = "/api/v1/", "/ogc"
Case = Mapping[str, str]


# ---- What there is -------------------------------------------------------------------------------


def addresses() -> set[str]:
    """Return the name of every address of the desk; of one without a name its route."""

    def walk(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern):
                yield pattern.name or route, route

    found = walk(get_resolver().url_patterns)
    return {name for name, route in found if not f"/{route}".startswith(API)}


def operations() -> set[tuple[str, str]]:
    """Return path and method of every operation of the API; all tables are asked for alike."""
    names = "|".join(
        sorted(map(re.escape, {*all_tables(), "zone_versions"}), key=len, reverse=True)
    )
    return {
        (re.sub(rf"^{API}({names})(?=/|$)", f"{API}{{table}}", path), method.upper())
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }


# ---- Who asks ------------------------------------------------------------------------------------


@dataclass
class Desk:
    """Sessions of readers by name, the tokens of their programs, and records here and elsewhere."""

    sessions: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    here: dict[str, object] = field(default_factory=dict)
    there: dict[str, object] = field(default_factory=dict)

    def ask(self, reader: str, case: Case, where: Mapping[str, object], method: str = "") -> int:
        """Return the status of an answer; nothing that it did stays."""
        path, body = (_filled(case[name], where) for name in ("path", "body"))
        is_api = path.startswith((API, MAP_SERVICE))
        # A client that signs out forgets its session: each question has a client of its own.
        client = Client(raise_request_exception=False)
        headers = {"accept-language": "en"}
        if reader != "anonymous" and not is_api:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[reader]
        elif is_api and reader != "anonymous":
            headers["authorization"] = f"Bearer {self.tokens[reader]}"
            if method == "":
                headers |= {"if-match": "*"} if case["method"] in ("PATCH", "DELETE") else {}
        kind, sent = _form(body)
        with transaction.atomic():
            answer: HttpResponse = client.generic(
                method or case["method"], path, sent, content_type=kind, headers=headers
            )
            transaction.set_rollback(True)
        answer.close()
        return int(answer.status_code)


def _filled(text: str, values: Mapping[str, object]) -> str:
    return re.sub(r"{([a-z_]+)}", lambda found: str(values[found[1]]), text)


def _form(body: str) -> tuple[str, bytes]:
    """Return the media type of a body, and its bytes."""
    if body.startswith("{"):
        return "application/json", body.encode()
    if body == "@":
        picture = SimpleUploadedFile("photo.png", PICTURE, content_type="image/png")
        return MULTIPART_CONTENT, encode_multipart(BOUNDARY, {"file": picture})
    return "application/x-www-form-urlencoded", body.encode()


@pytest.fixture(scope="module")
def desk(django_db_setup: None, django_db_blocker: Any) -> Iterator[Desk]:
    """The sample, filled once: every question is taken back after it was answered."""
    with django_db_blocker.unblock(), transaction.atomic():
        sync_indicators()
        sample.title()
        sample.fill(rows=6)
        made = Desk()
        for role in roles():
            for name, code in ((f"{role} in {OWN}", OWN), (f"{role} everywhere", None)):
                _add(made, name, role, code)
        _add(made, "nobody", "", None)
        made.here, made.there = _records(OWN), _records(OTHER)
        yield made
        transaction.set_rollback(True)


def _add(desk: Desk, name: str, role: str, code: str | None) -> None:
    user = User.objects.create(username=name.replace(" ", "-").lower())
    if role:
        zone = None if code is None else Zone.objects.get(code=code)
        Grant.objects.create(user=user, role=role, zone=zone)
    client = Client()
    client.force_login(user)
    desk.sessions[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    desk.tokens[name], _token = tokens.issue(user, "m", access=access_of(user))


def _records(code: str) -> dict[str, object]:
    """Return records of a zone: what the paths of the table name."""
    zone = Zone.objects.get(code=code)
    west, south, east, north = sample.ZONES[code][3] or (0, 0, 0, 0)
    corner = (west + (east - west) / 3, south + (north - south) / 3, 0.001)
    parcel = Parcel.objects.create(code=f"M-{code}", geometry=_square(*corner))
    work = Work.objects.create(code=f"M-{code}", name="路", kind="road", geometry=_square(*corner))
    area = NoGo.objects.create(code=f"M-{code}", kind="farmland", geometry=_square(*corner))
    venture = Venture.objects.create(code=f"M-{code}", name="厂", category="eu", zone=zone)
    locate()
    blob, _ = Blob.objects.get_or_create(
        sha256="ab" * 32, defaults={"size": 4, "media_type": "image/png", "content": PNG}
    )
    record = f"parcel:{parcel.pk}"
    attachment = Attachment.objects.create(record=record, blob=blob, name="a.png", added_by="x")
    change = AuditEntry.objects.create(
        at=sample.NOW, by="somebody", action="update", table="parcels", code=parcel.code,
        record=record, before={"town": "甲镇"}, after={"town": parcel.town},
    )  # fmt: skip
    person = User.objects.create(username=f"person-{code}")
    grant = Grant.objects.create(user=person, role="viewer", zone=zone)
    run = Run.objects.create(
        question="look-back", status="queued", by="somebody", fingerprint="f" * 64
    )
    RunFile.objects.create(run=run, blob=blob, name="a.png")
    due = {"kind": "leads", "period": "2023-10", "due_on": "2023-11-05"}
    monthly = Return.objects.create(zone=zone, **due)
    layer, _ = MapLayer.objects.get_or_create(code="river", defaults={"kind": "features"})
    service, _ = MapLayer.objects.get_or_create(code="sky", defaults={"kind": "xyz"})
    target = Target.objects.create(
        indicator=Indicator.objects.get(code="land_acquired"), zone=zone, year=2022, value=10,
        unit="ha",
    )  # fmt: skip
    published, _ = Publication.objects.get_or_create(
        period="2023-10", defaults={"as_of": sample.NOW, "fingerprint": "f" * 64, "by": "somebody"}
    )
    return {
        **_orders(zone, blob),
        "target": target.pk,
        "publication": published.pk,
        "zone": code,
        "zone_pk": zone.pk,
        "figure": {"S1": "F030", "P1": "F018"}[code],
        "parcel": parcel.pk,
        "work": work.pk,
        "no_go": area.pk,
        "venture": venture.pk,
        "attachment": attachment.pk,
        "change": change.pk,
        "person": person.username,
        "grant": grant.pk,
        "run": run.pk,
        "return": monthly.pk,
        "layer": layer.code,
        "service": service.code,
    }


def _orders(zone: Zone, blob: Blob) -> dict[str, object]:
    """Return an order that is open, and one with a reply and its evidence."""
    found = {}
    for name, state in (("order", "open"), ("replied", "replied")):
        made = Order.objects.create(
            code=f"DB-2023-{name}-{zone.code}", matter=f"{name}|{zone.code}", zone=zone,
            title="盘活方案", period="2023-10", due_on=date(2099, 1, 1), state=state,
            raised_on=date(2023, 11, 6), raised_by="somebody",
        )  # fmt: skip
        found[name] = made.pk
        step = OrderStep.objects.create(
            of=made, action="replied" if state == "replied" else "raised", by="somebody"
        )
        proof = Attachment.objects.create(
            record=f"order_step:{step.pk}", blob=blob, name="a.png", added_by="somebody"
        )
    return {**found, "proof": proof.pk}


def _square(west: float, south: float, size: float) -> bytes:
    box = shapely.box(west, south, west + size, south + size)
    return bytes(shapely.to_wkb(shapely.MultiPolygon([box])))


# ---- What is expected ----------------------------------------------------------------------------


def expected(cell: str, role: str) -> int:
    """Return the status that a cell tells for a role."""
    status, *exceptions = cell.split()
    for exception in exceptions:
        permission, _, instead = exception.partition("=")
        assert permission in PERMISSIONS, cell
        if permission in roles()[role].permissions:
            status = instead
    return int(status)


def told(case: Case) -> dict[tuple[str, str], int]:
    """Return the expected status by reader and by whose records the path names."""
    found = {(name, "here"): int(case[name]) for name in ("anonymous", "nobody")}
    for role in roles():
        found[f"{role} in {OWN}", "here"] = expected(case["own"], role)
        found[f"{role} everywhere", "here"] = expected(case["everywhere"], role)
        if case["other"] != "-":
            found[f"{role} in {OWN}", "there"] = expected(case["other"], role)
            found[f"{role} everywhere", "there"] = expected(case["everywhere"], role)
    return found


def answers(desk: Desk, case: Case) -> dict[tuple[str, str], int]:
    """Return the status of the answers that `told` tells of."""
    places = {"here": desk.here, "there": desk.there}
    return {(reader, where): desk.ask(reader, case, places[where]) for reader, where in told(case)}


# ---- The tests -----------------------------------------------------------------------------------


def test_every_address_has_a_row() -> None:
    named = {row["address"] for row in ROWS if not row["address"].startswith(API)}
    assert addresses() == named


def test_every_operation_of_the_api_has_a_row() -> None:
    named = {(r["address"], r["method"]) for r in ROWS if r["address"].startswith(API)}
    assert operations() == named


def test_a_question_stands_once() -> None:
    asked = [(row["address"], row["method"], row["path"], row["body"]) for row in ROWS]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize(
    "case",
    ROWS,
    ids=[f"{row['method']} {row['address']} {number}" for number, row in enumerate(ROWS)],
)
def test_who_may_what_where(desk: Desk, case: Case) -> None:
    wanted, got = told(case), answers(desk, case)
    wrong: dict[str, list[str]] = {}
    for (reader, where), status in wanted.items():
        if got[reader, where] != status:
            change = f"expected {status}, answered {got[reader, where]}"
            wrong.setdefault(change, []).append(f"{reader} ({where})")
    assert not wrong, f"{case['method']} {case['path']}: {wrong}"


def test_nothing_is_told_elsewhere_but_that_there_is_nothing() -> None:
    """Whoever has a role in one zone only learns nothing of another's records, not even 403."""
    for row in ROWS:
        if "{" in row["path"] and row["other"] != "-":
            assert set(re.findall(r"\d+", row["other"])) == {"404"}, row


@pytest.mark.parametrize("address", sorted({row["address"] for row in ROWS}))
def test_a_method_without_a_row_is_refused(desk: Desk, address: str) -> None:
    rows = [row for row in ROWS if row["address"] == address]
    for method in set(METHODS) - {row["method"] for row in rows}:
        status = desk.ask("administrator everywhere", rows[0], desk.here, method)
        assert status in (404, 405), f"{method} {rows[0]['path']}: {status}"
