"""Figures as a report phrases them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from zonewright.core.errors import RangeError, UnitError
from zonewright.core.periods import Period
from zonewright.core.phrases import phrase
from zonewright.steering.catalogue import load
from zonewright.steering.figure import Bound, Figure, Question, new_terms
from zonewright.steering.statement import state


def figure(
    value: str | date | None, indicator: str = "land_levelled", *, bound: Bound = "exact",
    precision: str = "d",
) -> Figure:  # fmt: skip
    exact = Fraction(value) if isinstance(value, str) else None
    return Figure(
        question=Question(indicator, "C", Period.parse("2023-01..2023-10")),
        indicator=load()[indicator],
        value=value if isinstance(value, date) else None if exact is None else float(exact),
        exact=exact,
        bound=bound,
        basis="none",
        terms=new_terms(),
        records=(),
        precision=precision,
    )


@pytest.mark.parametrize(
    ("value", "bound", "step", "stated", "zh", "en"),
    [
        ("1103.7", "ge", 100, 1100, "超1,100公顷", "more than 1,100 ha"),
        ("1199.99", "ge", 100, 1100, "超1,100公顷", "more than 1,100 ha"),
        ("838.5", "exact", 1, 839, "839公顷", "839 ha"),  # half up
        ("838.4999", "exact", 1, 838, "838公顷", "838 ha"),
        ("220.865", "exact", 0.01, 220.87, "220.87公顷", "220.87 ha"),
        ("220.8649", "exact", 0.01, 220.86, "220.86公顷", "220.86 ha"),
        ("5", "exact", 0.01, 5, "5公顷", "5 ha"),
        ("3236", "approx", 10, 3240, "约3,240公顷", "about 3,240 ha"),
        ("61.2", "le", 10, 70, "近70公顷", "nearly 70 ha"),
        ("12.5", "exact", None, 12.5, "12.5公顷", "12.5 ha"),
        ("1200", "exact", None, 1200, "1,200公顷", "1,200 ha"),
        ("-2.5", "exact", 1, -2, "−2公顷", "−2 ha"),
    ],
)
def test_bounds_and_steps(
    value: str, bound: Bound, step: float | None, stated: float, zh: str, en: str
) -> None:
    found = state(figure(value), bound=bound, step=step)
    assert (found.stated, found.text_zh, found.text_en) == (stated, zh, en)
    assert found.findings == ()


def test_rounding_is_of_the_decimals_and_not_of_the_float() -> None:
    """2.675 as a float lies below the half; as it is written it lies on it."""
    assert state(figure("2.675"), step=0.01).stated == 2.68


def test_a_value_in_another_unit_is_rounded_there() -> None:
    found = state(figure("33.3"), unit="亩", step=1)
    assert (found.value, found.text_zh, found.text_en) == (499.5, "500亩", "500 mu")
    with pytest.raises(UnitError):
        state(figure("33.3"), unit="亿元")


@pytest.mark.parametrize(("bound", "word"), [("ge", "超"), ("le", "近")])
def test_over_and_nearly_are_not_said_of_the_number_itself(bound: Bound, word: str) -> None:
    found = state(figure("1100"), bound=bound, step=100)
    assert [finding.code for finding in found.findings] == ["statement-not-beyond"]
    assert word in found.findings[0].text("zh")


def test_a_reported_bound_may_stand_on_the_number() -> None:
    assert state(figure("150", bound="ge"), bound="ge", step=1).findings == ()


@pytest.mark.parametrize(
    ("given", "asked", "found"),
    [
        ("ge", "exact", True), ("ge", "le", True), ("approx", "exact", True),
        ("approx", "approx", False), ("ge", "approx", False), ("exact", "approx", False),
    ],
)  # fmt: skip
def test_what_is_known_as_a_bound_is_not_stated_as_more(
    given: Bound, asked: Bound, found: bool
) -> None:
    codes = [finding.code for finding in state(figure("7.3", bound=given), bound=asked).findings]
    assert codes == (["statement-bound"] if found else [])


@pytest.mark.parametrize(
    ("precision", "zh", "en"),
    [
        ("m", "2023年6月", "June 2023"),
        ("d", "2023年6月30日", "30 June 2023"),
        ("y", "2023年", "2023"),
    ],
)
def test_dates_are_stated_to_their_precision(precision: str, zh: str, en: str) -> None:
    day = date(2023, 6, 30)
    found = state(figure(day, "venture_topped_out", precision=precision))
    assert (found.text_zh, found.text_en, found.value) == (zh, en, day)


def test_the_unknown_is_stated_as_such() -> None:
    found = state(figure(None), bound="ge", step=100)
    assert (found.value, found.stated, found.text("zh"), found.text()) == (
        None, None, "暂无数据", "no data",
    )  # fmt: skip


@pytest.mark.parametrize("step", [0, -1])
def test_a_step_is_above_0(step: int) -> None:
    with pytest.raises(RangeError, match="step"):
        state(figure("1"), step=step)


@pytest.mark.parametrize(
    ("value", "unit", "bound", "zh", "en"),
    [
        ("143.74", "亿元", "exact", "143.74亿元", "CNY 14.374 billion"),
        ("1.2", "亿元", "exact", "1.2亿元", "CNY 120 million"),
        ("200", "亿元", "ge", "超200亿元", "more than CNY 20 billion"),
        ("150", "亿美元", "ge", "超150亿美元", "more than USD 15 billion"),
        ("950", "元", "exact", "950元", "CNY 950"),
        ("78", "万m2", "exact", "78万平方米", "780,000 m²"),
        ("70", "%", "le", "近70%", "nearly 70%"),
        ("19", "块", "exact", "19块", "19 blocks"),
        ("105", "项", "exact", "105项", "105"),
        ("1", "rank", "exact", "第1位", "1st"),
        ("3", "rank", "le", "前3位", "top 3"),
        ("1", "档", "exact", "第一档", "tier 1"),
        ("1395", "km2", "exact", "1,395平方公里", "1,395 km²"),
        ("0.5", "万kWh", "exact", "0.5万kWh", "5,000 kWh"),
    ],
)
def test_units_in_both_languages(value: str, unit: str, bound: Bound, zh: str, en: str) -> None:
    number = Decimal(value)
    assert phrase(number, unit, bound, "zh") == zh
    assert phrase(number, unit, bound, "en") == en
