"""Addresses of the desk: maps."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
