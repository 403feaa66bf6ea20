from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonewright.core import units
from zonewright.core.schema import table
from zonewright.intake.context import Context
from zonewright.intake.faults import CellError
from zonewright.intake.numbers import Number, read_number
from zonewright.intake.values import Column, reader_of

AREA_UNITS = ["m2", "万m2", "ha", "km2", "亩", "万亩"]
MONEY_UNITS = ["元", "千元", "万元", "百万元", "亿元"]


@pytest.mark.parametrize(
    ("cell", "value", "bound", "unit"),
    [
        ("１，３２８", "1328", "", ""),
        ("1,328亩", "1328", "", "亩"),
        ("12.3公顷", "12.3", "", "ha"),
        ("1.2亿元", "1.2", "", "亿元"),
        ("超1100公顷", "1100", "ge", "ha"),
        ("逾 20", "20", "ge", ""),
        ("不少于500亩", "500", "ge", "亩"),
        ("150多", "150", "ge", ""),
        ("200亿元以上", "200", "ge", "亿元"),
        ("100余亩", "100", "ge", "亩"),
        ("近70%", "70", "le", "%"),
        ("不超过３", "3", "le", ""),
        ("约12.5", "12.5", "approx", ""),
        ("500平方米左右", "500", "approx", "m2"),
        ("(12.5)", "-12.5", "", ""),
        ("-3", "-3", "", ""),
        ("78万㎡", "78", "", "万m2"),
        ("¥300万", "300", "", "万元"),
        ("US$1.5亿", "1.5", "", "亿美元"),
        ("2 400.5", "2400.5", "", ""),
        (0.1 + 0.2, "0.3", "", ""),
        (1234.5600000000002, "1234.56", "", ""),
    ],
)
def test_a_number_is_read_with_its_bound_and_unit(
    cell: object, value: str, bound: str, unit: str
) -> None:
    assert read_number(cell) == Number(Decimal(value), bound, unit)


@pytest.mark.parametrize("cell", ["1,32", "12-15", "三百亩", "很多", "1.2.3", "(5", True, "12abc"])
def test_what_is_no_number_is_refused(cell: object) -> None:
    with pytest.raises(CellError):
        read_number(cell)


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(CellError) as caught:
        read_number("12垧")
    assert caught.value.code == "intake-unit-unknown"
    assert caught.value.params["unit"] == "垧"


@given(
    value=st.decimals(0, 10**9, places=4, allow_nan=False),
    unit=st.sampled_from(AREA_UNITS),
    column_unit=st.sampled_from(AREA_UNITS),
)
def test_an_area_written_with_its_own_unit_ignores_the_columns(
    value: Decimal, unit: str, column_unit: str
) -> None:
    column = Column("parcels", table("parcels")["reported_area"], column_unit, Context())
    reading = reader_of(column)(f"{value:,}{unit}")
    assert reading.extras["reported_area_unit"] == unit
    back = units.convert(Fraction(str(reading.value)), "m2", unit)
    assert float(back) == pytest.approx(float(value), rel=1e-14)


@given(
    value=st.decimals(-(10**9), 10**9, places=6, allow_nan=False),
    unit=st.sampled_from(MONEY_UNITS),
)
def test_money_comes_back_exactly(value: Decimal, unit: str) -> None:
    column = Column("fund_entries", table("fund_entries")["amount"], unit, Context())
    reading = reader_of(column)(str(value))
    assert units.convert(reading.value, "元", unit) == Fraction(value)  # type: ignore[arg-type]


def test_dollars_are_kept_for_projects_and_refused_for_funds() -> None:
    project = Column("ventures", table("ventures")["investment"], "万元", Context())
    assert reader_of(project)("1.5亿美元").value == Decimal(150_000_000)
    fund = Column("fund_entries", table("fund_entries")["amount"], "万元", Context())
    with pytest.raises(CellError) as caught:
        reader_of(fund)("1.5亿美元")
    assert caught.value.code == "intake-unit-wrong"


def test_a_bare_scale_multiplies_the_columns_unit() -> None:
    column = Column("parcels", table("parcels")["reported_area"], "亩", Context())
    assert reader_of(column)("1.5万").value == pytest.approx(15_000 * 2000 / 3)


def test_a_negative_area_is_refused() -> None:
    column = Column("parcels", table("parcels")["reported_area"], "亩", Context())
    with pytest.raises(CellError) as caught:
        reader_of(column)("-5")
    assert caught.value.code == "intake-number-negative"


@pytest.mark.parametrize("text", ["20-30亩", "约20～30", "3至5亿元", "10亩—20亩"])
def test_a_range_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(CellError) as caught:
        read_number(text)
    assert caught.value.code == "intake-number-range"
