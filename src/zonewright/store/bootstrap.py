"""Set Django up on the settings of the desk."""

from __future__ import annotations

import os

import django
from django.apps import apps

_SETTINGS = "zonewright.web.settings"


def set_up() -> None:
    """Set Django up without a workspace, so that modules with models can be imported."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _SETTINGS)
    if not apps.ready and not apps.loading:
        django.setup()
