"""Where and when a part of an expression is asked, and the walk that computes it.

One walk serves both evaluators: the exact one of a single figure (`rules_formula`) and the one over
arrays (`cube`). They differ in the algebra only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, Protocol, TypeVar

from zonewright.core.periods import Period
from zonewright.steering.expressions import Binary, Call, Name, Node, Number

Span = Literal["asked", "ytd", "month"]
CITY = "city"
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where and when an indicator is asked, as seen from the question.

    Parameters
    ----------
    span
        The months that the question asks, January to its last month, or its last month alone.
    back
        How many months earlier.
    zone
        Code of another zone; ``city`` for the zone's city; empty for the zone itself.
    """

    span: Span = "asked"
    back: int = 0
    zone: str = ""

    def period(self, asked: Period) -> Period:
        """Return the period that is meant.

        January alone counts as a year to date: its month before is then the whole year before.

        Examples
        --------
        >>> str(Spot("ytd", 12).period(Period.parse("2023-04")))
        '2022-01..2022-04'
        >>> str(Spot("asked", 1).period(Period.parse("2023-01..2023-04")))
        '2023-01..2023-03'
        """
        last = asked.last - self.back
        if self.span == "month":
            return Period(last, last)
        if self.span == "ytd" or asked.is_year_to_date:
            return Period(last - last % 12, last)
        return Period(None if asked.first is None else asked.first - self.back, last)


class Algebra(Protocol[Value]):
    """How values are computed."""

    def number(self, value: Fraction) -> Value:
        """Return a number."""
        ...

    def named(self, code: str, at: Spot) -> Value:
        """Return an indicator, in the base unit of its dimension."""
        ...

    def joined(self, op: str, left: Value, right: Value) -> Value:
        """Return the sum, difference, product or quotient; not known if a part is not."""
        ...

    def chosen(self, function: str, values: Sequence[Value]) -> Value:
        """Return ``min``, ``max``, ``abs`` or ``if_known`` of values."""
        ...

    def growth(self, now: Value, before: Value) -> Value:
        """Return the change over what was before; not known unless that is above 0."""
        ...


def compute(node: Node, at: Spot, algebra: Algebra[Value]) -> Value:
    """Return the value of an expression at a spot."""
    if isinstance(node, Number):
        return algebra.number(node.value)
    if isinstance(node, Name):
        return algebra.named(node.code, at)
    if isinstance(node, Binary):
        left, right = compute(node.left, at, algebra), compute(node.right, at, algebra)
        return algebra.joined(node.op, left, right)
    return _called(node, at, algebra)


def _called(node: Call, at: Spot, algebra: Algebra[Value]) -> Value:
    first = node.args[0]
    match node.function:
        case "ytd" | "month" as span:
            return compute(first, replace(at, span=span), algebra)
        case "prev_year":
            return compute(first, replace(at, back=at.back + 12), algebra)
        case "prev_month":
            return compute(first, replace(at, back=at.back + 1), algebra)
        case "at":
            return compute(first, replace(at, zone=node.text), algebra)
        case "share_of":
            whole = compute(first, replace(at, zone=node.text), algebra)
            return algebra.joined("/", compute(first, at, algebra), whole)
        case "growth":
            before = compute(first, replace(at, back=at.back + 12), algebra)
            return algebra.growth(compute(first, at, algebra), before)
        case _:
            values = [compute(arg, at, algebra) for arg in node.args]
            return algebra.chosen(node.function, values)
