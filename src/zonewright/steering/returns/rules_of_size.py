"""Rules of magnitude: figures in a wrong unit, which otherwise nothing tells from right ones."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from zonewright.core.findings import Finding
from zonewright.steering.returns.checking import Check
from zonewright.steering.returns.rows import SheetRow
from zonewright.steering.returns.showing import digits_of, number_of

_WHOLE, _YEAR = 100, 12


def spent_within(work: Check) -> Iterator[Finding]:
    """Yield where all that was spent, this year and before, is more than the cost some times."""
    name, limit, top = work["ytd"], work["limit"], work.get("up_to")
    code = "return-beyond-cost" if work.get("note") else "return-far-beyond-cost"
    code = code if work.rule.severity == "error" else "return-cost-spent"
    column, cost = work.column(name), work.column(limit)
    for row in work.rows:
        ytd, most = number_of(row.values.get(name)), number_of(row.values.get(limit))
        if not ytd or not most or most < 0:
            continue
        before = number_of(work.context.spent.get(row.key)) or Fraction(0)
        share = (before + ytd) / most
        if share <= _exact(work["times"]) or (top is not None and share > _exact(top)):
            continue
        yield work.tell(
            code, name, row, work.noted(row), unit=column.unit,
            before=digits_of(column, before), spent=digits_of(column, before + ytd),
            most=digits_of(cost, most), times=_times(share),
            other_zh=cost.field.zh, other_en=cost.field.en,
        )  # fmt: skip


def no_jump(work: Check) -> Iterator[Finding]:
    """Yield numbers that are some times last month's, or less than that part of it.

    A fall counts only to below ``small``, a rise only to above ``large``; a number that is or was
    0 is not compared. Of figures that add up ``within`` the year the average month is compared.
    """
    name, limit = work["field"], _exact(work["times"])
    small, large = work.get("small"), work.get("large")
    is_pace = work.get("within") == "year"
    column, pairs = work.column(name), _paces(work) if is_pace else _months(work)
    for row, now, before in pairs:
        if now <= 0 or before <= 0:
            continue
        ratio = now / before
        told = {
            "unit": column.unit, "now": digits_of(column, now), "before": digits_of(column, before),
        }  # fmt: skip
        if ratio > limit and (large is None or now > large):
            code = "return-pace-jumps" if is_pace else "return-jumps"
            yield work.tell(code, name, row, work.noted(row), **told, times=_times(ratio))
        elif ratio * limit < 1 and (small is None or now < small):
            code = "return-pace-shrinks" if is_pace else "return-shrinks"
            yield work.tell(code, name, row, work.noted(row), **told, times=work["times"])


Pairs = Iterator[tuple[SheetRow, Fraction, Fraction]]


def _months(work: Check) -> Pairs:
    """Yield rows with the number of this month and of the last that had any."""
    name, last, earlier = work["field"], work.before(), work.before(work.context.earlier)
    for row in work.rows:
        now = number_of(row.values.get(name))
        before = _number(last(row), name) or _number(earlier(row), name)
        if now is not None and before is not None:
            yield row, now, before


def _paces(work: Check) -> Pairs:
    """Yield rows with the average month of the year and of what was known before."""
    name, months = work["field"], work.context.month.last_month
    last, earlier = work.before(), work.before(work.context.earlier)
    for row in work.rows:
        now = number_of(row.values.get(name))
        before = _number(last(row), name) if months > 1 else None
        span = months - 1
        if before is None:
            before, span = _number(earlier(row), name), _YEAR
        if now is not None and before is not None:
            yield row, now / months, before / span


def _number(row: SheetRow | None, name: str) -> Fraction | None:
    return None if row is None else number_of(row.values.get(name))


def _exact(number: object) -> Fraction:
    return Fraction(str(number))


def _times(share: Fraction) -> str:
    return f"{float(share):.0f}" if share >= _WHOLE else f"{float(share):.2f}"
