"""Numbers read the same way everywhere, and never lose a digit of the source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonewright.core.phrases import Lang
from zonewright.report import numbers
from zonewright.report.model import Derivation, ReportFigure, Text


@pytest.mark.parametrize(
    ("value", "unit", "lang", "text"),
    [
        (143.74, "亿元", "zh", "143.74亿元"),
        (143.74, "亿元", "en", "CNY 14.374 billion"),
        (1.2, "亿元", "en", "CNY 120 million"),
        (-26.03, "亿元", "en", "CNY −2.603 billion"),
        (150, "亿美元", "en", "USD 15 billion"),
        (350, "万元", "en", "CNY 3.5 million"),
        (12.5, "元", "en", "CNY 12.5"),
        (78, "万m2", "en", "780,000 m²"),
        (78, "万m2", "zh", "78万平方米"),
        (86.24, "%", "en", "86.24%"),
        (19, "块", "en", "19 blocks"),
        (105, "项", "en", "105"),
        (1, "档", "zh", "第一档"),
        (2, "档", "en", "tier 2"),
        (11, "rank", "en", "11th"),
        (3, "rank", "en", "3rd"),
        (3, "rank", "zh", "第3位"),
    ],
)
def test_a_quantity_in_its_language(value: float, unit: str, lang: Lang, text: str) -> None:
    assert numbers.quantity(value, unit, lang) == text


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (220.87, "ha", "3,313亩", "3,313 mu"),
        (404.67, "ha", "6,070亩", "6,070 mu"),
        (1395, "km2", "209.25万亩", "2,092,500 mu"),
        (340, "km2", "51万亩", "510,000 mu"),
        (143.74, "亿元", "", ""),
    ],
)
def test_land_has_mu_beside_it(value: float, unit: str, zh: str, en: str) -> None:
    assert (numbers.beside(value, unit, "zh"), numbers.beside(value, unit, "en")) == (zh, en)


def figure(**changes: object) -> ReportFigure:
    given: dict[str, object] = {
        "code": "F1",
        "label": Text("征地", "Land"),
        "zone": Text("区", "zone"),
        "period": Text("2023年", "2023"),
        "value": 1103.4417,
        "unit": "ha",
        "derivation": Derivation(Text("和", "sum"), Text("区", "zone")),
    }
    return ReportFigure(**{**given, **changes})  # type: ignore[arg-type]


def test_a_stated_figure_keeps_its_bound_and_digits() -> None:
    item = figure(stated=1100, bound="ge")
    assert numbers.stated(item, "zh") == "超1,100公顷（16,500亩）"
    assert numbers.stated(item, "en") == "more than 1,100 ha (16,500 mu)"
    assert numbers.stated(item, "en", land=False) == "more than 1,100 ha"


def test_an_unstated_figure_is_stated_as_computed() -> None:
    assert numbers.stated(figure(), "en", land=False) == "1,103.44 ha"


def test_words_and_dates_stand_for_themselves() -> None:
    wording = Text("2023年6月", "June 2023")
    item = figure(value=date(2023, 6, 30), unit="date", wording=wording)
    assert numbers.stated(item, "zh") == "2023年6月"
    assert numbers.computed(date(2023, 6, 30), "date", "en") == "30 June 2023"
    assert numbers.computed(None, "ha", "zh") == "—"


def test_a_rate_shows_its_sign() -> None:
    item = figure(value=8.7, unit="%", nature="rate", stated=8.7)
    assert numbers.stated(item, "zh") == "+8.7%"


def test_half_is_rounded_up_and_zero_has_no_sign() -> None:
    assert numbers.number(2.675, 2) == "2.68"
    assert numbers.number(-0.001, 2) == "0.00"
    assert numbers.number(-0.0) == "0"
    assert numbers.number(Fraction(1, 3), 3) == "0.333"


def test_an_unknown_unit_is_shown_as_given() -> None:
    assert numbers.quantity(3, "t/d", "en") == "3 t/d"


@given(st.decimals(min_value=0, max_value=10**7, places=2))
def test_english_money_keeps_every_digit_of_the_source(amount: Decimal) -> None:
    text = numbers.quantity(amount, "亿元", "en").removeprefix("CNY ")
    digits, _, word = text.partition(" ")
    scale = {"billion": 10**9, "million": 10**6, "": 1}[word]
    assert Decimal(digits.replace(",", "")) * scale == amount * 10**8


def test_a_number_that_is_not_round_is_no_less_than_itself() -> None:
    assert numbers.phrase(86.66, "%", "ge", "zh") == "不低于86.66%"
    assert numbers.phrase(86.66, "%", "ge", "en") == "at least 86.66%"
    assert numbers.phrase(86.5, "%", "ge", "zh") == "超86.5%"
    assert numbers.phrase(150, "项", "ge", "zh") == "超150项"
    assert numbers.phrase(86.66, "%", "le", "zh") == "近86.66%"
