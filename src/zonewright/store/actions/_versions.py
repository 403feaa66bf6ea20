"""What a target was before: every change of one leaves a version, whoever made it and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from zonewright.store.actions._pool import Key, Pool
from zonewright.store.mapping import TARGETS, Mapped
from zonewright.store.models import Target, TargetVersion

KEPT = ("value", "unit", "curve", "points")
# Whoever set a target before versions were kept is not known.
_UNKNOWN = "—"


def keep_versions(
    keys: Iterable[int],
    *,
    by: str,
    at: datetime,
    reasons: Mapping[int, str] | None = None,
    before: Mapping[int, Mapping[str, Any]] | None = None,
) -> int:
    """Write a version of each target that is no longer as its last version says.

    Parameters
    ----------
    keys
        Primary keys of targets that were made or written.
    by, at
        Who wrote them, and when.
    reasons
        Target to why it was written.
    before
        Target to its attributes before: a target that has no version yet gets one of these first,
        so that what it was is not lost.

    Returns
    -------
    written
        How many versions were written.
    """
    rows = Target.objects.filter(pk__in=list(keys)).values("id", "recorded_at", *KEPT)
    last: dict[int, TargetVersion] = {
        version.target_id: version
        for version in TargetVersion.objects.filter(
            target__in=[row["id"] for row in rows]
        ).order_by("target_id", "number")
    }
    fresh: list[TargetVersion] = []
    for row in rows:
        key = row["id"]
        known = last.get(key)
        was = (before or {}).get(key)
        if known is None and was is not None and any(was[name] != row[name] for name in KEPT):
            since = was.get("recorded_at") or row["recorded_at"]
            known = _version(key, 1, was, by=_UNKNOWN, at=since, reason="")
            fresh.append(known)
        if known is not None and all(getattr(known, name) == row[name] for name in KEPT):
            continue
        number = known.number + 1 if known is not None else 1
        reason = (reasons or {}).get(key, "")
        fresh.append(_version(key, number, row, by=by, at=at, reason=reason))
    TargetVersion.objects.bulk_create(fresh, batch_size=500)
    return len(fresh)


def keep_version(
    mapped: Mapped,
    key: int,
    *,
    by: str,
    at: datetime,
    reason: str,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Write a version of a record that was made or changed by hand, if it is a target."""
    if mapped is TARGETS:
        known = None if before is None else {key: before}
        keep_versions((key,), by=by, at=at, reasons={key: reason}, before=known)


def keep_taken(pools: Iterable[Pool], reasons: Mapping[Key, str], *, by: str, at: datetime) -> None:
    """Write a version of each target that an import made or changed.

    Parameters
    ----------
    pools
        What the import wrote.
    reasons
        Key of a target to why it was changed, as its row says.
    by, at
        Who imports, and when.
    """
    for pool in pools:
        if pool.mapped is not TARGETS:
            continue
        written = [record for record in pool.touched.values() if record.pk is not None]
        before = {int(r.pk): {**r.values, **r.before} for r in written if r.before and r.pk}
        why = {int(r.pk): reasons.get(pool.key(r.values), "") for r in written if r.pk}
        keep_versions(why, by=by, at=at, reasons=why, before=before)


def _version(
    key: int, number: int, values: Mapping[str, Any], *, by: str, at: datetime, reason: str
) -> TargetVersion:
    kept = {name: values[name] for name in KEPT}
    return TargetVersion(target_id=key, number=number, by=by, at=at, reason=reason, **kept)
