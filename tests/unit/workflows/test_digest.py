"""A workspace's digest by content: equal after a replay from scratch, another after any change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.unit.store.desk import change, seen
from tests.unit.workflows.returning import (
    APPROVER,
    APRIL,
    MAKER,
    ORIGIN,
    filled,
    lock,
    stock,
    write,
)
from zonewright.store import workspace as workspaces
from zonewright.store.access import operator
from zonewright.workflows import returns
from zonewright.workflows.digest import content_digest, content_digests, differing

Files = list[tuple[str, bytes]]
Digests = Mapping[str, tuple[int, str]]


def play(files: Files | None = None, cells: Any = APRIL) -> tuple[Files, Digests]:
    """Play a month and a correction of it; return the workbooks, and what the workspace says then.

    Parameters
    ----------
    files
        The workbooks of an earlier play, in their order; None makes new ones.
    """
    stock()
    made: Files = []
    number = 0
    for turn, extra in enumerate(({}, {("works", "W1", "physical_pct"): 44})):
        if turn:
            returns.reopen(number, APPROVER, origin=ORIGIN, remark="更正")
        book = files[turn] if files else filled({**cells, **extra})
        made.append(book)
        number = returns.hand_in(*book, MAKER, origin=ORIGIN).id or 0
        lock(number)
    return made, content_digests()


def test_the_same_files_and_steps_give_the_same_digest(embedded: Any, tmp_path: Path) -> None:
    (files, first), whole = play(), content_digest()
    connection.close()
    workspaces.create(tmp_path / "again.sqlite", title="又", title_en="Again")
    # Other primary keys and another time.
    returns_of_nobody()
    _, second = play(files)
    assert differing(first, second) == ()
    assert content_digest() == whole
    connection.close()


def returns_of_nobody() -> None:
    """Use up primary keys."""
    with connection.cursor() as cursor:
        for table in ("store_work", "store_return", "store_sourcefile", "store_zone"):
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 500)", [table])


def test_any_change_shows_in_its_table(embedded: Any) -> None:
    _, before = play()
    change(seen("work", code="WB"), operator("王"), status="new")
    assert differing(before, content_digests()) == ("work",)
    between = content_digests()
    returns.reopen(1, APPROVER, origin=ORIGIN, remark="再更正")
    assert differing(between, content_digests()) == ("return", "returnstep")


def test_another_cell_is_another_digest(embedded: Any, tmp_path: Path) -> None:
    files, first = play()
    connection.close()
    workspaces.create(tmp_path / "other.sqlite", title="又", title_en="Again")
    other = write(files[0][1], "works", {("works", "W2", "physical_pct"): 31})
    _, second = play([(files[0][0], other), files[1]])
    assert {"workmonth", "returnversion", "sourcefile"} <= set(differing(first, second))
    assert "return" not in differing(first, second)
    connection.close()


@pytest.mark.postgis
def test_either_database_gives_the_same_digest(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("embedded")
    files, first = play()
    request.getfixturevalue("shared")
    _, second = play(files)
    assert differing(first, second) == ()
