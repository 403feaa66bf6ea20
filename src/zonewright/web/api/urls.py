"""Addresses of the API."""

from __future__ import annotations

from django.urls import path

from zonewright.web.api import docs
from zonewright.web.api.api import api
from zonewright.web.api.ogc.urls import urlpatterns as ogc

urlpatterns = [
    path("api/v1/openapi.json", docs.openapi, name="api-document"),
    path("api/v1/docs", docs.docs, name="api-docs"),
    path("api/v1/", api.urls),
    *ogc,
]
