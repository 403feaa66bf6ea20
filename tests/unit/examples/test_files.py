from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest

from zonewright.core.schema import table
from zonewright.examples.jiangmen import build
from zonewright.examples.jiangmen.build import build_ground
from zonewright.examples.jiangmen.stages import build_histories
from zonewright.examples.jiangmen.workbooks import Column, Sheet, save
from zonewright.examples.jiangmen.zones import build_zones


def fingerprints(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(files: Any, tmp_path: Path) -> None:
    calls: list[tuple[float, str]] = []
    paths = build(tmp_path / "again", progress=lambda done, text: calls.append((done, text)))
    assert fingerprints(tmp_path / "again") == fingerprints(files.folder)
    assert {path.name for path in paths} == set(fingerprints(files.folder))
    shares = [done for done, _ in calls]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.slow
def test_another_seed_gives_another_ground_that_adds_up_too(files: Any) -> None:
    zones = build_zones(7)
    fabric, _ = build_ground(7)
    build_histories(fabric, zones, 7)
    assert set(fabric.area_m2[:50]) != set(files.parcels["area_m2"][:50])
    assert len(fabric.codes) >= 20_000


def test_every_workbook_says_that_it_is_synthetic(files: Any) -> None:
    for path in files.folder.glob("*.xlsx"):
        with closing(openpyxl.load_workbook(path, read_only=True)) as book:
            for sheet in book.worksheets:
                rows = sheet.iter_rows(max_row=3, values_only=True)
                above = [str(cell) for row in rows for cell in row]
                assert any("合成" in text for text in above), (path.name, sheet.title)


def test_every_layer_says_that_it_is_synthetic(files: Any) -> None:
    path = files.folder / "园区图层.gpkg"
    names = [name for name, _ in pyogrio.list_layers(path)]
    assert names == ["zones", "parcels", "works", "no_go"]
    for name in names:
        info = pyogrio.read_info(path, layer=name)
        assert "合成" in info["layer_metadata"]["notice"]
        assert "合成" in info["layer_metadata"]["DESCRIPTION"]
        assert "合成" in info["dataset_metadata"]["notice"]
        assert info["crs"] == "EPSG:4490"


def test_a_workbook_looks_like_an_offices(files: Any) -> None:
    book = openpyxl.load_workbook(files.folder / "土地台账_江海区.xlsx")
    sheet = book.worksheets[0]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A1:AF1", "A2:AF2", "A3:AF3", "N4:V4", "B4:B5"} <= merged
    assert sheet.freeze_panes == "C6"
    assert sheet["N4"].value == "九通"
    assert sheet["A3"].value == "单位：亩"
    assert sheet["B6"].border.left.style == "thin"
    assert sheet["F6"].number_format == "#,##0.00"
    assert sheet["B1"].value is None
    labels = [sheet.cell(row, 2).value for row in range(6, sheet.max_row + 1)]
    assert labels.count("合计") == 1
    assert labels.count("小计") >= 2
    assert book.properties.modified.year == 2023


def test_subtotals_and_total_of_a_ledger(files: Any) -> None:
    sheet = openpyxl.load_workbook(files.folder / "土地台账_江海区.xlsx").worksheets[0]
    total, since = 0.0, 0.0
    for row in sheet.iter_rows(min_row=6, values_only=True):
        label, cell = row[1], row[5]
        if label == "合计":
            assert cell == pytest.approx(total, abs=0.02)
        elif label == "小计":
            assert cell == pytest.approx(since, abs=0.05)
            total, since = total + cell, 0.0
        else:
            text = str(cell).removeprefix("约")
            hectares = text.endswith("公顷")
            since += float(text.removesuffix("公顷")) * (15 if hectares else 1)
    assert total > 1_000


def test_headers_are_the_names_of_the_dictionary(files: Any) -> None:
    wanted = {
        "规划编制进度表.xlsx": "plans",
        "用地指标台账.xlsx": "quota_entries",
        "资金台账.xlsx": "fund_entries",
        "年度目标任务分解表.xlsx": "targets",
        "统计公报摘录.xlsx": "observations",
        "回头看提纲.xlsx": "outline",
        "片区名录.xlsx": "zones",
        "产业项目台账.xlsx": "ventures",
        "标准厂房表.xlsx": "works",
        "土地台账_江海区.xlsx": "parcels",
    }
    for name, key in wanted.items():
        sheet = openpyxl.load_workbook(files.folder / name).worksheets[0]
        rows = sheet.iter_rows(max_row=6, values_only=True)
        cells = {str(cell) for row in rows for cell in row}
        heads = {text.partition("（")[0] for text in cells}
        missing = {
            field.zh
            for field in table(key).fields
            if field.required and field.kind not in ("geometry", "multipolygon")
        } - heads
        assert not missing, (name, missing)


def test_a_workbook_holds_what_it_was_given(tmp_path: Path) -> None:
    columns = (
        Column("编号"),
        Column("数量（亩）", "num", group="合计"),
        Column("数", "int", group="合计"),
    )
    rows = [["a<&>", 1.25, 3], [None, 0.1, 4]]
    sheet = Sheet("表", "题目", columns, rows, frozenset({1}), unit="单位：亩")
    path = save(tmp_path / "one.xlsx", [sheet, sheet])
    book = openpyxl.load_workbook(path)
    assert len(book.worksheets) == 2
    cells = [row[:3] for row in book.worksheets[1].iter_rows(min_row=6, values_only=True)]
    assert cells == [("a<&>", 1.25, 3), (None, 0.1, 4)]
    assert book.worksheets[0]["A7"].fill.fgColor.rgb.endswith("F2F2F2")
