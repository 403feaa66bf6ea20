"""Addresses of the desk: supervision orders and the meeting list."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
