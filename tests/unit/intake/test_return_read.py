"""Hostile and clumsy workbooks: each ends in precise findings or a clean reading, never a fault."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from openpyxl.workbook import Workbook

from tests.unit.intake.return_samples import (
    PERIOD,
    ZONE,
    blank_of,
    column_of,
    fill,
    filled,
    opened,
    read,
    saved,
    told,
    values,
    whole,
)
from zonewright.intake import return_guard
from zonewright.intake.grids import letter_of
from zonewright.intake.return_layout import FIRST_ROW, HEAD_ROW, KEYS_ROW, META, TITLE_ROW
from zonewright.intake.return_read import Asked, ReturnRead, read_return
from zonewright.steering.returns.kinds import ReturnKind, kind, kinds
from zonewright.steering.returns.rows import SheetRow

WORKS = kind("works")
SHEET = WORKS.sheets[0]
TAB = SHEET.zh
OLE = bytes.fromhex("D0CF11E0A1B11AE1")
TRUTH = {row.key: dict(row.values) for row in whole(WORKS)["works"]}


def changed(change: Callable[[Workbook], object], of: ReturnKind = WORKS) -> ReturnRead:
    book = opened(filled(of))
    change(book)
    return read(saved(book))


def put(name: str, value: object, row: int = FIRST_ROW) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        made = book[TAB]
        made.cell(row, column_of(made, name)).value = value

    return change


def cell_of(name: str, row: int = FIRST_ROW) -> str:
    made = opened(blank_of(WORKS))[TAB]
    return f"{letter_of(column_of(made, name) - 1)}{row}"


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


# ---- Files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.xlsx", b"", "intake-file-empty"),
        ("a.xlsx", b"hello", "intake-file-disguised"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "intake-file-disguised"),
        ("a.xlsx", b"PK\x03\x04 cut off", "intake-file-unreadable"),
        ("a.xls", OLE + bytes(600), "intake-file-unreadable"),
        ("a.xlsx", OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
         "intake-file-password"),
        ("a.pdf", b"%PDF-1.7", "intake-type-unknown"),
        ("../../a", b"x", "intake-type-unknown"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_refused(name: str, data: bytes, code: str) -> None:
    result = read(data, name)
    assert [finding.code for finding in result.findings] == [code]
    assert result.refused
    assert (result.rows, result.file.size) == ({}, len(data))


def test_a_workbook_under_another_suffix_is_read() -> None:
    result = read(filled(WORKS), "renamed.xls")
    assert told(result) == []
    assert values(result, "works") == TRUTH


def test_macros_are_not_run_and_are_told() -> None:
    parts = parts_of(filled(WORKS)) | {"xl/vbaProject.bin": OLE + bytes(100)}
    result = read(packed(parts), "a.xlsm")
    assert told(result) == [("info", "return-book-macros", "")]
    assert values(result, "works") == TRUTH


def bomb(data: bytes, size: int) -> bytes:
    return packed(parts_of(data) | {"xl/media/image1.bmp": bytes(size)})


def test_a_bomb_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(return_guard, "MAX_BYTES", 5_000_000)
    result = read(bomb(filled(WORKS), 6_000_000))
    assert [finding.code for finding in result.findings] == ["intake-workbook-large"]


def test_a_bomb_that_lies_about_its_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(return_guard, "MAX_BYTES", 5_000_000)
    data = bomb(filled(WORKS), 6_000_000)
    lying = data.replace((6_000_000).to_bytes(4, "little"), (60).to_bytes(4, "little"))
    assert lying != data
    with zipfile.ZipFile(io.BytesIO(lying)) as archive:
        assert archive.getinfo("xl/media/image1.bmp").file_size == 60
    result = read(lying)
    assert [finding.code for finding in result.findings] == ["intake-workbook-large"]


def test_an_archive_of_thousands_of_parts_is_refused() -> None:
    parts = {f"xl/{number}.xml": b"" for number in range(return_guard.MAX_PARTS + 1)}
    result = read(packed(parts))
    assert [finding.code for finding in result.findings] == ["intake-archive-large"]


def test_entities_that_multiply_are_not_unfolded() -> None:
    parts = parts_of(filled(WORKS))
    laughs = b"".join(
        b'<!ENTITY l%d "%s">' % (level, (b"&l%d;" % (level - 1)) * 10) for level in range(1, 12)
    )
    head = b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY l0 "ha">' + laughs + b"]>"
    parts["xl/sharedStrings.xml"] = head + b"<sst><si><t>&l11;</t></si></sst>"
    result = read(packed(parts))
    assert any(finding.severity == "error" for finding in result.findings)


def test_a_cell_at_the_end_of_the_world_is_refused() -> None:
    def change(book: Workbook) -> None:
        book[TAB]["XFD1048576"] = "x"

    assert told(changed(change)) == [("error", "intake-workbook-wide", "")]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_part_that_is_cut_off_is_a_finding(part: str) -> None:
    parts = parts_of(filled(WORKS))
    parts[part] = parts[part][: len(parts[part]) // 2]
    result = read(packed(parts))
    assert any(finding.severity == "error" for finding in result.findings)


# ---- Of which return it is --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked(zone="HS"), "return-book-zone-other"),
        (Asked(period="2023-09"), "return-book-period-other"),
        (Asked(kind="land"), "return-book-kind-other"),
    ],
)
def test_a_workbook_of_another_return_is_refused(asked: Asked, code: str) -> None:
    result = read_return("a.xlsx", filled(WORKS), kinds(), asked=asked)
    assert [finding.code for finding in result.findings] == [code]
    assert result.file.refused


def test_a_title_of_another_month_is_an_error() -> None:
    def change(book: Workbook) -> None:
        book[TAB].cell(TITLE_ROW, 2).value = "台山工业新城基础设施月报（2023年9月）"

    assert told(changed(change)) == [("error", "return-book-title-month", "1")]


def test_a_title_of_another_zone_is_told() -> None:
    def change(book: Workbook) -> None:
        book[TAB].cell(TITLE_ROW, 2).value = "鹤山园区基础设施月报（2023年10月）"

    assert told(changed(change)) == [("warning", "return-book-title-zone", "1")]


def test_codes_that_were_changed_behind_the_scenes_are_refused() -> None:
    def change(book: Workbook) -> None:
        for row in book[META].iter_rows():
            for cell in row:
                if cell.value == ZONE:
                    cell.value = "HS"

    result = changed(change)
    assert told(result) == [("error", "return-book-meta-changed", "")]
    assert result.refused


def test_a_sheet_without_its_workbook_is_refused() -> None:
    result = changed(lambda book: book.remove(book[META]))
    assert ("error", "return-book-meta-gone", "") in told(result)
    assert result.refused


def test_a_later_format_is_refused() -> None:
    def change(book: Workbook) -> None:
        book[META]["B1"] = "2"

    assert told(changed(change)) == [("error", "return-book-format", "")]


# ---- Sheets and columns -----------------------------------------------------------------------


def test_a_renamed_sheet_is_found_again() -> None:
    def change(book: Workbook) -> None:
        book[TAB].title = "我的表"

    result = changed(change)
    assert told(result) == []
    assert result.places["works"].name == "我的表"
    assert values(result, "works") == TRUTH


def test_a_missing_sheet_is_an_error_and_the_others_are_read() -> None:
    result = changed(lambda book: book.remove(book["合计"]))
    assert told(result) == [("error", "return-book-sheet-missing", "")]
    assert values(result, "works") == TRUTH


def test_a_copied_sheet_is_not_read_twice() -> None:
    def change(book: Workbook) -> None:
        book.copy_worksheet(book[TAB]).title = "副本"

    result = changed(change)
    assert told(result) == [("error", "return-book-sheet-twice", "")]
    assert values(result, "works") == TRUTH


def test_other_sheets_are_told_hidden_ones_louder() -> None:
    def change(book: Workbook) -> None:
        book.create_sheet("草稿")["A1"] = "x"
        book.create_sheet("底稿")["A1"] = "x"
        book["底稿"].sheet_state = "hidden"

    assert told(changed(change)) == [
        ("info", "return-book-sheet-extra", ""),
        ("warning", "return-book-sheet-hidden", ""),
    ]


def test_a_hidden_sheet_of_the_return_is_read_and_told() -> None:
    def change(book: Workbook) -> None:
        book[TAB].sheet_state = "hidden"

    result = changed(change)
    assert told(result) == [("warning", "intake-sheet-hidden", "")]
    assert values(result, "works") == TRUTH


def moved_columns(book: Workbook, first: int) -> None:
    made = book[TAB]
    width = made.max_column
    for row in made.iter_rows(min_row=first, min_col=2, max_col=width):
        cells = [(cell.value, cell.number_format) for cell in row][::-1]
        for cell, (value, form) in zip(row, cells, strict=True):
            cell.value, cell.number_format = value, form


def test_columns_moved_with_their_signs_are_read_without_a_word() -> None:
    result = changed(lambda book: moved_columns(book, KEYS_ROW))
    assert told(result) == []
    assert values(result, "works") == TRUTH


def test_columns_moved_without_their_signs_are_read_by_their_captions_and_told() -> None:
    result = changed(lambda book: moved_columns(book, HEAD_ROW))
    assert {code for _, code, _ in told(result)} == {"return-book-column-moved"}
    assert values(result, "works") == TRUTH


def test_captions_that_contradict_the_signs_are_not_guessed_at() -> None:
    def change(book: Workbook) -> None:
        made = book[TAB]
        one, two = column_of(made, "invested"), column_of(made, "invested_ytd")
        first, second = made.cell(HEAD_ROW, one), made.cell(HEAD_ROW, two)
        first.value, second.value = second.value, first.value

    result = changed(change)
    conflicts = [cell for _, code, cell in told(result) if code == "return-book-caption-conflict"]
    assert conflicts == [cell_of("invested", 6), cell_of("invested_ytd", 6)]
    assert "invested" not in values(result, "works")["C-001"]
    assert values(result, "works")["C-001"]["physical_pct"] == TRUTH["C-001"]["physical_pct"]


def test_a_caption_in_another_unit_is_an_error_and_its_figures_are_not_read() -> None:
    def change(book: Workbook) -> None:
        made = book["土地台账"]
        cell = made.cell(HEAD_ROW, column_of(made, "reported_area"))
        cell.value = "总面积（公顷）"

    result = changed(change, kind("land"))
    (unit, *_) = [f for f in result.findings if f.code == "return-book-caption-unit"]
    assert dict(unit.params) == {"caption": "总面积（公顷） / Reported area [mu]", "unit": "ha",
                                 "wanted": "亩"}  # fmt: skip
    assert all("reported_area" not in row for row in values(result, "parcels").values())


def test_a_column_more_is_told_and_a_column_less_is_an_error() -> None:
    def more(book: Workbook) -> None:
        book[TAB].insert_cols(4)
        book[TAB].cell(FIRST_ROW, 4).value = "备注"

    assert told(changed(more)) == [("warning", "return-book-column-added", "D6")]

    def less(book: Workbook) -> None:
        book[TAB].delete_cols(column_of(book[TAB], "invested"))

    assert told(changed(less)) == [("error", "return-book-column-missing", "6")]


# ---- Rows -------------------------------------------------------------------------------------


def test_a_changed_code_is_an_error_at_its_cell() -> None:
    result = changed(put("code", "C-9"))
    assert told(result) == [("error", "return-book-code-changed", cell_of("code"))]
    assert result.findings[0].ids == ("C-001",)
    assert values(result, "works") == TRUTH


def test_another_locked_cell_keeps_its_value_and_the_change_is_told() -> None:
    result = changed(put("name", "改了名"))
    assert told(result) == [("warning", "return-book-given-changed", cell_of("name"))]
    assert values(result, "works") == TRUTH


def test_missing_added_and_repeated_rows_are_errors() -> None:
    def change(book: Workbook) -> None:
        made = book[TAB]
        made.delete_rows(FIRST_ROW + 1)
        made.cell(FIRST_ROW + 3, column_of(made, "code")).value = "C-777"
        made.cell(FIRST_ROW + 3, column_of(made, "invested")).value = 5
        for column in range(1, made.max_column + 1):
            source = made.cell(FIRST_ROW, column).value
            made.cell(FIRST_ROW + 4, column).value = source
        made.cell(FIRST_ROW + 4, column_of(made, "invested")).value = 6

    result = changed(change)
    assert sorted(code for severity, code, _ in told(result) if severity == "error") == [
        "intake-key-repeated", "intake-key-repeated", "return-book-row-added",
        "return-book-row-missing",
    ]  # fmt: skip
    assert set(values(result, "works")) == {"C-001", "C-003", "C-004"}


def test_rows_in_another_order_are_read_for_their_codes() -> None:
    def change(book: Workbook) -> None:
        made = book[TAB]
        last = FIRST_ROW + 3
        lines = [[cell.value for cell in row] for row in made.iter_rows(FIRST_ROW, last, min_col=2)]
        for row, line in enumerate(reversed(lines), FIRST_ROW):
            for column, value in enumerate(line, 2):
                made.cell(row, column).value = value

    result = changed(change)
    assert told(result) == [("info", "return-book-rows-moved", "")]
    assert values(result, "works") == TRUTH


def test_subtotals_headings_and_remarks_are_skipped_and_told() -> None:
    def change(book: Workbook) -> None:
        made = book[TAB]
        made.insert_rows(FIRST_ROW + 2)
        made.cell(FIRST_ROW + 2, column_of(made, "name")).value = "小计"
        end = made.max_row + 1
        made.cell(end, 2).value = "合计"
        made.cell(end + 1, 2).value = "填报人：张三　审核人：李四"

    result = changed(change)
    assert [(code, cell) for _, code, cell in told(result)] == [
        ("return-book-total-skipped", cell_of("name", 9)),
        ("return-book-total-skipped", "B12"),
        ("return-book-row-skipped", "B13"),
    ]
    assert values(result, "works") == TRUTH


def with_total(label: str, stated: object, row: int = FIRST_ROW + 4) -> ReturnRead:
    def change(book: Workbook) -> None:
        made = book[TAB]
        made.insert_rows(row)
        made.cell(row, column_of(made, "name")).value = label
        made.cell(row, column_of(made, "invested")).value = stated

    return changed(change)


# The works invested 246.9, 370.35, 493.8 and 617.25 万元: 1,728.3 in all, 617.25 above row 9.
@pytest.mark.parametrize(
    ("label", "stated", "row"),
    [
        ("合计", 1_728.3, 11),
        ("合计", 1_728, 11),  # rounded to whole 万元
        ("合计", "1,728.3万元", 7),
        ("小计", 617.25, 9),
        ("小计", 1_111.05, 9),  # of the rows that follow it
        ("合计", None, 11),
    ],
)
def test_a_total_that_agrees_is_only_skipped(label: str, stated: object, row: int) -> None:
    result = with_total(label, stated, row)
    assert [code for _, code, _ in told(result)] == ["return-book-total-skipped"]
    assert values(result, "works") == TRUTH


@pytest.mark.parametrize(
    ("label", "stated", "row", "found"),
    [("合计", 1_727, 11, "1,728.3万元"), ("小计", 617.4, 9, "617.25万元")],
)
def test_a_total_that_differs_from_its_rows_is_told_at_its_cell(
    label: str, stated: float, row: int, found: str
) -> None:
    result = with_total(label, stated, row)
    assert told(result)[1:] == [("warning", "intake-total-differs", cell_of("invested", row))]
    assert result.findings[1].params["found"] == found
    assert values(result, "works") == TRUTH


def test_a_total_of_free_rows_is_compared_too() -> None:
    def change(book: Workbook) -> None:
        made = book["招商线索"]
        made.cell(11, column_of(made, "lead")).value = "合计"
        made.cell(11, column_of(made, "investment")).value = 1

    result = changed(change, kind("leads"))
    assert [code for _, code, _ in told(result)] == [
        "return-book-total-skipped", "intake-total-differs",
    ]  # fmt: skip


def test_a_hidden_column_is_read_and_told() -> None:
    letter = cell_of("invested").rstrip("0123456789")

    def change(book: Workbook) -> None:
        book[TAB].column_dimensions[letter].hidden = True

    result = changed(change)
    assert told(result) == [("warning", "return-book-column-hidden", letter)]
    assert values(result, "works") == TRUTH


def test_hidden_rows_are_read_and_told() -> None:
    def change(book: Workbook) -> None:
        book[TAB].row_dimensions[8].hidden = True

    assert told(changed(change)) == [("warning", "intake-rows-hidden", "8")]


def test_two_free_rows_alike_are_told() -> None:
    def change(book: Workbook) -> None:
        made = book["招商线索"]
        for column in range(2, made.max_column + 1):
            made.cell(FIRST_ROW + 1, column).value = made.cell(FIRST_ROW, column).value

    result = changed(change, kind("leads"))
    assert told(result) == [("warning", "return-book-row-twice", "8")]


# ---- Cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "wan", "finding"),
    [
        (1234.5, "1234.5", None),
        ("1234.5", "1234.5", "return-book-text-number"),
        ("1,234.5", "1234.5", "return-book-text-number"),
        ("１，２３４．５", "1234.5", "return-book-text-number"),
        (" 1234.5 ", "1234.5", "return-book-text-number"),
        ("1234.5万元", "1234.5", "return-book-text-number"),
        ("0.12345亿元", "1234.5", "return-book-converted"),
        ("12345000元", "1234.5", "return-book-converted"),
        ("超1234.5", "1234.5", "return-book-bound"),
        ("-", None, "return-book-read-empty"),
        ("1234.5亩", None, "intake-unit-wrong"),
        ("12,34", None, "intake-number-text"),
        ("1.234,5", None, "intake-number-text"),
        ("完成一半", None, "intake-number-text"),
        ("300—500", None, "intake-number-range"),
        (True, None, "intake-number-text"),
        ("#REF!", None, "intake-excel-error"),
        ("=SUM(A1:A2)", None, "intake-formula-unread"),
    ],
)
def test_a_number_is_read_exactly_or_the_cell_is_named(
    typed: object, wan: str | None, finding: str | None
) -> None:
    result = changed(put("invested", typed))
    assert [(code, cell) for _, code, cell in told(result)] == (
        [(finding, cell_of("invested"))] if finding else []
    )
    value = values(result, "works")["C-001"].get("invested")
    assert value == (None if wan is None else Decimal(wan) * 10_000)


@pytest.mark.parametrize(
    ("name", "typed", "zh", "en"),
    [
        ("physical_pct", 0.85, "如指 85%，请填 85；", "if 85 % is meant, write 85."),
        ("invested", "598", "是文本，不是数值；已按数值 598 读取", "is text, not a number"),
        ("invested", "约229", "按“约229”（概数）读取", "read as “about 229”"),
        ("invested", "超229", "请只填 229", "read as “at least 229”"),
        ("physical_pct", 120, "“形象进度%”", "“Physical progress”"),
    ],
)
def test_how_a_cell_was_read_is_told_with_what_it_holds(
    name: str, typed: object, zh: str, en: str
) -> None:
    (found,) = changed(put(name, typed)).findings
    assert zh in found.text("zh")
    assert en in found.text("en")


def test_mu_and_hectares_in_one_column_are_converted_and_told() -> None:
    def change(book: Workbook) -> None:
        made = book["土地台账"]
        column = column_of(made, "reported_area")
        made.cell(FIRST_ROW, column).value = "4公顷"
        made.cell(FIRST_ROW + 1, column).value = "30亩"

    result = changed(change, kind("land"))
    areas = [row["reported_area"] for row in values(result, "parcels").values()]
    assert areas[:2] == [40_000.0, 20_000.0]
    assert [(severity, code) for severity, code, _ in told(result)] == [
        ("warning", "return-book-converted"), ("info", "return-book-text-number"),
    ]  # fmt: skip
    assert result.findings[0].params["value"] == 60


def test_a_formula_counts_by_its_result_and_an_error_is_named() -> None:
    book = opened(filled(WORKS))
    put("invested", "=1+1")(book)
    put("invested_ytd", "=1/0")(book)
    parts = parts_of(saved(book))
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    sheet = sheet.replace("<f>1+1</f><v/>", "<f>1+1</f><v>2</v>").replace(
        "<f>1+1</f><v></v>", "<f>1+1</f><v>2</v>"
    )
    sheet = re.sub(
        r'(<c r="[A-Z]+7"[^>]*)><f>1/0</f><v ?/?>(</v>)?',
        r'\1 t="e"><f>1/0</f><v>#DIV/0!</v>',
        sheet,
    )
    assert "#DIV/0!" in sheet
    assert "<v>2</v>" in sheet
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    result = read(packed(parts))
    assert told(result) == [("error", "intake-excel-error", cell_of("invested_ytd"))]
    assert values(result, "works")["C-001"]["invested"] == 20_000


def test_a_merged_cell_is_an_error_at_each_cell_that_it_covers() -> None:
    def change(book: Workbook) -> None:
        made = book[TAB]
        column = column_of(made, "invested")
        made.merge_cells(
            start_row=FIRST_ROW, end_row=FIRST_ROW + 1, start_column=column, end_column=column
        )

    result = changed(change)
    assert told(result) == [("error", "return-book-merged", cell_of("invested", FIRST_ROW + 1))]
    assert values(result, "works")["C-002"].get("invested") is None


def test_a_share_formatted_as_percent_is_read_as_it_is_shown() -> None:
    def change(book: Workbook) -> None:
        made = book[TAB]
        cell = made.cell(FIRST_ROW, column_of(made, "physical_pct"))
        cell.value, cell.number_format = 0.8624, "0.00%"

    result = changed(change)
    assert told(result) == []
    assert values(result, "works")["C-001"]["physical_pct"] == Decimal("86.24")


def test_a_choice_that_is_none_names_those_there_are() -> None:
    result = changed(put("status", "续建中"))
    assert told(result) == [("error", "intake-choice-unknown-near", cell_of("status"))]
    assert "续建" in result.findings[0].text("zh")


def test_a_place_leads_to_the_cell() -> None:
    result = changed(lambda book: None)
    place = result.places["works"]
    row = next(row for row in result.rows["works"] if row.key == "C-003")
    made = opened(filled(WORKS))[place.name]
    assert made[f"{place.columns['invested']}{row.row}"].value == pytest.approx(493.8)


def test_fifty_thousand_rows_more_are_told_and_not_read() -> None:
    book = opened(filled(WORKS))
    made = book[TAB]
    code, invested = column_of(made, "code"), column_of(made, "invested")
    for row in range(20, 50_020):
        made.cell(row, code).value = f"X-{row}"
        made.cell(row, invested).value = row
    result = read(saved(book))
    assert values(result, "works") == TRUTH
    added = [f for f in result.findings if f.code == "return-book-row-added"]
    assert len(added) == 200
    (more,) = [f for f in result.findings if f.code == "intake-more"]
    assert more.params["count"] == 49_800


# ---- The office's own workbook ----------------------------------------------------------------


def own_book(rows: list[list[object]], name: str = "Sheet1", merge: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    made = book.active
    assert made is not None
    made.title = name
    for row in rows:
        made.append(row)
    for cells in merge:
        made.merge_cells(cells)
    return saved(book)


def test_an_own_workbook_of_works_is_read_by_its_captions() -> None:
    data = own_book(
        [
            ["台山工业新城基础设施项目月报（2023年10月）"],
            ["单位：万元"],
            ["项目编号", "项目名称", "项目类型", "总投资", "完成投资", None, "形象进度%", "说明"],
            [None, None, None, None, "当月", "年累", None, None],
            ["C-001", "一号路", "道路", 5_000, "1,200", 3_000, 60, "按期"],
            ["C-002", "二号路", "道路", "0.6亿元", 100, 800, 25, None],
            ["合计", None, None, 11_000, 1_300, 3_800, None, None],
        ],
        merge=("A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:F3", "G3:G4", "H3:H4"),
    )
    result = read_return("月报.xlsx", data, kinds(), zones={ZONE: "台山工业新城", "HS": "鹤山园区"})
    assert (result.kind, result.zone, result.period) == ("works", ZONE, PERIOD)
    assert not result.template
    assert [finding.code for finding in result.findings if finding.severity == "error"] == []
    found = values(result, "works")
    assert found["C-001"]["invested"] == 12_000_000
    assert found["C-002"]["invested_ytd"] == 8_000_000
    assert found["C-001"]["remark"] == "按期"
    assert result.places["works"].columns["invested"] == "E"
    assert ("info", "return-book-text-number", "E5") in told(result)


def test_an_own_workbook_of_a_return_alone_is_read_in_its_own_units() -> None:
    data = own_book(
        [
            ["连片地块表（2023年10月）"],
            ["块号", "构成地块", "面积（公顷）", "最大矩形（亩）", "阻点", "成熟日期"],
            ["K-1", "P-1、P-2", 40, 300, None, "2023.12"],
            ["合计", None, 40, None, None, None],
        ]
    )
    result = read_return("连片.xlsx", data, kinds(), asked=Asked("blocks", ZONE, PERIOD))
    assert [finding.code for finding in result.findings if finding.severity == "error"] == []
    (row,) = values(result, "blocks").values()
    assert (row["area"], row["largest_rectangle"]) == (400_000.0, 200_000.0)


def test_an_own_workbook_without_units_is_an_error() -> None:
    data = own_book([["连片地块表"], ["块号", "构成地块", "面积"], ["K-1", "P-1", 40]])
    result = read_return("连片.xlsx", data, kinds(), asked=Asked("blocks", ZONE, PERIOD))
    assert ("error", "return-book-unit-unsaid", "C2") in told(result)


def test_an_own_workbook_is_set_against_the_zones_records() -> None:
    data = own_book(
        [
            ["基础设施月报（2023年10月）"],
            ["项目编号", "当月完成投资（万元）", "年累完成投资（万元）"],
            ["C-001", 100, 800],
            ["C-999", 100, 800],
        ]
    )
    asked = Asked("works", ZONE, PERIOD)
    known = {"works": [replace(row, values={"name": "路"}) for row in whole(WORKS)["works"][:2]]}
    result = read_return("月报.xlsx", data, kinds(), asked=asked, given=known)
    errors = [(code, cell) for severity, code, cell in told(result) if severity == "error"]
    assert errors == [("return-book-row-added", "A4"), ("return-book-row-missing", "")]
    assert values(result, "works")["C-001"]["name"] == "路"


def test_new_projects_go_to_their_own_sheet_and_other_zones_stay_out() -> None:
    data = own_book(
        [
            ["台山工业新城产业项目台账（2023年10月）"],
            ["项目编号", "项目名称", "片区", "项目类别", "总投资（万元）", "实际签约"],
            ["V-1", "老项目", "台山工业新城", "重大产业", 5_000, "2023-03-01"],
            ["V-2", "新项目", "台山工业新城", "重大产业", 6_000, "2023-10-09"],
            ["V-3", "邻区项目", "鹤山园区", "重大产业", 7_000, "2023-10-09"],
        ]
    )
    known = {"ventures": [SheetRow(0, "V-1", {"code": "V-1", "name": "老项目"})]}
    result = read_return(
        "产业.xlsx",
        data,
        kinds(),
        asked=Asked("ventures", ZONE, PERIOD),
        zones={ZONE: "台山工业新城", "HS": "鹤山园区"},
        given=known,
    )
    assert [finding.code for finding in result.findings if finding.severity == "error"] == []
    assert set(values(result, "ventures")) == {"V-1"}
    assert [row["code"] for row in values(result, "new").values()] == ["V-2"]
    assert ("info", "return-book-other-zones", "5") in told(result)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["会议纪要"], ["内容"], ["…"]], "return-book-kind-unsaid"),
        ([["连片地块表（2023年10月）"], ["块号", "构成地块", "面积（亩）"]], "return-book-nothing"),
    ],
)
def test_an_own_workbook_of_nothing_is_refused(rows: list[list[object]], code: str) -> None:
    result = read(own_book(rows))
    assert [finding.code for finding in result.findings if finding.severity == "error"] == [code]
    assert result.refused


def test_what_an_own_workbook_does_not_say_is_asked_for() -> None:
    data = own_book([["连片地块表"], ["块号", "构成地块", "面积（亩）"], ["K-1", "P-1", 40]])
    result = read(data)
    assert [finding.code for finding in result.findings] == [
        "return-book-zone-unsaid", "return-book-period-unsaid",
    ]  # fmt: skip


def test_values_are_typed_as_records_are() -> None:
    book = opened(blank_of(WORKS))
    fill(book, WORKS, whole(WORKS))
    row = values(read(saved(book)), "works")["C-002"]
    assert isinstance(row["invested"], Decimal)
    assert row["invested_unit"] == "万元"
