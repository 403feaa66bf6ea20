"""The user's own workbook comes back with what is wrong marked, and nothing else changed."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl.comments import Comment
from openpyxl.workbook import Workbook

from tests.unit.intake.return_samples import (
    column_of,
    filled,
    opened,
    read,
    saved,
    tab,
    told,
)
from zonewright.core.findings import Finding, Place
from zonewright.intake.grids import letter_of
from zonewright.intake.return_layout import FIRST_ROW
from zonewright.intake.return_marks import marked
from zonewright.steering.returns.kinds import kind

WORKS = kind("works")
TAB = WORKS.sheets[0].zh
OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def faulty() -> bytes:
    book = opened(filled(WORKS))
    made = book[TAB]
    made.cell(FIRST_ROW, column_of(made, "invested")).value = "完成一半"
    made.cell(FIRST_ROW + 1, column_of(made, "invested")).value = "1,200"
    made.cell(FIRST_ROW + 2, column_of(made, "name")).value = "改了名"
    made.cell(FIRST_ROW + 3, column_of(made, "invested")).value = "=1+1"
    made.cell(FIRST_ROW, column_of(made, "issue")).value = "=危险"
    made.cell(FIRST_ROW, column_of(made, "issue")).data_type = "s"
    return saved(book)


def cells(book: Workbook) -> dict[str, dict[str, object]]:
    return {
        made.title: {
            cell.coordinate: (cell.value, cell.data_type, cell.number_format)
            for row in made.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for made in book.worksheets
    }


@pytest.mark.parametrize(("lang", "name"), [("zh", "检查结果"), ("en", "Findings")])
def test_cells_are_filled_commented_and_listed_and_keep_what_they_say(lang: str, name: str) -> None:
    data = faulty()
    result = read(data)
    back = opened(marked(data, result.findings, lang, name="报表.xlsx"))
    before, after = cells(opened(data)), cells(back)
    assert after.pop(name)
    assert after == before
    made = back[TAB]
    cell = made.cell(FIRST_ROW, column_of(made, "invested"))
    (finding,) = [f for f in result.findings if f.code == "intake-number-text"]
    assert cell.fill.fgColor.rgb == "FFF8C9C4"
    assert cell.comment is not None
    assert finding.text(lang) in cell.comment.text
    assert cell.comment.author == "Zonewright"
    warned = made.cell(FIRST_ROW + 2, column_of(made, "name"))
    assert warned.fill.fgColor.rgb == "FFFDEBB0"
    assert made.cell(FIRST_ROW + 1, column_of(made, "physical_pct")).comment is None


def test_the_list_leads_to_the_cells_worst_first() -> None:
    data = faulty()
    result = read(data)
    book = opened(marked(data, result.findings, "zh", name="报表.xlsx"))
    made = book["检查结果"]
    assert book.active is made
    severities = [made.cell(row, 3).value for row in range(4, made.max_row + 1)]
    assert severities == sorted(severities, key=["错误", "提醒", "说明"].index)
    assert len(severities) == len(result.findings)
    link = made["D4"].hyperlink
    assert link is not None
    letter = letter_of(column_of(book[TAB], "invested") - 1)
    assert link.location == f"'{TAB}'!{letter}{FIRST_ROW}"
    assert made["E4"].value == "完成一半"


def test_a_marked_workbook_is_read_like_the_one_it_was() -> None:
    data = faulty()
    result = read(data)
    again = read(marked(data, result.findings, "zh"))
    assert told(again) == told(result)
    assert again.rows == result.rows


def test_marking_again_takes_the_old_marks_away() -> None:
    data = faulty()
    once = opened(marked(data, read(data).findings, "zh"))
    made = once[TAB]
    made.cell(FIRST_ROW, column_of(made, "invested")).value = 12
    corrected = saved(once)
    back = opened(marked(corrected, (), "zh"))
    assert back.sheetnames.count("检查结果") == 1
    cell = back[TAB].cell(FIRST_ROW, column_of(back[TAB], "invested"))
    assert cell.comment is None
    assert cell.fill.fill_type is None
    assert "未发现问题" in str(back["检查结果"]["B1"].value)


def test_a_users_own_comment_and_sheet_are_kept() -> None:
    book = opened(faulty())
    made = book[TAB]
    cell = made.cell(FIRST_ROW, column_of(made, "invested"))
    cell.comment = Comment("问过张三", "李四")
    book.create_sheet("检查结果")["A1"] = "自己的"
    data = saved(book)
    back = opened(marked(data, read(data).findings, "zh"))
    kept = back[TAB].cell(FIRST_ROW, column_of(back[TAB], "invested")).comment
    assert kept is not None
    assert "问过张三" in kept.text
    assert "不是数字" in kept.text
    assert back["检查结果"]["A1"].value == "自己的"
    assert "检查结果 2" in back.sheetnames


def test_macros_stay_in_the_workbook() -> None:
    with zipfile.ZipFile(io.BytesIO(faulty())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>", b'<Override PartName="/xl/vbaProject.bin" '
        b'ContentType="application/vnd.ms-office.vbaProject"/></Types>',
    )  # fmt: skip
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in {**parts, "xl/vbaProject.bin": OLE + b"code"}.items():
            archive.writestr(name, content)
    back = marked(stream.getvalue(), read(stream.getvalue(), "a.xlsm").findings, "zh")
    with zipfile.ZipFile(io.BytesIO(back)) as archive:
        assert archive.read("xl/vbaProject.bin") == OLE + b"code"


@pytest.mark.parametrize("data", [b"", b"hello", OLE + bytes(600), b"PK\x03\x04 cut off"])
def test_what_cannot_be_opened_comes_back_as_its_list(data: bytes) -> None:
    result = read(data)
    book = opened(marked(data, result.findings, "zh", name="报表.xlsx"))
    assert book.sheetnames == ["检查结果"]
    assert book["检查结果"]["F4"].value == result.findings[0].text("zh")
    assert "副本" in str(book["检查结果"]["B2"].value)


def test_findings_without_a_cell_are_only_listed() -> None:
    data = faulty()
    findings = [
        Finding("return-book-macros", "info", place=Place("a.xlsx")),
        Finding("return-book-sheet-extra", "info", place=Place("a.xlsx", "没有这张表", 3, "B")),
        Finding("return-book-row-skipped", "info", place=Place("a.xlsx", TAB, 2_000_000, "B")),
        Finding("return-book-row-skipped", "info", place=Place("a.xlsx", TAB, 9, "ZZZZZ")),
    ]
    book = opened(marked(data, findings, "zh"))
    assert [book["检查结果"].cell(row, 2).value for row in range(4, 8)] == [1, 2, 3, 4]
    assert cells(book)[TAB] == cells(opened(data))[TAB]


def test_ten_thousand_findings_are_cut_off_with_a_word() -> None:
    findings = [
        Finding("return-book-row-skipped", "info", place=Place("a.xlsx", TAB, row, "B"))
        for row in range(10, 10_010)
    ]
    book = opened(marked(faulty(), findings, "zh"))
    made = book["检查结果"]
    assert made.max_row == 3_004
    assert "7000" in str(made.cell(3_004, 2).value)


def test_a_merged_cell_is_marked_at_its_first() -> None:
    book = opened(filled(WORKS))
    made = tab(book, WORKS.sheets[0])
    column = column_of(made, "invested")
    made.merge_cells(start_row=7, end_row=8, start_column=column, end_column=column)
    data = saved(book)
    back = opened(marked(data, read(data).findings, "zh"))[TAB]
    assert back.cell(7, column).comment is not None
