"""Reads of the workspace: what figures, pages and files are made from."""

from zonewright.store import _ready  # noqa: F401  (before any model)
from zonewright.store.selectors.cards import record_cards
from zonewright.store.selectors.facts import facts
from zonewright.store.selectors.features import features
from zonewright.store.selectors.outline import OutlineItem, notices, outline, targets
from zonewright.store.selectors.places import (
    Boundary,
    boundaries,
    memberships,
    parcels,
    zone_versions,
)
from zonewright.store.selectors.state import fingerprint

__all__ = [
    "Boundary",
    "OutlineItem",
    "boundaries",
    "facts",
    "features",
    "fingerprint",
    "memberships",
    "notices",
    "outline",
    "parcels",
    "record_cards",
    "targets",
    "zone_versions",
]
