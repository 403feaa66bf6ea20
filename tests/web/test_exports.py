"""Tables as files: real numbers and dates, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.http import FileResponse
from django.test import Client
from openpyxl import load_workbook

from tests.web.readers import reader_with
from zonewright.store.models import Parcel
from zonewright.web import exports
from zonewright.web.exports import Column, Sheet

pytestmark = pytest.mark.django_db
COLUMNS = (
    Column("编号"),
    Column("=日期", "yyyy-mm-dd"),
    Column("面积", "#,##0.00"),
    Column("备注"),
)
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", "#N/A"]


def content(response: FileResponse) -> bytes:
    found = b"".join(response.streaming_content)
    response.close()
    return found


def workbook(*rows: list[exports.Value]) -> bytes:
    return content(exports.xlsx_response("表.xlsx", [Sheet("地块[1]/2", COLUMNS, iter(rows))]))


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_is_never_a_formula(text: str) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook([text, None, None, text]))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        styles = parts.read("xl/styles.xml").decode()
    assert "<f" not in sheet
    cells = re.findall(r'<c r="[A-D]\d+"[^>]*>', sheet)
    assert len(cells) == 6
    assert all('t="inlineStr"' in cell for cell in cells)
    if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        quoted = re.findall(r"<xf [^>]*>", styles.partition("<cellXfs")[2])
        numbers = {int(found) for found in re.findall(r'<c r="[AD]2" s="(\d+)"', sheet)}
        assert numbers
        assert all('quotePrefix="1"' in quoted[number] for number in numbers)


def test_numbers_and_dates_stay_what_they_are() -> None:
    row = ["A", date(2023, 1, 5), Decimal("1234.50"), "=x"]
    sheet = load_workbook(io.BytesIO(workbook(row, ["B", None, -0.5, ""])))["地块 1  2"]
    assert sheet.freeze_panes == "B2"
    assert sheet["B2"].value == datetime(2023, 1, 5)
    assert sheet["B2"].number_format == "yyyy-mm-dd"
    assert sheet["C2"].value == 1234.5
    assert sheet["C2"].number_format == "#,##0.00"
    assert (sheet["C3"].value, sheet["C3"].data_type) == (-0.5, "n")
    assert (sheet["D2"].value, sheet["D2"].data_type) == ("=x", "s")
    assert sheet.auto_filter.ref == "A1:D3"


def test_what_a_workbook_cannot_hold_is_left_out() -> None:
    at = datetime(2023, 1, 1, tzinfo=UTC)
    sheet = load_workbook(
        io.BytesIO(workbook(["a\x00b\x1f" + "长" * 40_000, at, None, None]))
    ).active
    assert sheet is not None
    text = sheet["A2"].value
    assert isinstance(text, str)
    assert text.startswith("ab长")
    assert len(text) == 32_767
    assert sheet["B2"].value == datetime(2023, 1, 1, 8)


def test_a_csv_cell_is_never_a_formula() -> None:
    row: list[exports.Value] = ["=1+1", date(2023, 1, 5), Decimal("-3.5"), "\t=2"]
    response = exports.csv_response("表.csv", Sheet("x", COLUMNS, [row]))
    text = b"".join(response.streaming_content).decode("utf-8")  # type: ignore[arg-type]
    assert text.startswith("\ufeff")
    (head, cells) = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert head == ["编号", "'=日期", "面积", "备注"]
    assert cells == ["'=1+1", "2023-01-05", "-3.5", "'\t=2"]


# ---- A ledger as a file -----------------------------------------------------------------------


def opened(client: Client, address: str) -> object:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == exports.XLSX
    assert answer["Content-Disposition"].startswith("attachment")
    return load_workbook(io.BytesIO(content(answer)))  # type: ignore[arg-type]


def test_a_ledger_is_exported_as_it_is_seen(workspace: None, client: Client) -> None:
    query = "?col=code&col=town&col=area_m2&sort=-code&f-stage=L5&unit-area=ha"
    book = opened(client, f"/records/parcels/export.xlsx{query}")
    rows = list(book["地块"].values)  # type: ignore[index]
    assert rows[0] == ("地块编号", "镇村", "图形面积 [公顷]")
    shown = re.findall(r"DK-\d{4}", client.get(f"/records/parcels/{query}").content.decode())
    assert [row[0] for row in rows[1:]] == list(dict.fromkeys(shown))
    area = Parcel.objects.get(code=rows[1][0]).area_m2
    assert rows[1][2] == pytest.approx((area or 0) / 1e4)
    told = {row[0]: row[1] for row in book["说明"].values}  # type: ignore[index]
    assert told["记录"] == len(rows) - 1
    assert told["阶段"] == "L5 平整"
    assert told["操作人"] == "linh"


def test_a_formula_in_a_record_stays_a_text(workspace: None, client: Client) -> None:
    book = opened(client, "/records/parcels/export.xlsx?col=code&col=town&f-code=DK-0000")
    cell = book["地块"]["B2"]  # type: ignore[index]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    answer = client.get("/records/parcels/export.csv?col=code&col=town&f-code=DK-0000")
    assert "DK-0000,'=1+1" in b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]


def test_only_what_the_reader_sees_is_exported(workspace: None) -> None:
    viewer = reader_with("viewer", "G1", language="zh-hans")
    book = opened(viewer, "/records/parcels/export.xlsx?col=code")
    everything = Parcel.objects.count()
    assert 0 < book["地块"].max_row - 1 < everything  # type: ignore[index]
    outsider = reader_with(language="zh-hans")
    assert opened(outsider, "/records/parcels/export.xlsx?col=code")["地块"].max_row == 1  # type: ignore[index]


def test_too_many_rows_are_refused_with_a_way_out(
    workspace: None, english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MAX_ROWS", 5)
    answer = english.get("/records/parcels/export.xlsx")
    assert answer.status_code == 422
    assert "Set a filter" in answer.content.decode()
    assert "A file holds at most 5 records" in english.get("/records/parcels/").content.decode()


def test_anonymous_readers_sign_in_first(workspace: None, anonymous: Client) -> None:
    answer = anonymous.get("/records/parcels/export.xlsx")
    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]


def test_the_words_are_the_readers(workspace: None, reader: Callable[[str], Client]) -> None:
    book = opened(reader("en"), "/records/works/export.xlsx?col=code&col=kind&col=total_cost")
    rows = list(book["Works"].values)  # type: ignore[index]
    assert rows[0] == ("Work code", "Kind", "Total cost [CNY million]")
    assert rows[1][1] == "Road"
