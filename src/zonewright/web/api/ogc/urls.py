"""Addresses of the map service, below ``/ogc``."""

from __future__ import annotations

from django.urls import path

from zonewright.web.api.ogc import views

_ITEMS = "ogc/collections/<str:name>/items"

urlpatterns = [
    path("ogc", views.landing, name="ogc"),
    path("ogc/", views.landing),
    path("ogc/api", views.api, name="ogc-document"),
    path("ogc/conformance", views.conformance, name="ogc-conformance"),
    path("ogc/collections", views.collection_list, name="ogc-collections"),
    path("ogc/collections/<str:name>", views.collection_page, name="ogc-collection"),
    path("ogc/collections/<str:name>/queryables", views.queryable_list, name="ogc-queryables"),
    path(_ITEMS, views.item_list, name="ogc-items"),
    path(f"{_ITEMS}/<str:feature>", views.item, name="ogc-item"),
]
