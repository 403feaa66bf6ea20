"""Two who work on one return at once: the second is told, and nothing that was saved is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection

from tests.unit.workflows.returning import (
    APPROVER,
    APRIL,
    CHECKER,
    MAKER,
    ORIGIN,
    filled,
    hand_in,
    somebody,
    stock,
)
from zonewright.core.errors import EditConflictError, StateError
from zonewright.store.actions import returns as actions
from zonewright.store.models import Return, ReturnStep, ReturnVersion, WorkMonth
from zonewright.workflows import returns, returns_typing
from zonewright.workflows.returns_answers import CellChange

SECOND = somebody("吴", "report")
WAIT_S = 30
# Long enough for the second to reach the lock that the first holds; a shorter one proves less.
HEAD_START_S = 0.5


@pytest.fixture
def draft(workspace: Any) -> int:
    """The works return of April, with a first cell typed."""
    stock()
    number = returns.begin("works", "A", "2023-04", MAKER, origin=ORIGIN)
    type_in(number, "invested", "100", seen="")
    return number


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made


def type_in(number: int, name: str, text: str, *, seen: str | None, access: Any = MAKER) -> None:
    change = CellChange("works", "W1", name, text, seen)
    saved = returns.save_cells(number, [change], access, origin=ORIGIN)
    assert not saved.refused


def kept(number: int) -> dict[str, object]:
    view = returns.open_return(number, MAKER)
    values = next(row.values for row in view.rows["works"] if row.key == "W1")
    return {name: values.get(name) for name in ("invested", "invested_ytd")}


def apart(work: Callable[[], object]) -> Callable[[], object]:
    """Return work that closes the connection that its thread opened."""

    def run() -> object:
        try:
            return work()
        finally:
            connection.close()

    return run


def both(
    pool: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    where: tuple[Any, str],
    first: Callable[[], object],
    second: Callable[[], object],
) -> tuple[Future[object], Future[object]]:
    """Let the second begin while the first is within a function; return what both came to."""
    inside, go_on = Event(), Event()
    module, name = where
    real = getattr(module, name)

    def waits(*args: Any, **more: Any) -> Any:
        if not inside.is_set():
            inside.set()
            assert go_on.wait(WAIT_S)
        return real(*args, **more)

    monkeypatch.setattr(module, name, waits)
    one = pool.submit(apart(first))
    assert inside.wait(WAIT_S)
    two = pool.submit(apart(second))
    Event().wait(HEAD_START_S)
    go_on.set()
    for done in (one, two):
        done.exception(WAIT_S)
    return one, two


def test_two_who_change_one_cell_at_once(
    draft: int, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = both(
        pool, monkeypatch, (returns_typing, "with_cells"),
        lambda: type_in(draft, "invested", "111", seen="100"),
        lambda: type_in(draft, "invested", "222", seen="100", access=SECOND),
    )  # fmt: skip
    assert one.exception() is None
    conflict = two.exception()
    assert isinstance(conflict, EditConflictError)
    assert conflict.theirs == {"invested": "111"}
    assert "赵" in conflict.text("zh")
    assert kept(draft)["invested"] == 1_110_000


def test_two_who_change_different_cells_at_once_keep_both(
    draft: int, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = both(
        pool, monkeypatch, (returns_typing, "with_cells"),
        lambda: type_in(draft, "invested", "111", seen="100"),
        lambda: type_in(draft, "invested_ytd", "411", seen="", access=SECOND),
    )  # fmt: skip
    assert (one.exception(), two.exception()) == (None, None)
    assert kept(draft) == {"invested": 1_110_000, "invested_ytd": 4_110_000}


def test_who_saves_while_it_is_submitted_is_told_and_not_lost_unseen(
    draft: int, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(draft, "invested_ytd", "400", seen=None)
    returns.save_cells(draft, [
        CellChange("works", "W2", "invested", "0"), CellChange("works", "W2", "invested_ytd", "0"),
    ], MAKER, origin=ORIGIN)  # fmt: skip
    one, two = both(
        pool, monkeypatch, (returns, "made_book"),
        lambda: returns.submit(draft, MAKER, origin=ORIGIN),
        lambda: type_in(draft, "invested", "222", seen="100", access=SECOND),
    )  # fmt: skip
    assert one.exception() is None
    refused = two.exception()
    assert isinstance(refused, StateError)
    assert refused.code == "return-step"
    assert kept(draft)["invested"] == 1_000_000
    assert ReturnVersion.objects.filter(of=draft).count() == 1


def test_of_two_who_submit_at_once_one_is_told(
    workspace: Any, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock()
    number = hand_in().id or 0
    one, two = both(
        pool, monkeypatch, (returns, "start_of"),
        lambda: returns.submit(number, MAKER, origin=ORIGIN),
        lambda: returns.submit(number, SECOND, origin=ORIGIN),
    )  # fmt: skip
    assert one.exception() is None
    assert isinstance(two.exception(), StateError)
    assert ReturnStep.objects.filter(of=number, action="submitted").count() == 1


def test_two_workbooks_at_once_are_two_versions(
    workspace: Any, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock()
    name, first = filled(APRIL)
    _, second = filled({**APRIL, ("works", "W1", "invested"): 121})
    one, two = both(
        pool, monkeypatch, (actions, "hand_in"),
        lambda: returns.hand_in(name, first, MAKER, origin=ORIGIN).version,
        lambda: returns.hand_in(name, second, SECOND, origin=ORIGIN).version,
    )  # fmt: skip
    assert sorted((one.result(), two.result())) == [1, 2]  # type: ignore[type-var]
    assert Return.objects.count() == 1
    assert ReturnVersion.objects.count() == 2


def test_of_two_who_check_or_approve_at_once_one_is_told(
    workspace: Any, pool: ThreadPoolExecutor
) -> None:
    stock()
    number = hand_in().id or 0
    returns.submit(number, MAKER, origin=ORIGIN)
    for step, who in (
        (returns.check, (CHECKER, somebody("冯", "check"))),
        (returns.approve, (APPROVER, somebody("陈", "approve"))),
    ):
        work = [
            pool.submit(apart(lambda step=step, by=by: step(number, by, origin=ORIGIN)))  # type: ignore[misc]
            for by in who
        ]
        faults = [fault for done in work if (fault := done.exception(WAIT_S))]
        assert [type(fault) for fault in faults] == [StateError]
    assert WorkMonth.objects.filter(month="2023-04-01").count() == 2


def test_a_checker_who_looked_at_an_earlier_version_is_told(workspace: Any) -> None:
    stock()
    number = hand_in().id or 0
    returns.submit(number, MAKER, origin=ORIGIN)
    returns.send_back(number, CHECKER, origin=ORIGIN, remark="核对")
    hand_in({**APRIL, ("works", "W1", "issue"): "雨季"})
    returns.submit(number, MAKER, origin=ORIGIN)
    with pytest.raises(StateError, match="Version 2 came meanwhile"):
        returns.check(number, CHECKER, origin=ORIGIN, seen=1)
    returns.check(number, CHECKER, origin=ORIGIN, seen=2)
    with pytest.raises(StateError, match="Version 2 came meanwhile"):
        returns.approve(number, APPROVER, origin=ORIGIN, seen=1)
    assert returns.approve(number, APPROVER, origin=ORIGIN, seen=2).version == 2
