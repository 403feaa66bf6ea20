"""The page of a return: its way, its rows beside last month's, its versions, and its steps."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.web import return_ground as ground
from tests.web.test_returns import XLSX, sign_in, told
from zonewright.store.models import Return, ReturnStep, User, WorkMonth
from zonewright.workflows import returns as workflow

pytestmark = pytest.mark.django_db
STEPS = ("submit", "check", "approve", "send-back", "reopen")


@pytest.fixture(autouse=True)
def _people(workspace: None) -> None:
    ground.people()


def corrected() -> int:
    """Return a return that was locked, reopened, corrected and locked again."""
    number = ground.locked()
    workflow.reopen(number, ground.access("anna"), origin="t", remark="W2 counts twice")
    ground.typed(
        number,
        [("works", "W2", "invested_ytd", "29500"), ("works", "W2", "remark", "核减重复计列")],
    )
    workflow.submit(number, ground.access("rui"), origin="t")
    workflow.check(number, ground.access("chen"), origin="t")
    workflow.approve(number, ground.access("anna"), origin="t")
    return number


def page_of(number: int, who: str = "rui", query: str = "", language: str = "en") -> str:
    answer = sign_in(who, language).get(f"/returns/{number}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


# ---- What it shows -------------------------------------------------------------------------------


def test_the_way_tells_who_took_each_step() -> None:
    page = page_of(ground.checked())
    way = page[page.index('class="way"') : page.index("</ol>", page.index('class="way"'))]
    assert re.search(r"way-done.*rui.*way-done.*chen.*way-here", way, re.S)
    assert "anna" not in way


def test_a_step_back_undoes_the_way() -> None:
    number = ground.checked()
    workflow.send_back(number, ground.access("anna"), origin="t", remark="W1 is too high")
    page = page_of(number)
    assert "way-done" not in page
    assert "Why it was sent back:" in told(page)
    assert "W1 is too high" in told(page)


def test_rows_stand_beside_last_months() -> None:
    before = ground.begun(period="2023-09")
    ground.filled(before)
    ground.typed(before, [("works", "W1", "invested", "1234.5")])
    workflow.submit(before, ground.access("rui"), origin="t")
    number = ground.begun()
    ground.filled(number)
    page = page_of(number).partition("rows-head")[2]
    row = page[page.index("道路1") :].partition("</tr>")[0]
    assert "2,000" in row
    assert '<span class="hidden">last month </span>1,234.5' in row


def test_a_finding_is_listed_and_marked_in_its_cell() -> None:
    number = ground.begun()
    ground.filled(number, wrong="W3")
    page = page_of(number)
    link = re.search(r'<a href="#(r0-\d+-\d+)">道路3 W3 · Invested in the month</a>', page)
    assert link
    cell = page[page.index(f'id="{link[1]}"') :].partition("</td>")[0]
    assert "99,999" in cell
    assert "year to date only 40000 CNY 10,000" in cell
    assert "亩" not in told(page)


def test_same_findings_are_one_line_with_all_their_places() -> None:
    number = ground.begun()
    page = page_of(ground_typed(number))
    line = re.search(r'<li class="told told-error" id="f1">(.*?)</li>', page, re.S)
    assert line
    assert line[1].count("<a ") >= 4
    assert told("<main" + line[1]).count("is empty; fill it in.") == 1


def ground_typed(number: int) -> int:
    ground.typed(number, [("works", "W0", "invested", "5")])
    return number


def test_changed_cells_are_marked_against_the_version_before() -> None:
    page = page_of(corrected())
    assert '<del><span class="hidden">before: </span>30,000</del> <ins>29,500</ins>' in page
    only = page_of(Return.objects.get().pk, query="?rows=changed")
    assert "道路2" in only
    assert "道路1" not in only
    assert "<del>" not in page_of(Return.objects.get().pk, query="?against=0")


def test_as_first_reported_stands_beside_as_corrected() -> None:
    number = corrected()
    page = page_of(number)
    assert "as first reported" in told(page)
    assert "as corrected" in told(page)
    assert 'href="?version=1&amp;against=2"' in page
    first = page_of(number, query="?version=1&against=2")
    assert "This is version 1, not the latest." in told(first)
    assert "<ins>30,000</ins>" in first


def test_only_rows_with_findings_can_be_shown() -> None:
    number = ground.begun()
    ground.filled(number, wrong="W3")
    rows = page_of(number, query="?rows=findings").partition("rows-head")[2]
    assert "道路3" in rows
    assert "道路1" not in rows


def test_what_somebody_typed_is_text_and_no_markup() -> None:
    number = ground.begun("leads")
    ground.typed(
        number,
        [("leads", "+1", "lead", "<script>alert(1)</script>"), ("leads", "+1", "officer", '"x')],
    )
    for path in ("", "form/"):
        page = sign_in("rui").get(f"/returns/{number}/{path}").content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("query", ["?version=9", "?version=99999999999999999999", "?version=x"])
def test_a_version_that_is_none(query: str) -> None:
    number = ground.submitted()
    status = sign_in("rui").get(f"/returns/{number}/{query}").status_code
    assert status == (404 if query == "?version=9" else 200)


def test_what_somebody_may_do_is_what_is_offered() -> None:
    number = ground.submitted()
    offered = {
        "rui": set(), "vera": set(), "chen": {"check", "send-back"}, "anna": {"check", "send-back"},
    }  # fmt: skip
    for who, steps in offered.items():
        found = set(re.findall(rf'href="/returns/{number}/step/([a-z-]+)/"', page_of(number, who)))
        assert found == steps, who


# ---- Files ---------------------------------------------------------------------------------------


def test_the_workbook_and_its_marked_twin_are_handed_out() -> None:
    number = ground.submitted()
    client = sign_in("vera", "zh-hans")
    for name in ("workbook", "marked"):
        answer = client.get(f"/returns/{number}/versions/1/{name}.xlsx")
        assert answer.status_code == 200
        assert answer["Content-Type"] == XLSX
        load_workbook(BytesIO(answer.content)).close()
    assert client.get(f"/returns/{number}/versions/7/workbook.xlsx").status_code == 404


def test_a_version_without_a_workbook_says_so() -> None:
    number = ground.begun()
    ground.filled(number)
    assert sign_in("rui").get(f"/returns/{number}/versions/1/workbook.xlsx").status_code == 409
    assert "made when submitted" in told(page_of(number))


# ---- Steps ---------------------------------------------------------------------------------------


def test_the_whole_way_by_its_pages() -> None:
    number = ground.begun()
    ground.filled(number)
    for who, step, state in (
        ("rui", "submit", "submitted"), ("chen", "check", "checked"), ("anna", "approve", "locked"),
    ):  # fmt: skip
        client = sign_in(who)
        address = f"/returns/{number}/step/{step}/"
        assert "<form" in client.get(address).content.decode()
        assert Return.objects.get().state != state
        answer = client.post(address, {"remark": f"by {who}"})
        assert answer["Location"] == f"/returns/{number}/"
        assert Return.objects.get().state == state
        assert f"by {who}" in told(client.get(f"/returns/{number}/").content.decode())
    assert WorkMonth.objects.filter(work__code="W1", invested_ytd_cny=200_000_000).exists()


def test_what_locking_did_is_told_once() -> None:
    number = ground.checked()
    client = sign_in("anna")
    client.post(f"/returns/{number}/step/approve/")
    said = told(client.get(f"/returns/{number}/").content.decode())
    assert "What became records" in said
    assert "No figure that was given out changes by it." in said
    assert "What became records" not in told(client.get(f"/returns/{number}/").content.decode())


@pytest.mark.parametrize("step", STEPS)
def test_a_step_sent_twice_has_no_second_effect(step: str) -> None:
    before = {"submit": _filled, "check": ground.submitted, "approve": ground.checked,
              "send-back": ground.submitted, "reopen": ground.locked}  # fmt: skip
    who = {"submit": "rui", "check": "chen", "approve": "anna", "send-back": "chen",
           "reopen": "anna"}[step]  # fmt: skip
    number = before[step]()
    client = sign_in(who)
    address = f"/returns/{number}/step/{step}/"
    assert client.post(address, {"remark": "why"}).status_code == 302
    taken, state = ReturnStep.objects.count(), Return.objects.get().state
    assert client.post(address, {"remark": "why"}).status_code in (403, 409)
    assert (ReturnStep.objects.count(), Return.objects.get().state) == (taken, state)


def _filled() -> int:
    number = ground.begun()
    ground.filled(number)
    return number


@pytest.mark.parametrize("step", ["send-back", "reopen"])
def test_a_step_back_needs_its_reason(step: str) -> None:
    number = ground.submitted() if step == "send-back" else ground.locked()
    state = Return.objects.get().state
    client = sign_in("chen" if step == "send-back" else "anna")
    answer = client.post(f"/returns/{number}/step/{step}/", {"remark": "   "})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert Return.objects.get().state == state


def test_with_faults_nothing_is_submitted() -> None:
    number = ground.begun()
    ground.filled(number, wrong="W3")
    client = sign_in("rui")
    page = client.get(f"/returns/{number}/step/submit/").content.decode()
    assert "It cannot be submitted while there are faults." in told(page)
    assert '<button class="button">' not in page
    assert client.post(f"/returns/{number}/step/submit/").status_code == 422
    assert Return.objects.get().state == "draft"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("pat", 404)])
def test_who_may_not_take_a_step(step: str, who: str, status: int) -> None:
    number = ground.locked() if step == "reopen" else ground.submitted()
    state = Return.objects.get().state
    client = sign_in(who)
    for method in (client.get, client.post):
        answer = method(f"/returns/{number}/step/{step}/", {"remark": "x"})
        assert answer.status_code == status
    assert Return.objects.get().state == state


def test_who_made_it_does_not_check_it() -> None:
    user = User.objects.get(username="linh")  # may do everything
    number = workflow.begin("works", "Z1", ground.MONTH, ground.access("linh"), origin="t")
    ground.filled(number)
    workflow.save_cells(
        number, [ground.CellChange("works", "W0", "stage_text", "路基")], ground.access("linh"),
        origin="t",
    )  # fmt: skip
    workflow.submit(number, ground.access("linh"), origin="t")
    answer = sign_in(user.get_username()).post(f"/returns/{number}/step/check/")
    assert answer.status_code == 409
    assert "separation of duties" in answer.content.decode()
    assert Return.objects.get().state == "submitted"


def test_a_step_that_is_none() -> None:
    number = ground.submitted()
    assert sign_in("chen").get(f"/returns/{number}/step/burn/").status_code == 404


def test_a_dialog_gets_the_question_alone() -> None:
    number = ground.submitted()
    answer = sign_in("chen").get(f"/returns/{number}/step/check/", headers={"hx-request": "true"})
    page = answer.content.decode()
    assert "<html" not in page
    assert 'name="csrfmiddlewaretoken"' in page


# ---- Elsewhere -----------------------------------------------------------------------------------

ADDRESSES = (
    "", "form/", "rows/remove/?sheet=works&key=W0", "versions/1/workbook.xlsx",
    "versions/1/marked.xlsx", "step/check/", "step/submit/",
)  # fmt: skip


@pytest.mark.parametrize("path", ADDRESSES)
def test_of_another_zone_there_is_nothing(path: str) -> None:
    number = ground.submitted()
    assert sign_in("pat").get(f"/returns/{number}/{path}").status_code == 404
    assert sign_in("pat").get(f"/returns/{number + 99}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "versions/1/workbook.xlsx", "versions/1/marked.xlsx"])
def test_a_wrong_method_is_refused(path: str) -> None:
    number = ground.submitted()
    assert sign_in("rui").post(f"/returns/{number}/{path}").status_code == 405


@pytest.mark.parametrize("path", ["step/check/", "cells/", "form/"])
def test_without_its_token_nothing_is_done(path: str) -> None:
    number = ground.submitted()
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="chen"))
    assert client.post(f"/returns/{number}/{path}").status_code == 403
    assert Return.objects.get().state == "submitted"


def test_who_has_not_signed_in_is_asked_to() -> None:
    number = ground.submitted()
    for path in ("", "form/", "step/check/", "versions/1/workbook.xlsx"):
        answer = Client().get(f"/returns/{number}/{path}")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")
