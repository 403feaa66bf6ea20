"""Who owes which return by when, what waits for whom, and what is late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import product
from typing import cast

from django.utils import timezone

from zonewright.core.periods import Period
from zonewright.steering.returns.kinds import ReturnKind, kinds
from zonewright.store.access import Access, Permission, operator
from zonewright.store.actions.returns import left_to_others, month_of
from zonewright.store.models import Zone
from zonewright.store.selectors.returns import (
    OPEN_STATES,
    ReturnState,
    last_steps,
    owing_zones,
    people_for,
    returns_of,
)
from zonewright.workflows.returns_answers import (
    Completeness,
    Due,
    Reminder,
    State,
    Step,
    Waiting,
)

# In how many months before the day what nobody began is still looked for.
MONTHS_NOT_BEGUN = 3
_PERMISSION: Mapping[Step, Permission] = {
    "fill": "report", "correct": "report", "check": "check", "approve": "approve",
}  # fmt: skip
_STEP_OF: Mapping[str, Step] = {
    "missing": "fill", "draft": "fill", "sent_back": "correct", "reopened": "correct",
    "submitted": "check", "checked": "approve",
}  # fmt: skip


def due_of(state: ReturnState, on: date) -> Due:
    """Return where a return stands on a day."""
    end = state.submitted_on or on
    return Due(
        state.kind, state.zone, state.zone_name, state.zone_name_en, state.period,
        cast("State", state.state), state.due_on, max(0, (end - state.due_on).days), state.id,
    )  # fmt: skip


def completeness(period: str, access: Access, *, on: date | None = None) -> Completeness:
    """Return where the returns of a month stand, zone × kind, as far as somebody sees the zones.

    Parameters
    ----------
    period
        The month, as in ``2023-04``.
    access
        Whose zones are shown.
    on
        Day on which it is looked at; None means today.

    Raises
    ------
    InputError
        If the period is no month.
    """
    month = str(month_of(period))
    day = on or timezone.localdate()
    asked = tuple(code for code, kind in kinds().items() if kind.asked(month))
    cells = {
        (state.zone, state.kind): due_of(state, day) for state in returns_of(access, period=month)
    }
    owing = owing_zones(access)
    for zone, code in product(owing, asked):
        if (zone.code, code) not in cells:
            cells[zone.code, code] = _missing(kinds()[code], zone, month, day)
    zones = sorted({zone for zone, _ in cells})
    shown = [code for code in kinds() if code in asked or any(kind == code for _, kind in cells)]
    return Completeness(month, day, tuple(shown), tuple(zones), cells)


def inbox(
    access: Access, *, on: date | None = None, months: int = MONTHS_NOT_BEGUN
) -> tuple[Waiting, ...]:
    """Return what waits for somebody, what is due first before the rest.

    Parameters
    ----------
    access
        Who asks.
    on
        Day on which it is looked at; None means today.
    months
        What nobody began is looked for in so many months before the day.
    """
    day = on or timezone.localdate()
    open_states = (*OPEN_STATES, "submitted", "checked")
    states = returns_of(access, states=open_states)
    steps = last_steps(state.id for state in states)
    others = left_to_others((state.id for state in states), access)
    found = []
    for state in states:
        step = _STEP_OF[state.state]
        if access.may(_PERMISSION[step], state.zone) and state.id not in others:
            last = steps.get(state.id)
            remark = last.remark if last else ""
            found.append(Waiting(due_of(state, day), step, last.at if last else None, remark))
    found += [
        Waiting(due, "fill")
        for due in _not_begun(access, day, months)
        if access.may("report", due.zone)
    ]
    return tuple(sorted(found, key=_urgency))


def reminders(
    on: date | None = None, *, access: Access | None = None, months: int = MONTHS_NOT_BEGUN
) -> tuple[Reminder, ...]:
    """Return who owes what by when, what is most overdue first.

    Parameters
    ----------
    on
        Day on which it is looked at; None means today.
    access
        Whose zones are looked at; None means all.
    months
        As in `inbox`.
    """
    day = on or timezone.localdate()
    seen = access or operator("")
    dues = [
        due_of(state, day)
        for state in returns_of(seen, states=(*OPEN_STATES, "submitted", "checked"))
    ]
    dues += _not_begun(seen, day, months)
    people = {
        permission: people_for(permission, sorted({due.zone for due in dues}))
        for permission in ("report", "check", "approve")
    }
    found = [
        Reminder(
            due, step := _STEP_OF[due.state], (due.due_on - day).days,
            people[_PERMISSION[step]].get(due.zone, ()),
        )
        for due in dues
    ]  # fmt: skip
    return tuple(
        sorted(found, key=lambda item: (item.days_left, item.due.zone, _place(item.due.kind)))
    )


def _not_begun(access: Access, day: date, months: int) -> list[Due]:
    """Return the returns of the last months that are asked for and that nobody began."""
    last = Period.month(day.year, day.month).last - 1
    periods = [str(Period(index, index)) for index in range(last - months + 1, last + 1)]
    begun = {
        (state.zone, state.kind, state.period)
        for period in periods
        for state in returns_of(access, period=period)
    }
    owing = owing_zones(access)
    return [
        _missing(kind, zone, period, day)
        for period, zone, kind in product(periods, owing, kinds().values())
        if kind.asked(period) and (zone.code, kind.code, period) not in begun
    ]


def _missing(kind: ReturnKind, zone: Zone, period: str, on: date) -> Due:
    due_on = kind.due_on(period)
    late = max(0, (on - due_on).days)
    return Due(kind.code, zone.code, zone.name, zone.name_en, period, "missing", due_on, late)


def _urgency(item: Waiting) -> tuple[date, int, str, int]:
    order = ("correct", "approve", "check", "fill")
    due = item.due
    return due.due_on, order.index(item.step), due.zone, _place(due.kind)


def _place(kind: str) -> int:
    return list(kinds()).index(kind)


def months_of(states: Iterable[ReturnState]) -> tuple[str, ...]:
    """Return the months of returns, the latest first."""
    return tuple(sorted({state.period for state in states}, reverse=True))
