"""Versions of a return side by side: what changed from one to another, what corrections changed."""

from __future__ import annotations

from zonewright.core.errors import UnknownReferenceError
from zonewright.steering.returns.kinds import kind
from zonewright.steering.returns.rows import SheetRow, plain
from zonewright.store.access import Access
from zonewright.store.selectors import returns as selectors
from zonewright.workflows.returns_answers import Difference


def differences(number: int, first: int, second: int, access: Access) -> tuple[Difference, ...]:
    """Return the cells in which two versions of a return differ, sheet by sheet, row by row."""
    state = selectors.return_state(number, access)
    one, two = selectors.version(state, first), selectors.version(state, second)
    if one is None or two is None:
        raise UnknownReferenceError("return-version-unknown", id=number, number=first)
    found: list[Difference] = []
    for sheet in kind(state.kind).sheets:
        before = {row.key: row for row in one.rows.get(sheet.code, ())}
        after = {row.key: row for row in two.rows.get(sheet.code, ())}
        for key in dict.fromkeys((*before, *after)):
            old, new = before.get(key), after.get(key)
            for column in sheet.columns:
                was = plain(old.values.get(column.name)) if old else None
                now = plain(new.values.get(column.name)) if new else None
                if was != now:
                    title = _title(sheet.key, new or old)
                    found.append(Difference(sheet.code, key, column.name, was, now, title))
    return tuple(found)


def corrections(number: int, access: Access) -> tuple[Difference, ...]:
    """Return what corrections changed: the version locked last beside the one locked first."""
    state = selectors.return_state(number, access)
    first = selectors.first_locked(number)
    if first is None or state.locked is None or first == state.locked:
        return ()
    return differences(number, first, state.locked, access)


def _title(key: str, row: SheetRow | None) -> str:
    if row is None:
        return ""
    return str(row.values.get("name") or row.values.get(key) or row.key)
