"""Files that belong to a record, as far as somebody may see the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonewright.core.errors import UnknownReferenceError
from zonewright.store.models import Attachment
from zonewright.store.selectors.orders import evidence_step
from zonewright.store.selectors.record import RecordState, record_state

if TYPE_CHECKING:
    from zonewright.store.access import Access


def attachments(
    record: str, access: Access, *, state: RecordState | None = None
) -> tuple[Attachment, ...]:
    """Return the files of a record, the oldest first, without their bytes.

    Parameters
    ----------
    state
        The record as it stands, from whoever read it for the same access just now.

    Raises
    ------
    UnknownReferenceError
        If the record is not there or not visible.
    """
    record = (state or record_state(record, access)).record
    rows = Attachment.objects.filter(record=record, removed_at__isnull=True)
    return tuple(rows.select_related("blob").defer("blob__content"))


def attachment(number: int, access: Access) -> Attachment:
    """Return a file of a record with its bytes (``blob.content``).

    Raises
    ------
    UnknownReferenceError
        If it is not there, was removed, or belongs to a record that they may not see.
    """
    rows = Attachment.objects.filter(pk=number, removed_at__isnull=True)
    found = rows.select_related("blob").first()
    if found is None or not _sees(found.record, access):
        raise UnknownReferenceError("attach-unknown", attachment=number)
    return found


def _sees(record: str, access: Access) -> bool:
    """Return whether somebody sees what a file belongs to: a record, or a step of an order."""
    return access.sees(record) or evidence_step(record, access) is not None
