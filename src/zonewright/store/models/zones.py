"""Zones, their dated boundaries, their hierarchies, and the register of plans."""

from __future__ import annotations

from django.db import models

from zonewright.store.models.base import Located, Sourced


class Zone(Sourced):
    """A zone that figures are asked for. Zones overlap and belong to several hierarchies."""

    code = models.TextField(unique=True)
    name = models.TextField()
    name_en = models.TextField(blank=True, default="", db_default="")
    kind = models.TextField()

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class ZoneVersion(Located, Sourced):
    """A zone's boundary from a date on; without geometry the zone is the union of its members."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="versions")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    legal_basis = models.TextField(blank=True, default="", db_default="")
    area_m2 = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("zone", "valid_from")
        constraints = (
            models.UniqueConstraint(fields=("zone", "valid_from"), name="zone_version_once"),
        )


class Membership(Sourced):
    """A zone belongs to another in a hierarchy, from one date to another."""

    parent = models.ForeignKey(Zone, models.CASCADE, related_name="children")
    child = models.ForeignKey(Zone, models.CASCADE, related_name="parents")
    hierarchy = models.TextField()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("parent", "child", "hierarchy"), name="membership_once"
            ),
        )


class Plan(Sourced):
    """An entry of the register of plans."""

    code = models.TextField(unique=True)
    name = models.TextField()
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="plans")
    level = models.TextField(blank=True, default="", db_default="")
    kind = models.TextField()
    stage = models.TextField()
    approver = models.TextField(blank=True, default="", db_default="")
    approved_on = models.DateField(null=True, blank=True)
    supersedes = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ("code",)
