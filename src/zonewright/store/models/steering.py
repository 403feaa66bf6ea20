"""Indicators, observations, targets, and the outline of the look-back."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from zonewright.store.models.base import NOTHING, Sourced
from zonewright.store.models.industry import Firm
from zonewright.store.models.zones import Zone


class Indicator(models.Model):
    """An indicator of the dictionary. `definition` is its row of ``steering/data``."""

    code = models.TextField(unique=True)
    name = models.TextField()
    name_en = models.TextField()
    unit = models.TextField()
    nature = models.TextField()
    basis = models.TextField()
    definition = models.JSONField(default=dict)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Observation(Sourced):
    """A reported value of a zone or of a firm. Rows are only added; a correction supersedes."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="observations")
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="+")
    firm = models.ForeignKey(Firm, models.PROTECT, null=True, blank=True, related_name="+")
    period = models.TextField()
    value = models.DecimalField(max_digits=24, decimal_places=6)
    unit = models.TextField()
    bound = models.CharField(max_length=6, default="exact", db_default="exact")
    basis = models.TextField(blank=True, default="", db_default="")
    document = models.TextField(blank=True, default="", db_default="")
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(zone__isnull=False, firm__isnull=True)
                | models.Q(zone__isnull=True, firm__isnull=False),
                name="observation_of_zone_or_firm",
            ),
        )
        indexes = (
            models.Index(fields=("indicator", "period"), name="observation_what_when"),
            models.Index(
                fields=("period", "indicator", "zone", "recorded_at"), name="observation_month"
            ),
        )


class Target(Sourced):
    """A year's target of an indicator in a zone, with the curve that it should follow.

    Attributes
    ----------
    subject
        Code of the work or project that is to bring a part of the zone's target; empty for the
        zone's own.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="targets")
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="targets")
    year = models.IntegerField()
    subject = models.TextField(blank=True, default="", db_default="")
    value = models.DecimalField(max_digits=24, decimal_places=6)
    unit = models.TextField()
    curve = models.TextField(default="linear", db_default="linear")
    points = models.JSONField(blank=True, default=dict, db_default=NOTHING)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "zone", "year", "subject"), name="target_once"
            ),
        )


class TargetVersion(models.Model):
    """What a target was from some time on, and why it was changed; the first is as it was set."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    value = models.DecimalField(max_digits=24, decimal_places=6)
    unit = models.TextField()
    curve = models.TextField(default="linear")
    points = models.JSONField(blank=True, default=dict)
    reason = models.TextField(blank=True, default="")
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("target", "number")
        constraints = (
            models.UniqueConstraint(fields=("target", "number"), name="target_version_once"),
        )


class OutlineItem(Sourced):
    """A figure that the look-back states: what is asked, and how it is to be phrased."""

    code = models.TextField(unique=True)
    chapter = models.TextField()
    position = models.IntegerField(default=0, db_default=0)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="+")
    subject = models.TextField(blank=True, default="", db_default="")
    period = models.TextField()
    unit = models.TextField()
    bound = models.CharField(max_length=6, default="exact", db_default="exact")
    step = models.DecimalField(max_digits=16, decimal_places=6, null=True, blank=True)
    wording = models.TextField(blank=True, default="", db_default="")
    wording_en = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ("position", "code")
