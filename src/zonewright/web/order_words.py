"""Names of what an order is and goes through, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zonewright.steering.supervision.matters import ROLE
from zonewright.steering.supervision.rules import book
from zonewright.store.access import roles
from zonewright.web import language


def state_names() -> dict[str, str]:
    """Return the states of orders."""
    return {
        "open": _("To be dealt with"),
        "replied": _("Reply to be judged"),
        "closed": _("Closed"),
        "withdrawn": _("Withdrawn"),
    }


def step_names() -> dict[str, str]:
    """Return what can happen to an order."""
    return {
        "raised": _("Order given"),
        "replied": _("Replied"),
        "accepted": _("Reply accepted, order closed"),
        "refused": _("Reply refused"),
        "extended": _("Deadline extended"),
        "escalated": _("Escalated"),
        "withdrawn": _("Order withdrawn"),
    }


def severity_names() -> dict[str, str]:
    """Return how grave an order is."""
    return {"high": _("grave"), "middle": _("middling"), "low": _("light")}


def level_names() -> dict[int, str]:
    """Return whom an order can reach; 0 is its owner alone."""
    lang = language.current()
    return {0: _("its owner"), **{key: name.label(lang) for key, name in book().levels.items()}}


def owner_choices() -> list[tuple[str, str]]:
    """Return the roles that may answer for an order given by hand."""
    lang = language.current()
    wanted = ("reporter", "checker", "approver", "planner")
    return [(f"{ROLE}{code}", roles()[code].label(lang)) for code in wanted]
