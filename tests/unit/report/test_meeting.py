"""The meeting list: the same texts on page, in Word and in PDF, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path

import docx
import pytest

from zonewright.core.errors import RangeError
from zonewright.core.phrases import Lang
from zonewright.report import meeting_docx, meeting_pdf
from zonewright.report.meeting_model import (
    BehindItem,
    DueItem,
    Meeting,
    MeetingZone,
    OrderItem,
    ReturnItem,
)
from zonewright.report.meeting_view import MeetingDocument, document
from zonewright.report.model import Text

AT = datetime(2023, 11, 8, 1, 30, tzinfo=UTC)
BEHIND = BehindItem(
    Text("投资", "Investment"), 12.5, 30.0, "亿元", 41.67, -41.66, "red",
    tuple(Text(f"{number}号路欠1.00亿元", f"Road {number} lacks 1") for number in range(5)),
)  # fmt: skip
ORDER = OrderItem(
    "DB-2023-0007", Text("三号路未开工", "Road 3 was not started"), Text("李工", "Li"),
    Text("指挥部", "headquarters"), 2, date(2023, 11, 1), 7, False, "", None,
)  # fmt: skip
WAITING = replace(
    ORDER, code="DB-2023-0001", level=Text("", ""), level_rank=0, overdue_days=0, waits=True,
    reply="已进场\x07", replied_on=date(2023, 11, 5),
)  # fmt: skip
MISSING = ReturnItem(
    Text("2023年10月", "Oct 2023"),
    (Text("土地台账", "Land ledger"), Text("基础设施月报", "Infrastructure works")),
    date(2023, 11, 5),
    3,
)
COMING = DueItem("W9", "九号路", Text("完工", "completion"), date(2023, 12, 20))
MEETING = Meeting(
    title=Text("江门园区再造", "Jiangmen parks"),
    on=date(2023, 11, 8),
    period=Text("2023年10月", "Oct 2023"),
    due_until=date(2023, 12, 31),
    zones=(
        MeetingZone(
            "S1", Text("先行启动区", "Start-up area"), (BEHIND,), (WAITING, ORDER), (MISSING,),
            (COMING,),
        ),
        MeetingZone("P1", Text("纸业园", "Paper park")),
    ),
    notices=("合成数据",),
    generated_at=AT,
)  # fmt: skip
EMPTY = replace(MEETING, zones=(MEETING.zones[1],), notices=())


def texts(doc: MeetingDocument) -> set[str]:
    sheets = [doc.overview, *(sheet for zone in doc.zones for sheet in zone.sheets)]
    cells = [cell for sheet in sheets if sheet for row in sheet.rows for cell in row]
    return {text for cell in cells for text in (cell.text, cell.below) if text and text != "—"}


def test_every_part_of_a_zone_is_told_with_a_column_to_write_in() -> None:
    doc = document(MEETING, "zh")
    zone, missing = doc.zones
    assert [sheet.name for sheet in zone.sheets] == ["behind", "orders", "due"]
    assert [sheet.name for sheet in missing.sheets] == ["returns"]
    for sheet in (*zone.sheets, *missing.sheets):
        assert all(row[-1].is_blank for row in sheet.rows)
        assert {len(row) for row in sheet.rows} == {len(sheet.headings)}
        assert len(sheet.headings) == len(sheet.shares) == len(sheet.numeric)
    assert "纸业园" in doc.quiet
    assert doc.summary.count("2") >= 1
    assert "未报月报 2 份" in doc.summary


def test_missing_returns_close_the_list_by_zone_kind_and_months() -> None:
    months = replace(MISSING, month=Text("2023年8—10月", "Aug–Oct 2023"), months=3)
    only_owes = MeetingZone("S2", Text("二区", "Area 2"), (), (), (months,), ())
    doc = document(replace(MEETING, zones=(*MEETING.zones, only_owes)), "zh")
    assert [part.code for part in doc.zones] == ["S1", ""]
    assert doc.zones[-1].heading == "2. 未报月报"
    assert doc.zones[-1].line == "片区 2 个 · 未报月报 8 份"
    (sheet,) = doc.zones[-1].sheets
    assert [[cell.text for cell in row[:4]] for row in sheet.rows] == [
        ["先行启动区", "土地台账、基础设施月报", "2023年10月", "2"],
        ["二区", "土地台账、基础设施月报", "2023年8—10月", "6"],
    ]
    assert "未报月报 8 份" in doc.summary


def test_orders_come_by_level_and_delay() -> None:
    orders = document(MEETING, "zh").zones[0].sheets[1]
    assert [row[0].text for row in orders.rows] == ["DB-2023-0007", "DB-2023-0001"]
    assert orders.rows[0][3].below == "逾期 7 天"
    assert orders.rows[1][0].below == "责任人办理"
    assert "待审核" in orders.rows[1][4].below


def test_only_the_largest_causes_are_told_and_the_rest_counted() -> None:
    behind = document(MEETING, "en").zones[0].sheets[0]
    assert behind.rows[0][4].text == "Road 0 lacks 1; Road 1 lacks 1; Road 2 lacks 1"
    assert behind.rows[0][4].below == "and 2 more"
    unknown = replace(MEETING.zones[0], behind=(replace(BEHIND, causes=()),))
    told = document(replace(MEETING, zones=(unknown,)), "zh").zones[0].sheets[0]
    assert "请片区说明" in told.rows[0][4].text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_meeting_without_anything_says_so(lang: Lang) -> None:
    doc = document(EMPTY, lang)
    assert doc.zones == ()
    assert doc.overview is None
    assert doc.quiet == ""
    assert ("无议题" if lang == "zh" else "Nothing to hear") in doc.summary


def test_the_english_list_has_no_chinese_of_its_own() -> None:
    plain = json.dumps(asdict(document(MEETING, "en")), ensure_ascii=False)
    for given in ("合成数据", "九号路", "已进场"):
        plain = plain.replace(given, "")
    assert not re.search(r"[\u4e00-\u9fff]", plain)


def test_another_language_is_refused() -> None:
    with pytest.raises(RangeError):
        document(MEETING, "fr")  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_word_file_holds_every_text(tmp_path: Path, lang: Lang) -> None:
    path = tmp_path / "m.docx"
    meeting_docx.write(MEETING, path, lang)
    made = docx.Document(str(path))
    said = {part for table in made.tables for row in table.rows for cell in row.cells
            for part in cell.text.split("\n")}  # fmt: skip
    for text in texts(document(MEETING, lang)):
        assert text.replace("\x07", "") in said, text
    section = made.sections[0]
    assert (section.page_width or 0) > (section.page_height or 0)


@pytest.mark.parametrize("write", [meeting_docx.write, meeting_pdf.write])
def test_the_same_list_gives_the_same_bytes(tmp_path: Path, write: object) -> None:
    for name in ("a", "b"):
        write(MEETING, tmp_path / name, "zh")  # type: ignore[operator]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("meeting", [MEETING, EMPTY])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pdf_is_made_in_both_languages(tmp_path: Path, meeting: Meeting, lang: Lang) -> None:
    path = tmp_path / "m.pdf"
    meeting_pdf.write(meeting, path, lang)
    assert path.read_bytes().startswith(b"%PDF-")
