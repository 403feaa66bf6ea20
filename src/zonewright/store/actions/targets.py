"""Set a target of a year, or change it with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from zonewright.core.errors import FindingsError, StateError
from zonewright.core.findings import Finding
from zonewright.store.access import Access
from zonewright.store.actions.editing import add, edit
from zonewright.store.models import Target
from zonewright.store.selectors.record import RecordState, record_state


@dataclass(frozen=True, slots=True)
class TargetInput:
    """A target as somebody sets it.

    Parameters
    ----------
    indicator, zone
        Codes.
    year
        Of the target.
    value, unit
        What the year asks; text is read as it is written.
    subject
        Code of the work or project that brings it; empty for the zone's own.
    curve
        ``linear``, ``stepped``, ``seasonal`` or ``milestone``.
    points
        Of a stepped curve: month to share of the target [%].
    """

    indicator: str
    zone: str
    year: int
    value: Decimal | float | str
    unit: str
    subject: str = ""
    curve: str = "linear"
    points: Mapping[int, float] = field(default_factory=dict)


def set_target(
    given: TargetInput,
    *,
    access: Access,
    origin: str,
    reason: str = "",
    token: str = "",
) -> RecordState:
    """Set a target; one that is there already is changed, which needs a reason.

    What is already so is no change, and writes no version.

    Parameters
    ----------
    given
        The target.
    access, origin
        Who sets it, and from where, for the audit trail.
    reason
        Why it is changed, in their words.
    token
        `RecordState.token` of the target that they saw; empty changes it as it stands.

    Raises
    ------
    FindingsError
        If a value is refused, or a changed target has no reason: each fault with its field.
    EditConflictError
        If somebody changed it since.
    StateError
        If a token was given and the target is gone.
    NotAllowedError, UnknownReferenceError
        If they may not plan in the zone, or not even see it.
    """
    access.require("plan", given.zone)
    values: dict[str, Any] = {
        "value": given.value,
        "unit": given.unit,
        "curve": given.curve or "linear",
        "points": dict(given.points) if given.curve == "stepped" else None,
    }
    with transaction.atomic():
        present = _present(given)
        if present is None:
            if token:
                raise StateError("target-gone")
            key = {"indicator": given.indicator, "zone": given.zone, "year": given.year,
                   "subject": given.subject}  # fmt: skip
            return add("targets", {**key, **values}, access=access, origin=origin, reason=reason)
        record = f"target:{present}"
        before = record_state(record, access)
        after = edit(
            record, values, token=token or before.token, access=access, origin=origin,
            reason=reason.strip(),
        )  # fmt: skip
        if after.token != before.token and not reason.strip():
            raise FindingsError((Finding("target-reason", "error", "targets", "reason"),))
    return after


def _present(given: TargetInput) -> int | None:
    """Return the primary key of the target, kept from other writers; None if there is none."""
    rows = Target.objects.select_for_update().filter(
        indicator__code=given.indicator,
        zone__code=given.zone,
        year=given.year,
        subject=given.subject,
    )
    return rows.order_by().values_list("pk", flat=True).first()
