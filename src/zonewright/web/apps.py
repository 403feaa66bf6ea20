"""The Django app of the desk: its templates, static files and translations."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The pages, under the label ``web``."""

    name = "zonewright.web"
    label = "web"
