"""Map services and layers for reference: who plans or administers adds, changes, deletes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zonewright.core.errors import FindingsError, InputError, RangeError
from zonewright.core.findings import Finding
from zonewright.store.actions import maps as actions
from zonewright.store.models import MapLayer
from zonewright.web import language
from zonewright.web.access import of, origin, require_everywhere
from zonewright.web.mapview import map_of
from zonewright.web.page import page
from zonewright.web.views.maps import allow_services
from zonewright.workflows import reference_layers as workflow

Typed = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Preset:
    """A service that many use: its address waits for the key of whoever sets it up."""

    code: str
    name: str
    url: str
    attribution: str
    max_zoom: int


def presets() -> tuple[Preset, ...]:
    """Return 天地图's base maps, whose Web Mercator sets (`_w`) MapLibre can draw.

    They are drawn on CGCS2000, within decimetres of WGS 84: nothing is shifted.
    """
    names = {
        "vec": _("Tianditu: roads and places"),
        "img": _("Tianditu: satellite image"),
        "cva": _("Tianditu: names (above the roads)"),
        "cia": _("Tianditu: names (above the image)"),
        "ter": _("Tianditu: relief"),
    }
    return tuple(
        Preset(
            code,
            name,
            f"https://t{{s}}.tianditu.gov.cn/{code}_w/wmts?SERVICE=WMTS&REQUEST=GetTile"
            f"&VERSION=1.0.0&LAYER={code}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
            "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}",
            "天地图 · 自然资源部",
            14 if code == "ter" else 18,
        )
        for code, name in names.items()
    )


# ---- Map services -----------------------------------------------------------------------------


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """Show the map services and the form that adds one."""
    require_everywhere(request, "administer")
    wanted = request.GET.get("preset", "")
    preset = next((item for item in presets() if item.code == wanted), None)
    typed: Typed = {"kind": "xyz", "min_zoom": 0, "max_zoom": 18, "tile_size": 256, "shown": True}
    if preset is not None:
        typed = {**typed, "name": preset.name, "kind": "wmts", "url": preset.url}
        typed = {**typed, "attribution": preset.attribution, "max_zoom": preset.max_zoom}
    return _services_page(request, typed)


def _services_page(
    request: HttpRequest,
    typed: Typed,
    *,
    findings: tuple[Finding, ...] = (),
    layer: MapLayer | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "layers": MapLayer.objects.exclude(kind=actions.FEATURES),
        "presets": presets(),
        "typed": typed,
        "layer": layer,
        "bounds": map_of(request).bounds if layer else "",
        "faults": _by_field(findings),
        "findings": [finding.text(language.current()) for finding in findings],
    }
    return allow_services(page(request, "map-services.html", context, status=status))


@require_POST
def add_service(request: HttpRequest) -> HttpResponse:
    """Add a map service."""
    require_everywhere(request, "administer")
    try:
        added = actions.add_service(_service(request), access=of(request), origin=origin(request))
    except FindingsError as error:
        return _services_page(request, _typed(request), findings=error.findings, status=422)
    messages.success(request, _("The service “%(name)s” was added.") % {"name": added.name})
    return HttpResponseRedirect(reverse("map-services"))


@require_http_methods(["GET", "HEAD", "POST"])
def change_service(request: HttpRequest, code: str) -> HttpResponse:
    """Change a map service."""
    require_everywhere(request, "administer")
    layer = _found(code, features=False)
    if request.method != "POST":
        typed = {
            name: getattr(layer, name)
            for name in (
                "name", "kind", "url", "attribution", "min_zoom", "max_zoom", "tile_size", "shown",
            )
        }  # fmt: skip
        return _services_page(request, typed, layer=layer)
    try:
        actions.change_service(code, _service(request), access=of(request), origin=origin(request))
    except FindingsError as error:
        typed_again = _typed(request)
        return _services_page(
            request, typed_again, findings=error.findings, layer=layer, status=422
        )
    messages.success(request, _("The service was changed."))
    return HttpResponseRedirect(reverse("map-services"))


@require_http_methods(["GET", "HEAD", "POST"])
def delete_service(request: HttpRequest, code: str) -> HttpResponse:
    """Ask whether a service is to be deleted, and delete it."""
    require_everywhere(request, "administer")
    return _delete(request, _found(code, features=False), back="map-services")


@require_POST
def move_service(request: HttpRequest, code: str) -> HttpResponse:
    """Move a service up or down."""
    require_everywhere(request, "administer")
    return _move(request, _found(code, features=False), back="map-services")


def _service(request: HttpRequest) -> actions.Service:
    given = request.POST
    return actions.Service(
        name=given.get("name", ""),
        kind=given.get("kind", ""),
        url=given.get("url", ""),
        key=given.get("key", ""),
        attribution=given.get("attribution", ""),
        min_zoom=_whole(given.get("min_zoom", "")),
        max_zoom=_whole(given.get("max_zoom", "")),
        tile_size=_whole(given.get("tile_size", "")),
        shown=bool(given.get("shown")),
    )


def _whole(text: str) -> int:
    """Return a number; -1 for what is none, which no field takes."""
    return int(text) if text.isdecimal() and len(text) < 6 else -1


def _typed(request: HttpRequest) -> Typed:
    return {**request.POST.dict(), "shown": bool(request.POST.get("shown"))}


# ---- Layers for reference -----------------------------------------------------------------------


@require_safe
def layers(request: HttpRequest) -> HttpResponse:
    """Show the layers for reference and the form that takes a file."""
    require_everywhere(request, "plan")
    return _layers_page(request, {"color": actions.COLOUR})


def _layers_page(
    request: HttpRequest,
    typed: Typed,
    *,
    error: InputError | None = None,
    findings: tuple[Finding, ...] = (),
    layer: MapLayer | None = None,
    status: int = 200,
) -> HttpResponse:
    lang = language.current()
    told = error.findings if isinstance(error, FindingsError) else findings
    context = {
        "layers": MapLayer.objects.filter(kind=actions.FEATURES),
        "typed": typed,
        "layer": layer,
        "faults": _by_field(told),
        "message": error.text(lang) if error and not isinstance(error, FindingsError) else "",
        "findings": [finding.as_dict(lang) for finding in told],
        "limit": workflow.MAX_BYTES // 1024**2,
        "most": actions.MAX_FEATURES,
    }
    return page(request, "map-layers.html", context, status=status)


@require_POST
def add_layer(request: HttpRequest) -> HttpResponse:
    """Take a file as layers for reference; the findings say what was left out."""
    require_everywhere(request, "plan")
    typed = request.POST.dict()
    file = request.FILES.get("file")
    try:
        added = workflow.add_layers(
            _content(file),
            file.name or "" if file else "",
            name=request.POST.get("name", ""),
            color=request.POST.get("color", ""),
            access=of(request),
            origin=origin(request),
        )
    except InputError as error:
        return _layers_page(request, typed, error=error, status=422)
    for name, count in added.layers:
        told = _("“%(name)s” was added. Features: %(count)s") % {"name": name, "count": count}
        messages.success(request, told)
    if added.findings:
        return _layers_page(request, {"color": actions.COLOUR}, findings=added.findings)
    return HttpResponseRedirect(reverse("map-layers"))


def _content(file: UploadedFile[bytes] | None) -> bytes:
    if file is None:
        raise RangeError("map-file-missing")
    if (file.size or 0) > workflow.MAX_BYTES:
        raise RangeError("map-file-large", most=workflow.MAX_BYTES // 1024**2)
    return bytes(file.read())


@require_http_methods(["GET", "HEAD", "POST"])
def change_layer(request: HttpRequest, code: str) -> HttpResponse:
    """Rename a layer for reference, colour it, hide it at first."""
    require_everywhere(request, "plan")
    layer = _found(code, features=True)
    if request.method != "POST":
        typed = {"name": layer.name, "color": layer.color, "shown": layer.shown}
        return _layers_page(request, typed, layer=layer)
    try:
        actions.change_reference_layer(
            code,
            name=request.POST.get("name", ""),
            color=request.POST.get("color", ""),
            shown=bool(request.POST.get("shown")),
            access=of(request),
            origin=origin(request),
        )
    except FindingsError as error:
        return _layers_page(request, _typed(request), error=error, layer=layer, status=422)
    messages.success(request, _("The layer was changed."))
    return HttpResponseRedirect(reverse("map-layers"))


@require_http_methods(["GET", "HEAD", "POST"])
def delete_layer(request: HttpRequest, code: str) -> HttpResponse:
    """Ask whether a layer is to be deleted, and delete it."""
    require_everywhere(request, "plan")
    return _delete(request, _found(code, features=True), back="map-layers")


@require_POST
def move_layer(request: HttpRequest, code: str) -> HttpResponse:
    """Move a layer up or down."""
    require_everywhere(request, "plan")
    return _move(request, _found(code, features=True), back="map-layers")


# ---- Both ---------------------------------------------------------------------------------------


def _found(code: str, *, features: bool) -> MapLayer:
    rows = MapLayer.objects.all()
    kind = actions.FEATURES
    rows = rows.filter(kind=kind) if features else rows.exclude(kind=kind)
    layer = rows.filter(code=code).first()
    if layer is None:
        raise Http404(code)
    return layer


def _delete(request: HttpRequest, layer: MapLayer, *, back: str) -> HttpResponse:
    if request.method != "POST":
        context = {"layer": layer, "features": layer.features.count(), "back": reverse(back)}
        return page(request, "map-delete.html", context)
    actions.delete_layer(layer.code, access=of(request), origin=origin(request))
    messages.success(request, _("“%(name)s” was deleted.") % {"name": layer.name})
    return HttpResponseRedirect(reverse(back))


def _move(request: HttpRequest, layer: MapLayer, *, back: str) -> HttpResponse:
    up = request.POST.get("direction") != "down"
    actions.move_layer(layer.code, up=up, access=of(request), origin=origin(request))
    return HttpResponseRedirect(reverse(back))


def _by_field(findings: tuple[Finding, ...]) -> dict[str, str]:
    lang = language.current()
    return {finding.field: finding.text(lang) for finding in findings if finding.field}
