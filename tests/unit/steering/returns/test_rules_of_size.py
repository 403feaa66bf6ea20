"""Figures in a wrong unit: yuan or 亿 in a column of 万元 is found, much money is let pass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from zonewright.core.findings import Finding
from zonewright.steering.returns.kinds import kind
from zonewright.steering.returns.rows import RowsOf, SheetRow
from zonewright.steering.returns.rules import Context, check

WAN = 10_000
SPENT = {"W1": Decimal(4_800 * WAN)}


def wan(amount: str) -> Decimal:
    """Return an amount of 万元 in yuan."""
    return Decimal(amount) * WAN


def works(**values: object) -> RowsOf:
    """Return a work as it may be: 11,968 万元 in all, 2,000 of them planned for the year."""
    row = {
        "total_cost": wan("11968"), "year_plan": wan("2000"), "invested": wan("253"),
        "invested_ytd": wan("253"), "started_on": date(2022, 1, 1),
    }  # fmt: skip
    return {"works": (SheetRow(14, "W1", {**row, **values}),)}


def last(amount: str) -> RowsOf:
    """Return the December of the work."""
    return works(invested=wan(amount), invested_ytd=wan("5000"))


def told(
    rows: RowsOf, before: RowsOf | None = None, *, code: str = "works", period: str = "2024-01"
) -> tuple[Finding, ...]:
    found = check(kind(code), rows, Context(period, before or {}, spent=SPENT))
    for item in found:
        for lang in ("zh", "en"):
            assert "?" not in item.text(lang), item.text(lang)
            assert item.code not in item.text(lang)
    return found


def brief(found: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(item.severity, item.code, item.field) for item in found]


def test_what_is_in_its_unit_is_let_pass() -> None:
    assert told(works(), last("487")) == ()
    assert told(works(year_plan=None, total_cost=None)) == ()


def test_yuan_in_a_column_of_wan_cannot_be() -> None:
    """2,530,000 was typed for 253: more than two hundred times what the work costs in all."""
    wrong = {"invested": wan("2530000"), "invested_ytd": wan("2530000")}
    found = told(works(**wrong), last("487"))
    assert brief(found) == [
        ("error", "return-far-beyond-cost", "invested_ytd"),
        ("error", "return-beyond-plan", "invested"),
        ("error", "return-jumps", "invested"),
    ]
    assert "212 times" in found[0].text("en")
    assert "11968万元" in found[0].text("zh")
    assert "487万元" in found[2].text("zh")
    # No note makes it right.
    noted = told(works(**wrong, remark="按实填报"), last("487"))
    assert [item.severity for item in noted] == ["error", "warning", "warning"]


def test_hundred_millions_in_a_column_of_wan_ask_for_a_note() -> None:
    """0.0757 亿 was typed for 757."""
    wrong = {"invested": wan("0.0757"), "invested_ytd": wan("0.0757")}
    found = told(works(**wrong), last("1280"))
    assert brief(found) == [("error", "return-shrinks", "invested")]
    assert "1/20" in found[0].text("en")
    noted = told(works(**wrong, remark="尾款"), last("1280"))
    assert brief(noted) == [("warning", "return-shrinks", "invested")]


@pytest.mark.parametrize(
    ("invested", "before", "is_found"),
    [
        ("900", "40", False), ("1100", "50", True), ("1100", "60", False), ("49", "1000", True),
        ("51", "1200", False), ("49", "900", False), ("0", "900", False), ("300", "0", False),
    ],
)  # fmt: skip
def test_a_month_is_set_against_the_last(invested: str, before: str, is_found: bool) -> None:
    """Twenty times as much, or a twentieth, if that is more, or less, than a small work brings."""
    rows = works(invested=wan(invested), invested_ytd=wan(invested))
    found = brief(told(rows, last(before)))
    assert bool(found) == is_found, found


def test_after_a_month_without_any_the_last_that_had_some_counts() -> None:
    rows = works(invested=wan("0.0757"), invested_ytd=wan("0.0757"))
    for before in ({}, last("0")):
        context = Context("2024-01", before, earlier=last("640"))
        assert brief(check(kind("works"), rows, context)) == [
            ("error", "return-shrinks", "invested")
        ]
    assert told(rows, last("0")) == ()


@pytest.mark.parametrize(
    ("ytd", "code", "severity"),
    [
        ("7000", "", ""), ("7168", "", ""), ("7300", "return-cost-spent", "warning"),
        ("9000", "return-beyond-cost", "error"), ("120000", "return-far-beyond-cost", "error"),
    ],
)  # fmt: skip
def test_all_that_was_spent_is_set_against_the_cost(ytd: str, code: str, severity: str) -> None:
    """4,800 万元 went before the year: 7,168 are left."""
    rows = works(invested=wan("100"), invested_ytd=wan(ytd))
    found = [item for item in told(rows, period="2024-05") if item.field == "invested_ytd"]
    assert brief(tuple(found)) == ([(severity, code, "invested_ytd")] if code else [])


def test_a_month_is_set_against_the_plan_of_the_year() -> None:
    most = {"invested": wan("2400"), "invested_ytd": wan("2400")}
    assert told(works(**most)) == ()
    more = {name: wan("2401") for name in most}
    assert brief(told(works(**more))) == [("error", "return-beyond-plan", "invested")]
    assert brief(told(works(**more, remark="提前支付设备款"))) == [
        ("warning", "return-beyond-plan", "invested")
    ]
    assert told(works(**more, year_plan=None)) == ()
    assert told(works(**more, year_plan=Decimal(0))) == ()


def firms(output: str, power: str = "30") -> RowsOf:
    row = {"output": wan(output), "value_added": wan("4"), "power": Decimal(power) * WAN}
    return {"firms": (SheetRow(7, "C1", row),)}


def test_what_adds_up_is_set_against_the_month_that_it_brought() -> None:
    """Of an output of the year to date the average month counts, not what stands there."""
    before = firms("1000")
    assert told(firms("1500"), before, code="firms", period="2023-03") == ()
    wrong = told(firms("15000000"), before, code="firms", period="2023-03")
    assert brief(wrong) == [("error", "return-pace-jumps", "output")]
    assert "本年月均为 5000000万元，是此前月均 500万元 的 10000 倍" in wrong[0].text("zh")
    assert brief(told(firms("1500", "300000"), before, code="firms", period="2023-03")) == [
        ("error", "return-pace-jumps", "power")
    ]


@pytest.mark.parametrize(
    ("output", "code"),
    [("900", ""), ("9000000", "return-pace-jumps"), ("5", "return-pace-shrinks")],
)
def test_the_first_months_of_a_year_are_set_against_the_last(output: str, code: str) -> None:
    """Statistics report no January: February is compared with the December before."""
    rows = firms(output)
    december = firms("6000", "180")
    context = Context("2024-02", earlier=december)
    found = [item for item in check(kind("firms"), rows, context) if item.field == "output"]
    assert brief(tuple(found)) == ([("error", code, "output")] if code else [])


def supply(**values: object) -> RowsOf:
    row: Mapping[str, object] = {
        "service": "water", "capacity": Decimal(10), "demand": Decimal(7), "spare": Decimal(3),
    }  # fmt: skip
    return {"supply": (SheetRow(7, "water", {**row, **values}),)}


def test_a_capacity_and_a_block_are_set_against_last_month() -> None:
    wrong = supply(capacity=Decimal(100_000), spare=Decimal(99_993))
    found = told(wrong, supply(), code="supply")
    assert brief(found) == [("error", "return-jumps", "capacity")]
    block = {"block": "K1", "parcels": "P1", "area": 400_000.0}
    before = {"blocks": (SheetRow(7, "+1", block),)}
    now = {"blocks": (SheetRow(7, "+1", {**block, "area": 400_000.0 * 667}),)}
    assert brief(told(now, before, code="blocks")) == [("error", "return-jumps", "area")]


def test_land_in_another_unit_asks_for_a_note() -> None:
    """A ledger in hectares in a column of mu: a fifteenth of what the map says."""
    row = {"map_area": 150_000.0, "reported_area": 10_000.0}
    (found,) = told({"parcels": (SheetRow(7, "P1", row),)}, code="land")
    assert (found.severity, found.code) == ("error", "return-differs-from-map")


def test_a_limit_is_told_in_the_unit_of_the_column() -> None:
    row = {
        "code": "Q1", "document": "粤1号", "category": "city", "entry": "granted",
        "area": 20_000 * 2_000 / 3, "on": date(2024, 1, 3),
    }  # fmt: skip
    (found,) = told({"entries": (SheetRow(7, "+1", row),)}, code="quota")
    assert found.severity == "warning"
    assert "20000亩，高于上限 10000" in found.text("zh")


def test_a_share_is_told_with_its_sign_and_no_space_before_a_mark() -> None:
    before = works(physical_pct=Decimal(100))
    (found,) = told(works(physical_pct=Decimal(85)), before)
    assert "falls from 100 to 85 %;" in found.text("en")
    assert "降为 85%" in found.text("zh")
