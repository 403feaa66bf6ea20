"""Who may do what, and where: roles granted for zones, and what lies in them.

An `Access` says what one person, or one of their programs, may do. Selectors narrow what they
return by it, actions ask it before they write. Whoever may not see a record is told that there is
none (404); whoever sees it but may not do a thing is told so (403).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeVar, get_args

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from zonewright.core.errors import NotAllowedError, UnknownReferenceError
from zonewright.land.hierarchy import Hierarchy
from zonewright.store import _ready  # noqa: F401  (before any model)
from zonewright.store.mapping import BY_RECORD, is_key
from zonewright.store.models import ApiToken, Grant, Place, User, Zone
from zonewright.store.models.base import Placed
from zonewright.store.selectors.places import memberships

Permission = Literal["view", "report", "check", "approve", "plan", "administer"]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its names, and what who holds it may do."""

    code: str
    zh: str
    en: str
    permissions: frozenset[Permission]

    def label(self, lang: str = "en") -> str:
        """Return the role's name in a language."""
        return self.zh if lang == "zh" else self.en


@cache
def roles() -> Mapping[str, Role]:
    """Return every role by code (``core/data/roles.csv``)."""
    text = (files("zonewright.core") / "data" / "roles.csv").read_text(encoding="utf-8")
    return {
        row["role"]: Role(
            row["role"],
            row["zh"],
            row["en"],
            frozenset(name for name in PERMISSIONS if row[name] == "1"),
        )
        for row in csv.DictReader(text.splitlines())
    }


# SQLite takes at most 999 parameters in older builds.
_FEW = 900
_MOST_PLACES = 400
ALL: frozenset[Permission] = frozenset(PERMISSIONS)
NONE: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody may do.

    Parameters
    ----------
    name
        Who it is, for the audit trail.
    everywhere
        What they may do in the whole workspace.
    by_zone
        Zone code to what they may do in it: their zones and every zone that lies in one.
    """

    name: str
    everywhere: frozenset[Permission] = NONE
    by_zone: Mapping[str, frozenset[Permission]] = field(default_factory=dict)

    def may(self, permission: Permission, zone: str | None = None) -> bool:
        """Return whether something is allowed in a zone; None asks for the whole workspace."""
        if permission in self.everywhere:
            return True
        return zone is not None and permission in self.by_zone.get(zone, NONE)

    def may_anywhere(self, permission: Permission) -> bool:
        """Return whether something is allowed in at least one zone."""
        return permission in self.everywhere or any(
            permission in allowed for allowed in self.by_zone.values()
        )

    def zones(self, permission: Permission = "view") -> frozenset[str] | None:
        """Return the codes of the zones in which something is allowed; None means everywhere."""
        if permission in self.everywhere:
            return None
        return frozenset(code for code, allowed in self.by_zone.items() if permission in allowed)

    def among(self, zones: Iterable[str], permission: Permission = "view") -> frozenset[str]:
        """Return those of some zones in which something is allowed."""
        own = self.zones(permission)
        return frozenset(zones) if own is None else own & frozenset(zones)

    def require(self, permission: Permission, zone: str | None = None) -> None:
        """Refuse what is not allowed.

        Raises
        ------
        UnknownReferenceError
            If they may not even see the zone: to them there is none.
        NotAllowedError
            If they see it but may not do this there.
        """
        if self.may(permission, zone):
            return
        if zone is not None and not self.may("view", zone):
            raise UnknownReferenceError("zone-not-seen", zone=zone)
        raise NotAllowedError("not-allowed", permission=permission, zone=zone or "*")

    def narrow(self, rows: QuerySet[Row], permission: Permission = "view") -> QuerySet[Row]:
        """Return the rows that lie where something is allowed.

        Parameters
        ----------
        rows
            Records of a table (`store.mapping`).
        """
        codes = self.zones(permission)
        if codes is None:
            return rows
        return rows.filter(_lies_in(rows.model, codes))

    def sees(self, record: str, permission: Permission = "view") -> bool:
        """Return whether a record, as in ``parcel:123``, is there and lies where it is allowed."""
        kind, _, number = record.partition(":")
        if kind not in BY_RECORD or not is_key(number) or not self.may_anywhere(permission):
            return False
        rows: QuerySet[Any] = BY_RECORD[kind].model._default_manager.filter(pk=int(number))
        return self.narrow(rows, permission).exists()

    def seen(self, records: Iterable[str], permission: Permission = "view") -> frozenset[str]:
        """Return those of many records that `sees` allows, with few queries."""
        wanted: dict[str, set[int]] = {}
        for name in records:
            kind, _, number = name.partition(":")
            if kind in BY_RECORD and is_key(number):
                wanted.setdefault(kind, set()).add(int(number))
        found: list[str] = []
        for kind, ids in wanted.items():
            rows: QuerySet[Any] = BY_RECORD[kind].model._default_manager.all()
            # A long list of keys costs the database more than all rows that may be seen.
            few = rows.filter(pk__in=ids) if len(ids) <= _FEW else rows
            there = set(self.narrow(few, permission).values_list("pk", flat=True))
            found.extend(f"{kind}:{number}" for number in ids & there)
        return frozenset(found)


def operator(name: str) -> Access:
    """Return the access of whoever works on the machine itself (the command line): everything."""
    return Access(name, ALL)


def access_of(user: User, *, token: ApiToken | None = None, on: date | None = None) -> Access:
    """Return what an account may do, or one of its tokens.

    Parameters
    ----------
    user
        The account; one that is switched off may do nothing.
    token
        A token of the account: it may do what both the account and the token may.
    on
        Day of the memberships; None means today.
    """
    name = user.get_username()
    if not user.is_active:
        return Access(name)
    if user.is_superuser:
        own = Access(name, ALL)
    else:
        granted = Grant.objects.filter(user=user).values_list("role", "zone__code", "hierarchy")
        own = _access(name, granted, on or timezone.localdate())
    if token is None or not token.role:
        return own
    zone = token.zone.code if token.zone is not None else None
    most = _access(name, [(token.role, zone, token.hierarchy)], on or timezone.localdate())
    return _both(own, most)


def _access(name: str, granted: Iterable[tuple[str, str | None, str]], on: date) -> Access:
    everywhere: set[Permission] = set()
    by_zone: dict[str, frozenset[Permission]] = {}
    grants = list(granted)
    members = memberships() if any(zone for _, zone, _ in grants) else None
    for code, zone, hierarchy in grants:
        role = roles().get(code)
        if role is None:
            continue
        if zone is None or members is None:
            everywhere |= role.permissions
            continue
        kept = members[members["hierarchy"] == hierarchy] if hierarchy else members
        for inside in (zone, *Hierarchy.of(kept, on).below(zone)):
            by_zone[inside] = by_zone.get(inside, NONE) | role.permissions
    return Access(name, frozenset(everywhere), by_zone)


def _both(own: Access, most: Access) -> Access:
    codes = {*own.by_zone, *most.by_zone}
    found = {
        code: (own.everywhere | own.by_zone.get(code, NONE))
        & (most.everywhere | most.by_zone.get(code, NONE))
        for code in codes
    }
    return Access(
        own.name,
        own.everywhere & most.everywhere,
        {code: allowed for code, allowed in found.items() if allowed},
    )


def _lies_in(model: type[Model], codes: frozenset[str]) -> Q:
    """Return the condition that a row of a model lies in one of some zones."""
    zones = Zone.objects.filter(code__in=codes)
    name = model._meta.model_name or ""
    if issubclass(model, Placed):
        return _placed("", zones)
    if name in ("parcelevent", "workmonth"):
        return _placed("parcel__" if name == "parcelevent" else "work__", zones)
    if name == "zone":
        return Q(code__in=codes)
    if name == "membership":
        return Q(parent__in=zones) & Q(child__in=zones)
    if name == "milestone":
        return Q(venture__zone__in=zones)
    if name == "observation":
        return Q(zone__in=zones) | Q(firm__zone__in=zones)
    return Q(zone__in=zones)


def _placed(path: str, zones: QuerySet[Zone]) -> Q:
    found = Place.objects.filter(zones__in=zones).order_by("pk")
    # The keys themselves, while they are few: of a subquery the database expects far more rows, and
    # reads the whole ledger in its order instead of the few places' by their index.
    keys = list(found.values_list("pk", flat=True).distinct()[: _MOST_PLACES + 1])
    few = len(keys) <= _MOST_PLACES
    return Q(**{f"{path}place__in": keys if few else found.order_by().values("pk")})
