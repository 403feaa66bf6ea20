"""Figures that were given out and are others now, as the command line tells them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from zonewright.cli.given_out import change_lines
from zonewright.store import workspace as workspaces
from zonewright.store.models import Zone
from zonewright.workflows.returns_answers import FigureChange

CHANGE = FigureChange(1, "No. 10", "2023-01..2023-10", "A", "works_invested", None, 1.0791985309,
                      "亿元")  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("zh", "No. 10 · 2023年1—10月 · 甲园 · 基础设施完成投资: — → 1.08亿元"),
        ("en", "No. 10 · Jan–Oct 2023 · Park A · Infrastructure investment done: "
               "— → CNY 108 million"),
    ],
)  # fmt: skip
def test_a_change_is_told_by_name_and_as_numbers_are_written(
    tmp_path: Path, django_db_blocker: pytest.FixtureRequest, lang: str, line: str
) -> None:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        workspaces.create(tmp_path / "w.sqlite", title="测试", title_en="Test")
        workspaces.connect(tmp_path / "w.sqlite")
        Zone.objects.create(code="A", name="甲园", name_en="Park A", kind="park")
        assert list(change_lines([CHANGE], lang)) == [line]
        connection.close()
