"""What to acquire and level next: connected parcels of greatest area, with proven bounds."""

from zonewright.land.unlock.case import Block, Case, Limits, Plan, Step, ready_on
from zonewright.land.unlock.plan import not_below, sweep, unlock
from zonewright.land.unlock.verify import Verdict, fault, verify
from zonewright.land.unlock.why import WhyNot, bar_of, why_not

__all__ = [
    "Block",
    "Case",
    "Limits",
    "Plan",
    "Step",
    "Verdict",
    "WhyNot",
    "bar_of",
    "fault",
    "not_below",
    "ready_on",
    "sweep",
    "unlock",
    "verify",
    "why_not",
]
