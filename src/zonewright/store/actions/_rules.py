"""What must hold of a record as a whole, and beside the others, before it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from django.utils import timezone

from zonewright.core.errors import NotAllowedError
from zonewright.core.findings import Place
from zonewright.core.units import unit
from zonewright.store.access import Access
from zonewright.store.actions._checks import area_finding
from zonewright.store.actions._fields import Draft
from zonewright.store.actions._ledger import Posting, accounts, overdrafts
from zonewright.store.actions._shapes import measured, overlaps
from zonewright.store.mapping import SERIES, editable
from zonewright.store.models import (
    FundEntry,
    Indicator,
    Membership,
    ParcelEvent,
    QuotaEntry,
    Venture,
    Work,
    Zone,
    ZoneVersion,
)
from zonewright.store.selectors._frames import query
from zonewright.store.selectors.features import features

# What is drawn further than this from every boundary of the workspace is a slip [degrees].
_NEAR_DEG = 1.0
_SLIVER_DEG = 1e-6
# Earlier field to later field.
_IN_ORDER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "work": (("planned_start", "planned_finish"), ("started_on", "finished_on")),
    "zone_version": (("valid_from", "valid_to"),),
    "membership": (("valid_from", "valid_to"),),
    "quota_entry": (("on", "expires_on"),),
}
_OVERLAPS_TOLD = 5


def check_rules(draft: Draft) -> None:
    """Add what is wrong with a record as it will be; of what is not written nothing is said."""
    _required(draft)
    _fixed(draft)
    if not draft.findings:
        _once(draft)
    _in_order(draft)
    for rule in _RULES.get(draft.mapped.record, ()):
        rule(draft)


def check_structure(draft: Draft) -> None:
    """Add what two records may not have in common: what is put back must not clash either."""
    _once(draft)
    if draft.mapped.record == "zone_version":
        _boundaries(draft)
    if draft.mapped.record == "membership":
        _cycle(draft)


def _key(draft: Draft) -> int:
    """Return the primary key of the record; of a new one, that of none."""
    return int(draft.present.get("id", 0))


def _required(draft: Draft) -> None:
    if draft.present:
        return
    for column in editable(draft.mapped.record):
        if column.field.required and column.field.name not in draft.given:
            draft.tell("edit-required", column.field.name)


def _fixed(draft: Draft) -> None:
    """Refuse another key where it would be another record: of a series, and of a zone."""
    mapped = draft.mapped
    if not draft.present or (mapped.record not in SERIES and mapped.record != "zone"):
        return
    for column in editable(mapped.record):
        attr = mapped.field(column.attr).attname
        if attr in mapped.key and draft.now(attr) != draft.present[attr]:
            draft.tell("edit-key-fixed", column.field.name)


def _once(draft: Draft) -> None:
    """Refuse a key that another record has."""
    mapped = draft.mapped
    if draft.present and not draft.changes(*mapped.key):
        return
    if draft.present and mapped.record in SERIES:
        return
    same = {
        f"{name}__isnull" if draft.now(name) is None else name: (
            True if draft.now(name) is None else draft.now(name)
        )
        for name in mapped.key
    }
    rows = mapped.model._default_manager.filter(**same)
    if draft.present:
        rows = rows.exclude(pk=draft.present["id"])
    if rows.exists():
        keys = [column for column in editable(mapped.record)
                if mapped.field(column.attr).attname in mapped.key]  # fmt: skip
        draft.tell("edit-key-taken", keys[-1].field.name)


def _in_order(draft: Draft) -> None:
    for first, last in _IN_ORDER.get(draft.mapped.record, ()):
        if not draft.changes(first, last):
            continue
        start, end = draft.now(first), draft.now(last)
        if start and end and (end <= start if last == "valid_to" else end < start):
            draft.tell("edit-order", last, start=start.isoformat(), end=end.isoformat())


def _boundaries(draft: Draft) -> None:
    """Refuse a boundary that holds while another of the zone does."""
    start, end = draft.now("valid_from"), draft.now("valid_to")
    if draft.now("zone_id") is None or start is None:
        return
    others = ZoneVersion.objects.filter(zone_id=draft.now("zone_id"))
    for other in others.exclude(pk=_key(draft)).only("valid_from", "valid_to"):
        # An open end is closed by the boundary that follows.
        if other.valid_from < start:
            meets = other.valid_to is not None and other.valid_to > start
        else:
            meets = other.valid_from == start or (end is not None and end > other.valid_from)
        if meets:
            found = f"{other.valid_from} – {other.valid_to or ''}".strip(" –")
            draft.tell("edit-boundary-overlap", "valid_from", other=found)
            return


def reach_of(access: Access) -> shapely.Geometry | None:
    """Return the ground on which somebody may plan today or will; None if everywhere.

    Whoever plans a zone would else be let into the land beside it by drawing a larger zone.
    """
    codes = access.zones("plan")
    if codes is None:
        return None
    rows = ZoneVersion.objects.filter(zone__code__in=codes, geometry__isnull=False)
    today = timezone.localdate()
    found: dict[tuple[int, object], bytes] = {}
    for version in rows.exclude(valid_to__lte=today).order_by("valid_from"):
        ahead = version.pk if version.valid_from > today else None
        found[version.zone_id, ahead] = version.geometry
    return shapely.union_all(shapely.from_wkb(list(found.values())))


def require_within(reach: shapely.Geometry | None, access: Access) -> None:
    """Refuse a boundary by which somebody may plan where they might not before.

    Raises
    ------
    NotAllowedError
        If the ground on which they may plan has grown.
    """
    if reach is None:
        return
    now = reach_of(access)
    if now is not None and not shapely.covers(shapely.buffer(reach, _SLIVER_DEG), now):
        raise NotAllowedError("edit-boundary-beyond")


def _cycle(draft: Draft) -> None:
    parent, child = draft.now("parent_id"), draft.now("child_id")
    if parent is None or child is None:
        return
    pairs = Membership.objects.filter(hierarchy=draft.now("hierarchy"))
    below: dict[int, list[int]] = {}
    for above, under in pairs.exclude(pk=_key(draft)).values_list("parent_id", "child_id"):
        below.setdefault(above, []).append(under)
    seen, ahead = set(), [child]
    while ahead:
        zone = ahead.pop()
        if zone == parent:
            draft.tell("edit-membership-cycle", "child")
            return
        if zone not in seen:
            seen.add(zone)
            ahead.extend(below.get(zone, ()))


def _in_region(draft: Draft) -> None:
    """Refuse a shape that lies far from every boundary of the workspace."""
    wkb = draft.values.get("geometry")
    if wkb is None:
        return
    ((west, south, east, north),) = query(
        "SELECT min(west), min(south), max(east), max(north) FROM store_zoneversion"
    )
    if west is None:
        return
    region = shapely.buffer(shapely.box(west, south, east, north), _NEAR_DEG)
    if not region.intersects(shapely.from_wkb(wkb)):
        place = f"{west:.2f}–{east:.2f}°E, {south:.2f}–{north:.2f}°N"
        draft.tell("edit-geometry-far", "geometry", place=place)


def _land(draft: Draft) -> None:
    """Compare a parcel's area in the ledger with the map's, and its shape with its neighbours."""
    wkb = draft.now("geometry")
    if wkb is None or not draft.changes("geometry", "reported_area_m2"):
        return
    code = str(draft.now("code"))
    (drawn,) = measured([wkb], with_area=True)
    found = area_finding(
        code,
        given=draft.now("reported_area_m2"),
        drawn=drawn["area_m2"],
        exact=draft.now("reported_area_bound") in (None, "", "exact"),
        unit=str(draft.now("reported_area_unit") or "m2"),
        place=Place(),
    )
    draft.findings.extend([found] if found is not None else [])
    if not draft.changes("geometry"):
        return
    shape = shapely.from_wkb(wkb)
    near = features("parcels", shape.bounds)
    near = near[near.index != str(draft.present.get("code", code))]
    # Of what lies where they may not look, whoever draws is told nothing.
    if draft.access.zones() is not None:
        near = near[near.index.isin(_seen(draft, list(near.index)))]
    shapes = [wkb, *near.geometry.to_wkb()]
    names = [code, *near.index]
    for pair in overlaps(shapes, [0])[:_OVERLAPS_TOLD]:
        other = names[pair.one if pair.other == 0 else pair.other]
        draft.tell(
            "take-parcels-overlap", "geometry", "warning", one=code, other=other,
            area=f"{pair.area_m2:,.0f}",
        )  # fmt: skip


def _seen(draft: Draft, codes: list[str]) -> set[str]:
    rows = draft.access.narrow(draft.mapped.model._default_manager.filter(code__in=codes))
    return set(rows.values_list("code", flat=True))


def _stages(draft: Draft) -> None:
    """Warn of a stage dated before an earlier one, after a later one, or on a day to come."""
    parcel, stage, on = draft.now("parcel_id"), draft.now("stage"), draft.now("on")
    if None in (parcel, stage, on) or not draft.changes("on", "stage"):
        return
    if on > timezone.localdate():
        draft.tell("edit-stage-to-come", "on", "warning", stage=stage, on=on.isoformat())
    latest: dict[str, date] = {}
    rows = ParcelEvent.objects.filter(parcel_id=parcel).order_by("recorded_at", "pk")
    latest.update(rows.values_list("stage", "on"))
    for other, day in sorted(latest.items()):
        if (other < stage and day > on) or (other > stage and day < on):
            draft.tell("edit-stage-order", "on", "warning", stage=stage, other=other,
                       day=day.isoformat(), on=on.isoformat())  # fmt: skip


def _month_alone(draft: Draft) -> None:
    if draft.now("invested_ytd_cny") is not None and draft.now("invested_cny") is None:
        draft.tell("edit-month-missing", "invested")


def _whose(draft: Draft) -> None:
    """Require an observation to be of a zone or of a firm, not both."""
    if (draft.now("zone_id") is None) == (draft.now("firm_id") is None):
        draft.tell("edit-zone-or-firm", "zone")


def _dimension(draft: Draft) -> None:
    """Refuse a unit that measures something else than the indicator."""
    key, written = draft.now("indicator_id"), draft.now("unit")
    if key is None or not written:
        return
    wanted = Indicator.objects.values_list("unit", flat=True).get(pk=key)
    if unit(written).dimension != unit(wanted).dimension:
        draft.tell("edit-unit", "unit", value=written, unit=unit(wanted).code)


def _subject(draft: Draft) -> None:
    subject = draft.values.get("subject")
    if subject and not draft.access.narrow(Venture.objects.filter(code=subject)).exists():
        draft.tell("edit-reference-unknown", "subject", value=subject)


def _part(draft: Draft) -> None:
    """Refuse a part of a target that neither a work nor a project brings."""
    subject = draft.values.get("subject")
    models: tuple[Any, ...] = (Work, Venture)
    if subject and not any(
        draft.access.narrow(model.objects.filter(code=subject)).exists() for model in models
    ):
        draft.tell("target-subject-unknown", "subject", value=subject)


def _balance(draft: Draft) -> None:
    """Warn if a ledger's account falls below zero with the entry."""
    quota = draft.mapped.record == "quota_entry"
    model: Any = QuotaEntry if quota else FundEntry
    amount, purse = ("area_m2", "category") if quota else ("amount_cny", "kind")
    names = ("code", "on", purse, "debit", "credit", amount)
    if any(draft.now(name) in (None, "") for name in ("code", "on", purse, "entry", amount)):
        return
    zone = Zone.objects.filter(pk=draft.now("zone_id")).values_list("code", flat=True).first()
    rows = model.objects.filter(zone_id=draft.now("zone_id")).exclude(pk=_key(draft))
    debit, credit = accounts(str(draft.now("entry")), str(zone))
    own = {**{name: draft.now(name) for name in names}, "debit": debit, "credit": credit}
    entries = [*rows.values_list(*names), tuple(own.values())]
    postings = [
        Posting(code, on, kind, to, out_of, Decimal(str(value)), Place())
        for code, on, kind, to, out_of, value in entries
    ]
    watched = {f"zone:{zone}", f"projects:{zone}"}
    draft.findings.extend(
        found
        for found in overdrafts(draft.mapped.table, postings)
        if found.params["account"] in watched
    )


_RULES: Mapping[str, tuple[Callable[[Draft], None], ...]] = {
    "zone_version": (_boundaries, _in_region),
    "membership": (_cycle,),
    "parcel": (_in_region, _land),
    "work": (_in_region,),
    "no_go": (_in_region,),
    "parcel_event": (_stages,),
    "work_month": (_month_alone,),
    "observation": (_whose, _dimension),
    "target": (_dimension, _part),
    "quota_entry": (_balance,),
    "fund_entry": (_balance,),
    "outline_item": (_dimension, _subject),
}
