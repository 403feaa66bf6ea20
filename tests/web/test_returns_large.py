"""The largest form of a return goes through without scripts; what is too large is told in words."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from tests.web import return_ground as ground
from tests.web.test_returns import sign_in, told
from tests.web.test_returns_form import inputs, kept
from zonewright.steering.returns.kinds import kinds
from zonewright.store.models import Firm, ReturnVersion, Zone
from zonewright.web.return_tables import PAGE_ROWS
from zonewright.web.upload_limit import MOST_OF_STRANGERS

pytestmark = pytest.mark.django_db
LONG = "该企业因上游停产检修而减产，预计下月恢复。" * 40


@pytest.fixture(autouse=True)
def _people(workspace: None) -> None:
    ground.people()


def send(client: Client, path: str, fields: dict[str, str]) -> HttpResponse:
    """Send a form as a browser without scripts does."""
    form = "application/x-www-form-urlencoded"
    return client.post(path, urlencode(fields), content_type=form)


@pytest.fixture
def firms() -> int:
    """The return of a full page of firms."""
    zone = Zone.objects.get(code="Z1")
    Firm.objects.bulk_create(
        Firm(code=f"QY{number:03d}", name=f"某某实业有限公司{number}", zone=zone)
        for number in range(PAGE_ROWS)
    )
    return ground.begun("firms")


def test_a_full_page_of_firms_is_saved_by_its_button(firms: int) -> None:
    client, path = sign_in("rui"), f"/returns/{firms}/form/"
    page = client.get(path).content.decode()
    fields = inputs(page)
    rows = [name for name in fields if name.startswith("firms|output|")]
    assert len(rows) == PAGE_ROWS
    texts = {"output": "123456.78", "value_added": "23456.78", "tax": "345", "power": "6789",
             "remark": LONG}  # fmt: skip
    for name in fields:
        sheet, _, rest = name.partition("|")
        if sheet == "firms":
            fields[name] = texts[rest.partition("|")[0]]
    answer = send(client, path, fields)
    assert answer.status_code == 302, told(answer.content.decode())[:500]
    last = f"QY{PAGE_ROWS - 1}"
    assert kept(firms, "firms", last, "output") == 1_234_567_800
    # Opened anew the form sends all of that twice: as it is, and as it was when it was opened.
    filled = inputs(client.get(path).content.decode())
    assert len(urlencode(filled)) > 2_621_440  # more than Django takes by itself
    filled[f"firms|remark|{last}"] = "已恢复"
    assert send(client, path, filled).status_code == 302
    assert kept(firms, "firms", last, "remark") == "已恢复"
    assert kept(firms, "firms", "QY000", "remark") == LONG


def test_the_widest_page_of_every_kind_has_fewer_fields_than_are_taken() -> None:
    for kind in kinds().values():
        cells = sum(
            PAGE_ROWS * sum(not column.given for column in sheet.columns) for sheet in kind.sheets
        )
        assert cells + 10 < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, kind.code


@pytest.mark.parametrize(
    ("limit", "most"), [("DATA_UPLOAD_MAX_NUMBER_FIELDS", 20), ("DATA_UPLOAD_MAX_MEMORY_SIZE", 500)]
)
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "can also be handed in as a workbook"), ("zh-hans", "工作簿报送")],
)
def test_what_is_too_large_is_told_in_words(
    settings: Settings, limit: str, most: int, language: str, words: str
) -> None:
    number, client = ground.begun(), sign_in("rui", language)
    path = f"/returns/{number}/form/"
    fields = inputs(client.get(path).content.decode())
    setattr(settings, limit, most)
    answer = send(client, path, {**fields, "works|invested|W1": "5"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "<main" in page
    assert words in told(page)
    assert not ReturnVersion.objects.exists()


def test_whoever_has_not_signed_in_sends_little() -> None:
    answer = send(Client(), "/sign-in/", {"username": "x" * MOST_OF_STRANGERS})
    assert answer.status_code == 400
    assert send(Client(), "/sign-in/", {"username": "x", "password": "y"}).status_code == 200
