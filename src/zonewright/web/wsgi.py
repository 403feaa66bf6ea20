"""The desk as a WSGI application, for any server: ``zonewright.web.wsgi:application``.

It refuses to start without ``ZONEWRIGHT_SECRET_KEY`` or ``ZONEWRIGHT_SECRET_KEY_FILE``.
"""

from __future__ import annotations

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zonewright.web.settings")

application = get_wsgi_application()
try:
    _KEY = settings.SECRET_KEY
except ImproperlyConfigured as error:
    raise ImproperlyConfigured(
        "The desk has no secret key: set ZONEWRIGHT_SECRET_KEY, or ZONEWRIGHT_SECRET_KEY_FILE to "
        "a file that only the service may read."
    ) from error
