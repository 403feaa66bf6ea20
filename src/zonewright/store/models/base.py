"""What records have in common: where they came from, where they lie, who may see them there."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from zonewright.store.fields import GeometryField

# What the database itself writes where another program's INSERT says nothing.
NO_ITEMS = models.Value([], models.JSONField())
NOTHING = models.Value({}, models.JSONField())


class Sourced(models.Model):
    """A record that came in with a file: which file, sheet (or layer) and row.

    Attributes
    ----------
    columns
        Field to column letter where the row differs from its sheet's own mapping
        (`SourceFile.columns`); usually empty.
    origins
        Where fields came from that another file gave (the map's boundary of a parcel of the
        ledger): a list of ``{"source": id, "sheet": …, "row": …, "fields": […]}``.
    recorded_at
        When the workspace learned of it [UTC].
    """

    source = models.ForeignKey(
        "store.SourceFile", models.PROTECT, null=True, blank=True, related_name="+"
    )
    sheet = models.TextField(blank=True, default="", db_default="")
    row = models.IntegerField(null=True, blank=True)
    columns = models.JSONField(blank=True, default=dict, db_default=NOTHING)
    origins = models.JSONField(blank=True, default=list, db_default=NO_ITEMS)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class Located(models.Model):
    """A record with a geometry (EPSG:4490) and its bounding box [degrees].

    A box or area that is NULL beside a geometry is read from the geometry: so stand rows that
    another program wrote (`store.spatial`).
    """

    geometry = GeometryField(null=True, blank=True)
    west = models.FloatField(null=True, blank=True, editable=False)
    south = models.FloatField(null=True, blank=True, editable=False)
    east = models.FloatField(null=True, blank=True, editable=False)
    north = models.FloatField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Place(models.Model):
    """A set of zones in which records lie together; who is granted one of them sees the records.

    Attributes
    ----------
    key
        Primary keys of the zones, ascending, joined by a space: each set stands once.
    """

    key = models.TextField(unique=True)
    zones = models.ManyToManyField("store.Zone", related_name="+")

    def __str__(self) -> str:
        return self.key


class Placed(models.Model):
    """A record that belongs to the zones of a place (`store.places` finds it).

    NULL means that it was not found yet: then only who may see everything sees the record.
    """

    place = models.ForeignKey(Place, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True
