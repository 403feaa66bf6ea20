"""The page of the quota ledger."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.test import Client

from tests.web import land_ground
from tests.web.readers import names, reader_with
from zonewright.store.models import QuotaEntry

pytestmark = pytest.mark.django_db
MU = 2000 / 3


@pytest.fixture
def ledger(workspace: None) -> None:
    """Grants in S1 and P1."""
    land_ground.quota()


def test_the_balance_adds_up(ledger: None, client: Client) -> None:
    page = client.get("/land/quota/?on=2023-12-31").content.decode()
    source = page[page.index("source-title") : page.index("zone-title")]
    cells = re.findall(r'data-label="([^"]+)">([\d,.]+)</td>', source)
    assert dict(cells) == {
        "已下达 亩": "690.0",
        "已分配 亩": "450.0",
        "已使用 亩": "300.0",
        "已退回 亩": "0.0",
        "已失效 亩": "0.0",
        "结存未分配 亩": "240.0",
        "已分配未使用 亩": "150.0",
        "超支 亩": "0.0",
        "可分配余额 亩": "150.0",
    }


def test_a_lapsed_grant_is_a_finding_with_its_entry(ledger: None, english: Client) -> None:
    page = english.get("/land/quota/?on=2023-12-31").content.decode()
    findings = page[page.index('id="findings-title"') : page.index("source-title")]
    entry = QuotaEntry.objects.get(code="Q4")
    assert "2022-12-31" in findings
    assert f'href="/records/quota_entries/{entry.pk}/"' in findings
    before = english.get("/land/quota/?on=2022-06-30").content.decode()
    assert 'id="findings-title"' not in before


def test_a_reader_sees_the_entries_of_their_zones(ledger: None) -> None:
    reader = reader_with("viewer", "S1")
    page = reader.get("/land/quota/?on=2023-12-31").content.decode()
    assert names(page, "Q1")
    assert not names(page, "Q4")
    assert reader.get("/land/quota/?zone=P1").status_code == 404
    assert reader.get("/land/quota.xlsx?zone=P1").status_code == 404


def test_a_zone_holds_what_its_members_hold(ledger: None, english: Client) -> None:
    page = english.get("/land/quota/?zone=Z1&on=2023-12-31").content.decode()
    assert names(page, "Q1")
    assert not names(page, "Q4")


def test_an_empty_ledger_leads_to_the_ledger(workspace: None, english: Client) -> None:
    page = english.get("/land/quota/").content.decode()
    assert "holds no entry here" in page
    assert 'href="/records/quota_entries/"' in page


def test_the_workbook_holds_the_balance(ledger: None, english: Client) -> None:
    content = english.get("/land/quota.xlsx?on=2023-12-31").getvalue()
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = list(book["Balance"].iter_rows(min_row=2, values_only=True))
    assert [round(float(str(row[2]))) for row in rows] == [90, 600]
    assert [row[0].value for row in book["Findings"].iter_rows(min_row=2)] == ["Q4"]
