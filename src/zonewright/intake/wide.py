"""Ledgers laid out wide: one row a document, its amounts in columns 下达, 分配, 使用, 余额.

Each amount becomes an entry of its own. A wide ledger often has neither a date nor a zone a row:
then the day to which its title reports and the place that its title names are taken, and said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from zonewright.core.schema import table
from zonewright.intake.balances import slack_of
from zonewright.intake.blocks import Block
from zonewright.intake.columns import ColumnRead
from zonewright.intake.context import Context
from zonewright.intake.drafts import Draft, Values
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.roles import Role
from zonewright.intake.wording import narrow

# The amount and the sort of each ledger.
AMOUNTS = {"quota_entries": ("area", "category"), "fund_entries": ("amount", "kind")}
_PLACE = re.compile(r"^(?:\d{4}年度?)?([\u4e00-\u9fff]{2,8}?(?:市|区|县|镇))")
# What offices leave as a balance: what is not yet allocated, not yet used, or neither.
_BALANCES: tuple[Mapping[str, int], ...] = (
    {"granted": 1, "returned": 1, "expired": -1, "allocated": -1},
    {"granted": 1, "returned": 1, "expired": -1, "used": -1},
    {"granted": 1, "returned": 1, "expired": -1, "allocated": -1, "used": -1},
    {"granted": 1, "returned": -1, "expired": -1, "used": -1},
)


def settle(name: str, roles: Sequence[Role]) -> list[Role]:
    """Decide whether a ledger is wide or long, and keep the columns that go with that.

    A ledger with a column that says what each entry is, is long: one amount column named 下达金额
    is then its amount.
    """
    if name not in AMOUNTS:
        return list(roles)
    amount = AMOUNTS[name][0]
    plain = [role for role in roles if role.field == amount and not role.tag]
    tagged = [role for role in roles if role.field == amount and role.tag]
    if any(role.field == "entry" for role in roles):
        kept = [role for role in roles if role not in tagged]
        if len(tagged) == 1 and not plain:
            kept.append(replace(tagged[0], tag=""))
        return sorted(kept, key=lambda role: role.column)
    return [role for role in roles if not (tagged and role in plain)]


def is_wide(name: str, roles: Sequence[Role]) -> bool:
    """Return whether settled roles are those of a wide ledger."""
    return name in AMOUNTS and any(role.field == AMOUNTS[name][0] and role.tag for role in roles)


def said_by_title(roles: Sequence[Role], context: Context) -> dict[str, object]:
    """Return the date and the zone that the title gives for a wide ledger without such columns."""
    held = {role.field for role in roles}
    found: dict[str, object] = {}
    if "on" not in held and context.period is not None:
        found["on"] = context.period.end_on
    if "zone" not in held:
        places = (_PLACE.match(narrow(text)) for text in context.texts)
        place = next((match[1] for match in places if match), "")
        if place:
            found["zone"] = place
    return found


def unpivot(
    block: Block,
    main: Draft,
    reads: Sequence[ColumnRead],
    amounts: Sequence[ColumnRead],
    problems: Problems,
) -> Draft:
    """Return the entries of a wide ledger.

    Parameters
    ----------
    block
        The table.
    main
        One row a document, without its amounts.
    reads, amounts
        Its other columns, and those of its amounts.
    problems
        Where findings go.
    """
    name = main.table
    held = {read.field.name for read in reads}
    for field, code in (("on", "intake-date-of-title"), ("zone", "intake-zone-of-title")):
        if field not in held and main.rows:
            spot = Spot(table=name, field=field, sheet=block.sheet, row=block.header_row)
            problems.add(code, "info", spot, value=str(main.rows[0].get(field)))
    _check_balances(block, name, reads, amounts, problems)
    draft = Draft(name, block.file, block.sheet, main.columns, problems)
    for position, row in enumerate(main.rows):
        number = main.numbers[position]
        given = row.get("code")
        code = (str(given) if given else "") if "code" in held else _composed(row, name)
        if not code:
            continue
        found = 0
        for read in amounts:
            reading = read.readings[position]
            found += reading is None  # a fault, which has its own finding
            if reading is None or not reading.value:
                continue
            found += 1
            label = block.labels[read.role.column]
            values = _entry(row, read.role.tag)
            values |= {
                "code": f"{code}·{table(name)['entry'].choices[read.role.tag]}",
                "entry": read.role.tag,
                read.field.name: reading.value,
                **reading.extras,
            }
            draft.add(values, number, {"entry": label, read.field.name: label})
        if not found:
            spot = Spot(table=name, sheet=block.sheet, row=number, ids=(code,))
            problems.add("intake-wide-empty", "warning", spot, key=code)
    return draft


def _composed(row: Values, name: str) -> str:
    """Return a code for a document without a number: its own, its sort and its zone."""
    sort = AMOUNTS[name][1]
    label = table(name)[sort].choices.get(str(row.get(sort)), "")
    parts = [str(part) for part in (row.get("document"), label, row.get("zone")) if part]
    return "·".join(parts)


def _entry(row: Values, entry: str) -> Values:
    """Return what a document's row says of one of its entries."""
    only = {"expires_on": "granted", "project": "used"}
    return {
        name: value
        for name, value in row.items()
        if only.get(name.removesuffix("_precision"), entry) == entry
    }


def _check_balances(
    block: Block,
    name: str,
    reads: Sequence[ColumnRead],
    amounts: Sequence[ColumnRead],
    problems: Problems,
) -> None:
    """Note each balance that does not follow from its row, by the convention that fits most."""
    balance = next((read for read in reads if read.field.name == "balance"), None)
    if balance is None:
        return
    misses = min((_misses(balance, amounts, signs) for signs in _BALANCES), key=len)
    for position, expected, found in misses:
        problems.add(
            "intake-balance-differs",
            "warning",
            Spot(
                table=name,
                field="balance",
                sheet=block.sheet,
                row=block.numbers[position],
                column=block.labels[balance.role.column],
            ),
            expected=f"{float(expected):,.2f} {balance.field.unit}",
            found=f"{float(found):,.2f} {balance.field.unit}",
        )


def _misses(
    balance: ColumnRead, amounts: Sequence[ColumnRead], signs: Mapping[str, int]
) -> list[tuple[int, Fraction, Fraction]]:
    found = []
    for position, reading in enumerate(balance.readings):
        parts = [(read.role.tag, read.readings[position]) for read in amounts]
        if reading is None or reading.value is None or any(part is None for _, part in parts):
            continue
        stated = Fraction(str(reading.value))
        expected = sum(
            (
                Fraction(str(part.value)) * signs.get(tag, 0)
                for tag, part in parts
                if part is not None and part.value is not None
            ),
            Fraction(0),
        )
        if abs(stated - expected) > slack_of(stated, balance, position):
            found.append((position, expected, stated))
    return found
