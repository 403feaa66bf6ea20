"""The form of a return in the browser: saved as it is typed, or by its button."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.web import return_ground as ground
from tests.web.test_every_page import check_nothing_inline, read
from tests.web.test_returns import sign_in, told
from zonewright.store.models import ReturnVersion
from zonewright.workflows import returns as workflow

pytestmark = pytest.mark.django_db
MONTH, YTD = "works|invested|W1", "works|invested_ytd|W1"


@pytest.fixture(autouse=True)
def _people(workspace: None) -> None:
    ground.people()


def send(client: Client, number: int, *changes: list[str]) -> HttpResponse:
    return client.post(f"/returns/{number}/cells/", {"changes": json.dumps(changes)})


def inputs(page: str) -> dict[str, str]:
    """Return what a form would send: the names of its inputs with their values."""
    found: dict[str, str] = {}
    form = page[
        page.index('id="return-form"') : page.index("</form>", page.index('id="return-form"'))
    ]
    for tag, name, rest in re.findall(
        r"<(input|textarea|select)[^>]*? name=\"([^\"]+)\"([^>]*>)", form
    ):
        if tag == "input":
            value = re.search(r'value="([^"]*)"', rest)
            found[unescape(name)] = unescape(value[1]) if value else ""
        else:
            body = form.partition(f'name="{name}"')[2].partition(f"</{tag}>")[0]
            chosen = re.search(r'<option value="([^"]*)" selected', body)
            text = body.partition(">")[2] if tag == "textarea" else (chosen[1] if chosen else "")
            found[unescape(name)] = unescape(text)
    return found


def kept(number: int, sheet: str, key: str, field: str) -> object:
    view = workflow.open_return(number, ground.access("rui"))
    row = next(row for row in view.rows[sheet] if row.key == key)
    return row.values.get(field)


def test_what_nobody_typed_yet_is_shown_but_not_called_wrong() -> None:
    number, client = ground.begun(), sign_in("rui")
    told = send(client, number, [YTD, "5", ""]).json()["told"]
    assert {one["missing"] for one in told if one["name"] == MONTH} == {True}
    page = client.get(f"/returns/{number}/form/").content.decode()
    cell = re.search(rf'<td class="[^"]*">(?:(?!</td>).)*name="{re.escape(MONTH)}".*?</td>', page)
    assert cell
    assert "is-missing" in cell[0]
    assert "aria-invalid" not in cell[0]
    assert "cell-told" not in cell[0]
    assert 'id="form-told">' in page  # what is to do stands there, folded
    wrong = send(client, number, [MONTH, "100", ""]).json()
    assert {one["missing"] for one in wrong["told"] if one["name"] == MONTH} == {False}
    page = client.get(f"/returns/{number}/form/").content.decode()
    assert 'id="form-told" open' in page


# ---- As it is typed ------------------------------------------------------------------------------


def test_a_cell_is_saved_and_says_what_is_wrong_now() -> None:
    number, client = ground.begun(), sign_in("rui")
    first = send(client, number, [MONTH, "２,５００", ""], [YTD, "100", ""]).json()
    assert first["cells"] == {MONTH: "2500", YTD: "100"}
    assert re.fullmatch(r"\d\d:\d\d:\d\d", first["at"])
    wrong = [one for one in first["told"] if one["name"] == MONTH]
    assert [one["severity"] for one in wrong] == ["error"]
    assert "only 100" in wrong[0]["text"]
    mended = send(client, number, [YTD, "20000", "100"]).json()
    assert not [one for one in mended["told"] if one["name"] == MONTH and "only" in one["text"]]
    assert mended["counts"]["error"] < first["counts"]["error"]
    assert kept(number, "works", "W1", "invested_ytd") == 200_000_000


def test_what_cannot_be_read_is_refused_and_the_rest_saved() -> None:
    number, client = ground.begun(), sign_in("rui")
    pct = "works|physical_pct|W1"
    answer = send(client, number, [MONTH, "many", ""], [YTD, "5", ""], [pct, "120", ""]).json()
    assert set(answer["refused"]) == {MONTH, pct}
    assert "Physical progress" in answer["refused"][pct]
    assert answer["cells"] == {YTD: "5"}
    assert kept(number, "works", "W1", "invested") is None


def test_somebody_elses_text_is_not_overwritten() -> None:
    number, client = ground.begun(), sign_in("rui")
    send(client, number, [MONTH, "1", ""])
    answer = send(client, number, [MONTH, "2", ""], [YTD, "9", ""])
    assert answer.status_code == 409
    assert answer.json()["theirs"] == {MONTH: "1", YTD: ""}
    assert "rui" in answer.json()["message"]
    assert kept(number, "works", "W1", "invested") == 10_000
    assert kept(number, "works", "W1", "invested_ytd") is None
    assert send(client, number, [MONTH, "2", "1"]).status_code == 200


def test_the_same_sent_twice_is_one_change() -> None:
    number, client = ground.begun(), sign_in("rui")
    for _ in range(2):
        assert send(client, number, [MONTH, "1", ""]).status_code == 200
    assert ReturnVersion.objects.count() == 1
    assert kept(number, "works", "W1", "invested") == 10_000


def test_a_free_row_is_added_by_typing_into_it() -> None:
    number, client = ground.begun("leads"), sign_in("rui")
    answer = send(client, number, ["leads|lead|+1", "=2+2", ""], ["leads|stage|+1", "talks", ""])
    assert answer.json()["cells"] == {"leads|lead|+1": "=2+2", "leads|stage|+1": "talks"}
    page = client.get(f"/returns/{number}/form/").content.decode()
    assert 'value="=2+2"' in page
    assert {f"leads|lead|+{place}" for place in (1, 2, 3, 4)} <= set(inputs(page))


GARBAGE = ("", "{", "[1]", '[["a"]]', '[["works|invested|W1", 1, ""]]', '[["no bar", "1", ""]]',
           "[" * 50_000, '{"a": 1}', "null")  # fmt: skip


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_breaks_nothing(text: str) -> None:
    number, client = ground.begun(), sign_in("rui")
    client.raise_request_exception = False
    answer = client.post(f"/returns/{number}/cells/", {"changes": text})
    assert answer.status_code in (200, 409)
    assert not ReturnVersion.objects.exists()


@pytest.mark.parametrize(
    "name", ["works|invested|NONE", "none|invested|W1", "works|none|W1", "works||", "works|name|W1"]
)
def test_a_cell_that_is_none_is_refused(name: str) -> None:
    number, client = ground.begun(), sign_in("rui")
    client.raise_request_exception = False
    answer = send(client, number, [name, "1", ""])
    assert answer.status_code in (404, 422) or list(answer.json()["refused"]) == [name]
    assert kept(number, "works", "W1", "name") == "道路1"


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("chen", 403), ("pat", 404)])
def test_who_may_not_fill_in(who: str, status: int) -> None:
    number, client = ground.begun(), sign_in(who)
    assert send(client, number, [MONTH, "1", ""]).status_code == status
    assert client.get(f"/returns/{number}/form/").status_code == status
    assert client.post(f"/returns/{number}/form/", {MONTH: "1"}).status_code == status
    assert not ReturnVersion.objects.exists()


def test_what_was_submitted_is_closed() -> None:
    number, client = ground.submitted(), sign_in("rui")
    answer = send(client, number, [MONTH, "1", "2000"])
    assert answer.status_code == 409
    assert "theirs" not in answer.json()
    assert "cannot be filled in now" in answer.json()["message"]
    page = client.get(f"/returns/{number}/form/", follow=True)
    assert page.redirect_chain == [(f"/returns/{number}/", 302)]  # where it stands, and why
    assert "cannot be filled in now" in page.content.decode()
    assert client.post(f"/returns/{number}/form/", {MONTH: "1"}).status_code == 409
    assert kept(number, "works", "W1", "invested") == 20_000_000


@pytest.mark.parametrize(
    ("path", "method"), [("cells/", "get"), ("form/", "delete"), ("rows/remove/", "put")]
)
def test_a_wrong_method_is_refused(path: str, method: str) -> None:
    number = ground.begun()
    assert getattr(sign_in("rui"), method)(f"/returns/{number}/{path}").status_code == 405


# ---- Without scripts -----------------------------------------------------------------------------


def test_the_form_is_saved_by_its_button() -> None:
    number, client = ground.begun(), sign_in("rui")
    address = f"/returns/{number}/form/"
    given = inputs(client.get(address).content.decode())
    answer = client.post(address, given | {MONTH: "7", "save": "1"})
    assert answer["Location"] == address
    assert kept(number, "works", "W1", "invested") == 70_000
    again = client.post(address, inputs(client.get(address).content.decode()) | {"save": "1"})
    assert again["Location"] == address
    assert "Nothing was changed." in client.get(address).content.decode()


def test_a_form_that_was_open_meanwhile_shows_both_texts() -> None:
    number, client = ground.begun(), sign_in("rui")
    address = f"/returns/{number}/form/"
    given = inputs(client.get(address).content.decode())
    ground.typed(number, [("works", "W1", "invested", "1")])
    answer = client.post(address, given | {MONTH: "2", YTD: "9", "save": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert inputs(page)[MONTH] == "2"
    assert inputs(page)[YTD] == "9"
    assert "Somebody else wrote: <q>1</q>" in page
    assert kept(number, "works", "W1", "invested") == 10_000
    assert client.post(address, inputs(page) | {"save": "1"}).status_code == 302
    assert kept(number, "works", "W1", "invested") == 20_000


def test_what_cannot_be_read_stays_in_the_form() -> None:
    number, client = ground.begun(), sign_in("rui")
    address = f"/returns/{number}/form/"
    given = inputs(client.get(address).content.decode())
    answer = client.post(address, given | {MONTH: "many", YTD: "9", "save": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert inputs(page)[MONTH] == "many"
    assert "Some cells cannot be read" in told(page)
    assert kept(number, "works", "W1", "invested_ytd") == 90_000


def test_check_and_submit_saves_first() -> None:
    number, client = ground.begun(), sign_in("rui")
    address = f"/returns/{number}/form/"
    given = inputs(client.get(address).content.decode())
    answer = client.post(address, given | {MONTH: "7", "submit": "1"})
    assert answer["Location"] == f"/returns/{number}/step/submit/"
    assert kept(number, "works", "W1", "invested") == 70_000


def test_a_free_row_is_taken_out_after_a_question() -> None:
    number, client = ground.begun("leads"), sign_in("rui")
    ground.typed(number, [("leads", "+1", "lead", "A"), ("leads", "+2", "lead", "B")])
    address = f"/returns/{number}/form/"
    given = inputs(client.get(address).content.decode())
    asked = client.post(address, given | {"remove": "leads|+1"})["Location"]
    assert asked == f"/returns/{number}/rows/remove/?sheet=leads&key=%2B1"
    assert "A" in told(client.get(asked).content.decode())
    assert len(workflow.open_return(number, ground.access("rui")).rows["leads"]) == 2
    done = client.post(f"/returns/{number}/rows/remove/", {"sheet": "leads", "key": "+1"})
    again = client.post(f"/returns/{number}/rows/remove/", {"sheet": "leads", "key": "+1"})
    assert done["Location"] == again["Location"] == f"{address}#sheet-leads"
    left = workflow.open_return(number, ground.access("rui")).rows["leads"]
    assert [row.values["lead"] for row in left] == ["B"]


def test_a_row_of_the_ledger_cannot_be_taken_out() -> None:
    number, client = ground.begun(), sign_in("rui")
    given = {"sheet": "works", "key": "W1"}
    assert client.get(f"/returns/{number}/rows/remove/", given).status_code == 404
    assert client.post(f"/returns/{number}/rows/remove/", given).status_code == 404


# ---- What it is made of --------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_input_has_a_name_and_says_its_row(language: str) -> None:
    number = ground.begun()
    ground.filled(number, wrong="W3")
    page = sign_in("rui", language).get(f"/returns/{number}/form/").content.decode()
    check_nothing_inline(page)
    found = read(page)
    ids = {attributes["id"] for _tag, attributes in found.tags if "id" in attributes}
    cells = [
        attributes
        for tag, attributes in found.tags
        if tag in ("input", "select", "textarea") and "|" in (attributes.get("name") or "")
    ]
    assert len(cells) > 40
    for attributes in cells:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((attributes[name] or "").split()) <= ids, attributes
    assert 'aria-invalid="true"' in page


def test_the_form_of_many_rows_asks_few_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    number, client = ground.begun("land"), sign_in("rui")
    client.get("/returns/")
    with django_assert_max_num_queries(60):
        page = client.get(f"/returns/{number}/form/").content.decode()
    assert page.count('data-key="DK-') == 36
