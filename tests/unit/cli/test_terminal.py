"""Tables fit the terminal without cutting a number or a word; noise is only counted."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from zonewright.cli import terminal
from zonewright.core.findings import Finding, Place

COLUMNS = [("片区", False), ("Pace [pp]", True), ("单位", False)]
ROWS = [
    ("江门大型产业集聚区", "+1,050.00", "10,000 m²"),
    ("Industrial cluster", "-3.10", "公顷"),
]


def printed(monkeypatch: pytest.MonkeyPatch, name: str, width: int) -> io.StringIO:
    """Return what goes to a console of a width from now on."""
    paper = io.StringIO()
    console = Console(file=paper, width=width, highlight=False)
    monkeypatch.setattr(terminal, name, lambda: console)
    return paper


def test_a_wide_terminal_gets_one_line_a_row_with_numbers_aligned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paper = printed(monkeypatch, "out", 80)
    terminal.print_table(COLUMNS, ROWS)
    assert paper.getvalue().splitlines() == [
        "片区                Pace [pp]  单位",
        "江门大型产业集聚区  +1,050.00  10,000 m²",
        "Industrial cluster      -3.10  公顷",
    ]


def test_a_narrow_terminal_gets_the_name_above_whole_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paper = printed(monkeypatch, "out", 30)
    terminal.print_table(COLUMNS, ROWS)
    assert paper.getvalue().splitlines() == [
        "片区",
        "      Pace [pp]  单位",
        "江门大型产业集聚区",
        "      +1,050.00  10,000 m²",
        "Industrial cluster",
        "          -3.10  公顷",
    ]


def test_files_imported_before_are_counted_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = printed(monkeypatch, "err", 80)
    known = [
        Finding("take-file-known", "info", ids=(name,), params={"when": "2023-11-01"})
        for name in ("a.xlsx", "b.xlsx")
    ]
    fault = Finding("zone-none", "error", place=Place("c.xlsx", "台账", 3, "F"))
    terminal.print_findings([*known, fault], lang="zh")
    first, second = paper.getvalue().splitlines()
    assert first.startswith("提示 2 个文件此前已导入")
    assert second.startswith("错误 c.xlsx [台账] F3: ")
