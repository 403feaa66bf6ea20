"""Addresses of the desk: land."""

from __future__ import annotations

from django.urls import URLPattern, path

from zonewright.web.views import land, land_block, land_files, land_quota

urlpatterns: list[URLPattern] = [
    path("land/", land.land, name="land"),
    path("land/stages.json", land.stages_chart, name="land-stages"),
    path("land/map.json", land.shapes, name="land-map"),
    path("land/blocks.xlsx", land_files.workbook, name="land-xlsx"),
    path("land/blocks.gpkg", land_files.geopackage, name="land-gpkg"),
    path("land/quota/", land_quota.quota, name="land-quota"),
    path("land/quota.xlsx", land_quota.workbook, name="land-quota-xlsx"),
    path("land/blocks/<str:zone>/<path:block>/map.json", land_block.shapes, name="land-block-map"),
    path("land/blocks/<str:zone>/<path:block>/", land_block.block, name="land-block"),
]
