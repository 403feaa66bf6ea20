"""The audit trail: who changed what, when, from where, with the values before and after."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from zonewright.store.models import AuditEntry


def note(
    action: str,
    *,
    by: str,
    origin: str = "",
    table: str = "",
    code: str = "",
    record: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
    undoes: AuditEntry | None = None,
) -> AuditEntry:
    """Write an entry of the audit trail; call it in the transaction of the write.

    Parameters
    ----------
    action
        What was done, as a verb: ``create``, ``update``, ``delete``, ``undo``, ``grant``,
        ``revoke``, ``attach``, ``sign in`` …
    by, origin
        Who, and from where (``desk ADDRESS``, ``api ADDRESS``, ``cli``).
    table, code, record
        What it concerns: table and code as a reader knows it, and the record's name.
    before, after
        Values of the fields that changed, as plain values.
    reason
        Why, in the words of whoever did it.
    undoes
        The entry that is taken back.
    """
    return AuditEntry.objects.create(
        at=timezone.now(),
        by=by,
        origin=origin,
        action=action,
        table=table,
        code=code,
        record=record,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        reason=reason,
        undoes=undoes,
    )
