"""Rules of numbers: ranges, sums, what may not fall, what map and ledger say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from zonewright.core.findings import Finding
from zonewright.core.units import factor
from zonewright.steering.returns.checking import Check, finding
from zonewright.steering.returns.rows import SheetRow
from zonewright.steering.returns.showing import digits, digits_of, number_of, shown

_JANUARY = 1


def in_range(work: Check) -> Iterator[Finding]:
    """Yield numbers below ``min``, above ``max``, or not above ``above``."""
    name = work["field"]
    column = work.column(name)
    low, high, above = work.get("min"), work.get("max"), work.get("above")
    for row in work.rows:
        number = number_of(row.values.get(name))
        if number is None:
            continue
        told = {"value": shown(column, row.values[name]), "unit": column.unit}
        if low is not None and number < low:
            yield work.tell("return-below", name, row, **told, limit=shown(column, low))
        if high is not None and number > high:
            yield work.tell("return-above", name, row, **told, limit=shown(column, high))
        if above is not None and number <= above:
            yield work.tell("return-not-above", name, row, **told, limit=shown(column, above))


def month_within_ytd(work: Check) -> Iterator[Finding]:
    """Yield where a month's value is greater than the year to date."""
    month, ytd = work["month"], work["ytd"]
    column = work.column(month)
    for row in work.rows:
        alone, whole = number_of(row.values.get(month)), number_of(row.values.get(ytd))
        if alone is None or whole is None or alone <= whole:
            continue
        yield work.tell(
            "return-month-above-ytd", month, row, unit=column.unit,
            month=shown(column, row.values[month]), ytd=shown(column, row.values[ytd]),
        )  # fmt: skip


def adds_to_last(work: Check) -> Iterator[Finding]:
    """Yield where the year to date is not last month's plus this month's."""
    month, ytd = work["month"], work["ytd"]
    column = work.column(ytd)
    january = work.context.month.last_month == _JANUARY
    last = work.before()
    for row in work.rows:
        alone, whole = number_of(row.values.get(month)), number_of(row.values.get(ytd))
        before = Fraction(0) if january else _number(last(row), ytd)
        if alone is None or whole is None or before is None:
            continue
        if abs(before + alone - whole) <= Fraction(work["tolerance"]):
            continue
        yield work.tell(
            "return-ytd-not-sum", ytd, row, work.noted(row), unit=column.unit,
            before=digits_of(column, before), alone=digits_of(column, alone),
            whole=digits_of(column, whole), sum=digits_of(column, before + alone),
        )  # fmt: skip


def not_falling(work: Check) -> Iterator[Finding]:
    """Yield cumulative figures that are smaller than last month's."""
    name = work["field"]
    column = work.column(name)
    if work["within"] == "year" and work.context.month.last_month == _JANUARY:
        return
    last = work.before()
    for row in work.rows:
        now, before = number_of(row.values.get(name)), _number(last(row), name)
        if now is None or before is None or now >= before:
            continue
        yield work.tell(
            "return-falls", name, row, work.noted(row), unit=column.unit,
            before=digits_of(column, before), now=digits_of(column, now),
        )  # fmt: skip


def sum_of(work: Check) -> Iterator[Finding]:
    """Yield where the parts do not add up to the total that was reported; an empty one is none."""
    name, total = work["field"], work.kind.sheet(work["whole_sheet"])
    whole_name = work["whole"]
    column = total.column(whole_name)
    parts = [number_of(row.values.get(name)) for row in work.rows]
    done = sum((part for part in parts if part is not None), Fraction(0))
    for row in work.all_rows.get(total.code, ()):
        whole = number_of(row.values.get(whole_name))
        if whole is None or abs(whole - done) <= Fraction(str(work.get("tolerance", 0))):
            continue
        params = {
            "label_zh": column.field.zh, "label_en": column.field.en, "unit": column.unit,
            "whole": digits_of(column, whole), "sum": digits_of(column, done),
            "difference": digits_of(column, whole - done), "count": len(work.rows),
        }  # fmt: skip
        yield finding(
            "return-sum-differs", work.rule.severity, total, whole_name, row, context=work.context,
            params=params,
        )  # fmt: skip


def adds_up(work: Check) -> Iterator[Finding]:
    """Yield rows whose parts do not add up to the whole."""
    whole, parts = work["whole"], work["parts"]
    column = work.column(whole)
    for row in work.rows:
        numbers = [number_of(row.values.get(name)) for name in (whole, *parts)]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers):
            continue
        total, done = known[0], sum(known[1:], Fraction(0))
        if abs(total - done) <= Fraction(str(work.get("tolerance", 0))):
            continue
        names = [work.column(name).field for name in parts]
        yield work.tell(
            "return-parts-differ", whole, row, whole=digits_of(column, total), unit=column.unit,
            sum=digits_of(column, done), parts_zh="、".join(item.zh for item in names),
            parts_en=", ".join(item.en for item in names),
        )  # fmt: skip


def sum_is(work: Check) -> Iterator[Finding]:
    """Yield if the rows of a sheet do not add up to a fixed total."""
    name = work["field"]
    numbers = [number_of(row.values.get(name)) for row in work.rows]
    done = sum((number for number in numbers if number is not None), Fraction(0))
    if work.rows and abs(done - Fraction(str(work["total"]))) > Fraction(str(work["tolerance"])):
        yield work.tell("return-sum-not", name, None, sum=digits(done), total=work["total"])


def compare(work: Check) -> Iterator[Finding]:
    """Yield where a value differs from the one that map or ledger gives beside it."""
    name, other, most = work["field"], work["with"], work.get("up_to_pct")
    column, beside = work.column(name), work.column(other)
    for row in work.rows:
        said, known = number_of(row.values.get(name)), number_of(row.values.get(other))
        if said is None or not known:
            continue
        off = abs(said - known) / abs(known) * 100
        if off <= Fraction(str(work["tolerance_pct"])) or (most is not None and off > most):
            continue
        yield work.tell(
            "return-differs-from-map", name, row, work.noted(row), unit=column.unit,
            said=digits_of(column, said), known=digits_of(beside, known), off=f"{float(off):.1f}",
            other_zh=beside.field.zh, other_en=beside.field.en,
        )  # fmt: skip


def figure(work: Check) -> Iterator[Finding]:
    """Yield where a sheet's total differs from what the map gives for the zone."""
    name = work["field"]
    known = work.context.figures.get(work["indicator"])
    if known is None:
        return
    column = work.column(name)
    least = work.get("atleast_mu", 0) * factor("亩", "m2")
    end = work.context.month.end_on
    done = Fraction(0)
    for row in work.rows:
        number = number_of(row.values.get(name))
        ready = row.values.get(work["only_ready"])
        if number is not None and number >= least and isinstance(ready, date) and ready <= end:
            done += number
    base = max(Fraction(repr(known)), done)
    if base and abs(done - Fraction(repr(known))) / base * 100 > work["tolerance_pct"]:
        yield work.tell(
            "return-differs-from-figure", name, None, unit=column.unit, sum=digits_of(column, done),
            known=digits_of(column, Fraction(repr(known))), indicator=work["indicator"],
        )  # fmt: skip


def at_most(work: Check) -> Iterator[Finding]:
    """Yield numbers that are greater than another of the same row, or than it some times."""
    name, limit, times = work["field"], work["limit"], work.get("times")
    code = "return-above-other" if times is None else "return-beyond-plan"
    column, other = work.column(name), work.column(limit)
    for row in work.rows:
        number, most = number_of(row.values.get(name)), number_of(row.values.get(limit))
        if number is None or most is None or number <= most * Fraction(str(times or 1)):
            continue
        if times is not None and not most:  # nothing is a multiple of a plan of 0
            continue
        yield work.tell(
            code, name, row, work.noted(row), unit=column.unit,
            value=digits_of(column, number), most=digits_of(other, most),
            other_zh=other.field.zh, other_en=other.field.en,
        )  # fmt: skip


def _number(row: SheetRow | None, name: str) -> Fraction | None:
    return None if row is None else number_of(row.values.get(name))
