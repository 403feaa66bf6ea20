"""Rules of days, stages and names: in the month, in order, filled in where asked, only once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from zonewright.core.findings import Finding
from zonewright.steering.returns.checking import Check
from zonewright.steering.returns.rows import SheetRow
from zonewright.steering.returns.showing import number_of, shown


def in_month(work: Check) -> Iterator[Finding]:
    """Yield days that do not lie in the return's month."""
    name, month = work["field"], work.context.month
    for row in work.rows:
        day = row.values.get(name)
        if isinstance(day, date) and not month.contains(day):
            yield work.tell("return-not-in-month", name, row, day=day.isoformat(), month=str(month))


def not_after_month(work: Check) -> Iterator[Finding]:
    """Yield days after the end of the return's month: what is returned has happened."""
    end = work.context.month.end_on
    for row in work.rows:
        for name in work["fields"]:
            day = row.values.get(name)
            if isinstance(day, date) and day > end:
                yield work.tell(
                    "return-after-month", name, row, day=day.isoformat(), end=end.isoformat()
                )


def in_order(work: Check) -> Iterator[Finding]:
    """Yield days that lie before one that must come first; empty ones are passed over."""
    for row in work.rows:
        days = [(name, row.values.get(name)) for name in work["fields"]]
        there = [(name, day) for name, day in days if isinstance(day, date)]
        for (first, earlier), (second, later) in pairwise(there):
            if later < earlier:
                before = work.column(first).field
                yield work.tell(
                    "return-out-of-order", second, row, day=later.isoformat(),
                    before=earlier.isoformat(), before_zh=before.zh, before_en=before.en,
                )  # fmt: skip


def required_if(work: Check) -> Iterator[Finding]:
    """Yield what is empty though another value of the row asks for it."""
    name, when = work["field"], work["when"]
    asked = work.column(when).field
    for row in work.rows:
        if row.values.get(name) in (None, "") and _holds(work, row.values.get(when)):
            column = work.column(when)
            yield work.tell(
                "return-required-if", name, row, when_zh=asked.zh, when_en=asked.en,
                value_zh=shown(column, row.values[when], lang="zh"),
                value_en=shown(column, row.values[when], lang="en"),
            )  # fmt: skip


def _holds(work: Check, value: object) -> bool:
    if work.get("equals") is not None:
        return value in work["equals"]
    number = number_of(value)
    if number is None:
        return False
    if work.get("below") is not None:
        return bool(number < work["below"])
    return bool(number > work.get("above", 0))


def unique(work: Check) -> Iterator[Finding]:
    """Yield rows that name what an earlier row names."""
    names = work["fields"]
    first: dict[tuple[object, ...], SheetRow] = {}
    for row in work.rows:
        key = tuple(str(row.values.get(name) or "").strip().casefold() for name in names)
        if not any(key):
            continue
        other = first.setdefault(key, row)
        if other is not row:
            value = str(row.values.get(names[0]))
            yield work.tell(
                "return-twice", names[0], row, value=value, other=other.row or other.key
            )


def stage_not_back(work: Check) -> Iterator[Finding]:
    """Yield stages that lie before the one of last month."""
    name = work["field"]
    column = work.column(name)
    order = {code: place for place, code in enumerate(column.field.choices)}
    last = work.before()
    for row in work.rows:
        earlier = last(row)
        before = earlier.values.get(name) if earlier else None
        now = row.values.get(name)
        if before not in order or now not in order or order[str(now)] >= order[str(before)]:
            continue
        yield work.tell(
            "return-stage-back", name, row, work.noted(row),
            before_zh=shown(column, before, lang="zh"), before_en=shown(column, before, lang="en"),
            now_zh=shown(column, now, lang="zh"), now_en=shown(column, now, lang="en"),
        )  # fmt: skip
