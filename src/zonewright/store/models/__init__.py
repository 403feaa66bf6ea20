"""The records of a workspace."""

from zonewright.store.models.base import Place
from zonewright.store.models.industry import Firm, Milestone, Venture
from zonewright.store.models.land import NoGo, Parcel, ParcelEvent
from zonewright.store.models.ledgers import FundEntry, QuotaEntry
from zonewright.store.models.maps import MapFeature, MapLayer
from zonewright.store.models.orders import Order, OrderStep
from zonewright.store.models.people import ApiToken, Grant, User
from zonewright.store.models.returns import Publication, Return, ReturnStep, ReturnVersion
from zonewright.store.models.steering import (
    Indicator,
    Observation,
    OutlineItem,
    Target,
    TargetVersion,
)
from zonewright.store.models.system import (
    Attachment,
    AuditEntry,
    Blob,
    Change,
    Revision,
    Run,
    RunFile,
    SourceFile,
    Workspace,
)
from zonewright.store.models.works import Work, WorkMonth
from zonewright.store.models.zones import Membership, Plan, Zone, ZoneVersion

__all__ = [
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "Blob",
    "Change",
    "Firm",
    "FundEntry",
    "Grant",
    "Indicator",
    "MapFeature",
    "MapLayer",
    "Membership",
    "Milestone",
    "NoGo",
    "Observation",
    "Order",
    "OrderStep",
    "OutlineItem",
    "Parcel",
    "ParcelEvent",
    "Place",
    "Plan",
    "Publication",
    "QuotaEntry",
    "Return",
    "ReturnStep",
    "ReturnVersion",
    "Revision",
    "Run",
    "RunFile",
    "SourceFile",
    "Target",
    "TargetVersion",
    "User",
    "Venture",
    "Work",
    "WorkMonth",
    "Workspace",
    "Zone",
    "ZoneVersion",
]
