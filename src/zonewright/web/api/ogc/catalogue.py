"""The collections of the map service: every table of records, and the layers for reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.schema import Field, table
from zonewright.store import mapping
from zonewright.store.access import Access
from zonewright.store.mapping import Mapped
from zonewright.store.models import MapFeature, MapLayer, Parcel, ParcelEvent, ZoneVersion
from zonewright.store.models.base import Located
from zonewright.web.api.ogc.dates import Span

LAYER = "layer_"
_TYPES = {
    "number": "number", "area": "number", "money": "number", "energy": "number",
    "percent": "number", "date": "date", "month": "date", "year": "integer", "bool": "boolean",
    "points": "object", "services": "object",
}  # fmt: skip
_SHAPES = ("geometry", "multipolygon")


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a feature.

    Parameters
    ----------
    name
        As a program knows it.
    path
        Where the query finds it.
    kind
        ``string``, ``number``, ``integer``, ``boolean``, ``date`` or ``object``.
    zh, en
        Names that readers see.
    unit
        Unit of its values; empty if none.
    choices
        Allowed values; empty if any.
    """

    name: str
    path: str
    kind: str
    zh: str
    en: str
    unit: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of features.

    Parameters
    ----------
    id
        In its address.
    model
        Of its rows.
    record
        Prefix of its features' names.
    zh, en
        Its name.
    geometry
        Where the query finds the geometry; empty if its features have none.
    properties
        By name.
    start, end
        Where the query finds since when, and until when, a feature holds; empty if it has no date.
    layer
        Code of the layer for reference that it is; empty if it is a table.
    """

    id: str
    model: type[Model]
    record: str
    zh: str
    en: str
    geometry: str
    properties: Mapping[str, Property]
    start: str = ""
    end: str = ""
    layer: str = ""

    def label(self, lang: str) -> str:
        """Return its name in a language."""
        return self.zh if lang == "zh" else self.en

    @property
    def is_dated(self) -> bool:
        """Whether ``datetime`` chooses among its features."""
        return bool(self.start) or self.model is Parcel

    @property
    def located(self) -> type[Located]:
        """The model that has the geometry."""
        return Parcel if self.model is ParcelEvent else self.model  # type: ignore[return-value]

    @property
    def geometry_key(self) -> str:
        """The attribute that names the row with the geometry."""
        return "parcel_id" if self.model is ParcelEvent else "pk"

    def rows(self, access: Access) -> QuerySet[Any]:
        """Return the rows that somebody may see."""
        if self.layer:
            return MapFeature.objects.filter(layer__code=self.layer)
        return access.narrow(self.model._default_manager.all())

    def during(self, span: Span | None) -> Q:
        """Return the condition that a row holds at some time of a span.

        Boundaries are those of today unless another time is asked for.
        """
        if span is None:
            if self.model is not ZoneVersion:
                return Q()
            today = timezone.localdate()
            span = Span(today, today)
        if self.model is Parcel:
            return _reached(span)
        found = Q(**{f"{self.start}__isnull": False})
        if span.last is not None:
            found &= Q(**{f"{self.start}__lte": span.last})
        if span.first is not None and not self.end:
            found &= Q(**{f"{self.start}__gte": span.first})
        elif span.first is not None:
            # A boundary no longer holds on the day that ends it; a work is still built on it.
            after = "gt" if self.model is ZoneVersion else "gte"
            still = Q(**{f"{self.end}__isnull": True})
            found &= still | Q(**{f"{self.end}__{after}": span.first})
        return found


def _reached(span: Span) -> Q:
    """Return the condition that a parcel reached its present stage in a span."""
    events = ParcelEvent.objects.filter(stage=F("parcel__stage"))
    if span.first is not None:
        events = events.filter(on__gte=span.first)
    if span.last is not None:
        events = events.filter(on__lte=span.last)
    return Q(pk__in=events.values("parcel_id"))


_DATED = {
    "parcel_events": ("on", ""),
    "works": ("started_on", "finished_on"),
    "work_months": ("month", ""),
    "milestones": ("actual_on", ""),
    "plans": ("approved_on", ""),
    "memberships": ("valid_from", "valid_to"),
    "quota_entries": ("on", ""),
    "fund_entries": ("on", ""),
    "zones": ("valid_from", "valid_to"),
}
_AREA = Property("area_m2", "area_m2", "number", "面积", "Area", "m2")
_STAGE = table("parcel_events")["stage"]
_MORE: Mapping[str, tuple[Property, ...]] = {
    "zones": (_AREA,),
    "no_go": (_AREA,),
    "parcels": (
        _AREA,
        Property(
            "stage", "stage", "string", "已达阶段", "Stage reached", choices=tuple(_STAGE.choices)
        ),
    ),
}


@cache
def _tables() -> Mapping[str, Collection]:
    """Return the collections that are tables. Zones stand with the boundary of a day."""
    found = [
        _collection(mapped)
        for mapped in mapping.ALL
        if mapped not in (mapping.ZONES, mapping.ZONE_VERSIONS)
    ]
    everything = [_zones(), *found]
    return {item.id: item for item in everything}


def _zones() -> Collection:
    own = [_property(mapping.ZONES, column.field, "zone__") for column in mapping.ZONES.columns]
    dated = [
        _property(mapping.ZONE_VERSIONS, column.field, "")
        for column in mapping.ZONE_VERSIONS.columns
        if column.field.kind not in _SHAPES
    ]
    return _made(mapping.ZONE_VERSIONS, "geometry", [*own, *dated])


def _collection(mapped: Mapped) -> Collection:
    geometry = "geometry" if table(mapped.table).geometry else ""
    if mapped is mapping.PARCEL_EVENTS:
        geometry = "parcel__geometry"
    properties = [
        _property(mapped, column.field, "")
        for column in mapped.columns
        if column.field.kind not in _SHAPES
    ]
    return _made(mapped, geometry, properties)


def _made(mapped: Mapped, geometry: str, properties: list[Property]) -> Collection:
    name = mapped.table
    start, end = _DATED.get(name, ("", ""))
    named = {item.name: item for item in (*properties, *_MORE.get(name, ()))}
    words = table(name)
    en = words.en[:1].upper() + words.en[1:]
    return Collection(name, mapped.model, mapped.record, words.zh, en, geometry, named, start, end)


def _property(mapped: Mapped, field: Field, prefix: str) -> Property:
    column = mapped.column(field.name)
    path = field.name
    if column is not None:
        path = column.attr.removesuffix("_id") + "__code" if column.refers else column.attr
    unit = field.unit or ("%" if field.kind == "percent" else "")
    kind = _TYPES.get(field.kind, "string")
    choices = tuple(field.choices) if field.kind == "choice" else ()
    return Property(field.name, prefix + path, kind, field.zh, field.en, unit, choices)


def _layer(layer: MapLayer) -> Collection:
    name = Property("name", "name", "string", "名称", "Name")
    more = Property("properties", "properties", "object", "属性", "Properties")
    return Collection(
        f"{LAYER}{layer.code}", MapFeature, "map_feature", layer.name, layer.name, "geometry",
        {"name": name, "properties": more}, layer=layer.code,
    )  # fmt: skip


def collections(access: Access) -> list[Collection]:
    """Return the collections that somebody may open: none if they may see nothing at all."""
    if not access.may_anywhere("view"):
        return []
    layers = MapLayer.objects.filter(kind="features")
    return [*_tables().values(), *(_layer(layer) for layer in layers)]


def collection(name: str, access: Access) -> Collection:
    """Return a collection.

    Raises
    ------
    UnknownReferenceError
        If there is none of that name, or they may see nothing at all.
    """
    found = _tables().get(name)
    if name.startswith(LAYER):
        layer = MapLayer.objects.filter(code=name.removeprefix(LAYER), kind="features").first()
        found = _layer(layer) if layer else None
    if found is None or not access.may_anywhere("view"):
        raise UnknownReferenceError("ogc-collection-unknown", name=name)
    return found
