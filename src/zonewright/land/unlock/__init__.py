"""What to acquire and level next: connected parcels of greatest area, with proven bounds."""

from zonewright.land.unlock.case import Block, Case, Limits, Plan, Step
from zonewright.land.unlock.plan import WhyNot, sweep, unlock, why_not
from zonewright.land.unlock.verify import Verdict, verify

__all__ = [
    "Block",
    "Case",
    "Limits",
    "Plan",
    "Step",
    "Verdict",
    "WhyNot",
    "sweep",
    "unlock",
    "verify",
    "why_not",
]
