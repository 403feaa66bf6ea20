"""Records through the API: read, filter and page; add, change, delete and undo."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.web.api.conftest import Holder, Program
from zonewright.store.mapping import NAMES
from zonewright.store.models import AuditEntry, Parcel, Venture, Work

pytestmark = pytest.mark.django_db
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[112.71, 22.41], [112.72, 22.41], [112.72, 22.42], [112.71, 22.41]]],
}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def work(**values: Any) -> dict[str, Any]:
    """Return what is sent to add a work."""
    return {"values": {"code": "W9", "name": "Road", "kind": "road", "zone": "S1", **values}}


def address(code: str = "W0") -> str:
    """Return the address of a work."""
    return f"/api/v1/works/work:{Work.objects.get(code=code).pk}"


def test_every_table_is_listed_and_read(everything: Program) -> None:
    for name, mapped in NAMES.items():
        page = everything.get(f"/api/v1/{name}?total=1&limit=3").json()
        assert set(page) == {"items", "next", "total"}
        assert page["total"] == mapped.model._default_manager.count()
        for item in page["items"]:
            found = everything.get(f"/api/v1/{name}/{item['id']}")
            assert found.json() == item
            assert found["ETag"] == f'"{item["etag"]}"'
            assert everything.get(f"/api/v1/records/{item['id']}/history").status_code == 200


def test_pages_follow_one_another(everything: Program) -> None:
    seen: list[str] = []
    address: str | None = "/api/v1/parcels?limit=7&order=-code"
    while address:
        page = everything.get(address).json()
        seen += [item["code"] for item in page["items"]]
        address = page["next"]
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == Parcel.objects.count()


def test_records_are_chosen(everything: Program) -> None:
    def codes(query: str) -> list[str]:
        answer = everything.get(f"/api/v1/works?{query}")
        assert answer.status_code == 200, answer.content
        return [item["code"] for item in answer.json()["items"]]

    assert codes("started_on__ge=2023-05-01") == ["W3", "W4"]
    assert codes("started_on__lt=2023-03-01") == ["W0"]
    assert codes("code__in=W1,W3") == ["W1", "W3"]
    assert codes("code__ne=W1&code__in=W1,W3") == ["W3"]
    assert codes("name__contains=道路2") == ["W2"]
    assert codes("text=道路4") == ["W4"]
    assert codes("owner__empty=true&order=-started_on&limit=1") == ["W4"]
    assert codes("bbox=112.72,22.42,112.73,22.43") == ["W0"]
    assert codes("zone=S1&kind=water") == []
    shapeless = everything.get("/api/v1/works?shapes=0").json()["items"]
    assert {item["geometry"] for item in shapeless} == {None}


def test_what_cannot_be_asked_is_told(everything: Program) -> None:
    asked = {
        "limit=0": 422, "limit=501": 422, "started_on=x": 422, "order=nope": 422,
        "after=xyz": 422, "bbox=1,2,3": 400, "bbox=nan,1,2,3": 400, "nope=1": 400,
        "total_cost__ge=inf": 422,
    }  # fmt: skip
    for query, status in asked.items():
        answer = everything.get(f"/api/v1/works?{query}")
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"] == "application/problem+json"


def test_a_record_is_added_changed_and_deleted(everything: Program) -> None:
    made = everything.send(
        "POST", "/api/v1/works", work(total_cost=12_500_000, started_on="2023-05-06")
    )
    assert made.status_code == 201, made.content
    body = made.json()
    assert made["Location"] == f"/api/v1/works/{body['id']}"
    assert body["values"]["total_cost"] == 12_500_000
    assert body["values"]["started_on"] == "2023-05-06"
    changed = everything.send(
        "PATCH", made["Location"], {"values": {"name": "Long road"}, "reason": "renamed"},
        if_match=made["ETag"],
    )  # fmt: skip
    assert changed.status_code == 200
    assert changed.json()["values"]["name"] == "Long road"
    assert changed["ETag"] != made["ETag"]
    told = everything.get(f"/api/v1/records/{body['id']}/history").json()["items"]
    assert [item["action"] for item in told] == ["update", "create"]
    assert told[0]["reason"] == "renamed"
    gone = everything.send("DELETE", made["Location"], if_match=changed["ETag"])
    assert (gone.status_code, gone.content) == (204, b"")
    assert everything.get(made["Location"]).status_code == 404
    assert everything.send("DELETE", made["Location"], if_match="x").status_code == 404


def test_a_change_needs_the_state_that_it_changes(everything: Program) -> None:
    missing = everything.send("PATCH", address(), {"values": {"name": "x"}})
    assert missing.status_code == 428
    assert everything.send("DELETE", address()).status_code == 428
    read = everything.get(address())
    first = everything.send("PATCH", address(), {"values": {"name": "a"}}, if_match=read["ETag"])
    assert first.status_code == 200
    second = everything.send("PATCH", address(), {"values": {"name": "b"}}, if_match=read["ETag"])
    assert second.status_code == 412
    problem = second.json()
    assert problem["theirs"]["name"] == "a"
    assert problem["yours"] == {"values": {"name": "b"}}
    assert Work.objects.get(code="W0").name == "a"
    deleted = everything.send("DELETE", address(), if_match=read["ETag"])
    assert deleted.status_code == 412


def test_a_repeated_change_has_no_second_effect(everything: Program) -> None:
    body = {"values": {"name": "a"}}
    read = everything.get(address())
    first = everything.send("PATCH", address(), body, if_match=read["ETag"])
    entries = AuditEntry.objects.count()
    again = everything.send("PATCH", address(), body, if_match=first["ETag"])
    assert again.status_code == 200
    assert again["ETag"] == first["ETag"]
    assert AuditEntry.objects.count() == entries
    assert everything.send("POST", "/api/v1/works", work()).status_code == 201
    assert everything.send("POST", "/api/v1/works", work()).status_code == 422
    assert Work.objects.filter(code="W9").count() == 1


def test_faults_are_told_field_by_field(everything: Program) -> None:
    answer = everything.send("POST", "/api/v1/works", work(kind="castle", started_on="soon"))
    assert answer.status_code == 422
    assert {item["field"] for item in answer.json()["findings"]} == {"kind", "started_on"}
    unknown = everything.send("POST", "/api/v1/works", work(colour="red"))
    assert "colour" in {item["field"] for item in unknown.json()["findings"]}
    refused = everything.send("POST", "/api/v1/works", work(zone="NOWHERE", total_cost=-5))
    assert refused.status_code == 422
    assert {item["field"] for item in refused.json()["findings"]} == {"zone", "total_cost"}
    assert not Work.objects.filter(code="W9").exists()


def test_a_shape_is_geojson(everything: Program) -> None:
    body = {"values": {"code": "DK-9"}, "geometry": SQUARE}
    made = everything.send("POST", "/api/v1/parcels", body)
    assert made.status_code == 201, made.content
    assert made.json()["geometry"]["type"] == "MultiPolygon"
    assert made.json()["computed"]["area_m2"] == pytest.approx(570_000, rel=0.02)
    assert "G1" in made.json()["zones"]
    bow = {
        "type": "Polygon",
        "coordinates": [[[112, 22], [113, 23], [113, 22], [112, 23], [112, 22]]],
    }
    for shape in (
        bow,
        {"type": "Polygon", "coordinates": []},
        {"type": "Point", "coordinates": [1, 2]},
    ):
        answer = everything.send(
            "POST", "/api/v1/parcels", {"values": {"code": "DK-8"}, "geometry": shape}
        )
        assert answer.status_code == 422, shape
    for shape in (
        {"type": "Polygon"},
        {"type": "Box", "coordinates": [1]},
        5,
        {"type": "Polygon", "coordinates": "x"},
        {"type": "Polygon", "coordinates": [[[1, 2], [None, 3], ["a", 1]]]},
    ):
        answer = everything.send(
            "POST", "/api/v1/parcels", {"values": {"code": "DK-8"}, "geometry": shape}
        )
        assert answer.status_code == 422, shape
        assert answer["Content-Type"] == "application/problem+json"
    assert not Parcel.objects.filter(code="DK-8").exists()


def test_a_change_is_taken_back_and_done_again(everything: Program) -> None:
    read = everything.get(address())
    everything.send("PATCH", address(), {"values": {"name": "a"}}, if_match=read["ETag"])
    record = read.json()["id"]
    change = everything.get(f"/api/v1/records/{record}/history").json()["items"][0]
    assert change["undoable"]
    undone = everything.send("POST", f"/api/v1/changes/{change['id']}/undo", {})
    assert undone.status_code == 200, undone.content
    assert undone.json()["record"]["values"]["name"] == read.json()["values"]["name"]
    again = everything.send("POST", f"/api/v1/changes/{change['id']}/undo", {})
    assert again.status_code == 409
    assert everything.send("POST", "/api/v1/changes/999999/undo", {}).status_code == 404


def test_files_are_attached_and_fetched(everything: Program, holder: Holder) -> None:
    record = f"work:{Work.objects.get(code='W0').pk}"
    there = f"/api/v1/records/{record}/attachments"
    file = SimpleUploadedFile("../../permit.pdf", PDF, "application/pdf")
    made = everything.post(there, {"file": file, "note": "permit"})
    assert made.status_code == 201, made.content
    assert made.json()["name"] == "permit.pdf"
    assert made.json()["media_type"] == "application/pdf"
    (listed,) = everything.get(there).json()["items"]
    assert listed == made.json()
    fetched = everything.get(listed["href"])
    assert fetched.content == PDF
    assert fetched["Content-Disposition"].startswith("attachment")
    assert fetched["X-Content-Type-Options"] == "nosniff"
    other = holder(("planner", "E1"))
    assert other.get("/api/v1/attachments/999").status_code == 404
    page = SimpleUploadedFile("x.pdf", b"<html><script>1</script>", "application/pdf")
    assert everything.post(there, {"file": page}).status_code == 422
    assert everything.post(there, {"note": "no file"}).status_code == 422
    assert everything.send("DELETE", listed["href"]).status_code == 204
    assert everything.get(there).json()["items"] == []
    assert everything.get(listed["href"]).status_code == 404


def test_readers_see_and_write_what_they_may(holder: Holder) -> None:
    viewer, planner, outsider = (
        holder(("viewer", "S1")), holder(("planner", "S1")), holder(("planner", "P1")),
    )  # fmt: skip
    inside = Work.objects.get(code="W2")
    path = f"/api/v1/works/work:{inside.pk}"
    for program in (viewer, planner):
        assert program.get(path).status_code == 200
    etag = viewer.get(path)["ETag"]
    assert outsider.get(path).status_code == 404
    assert outsider.get(f"/api/v1/records/work:{inside.pk}/history").status_code == 404
    assert outsider.get(f"/api/v1/records/work:{inside.pk}/attachments").status_code == 404
    change = {"values": {"name": "x"}}
    assert viewer.send("PATCH", path, change, if_match=etag).status_code == 403
    assert outsider.send("PATCH", path, change, if_match=etag).status_code == 404
    assert outsider.send("DELETE", path, if_match=etag).status_code == 404
    assert viewer.send("DELETE", path, if_match=etag).status_code == 403
    assert planner.send("PATCH", path, change, if_match=etag).status_code == 200
    assert viewer.send("POST", "/api/v1/works", work()).status_code == 403
    seen = {item["code"] for item in outsider.get("/api/v1/works").json()["items"]}
    assert "W2" not in seen


def test_a_venture_keeps_its_currency(everything: Program) -> None:
    read = everything.get(f"/api/v1/ventures/venture:{Venture.objects.get().pk}")
    assert read.json()["values"]["currency"] == "CNY"
    changed = everything.send(
        "PATCH", f"/api/v1/ventures/{read.json()['id']}",
        {"values": {"investment": 1e6, "currency": "USD"}}, if_match=read["ETag"],
    )  # fmt: skip
    assert changed.json()["values"]["currency"] == "USD"


def test_months_are_months(everything: Program) -> None:
    (item,) = everything.get("/api/v1/work_months?limit=1&work=W0&month=2023-02").json()["items"]
    assert item["values"]["month"] == "2023-02"
    assert everything.get("/api/v1/work_months?month=2023-13").status_code == 422


def test_the_other_operations(everything: Program, holder: Holder) -> None:
    me = everything.get("/api/v1/me").json()
    assert "administer" in me["everywhere"]
    tables = everything.get("/api/v1/schema").json()["items"]
    assert {item["name"] for item in tables} == set(NAMES)
    figures = everything.get("/api/v1/figures").json()["items"]
    assert "F018" in {item["id"] for item in figures}
    figure = everything.get("/api/v1/figures/F018").json()
    assert figure["derivation"]["records"]
    assert figure["derivation"]["hidden_records"] == 0
    narrow = holder(("viewer", "S1"))
    assert {item["zone"] for item in narrow.get("/api/v1/figures").json()["items"]} == {"S1"}
    assert narrow.get("/api/v1/figures/F018").status_code == 404
    zone = everything.get("/api/v1/zones?code=Z1").json()["items"][0]["id"]
    blocks = everything.get(f"/api/v1/zones/{zone}/blocks?on=2023-10-31&min_area_mu=1").json()
    assert blocks["items"]
    assert narrow.get(f"/api/v1/zones/{zone}/blocks").status_code == 404
    assert everything.get(f"/api/v1/zones/{zone}/blocks?on=0001-01-01").status_code == 422
    assert everything.get("/api/v1/audit?limit=1").json()["items"]
    assert narrow.get("/api/v1/audit").status_code == 403


def test_runs_are_asked_for_followed_and_cancelled(everything: Program, holder: Holder) -> None:
    asked = everything.send("POST", "/api/v1/runs", {"question": "blocks"})
    assert asked.status_code == 202, asked.content
    run = asked.json()
    assert run["status"] == "queued"
    again = everything.send("POST", "/api/v1/runs", {"question": "blocks"})
    assert again.json()["id"] == run["id"]
    assert everything.get(asked["Location"]).json()["question"] == "blocks"
    assert everything.get("/api/v1/runs?status=queued").json()["items"][0]["id"] == run["id"]
    narrow = holder(("viewer", "S1"))
    assert narrow.get(asked["Location"]).status_code == 404
    assert narrow.send("POST", f"{asked['Location']}/cancel").status_code == 404
    assert narrow.send("POST", "/api/v1/runs", {"question": "blocks"}).status_code == 403
    cancelled = everything.send("POST", f"{asked['Location']}/cancel")
    assert cancelled.json()["status"] == "cancelled"
    assert everything.send("POST", "/api/v1/runs", {"question": "nope"}).status_code == 404
    assert everything.send("POST", "/api/v1/runs", {"question": "import-files"}).status_code == 422
    assert everything.get(f"{asked['Location']}/files/x").status_code == 404


def test_the_document_is_public_and_the_page_is_not(land: None) -> None:
    answer = Program().get(reverse("api-document"))
    assert answer.status_code == 200
    assert answer.json()["openapi"] == "3.1.0"


def test_a_list_takes_few_queries(everything: Program, django_assert_max_num_queries: Any) -> None:
    everything.get("/api/v1/parcels?limit=30")
    with django_assert_max_num_queries(10):
        everything.get("/api/v1/parcels?limit=30&total=1")
