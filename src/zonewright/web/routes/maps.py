"""Addresses of the desk: maps."""

from __future__ import annotations

from django.urls import URLPattern, path

from zonewright.web.views import map_layers, map_panel, map_print, map_selection, maps

urlpatterns: list[URLPattern] = [
    path("map/", maps.map_page, name="map"),
    path("map/draw-field/", maps.draw_field, name="map-draw-field"),
    path("map/at/", map_panel.at, name="map-at"),
    path("map/record/<str:name>/", map_panel.record, name="map-record"),
    path("map/shape/<str:name>.json", map_panel.shape, name="map-shape"),
    path("map/search/", map_panel.search, name="map-search"),
    path("map/select/", map_selection.select, name="map-select"),
    path("map/select/export/", map_selection.export, name="map-select-export"),
    path("map/print/", map_print.make_pdf, name="map-print"),
    path("map/layers/", map_layers.layers, name="map-layers"),
    path("map/layers/add/", map_layers.add_layer, name="map-layer-add"),
    path("map/layers/<slug:code>/", map_layers.change_layer, name="map-layer"),
    path("map/layers/<slug:code>/delete/", map_layers.delete_layer, name="map-layer-delete"),
    path("map/layers/<slug:code>/move/", map_layers.move_layer, name="map-layer-move"),
    path("map/services/", map_layers.services, name="map-services"),
    path("map/services/add/", map_layers.add_service, name="map-service-add"),
    path("map/services/<slug:code>/", map_layers.change_service, name="map-service"),
    path("map/services/<slug:code>/delete/", map_layers.delete_service, name="map-service-delete"),
    path("map/services/<slug:code>/move/", map_layers.move_service, name="map-service-move"),
]
