"""Values of a return as a reader sees them: numbers in the column's unit, choices by their name."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from zonewright.core.units import factor, known_unit
from zonewright.steering.returns.kinds import ReturnColumn
from zonewright.steering.returns.rows import plain

MEASURES = frozenset({"area", "money", "energy"})
NUMERIC = MEASURES | {"number", "percent"}
_PLACES = 6


def number_of(value: object) -> Fraction | None:
    """Return a value as an exact number; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        return None
    # 0.1 was meant where a float says 0.1000000000000000055.
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def in_unit(column: ReturnColumn, value: object) -> Fraction | None:
    """Return a number of a column in the unit in which the column is shown."""
    number = number_of(value)
    if number is None:
        return None
    if column.field.kind in MEASURES and known_unit(column.unit):
        return number * factor(column.field.unit, column.unit)
    return number


def shown(column: ReturnColumn, value: object, *, lang: str = "") -> str:
    """Return a value as it stands in a form: digits without grouping, in the column's unit.

    Parameters
    ----------
    lang
        Language in which a choice is named; empty for its code.

    Examples
    --------
    >>> from zonewright.steering.returns.kinds import kind
    >>> shown(kind("works").sheets[0].column("invested"), Decimal("26030000"))
    '2603'
    """
    if value is None:
        return ""
    number = in_unit(column, value)
    if number is not None:
        return digits(number)
    if isinstance(value, bool):
        return {"zh": "是" if value else "否", "en": "yes" if value else "no"}.get(
            lang, "1" if value else "0"
        )
    if column.field.kind == "choice" and lang == "zh":
        return column.field.choices.get(str(value), str(value))
    return str(plain(value))


def digits_of(column: ReturnColumn, number: Fraction) -> str:
    """Return an exact number of a column in digits, in the unit in which the column is shown."""
    found = in_unit(column, number)
    return digits(number if found is None else found)


def digits(number: Fraction) -> str:
    """Return an exact number in digits, rounded to six places, without trailing zeros."""
    text = f"{Decimal(number.numerator) / Decimal(number.denominator):.{_PLACES}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
