"""Type a return in the browser: cells are saved as they are typed, rows are taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from zonewright.core.findings import Finding
from zonewright.steering.returns.kinds import ReturnKind, kind
from zonewright.steering.returns.rows import Given, RowsOf, SheetRow, given_of
from zonewright.store.access import Access
from zonewright.store.actions import returns as actions
from zonewright.store.selectors import returns as selectors
from zonewright.store.selectors.returns import ReturnState
from zonewright.workflows.returns_answers import CellChange, Saved
from zonewright.workflows.returns_filling import (
    Start,
    findings_of,
    start_of,
    with_cells,
    without_row,
)


def save_cells(
    number: int,
    changes: Sequence[CellChange],
    access: Access,
    *,
    origin: str,
    at: datetime | None = None,
) -> Saved:
    """Write typed cells into the draft. A text that cannot be read is refused, the others stay.

    Raises
    ------
    EditConflictError
        If a cell is no longer what they saw; nothing is written then.
    StateError
        If the return is not with whoever reports.
    """
    with transaction.atomic():  # two who save at once must not undo one another
        state, of, start, rows, given = _draft(number, access)
        by = next((step.by for step in reversed(selectors.steps(number))), "")
        typed = with_cells(of, state.period, rows, changes, by=by)
        if not typed.changes:
            shown = findings_of(of, state.zone, rows, start, given=given)
            when = at or timezone.now()
            return Saved(
                number, state.version or 0, when, of, rows, start.last, shown, typed.refused
            )
        return _saved(state, of, start, typed.rows, given, access, origin=origin, at=at,
                      told=typed.changes, refused=typed.refused)  # fmt: skip


def remove_row(
    number: int, sheet: str, key: str, access: Access, *, origin: str, at: datetime | None = None
) -> Saved:
    """Take a free row out of the draft."""
    with transaction.atomic():
        state, of, start, rows, given = _draft(number, access)
        left = without_row(of, rows, sheet, key)
        return _saved(state, of, start, left, given, access, origin=origin, at=at,
                      told={f"{sheet} {key}": None})  # fmt: skip


def _draft(number: int, access: Access) -> tuple[ReturnState, ReturnKind, Start, RowsOf, Given]:
    """Return a return that is with whoever reports: its rows, and what they started with."""
    actions.require_submittable(number, access)
    state = selectors.return_state(number, access)
    of = kind(state.kind)
    start = start_of(of, state.zone, state.period)
    kept = selectors.version(state)
    if kept is None:
        return state, of, start, start.rows, given_of(start.rows)
    rows = {
        code: tuple(SheetRow(0, row.key, row.values) for row in lines)
        for code, lines in kept.rows.items()
    }
    return state, of, start, rows, kept.given


def _saved(
    state: ReturnState, of: ReturnKind, start: Start, rows: RowsOf, given: Given, access: Access,
    *, origin: str, at: datetime | None, told: Mapping[str, object],
    refused: Sequence[Finding] = (),
) -> Saved:  # fmt: skip
    version = actions.save(state.id, rows, access, origin=origin, given=given, changes=told, at=at)
    found = findings_of(of, state.zone, rows, start, given=given)
    when = at or timezone.now()
    return Saved(state.id, version.number, when, of, rows, start.last, found, tuple(refused))
