"""Double entry: the accounts of a ledger entry, and whether one is overdrawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zonewright.core.findings import Finding, Place

GRANTOR, SPENT = "grantor", "spent"
# What a ledger rounds to: less than this below zero is no overdraft.
_ROUNDING = {"quota_entries": Decimal(1), "fund_entries": Decimal("0.01")}


def accounts(entry: str, zone: str) -> tuple[str, str]:
    """Return the account that receives (debit) and the one that gives (credit).

    ``granted`` moves from the grantor to the zone, ``allocated`` from what the zone holds to what
    its projects hold, ``used`` from there out; ``returned`` and ``expired`` go back.
    """
    held, allocated = f"zone:{zone}", f"projects:{zone}"
    return {
        "granted": (held, GRANTOR),
        "allocated": (allocated, held),
        "used": (SPENT, allocated),
        "returned": (held, allocated),
        "expired": (GRANTOR, held),
    }[entry]


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry of a ledger: `purse` is its category, amounts of which are never mixed."""

    code: str
    on: date
    purse: str
    debit: str
    credit: str
    amount: Decimal
    place: Place


def overdrafts(table: str, postings: Iterable[Posting]) -> list[Finding]:
    """Return a warning for each account of a zone that falls below zero, at the first such entry.

    Entries count in the order of their dates; on one day what comes in counts before what goes out.
    """
    balances: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    reported: set[tuple[str, str]] = set()
    found = []
    days: dict[date, list[Posting]] = defaultdict(list)
    for posting in postings:
        days[posting.on].append(posting)
    for day in sorted(days):
        last: dict[tuple[str, str], Posting] = {}
        for posting in days[day]:
            balances[posting.debit, posting.purse] += posting.amount
            balances[posting.credit, posting.purse] -= posting.amount
            last[posting.credit, posting.purse] = posting
        for account, posting in last.items():
            name, purse = account
            if name in (GRANTOR, SPENT) or account in reported:
                continue
            if balances[account] < -_ROUNDING[table]:
                reported.add(account)
                params = {"account": name, "purse": purse, "amount": f"{-balances[account]:,.2f}"}
                found.append(
                    Finding(
                        "ledger-overdrawn", "warning", table, place=posting.place,
                        ids=(posting.code,), params=params,
                    )
                )  # fmt: skip
    return found
