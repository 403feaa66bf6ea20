"""The page of monthly returns: what waits, the completeness of a month, workbooks in and out."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from tests.web import return_ground as ground
from tests.web.readers import names
from zonewright.store.models import Return, ReturnVersion, User
from zonewright.workflows import returns as workflow

pytestmark = pytest.mark.django_db
LIST = f"/returns/?month={ground.MONTH}"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def _people(workspace: None) -> None:
    ground.people()


def sign_in(name: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(User.objects.get(username=name))
    client.cookies["zonewright_language"] = language
    return client


def told(page: str) -> str:
    """Return what a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]*>", " ", page[page.index("<main") :]).split())


def file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=XLSX)


def filled_book(*, change: dict[str, object] | None = None) -> bytes:
    """Return the workbook of the month's works, filled in as somebody at the zone would."""
    _name, content = workflow.blank_workbook("works", "Z1", ground.MONTH, ground.access("rui"))
    book = load_workbook(BytesIO(content))
    sheet = book["基础设施项目"]
    heads = {
        str(cell.value).partition("\n")[0].partition("（")[0].strip(): (cell.row, cell.column)
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    }
    code = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "W0")
    columns = {
        name: next(
            place[1]
            for text, place in heads.items()
            if text.startswith(start) and "上月" not in text
        )
        for name, start in (("month", "当月完成投资"), ("ytd", "年累完成投资"))
    }
    for number in range(len(ground.GOOD)):
        row = code.row + number
        work = str(sheet.cell(row, code.column).value)
        month, ytd, _physical = ground.GOOD[work]
        sheet.cell(row, columns["month"]).value = float(month)
        sheet.cell(row, columns["ytd"]).value = float((change or {}).get(work, ytd))  # type: ignore[arg-type]
    made = BytesIO()
    book.save(made)
    return made.getvalue()


# ---- What waits ----------------------------------------------------------------------------------


def test_a_reporter_is_told_what_is_to_fill_in_and_to_correct() -> None:
    number = ground.submitted()
    workflow.send_back(number, ground.access("chen"), origin="t", remark="W2 counts twice")
    page = sign_in("rui").get(LIST).content.decode()
    said = told(page)
    assert "to correct" in said
    assert "W2 counts twice" in said
    assert f'href="/returns/{number}/"' in page
    assert "days late" in said


def test_each_is_told_their_own_step() -> None:
    number = ground.submitted()
    for name, word in (("chen", "to check"), ("anna", "to check")):
        page = sign_in(name).get(f"{LIST}&step=check").content.decode()
        assert f'href="/returns/{number}/"' in page.partition('id="completeness"')[0], name
        assert word in told(page)
    workflow.check(number, ground.access("chen"), origin="t")
    inbox = sign_in("chen").get(LIST).content.decode().partition('id="completeness"')[0]
    assert f'href="/returns/{number}/"' not in inbox
    inbox = sign_in("anna").get(f"{LIST}&step=approve").content.decode()
    assert f'href="/returns/{number}/"' in inbox.partition('id="completeness"')[0]


def test_a_viewer_has_nothing_to_do_and_no_box_to_upload() -> None:
    page = sign_in("vera").get(LIST).content.decode()
    assert "Nothing waits for you." in told(page)
    assert "data-upload" not in page


# ---- The board -----------------------------------------------------------------------------------


def test_the_board_tells_each_state_by_sign_and_word() -> None:
    number = ground.locked()
    page = sign_in("vera").get(LIST).content.decode()
    cell = re.search(
        rf'<a class="board-cell return-locked" href="/returns/{number}/">(.*?)</a>', page, re.S
    )
    assert cell
    assert "●" in cell[1]
    assert "locked" in cell[1]
    assert f'href="/returns/{ground.MONTH}/ventures/Z1/"' in page
    assert "not begun" in told(page)


def test_the_board_can_be_narrowed_to_what_lacks() -> None:
    client = sign_in("linh")
    both = client.get(LIST).content.decode()
    assert names(both, "Z1")
    assert names(both, "P1")
    for kind in ("open", "late"):
        page = client.get(f"{LIST}&zones={kind}").content.decode()
        assert 'class="stack board"' in page


def test_who_reports_for_one_zone_sees_no_other() -> None:
    ground.locked()
    page = sign_in("pat").get(LIST).content.decode()
    assert names(page, "P1")
    assert not names(page, "Z1")
    assert "Large industrial cluster" not in page


def test_without_any_role_there_is_no_page_of_returns() -> None:
    User.objects.create(username="nobody")
    page = sign_in("nobody").get(LIST).content.decode()
    assert "data-upload" not in page
    assert "completeness" not in page


def test_a_month_that_is_none_is_the_usual_one(client: Client) -> None:
    for text in ("2023-13", "", "x", "2023-01..2023-05", "9999-12", "0001-01", "9" * 500):
        assert client.get("/returns/", {"month": text}).status_code == 200, text


def test_an_empty_workspace_says_what_to_do_next() -> None:
    User.objects.filter(username__in=[name for name, *_ in ground.PEOPLE]).delete()
    from zonewright.store.models import Zone

    Zone.objects.exclude(kind__in=("city", "district")).update(kind="district")
    said = told(sign_in("linh").get(LIST).content.decode())
    assert "No zone that you see owes returns." in said
    assert "Give the role" in said


# ---- A return that nobody began ------------------------------------------------------------------


def test_a_return_is_begun_once() -> None:
    client = sign_in("rui")
    address = f"/returns/{ground.MONTH}/works/Z1/"
    assert "Begin the return" in client.get(address).content.decode()
    first = client.post(f"{address}begin/")
    again = client.post(f"{address}begin/")
    number = Return.objects.get().pk
    assert first["Location"] == again["Location"] == f"/returns/{number}/form/"
    assert client.get(address)["Location"] == f"/returns/{number}/"


@pytest.mark.parametrize(
    ("who", "status"), [("vera", 403), ("chen", 403), ("pat", 404), ("rui", 302)]
)
def test_who_may_begin(who: str, status: int) -> None:
    answer = sign_in(who).post(f"/returns/{ground.MONTH}/works/Z1/begin/")
    assert answer.status_code == status
    assert Return.objects.exists() == (status == 302)


@pytest.mark.parametrize(
    "address", ["2023-10/none/Z1", "2023-10/works/NOWHERE", "2023/works/Z1", "2023-1/works/Z1"]
)
def test_an_address_of_no_return_is_not_there(address: str) -> None:
    client = sign_in("rui")
    assert client.get(f"/returns/{address}/").status_code == 404
    assert client.post(f"/returns/{address}/begin/").status_code == 404


def test_a_month_to_come_is_refused_with_its_reason() -> None:
    answer = sign_in("rui").post("/returns/2999-01/works/Z1/begin/")
    assert answer.status_code == 422
    assert "has not begun" in answer.content.decode()


# ---- Workbooks -----------------------------------------------------------------------------------


def test_the_workbook_to_fill_in_names_zone_and_month() -> None:
    answer = sign_in("rui").get(
        "/returns/blank.xlsx", {"kind": "works", "zone": "Z1", "period": ground.MONTH}
    )
    assert answer.status_code == 200
    assert answer["Content-Type"] == XLSX
    assert "attachment" in answer["Content-Disposition"]
    text = " ".join(
        str(cell.value)
        for sheet in load_workbook(BytesIO(answer.content)).worksheets
        for row in sheet.iter_rows()
        for cell in row
    )
    assert "W3" in text
    assert ground.MONTH in text


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("pat", 404)])
def test_who_may_not_report_gets_no_workbook(who: str, status: int) -> None:
    asked = {"kind": "works", "zone": "Z1", "period": ground.MONTH}
    assert sign_in(who).get("/returns/blank.xlsx", asked).status_code == status


def test_a_workbook_is_handed_in_and_its_findings_are_told() -> None:
    client = sign_in("rui")
    given = {"files": [file("a.xlsx", filled_book(change={"W2": 1}))], "month": ground.MONTH}
    answer = client.post("/returns/upload/", given)
    page = answer.content.decode()
    row = Return.objects.get()
    assert answer.status_code == 200
    assert (row.kind, row.zone.code, row.period, row.state) == ("works", "Z1", "2023-10", "draft")
    assert "1 fault" in told(page)
    assert "year to date" in told(page)
    assert f'href="/returns/{row.pk}/versions/1/marked.xlsx"' in page


def test_the_same_workbook_twice_is_one_version() -> None:
    client = sign_in("rui")
    content = filled_book()
    client.post("/returns/upload/", {"files": [file("a.xlsx", content)]})
    again = client.post("/returns/upload/", {"files": [file("a.xlsx", content)]})
    assert "nothing new" in told(again.content.decode())
    assert ReturnVersion.objects.count() == 1


def test_what_is_locked_is_not_offered_to_be_submitted_again() -> None:
    client = sign_in("rui")
    content = filled_book()
    first = client.post("/returns/upload/", {"files": [file("a.xlsx", content)]})
    number = Return.objects.get().pk
    assert f'href="/returns/{number}/step/submit/"' in first.content.decode()
    Return.objects.update(state="locked")
    again = client.post("/returns/upload/", {"files": [file("a.xlsx", content)]}).content.decode()
    assert "nothing new" in told(again)
    assert f'href="/returns/{number}/step/submit/"' not in again
    assert "What was taken can be submitted." not in again


def test_one_bad_file_does_not_keep_the_others_out() -> None:
    files = [file("bad.xlsx", b"PK\x03\x04 no"), file("good.xlsx", filled_book())]
    answer = sign_in("rui").post("/returns/upload/", {"files": files})
    said = told(answer.content.decode())
    assert answer.status_code == 200
    assert "1 workbook was refused" in said
    assert "kept as version 1" in said
    assert Return.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"no workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9])
def test_what_is_no_workbook_is_refused_as_a_page(content: bytes) -> None:
    client = sign_in("rui")
    client.raise_request_exception = False
    answer = client.post("/returns/upload/", {"files": [file("x.xlsx", content)]})
    assert answer.status_code == 422
    assert "refused" in told(answer.content.decode())
    assert not Return.objects.exists()


def test_nothing_chosen_is_said() -> None:
    answer = sign_in("rui").post("/returns/upload/", {"month": ground.MONTH}, follow=True)
    assert "Choose at least one workbook." in told(answer.content.decode())


@pytest.mark.parametrize(("who", "status"), [("vera", 404), ("pat", 422)])
def test_who_may_not_report_for_a_zone_hands_nothing_in(who: str, status: int) -> None:
    given = {"files": [file("a.xlsx", filled_book())]}
    answer = sign_in(who).post("/returns/upload/", given)
    assert answer.status_code == status
    assert not Return.objects.exists()


@pytest.mark.parametrize(
    ("address", "method"),
    [("/returns/", "post"), ("/returns/upload/", "get"), ("/returns/blank.xlsx", "post")],
)
def test_a_wrong_method_is_refused(address: str, method: str) -> None:
    assert getattr(sign_in("rui"), method)(address).status_code == 405


def test_a_form_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="rui"))
    address = f"/returns/{ground.MONTH}/works/Z1/begin/"
    assert client.post(address).status_code == 403
    assert client.post("/returns/upload/", {"files": [file("a.xlsx", b"x")]}).status_code == 403
    assert not Return.objects.exists()
