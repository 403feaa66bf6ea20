"""A process of the desk, as `zonewright serve` starts several of them: granian's target.

It takes the workspace from the environment, keeps its connections open, reads the parcels beside
the first requests, and ends with the process that started it.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from multiprocessing.util import Finalize
from typing import Any

from django.conf import settings
from django.core.checks import run_checks
from django.db import connections

from zonewright.web import land_answers, tiles
from zonewright.web.background import end_with_parent
from zonewright.web.wsgi import application as _application
from zonewright.workflows import board
from zonewright.workflows.standing import standing

log = logging.getLogger(__name__)
Environ = dict[str, Any]


def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request; the answer does not tell by what it was served."""

    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        return start_response(status, [*headers, ("Server", "zonewright")], *error)

    return _application(environ, start)


def _prepare() -> None:
    # A connection a thread, for as long as the thread lives: a file is not opened anew for a tile.
    settings.DATABASES["default"]["CONN_MAX_AGE"] = None
    run_checks()  # also loads every view, so that the first reader does not wait for it
    threading.Thread(target=_warm, daemon=True, name="warm").start()
    end_with_parent()
    Finalize(None, _end_at_once, exitpriority=-100)


def _end_at_once() -> None:
    """End without taking the interpreter down: the server's threads would abort as they lose it."""
    sys.stderr.flush()
    os._exit(0)


def _warm() -> None:
    count, seconds = tiles.warm()
    log.info("%d parcels ready for the map after %.1f s", count, seconds)
    try:
        standing()  # so that the first reader does not wait for the figures
        land_answers.warm()  # nor for which parcels touch
        board.warm()  # nor for the board of the last month
    finally:
        connections.close_all()
        _settle()


def _settle() -> None:
    """Leave what stays out of later searches for cycles, which would stop an answer for 0.1 s."""
    gc.collect()
    gc.freeze()


_prepare()
