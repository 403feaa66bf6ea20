"""Files that are larger than they look, or broken on purpose: a finding, never a fault."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from zonewright.intake import limits
from zonewright.intake.reading import read_file


def codes(path: Path) -> list[str]:
    return [finding.code for finding in read_file(path).findings]


def workbook(path: Path, **cells: str) -> Path:
    book = Workbook()
    for place, text in cells.items():
        book.active[place] = text
    book.save(path)
    return path


def test_a_cell_far_away_is_refused_before_memory_is_filled(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", A1="片区", XFD1048576="x")
    (found,) = read_file(path).findings
    assert (found.code, found.severity) == ("intake-workbook-wide", "error")
    assert dict(found.params) == {"rows": 1_048_576, "columns": 16_384}


def test_far_cells_without_content_are_none(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "片区"
    book.active["XFD1048576"].number_format = "0%"
    book.save(tmp_path / "a.xlsx")
    assert "intake-workbook-wide" not in codes(tmp_path / "a.xlsx")


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "a.xlsx", A1="片区")
    monkeypatch.setattr(limits, "MAX_BYTES", 1_000)
    assert codes(path) == ["intake-workbook-large"]


@pytest.mark.parametrize("name", [".", "..", "../a.csv", "/a.csv", "..\\a.csv"])
def test_no_name_in_an_archive_leads_out_of_its_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "a,b\n1,2\n")
    assert codes(path) == ["intake-archive-unsafe"]


def test_a_damaged_member_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "a,b\n" * 1_000)
    content = bytearray(path.read_bytes())
    content[45] ^= 255
    path.write_bytes(content)
    assert codes(path) == ["intake-file-unreadable"]


def test_a_comment_full_of_cells_takes_no_time(tmp_path: Path) -> None:
    plain = workbook(tmp_path / "plain.xlsx", A1="片区", B2="=1+1")
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part.endswith("sheet1.xml"):
                comment = b"<!--" + b'<c t="e" ' * 40_000 + b"-->"
                content = content.replace(b"<sheetData>", comment + b"<sheetData>")
            new.writestr(part, content)
    begin = time.monotonic()
    codes(path)
    assert time.monotonic() - begin < 2.0
