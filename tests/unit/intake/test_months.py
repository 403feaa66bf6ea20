from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.intake.books import coded, faults, table_of, write_book
from zonewright.core.periods import Period
from zonewright.core.records import FileRead
from zonewright.intake.reading import read_file, read_files

WAN = 10_000


def works(folder: Path, month: int, rows: list[list[object]], *, both: bool = True) -> Path:
    head = ["项目编号", "项目名称", "项目类型", "完成投资（万元）", "完成投资（万元）"]
    sub = [None, None, None, "当月", "年累"]
    if not both:
        head, sub = [*head[:3], head[4]], [*sub[:3], sub[4]]
    letters = "ABC"
    merge = [*(f"{letter}2:{letter}3" for letter in letters), *(["D2:E2"] if both else [])]
    title = [f"基础设施月报（2023年{month}月）"]
    return write_book(
        folder / f"月报{month:02d}.xlsx", {"月报": [title, head, sub, *rows]}, merge={"月报": merge}
    )


def invested(reads: tuple[FileRead, ...]) -> dict[tuple[object, int], object]:
    return {
        (row["work"], row["month"].last_month): row.get("invested")  # type: ignore[attr-defined]
        for read in reads
        for table in read.tables
        if table.table == "work_months"
        for row in table.rows
    }


def test_a_month_follows_from_cumulative_returns_of_the_same_set(tmp_path: Path) -> None:
    works(tmp_path, 1, [["W-1", "路", "道路", 100]], both=False)
    works(tmp_path, 2, [["W-1", "路", "道路", 250]], both=False)
    works(tmp_path, 3, [["W-1", "路", "道路", 240], ["W-2", "渠", "雨水", 30]], both=False)
    reads = read_files([tmp_path])
    assert invested(reads) == {
        ("W-1", 1): 100 * WAN,
        ("W-1", 2): 150 * WAN,
        ("W-1", 3): -10 * WAN,
        ("W-2", 3): 30 * WAN,
    }
    last = table_of(reads[2], "work_months")
    assert last.place(0, "invested").column == "D"
    assert all(faults(read) == [] for read in reads)


@pytest.mark.parametrize("month", [2, 3])
def test_a_cumulative_return_alone_is_left_to_the_workspace(tmp_path: Path, month: int) -> None:
    read = read_file(works(tmp_path, month, [["W-1", "路", "道路", 240]], both=False))
    assert faults(read) == []
    (finding,) = coded(read, "intake-month-open")
    assert (finding.place.row, finding.place.column) == (4, "D")
    (row,) = table_of(read, "work_months").rows
    assert row.get("invested") is None
    assert row["invested_ytd"] == 240 * WAN


def test_months_and_their_sum_are_compared_across_files(tmp_path: Path) -> None:
    works(tmp_path, 1, [["W-1", "路", "道路", 100, 100]])
    works(tmp_path, 2, [["W-1", "路", "道路", 50, 170]])
    reads = read_files([tmp_path])
    (finding,) = coded(reads[1], "intake-cumulative-differs")
    assert (finding.severity, finding.place.column) == ("warning", "E")
    assert finding.params["expected"] == "1,500,000"


def test_columns_of_several_months_become_rows(tmp_path: Path) -> None:
    head = [
        "项目编号",
        "项目名称",
        "项目类型",
        "1月完成投资（万元）",
        "2月完成投资（万元）",
        "3月完成投资（万元）",
    ]
    rows = [["2023年基础设施投资表"], head, ["W-1", "路", "道路", 10, 20, None]]
    read = read_file(write_book(tmp_path / "w.xlsx", {"投资": rows}))
    assert invested((read,)) == {("W-1", 1): 10 * WAN, ("W-1", 2): 20 * WAN}
    assert table_of(read, "work_months").place(1, "invested").column == "E"


def test_a_month_column_wins_over_the_title(tmp_path: Path) -> None:
    head = ["项目编号", "月份", "当月完成投资（万元）"]
    rows = [["2023年投资月报（10月）"], head, ["W-1", "9月", 10], ["W-1", "2023-10", 20]]
    read = read_file(write_book(tmp_path / "w.xlsx", {"月报": rows}))
    table = table_of(read, "work_months")
    assert [str(row["month"]) for row in table.rows] == ["2023-09", "2023-10"]
    assert table.place(0, "month").column == "B"


def firms(folder: Path, months: str, caption: str, value: object) -> Path:
    head = ["企业编号", "企业名称", "所属园区", f"{caption}（万元）"]
    rows = [[f"规上企业月报（2023年{months}）"], head, ["Q-1", "甲公司", "JM-1", value]]
    return write_book(folder / f"企业月报_{months}.xlsx", {"月报": rows})


@pytest.mark.parametrize(
    "caption", ["工业总产值", "1-10月工业总产值", "年累工业总产值", "本年累计总产值"]
)
def test_firms_returns_count_from_january(tmp_path: Path, caption: str) -> None:
    read = read_file(firms(tmp_path, "10月", caption, 5))
    assert faults(read) == []
    row = table_of(read, "firm_months").rows[0]
    assert row["period"] == Period.year_to_date(2023, 10)
    assert row["output"] == Decimal(50_000)
    assert table_of(read, "firms").rows[0] == {"code": "Q-1", "name": "甲公司", "zone": "JM-1"}


def test_firms_months_are_summed_over_the_set(tmp_path: Path) -> None:
    firms(tmp_path, "1-2月", "工业总产值", 8)
    firms(tmp_path, "3月", "当月工业总产值", 5)
    reads = read_files([tmp_path])
    rows = [table_of(read, "firm_months").rows[0] for read in reads]
    assert [(str(row["period"]), row["output"]) for row in rows] == [
        ("2023-01..2023-02", 80_000),
        ("2023-01..2023-03", 130_000),
    ]
    alone = read_file(firms(tmp_path, "5月", "当月工业总产值", 5))
    assert faults(alone) == [("intake-cumulative-not-derivable", "D3")]


def test_figures_of_no_month_are_refused(tmp_path: Path) -> None:
    head = ["企业编号", "期间", "工业总产值（万元）"]
    read = read_file(write_book(tmp_path / "q.xlsx", {"企业月报": [head, ["Q-1", None, 5]]}))
    assert read.refused
    assert ("intake-key-empty", "B2") in faults(read)


def test_zone_names_become_codes_where_the_set_explains_them(tmp_path: Path) -> None:
    zones = [
        ["片区编号", "片区名称", "片区类型", "边界生效日期"],
        ["JM-PJ", "蓬江区", "区县", "2020"],
    ]
    land = [["地块编号", "所在片区"], ["P-1", "蓬江区"], ["P-2", "JM-PJ"], ["P-3", "别处"]]
    write_book(tmp_path / "片区名录.xlsx", {"片区": zones})
    path = write_book(tmp_path / "地块.xlsx", {"地块": land})
    together = next(read for read in read_files([tmp_path]) if read.name == "地块.xlsx")
    alone = read_file(path)
    assert [row["zone"] for row in table_of(together, "parcels").rows] == ["JM-PJ", "JM-PJ", "别处"]
    assert [row["zone"] for row in table_of(alone, "parcels").rows] == ["蓬江区", "JM-PJ", "别处"]
