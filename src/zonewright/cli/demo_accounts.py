"""The accounts of the demo: one that may do everything, and one a role."""

from __future__ import annotations

import os
import secrets

from zonewright.store import actions
from zonewright.store.access import operator
from zonewright.store.actions import people
from zonewright.store.models import User

USER = "demo"
_ORIGIN = "demo"
# Each role where somebody would hold it: who reports works in a park, who approves in the cluster.
ZONE_OF_ROLE = {
    "viewer": "JM-JJ-E",
    "reporter": "JM-DZ",
    "checker": "JM-JJ-E",
    "approver": "JM-JJ",
    "planner": "JM-QD-XH",
    "administrator": "JM-JJ",
}


def make_accounts() -> str:
    """Give the demo's accounts one password (new each time, or the environment's); return it.

    The accounts of the roles are named after them.
    """
    password = os.environ.get("ZONEWRIGHT_DEMO_PASSWORD") or secrets.token_urlsafe(9)
    access = operator(USER)
    for name, zone in {USER: "", **ZONE_OF_ROLE}.items():
        role = name if zone else ""
        if not actions.has_user(name):
            people.open_account(name, password, role=role, zone=zone, access=access, origin=_ORIGIN)
            continue
        actions.set_password(name, password, by=USER, origin=_ORIGIN)
        user = User.objects.get(username=name)
        if not user.is_superuser:
            # A demo of an earlier version made an account that could do nothing.
            people.grant(user, role or "administrator", zone=zone, access=access, origin=_ORIGIN)
    return password
