"""Numbers taken exactly as they are written in decimals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

Number = int | float | Decimal | Fraction


def exactly(value: Number) -> Fraction:
    """Return the fraction that a number's decimal writing means.

    Examples
    --------
    >>> exactly(0.1), exactly(Decimal("86.24"))
    (Fraction(1, 10), Fraction(2156, 25))
    """
    return Fraction(Decimal(repr(float(value)))) if isinstance(value, float) else Fraction(value)
