"""What records have in common: where they came from, and where they lie."""

from __future__ import annotations

from django.db import models

from zonewright.store.fields import GeometryField


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
    sheet = models.TextField(blank=True, default="")
    row = models.IntegerField(null=True, blank=True)
    columns = models.JSONField(blank=True, default=dict)
    origins = models.JSONField(blank=True, default=list)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class Located(models.Model):
    """A record with a geometry (EPSG:4490) and its bounding box [degrees]."""

    geometry = GeometryField(null=True, blank=True)
    west = models.FloatField(null=True, blank=True, editable=False)
    south = models.FloatField(null=True, blank=True, editable=False)
    east = models.FloatField(null=True, blank=True, editable=False)
    north = models.FloatField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
