"""Units of area, money, energy, supply, share and count, with exact conversions.

A unit's code is how offices write it (``ha``, ``亩``, ``亿元``); factors are exact fractions, so
that 500 亩 are 1 000 000/3 m² and not 333 333.33.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from zonewright.core.errors import UnitError


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its dimension, its exact size in the base unit of that dimension, and its names."""

    code: str
    dimension: str
    factor: Fraction
    en: str
    aliases: tuple[str, ...] = ()

    def label(self, lang: str = "en") -> str:
        """Return how a reader of a language writes the unit."""
        if lang == "en":
            return self.en
        return "/".join(_ZH.get(part, part) for part in self.code.split("/"))


_ZH = {
    "ha": "公顷",
    "km2": "平方公里",
    "m2": "平方米",
    "万m2": "万平方米",
    "m3": "立方米",
    "万m3": "万立方米",
    "MW": "兆瓦",
    "万kW": "万千瓦",
    "t": "吨",
    "h": "时",
    "rank": "位",
    "date": "",
}
_UNITS = (
    Unit("m2", "area", Fraction(1), "m²", ("㎡", "m²", "平方米", "平米", "sqm")),
    Unit(
        "万m2",
        "area",
        Fraction(10_000),
        "10,000 m²",
        ("万㎡", "万m²", "万平方米", "万平米", "万平"),
    ),
    Unit("ha", "area", Fraction(10_000), "ha", ("公顷", "hm2", "hm²", "hectare", "hectares")),
    Unit("km2", "area", Fraction(1_000_000), "km²", ("km²", "平方公里", "平方千米", "k㎡")),
    Unit("亩", "area", Fraction(2_000, 3), "mu", ("mu", "市亩")),
    Unit("万亩", "area", Fraction(20_000_000, 3), "10,000 mu"),
    Unit("元", "cny", Fraction(1), "CNY", ("cny", "人民币元", "rmb", "¥")),
    Unit("千元", "cny", Fraction(1_000), "CNY thousand"),
    Unit("万元", "cny", Fraction(10_000), "CNY 10,000", ("万",)),
    Unit("百万元", "cny", Fraction(1_000_000), "CNY million"),
    Unit("亿元", "cny", Fraction(100_000_000), "CNY 100 million", ("亿",)),
    Unit("美元", "usd", Fraction(1), "USD", ("usd", "$", "us$")),
    Unit("万美元", "usd", Fraction(10_000), "USD 10,000"),
    Unit("百万美元", "usd", Fraction(1_000_000), "USD million"),
    Unit("亿美元", "usd", Fraction(100_000_000), "USD 100 million"),
    Unit("%", "share", Fraction(1, 100), "%", ("％", "百分比", "pct")),
    Unit("pp", "share", Fraction(1, 100), "pp", ("个百分点", "百分点")),
    Unit("kWh", "energy", Fraction(1), "kWh", ("千瓦时", "度")),
    Unit("万kWh", "energy", Fraction(10_000), "10 MWh", ("万千瓦时", "万度")),
    Unit("m3/日", "flow_rate", Fraction(1), "m³/d", ("立方米/日",)),
    Unit(
        "万m3/日",
        "flow_rate",
        Fraction(10_000),
        "10,000 m³/d",
        ("万m³/日", "万m3/d", "万m³/d", "万立方米/日", "万立方米/天", "万方/日"),
    ),
    Unit("MW", "power", Fraction(1), "MW", ("兆瓦",)),
    Unit("万kW", "power", Fraction(10), "10 MW", ("万千瓦",)),
    Unit("t/h", "steam", Fraction(1), "t/h", ("吨/小时", "吨/时", "蒸吨/小时")),
    Unit("个", "count", Fraction(1), "", ("count", "家", "宗", "次", "条")),
    Unit("项", "count", Fraction(1), ""),
    Unit("块", "count", Fraction(1), "blocks"),
    Unit("档", "rank", Fraction(1), "tier"),
    Unit("rank", "rank", Fraction(1), "rank", ("名", "位", "第")),
    Unit("date", "date", Fraction(1), "", ("日期",)),
)
UNITS: dict[str, Unit] = {unit.code: unit for unit in _UNITS}
_BY_NAME = {name.casefold(): unit for unit in _UNITS for name in (unit.code, *unit.aliases)}


def unit(name: str) -> Unit:
    """Return the unit of a code or alias.

    Raises
    ------
    UnitError
        If nothing is known by that name.

    Examples
    --------
    >>> unit("公顷").code
    'ha'
    >>> unit("万元/亩").dimension, unit("万元/亩").factor
    ('cny/area', Fraction(15, 1))
    """
    found = _BY_NAME.get(name.strip().casefold()) or _quotient(name)
    if found is None:
        raise UnitError("unit-unknown", text=name, known=", ".join(UNITS))
    return found


def known_unit(name: str) -> bool:
    """Return whether a name is a unit's code or alias, or one of them by another."""
    return name.strip().casefold() in _BY_NAME or _quotient(name) is not None


@cache
def _quotient(name: str) -> Unit | None:
    """Return the unit of one thing by another, as in 万元/亩; None if it is none."""
    upper, slash, lower = name.partition("/")
    above, below = (_BY_NAME.get(part.strip().casefold()) for part in (upper, lower))
    if not slash or above is None or below is None or above.dimension == below.dimension:
        return None
    return Unit(
        f"{above.code}/{below.code}",
        f"{above.dimension}/{below.dimension}",
        above.factor / below.factor,
        f"{above.en or 'number'}/{below.en or 'number'}",
    )


def factor(given: str, wanted: str) -> Fraction:
    """Return how many of the wanted unit one of the given unit is, exactly.

    Raises
    ------
    UnitError
        If a unit is unknown or the two have different dimensions.

    Examples
    --------
    >>> factor("亩", "ha")
    Fraction(1, 15)
    >>> factor("亿元", "万元")
    Fraction(10000, 1)
    """
    source, target = unit(given), unit(wanted)
    if source.dimension != target.dimension:
        raise UnitError(
            "unit-dimension",
            given=source.code,
            wanted=target.code,
            given_dimension=source.dimension,
            wanted_dimension=target.dimension,
        )
    return source.factor / target.factor


def convert(value: Decimal | Fraction | float, given: str, wanted: str) -> Fraction:
    """Return a value in another unit, exactly.

    Examples
    --------
    >>> convert(500, "亩", "m2")
    Fraction(1000000, 3)
    >>> float(convert(Decimal("26.03"), "亿元", "万元"))
    260300.0
    """
    return Fraction(value) * factor(given, wanted)
