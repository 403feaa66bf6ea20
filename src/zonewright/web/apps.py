"""The Django app of the desk: its templates, static files and translations."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in

from zonewright.web import session_times


class DeskConfig(AppConfig):
    """The pages, under the label ``web``."""

    name = "zonewright.web"
    label = "web"

    def ready(self) -> None:
        """Note when a session begins."""
        user_logged_in.connect(session_times.begin, dispatch_uid="zonewright.web.session_times")
