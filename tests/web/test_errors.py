"""The pages of errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError
from django.test import Client

from zonewright.core.errors import (
    FindingsError,
    InputError,
    StateError,
    StorageError,
    UnknownReferenceError,
    ZonewrightError,
)
from zonewright.core.findings import Finding, Place
from zonewright.web.views import sources

pytestmark = pytest.mark.django_db
Reader = Callable[[str], Client]
WORDS = {
    404: ("未找到", "Not found"),
    409: ("当前状态下不能进行", "Not possible in this state"),
    422: ("输入无法使用", "This input cannot be used"),
    500: ("工作台出错", "The desk failed to answer"),
}


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(sources, "page", fail)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("outline-empty"), 422),
        (UnknownReferenceError("zone-unknown", zone="X", known="Y"), 404),
        (StateError("workspace-busy"), 409),
        (StorageError("workspace-busy"), 500),
    ],
)
@pytest.mark.parametrize(("language", "index"), [("zh-hans", 0), ("en", 1)])
def test_each_kind_of_error_has_its_page_in_both_languages(
    empty: None,
    reader: Reader,
    monkeypatch: pytest.MonkeyPatch,
    error: ZonewrightError,
    status: int,
    language: str,
    index: int,
) -> None:
    failing(monkeypatch, error)
    answer = reader(language).get("/sources/")
    assert answer.status_code == status
    page = answer.content.decode()
    assert WORDS[status][index] in page
    assert error.text(("zh", "en")[index]) in page


def test_findings_are_listed_with_their_cells(
    empty: None, english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Finding("unit-unknown", place=Place("a.xlsx", "S", 7, "D"), params={"text": "大洋"})
    failing(monkeypatch, FindingsError((found,)))
    page = english.get("/sources/").content.decode()
    assert "“大洋” is not a known unit" in page
    assert "a.xlsx S D7" in page


def test_htmx_gets_the_message_only(
    empty: None, english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, InputError("outline-empty"))
    answer = english.get("/sources/", headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize(("language", "index"), [("zh-hans", 0), ("en", 1)])
def test_an_unforeseen_failure_tells_nothing_of_its_cause(
    empty: None, reader: Reader, monkeypatch: pytest.MonkeyPatch, language: str, index: int
) -> None:
    failing(monkeypatch, RuntimeError("password=hunter2"))
    client = reader(language)
    client.raise_request_exception = False
    answer = client.get("/sources/")
    assert answer.status_code == 500
    assert WORDS[500][index] in answer.content.decode()
    assert "hunter2" not in answer.content.decode()


def test_a_page_can_say_that_the_workspace_fails(
    empty: None, anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> list[str]:
        raise DatabaseError("disk I/O error")

    monkeypatch.setattr("zonewright.web.context.selectors.notices", fail)
    assert anonymous.get("/sign-in/").status_code == 200


def test_health_says_when_the_workspace_fails(
    db: None, anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def cursor(self) -> None:
            raise DatabaseError("gone")

    monkeypatch.setattr("zonewright.web.views.health.connection", Broken())
    assert anonymous.get("/healthz").status_code == 503


def test_an_unknown_address_is_told_to_strangers_too(empty: None, anonymous: Client) -> None:
    answer = anonymous.get("/nowhere/")
    assert answer.status_code == 404
    assert "未找到" in answer.content.decode()


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "只接收表单"), ("en", "only takes")])
def test_an_address_for_forms_says_so(
    empty: None, reader: Reader, language: str, said: str
) -> None:
    answer = reader(language).get("/account/tokens/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert said in answer.content.decode()
