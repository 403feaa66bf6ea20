"""Targets in parts: what a zone is to bring, and what its parks and projects bring of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from zonewright.steering.numbers import Number, exactly

PartKind = Literal["zone", "work", "venture"]
Verdict = Literal["equal", "short", "over", "partial", "within"]
# Parts may differ from their whole by what rounding leaves [share of the whole].
ROUNDING = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Part:
    """What brings a part of a target.

    Parameters
    ----------
    kind
        ``zone`` (a park below the zone), ``work`` or ``venture`` (a project).
    code
        Its code.
    value
        Its target of the year [the whole's unit]; None if none was set.
    """

    kind: PartKind
    code: str
    value: Number | None


@dataclass(frozen=True, slots=True)
class SumCheck:
    """A target beside the sum of its parts.

    Parameters
    ----------
    whole, total
        Target, and sum of the parts that have one [one unit].
    difference
        Total less whole; below 0 is what nobody was given.
    difference_pct
        The same, as a share of the whole [%].
    lacking
        Parts without a target, in the order given.
    verdict
        ``equal`` (but for rounding), ``short``, ``over``, ``partial``: short, and parts lack a
        target, so that nobody can say yet whether they add up; or ``within``: less than the whole,
        as it may be where the parts do not cover it.
    """

    whole: float
    total: float
    difference: float
    difference_pct: float
    lacking: tuple[Part, ...]
    verdict: Verdict


def check_sum(whole: Number, parts: Iterable[Part], *, covered: bool = True) -> SumCheck:
    """Compare a target with the sum of its parts.

    Parameters
    ----------
    whole
        The target; not 0.
    parts
        Each once.
    covered
        Whether the parts make up the whole. Start-up areas lie in a cluster but are not all of it.

    Examples
    --------
    >>> parts = (Part("zone", "A", 60), Part("zone", "B", 30), Part("zone", "C", None))
    >>> found = check_sum(100, parts)
    >>> found.difference, found.verdict, [part.code for part in found.lacking]
    (-10.0, 'partial', ['C'])
    >>> check_sum(90, parts).verdict, check_sum(80, parts).verdict
    ('equal', 'over')
    >>> check_sum(100, parts, covered=False).verdict
    'within'
    """
    given = tuple(parts)
    exact = exactly(whole)
    total = sum((exactly(part.value) for part in given if part.value is not None), Fraction(0))
    lacking = tuple(part for part in given if part.value is None)
    difference = total - exact
    verdict: Verdict
    if abs(difference) <= ROUNDING * abs(exact):
        verdict = "equal"
    elif difference > 0:
        verdict = "over"
    elif not covered:
        verdict = "within"
    else:
        verdict = "partial" if lacking else "short"
    return SumCheck(
        whole=float(exact),
        total=float(total),
        difference=float(difference),
        difference_pct=float(100 * difference / exact) if exact else 0.0,
        lacking=lacking,
        verdict=verdict,
    )


def split(whole: Number, weights: Iterable[Number], *, step: Number = 0) -> tuple[float, ...]:
    """Share a target out by weights; the parts add up to it exactly.

    Parameters
    ----------
    whole
        The target.
    weights
        Not negative, not all 0: plans of the year, or what each brought last year.
    step
        To which the parts are rounded; what is left goes to the largest. 0 rounds nothing.

    Examples
    --------
    >>> split(100, (1, 1, 1), step=1)
    (34.0, 33.0, 33.0)
    """
    exact, given = exactly(whole), [exactly(weight) for weight in weights]
    total = sum(given, Fraction(0))
    parts = [exact * weight / total for weight in given]
    if step:
        size = exactly(step)
        parts = [round(part / size) * size for part in parts]
        largest = max(range(len(parts)), key=lambda position: given[position])
        parts[largest] += exact - sum(parts, Fraction(0))
    return tuple(float(part) for part in parts)
