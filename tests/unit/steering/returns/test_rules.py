"""Each rule of the returns: what passes, what it finds, where, and what a note excuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from zonewright.core.findings import Finding
from zonewright.steering.returns.kinds import kind
from zonewright.steering.returns.rows import RowsOf, SheetPlace, SheetRow
from zonewright.steering.returns.rules import Context, check

MU = 2_000 / 3
GOOD: Mapping[str, Mapping[str, object]] = {
    "works": {
        "invested": Decimal(100), "invested_ytd": Decimal(300), "started_on": date(2022, 1, 1),
    },
    "factories": {
        "invested": Decimal(100), "invested_ytd": Decimal(300), "floor_area": 1_000.0,
    },
    "land": {"reported_area": 2_310 * MU, "map_area": 2_310 * MU},
    "quota": {
        "code": "Q1", "document": "粤1号", "category": "city", "entry": "granted", "area": 1_000.0,
        "on": date(2023, 4, 3),
    },
    "supply": {"capacity": Decimal(10), "demand": Decimal(7), "spare": Decimal(3)},
    "firms": {"output": Decimal(500), "value_added": Decimal(100)},
    "assessment": {
        "indicator": "产值", "weight": Decimal(100), "actual": "好", "self_score": Decimal(90),
        "evidence": "年报",
    },
    "plans": {"stage": "review"},
    "tasks": {
        "source": "调度会", "task": "征地", "owner": "镇", "due_on": date(2023, 5, 1),
        "done_pct": Decimal(40),
    },
    "leads": {"lead": "电池厂", "stage": "talks", "officer": "王", "next_step": "考察"},
    "blocks": {"block": "K1", "parcels": "P1", "area": 600 * MU, "ready_on": date(2023, 3, 1)},
}  # fmt: skip


def rows(code: str, *each: Mapping[str, object], sheet: str = "") -> RowsOf:
    """Return rows of a sheet, each a good row with some values changed; keys R1, R2 …"""
    sheet = sheet or kind(code).sheets[0].code
    return {
        sheet: tuple(
            SheetRow(6 + number, f"R{number}", {**GOOD.get(code, {}), **values})
            for number, values in enumerate(each, 1)
        )
    }


def found(
    code: str, *each: Mapping[str, object], last: RowsOf | None = None, period: str = "2023-04",
    sheet: str = "", figures: Mapping[str, float] | None = None,
) -> list[tuple[str, str, str, str]]:  # fmt: skip
    """Return severity, code, field and key of what is found in rows."""
    context = Context(period, last or {}, figures or {})
    return [
        (item.severity, item.code, item.field, "".join(item.ids))
        for item in check(kind(code), rows(code, *each, sheet=sheet), context)
    ]


@pytest.mark.parametrize("code", GOOD)
def test_a_good_row_is_let_pass(code: str) -> None:
    assert found(code, {}) == []


def test_what_must_be_filled_in_is_missed() -> None:
    assert found("works", {"invested": None}) == [("error", "return-required", "invested", "R1")]
    assert found("plans", {"stage": ""}) == [("error", "return-required", "stage", "R1")]


@pytest.mark.parametrize(
    ("value", "code"), [(-1, "return-below"), (100, ""), (0, ""), (101, "return-above")]
)
def test_a_share_lies_from_0_to_100(value: int, code: str) -> None:
    known = found("works", {"physical_pct": Decimal(value)})
    assert known == ([("error", code, "physical_pct", "R1")] if code else [])


def test_an_area_is_above_nothing() -> None:
    assert found("quota", {"area": 0.0}) == [("error", "return-not-above", "area", "R1")]


def test_a_month_is_never_more_than_the_year_to_date() -> None:
    assert found("works", {"invested": Decimal(301)}) == [
        ("error", "return-month-above-ytd", "invested", "R1")
    ]
    assert found("works", {"invested": Decimal(300)}) == []


WORK_MARCH = rows("works", {"invested_ytd": Decimal(30_000_000)})


def test_last_month_and_this_month_make_the_year_to_date() -> None:
    right = {"invested": Decimal(5_000_000), "invested_ytd": Decimal(35_000_000)}
    assert found("works", right, last=WORK_MARCH) == []
    wrong = {**right, "invested_ytd": Decimal(36_000_000)}
    assert found("works", wrong, last=WORK_MARCH) == [
        ("error", "return-ytd-not-sum", "invested_ytd", "R1")
    ]
    # Two figures in 万元, each rounded, may miss their sum by little.
    assert found("works", {**right, "invested_ytd": Decimal(35_010_000)}, last=WORK_MARCH) == []


def test_a_note_turns_what_it_explains_into_a_notice() -> None:
    wrong = {
        "invested": Decimal(5_000_000), "invested_ytd": Decimal(36_000_000), "remark": "补报三月",
    }  # fmt: skip
    assert found("works", wrong, last=WORK_MARCH) == [
        ("info", "return-ytd-not-sum", "invested_ytd", "R1")
    ]
    blank = {**wrong, "remark": "  "}
    assert found("works", blank, last=WORK_MARCH)[0][0] == "error"


def test_a_cumulative_figure_never_falls_within_the_year() -> None:
    fallen = {"output": Decimal(400), "value_added": Decimal(100)}
    march = rows("firms", {})
    assert found("firms", fallen, last=march) == [("error", "return-falls", "output", "R1")]
    assert found("firms", {**fallen, "remark": "核减"}, last=march)[0][0] == "info"


def test_a_free_row_is_known_by_its_name_wherever_it_stands() -> None:
    last = rows("tasks", {"task": "平整"}, {"task": "征地", "done_pct": Decimal(60)})
    assert found("tasks", {"task": "征地 "}, {"task": "平整"}, last=last) == [
        ("error", "return-falls", "done_pct", "R1")
    ]


def test_january_begins_anew_but_progress_goes_on() -> None:
    december = rows("works", {"invested_ytd": Decimal(10**9), "physical_pct": Decimal(50)})
    january = {
        "invested": Decimal(300), "invested_ytd": Decimal(300), "physical_pct": Decimal(40),
        "started_on": date(2022, 1, 1),
    }  # fmt: skip
    assert found("works", january, last=december, period="2024-01") == [
        ("error", "return-falls", "physical_pct", "R1")
    ]
    short = {**january, "invested": Decimal(200), "physical_pct": Decimal(60)}
    assert found("works", short, period="2024-01") == []
    off = {**january, "invested": Decimal(200), "invested_ytd": Decimal(10**6)}
    assert ("error", "return-ytd-not-sum", "invested_ytd", "R1") in found(
        "works", off, period="2024-01"
    )


def test_the_parts_make_the_whole() -> None:
    both = rows("works", {"invested": Decimal(10**6)}, {"invested": Decimal(2 * 10**6)})
    whole = {"invested_ytd": Decimal(10**7), "started_on": date(2022, 1, 1)}
    both = {
        "works": tuple(SheetRow(row.row, row.key, {**row.values, **whole}) for row in both["works"])
    }
    for said, faults in ((Decimal(3 * 10**6), 0), (Decimal(4 * 10**6), 1), (None, 0)):
        total = {"total": (SheetRow(7, "all", {"item": "all", "invested": said}),)}
        told = check(kind("works"), {**both, **total}, Context("2023-04"))
        assert [item.code for item in told] == ["return-sum-differs"] * faults
        assert all((item.table, item.ids) == ("total", ("all",)) for item in told)
    assert found("supply", {"spare": Decimal(4)}) == [
        ("error", "return-parts-differ", "capacity", "R1")
    ]


def test_the_weights_make_a_hundred() -> None:
    each = [
        {"indicator": name, "weight": Decimal(weight), "self_score": Decimal(1)}
        for name, weight in (("产值", 60), ("税收", 30))
    ]
    assert found("assessment", *each) == [("error", "return-sum-not", "weight", "")]
    assert (
        found(
            "assessment",
            *each,
            {"indicator": "用地", "weight": Decimal(10), "self_score": Decimal(9)},
        )
        == []
    )


def test_the_ledger_is_set_against_the_map() -> None:
    """The map says 2,310 mu, the return 2,500: 8.2 % apart."""
    wrong = {"reported_area": 2_500 * MU}
    assert found("land", wrong) == [("warning", "return-differs-from-map", "reported_area", "R1")]
    told = check(kind("land"), rows("land", wrong), Context("2023-04"))[0]
    assert "2500" in told.text("zh")
    assert "2310" in told.text("zh")
    assert found("land", {**wrong, "remark": "含道路"})[0][0] == "info"
    assert found("land", {"reported_area": 2_400 * MU}) == []
    assert found("land", {**wrong, "map_area": None}) == []


def test_the_blocks_are_set_against_those_of_the_map() -> None:
    figures = {"ready_block_area": 600 * MU}
    small = {"block": "K2", "area": 400 * MU}
    later = {"block": "K3", "ready_on": date(2023, 6, 1)}
    assert found("blocks", {}, small, later, figures=figures) == []
    assert found("blocks", small, figures=figures) == [
        ("warning", "return-differs-from-figure", "area", "")
    ]


def test_days_lie_in_the_month_and_follow_one_another() -> None:
    assert found("quota", {"on": date(2023, 3, 31)}) == [
        ("error", "return-not-in-month", "on", "R1")
    ]
    assert found("quota", {"expires_on": date(2023, 4, 1)}) == [
        ("error", "return-out-of-order", "expires_on", "R1")
    ]
    assert found("land", {"levelled_on": date(2023, 5, 1)}) == [
        ("error", "return-after-month", "levelled_on", "R1")
    ]
    # Steps between that nobody dated are passed over.
    days = {"acquired_on": date(2023, 4, 3), "cleared_on": date(2023, 4, 1)}
    assert found("land", days) == [("error", "return-out-of-order", "cleared_on", "R1")]


def test_what_one_value_asks_for_must_be_there() -> None:
    assert found("plans", {"stage": "approved"}) == [
        ("error", "return-required-if", "approved_on", "R1")
    ]
    assert found("plans", {"stage": "approved", "approved_on": date(2023, 4, 1)}) == []
    assert found("land", {"acquired_pct": Decimal(60)}) == [
        ("warning", "return-required-if", "not_acquired_reason", "R1")
    ]
    assert found("land", {"acquired_pct": Decimal(100)}) == []


def test_a_part_is_no_more_than_its_whole() -> None:
    assert found("firms", {"value_added": Decimal(501)}) == [
        ("error", "return-above-other", "value_added", "R1")
    ]


def test_a_name_stands_once() -> None:
    assert found("leads", {}, {"lead": " 电池厂 "}) == [("error", "return-twice", "lead", "R2")]


def test_a_plan_does_not_go_back() -> None:
    last = rows("plans", {"stage": "submitted"})
    assert found("plans", {}, last=last) == [("warning", "return-stage-back", "stage", "R1")]
    assert found("plans", {"stage": "submitted"}, last=last) == []


def test_a_finding_names_its_cell() -> None:
    places = {"works": SheetPlace("基础设施项目", {"invested": "I"})}
    context = Context("2023-04", places=places, file="a.xlsx")
    told: tuple[Finding, ...] = check(kind("works"), rows("works", {"invested": None}), context)
    assert [str(item.place) for item in told] == ["a.xlsx [基础设施项目] I7"]
    assert "当月完成投资" in told[0].text("zh")


def test_no_text_of_a_rule_lacks_a_value() -> None:
    """A text with a question mark for a value was given too little."""
    last = rows("works", {"invested_ytd": Decimal(10**9), "physical_pct": Decimal(90)})
    bad = {
        "invested": Decimal(-5), "invested_ytd": Decimal(-7), "physical_pct": Decimal(120),
        "started_on": date(2024, 1, 1), "finished_on": date(2023, 1, 1),
    }  # fmt: skip
    told = [
        *check(kind("works"), rows("works", bad), Context("2023-04", last)),
        *check(kind("land"), rows("land", {"reported_area": 5.0}), Context("2023-04")),
        *check(kind("plans"), rows("plans", {"stage": "approved"}), Context("2023-04")),
        *check(kind("supply"), rows("supply", {"spare": Decimal(9)}), Context("2023-04")),
    ]
    assert len(told) > 7
    for item in told:
        for lang in ("zh", "en"):
            assert "?" not in item.text(lang), item.text(lang)
            assert item.code not in item.text(lang)
