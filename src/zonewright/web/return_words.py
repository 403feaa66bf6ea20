"""Words of the monthly returns: states, steps, deeds, and where a return came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zonewright.core.errors import PeriodError
from zonewright.core.periods import Period
from zonewright.web import language
from zonewright.workflows.returns_answers import Due, State

# Told by a sign beside the word, so that colour alone says nothing.
SIGNS: Mapping[State, str] = {
    "missing": "○",
    "draft": "◔",
    "sent_back": "↩",
    "reopened": "↻",
    "submitted": "◑",
    "checked": "◕",
    "locked": "●",
}
# The first and the last year that a return can be of.
YEARS = (1900, 2999)
# In the order of the way: what is not done yet first.
STATES: tuple[State, ...] = tuple(SIGNS)


@dataclass(frozen=True, slots=True)
class Word:
    """A state as it is shown: its code, sign and name."""

    code: str
    sign: str
    name: str


def state(code: State) -> Word:
    """Return how a state is shown."""
    names: Mapping[State, str] = {
        "missing": _("not begun"),
        "draft": _("being filled in"),
        "sent_back": _("sent back"),
        "reopened": _("reopened"),
        "submitted": _("to be checked"),
        "checked": _("to be approved"),
        "locked": _("locked"),
    }
    return Word(code, SIGNS[code], names[code])


def steps() -> Mapping[str, str]:
    """Return what somebody may have to do with a return, by step."""
    return {
        "correct": _("to correct"),
        "fill": _("to fill in"),
        "check": _("to check"),
        "approve": _("to approve"),
    }


def actions() -> Mapping[str, str]:
    """Return what was done on a return's way, by the step's action."""
    return {
        "began": _("Begun"),
        "saved": _("Filled in"),
        "submitted": _("Submitted"),
        "checked": _("Checked"),
        "locked": _("Approved and locked"),
        "sent_back": _("Sent back for correction"),
        "reopened": _("Reopened for correction"),
    }


def origins() -> Mapping[str, str]:
    """Return how a version came, by its origin."""
    return {
        "excel": _("by workbook"),
        "browser": _("in the browser"),
        "command": _("by command"),
    }


def zone_name(due: Due) -> str:
    """Return the name of a return's zone in the reader's language."""
    return language.choose(due.zone_name, due.zone_name_en)


def month_name(period: str) -> str:
    """Return a month in the reader's language."""
    return Period.parse(period).label(language.current())


def month_of(text: str) -> str | None:
    """Return a month as the workspace writes it (``2023-04``); None if a text names none."""
    try:
        found = Period.parse(text)
    except PeriodError:
        return None
    return str(found) if found.months == 1 and YEARS[0] <= found.year <= YEARS[1] else None


def moved(period: str, months: int) -> str:
    """Return the month so many months later; empty beyond the years that returns can be of.

    Examples
    --------
    >>> moved("2023-12", 1), moved("2023-01", -1)
    ('2024-01', '2022-12')
    """
    index = Period.parse(period).last + months
    year, month = divmod(index, 12)
    return f"{year:04d}-{month + 1:02d}" if YEARS[0] <= year <= YEARS[1] else ""
