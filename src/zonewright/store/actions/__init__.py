"""Writes to the workspace: each is one transaction, checked and audited."""

from zonewright.store import _ready  # noqa: F401  (before any model)
from zonewright.store.actions.attachments import attach, detach
from zonewright.store.actions.blobs import keep
from zonewright.store.actions.editing import add, delete, edit
from zonewright.store.actions.queue import (
    beat,
    break_off,
    cancel_asked,
    cancel_run,
    claim_run,
    drop_run,
    end_run,
    give_back,
    queue_run,
    reclaim,
)
from zonewright.store.actions.run_files import Made
from zonewright.store.actions.runs import fail_run, find_run, finish_run, start_run, update_run
from zonewright.store.actions.taking import Count, Taken, take
from zonewright.store.actions.targets import TargetInput, set_target
from zonewright.store.actions.undoing import undo
from zonewright.store.actions.users import create_user, has_user, set_password

__all__ = [
    "Count",
    "Made",
    "Taken",
    "TargetInput",
    "add",
    "attach",
    "beat",
    "break_off",
    "cancel_asked",
    "cancel_run",
    "claim_run",
    "create_user",
    "delete",
    "detach",
    "drop_run",
    "edit",
    "end_run",
    "fail_run",
    "find_run",
    "finish_run",
    "give_back",
    "has_user",
    "keep",
    "queue_run",
    "reclaim",
    "set_password",
    "set_target",
    "start_run",
    "take",
    "undo",
    "update_run",
]
