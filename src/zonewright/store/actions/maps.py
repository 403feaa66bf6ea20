"""What the map shows besides the records: map services and layers for reference."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import shapely
from django.db import transaction
from django.db.models import Max

from zonewright.core.errors import FindingsError, RangeError, UnknownReferenceError
from zonewright.core.findings import Finding
from zonewright.store import _ready  # noqa: F401  (before any model)
from zonewright.store.access import Access
from zonewright.store.actions import trail
from zonewright.store.models import MapFeature, MapLayer

ServiceKind = Literal["xyz", "wmts"]
SERVICES: tuple[ServiceKind, ...] = ("xyz", "wmts")
FEATURES = "features"
MAX_FEATURES = 100_000
MAX_ZOOM = 22
TILE_SIZES = (256, 512)
COLOUR = "#6b4fa0"
TABLE = "map_layers"
SUBDOMAINS = "{s}"
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^\[[0-9a-f:]+\]$")
_COLOUR = re.compile(r"^#[0-9a-f]{6}$")
_NAMES = {
    "{TileMatrix}": "{z}", "{TileRow}": "{y}", "{TileCol}": "{x}",
    "{tilematrix}": "{z}", "{tilerow}": "{y}", "{tilecol}": "{x}",
}  # fmt: skip
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Service:
    """A map service as somebody sets it up.

    Parameters
    ----------
    kind
        ``xyz`` or ``wmts``; both are asked by an address with ``{z}``, ``{x}`` and ``{y}``.
    url
        The address. ``{s}`` stands for the numbers of its hosts, 0 to 7; ``{key}`` for the key.
    key
        Key that the service asks for; it ends up in the address that readers' browsers ask.
    attribution
        What must be written on the map.
    """

    name: str
    kind: str
    url: str
    key: str = ""
    attribution: str = ""
    min_zoom: int = 0
    max_zoom: int = 18
    tile_size: int = 256
    shown: bool = True


@dataclass(frozen=True, slots=True)
class ReferenceFeature:
    """A feature of a layer for reference: its geometry as WKB (EPSG:4490), name and values."""

    geometry: bytes
    name: str
    properties: Mapping[str, object]


def add_service(service: Service, *, access: Access, origin: str) -> MapLayer:
    """Add a map service; who administers the workspace may.

    Raises
    ------
    NotAllowedError
        If they may not.
    FindingsError
        With a finding a field that cannot be used.
    """
    access.require("administer")
    values = _checked(service)
    with transaction.atomic():
        layer = MapLayer.objects.create(
            code=_free_code(service.kind), position=_last() + 1, added_by=access.name, **values
        )
        _note("create", layer, access, origin, after=_told(values))
    return layer


def change_service(code: str, service: Service, *, access: Access, origin: str) -> MapLayer:
    """Change a map service. An address without ``{key}`` keeps the key that stands in it.

    Raises
    ------
    UnknownReferenceError
        If there is no such service.
    NotAllowedError, FindingsError
        As `add_service`.
    """
    access.require("administer")
    values = _checked(service)
    with transaction.atomic():
        layer = _layer(code, SERVICES)
        before = {name: getattr(layer, name) for name in values}
        changed = {name: value for name, value in values.items() if value != before[name]}
        if changed:
            MapLayer.objects.filter(pk=layer.pk).update(**changed)
            told = _told({name: before[name] for name in changed})
            _note("update", layer, access, origin, before=told, after=_told(changed))
    layer.refresh_from_db()
    return layer


def add_reference_layer(
    name: str,
    features: Sequence[ReferenceFeature],
    *,
    access: Access,
    origin: str,
    color: str = COLOUR,
) -> MapLayer:
    """Add a layer for reference with its features; who plans the whole workspace may.

    Raises
    ------
    NotAllowedError
        If they may not.
    RangeError
        If there are no features, or too many.
    FindingsError
        If the name or the colour cannot be used.
    """
    access.require("plan")
    if not features:
        raise RangeError("map-layer-empty")
    if len(features) > MAX_FEATURES:
        raise RangeError("map-layer-large", most=MAX_FEATURES, found=len(features))
    values = _named(name, color)
    with transaction.atomic():
        layer = MapLayer.objects.create(
            code=_free_code("layer"), kind=FEATURES, position=_last() + 1, added_by=access.name,
            **values,
        )  # fmt: skip
        MapFeature.objects.bulk_create(_rows(layer, features), batch_size=_CHUNK)
        _note("create", layer, access, origin, after={**values, "features": len(features)})
    return layer


def change_reference_layer(
    code: str, *, name: str, color: str, shown: bool, access: Access, origin: str
) -> MapLayer:
    """Rename a layer for reference, give it another colour, or hide it at first.

    Raises
    ------
    UnknownReferenceError
        If there is no such layer.
    NotAllowedError, FindingsError
        As `add_reference_layer`.
    """
    access.require("plan")
    values = {**_named(name, color), "shown": shown}
    with transaction.atomic():
        layer = _layer(code, (FEATURES,))
        before = {field: getattr(layer, field) for field in values}
        changed = {field: value for field, value in values.items() if value != before[field]}
        if changed:
            MapLayer.objects.filter(pk=layer.pk).update(**changed)
            told = {field: before[field] for field in changed}
            _note("update", layer, access, origin, before=told, after=changed)
    layer.refresh_from_db()
    return layer


def delete_layer(code: str, *, access: Access, origin: str) -> None:
    """Delete a layer for reference with its features, or a map service.

    Raises
    ------
    UnknownReferenceError
        If there is no such layer.
    NotAllowedError
        If they may not: services are administered, layers for reference planned.
    """
    with transaction.atomic():
        layer = _layer(code, (FEATURES, *SERVICES))
        access.require("plan" if layer.kind == FEATURES else "administer")
        before: dict[str, object] = {"name": layer.name, "kind": layer.kind}
        if layer.kind == FEATURES:
            before["features"] = layer.features.count()
        _note("delete", layer, access, origin, before=before)
        MapFeature.objects.filter(layer=layer).delete()
        layer.delete()


def move_layer(code: str, *, up: bool, access: Access, origin: str) -> None:
    """Move a service or layer one place up or down among those of its sort.

    Raises
    ------
    UnknownReferenceError
        If there is no such layer.
    NotAllowedError
        As `delete_layer`.
    """
    with transaction.atomic():
        layer = _layer(code, (FEATURES, *SERVICES))
        access.require("plan" if layer.kind == FEATURES else "administer")
        kinds = (FEATURES,) if layer.kind == FEATURES else SERVICES
        order = list(MapLayer.objects.filter(kind__in=kinds).order_by("position", "code"))
        place = next(index for index, item in enumerate(order) if item.pk == layer.pk)
        other = place + (-1 if up else 1)
        if not 0 <= other < len(order):
            return
        order[place], order[other] = order[other], order[place]
        for position, item in enumerate(order, 1):
            MapLayer.objects.filter(pk=item.pk).update(position=position)
        _note("update", layer, access, origin, before={"place": place}, after={"place": other})


def hosts(url: str) -> tuple[str, ...]:
    """Return the origins that an address asks, as a policy names them.

    Examples
    --------
    >>> hosts("https://tile.example.org/{z}/{x}/{y}.png")
    ('https://tile.example.org',)
    """
    return tuple(dict.fromkeys(_origin(address) for address in addresses(url)))


def addresses(url: str) -> tuple[str, ...]:
    """Return the addresses that stand for one with ``{s}``."""
    if SUBDOMAINS not in url:
        return (url,)
    return tuple(url.replace(SUBDOMAINS, str(number)) for number in range(8))


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _layer(code: str, kinds: Sequence[str]) -> MapLayer:
    layer = MapLayer.objects.filter(code=code, kind__in=kinds).first()
    if layer is None:
        raise UnknownReferenceError("map-layer-unknown", name=code)
    return layer


def _last() -> int:
    return MapLayer.objects.aggregate(last=Max("position"))["last"] or 0


def _free_code(stem: str) -> str:
    """Return a code that no layer has, and none had since the last was added."""
    last = MapLayer.objects.aggregate(last=Max("pk"))["last"] or 0
    return f"{stem}-{last + 1}"


def _note(
    action: str,
    layer: MapLayer,
    access: Access,
    origin: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    trail.note(
        action,
        by=access.name,
        origin=origin,
        table=TABLE,
        code=layer.code,
        before=before,
        after=after,
    )


def _told(values: Mapping[str, object]) -> dict[str, object]:
    """Return values for the audit trail; of an address only the host, for it may hold a key."""
    return {
        name: _origin(str(value)) if name == "url" and value else value
        for name, value in values.items()
    }


def _checked(service: Service) -> dict[str, object]:
    """Return the values of a service as they are kept.

    Raises
    ------
    FindingsError
        With a finding a field.
    """
    found: list[Finding] = []

    def fault(code: str, field: str, **params: object) -> None:
        found.append(Finding(code, table=TABLE, field=field, params=params))

    if not service.name.strip():
        fault("map-layer-name", "name")
    if service.kind not in SERVICES:
        fault("map-service-kind", "kind")
    url = service.url.strip()
    for theirs, ours in _NAMES.items():
        url = url.replace(theirs, ours)
    if "{key}" in url:
        if service.key.strip() and re.fullmatch(r"[\w.~-]+", service.key.strip()):
            url = url.replace("{key}", service.key.strip())
        else:
            fault("map-service-key", "key")
            url = url.replace("{key}", "")
    code = _fault_of(url)
    if code:
        fault(code, "url")
    if not 0 <= service.min_zoom <= service.max_zoom <= MAX_ZOOM:
        fault("map-service-zooms", "max_zoom", most=MAX_ZOOM)
    if service.tile_size not in TILE_SIZES:
        fault("map-service-tile", "tile_size")
    if found:
        raise FindingsError(tuple(found))
    return {
        "name": service.name.strip()[:120],
        "kind": service.kind,
        "url": url,
        "attribution": service.attribution.strip()[:300],
        "min_zoom": service.min_zoom,
        "max_zoom": service.max_zoom,
        "tile_size": service.tile_size,
        "shown": service.shown,
    }


def _fault_of(url: str) -> str:
    """Return the code of what is wrong with an address; empty if nothing."""
    if any(sign.isspace() or sign in "\"'<>;,\\" for sign in url) or not url.isascii():
        return "map-service-url"
    try:
        parts = urlsplit(url.replace(SUBDOMAINS, "0"))
        port = parts.port
    except ValueError:
        return "map-service-url"
    host = parts.hostname or ""
    local = parts.netloc.rsplit(":", 1)[0] in _LOCAL if port else parts.netloc in _LOCAL
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not local):
        return "map-service-https"
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        return "map-service-user"
    if not (_HOST.match(host) or local):
        return "map-service-url"
    beside = url.replace("{z}", "").replace("{x}", "").replace("{y}", "").replace(SUBDOMAINS, "")
    if not all(name in url for name in ("{z}", "{x}", "{y}")) or "{" in beside or "}" in beside:
        return "map-service-places"
    if any(name in parts.netloc for name in ("{z}", "{x}", "{y}")):
        return "map-service-places"
    return ""


def _named(name: str, color: str) -> dict[str, object]:
    found = []
    if not name.strip():
        found.append(Finding("map-layer-name", table=TABLE, field="name"))
    if not _COLOUR.match(color.casefold()):
        found.append(Finding("map-layer-colour", table=TABLE, field="color"))
    if found:
        raise FindingsError(tuple(found))
    return {"name": name.strip()[:120], "color": color.casefold()}


def _rows(layer: MapLayer, features: Sequence[ReferenceFeature]) -> list[MapFeature]:
    bounds = shapely.bounds(shapely.from_wkb([item.geometry for item in features])).tolist()
    return [
        MapFeature(
            layer=layer,
            name=item.name[:300],
            properties=dict(item.properties),
            geometry=item.geometry,
            west=west,
            south=south,
            east=east,
            north=north,
        )
        for item, (west, south, east, north) in zip(features, bounds, strict=True)
    ]
