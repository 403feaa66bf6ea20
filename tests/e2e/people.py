"""Who reads the desk in the browser's tests: one person a role, and some for what ends badly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.web import sample
from zonewright.store.access import operator
from zonewright.store.actions.people import open_account

PASSWORD = sample.PASSWORD


@dataclass(frozen=True, slots=True)
class Person:
    """An account: what its holder may do, and where (an empty zone is the whole workspace)."""

    name: str
    role: str = ""
    zone: str = ""


# Of each role one; the planner and the administrator have the whole workspace.
ROLES: Mapping[str, Person] = {
    "viewer": Person("vera", "viewer", "Z1"),
    "reporter": Person("rui", "reporter", "Z1"),
    "checker": Person("chen", "checker", "Z1"),
    "approver": Person("anna", "approver", "Z1"),
    "planner": Person("ping", "planner"),
    "administrator": Person("ada", "administrator"),
}
OUTSIDER = Person("otto", "viewer", "G1")  # sees the west of the cluster only
PHONE = Person("fang", "viewer")  # turns a second factor on
GUESSED = Person("gao", "viewer")  # somebody else tries their password
COLLEAGUES = (Person("mei", "planner"), Person("jun", "planner"))


def make() -> None:
    """Open the accounts in the connected workspace."""
    for person in (*ROLES.values(), OUTSIDER, PHONE, GUESSED, *COLLEAGUES):
        open_account(
            person.name,
            PASSWORD,
            access=operator("tests"),
            role=person.role,
            zone=person.zone,
        )
