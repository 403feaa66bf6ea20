"""Double-entry ledgers of land quota and of funds.

Each entry moves an amount from one account to another: ``granted`` from the grantor to the zone,
``allocated`` from the zone to a project, ``used`` from the project out, ``returned`` and
``expired`` back. The accounts follow from the entry's kind (`store.actions`).
"""

from __future__ import annotations

from django.db import models

from zonewright.store.models.base import Sourced
from zonewright.store.models.zones import Zone


class _Entry(Sourced):
    code = models.TextField(unique=True)
    document = models.TextField(blank=True, default="", db_default="")
    entry = models.TextField()
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="+")
    on = models.DateField()
    debit = models.TextField(help_text="account that receives")
    credit = models.TextField(help_text="account that gives")

    class Meta:
        abstract = True
        ordering = ("on", "code")


class QuotaEntry(_Entry):
    """An entry of the land-quota ledger."""

    category = models.TextField()
    area_m2 = models.FloatField()
    area_unit = models.TextField(default="m2", db_default="m2")
    project = models.TextField(blank=True, default="", db_default="")
    expires_on = models.DateField(null=True, blank=True)


class FundEntry(_Entry):
    """An entry of the funds ledger."""

    kind = models.TextField()
    amount_cny = models.DecimalField(max_digits=20, decimal_places=2)
    amount_unit = models.TextField(default="元", db_default="元")
    purpose = models.TextField(blank=True, default="", db_default="")
