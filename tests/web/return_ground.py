"""Returns for the desk's tests: who reports, checks and approves, and returns along their way.

Zone Z1 has five works (`sample`) and three people: rui reports, chen checks, anna approves. P1 has
a reporter of its own, pat, who sees nothing of Z1.
"""

from __future__ import annotations

from collections.abc import Iterable

from zonewright.store.access import Access, access_of
from zonewright.store.models import Grant, User, Zone
from zonewright.workflows import returns
from zonewright.workflows.returns_answers import CellChange

MONTH = "2023-10"
PEOPLE = (
    ("rui", "reporter", "Z1"),
    ("chen", "checker", "Z1"),
    ("anna", "approver", "Z1"),
    ("vera", "viewer", "Z1"),
    ("pat", "reporter", "P1"),
)
WORKS = ("W0", "W1", "W2", "W3", "W4")
# What each work is returned with: invested in the month [万元], in the year to date, physical [%].
GOOD = {"W0": ("1000", "10000", "55"), "W1": ("2000", "20000", "60"), "W2": ("3000", "30000", "61"),
        "W3": ("4000", "40000", "40"), "W4": ("5000", "50000", "35")}  # fmt: skip


def people() -> dict[str, User]:
    """Open the accounts."""
    made = {}
    for name, role, zone in PEOPLE:
        made[name] = User.objects.create(username=name)
        Grant.objects.create(user=made[name], role=role, zone=Zone.objects.get(code=zone))
    return made


def access(name: str) -> Access:
    """Return what one of the people may do."""
    return access_of(User.objects.get(username=name))


def begun(kind: str = "works", period: str = MONTH, zone: str = "Z1", who: str = "rui") -> int:
    """Return a return that was begun."""
    return returns.begin(kind, zone, period, access(who), origin="test")


def typed(number: int, cells: Iterable[tuple[str, str, str, str]], who: str = "rui") -> None:
    """Type texts into cells: sheet, key, field, text."""
    changes = [CellChange(sheet, key, field, text) for sheet, key, field, text in cells]
    saved = returns.save_cells(number, changes, access(who), origin="test")
    assert not saved.refused, [finding.text() for finding in saved.refused]


def filled(number: int, wrong: str = "") -> None:
    """Fill in a month of works; `wrong` names a work whose month is above its year to date."""
    cells = []
    for work, (month, ytd, physical) in GOOD.items():
        month = "99999" if work == wrong else month
        cells += [
            ("works", work, "invested", month),
            ("works", work, "invested_ytd", ytd),
            ("works", work, "physical_pct", physical),
        ]
    typed(number, cells)


def submitted() -> int:
    """Return a return that waits to be checked."""
    number = begun()
    filled(number)
    returns.submit(number, access("rui"), origin="test")
    return number


def checked() -> int:
    """Return a return that waits to be approved."""
    number = submitted()
    returns.check(number, access("chen"), origin="test")
    return number


def locked() -> int:
    """Return a locked return."""
    number = checked()
    returns.approve(number, access("anna"), origin="test")
    return number
