"""Parcels, their dated stages, and the no-go areas that cut them."""

from __future__ import annotations

from django.db import models

from zonewright.store.models.base import NOTHING, Located, Place, Placed, Sourced
from zonewright.store.models.zones import Zone


class Parcel(Located, Placed, Sourced):
    """A parcel of the land ledger. `area_m2` is geodesic, from the geometry.

    `stage` is the furthest stage reached; the database keeps it from the events (`store.spatial`).
    """

    code = models.TextField(unique=True)
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="+")
    town = models.TextField(blank=True, default="", db_default="")
    bounds_text = models.TextField(blank=True, default="", db_default="")
    area_m2 = models.FloatField(null=True, blank=True)
    reported_area_m2 = models.FloatField(null=True, blank=True)
    reported_area_unit = models.TextField(blank=True, default="", db_default="")
    reported_area_bound = models.CharField(max_length=6, default="exact", db_default="exact")
    use = models.TextField(blank=True, default="", db_default="")
    current_use = models.TextField(blank=True, default="", db_default="")
    basic_farmland = models.BooleanField(null=True, blank=True)
    batch = models.TextField(blank=True, default="", db_default="")
    acquired_pct = models.FloatField(null=True, blank=True)
    not_acquired_reason = models.TextField(blank=True, default="", db_default="")
    levelling_state = models.TextField(blank=True, default="", db_default="")
    available_on = models.DateField(null=True, blank=True)
    intended_venture = models.TextField(blank=True, default="", db_default="")
    owner = models.TextField(blank=True, default="", db_default="")
    services = models.JSONField(blank=True, default=dict, db_default=NOTHING)
    # The index of place and code serves it; one of the place alone would be taken for it.
    place = models.ForeignKey(
        Place, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    stage = models.CharField(max_length=2, blank=True, default="", db_default="", editable=False)

    class Meta:
        ordering = ("code",)
        indexes = (
            models.Index(fields=("stage", "code"), name="parcel_stage_code"),
            models.Index(fields=("area_m2", "code"), name="parcel_area_code"),
            # A reader of some zones pages through their parcels by code.
            models.Index(fields=("place", "code"), name="parcel_place_code"),
        )

    def __str__(self) -> str:
        return self.code


class ParcelEvent(Sourced):
    """A parcel reached a stage (L0 to L9) on a day. A corrected date is a later row."""

    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="events")
    stage = models.CharField(max_length=2)
    on = models.DateField()
    on_precision = models.CharField(max_length=1, default="d", db_default="d")
    evidence = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ("parcel", "stage")
        indexes = (models.Index(fields=("stage", "on"), name="parcel_event_stage_on"),)


class NoGo(Located, Placed, Sourced):
    """An area that may not be built on."""

    code = models.TextField(unique=True)
    kind = models.TextField()
    name = models.TextField(blank=True, default="", db_default="")
    area_m2 = models.FloatField(null=True, blank=True)
