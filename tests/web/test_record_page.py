"""A record's page: values, place, what hangs on it, history, taking a change back."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web.readers import reader_with
from tests.web.rest import fill_rest
from zonewright.store import actions
from zonewright.store.access import operator
from zonewright.store.mapping import NAMES
from zonewright.store.models import AuditEntry, Parcel, Venture, Work
from zonewright.store.selectors import record_state

pytestmark = pytest.mark.django_db


def parcel(code: str = "DK-0005") -> Parcel:
    return Parcel.objects.get(code=code)


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def change(code: str = "DK-0005", **values: object) -> int:
    """Change a parcel from the machine; return the change's number in the trail."""
    record = f"parcel:{parcel(code).pk}"
    access = operator("zhang")
    actions.edit(record, values, token=record_state(record, access).token, access=access,
                 origin="test", reason="实测")  # fmt: skip
    return AuditEntry.objects.filter(record=record).latest("pk").pk


@pytest.mark.parametrize("name", list(NAMES))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_record_of_every_ledger_opens(workspace: None, name: str, language: str) -> None:
    fill_rest()
    first = NAMES[name].model._default_manager.earliest("pk")
    client = reader_with("viewer", None, language=language)
    with CaptureQueriesContext(connection) as asked:
        page = page_of(client, f"/records/{name}/{first.pk}/")
    assert len(asked) <= 90
    assert page.count("<h1") == 1
    assert page.count("<table") == page.count("<caption")


def test_it_shows_values_place_stages_and_source(workspace: None, client: Client) -> None:
    Parcel.objects.filter(code="DK-0005").update(
        reported_area_m2=1_540_000.0, reported_area_unit="亩", reported_area_bound="ge"
    )
    page = page_of(client, f"/records/parcels/{parcel().pk}/")
    assert "≥ 2,310亩" in page
    assert "154.00公顷" in page
    assert '<svg class="sketch"' in page
    assert "L8 供应" in page
    assert page.count('href="/records/parcel_events/') >= 6
    assert "=土地台账.xlsx" in page
    assert "第 9 行" in page


def test_the_kind_of_a_record_leads_to_its_page(workspace: None, client: Client) -> None:
    answer = client.get(f"/records/parcel/{parcel().pk}/")
    assert answer["Location"] == f"/records/parcels/{parcel().pk}/"


def test_who_may_not_write_finds_no_button(workspace: None) -> None:
    pk = parcel("DK-0000").pk
    viewer = page_of(reader_with("viewer", "G1"), f"/records/parcels/{pk}/")
    planner = page_of(reader_with("planner", "G1"), f"/records/parcels/{pk}/")
    assert "/edit/" not in viewer
    assert 'type="file"' not in viewer
    assert f"/records/parcels/{pk}/edit/" in planner
    assert 'type="file"' in planner


def test_outsiders_find_nothing(workspace: None, anonymous: Client) -> None:
    address = f"/records/parcels/{parcel('DK-0000').pk}/"
    for client in (reader_with(), reader_with("administrator", "G3")):
        assert client.get(address).status_code == 404
    assert anonymous.get(address).status_code == 302
    assert reader_with("viewer", None).get("/records/parcels/999999/").status_code == 404


def test_history_tells_who_changed_what(workspace: None, client: Client) -> None:
    change(owner="王某", reported_area=23_350_000.0, reported_area_unit="ha")
    page = page_of(client, f"/records/parcels/{parcel().pk}/")
    assert "zhang" in page
    assert "实测" in page
    assert re.search(r'<th scope="row">责任人</th><td>—</td><td>王某</td>', page)
    assert re.search(r'<th scope="row">总面积</th><td>—</td><td>2,335公顷', page)


# ---- Taking a change back ---------------------------------------------------------------------


def test_a_change_is_taken_back_after_a_question(workspace: None, client: Client) -> None:
    entry = change(owner="王某")
    asked = page_of(client, f"/changes/{entry}/undo/")
    assert re.search(r'<th scope="row">责任人</th><td>王某</td><td>—</td>', asked)
    assert parcel().owner == "王某"
    answer = client.post(f"/changes/{entry}/undo/", {"reason": "误"})
    assert answer.status_code == 302
    assert parcel().owner == ""
    assert "已保存。" in page_of(client, answer["Location"])
    last = AuditEntry.objects.latest("pk")
    assert (last.undoes_id, last.by, last.reason) == (entry, "linh", "误")


def test_taking_back_twice_has_no_second_effect(workspace: None, client: Client) -> None:
    entry = change(owner="王某")
    client.post(f"/changes/{entry}/undo/")
    count = AuditEntry.objects.count()
    assert client.post(f"/changes/{entry}/undo/").status_code == 409
    assert AuditEntry.objects.count() == count


def test_what_changed_since_cannot_be_taken_back(workspace: None, english: Client) -> None:
    entry = change(owner="王某")
    change(owner="李某")
    page = page_of(english, f"/changes/{entry}/undo/")
    assert "can no longer be taken back" in page
    assert '<button class="button">' not in page
    assert english.post(f"/changes/{entry}/undo/").status_code == 409
    assert parcel().owner == "李某"


def test_a_deleted_record_comes_back(workspace: None, client: Client) -> None:
    pk = Venture.objects.get(code="V1").pk
    token = record_state(f"venture:{pk}", operator("x")).token
    answer = client.post(f"/records/ventures/{pk}/delete/", {"token": token, "reason": "重复"})
    assert not Venture.objects.filter(code="V1").exists()
    page = page_of(client, answer["Location"])
    entry = re.search(r"/changes/(\d+)/undo/", page)
    assert entry is not None
    assert "新厂" in page_of(client, entry[0])
    assert client.post(entry[0]).status_code == 302
    assert Venture.objects.filter(code="V1", name="新厂").exists()


def test_others_cannot_take_a_change_back(workspace: None, anonymous: Client) -> None:
    entry = change("DK-0000", owner="王某")
    address = f"/changes/{entry}/undo/"
    assert anonymous.post(address).status_code == 302
    assert reader_with().post(address).status_code == 404
    assert reader_with("planner", "G3").get(address).status_code == 404
    assert reader_with("viewer", "G1").post(address).status_code == 403
    assert reader_with("viewer", None).get("/changes/999999/undo/").status_code == 404
    assert parcel("DK-0000").owner == "王某"


def test_names_are_escaped(workspace: None, client: Client) -> None:
    Work.objects.filter(code="W0").update(name="<script>alert(1)</script>")
    page = page_of(client, f"/records/works/{Work.objects.get(code='W0').pk}/")
    assert "<script>alert" not in page
