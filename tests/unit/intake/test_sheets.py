from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.intake.books import coded, faults, table_of, write_book
from zonewright.core.findings import Place
from zonewright.core.periods import Period
from zonewright.intake.reading import read_file

MU = 2000 / 3
LAND_HEAD = [
    "序号", "地块编号", "片区", "镇村", "总面积（亩）", "征地完成%", "九通", None,
    "征地完成日期", "平整验收日期",
]  # fmt: skip
LAND_SUB = [None, None, None, None, None, None, "道路", "供水", None, None]
LAND_MERGE = ["A1:J1", "G4:H4", *(f"{letter}4:{letter}5" for letter in "ABCDEFIJ")]


def land(path: Path, *rows: list[object], formats: dict[str, str] | None = None) -> Path:
    above = [["蓬江区土地台账（2023年）"], ["注：本表为合成示例数据"], ["单位：亩"]]
    return write_book(
        path,
        {"台账": [*above, LAND_HEAD, LAND_SUB, *rows]},
        merge={"台账": LAND_MERGE},
        formats={"台账": formats or {}},
    )


def test_a_ledger_with_two_caption_rows_becomes_parcels_and_their_events(tmp_path: Path) -> None:
    read = read_file(
        land(
            tmp_path / "土地台账.xlsx",
            [1, "P-1", "JM-PJ", "荷塘镇", 100.5, 1, 5, "已通", date(2023, 4, 21), "2023.4"],
            [2, "P-2", "JM-PJ", "荷塘镇", "12.3公顷", 0.86, 5, "×", "4月中旬", "/"],
            ["小计", None, None, "荷塘镇", 285],
            [3, "P-3", "JM-PJ", "棠下镇", "约1，328", 0, None, 3, None, None],
            ["合计", None, None, None, 1613],
            ["填报人：张三"],
            formats={"F6": "0%", "F7": "0.00%"},
        )
    )
    assert faults(read) == []
    assert read.notice == "注：本表为合成示例数据"
    parcels = table_of(read, "parcels")
    assert parcels.columns["reported_area"] == "E"
    assert parcels.columns["services"] == "G"
    assert parcels.numbers == (6, 7, 9)
    first, second, third = parcels.rows
    assert first == {
        "code": "P-1",
        "zone": "JM-PJ",
        "town": "荷塘镇",
        "reported_area": pytest.approx(100.5 * MU),
        "reported_area_unit": "亩",
        "acquired_pct": Decimal(100),
        "services": {"road": 5, "water": 5},
    }
    assert (second["reported_area"], second["reported_area_unit"]) == (123_000.0, "ha")
    assert (second["acquired_pct"], second["services"]) == (Decimal(86), {"road": 5, "water": 0})
    assert third["reported_area_bound"] == "approx"
    events = table_of(read, "parcel_events")
    assert [(row["parcel"], row["stage"], row["on"]) for row in events.rows] == [
        ("P-1", "L3", date(2023, 4, 21)),
        ("P-1", "L5", date(2023, 4, 30)),
        ("P-2", "L3", date(2023, 4, 30)),
    ]
    assert "on_precision" not in events.rows[0]
    assert events.rows[1]["on_precision"] == "m"
    assert events.place(1, "on") == Place("土地台账.xlsx", "台账", 6, "J")
    assert events.place(1, "parcel") == Place("土地台账.xlsx", "台账", 6, "B")


def test_every_fault_is_named_with_its_cell_and_none_hides_another(tmp_path: Path) -> None:
    read = read_file(
        land(
            tmp_path / "f.xlsx",
            [1, "P-1", "JM-PJ", "镇", "很多", "12亩", 9, 5, "2023.2.30", "尽快"],
            [2, None, "JM-PJ", "镇", "5万元", 150, 5, 5, None, None],
            [3, "P-3", "JM-PJ", "镇", "=1+1", 50, 5, 5, None, None],
        )
    )
    assert sorted(faults(read)) == sorted([
        ("intake-number-text", "E6"), ("intake-unit-wrong", "F6"), ("intake-service-unknown", "G6"),
        ("intake-date-impossible", "I6"), ("intake-date-unreadable", "J6"),
        ("intake-key-empty", "B7"), ("intake-unit-wrong", "E7"), ("intake-percent-range", "F7"),
        ("intake-formula-unread", "E8"),
    ])  # fmt: skip
    assert read.refused
    for finding in read.findings:
        assert "?" not in finding.text("en").replace("perhaps", "")
        assert "？" not in finding.text("zh")
        assert finding.text("zh") != finding.text("en")


def test_a_lone_empty_zone_is_an_oversight_but_an_empty_column_is_not(tmp_path: Path) -> None:
    rows = [[i, f"P-{i}", "Z", "镇", 5, 50, 5, 5, None, None] for i in range(1, 30)]
    rows[3][2] = None
    read = read_file(land(tmp_path / "z.xlsx", *rows))
    assert faults(read) == [("intake-required-empty", "C9")]
    for row in rows:
        row[2] = None
    assert faults(read_file(land(tmp_path / "y.xlsx", *rows))) == []


def test_an_excel_error_is_a_finding_not_an_empty_cell(tmp_path: Path) -> None:
    path = land(tmp_path / "e.xlsx", [1, "P-1", "JM-PJ", "镇", "#REF!", 50, 5, 5, None, None])
    read = read_file(path)
    assert faults(read) == [("intake-excel-error", "E6")]
    assert "#REF!" in coded(read, "intake-excel-error")[0].text("en")


def test_a_total_that_does_not_add_up_is_named_with_both_numbers(tmp_path: Path) -> None:
    rows = [[i, f"P-{i}", "Z", "镇", 10.0, 0, 5, 5, None, None] for i in range(1, 4)]
    read = read_file(land(tmp_path / "t.xlsx", *rows, ["合 计", None, None, None, 33]))
    (finding,) = coded(read, "intake-total-differs")
    assert (finding.severity, str(finding.place)) == ("warning", "t.xlsx [台账] E9")
    assert (finding.params["stated"], finding.params["found"]) == ("33亩", "30亩")


def test_rounded_rows_may_differ_from_their_total(tmp_path: Path) -> None:
    rows = [[i, f"P-{i}", "Z", "镇", 3.3, 0, 5, 5, None, None] for i in range(1, 4)]
    read = read_file(land(tmp_path / "t.xlsx", *rows, ["合计", None, None, None, 10.0]))
    assert coded(read, "intake-total-differs") == []


def test_totals_above_their_rows_cover_what_follows(tmp_path: Path) -> None:
    read = read_file(
        land(
            tmp_path / "t.xlsx",
            ["合计", None, None, None, 60],
            ["甲镇小计", None, None, None, 30],
            [1, "P-1", "Z", "甲镇", 10.0, 0, 5, 5, None, None],
            [2, "P-2", "Z", "甲镇", 20.0, 0, 5, 5, None, None],
            ["乙镇小计", None, None, None, 40],
            [3, "P-3", "Z", "乙镇", 30.0, 0, 5, 5, None, None],
            ["其中：工业", None, None, None, 1],
        )
    )
    assert faults(read) == [("intake-total-differs", "E10")]
    assert len(table_of(read, "parcels").rows) == 3


def test_repeated_captions_and_blank_rows_are_skipped_and_said(tmp_path: Path) -> None:
    read = read_file(
        land(
            tmp_path / "r.xlsx",
            [1, "P-1", "Z", "镇", 10.0, 0, 5, 5, None, None],
            [],
            LAND_HEAD,
            [2, "P-2", "Z", "镇", 20.0, 0, 5, 5, None, None],
        )
    )
    assert [row["code"] for row in table_of(read, "parcels").rows] == ["P-1", "P-2"]
    assert coded(read, "intake-caption-repeated")[0].place.row == 8
    assert coded(read, "intake-blank-rows")[0].place.row == 7


def test_a_row_twice_is_dropped_and_a_contradiction_refused(tmp_path: Path) -> None:
    row = [1, "P-1", "Z", "镇", 10.0, 0, 5, 5, None, None]
    other = [1, "P-1", "Z", "镇", 11.0, 0, 5, 5, None, None]
    read = read_file(land(tmp_path / "d.xlsx", row, row, other))
    assert faults(read) == [("intake-row-repeated", "B7"), ("intake-key-repeated", "B8")]
    assert coded(read, "intake-key-repeated")[0].params["other"] == 6
    assert len(table_of(read, "parcels").rows) == 1


def test_a_quantity_without_any_unit_asks_for_one(tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "u.xlsx", {"地块": [["地块编号", "面积"], ["P-1", 5], ["P-2", "3公顷"]]}
    )
    read = read_file(path)
    assert faults(read) == [("intake-unit-missing", "B1")]
    assert coded(read, "intake-unit-missing")[0].params["first"] == 2


@pytest.mark.parametrize(
    ("above", "caption", "unit"),
    [
        ([["单位：亩"]], "面积", "亩"),
        ([["单位:万元、公顷"]], "面积", "ha"),
        ([["填报单位：指挥部"]], "面积(亩)", "亩"),
        ([], "总面积\n（亩）", "亩"),
        ([], "总 面 积 亩", "亩"),
        ([], "总面积【公顷】", "ha"),
        ([["单位：公顷"]], "面积（亩）", "亩"),
        ([], "Reported area (mu)", "亩"),
        ([], "reported_area", "m2"),
        ([], "reported_area_ha", "ha"),
    ],
)
def test_the_unit_is_found_where_offices_write_it(
    tmp_path: Path, above: list[list[object]], caption: str, unit: str
) -> None:
    path = write_book(tmp_path / "u.xlsx", {"地块": [*above, ["地块编号", caption], ["P-1", 5]]})
    read = read_file(path)
    assert faults(read) == []
    assert table_of(read, "parcels").rows[0]["reported_area_unit"] == unit


def test_a_caption_with_a_unit_of_another_kind_is_one_finding(tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "u.xlsx", {"地块": [["地块编号", "总面积（万元）"], ["P-1", 5], ["P-2", 6]]}
    )
    assert faults(read_file(path)) == [("intake-column-unit-wrong", "B1")]


def test_cells_merged_downwards_fill_their_records_but_amounts_count_once(tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "m.xlsx",
        {"地块": [["地块编号", "镇村", "总面积（亩）"], ["P-1", "荷塘镇", 5], ["P-2", None, None]]},
        merge={"地块": ["B2:B3", "C2:C3"]},
    )
    read = read_file(path)
    assert [row["town"] for row in table_of(read, "parcels").rows] == ["荷塘镇", "荷塘镇"]
    assert [row["reported_area"] for row in table_of(read, "parcels").rows] == [
        pytest.approx(5 * MU),
        None,
    ]
    assert faults(read) == [("intake-merged-amount", "C2")]


def test_shares_of_one_are_read_as_percent_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "地块.csv"
    path.write_text("地块编号,征地完成%\nP-1,0.86\nP-2,1\n", encoding="gb18030")
    read = read_file(path)
    assert [row["acquired_pct"] for row in table_of(read, "parcels").rows] == [86, 100]
    assert [code for code, _ in faults(read)] == ["intake-percent-fraction"]


def test_a_project_ledger_gives_milestones_by_step(tmp_path: Path) -> None:
    head = [
        "项目编号",
        "项目名称",
        "企业名称",
        "片区编号",
        "项目类别",
        "总投资（万美元）",
        "节点",
        None,
        None,
        None,
    ]
    sub = [None] * 6 + ["签约计划", "签约实际", "封顶计划", "封顶实际"]
    rows = [
        ["V-1", "甲", "甲公司", "Z", "欧资", "超1,500", "2022.3", "2022.4", "2023年6月", "2023-06"],
        ["V-2", "乙", "乙公司", "Z", "产业转移", "2亿元", "2022.3", None, None, "未封顶"],
    ]
    path = write_book(
        tmp_path / "产业项目台账.xlsx",
        {"项目": [head, sub, *rows]},
        merge={"项目": ["G1:J1", *(f"{letter}1:{letter}2" for letter in "ABCDEF")]},
    )
    read = read_file(path)
    assert faults(read) == []
    first, second = table_of(read, "ventures").rows
    assert first["category"] == "eu"
    assert (first["investment"], first["investment_unit"]) == (Decimal(15_000_000), "万美元")
    assert first["investment_bound"] == "ge"
    assert (second["investment"], second["investment_unit"]) == (Decimal(200_000_000), "亿元")
    steps = table_of(read, "milestones")
    assert [(row["venture"], row["step"]) for row in steps.rows] == [
        ("V-1", "signed"), ("V-1", "topped_out"), ("V-2", "signed"),
    ]  # fmt: skip
    assert steps.rows[1]["actual_on"] == date(2023, 6, 30)
    assert steps.rows[1]["actual_on_precision"] == "m"
    assert steps.place(1, "actual_on").column == "J"


def test_a_group_of_plan_and_actual_over_steps_reads_alike(tmp_path: Path) -> None:
    head = ["项目编号", "项目名称", "片区编号", "项目类别", "签约", None, "投产", None]
    sub = [None, None, None, None, "计划", "实际", "计划时间", "实际时间"]
    row = ["V-1", "甲", "Z", "其他", "2022.3", "2022.4", "2023.6", None]
    path = write_book(tmp_path / "v.xlsx", {"项目": [head, sub, row]})
    steps = table_of(read_file(path), "milestones")
    assert [(row["step"], row["planned_on"], row["actual_on"]) for row in steps.rows] == [
        ("signed", date(2022, 3, 31), date(2022, 4, 30)),
        ("production", date(2023, 6, 30), None),
    ]


def test_targets_columns_become_points_of_the_curve(tmp_path: Path) -> None:
    head = [
        "指标代码",
        "片区编号",
        "年度",
        "年度目标",
        "单位",
        "进度曲线",
        "一季度",
        "上半年",
        "三季度",
        "全年",
    ]
    rows = [
        ["works_invested", "Z", 2023, 30.18, "亿元", "阶梯", "20%", "60%", "80%", "100%"],
        ["works_started", "Z", "2023年", 105, "项", "阶梯", 21, 63, 84, 105],
    ]
    read = read_file(write_book(tmp_path / "目标任务.xlsx", {"目标": [head, *rows]}))
    assert faults(read) == []
    first, second = table_of(read, "targets").rows
    assert first["points"] == {3: 20.0, 6: 60.0, 9: 80.0, 12: 100.0}
    assert second["points"] == {3: 20.0, 6: 60.0, 9: 80.0, 12: 100.0}
    assert (first["value"], first["unit"], first["curve"]) == (Decimal("30.18"), "亿元", "stepped")


def test_points_without_a_percent_sign_are_said_to_be_assumed(tmp_path: Path) -> None:
    head = ["指标代码", "片区编号", "年度", "年度目标", "单位", "6月%", "12月%"]
    plain = ["指标代码", "片区编号", "年度", "年度目标", "单位", "上半年", "全年"]
    row = ["works_invested", "Z", 2023, 30, "亿元", 60, 100]
    signed = read_file(write_book(tmp_path / "a.xlsx", {"目标": [head, row]}))
    assumed = read_file(write_book(tmp_path / "b.xlsx", {"目标": [plain, row]}))
    assert table_of(signed, "targets").rows[0]["points"] == {6: 60.0, 12: 100.0}
    assert faults(signed) == []
    assert [code for code, _ in faults(assumed)] == ["intake-points-assumed"]


def test_observations_keep_bounds_and_units(tmp_path: Path) -> None:
    head = ["指标代码", "片区编号", "期间", "数值", "单位", "口径"]
    rows = [
        ["planned_area", "Z", "2023年", "约3240", "平方公里", "不适用"],
        ["征地面积", "Z", "2023年1—10月", "超1100", "公顷", "无"],
        ["x", "Z", "2023年1-10月", "5", "垧", "现价"],
    ]
    read = read_file(write_book(tmp_path / "公报.xlsx", {"数据": [head, *rows]}))
    table = table_of(read, "observations")
    assert table.rows[0]["value_bound"] == "approx"
    assert table.rows[1]["indicator"] == "land_acquired"
    assert table.rows[1]["period"] == Period.year_to_date(2023, 10)
    assert table.rows[1]["basis"] == "none"
    assert faults(read) == [("intake-unit-unknown", "E4")]


def test_a_choice_outside_the_list_is_refused_with_what_is_near(tmp_path: Path) -> None:
    head = ["项目编号", "项目名称", "项目类型"]
    rows = [head, ["W-1", "甲", "场地平正"], ["W-2", "乙", "road"], ["W-3", "丙", "火星"]]
    path = write_book(tmp_path / "n.xlsx", {"工程": rows})
    findings = [item for item in read_file(path).findings if "choice" in item.code]
    assert [(item.code, item.place.row) for item in findings] == [
        ("intake-choice-unknown-near", 2),
        ("intake-choice-unknown", 4),
    ]
    assert "“场地平整”" in findings[0].text("zh")


def test_a_running_balance_is_followed(tmp_path: Path) -> None:
    head = ["序号", "片区编号", "指标类别", "摘要", "面积（亩）", "日期", "余额（亩）"]
    rows = [
        [1, "A", "省专项", "下达", 100, "2023.1.5", 100],
        [2, "B", "省专项", "下达", 50, "2023.1.6", 150],
        [3, "A", "省专项", "分配", 30, "2023.2.1", 150],
        [4, "A", "省专项", "使用", 30, "2023.2.5", 125],
        [5, "B", "省专项", "使用", 10, "2023.3.5", 115],
    ]
    read = read_file(write_book(tmp_path / "用地指标台账.xlsx", {"台账": [head, *rows]}))
    assert faults(read) == [("intake-balance-differs", "G5")]
    entries = table_of(read, "quota_entries")
    assert [row["code"] for row in entries.rows] == ["1", "2", "3", "4", "5"]
    assert all("balance" not in row for row in entries.rows)


def test_a_title_gives_what_no_column_says(tmp_path: Path) -> None:
    rows = [["标准厂房表"], ["项目编号", "项目名称", "建筑面积（万平方米）"], ["W-1", "一期", 1.2]]
    read = read_file(write_book(tmp_path / "标准厂房表.xlsx", {"表": rows}))
    row = table_of(read, "works").rows[0]
    assert (row["kind"], row["floor_area"]) == ("standard_factory", 12_000.0)


def test_a_missing_required_column_is_named_and_notes_are_no_table(tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "w.xlsx",
        {
            "工程": [
                ["项目编号", "项目名称", "总投资（万元）", "责任单位"],
                ["W-1", "一期", 1, "局"],
            ],
            "说明": [["填表说明"], ["一、按月报送"]],
        },
    )
    read = read_file(path)
    (missing,) = coded(read, "intake-column-missing")
    assert "项目类型" in missing.text("zh")
    (note,) = coded(read, "intake-sheet-no-table")
    assert (note.severity, note.place.sheet) == ("info", "说明")


def test_columns_that_fit_two_tables_are_refused_unless_the_sheet_says_which(
    tmp_path: Path,
) -> None:
    rows = [["编号", "名称", "片区", "类别"], ["N-1", "甲", "Z", "其他"]]
    read = read_file(write_book(tmp_path / "x.xlsx", {"Sheet1": rows}))
    named = read_file(write_book(tmp_path / "y.xlsx", {"产业项目": rows}))
    (finding,) = coded(read, "intake-sheet-ambiguous")
    assert {"works", "ventures"} <= set(str(finding.params["candidates"]).split("、"))
    assert named.tables[0].table == "ventures"


def test_unused_and_doubled_columns_are_said(tmp_path: Path) -> None:
    rows = [["地块编号", "总面积（亩）", "总面积（亩）", "征地完或率"], ["P-1", 1, 2, 3]]
    read = read_file(write_book(tmp_path / "c.xlsx", {"地块": rows}))
    assert faults(read) == [("intake-column-twice", "C1")]
    assert "征地完或率" in coded(read, "intake-columns-unused")[0].text("zh")


def test_the_same_fault_many_times_is_capped_with_a_summary(tmp_path: Path) -> None:
    rows = [["地块编号", "总面积（亩）"], *([f"P-{i}", "多"] for i in range(250))]
    read = read_file(write_book(tmp_path / "c.xlsx", {"地块": rows}))
    assert len(coded(read, "intake-number-text")) == 200
    assert coded(read, "intake-more")[0].params["count"] == 50
