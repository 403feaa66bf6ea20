"""One record of each ledger that the small workspace leaves empty."""

from __future__ import annotations

from datetime import date

from zonewright.store.models import (
    Firm,
    FundEntry,
    Milestone,
    Plan,
    QuotaEntry,
    Venture,
    Zone,
)


def fill_rest() -> None:
    """Add a plan, a firm, a milestone, and an entry of land quota and of funds."""
    zone = Zone.objects.get(code="S1")
    Plan.objects.create(code="PL1", name="总体规划", zone=zone, kind="unified", stage="approved")
    Firm.objects.create(code="F1", name="某企业", zone=zone)
    Milestone.objects.create(
        venture=Venture.objects.get(code="V1"), step="signed", planned_on=date(2023, 3, 1)
    )
    QuotaEntry.objects.create(
        code="Q1", zone=zone, entry="granted", category="provincial", area_m2=100_000.0,
        area_unit="亩", on=date(2023, 3, 1), debit="zone:S1", credit="grantor",
    )  # fmt: skip
    FundEntry.objects.create(
        code="M1", zone=zone, entry="granted", kind="budget", amount_cny=50_000_000,
        amount_unit="万元", on=date(2023, 3, 1), debit="zone:S1", credit="grantor",
    )  # fmt: skip
