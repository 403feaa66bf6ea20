"""Industrial projects with their milestones, and the firms of the monthly returns."""

from __future__ import annotations

from django.db import models

from zonewright.store.models.base import Sourced
from zonewright.store.models.zones import Zone


class Venture(Sourced):
    """An industrial project, from signature to full production."""

    code = models.TextField(unique=True)
    name = models.TextField()
    firm = models.TextField(blank=True, default="", db_default="")
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="ventures")
    category = models.TextField()
    source_country = models.TextField(blank=True, default="", db_default="")
    source_city = models.TextField(blank=True, default="", db_default="")
    industry = models.TextField(blank=True, default="", db_default="")
    investment = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    fixed_investment = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="CNY", db_default="CNY")
    investment_unit = models.TextField(blank=True, default="", db_default="")
    investment_bound = models.CharField(max_length=6, default="exact", db_default="exact")
    land_m2 = models.FloatField(null=True, blank=True)
    floor_area_m2 = models.FloatField(null=True, blank=True)
    power_kw = models.FloatField(null=True, blank=True)
    water_m3_d = models.FloatField(null=True, blank=True)
    gas_m3_d = models.FloatField(null=True, blank=True)
    environment = models.TextField(blank=True, default="", db_default="")
    officer = models.TextField(blank=True, default="", db_default="")
    bottleneck = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Milestone(Sourced):
    """A step of a project's ladder: when it was planned and when it was reached."""

    venture = models.ForeignKey(Venture, models.CASCADE, related_name="milestones")
    step = models.TextField()
    planned_on = models.DateField(null=True, blank=True)
    actual_on = models.DateField(null=True, blank=True)
    actual_precision = models.CharField(max_length=1, default="d", db_default="d")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("venture", "step"), name="milestone_once"),)


class Firm(Sourced):
    """A firm that returns monthly figures. Its figures are observations."""

    code = models.TextField(unique=True)
    name = models.TextField()
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="firms")
    industry = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name
