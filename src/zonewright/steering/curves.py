"""Curves of a year's target: what share of it should be done by the end of each month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from zonewright.core.errors import InputError, RangeError
from zonewright.steering.numbers import Number, exactly


class Curve(Protocol):
    """What share of a year's target should be done by the end of a month."""

    def share(self, month: int) -> Fraction:
        """Return the share, 0 to 1, at the end of a month (1 to 12)."""
        ...


@dataclass(frozen=True, slots=True)
class Linear:
    """The same in every month: m/12, unrounded (均衡进度).

    Examples
    --------
    >>> Linear().share(10)
    Fraction(5, 6)
    """

    def share(self, month: int) -> Fraction:
        """Return m/12."""
        return Fraction(month, 12)


LINEAR = Linear()


@dataclass(frozen=True, slots=True)
class Stepped:
    """Shares set for some months, as "60 % by June".

    Parameters
    ----------
    points
        Pairs of month (1 to 12) and share of the year's target [%], in rising order of both. The
        year starts at 0 and ends, unless December is given, at 100.
    held
        Whether the share stays as it is until the next point; by default it rises evenly to it.

    Raises
    ------
    RangeError
        If a month is none or occurs twice, or shares fall or leave 0 to 100.

    Examples
    --------
    >>> [float(Stepped(((6, 60),)).share(month)) for month in (3, 6, 9)]
    [0.3, 0.6, 0.8]
    >>> [float(Stepped(((6, 60),), held=True).share(month)) for month in (3, 6, 9, 12)]
    [0.0, 0.6, 0.6, 1.0]
    """

    points: tuple[tuple[int, Number], ...]
    held: bool = False

    def __post_init__(self) -> None:
        months = [month for month, _ in self.points]
        shares = [exactly(share) for _, share in self.points]
        sound = all(1 <= month <= 12 for month in months) and months == sorted(set(months))
        if not sound or shares != sorted(shares) or not all(0 <= share <= 100 for share in shares):
            given = ", ".join(f"{month}: {share}%" for month, share in self.points)
            raise RangeError("curve-points", points=given)

    def share(self, month: int) -> Fraction:
        """Return the share that the points ask."""
        known = [(0, Fraction(0)), *((at, exactly(pct) / 100) for at, pct in self.points)]
        if known[-1][0] < 12:
            known.append((12, Fraction(1)))
        before = max(point for point in known if point[0] <= month)
        if self.held or before[0] == month:
            return before[1]
        after = min(point for point in known if point[0] > month)
        return before[1] + (after[1] - before[1]) * Fraction(
            month - before[0], after[0] - before[0]
        )


@dataclass(frozen=True, slots=True)
class Seasonal:
    """As the year before went: its cumulative share month by month.

    Parameters
    ----------
    amounts
        What each month of the year before brought, January first; negative months are allowed, and
        January may be 0 where the bureau combines it with February.

    Raises
    ------
    RangeError
        If there are not twelve months or their sum is not above 0.

    Examples
    --------
    >>> Seasonal((0, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)).share(2)
    Fraction(1, 6)
    """

    amounts: tuple[Number, ...]

    def __post_init__(self) -> None:
        total = sum((exactly(amount) for amount in self.amounts), Fraction(0))
        if len(self.amounts) != 12 or total <= 0:
            raise RangeError("curve-profile", count=len(self.amounts), total=float(total))

    def share(self, month: int) -> Fraction:
        """Return the share that the year before had reached."""
        exact = [exactly(amount) for amount in self.amounts]
        return sum(exact[:month], Fraction(0)) / sum(exact, Fraction(0))


@dataclass(frozen=True, slots=True)
class Milestones:
    """By the plan of dated steps: the share of them that are due.

    Parameters
    ----------
    due
        Month (1 to 12) in which each step of the year is due, in any order.

    Raises
    ------
    RangeError
        If there is none, or a month is none.

    Examples
    --------
    >>> Milestones((3, 6, 6, 11)).share(6)
    Fraction(3, 4)
    """

    due: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.due or not all(1 <= month <= 12 for month in self.due):
            raise RangeError("curve-due", due=", ".join(map(str, self.due)) or "–")

    def share(self, month: int) -> Fraction:
        """Return the share of steps due by the end of the month."""
        return Fraction(sum(at <= month for at in self.due), len(self.due))


def curve_of(
    kind: str,
    *,
    points: Mapping[int, Number] | Mapping[str, Number] | None = None,
    amounts: tuple[Number, ...] = (),
    due: tuple[int, ...] = (),
) -> Curve:
    """Return the curve that a target names.

    Parameters
    ----------
    kind
        ``linear`` (also empty), ``stepped``, ``seasonal`` or ``milestone``.
    points
        Of a stepped curve: month to share [%]; months may be text, as JSON keeps them.
    amounts
        Of a seasonal curve: the months of the year before.
    due
        Of a milestone curve: the month of each step.

    Raises
    ------
    InputError
        If there is no such kind.
    RangeError
        If what the curve needs is missing or wrong.

    Examples
    --------
    >>> curve_of("stepped", points={"6": 60}).share(6)
    Fraction(3, 5)
    """
    if kind in ("", "linear"):
        return LINEAR
    if kind == "stepped":
        given = sorted((int(month), share) for month, share in (points or {}).items())
        return Stepped(tuple(given))
    if kind == "seasonal":
        return Seasonal(amounts)
    if kind == "milestone":
        return Milestones(due)
    raise InputError("curve-unknown", kind=kind)
