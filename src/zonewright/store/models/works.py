"""Infrastructure works and their monthly progress."""

from __future__ import annotations

from django.db import models

from zonewright.store.models.base import Located, Placed, Sourced
from zonewright.store.models.zones import Zone


class Work(Located, Placed, Sourced):
    """An infrastructure work, or a standard factory that the zone builds."""

    code = models.TextField(unique=True)
    name = models.TextField()
    kind = models.TextField()
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="works")
    status = models.TextField(blank=True, default="", db_default="")
    total_cost_cny = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    year_plan_cny = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    planned_start = models.DateField(null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    planned_finish = models.DateField(null=True, blank=True)
    finished_on = models.DateField(null=True, blank=True)
    funds = models.TextField(blank=True, default="", db_default="")
    owner = models.TextField(blank=True, default="", db_default="")
    floor_area_m2 = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class WorkMonth(Sourced):
    """What a work's monthly return said. A correction is a later row; the latest counts."""

    work = models.ForeignKey(Work, models.CASCADE, related_name="months")
    month = models.DateField(help_text="first day of the month")
    invested_cny = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    invested_ytd_cny = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    physical_pct = models.FloatField(null=True, blank=True)
    stage_text = models.TextField(blank=True, default="", db_default="")
    issue = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ("work", "month", "recorded_at")
        indexes = (models.Index(fields=("month",), name="work_month_month"),)
