"""The ledgers of the workspace: groups, names, addresses, and what hangs on a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Max, Min
from django.http import Http404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from zonewright.core.errors import UnknownReferenceError
from zonewright.store.mapping import NAMES, Column, Mapped, editable, ledger, name_of
from zonewright.store.models import ZoneVersion
from zonewright.store.selectors.listing import ledgers
from zonewright.web import language

# As a headquarters thinks of them, not as they are stored.
GROUPS = {
    "land": ("parcels", "parcel_events", "no_go"),
    "works": ("works", "work_months"),
    "projects": ("ventures", "milestones", "firms"),
    "zones": ("zones", "zone_versions", "memberships", "plans"),
    "targets": ("targets", "observations", "outline"),
    "money": ("quota_entries", "fund_entries"),
}
# What a map looks at that has nothing to look at: China.
_NOWHERE = (73.0, 18.0, 135.0, 54.0)


@dataclass(frozen=True, slots=True)
class Hanging:
    """A ledger whose records hang on another record, and the field that names it."""

    name: str
    label: str
    column: Column


def find(name: str) -> Mapped:
    """Return a ledger by its name in addresses.

    Raises
    ------
    Http404
        If there is none.
    """
    try:
        return ledger(name)
    except UnknownReferenceError as error:
        raise Http404(name) from error


def label(name: str) -> str:
    """Return a ledger's name in the reader's language."""
    known = next(item for item in ledgers() if item.name == name)
    return str(capfirst(known.label(language.current())))


def groups() -> list[tuple[str, tuple[str, ...]]]:
    """Return the ledgers by group, each group with its name."""
    names = {
        "land": _("Land"),
        "works": _("Works"),
        "projects": _("Projects and firms"),
        "zones": _("Zones and plans"),
        "targets": _("Targets and statistics"),
        "money": _("Quota and funds"),
    }
    return [(names[key], members) for key, members in GROUPS.items()]


def address(record: str) -> str:
    """Return the address of a record's page, of a name as in ``parcel:12``; empty if none."""
    kind, _colon, number = record.partition(":")
    try:
        name = name_of(ledger(kind))
    except UnknownReferenceError:
        return ""
    return reverse("record", args=[name, int(number)]) if number.isdecimal() else ""


def hanging(mapped: Mapped) -> Iterator[Hanging]:
    """Yield the ledgers of which a key field names records of this one."""
    for name, other in NAMES.items():
        for column in editable(other.record):
            if column.refers == mapped.record and column.field.key:
                yield Hanging(name, label(name), column)


def district() -> tuple[float, float, float, float]:
    """Return the box of all boundaries: west, south, east, north [degrees]."""
    box = ZoneVersion.objects.aggregate(
        west=Min("west"), south=Min("south"), east=Max("east"), north=Max("north")
    )
    if any(value is None for value in box.values()):
        return _NOWHERE
    return (box["west"], box["south"], box["east"], box["north"])
