"""Serve the desk from this machine with waitress, until told to stop."""

from __future__ import annotations

import os
import signal
import threading
import webbrowser
from pathlib import Path
from types import FrameType
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections
from waitress.server import create_server

from zonewright.core.errors import StorageError
from zonewright.web.environment import local_secret_key

THREADS = 6


class Server(Protocol):
    """What is used of waitress' server."""

    def run(self) -> None:
        """Answer requests until closed."""

    def close(self) -> None:
        """Take no more requests."""


def serve(host: str = "127.0.0.1", port: int = 8000, *, open_browser: bool = False) -> None:
    """Serve the connected workspace; return after SIGINT or SIGTERM.

    Assumes that `zonewright.store.workspace.connect` was called. Prints nothing. A workspace file
    without a configured secret key gets one, kept beside it (``NAME.sqlite.key``, mode 0600).

    Parameters
    ----------
    host
        Address to listen at.
    port
        Port to listen at.
    open_browser
        Whether to show the desk in the reader's browser.

    Raises
    ------
    ImproperlyConfigured
        If a shared workspace has no secret key configured.
    StorageError
        If the address cannot be listened at.
    """
    server = make_server(host, port)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    for number in before:
        signal.signal(number, stop)
    if open_browser:
        threading.Timer(0.5, webbrowser.open, [f"http://{host}:{port}/"]).start()
    try:
        server.run()
    finally:
        server.close()
        connections.close_all()
        for number, handler in before.items():
            signal.signal(number, handler)


def make_server(host: str, port: int) -> Server:
    """Return a server for the connected workspace that listens but does not answer yet."""
    ensure_secret_key()
    if host not in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::"):  # noqa: S104
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, host]
    if settings.STATIC_ROOT:
        call_command("collectstatic", interactive=False, verbosity=0)
    application = get_wsgi_application()
    run_checks()  # also loads every view, so that the first reader does not wait for it
    try:
        server: Server = create_server(
            application,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            url_scheme="https" if settings.HTTPS else "http",
        )
    except OSError as error:
        raise StorageError("desk-address-taken", host=host, port=port, reason=str(error)) from error
    return server


def ensure_secret_key() -> None:
    """Give a workspace file its own key, unless the environment names one."""
    if has_secret_key():
        return
    file = workspace_file()
    if file is None:
        raise ImproperlyConfigured(
            "A shared workspace needs a secret key: set ZONEWRIGHT_SECRET_KEY, or "
            "ZONEWRIGHT_SECRET_KEY_FILE to a file that only the service may read."
        )
    settings.SECRET_KEY = local_secret_key(file)


def workspace_file() -> Path | None:
    """Return the file of the connected workspace; None if it is a shared database."""
    database = connections["default"].settings_dict
    name = urlsplit(os.fspath(database["NAME"]))
    if not database["ENGINE"].endswith("sqlite3") or name.scheme != "file":
        return None
    path = Path(unquote(name.path))
    return path if path.is_absolute() else None


def has_secret_key() -> bool:
    """Return whether a key is set; Django refuses to read an empty one."""
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        return False
