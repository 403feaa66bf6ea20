"""A return's states and the steps between them: who may take which, and what keeps others out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q
from django.utils import timezone

from zonewright.core.errors import InputError, StateError, UnknownReferenceError
from zonewright.steering.returns.kinds import kind, separate
from zonewright.store.access import Access, Permission
from zonewright.store.actions import trail
from zonewright.store.models import Return, ReturnStep, ReturnVersion
from zonewright.store.selectors.returns import OPEN_STATES, people_for

STATES: Mapping[str, tuple[str, str]] = {
    "draft": ("草稿", "a draft"),
    "submitted": ("已提交待审核", "submitted"),
    "checked": ("已审核待审批", "checked"),
    "locked": ("已锁定", "locked"),
    "sent_back": ("已退回", "sent back"),
    "reopened": ("已解锁", "reopened"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """A step: from which states, by whose permission, to which state, and what it is called."""

    action: str
    before: tuple[str, ...]
    permission: Permission
    after: str
    zh: str
    en: str


SAVE = Way("saved", OPEN_STATES, "report", "", "填报", "filled in")
SUBMIT = Way("submitted", OPEN_STATES, "report", "submitted", "提交", "submitted")
CHECK = Way("checked", ("submitted",), "check", "checked", "审核", "checked")
APPROVE = Way("locked", ("checked",), "approve", "locked", "审批", "approved")
REFUSE = Way("sent_back", ("submitted",), "check", "sent_back", "退回", "sent back")
REJECT = Way("sent_back", ("checked",), "approve", "sent_back", "退回", "sent back")
REOPEN = Way("reopened", ("locked",), "approve", "reopened", "解锁更正", "reopened")


def steps_open(number: int, access: Access) -> frozenset[str]:
    """Return what somebody may do with a return now: names of the actions on returns.

    What the separation of duties keeps them from is not among them.
    """
    row = Return.objects.select_related("zone", "version").get(pk=number)
    state, zone = row.state, row.zone.code
    named = {
        "save": SAVE, "submit": SUBMIT, "check": CHECK, "approve": APPROVE, "reopen": REOPEN,
    }  # fmt: skip
    found = {
        name
        for name, way in named.items()
        if state in way.before
        and access.may(way.permission, zone)
        and not (way in (CHECK, APPROVE) and bars_own(row, way, access))
    }
    for way in (REFUSE, REJECT):
        if state in way.before and access.may(way.permission, zone):
            found.add("send_back")
    return frozenset(found)


def opened(number: int, access: Access) -> Return:
    """Return a return, kept from other writers until the transaction ends.

    Raises
    ------
    UnknownReferenceError
        If it is not there, or lies where they may not look.
    """
    row = Return.objects.select_for_update().filter(pk=number).first()
    if row is None or not access.may("view", row.zone.code):
        raise UnknownReferenceError("return-unknown", id=number)
    return row


def require_way(row: Return, way: Way, access: Access) -> None:
    """Refuse a step that they may not take, or that is out of order.

    Raises
    ------
    NotAllowedError
        If they may not take it in the zone.
    StateError
        If the return is in another state.
    """
    access.require(way.permission, row.zone.code)
    if row.state in way.before:
        return
    zh, en = STATES[row.state]
    raise StateError("return-step", state_zh=zh, state_en=en, step_zh=way.zh, step_en=way.en)


def require_other(row: Return, way: Way, access: Access) -> None:
    """Refuse a step of whoever took one with this version already, if there is anybody else.

    Raises
    ------
    StateError
        Naming what somebody else must do.
    """
    if bars_own(row, way, access):
        raise StateError("return-own-step", by=access.name, step_zh=way.zh, step_en=way.en)


def require_seen(row: Return, seen: int | None) -> None:
    """Refuse a step with another version than the one that was looked at.

    Parameters
    ----------
    seen
        Number of the version that was looked at; None asks for no comparison.

    Raises
    ------
    StateError
        If a later version came meanwhile.
    """
    present = row.version.number if row.version else None
    if seen is not None and present is not None and present != seen:
        raise StateError("return-version-newer", seen=seen, number=present)


def require_step(number: int, name: str, access: Access) -> None:
    """Refuse a check or approval that they may not make now: `require_way`, `require_other`."""
    way = {"check": CHECK, "approve": APPROVE}[name]
    row = Return.objects.select_related("zone", "version").get(pk=number)
    require_way(row, way, access)
    require_other(row, way, access)


def left_to_others(numbers: Iterable[int], access: Access) -> frozenset[int]:
    """Return those of some submitted or checked returns whose next step others must take."""
    own = Q(version__made_by=access.name) | Q(
        steps__version=F("version"), steps__by=access.name,
        steps__action__in=("submitted", "checked"),
    )  # fmt: skip
    ways = {"submitted": CHECK, "checked": APPROVE}
    rows = Return.objects.filter(own, pk__in=list(numbers), state__in=ways).distinct()
    return frozenset(
        row.pk
        for row in rows.select_related("zone", "version")
        if bars_own(row, ways[row.state], access)
    )


def bars_own(row: Return, way: Way, access: Access) -> bool:
    """Return whether the separation of duties leaves a step to somebody else.

    It does if they made the version or took a step with it, and somebody else may take this one.
    """
    if not separate() or row.version is None:
        return False
    taken = ReturnStep.objects.filter(of=row, version=row.version)
    hands = set(taken.filter(action__in=("submitted", "checked")).values_list("by", flat=True))
    hands.add(row.version.made_by)
    if access.name not in hands:
        return False
    zone = row.zone.code
    return bool(set(people_for(way.permission, [zone])[zone]) - hands)


def require_remark(text: str) -> str:
    """Return a remark without spaces around it.

    Raises
    ------
    InputError
        If there is none.
    """
    if not text.strip():
        raise InputError("return-remark-needed")
    return text.strip()


def take_step(
    row: Return,
    way: Way,
    access: Access,
    *,
    origin: str,
    remark: str = "",
    at: datetime | None = None,
    told: Mapping[str, object] | None = None,
) -> None:
    """Put a return into the state after a step, and write the step and the trail."""
    before = row.state
    if way.after:
        row.state = way.after
    row.changed_at = at or timezone.now()
    row.save(update_fields=["state", "changed_at", "version", "locked"])
    tell(row, way.action, access, origin=origin, remark=remark, at=row.changed_at,
         before={"state": before}, after={"state": row.state, **(told or {})})  # fmt: skip


def tell(
    row: Return,
    action: str,
    access: Access,
    *,
    origin: str,
    remark: str = "",
    at: datetime | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Write a step of a return, and an entry of the trail."""
    version: ReturnVersion | None = row.version
    ReturnStep.objects.create(
        of=row, version=version, action=action, by=access.name, at=at or timezone.now(),
        remark=remark,
    )  # fmt: skip
    note(row, action, access, origin=origin, remark=remark, before=before, after=after)


def note(
    row: Return,
    action: str,
    access: Access,
    *,
    origin: str,
    remark: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Write an entry of the trail about a return."""
    number = row.version.number if row.version else None
    trail.note(
        f"return {action}", by=access.name, origin=origin, table="returns", code=code_of(row),
        record=f"return:{row.pk}", before=before, after={"version": number, **(after or {})},
        reason=remark,
    )  # fmt: skip


def code_of(row: Return) -> str:
    """Return how the trail names a return, as in ``works · JM-DZ · 2023-04``."""
    return f"{kind(row.kind).code} · {row.zone.code} · {row.period}"
