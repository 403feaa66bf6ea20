"""Serve the desk from this machine with granian, until told to stop.

The server runs in processes of their own, which take everything from the environment; one more
process carries out background runs. All end with this one.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from zonewright.core.errors import StorageError
from zonewright.web import statics
from zonewright.web.background import work
from zonewright.web.environment import local_secret_key

log = logging.getLogger(__name__)

# Two processes on two cores; threads wait for the database while others compute.
MOST_PROCESSES = 2
THREADS = 4
BACKLOG = 1024
END_S = 5
# How often the worker is looked after, and how long after it broke off another begins.
ALIVE_S, AGAIN_S = 0.5, 3.0
TARGET = "zonewright.web.process:application"


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    open_browser: bool = False,
    worker: bool = True,
    processes: int | None = None,
) -> None:
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
    worker
        Whether to carry out background runs too, in one more process.
    processes
        How many processes answer; None means one a core, at most two.

    Raises
    ------
    ImproperlyConfigured
        If a shared workspace has no secret key configured.
    StorageError
        If the address cannot be listened at.
    """
    require_free(host, port)
    environment = process_environment(host)
    connections.close_all()
    with _environment(environment), _signals_kept(), _spawning():
        server = Server(
            TARGET,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=processes or min(MOST_PROCESSES, os.cpu_count() or 1),
            blocking_threads=THREADS,
            backlog=BACKLOG,
            websockets=False,
            log_level=LogLevels.error,
            respawn_failed_workers=True,
            workers_kill_timeout=END_S,
        )
        if open_browser:
            threading.Timer(1.5, webbrowser.open, [f"http://{host}:{port}/"]).start()
        with _worker() if worker else _nothing():
            server.serve()


def require_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened at.

    Raises
    ------
    StorageError
        If another program listens there, or it is not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError("desk-address-taken", host=host, port=port, reason=reason) from error


def process_environment(host: str) -> dict[str, str]:
    """Return what the server's processes need to know: the workspace, its key, the static files."""
    found = {"DJANGO_SETTINGS_MODULE": "zonewright.web.settings", **_workspace(), **_key()}
    if host not in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::"):  # noqa: S104
        found["ZONEWRIGHT_ALLOWED_HOSTS"] = ",".join([*settings.ALLOWED_HOSTS, host])
    if settings.STATIC_ROOT:
        statics.collect(Path(settings.STATIC_ROOT))
    elif not settings.DEBUG:
        folder = statics.collected()
        if folder is not None:
            found["ZONEWRIGHT_STATIC_ROOT"] = str(folder)
    return found


def _workspace() -> dict[str, str]:
    file = workspace_file()
    if file is not None:
        return {"ZONEWRIGHT_WORKSPACE": str(file), "ZONEWRIGHT_DATABASE_URL": ""}
    return {"ZONEWRIGHT_DATABASE_URL": _shared_address(connections["default"].settings_dict)}


def _shared_address(database: Mapping[str, Any]) -> str:
    """Return the address of a database, with user and password."""
    user = ":".join(quote(str(database[name]), safe="") for name in ("USER", "PASSWORD"))
    place = f"{database['HOST']}:{database['PORT']}".rstrip(":")
    options = urlencode(database.get("OPTIONS", {}))
    name = quote(str(database["NAME"]), safe="")
    return f"postgresql://{user.rstrip(':')}@{place}/{name}" + (f"?{options}" if options else "")


def _key() -> dict[str, str]:
    """Return where the key stands; a workspace file gets its own, if the environment has none."""
    if has_secret_key():
        return {}
    file = workspace_file()
    if file is None:
        raise ImproperlyConfigured(
            "A shared workspace needs a secret key: set ZONEWRIGHT_SECRET_KEY, or "
            "ZONEWRIGHT_SECRET_KEY_FILE to a file that only the service may read."
        )
    local_secret_key(file)
    return {"ZONEWRIGHT_SECRET_KEY_FILE": str(file.with_name(file.name + ".key"))}


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


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables for the processes that are started meanwhile."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Put the handlers of signals back that the server replaces."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP"):
        numbers.append(signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _spawning() -> Iterator[None]:
    """Start processes afresh: a fork would take over threads and connections of this one.

    What called this is not run again in them: they have a main module of their own.
    """
    before, main = multiprocessing.get_start_method(allow_none=True), sys.modules["__main__"]
    multiprocessing.set_start_method("spawn", force=True)
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        multiprocessing.set_start_method(before, force=True)


@contextmanager
def _worker() -> Iterator[None]:
    """Carry out background runs in a process of its own, begun anew if it breaks off."""
    over = threading.Event()
    keeper = threading.Thread(target=_keep_working, args=(over,), name="worker-keeper")
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep_working(over: threading.Event) -> None:
    """Keep a worker at work until the server ends; a run that one left is taken by the next."""
    while not over.is_set():
        process = multiprocessing.Process(target=work, name="zonewright-worker")
        process.start()
        while process.is_alive() and not over.wait(ALIVE_S):
            pass
        if not over.is_set():
            log.warning("the worker broke off (%s); another begins", process.exitcode)
            over.wait(AGAIN_S)
    process.terminate()
    process.join(END_S)
    if process.is_alive():
        process.kill()
        process.join()


@contextmanager
def _nothing() -> Iterator[None]:
    yield
