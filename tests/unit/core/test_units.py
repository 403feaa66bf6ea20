"""Units and their exact conversions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from zonewright.core.errors import UnitError
from zonewright.core.units import UNITS, convert, factor, known_unit, unit


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        ("亩", "m2", Fraction(2_000, 3)),
        ("ha", "亩", Fraction(15)),
        ("km2", "亩", Fraction(1_500)),
        ("万亩", "km2", Fraction(20, 3)),
        ("亿元", "万元", Fraction(10_000)),
        ("百万元", "元", Fraction(1_000_000)),
        ("亿美元", "百万美元", Fraction(100)),
        ("万m2", "ha", Fraction(1)),
        ("pp", "%", Fraction(1)),
        ("万kWh", "kWh", Fraction(10_000)),
    ],
)
def test_factors_are_exact(given: str, wanted: str, expected: Fraction) -> None:
    assert factor(given, wanted) == expected


def test_the_published_pairs_of_hectares_and_mu() -> None:
    """The article's areas are whole mu, rounded to 0.01 ha."""
    for ha, mu in (("404.67", 6_070), ("88.53", 1_328), ("34", 510), ("33.33", 500)):
        assert abs(convert(Decimal(ha), "ha", "亩") - mu) < Fraction(15, 100)
    assert convert(6_070, "亩", "ha") == Fraction(6_070, 15)


def test_500_mu_are_a_third_of_a_square_kilometre() -> None:
    assert convert(500, "亩", "km2") == Fraction(1, 3)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("公顷", "ha"), ("平方公里", "km2"), ("㎡", "m2"), (" 亩 ", "亩"), ("RMB", "元"),
        ("亿", "亿元"), ("US$", "美元"), ("％", "%"), ("个百分点", "pp"), ("HA", "ha"),
        ("家", "个"), ("度", "kWh"),
    ],
)  # fmt: skip
def test_what_offices_write_is_known(name: str, code: str) -> None:
    assert unit(name).code == code
    assert known_unit(name)


def test_no_alias_names_two_units() -> None:
    names = [name.casefold() for known in UNITS.values() for name in (known.code, *known.aliases)]
    assert len(names) == len(set(names))


def test_every_dimension_of_amounts_has_a_base_unit() -> None:
    for dimension in {known.dimension for known in UNITS.values()} - {"share"}:
        assert any(u.factor == 1 for u in UNITS.values() if u.dimension == dimension), dimension


def test_unknown_units_and_mixed_dimensions_are_refused() -> None:
    with pytest.raises(UnitError, match="stone") as caught:
        unit("stone")
    assert "公顷" in caught.value.text("zh") or "ha" in caught.value.text("zh")
    assert not known_unit("stone")
    with pytest.raises(UnitError, match="area, the other cny"):
        factor("ha", "元")
    with pytest.raises(UnitError):
        factor("元", "美元")


def test_a_float_is_taken_bit_by_bit_and_a_decimal_as_written() -> None:
    assert convert(Decimal("26.03"), "亿元", "元") == 2_603_000_000
    assert convert(0.5, "ha", "m2") == 5_000


def test_labels_in_both_languages() -> None:
    assert (unit("ha").label("zh"), unit("ha").label("en")) == ("公顷", "ha")
    assert (unit("亩").label("zh"), unit("亩").label("en")) == ("亩", "mu")
