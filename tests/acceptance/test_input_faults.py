"""A fault in a file is named with its place, and nothing is written."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.acceptance.conftest import contents, zonewright

Spoil = Callable[[Worksheet, int, int], None]


def find(sheet: Worksheet, heading: str) -> tuple[int, int]:
    """Return the first data row and the column under a heading."""
    for row in sheet.iter_rows(min_row=1, max_row=12):
        for cell in row:
            text = str(cell.value or "").replace("\n", "").replace(" ", "")
            if text.startswith(heading):
                column = cell.column
                for below in range(cell.row + 1, cell.row + 12):
                    value = sheet.cell(below, column).value
                    # Neither a second heading row nor an empty cell.
                    if isinstance(value, int | float) or str(value or "").startswith("JM"):
                        return below, column
                    if value and any(sign.isdigit() for sign in str(value)):
                        return below, column
    raise AssertionError(heading)


CASES: dict[str, tuple[str, str, object]] = {
    "text in a number": ("土地台账_*.xlsx", "总面积", "不详待核"),
    "a wrong unit": ("土地台账_*.xlsx", "总面积", "12.5万元"),
    "an unknown zone": ("用地指标台账.xlsx", "片区编号", "JM-无此片区"),
    "a missing zone": ("产业项目台账.xlsx", "片区编号", None),
    "an impossible date": ("标准厂房表.xlsx", "实际完工", "2023.13.45"),
    "text in money": ("资金台账.xlsx", "金额", "若干"),
}


@pytest.mark.parametrize("case", CASES)
def test_one_spoilt_cell_refuses_the_import(
    case: str, demo: Path, workspace: Path, tmp_path: Path
) -> None:
    pattern, heading, value = CASES[case]
    source = sorted((demo / "files").glob(pattern))[0]
    book = openpyxl.load_workbook(source)
    sheet = book.worksheets[0]
    row, column = find(sheet, heading)
    sheet.cell(row, column).value = value
    spoilt = tmp_path / source.name
    book.save(spoilt)
    before = contents(workspace)

    answer = zonewright("import", workspace, spoilt, "--json")

    assert answer.code == 1, answer.err
    assert contents(workspace) == before
    faults = [item for item in answer.json["findings"] if item["severity"] == "error"]
    letter = openpyxl.utils.get_column_letter(column)
    places = [(item["file"], item["sheet"], item["row"], item["column"]) for item in faults]
    assert (spoilt.name, sheet.title, row, letter) in places, (places[:5], row, letter)
    assert all(len(item["text"]) > 10 for item in faults)


def test_importing_again_changes_nothing(demo: Path, workspace: Path) -> None:
    before = contents(workspace)
    answer = zonewright("import", workspace, demo / "files", "--json")
    assert answer.code == 0, answer.err
    assert contents(workspace) == before


def test_the_same_rows_in_another_file_change_no_record(
    demo: Path, workspace: Path, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(demo / "files" / "用地指标台账.xlsx")
    book.properties.title = "saved again"
    again = tmp_path / "用地指标台账.xlsx"
    book.save(again)
    answer = zonewright("import", workspace, again, "--json")
    assert answer.code == 0, answer.err
    counts: dict[str, dict[str, int]] = answer.json["counts"]
    assert all(count["created"] == count["updated"] == 0 for count in counts.values()), counts


def test_a_killed_import_leaves_the_workspace_as_it_was(demo: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.sqlite"
    assert zonewright("init", target).code == 0
    before = contents(target)
    env = {key: value for key, value in os.environ.items() if key != "ZONEWRIGHT_DATABASE_URL"}
    running = subprocess.Popen(
        [sys.executable, "-m", "zonewright", "import", str(target), str(demo / "files")],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    log = target.with_name("new.sqlite-wal")
    deadline = time.monotonic() + 180
    # Writing has begun when the write-ahead log grows: kill it in the middle.
    while not (log.exists() and log.stat().st_size > 2_000_000):
        assert running.poll() is None, "the import ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert contents(target) == before
    answer = zonewright("doctor", target)
    assert answer.code == 0, answer.err


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for position in range(4096 * 3, len(data), 4096 * 2):
        data[position : position + 2048] = b"\xff" * 2048
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "geopackage", "corrupt", "newer"])
def test_what_is_no_workspace_is_refused_and_left_alone(
    kind: str, demo: Path, workspace: Path, tmp_path: Path
) -> None:
    import sqlite3

    target = tmp_path / "other.sqlite"
    if kind == "empty":
        target.touch()
    elif kind == "text":
        target.write_text("片区,面积\n", encoding="utf-8")
    elif kind == "geopackage":
        shutil.copy(demo / "files" / "园区图层.gpkg", target)
    elif kind == "corrupt":
        shutil.copy(workspace, target)
        damaged(target)
    elif kind == "newer":
        shutil.copy(workspace, target)
        with sqlite3.connect(target) as database:
            database.execute(
                "INSERT INTO django_migrations (app, name, applied)"
                " VALUES ('store', '9999_future', '2030-01-01 00:00:00')"
            )
        database.close()
    before: Any = target.read_bytes() if target.exists() else None

    answer = zonewright("figures", target)

    assert answer.code == 2, (answer.out[-500:], answer.err[-2000:])
    assert "Traceback" not in answer.err
    assert str(target.name) in answer.err.replace("\n", "")
    assert (target.read_bytes() if target.exists() else None) == before
    assert {path.name for path in tmp_path.iterdir()} <= {"copy.sqlite", "other.sqlite"}
