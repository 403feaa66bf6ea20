"""Records as the desk names them, and how a figure adds up from them."""

from __future__ import annotations

import math

import pytest
from django.utils import translation

from zonewright.core.findings import Place
from zonewright.core.records import RecordCard
from zonewright.web import lines, records
from zonewright.workflows.figures import DerivationLine


def card(title: str, code: str = "A-1", file: str = "a.xlsx", **values: str) -> RecordCard:
    return RecordCard("x:1", code, title, values, Place(file, "s", 1, "A"))


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        (
            card("A-1 · L3", stage="L3", on="2023-03-02"),
            "L3 征地 · 2023-03-02",
            "L3 Acquired · 2023-03-02",
        ),
        (
            card("甲项目 · topped_out", step="topped_out", actual_on="2023-06"),
            "甲项目 · 封顶 · 2023-06",
            "甲项目 · Topped out · 2023-06",
        ),
        (
            card("甲 · 2023-01..2023-10", period="2023-01..2023-10"),
            "甲 · 2023年1—10月",
            "甲 · Jan–Oct 2023",
        ),
        (card("甲 · soon", period="soon"), "甲 · soon", "甲 · soon"),
        (
            card("A-1", town="罗坑镇", use="工业用地"),
            "罗坑镇 · 工业用地",
            "罗坑镇 · 工业用地",
        ),
        (card("A-1"), "A-1", "A-1"),
        (card("甲工程"), "甲工程", "甲工程"),
    ],
)
def test_a_record_is_named_without_codes_of_tables(given: RecordCard, zh: str, en: str) -> None:
    for lang, text in (("zh-hans", zh), ("en", en)):
        with translation.override(lang):
            assert records.title(given) == text


def line(amount: float | None, *, file: str = "a.xlsx", part: str = "") -> DerivationLine:
    return DerivationLine(card("t", file=file), amount, part)


def test_a_figure_adds_up_by_file_the_largest_first() -> None:
    by, found = lines.groups([line(1.5), line(2.0, file="b.xlsx"), line(math.nan), line(None)])
    assert by == "file"
    assert found == (lines.Group("b.xlsx", 1, 2.0), lines.Group("a.xlsx", 3, 1.5))


def test_parts_go_before_files_unless_they_are_the_records_own() -> None:
    assert lines.groups([line(1.0, part="K1"), line(1.0, part="K2")])[0] == "part"
    own = [line(1.0, part="A-1"), line(1.0, part="A-1", file="b.xlsx"), line(2.0, part="")]
    assert lines.groups(own)[0] == "file"


@pytest.mark.parametrize(
    "given",
    [
        [],
        [line(1.0), line(2.0)],
        [line(None), line(None, file="b.xlsx")],
        [line(1.0, file=f"{number}.xlsx") for number in range(lines.GROUPS_SHOWN + 1)],
    ],
)
def test_what_tells_nothing_is_left_out(given: list[DerivationLine]) -> None:
    assert lines.groups(given)[1] == ()
