"""The land pages of a shared workspace: list, block and quota on PostGIS.

``tools/with_postgis make test-postgis`` runs these; what the pages say is tested on the embedded
workspace.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import openpyxl
import pytest
from django.db import connection
from django.test import Client

from tests.web import land_ground
from tests.web.readers import reader_with
from tests.web.test_land import cards, section
from zonewright.web import land_answers

pytestmark = [pytest.mark.postgis, pytest.mark.django_db]
DAY = "on=2023-10-31"


@pytest.fixture(autouse=True)
def _shared(db: None) -> Iterator[None]:
    """Ask for the shared kind of workspace, and keep no answer of another test."""
    if connection.vendor != "postgresql":
        pytest.skip("ZONEWRIGHT_DATABASE_URL is no PostgreSQL (make test-postgis sets it)")
    land_answers._answers.forget()
    yield
    land_answers._answers.forget()


def test_the_list_counts_by_both_rules_and_gives_files(workspace: None, english: Client) -> None:
    land_ground.row()
    page = english.get(f"/land/?{DAY}").content.decode()
    levelled, supply, between = cards(page)[:3]
    assert "19 blocks" in levelled
    assert "18 blocks" in supply
    assert "in a no-go area: 1 block" in between
    assert len(re.findall(r'href="/land/blocks/all/DK-', section(page, "blocks-title"))) == 18
    shapes = english.get(f"/land/map.json?{DAY}").json()["features"]
    assert sum(one["properties"]["kind"] == "block" for one in shapes) == 18
    assert english.get(f"/land/blocks.gpkg?{DAY}").content.startswith(b"SQLite format 3")
    book = openpyxl.load_workbook(io.BytesIO(english.get(f"/land/blocks.xlsx?{DAY}").getvalue()))
    assert book.worksheets[0].max_row == 19
    changed = english.get(f"/land/?{DAY}&since=2023-05-01&mu=300").content.decode()
    assert "ROW-C" in section(changed, "changes-title")
    assert "ROW-A" not in section(changed, "changes-title")


def test_the_block_page_tells_its_parcels_and_what_is_beside(
    workspace: None, english: Client
) -> None:
    land_ground.row()
    page = english.get(f"/land/blocks/all/ROW-A/?{DAY}&mu=900").content.decode()
    assert re.findall(r"<code>(ROW-\w)</code>", section(page, "parcels-title")) == ["ROW-A"]
    assert re.findall(r"<code>(ROW-\w)</code>", section(page, "around-title")) == ["ROW-B"]
    assert reader_with("viewer", "S1").get("/land/blocks/D2/ROW-A/").status_code == 404


def test_the_quota_page_adds_up(workspace: None, english: Client) -> None:
    land_ground.quota()
    page = english.get("/land/quota/?on=2023-12-31").content.decode()
    cells = dict(re.findall(r'data-label="([^"]+)">([\d,.]+)</td>', section(page, "source-title")))
    assert cells["Granted ha"] == "46.0"
    assert cells["Still to allocate ha"] == "10.0"
    book = openpyxl.load_workbook(
        io.BytesIO(english.get("/land/quota.xlsx?on=2023-12-31").getvalue())
    )
    assert book.worksheets[0].max_row == 3
