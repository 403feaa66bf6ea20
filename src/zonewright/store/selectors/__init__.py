"""Reads of the workspace: what figures, pages and files are made from."""

from zonewright.store import _ready  # noqa: F401  (before any model)
from zonewright.store.selectors.attachments import attachment, attachments
from zonewright.store.selectors.cards import record_cards
from zonewright.store.selectors.facts import facts
from zonewright.store.selectors.features import features
from zonewright.store.selectors.history import FieldChange, HistoryItem, history
from zonewright.store.selectors.listing import (
    ColumnInfo,
    Condition,
    LedgerInfo,
    Listing,
    choices_for,
    columns,
    ledgers,
    listing,
    matching,
)
from zonewright.store.selectors.outline import OutlineItem, notices, outline, targets
from zonewright.store.selectors.places import (
    Boundary,
    boundaries,
    memberships,
    parcels,
    zone_versions,
)
from zonewright.store.selectors.record import RecordState, may_write, record_state, records_of
from zonewright.store.selectors.state import fingerprint

__all__ = [
    "Boundary",
    "ColumnInfo",
    "Condition",
    "FieldChange",
    "HistoryItem",
    "LedgerInfo",
    "Listing",
    "OutlineItem",
    "RecordState",
    "attachment",
    "attachments",
    "boundaries",
    "choices_for",
    "columns",
    "facts",
    "features",
    "fingerprint",
    "history",
    "ledgers",
    "listing",
    "matching",
    "may_write",
    "memberships",
    "notices",
    "outline",
    "parcels",
    "record_cards",
    "record_state",
    "records_of",
    "targets",
    "zone_versions",
]
