"""Writes to the workspace: each is one transaction, checked and audited."""

from zonewright.store import _ready  # noqa: F401  (before any model)
from zonewright.store.actions.runs import fail_run, find_run, finish_run, start_run, update_run
from zonewright.store.actions.taking import Count, Taken, take
from zonewright.store.actions.users import create_user, has_user, set_password

__all__ = [
    "Count",
    "Taken",
    "create_user",
    "fail_run",
    "find_run",
    "finish_run",
    "has_user",
    "set_password",
    "start_run",
    "take",
    "update_run",
]
