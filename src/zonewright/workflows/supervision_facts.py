"""What supervision looks at, gathered from targets, planned days, returns and the quota ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from zonewright.core.errors import InputError
from zonewright.core.periods import Period
from zonewright.core.schema import table
from zonewright.steering.returns.kinds import kinds
from zonewright.steering.supervision.facts import (
    Facts,
    GateFact,
    Named,
    PaceFact,
    QuotaFact,
    ReturnFact,
)
from zonewright.steering.supervision.rules import RuleBook
from zonewright.store.access import Access
from zonewright.store.selectors.gates import gates
from zonewright.workflows.land_quota import quota_of
from zonewright.workflows.pace import TargetPace, pace_of_targets
from zonewright.workflows.returns import completeness

# A return in one of these states has never been handed in.
NOT_HANDED_IN = ("missing", "draft")
# How many of the records that carry a shortfall an order keeps.
KEPT_CAUSES = 20
_CATEGORIES = {
    "provincial": "provincial grant",
    "city": "pooled by the city",
    "linked": "linked to reclaimed land",
    "stock": "from existing land",
}


def facts_of(
    period: Period,
    on: date,
    access: Access,
    book: RuleBook,
    *,
    return_months: Collection[Period] = (),
    sorts: Collection[str] | None = None,
) -> Facts:
    """Return the facts of a month and of those before it that the rules look back over.

    Parameters
    ----------
    period
        A month, or January to a month: its last month counts.
    on
        The day as of which gates, returns and quota are judged.
    access
        Whose zones are looked at.
    book
        The rules.
    return_months
        Further months whose returns are looked at: those for which an order is open.
    sorts
        Sorts of facts to gather (``pace``, ``gate``, ``return``, ``quota``); None means all.
    """
    month = Period.month(period.year, period.last_month)
    asked = ("pace", "gate", "return", "quota") if sorts is None else sorts
    paces = [one for one in _back(month, book.months("pace")) if one.year == month.year]
    returns = sorted({*_back(month, book.months("return")), *return_months})
    return Facts(
        paces=tuple(fact for one in paces for fact in _paces(one, access))
        if "pace" in asked
        else (),
        gates=tuple(_gates(on, access.zones())) if "gate" in asked else (),
        returns=tuple(fact for one in returns for fact in _returns(one, on, access))
        if "return" in asked
        else (),
        quotas=tuple(_quotas(access.zones(), on)) if "quota" in asked else (),
    )


def _gates(on: date, seen: frozenset[str] | None) -> Iterator[GateFact]:
    for item in gates(on):
        if item.zone and (seen is None or item.zone in seen):
            yield GateFact(
                item.zone, item.gate, item.record, item.code, item.name, item.planned_on,
                owner=item.owner,
            )  # fmt: skip


def _back(month: Period, months: int) -> Iterator[Period]:
    for last in range(month.last - months + 1, month.last + 1):
        yield Period(last, last)


def standings(month: Period, access: Access) -> tuple[TargetPace, ...]:
    """Return how the targets of the zones that somebody sees stand at the end of a month.

    Works and projects that they may not see are no cause that is told. Empty where nothing was
    ever reported.
    """
    seen = access.zones()
    try:
        rows = pace_of_targets(month=month)
    except InputError:
        return ()
    own = [row for row in rows if seen is None or row.zone in seen]
    if seen is None:
        return tuple(own)
    visible = access.seen(
        cause.record for row in own for cause in row.causes if cause.kind != "zone"
    )
    return tuple(
        replace(
            row,
            causes=tuple(
                cause
                for cause in row.causes
                if (cause.code in seen if cause.kind == "zone" else cause.record in visible)
            ),
        )
        for row in own
    )


def _paces(month: Period, access: Access) -> Iterator[PaceFact]:
    for row in standings(month, access):
        if row.pace is None:
            continue
        behind = [cause.record for cause in row.causes[:KEPT_CAUSES] if cause.kind != "zone"]
        yield PaceFact(
            zone=row.zone,
            indicator=row.indicator.code,
            name=Named(row.indicator.zh, row.indicator.en),
            month=month,
            completion_pct=row.pace.completion_pct,
            ahead_pp=row.pace.ahead_pp,
            colour=row.pace.colour,
            records=tuple(filter(None, behind)),
        )


def _returns(month: Period, on: date, access: Access) -> Iterator[ReturnFact]:
    for due in completeness(str(month), access, on=on).cells.values():
        kind = kinds()[due.kind]
        received = None
        if due.state not in NOT_HANDED_IN:
            received = due.due_on + timedelta(days=due.days_late)
        yield ReturnFact(due.zone, due.kind, Named(kind.zh, kind.en), month, due.due_on, received)


def _quotas(seen: frozenset[str] | None, on: date) -> Iterator[QuotaFact]:
    names = table("quota_entries")["category"].choices
    for code, lot in quota_of(seen, on).lots.iterrows():
        if pd.isna(lot["expires_on"]):
            continue
        category = str(lot["category"])
        zh = names.get(category, category)
        yield QuotaFact(
            zone=str(lot["zone"]),
            subject=str(lot["record"]),
            code=str(code),
            name=Named(zh, _CATEGORIES.get(category, category)),
            left_m2=float(lot["held_m2"]) + float(lot["pending_m2"]),
            expires_on=pd.Timestamp(lot["expires_on"]).date(),
        )
