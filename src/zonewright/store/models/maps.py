"""What the map shows besides the records: layers for reference, and base maps from elsewhere."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from zonewright.store.models.base import NOTHING, Located


class MapLayer(models.Model):
    """A layer for reference: imported features, or tiles of a map service. Every reader sees it.

    Attributes
    ----------
    kind
        ``features`` (its `MapFeature` rows), ``xyz`` or ``wmts``.
    url
        Address of the tiles with ``{z}``, ``{x}`` and ``{y}``; the reader's browser asks there.
    """

    code = models.SlugField(unique=True)
    name = models.TextField()
    kind = models.TextField()
    url = models.TextField(blank=True, default="")
    attribution = models.TextField(blank=True, default="")
    min_zoom = models.IntegerField(default=0)
    max_zoom = models.IntegerField(default=18)
    tile_size = models.IntegerField(default=256)
    color = models.CharField(max_length=7, blank=True, default="")
    shown = models.BooleanField(default=True)
    position = models.IntegerField(default=0)
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.name


class MapFeature(Located):
    """A feature of a layer for reference."""

    layer = models.ForeignKey(MapLayer, models.CASCADE, related_name="features")
    name = models.TextField(blank=True, default="", db_default="")
    properties = models.JSONField(default=dict, db_default=NOTHING)

    class Meta:
        ordering = ("layer", "id")
