"""The quota ledger of some zones on a day: what is left of each source, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import pandas as pd

from zonewright.core.findings import Finding
from zonewright.core.units import convert
from zonewright.land.quota import balance, check, lots
from zonewright.workflows.land_ledger import quota_entries

_MU_M2 = float(convert(1, "亩", "m2"))
AMOUNTS = (
    "granted_m2", "allocated_m2", "used_m2", "returned_m2", "expired_m2", "held_m2", "pending_m2",
    "lapsed_m2", "short_m2", "available_m2",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Quota:
    """Where land quota stands on a day.

    Parameters
    ----------
    on
        The day, included.
    entries
        The ledger up to it, as `quota_entries`.
    balance
        As `zonewright.land.quota.balance`, a row a zone and category.
    lots
        As `zonewright.land.quota.lots`, a row a grant, and ``record``.
    findings
        What is wrong, each with its entry.
    """

    on: date
    entries: pd.DataFrame
    balance: pd.DataFrame
    lots: pd.DataFrame
    findings: tuple[Finding, ...]

    @property
    def totals(self) -> Mapping[str, float]:
        """Sum of each amount over zones and categories [m²]."""
        return {name: float(self.balance[name].sum()) for name in AMOUNTS}

    def by_category(self) -> pd.DataFrame:
        """Return the balance by category alone, zones added up."""
        return self.balance.groupby(level="category").sum()

    def record_of(self, code: str) -> str:
        """Return the record of an entry; empty if there is none."""
        found = self.entries.loc[self.entries["code"] == code, "record"]
        return str(found.iloc[0]) if len(found) else ""

    def told(self, names: Mapping[str, str]) -> tuple[Finding, ...]:
        """Return the findings with sources by name instead of code."""
        return tuple(
            replace(item, params={**item.params, "category": names.get(category, category)})
            for item in self.findings
            for category in [str(item.params.get("category", ""))]
        )

    def as_dicts(self) -> list[dict[str, object]]:
        """Return plain values for JSON, areas in mu, a row a zone and category."""
        rows = self.balance.reset_index().to_dict("records")
        return [
            {
                "zone": row["zone"],
                "category": row["category"],
                **{name.replace("_m2", "_mu"): row[name] / _MU_M2 for name in AMOUNTS},
            }
            for row in rows
        ]


def quota_of(zones: frozenset[str] | None, on: date, *, as_of: datetime | None = None) -> Quota:
    """Return where the quota of some zones stands at the end of a day.

    Parameters
    ----------
    zones
        Codes of the zones whose entries count, each for itself; None means all.
    on
        The day.
    as_of
        Time at which the workspace is seen; None means now.
    """
    entries = quota_entries(as_of)
    if zones is not None:
        entries = entries[entries["zone"].isin(zones)]
    entries = entries[entries["on"] < pd.Timestamp(on) + pd.Timedelta(days=1)]
    records = entries.set_index("code")["record"]
    return Quota(
        on,
        entries,
        balance(entries, on),
        lots(entries, on).assign(record=lambda found: records.reindex(found.index)),
        check(entries, on),
    )
