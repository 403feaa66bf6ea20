"""Check the running balance of a ledger against its entries.

Offices keep balances by zone, by category, by both or over the whole book, and count an allocation
as spent or not. The convention that explains most rows is taken; what it leaves is noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from zonewright.core import units
from zonewright.core.schema import table
from zonewright.intake.blocks import Block
from zonewright.intake.columns import ColumnRead
from zonewright.intake.problems import Problems, Spot

_AMOUNTS = {"quota_entries": ("area", "category"), "fund_entries": ("amount", "kind")}
_SIGNS: tuple[Mapping[str, int], ...] = (
    {"granted": 1, "returned": 1, "used": -1, "expired": -1, "allocated": 0},
    {"granted": 1, "returned": 1, "used": 0, "expired": -1, "allocated": -1},
    {"granted": 1, "returned": 1, "used": -1, "expired": -1, "allocated": -1},
    {"granted": 1, "returned": -1, "used": -1, "expired": -1, "allocated": 0},
)


def check_balances(block: Block, reads: Sequence[ColumnRead], problems: Problems) -> None:
    """Note each entry whose balance does not follow from the one before it."""
    columns = {read.field.name: read for read in reads}
    name = reads[0].role.table if reads else ""
    if name not in _AMOUNTS or "balance" not in columns or "entry" not in columns:
        return
    amount, sort = _AMOUNTS[name]
    if amount not in columns:
        return
    groupings = ((), ("zone",), (sort,), ("zone", sort))
    trials = [
        _follow(columns, amount, grouping, signs)
        for grouping in groupings
        if set(grouping) <= set(columns)
        for signs in _SIGNS
    ]
    misses, _ = min(trials, key=lambda trial: len(trial[0]) + trial[1])
    unit = table(name)["balance"].unit
    for position, expected, found in misses:
        problems.add(
            "intake-balance-differs",
            "warning",
            Spot(
                table=name,
                field="balance",
                sheet=block.sheet,
                row=block.numbers[position],
                column=block.labels[columns["balance"].role.column],
            ),
            expected=f"{float(expected):,.2f} {unit}",
            found=f"{float(found):,.2f} {unit}",
        )


def _follow(
    columns: Mapping[str, ColumnRead],
    amount: str,
    grouping: Sequence[str],
    signs: Mapping[str, int],
) -> tuple[list[tuple[int, Fraction, Fraction]], int]:
    """Return the entries that do not follow, and how many groups open with a carried balance."""
    misses: list[tuple[int, Fraction, Fraction]] = []
    opened = 0
    held: dict[tuple[object, ...], Fraction] = {}
    for position in range(len(columns[amount].readings)):
        group = tuple(_value(columns[name], position) for name in grouping)
        entry = _value(columns["entry"], position)
        change = _value(columns[amount], position)
        balance = _value(columns["balance"], position)
        if change is None or entry is None:
            held.pop(group, None)
            continue
        after = held.get(group, Fraction(0))
        after += Fraction(str(change)) * signs.get(str(entry), 0)
        if balance is not None:
            stated = Fraction(str(balance))
            if abs(stated - after) > slack_of(stated, columns["balance"], position):
                if group in held:
                    misses.append((position, after, stated))
                else:
                    opened += 1
            after = stated
        held[group] = after
    return misses, opened


def _value(read: ColumnRead, position: int) -> object:
    reading = read.readings[position]
    return reading.value if reading is not None else None


def slack_of(value: Fraction, read: ColumnRead, position: int) -> Fraction:
    """Allow for two figures rounded to a hundredth of their unit."""
    reading = read.readings[position]
    unit = str(reading.extras.get("balance_unit", "")) if reading is not None else ""
    size = units.factor(unit, read.field.unit) if unit else Fraction(1)
    return size * Fraction(3, 200) + abs(value) / 10**9
