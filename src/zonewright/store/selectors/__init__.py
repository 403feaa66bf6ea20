"""Reads of the workspace: what figures, pages and files are made from."""

from zonewright.store import _ready  # noqa: F401  (before any model)
from zonewright.store.selectors.attachments import attachment, attachments
from zonewright.store.selectors.cards import record_cards
from zonewright.store.selectors.facts import facts
from zonewright.store.selectors.features import features
from zonewright.store.selectors.history import FieldChange, HistoryItem, history
from zonewright.store.selectors.indicators import catalogue
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
from zonewright.store.selectors.observations import many_observations, reported_by
from zonewright.store.selectors.outline import OutlineItem, notices, outline
from zonewright.store.selectors.places import (
    Boundary,
    boundaries,
    memberships,
    parcels,
    zone_versions,
)
from zonewright.store.selectors.record import RecordState, may_write, record_state, records_of
from zonewright.store.selectors.state import fingerprint
from zonewright.store.selectors.targets import (
    Subject,
    TargetChange,
    TargetRow,
    subjects,
    target_changes,
    target_rows,
    targets,
    work_plans,
)

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
    "Subject",
    "TargetChange",
    "TargetRow",
    "attachment",
    "attachments",
    "boundaries",
    "catalogue",
    "choices_for",
    "columns",
    "facts",
    "features",
    "fingerprint",
    "history",
    "ledgers",
    "listing",
    "many_observations",
    "matching",
    "may_write",
    "memberships",
    "notices",
    "outline",
    "parcels",
    "record_cards",
    "record_state",
    "records_of",
    "reported_by",
    "subjects",
    "target_changes",
    "target_rows",
    "targets",
    "work_plans",
    "zone_versions",
]
