"""The records of a workspace."""

from zonewright.store.models.industry import Firm, Milestone, Venture
from zonewright.store.models.land import NoGo, Parcel, ParcelEvent
from zonewright.store.models.ledgers import FundEntry, QuotaEntry
from zonewright.store.models.steering import Indicator, Observation, OutlineItem, Target
from zonewright.store.models.system import AuditEntry, Revision, Run, SourceFile, User, Workspace
from zonewright.store.models.works import Work, WorkMonth
from zonewright.store.models.zones import Membership, Plan, Zone, ZoneVersion

__all__ = [
    "AuditEntry",
    "Firm",
    "FundEntry",
    "Indicator",
    "Membership",
    "Milestone",
    "NoGo",
    "Observation",
    "OutlineItem",
    "Parcel",
    "ParcelEvent",
    "Plan",
    "QuotaEntry",
    "Revision",
    "Run",
    "SourceFile",
    "Target",
    "User",
    "Venture",
    "Work",
    "WorkMonth",
    "Workspace",
    "Zone",
    "ZoneVersion",
]
