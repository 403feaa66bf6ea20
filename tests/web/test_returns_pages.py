"""What holds for every page of returns: both languages, structure, nothing inline, no lost text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.web import return_ground as ground
from tests.web.test_every_page import (
    ENGLISH,
    check_nothing_inline,
    check_structure,
    chinese_headings,
)
from tests.web.test_returns import file, filled_book
from zonewright.steering.returns.kinds import kinds
from zonewright.workflows import returns as workflow

pytestmark = pytest.mark.django_db
LANGUAGES = (("zh-hans", "zh-CN"), ("en", "en"))


@pytest.fixture(autouse=True)
def _people(workspace: None) -> None:
    ground.people()


@pytest.fixture
def numbers() -> dict[str, int]:
    """Returns along their way: faulty, submitted, locked twice, sent back, with free rows."""
    faulty = ground.begun(period="2023-08")
    ground.filled(faulty, wrong="W3")
    checked = ground.begun("supply")
    ground.typed(
        checked,
        [
            ("supply", key, name, text)
            for key in ("water", "sewage", "power", "gas", "heat")
            for name, text in (("capacity", "10"), ("demand", "7"), ("spare", "3"))
        ],
    )
    workflow.submit(checked, ground.access("rui"), origin="t", remark="已核对")
    workflow.check(checked, ground.access("chen"), origin="t", remark="同意")
    locked = ground.locked()
    workflow.reopen(locked, ground.access("anna"), origin="t", remark="重复计列")
    ground.typed(locked, [("works", "W2", "invested_ytd", "29500")])
    leads = ground.begun("leads")
    ground.typed(leads, [("leads", "+1", "lead", "某项目"), ("leads", "+1", "stage", "talks")])
    return {"faulty": faulty, "checked": checked, "corrected": locked, "leads": leads}


PATHS = (
    "/returns/", "/returns/?month=2023-10", "/returns/?month=2023-10&step=fill&all=1",
    "/returns/?month=2023-10&zones=late", "/returns/?month=2023-03&zones=open",
    "/returns/2023-10/plans/Z1/", "/returns/2023-10/assessment/Z1/",
    "/returns/{faulty}/", "/returns/{faulty}/?rows=findings", "/returns/{faulty}/form/",
    "/returns/{faulty}/step/submit/", "/returns/{checked}/", "/returns/{checked}/step/approve/",
    "/returns/{checked}/step/send-back/", "/returns/{corrected}/",
    "/returns/{corrected}/?rows=changed", "/returns/{corrected}/?version=1&against=2",
    "/returns/{corrected}/form/", "/returns/{leads}/", "/returns/{leads}/form/",
    "/returns/{leads}/rows/remove/?sheet=leads&key=%2B1",
)  # fmt: skip


def check(answer: HttpResponse, code: str, path: str) -> None:
    """Check a page of one language."""
    page = answer.content.decode()
    assert f'<html lang="{code}"' in page
    check_nothing_inline(page)
    check_structure(page)
    if code == "en":
        assert not chinese_headings(page), path
    else:
        said = re.sub(r"<[^>]*>", " ", page[page.index("<main") :])
        assert not ENGLISH.findall(said), path


def test_every_page_of_returns(numbers: dict[str, int], reader: Callable[[str], Client]) -> None:
    for language, code in LANGUAGES:
        client = reader(language)
        for path in PATHS:
            answer = client.get(path.format(**numbers))
            assert answer.status_code == 200, path
            check(answer, code, path)


def test_what_is_not_asked_for_is_neither_open_nor_late(reader: Callable[[str], Client]) -> None:
    for kind, is_asked in (("assessment", False), ("plans", True)):
        page = reader("en").get(f"/returns/2023-10/{kind}/Z1/").content.decode()
        main = page[page.index("<main") :]
        assert ("This return is not asked for this month." in main) != is_asked
        assert ("not begun" in main) == is_asked
        assert ("Due " in main) == is_asked


@pytest.mark.parametrize(("language", "code"), LANGUAGES)
def test_the_page_of_what_was_handed_in(
    reader: Callable[[str], Client], language: str, code: str
) -> None:
    files = [file("a.xlsx", filled_book(change={"W2": 1})), file("b.xlsx", b"no")]
    check(reader(language).post("/returns/upload/", {"files": files}), code, "upload")


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_has_its_form_and_its_page(reader: Callable[[str], Client], kind: str) -> None:
    number = ground.begun(kind, period="2023-09")
    for language, code in LANGUAGES:
        for path in (f"/returns/{number}/", f"/returns/{number}/form/"):
            answer = reader(language).get(path)
            assert answer.status_code == 200
            check(answer, code, f"{kind} {path}")
