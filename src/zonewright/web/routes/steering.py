"""Addresses of the desk: the board, indicators, targets and forecasts."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
