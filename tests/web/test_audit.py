"""The audit trail on the desk: filters, readable differences, files without formulas."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.web.readers import reader_with
from zonewright.store.access import operator
from zonewright.store.actions import edit
from zonewright.store.models import AuditEntry, Work, Zone
from zonewright.store.selectors import record_state

pytestmark = pytest.mark.django_db
SHAPE, OTHER = ("wkb sha256:" + letter * 64 for letter in "ab")


@pytest.fixture
def trail(workspace: None) -> None:
    AuditEntry.objects.all().delete()
    rows: tuple[tuple[int, str, str, str, str, Any, Any], ...] = (
        (1, "wang", "import", "files", "=cmd|' /C calc'!A0", None, {"sha256": "c" * 64, "size": 9}),
        (2, "wang", "update", "parcels", "DK-1", {"area_m2": 1e6}, {"area_m2": 2e6}),
        (2, "li", "update", "parcels", "DK-2", {"geometry": SHAPE}, {"geometry": OTHER}),
        (3, "li", "create", "zones", "Z9", None, {"name": "新区", "kind": "park"}),
        (4, "li", "grant", "users", "zhao", None, {"role": "viewer", "zone": "*"}),
        (5, "zhao", "update", "works", "W1", {"started_on": None}, {"started_on": "2023-05-01"}),
    )
    for day, by, action, table, code, before, after in rows:
        AuditEntry.objects.create(
            at=datetime(2024, 5, day, 2, tzinfo=UTC),
            by=by,
            origin="desk 10.0.0.1",
            action=action,
            table=table,
            code=code,
            before=before,
            after=after,
        )


def text_of(client: Client, query: str = "") -> str:
    return html.unescape(client.get(f"/audit/{query}").content.decode())


def codes(client: Client, query: str) -> list[str]:
    return re.findall(r'class="record-code">([^<]*)<', text_of(client, query))


@pytest.mark.parametrize("path", ["/audit/", "/audit/audit.csv", "/audit/audit.xlsx"])
def test_it_is_for_administrators_of_the_whole_workspace(
    trail: None, anonymous: Client, client: Client, path: str
) -> None:
    assert anonymous.get(path)["Location"].startswith("/sign-in/")
    for reader in (
        reader_with(),
        reader_with("viewer", None),
        reader_with("planner", None),
        reader_with("administrator", "Z1"),
    ):
        assert reader.get(path).status_code == 404
    allowed = reader_with("administrator", None).get(path)
    assert allowed.status_code == 200
    allowed.close()
    assert client.post(path).status_code == 405


def test_entries_stand_with_their_differences(trail: None, client: Client) -> None:
    page = text_of(client)
    assert "共 6 条" in page
    assert "<dt>图上面积</dt><dd><del>1,500.0亩 (100.00公顷)</del>" in page
    assert "边界已改动" in page
    assert SHAPE not in page
    assert "desk 10.0.0.1" in page
    assert "查看员" in page
    assert codes(client, "") == ["W1", "zhao", "Z9", "DK-2", "DK-1", "=cmd|' /C calc'!A0"]


def test_records_that_are_referred_to_stand_by_their_codes(trail: None, client: Client) -> None:
    zones = {zone.code: zone.pk for zone in Zone.objects.all()}
    AuditEntry.objects.filter(table="works").update(
        before={"zone_id": zones["G1"]}, after={"zone_id": zones["G2"]}
    )
    assert re.search(r"<del>G1</del>.*<ins>G2</ins>", text_of(client, "?table=works"))


def test_an_edit_in_the_desk_stands_with_what_a_reader_knows(
    workspace: None, client: Client
) -> None:
    state = editing_state(client)
    page = text_of(client, "?table=works")
    assert "<ins>新路</ins>" in page
    assert "origins" not in page
    assert state in page


def editing_state(client: Client) -> str:
    """Change the name of a work, and return its code."""
    work = Work.objects.get(code="W1")
    access = operator("li")
    found = record_state(f"work:{work.pk}", access)
    edit(found.record, {"name": "新路"}, token=found.token, access=access, origin="desk")
    return work.code


def test_it_is_filtered(trail: None, client: Client) -> None:
    assert codes(client, "?by=li") == ["zhao", "Z9", "DK-2"]
    assert codes(client, "?action=update&table=parcels") == ["DK-2", "DK-1"]
    assert codes(client, "?code=dk-") == ["DK-2", "DK-1"]
    assert codes(client, "?since=2024-05-03&until=2024-05-04") == ["zhao", "Z9"]
    assert codes(client, "?by=nobody") == []
    assert len(codes(client, "?since=yesterday&until=2024-02-30")) == 6


def test_a_day_is_a_day_of_the_desk(trail: None, client: Client) -> None:
    """Shanghai is eight hours ahead: an entry of 17:00 UTC belongs to the next day."""
    AuditEntry.objects.update(at=datetime(2024, 5, 1, 17, tzinfo=UTC))
    assert len(codes(client, "?since=2024-05-02&until=2024-05-02")) == 6
    assert codes(client, "?until=2024-05-01") == []


def test_it_is_paged_by_the_database(
    trail: None, client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    entry = AuditEntry.objects.latest("id")
    AuditEntry.objects.bulk_create(
        AuditEntry(at=entry.at, by="li", action="update", table="zones", code=f"c{n}")
        for n in range(200)
    )
    with django_assert_max_num_queries(14):
        assert len(codes(client, "?by=li")) == 50
    assert "page=2" in text_of(client, "?by=li")
    assert "by=li" in text_of(client, "?by=li").partition('class="pages"')[2]
    assert len(codes(client, "?by=li&page=5")) == 3


def test_the_csv_carries_what_was_filtered_and_no_formula(trail: None, client: Client) -> None:
    answer = client.get("/audit/audit.csv?by=wang")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:2] == ["时间", "操作人"]
    assert {row[1] for row in rows[1:]} == {"wang"}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
    assert any("calc" in cell for row in rows for cell in row)


def test_the_workbook_carries_no_formula(trail: None, english: Client) -> None:
    answer = english.get("/audit/audit.xlsx")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    answer.close()
    book = load_workbook(io.BytesIO(content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert [cell for cell in cells if str(cell.value).startswith("=cmd")]
    assert book.worksheets[0]["A2"].value == datetime(2024, 5, 5, 10)


def test_another_kind_of_file_there_is_none(trail: None, client: Client) -> None:
    assert client.get("/audit/audit.pdf").status_code == 404


def test_a_run_that_was_asked_for_and_a_layer_are_told_in_words(
    trail: None, client: Client
) -> None:
    asked = {"question": "export-gpkg", "params": {"on": "2024-05-06"}, "files": ["a.csv", "b.csv"]}
    layer = {"name": "河流", "color": "#6b4fa0", "features": 3}
    for table, after in (("runs", asked), ("map_layers", layer)):
        AuditEntry.objects.create(
            at=datetime(2024, 5, 6, tzinfo=UTC),
            by="li",
            action="create",
            table=table,
            code="7",
            after=after,
        )
    page = text_of(client)
    for said in ("导出 GeoPackage", "日期 2024-05-06", "a.csv · b.csv", "颜色", "要素数"):
        assert said in page, said
    assert "export-gpkg" not in page
    assert "{'" not in page
