"""Several tables on one sheet, printed pages, and rows that are no records."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.unit.intake.books import coded, faults, table_of, write_book
from zonewright.core.findings import Place
from zonewright.intake.reading import read_file

LAND = ["地块编号", "片区", "镇村", "总面积（亩）", "征地完成日期"]
WORKS = ["项目编号", "项目名称", "项目类型", "片区", "总投资（万元）", "当月完成投资（万元）"]
MU = 2000 / 3


def test_two_tables_below_one_another_are_both_read(tmp_path: Path) -> None:
    rows = [
        ["2023年10月园区台账"],
        ["一、土地台账"],
        LAND,
        ["P-1", "JM-EP", "横陂", 10, "2023.4"],
        ["P-2", "JM-EP", "横陂", 12, "2023.4"],
        ["合计", None, None, 22],
        [],
        ["二、基础设施"],
        WORKS,
        ["W-1", "路", "道路", "JM-EP", 100, 10],
    ]
    read = read_file(write_book(tmp_path / "汇总.xlsx", {"汇总": rows}))
    assert faults(read) == []
    assert [row["code"] for row in table_of(read, "parcels").rows] == ["P-1", "P-2"]
    assert table_of(read, "works").numbers == (10,)
    (month,) = table_of(read, "work_months").rows
    assert (str(month["month"]), month["invested"]) == ("2023-10", 100_000)


def test_the_same_table_again_with_its_columns_in_another_order(tmp_path: Path) -> None:
    rows = [
        LAND,
        ["P-1", "JM-EP", "横陂", 10, "2023.4"],
        [],
        ["地块编号", "镇村", "片区", "征地完成日期", "总面积（亩）"],
        ["P-2", "横陂", "JM-EP", "2023.5", 12],
    ]
    read = read_file(write_book(tmp_path / "土地台账.xlsx", {"台账": rows}))
    assert faults(read) == []
    tables = [table for table in read.tables if table.table == "parcels"]
    (second,) = tables[1].rows
    assert (second["zone"], second["town"]) == ("JM-EP", "横陂")
    assert second["reported_area"] == pytest.approx(12 * MU)
    assert tables[1].place(0, "zone") == Place("土地台账.xlsx", "台账", 5, "C")
    assert tables[1].row_columns[0]["zone"] == "C"  # the file's columns are those of the first


def test_printed_pages_are_one_table_and_their_titles_no_records(tmp_path: Path) -> None:
    head = ["地块编号", "片区", "镇村", "总面积"]
    rows = [
        ["单位：亩"],
        head,
        ["P-1", "JM-EP", "横陂", 10],
        ["本页小计", None, None, 10],
        ["土地台账（续）"],
        ["单位：亩"],
        head,
        ["P-2", "JM-EP", "横陂", 12],
        ["（以下为新增地块）"],
        ["P-3", "JM-EP", "横陂", 5],
        ["P-4"],
        ["填报人：张三"],
    ]
    read = read_file(write_book(tmp_path / "台账.xlsx", {"台账": rows}))
    assert faults(read) == [("intake-required-empty", "B11")]
    codes = [row["code"] for row in table_of(read, "parcels").rows]
    assert codes == ["P-1", "P-2", "P-3", "P-4"]
    (aside,) = coded(read, "intake-rows-aside")
    assert aside.params["rows"] == "5 “土地台账（续）”、6 “单位：亩”、9 “（以下为新增地块）”"


def test_a_page_in_another_unit_is_read_in_it(tmp_path: Path) -> None:
    head = ["地块编号", "片区", "总面积"]
    rows = [["单位：亩"], head, ["P-1", "A", 10], ["单位：公顷"], head, ["P-2", "A", 10]]
    read = read_file(write_book(tmp_path / "台账.xlsx", {"台账": rows}))
    areas = [row["reported_area"] for table in read.tables for row in table.rows]
    assert areas == [pytest.approx(10 * MU), 100_000]


def test_a_record_whose_code_looks_like_a_remark_is_kept(tmp_path: Path) -> None:
    rows = [LAND, ["说明1", "A", "横陂", 7, "2023.4"], ["备注地块", "A", "横陂", 7, "2023.4"]]
    read = read_file(write_book(tmp_path / "台账.xlsx", {"台账": rows}))
    assert [row["code"] for row in table_of(read, "parcels").rows] == ["说明1", "备注地块"]


def test_hidden_rows_and_sheets_count_and_are_named(tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "台账.xlsx",
        {"台账": [LAND, ["P-1", "A", "横", 1], ["P-2", "A", "横", 1]], "旧": [LAND, ["P-3", "A"]]},
    )
    book = openpyxl.load_workbook(path)
    book["台账"].row_dimensions[3].hidden = True
    book["旧"].sheet_state = "hidden"
    book.save(path)
    read = read_file(path)
    assert faults(read) == [("intake-rows-hidden", "3"), ("intake-sheet-hidden", "")]
    assert sum(len(table.rows) for table in read.tables) == 3


def test_cells_merged_across_columns_are_named(tmp_path: Path) -> None:
    rows = [LAND, ["P-1", "A", "待调查", None, "2023.4"], ["P-2", "A", "横陂", 5]]
    read = read_file(write_book(tmp_path / "台账.xlsx", {"台账": rows}, merge={"台账": ["C2:D2"]}))
    assert faults(read) == [("intake-merged-across", "C2")]


def test_codes_that_differ_in_case_are_one_code(tmp_path: Path) -> None:
    rows = [LAND, ["P-1", "A", "横", 1], ["p-1", "A", "横", 2], ["P- 1", "A", "横", 1]]
    read = read_file(write_book(tmp_path / "台账.xlsx", {"台账": rows}))
    assert faults(read) == [("intake-key-repeated", "A3"), ("intake-key-repeated", "A4")]


def test_a_line_of_labels_above_the_captions_hides_nothing(tmp_path: Path) -> None:
    rows = [["单位", None, "日期", None, "联系人"], [], [], [], [], LAND, ["P-1", "A", "横", 1]]
    read = read_file(write_book(tmp_path / "台账.xlsx", {"台账": rows}))
    assert faults(read) == []
    assert table_of(read, "parcels").numbers == (7,)


def test_pages_that_repeat_the_captions_stay_one_table(tmp_path: Path) -> None:
    rows = [row for number in range(1, 5) for row in (LAND, [f"P-{number}", "A", "横", 1, None])]
    read = read_file(write_book(tmp_path / "台账.xlsx", {"台账": rows}))
    assert faults(read) == []
    assert table_of(read, "parcels").numbers == (2, 4, 6, 8)


def test_an_amount_beside_a_rate_is_that_of_the_caption_above(tmp_path: Path) -> None:
    rows = [
        ["基础设施月报（2023年10月）"],
        ["项目编号", "项目名称", "项目类型", "完成投资", None, None],
        [None, None, None, "当月", "年累", None],
        [None, None, None, None, "金额（万元）", "完成率"],
        ["W-1", "路", "道路", "5万元", 50, "50%"],
    ]
    merge = ["A2:A4", "B2:B4", "C2:C4", "D2:F2", "D3:D4", "E3:F3"]
    read = read_file(write_book(tmp_path / "月报.xlsx", {"月报": rows}, merge={"月报": merge}))
    assert faults(read) == []
    (row,) = table_of(read, "work_months").rows
    assert (row["invested"], row["invested_ytd"]) == (50_000, 500_000)


def test_what_stands_in_a_column_without_a_caption_is_named(tmp_path: Path) -> None:
    rows = [LAND, ["P-1", "A", "横", 1, None, "已核"], ["P-2", "A", "横", 1]]
    read = read_file(write_book(tmp_path / "台账.xlsx", {"台账": rows}))
    (finding,) = coded(read, "intake-column-unnamed")
    assert (finding.severity, finding.place.column) == ("info", "F")
