"""Why a parcel is not in a plan: what bars it, or what having it would lose."""

from __future__ import annotations

from dataclasses import dataclass

from zonewright.core.findings import Finding
from zonewright.land.unlock.case import Case, Limits, Plan, ready_on
from zonewright.land.unlock.plan import Stop, unlock


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What it would cost the target to have a parcel in the plan.

    Parameters
    ----------
    reason
        The answer in words: a notice with a code ``unlock-why-…``.
    plan
        The best plan found with the parcel; without steps if there is none.
    lost
        How much less it brings than the plan asked about; at most `lost_at_least` less is sure.
    lost_at_least
        Less than this cannot be lost, by the bound of the plan with the parcel; below 0 if the
        plan asked about may itself not be the best.
    """

    reason: Finding
    plan: Plan
    lost: float
    lost_at_least: float


def why_not(
    case: Case,
    plan: Plan,
    code: str,
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    stop: Stop | None = None,
) -> WhyNot:
    """Return the best plan that holds a parcel, and what that loses.

    What bars the parcel by itself is told without a search: it is ready, may not be bought, cannot
    be ready by the day, or takes more than there is. Then, and where the limits cannot reach it,
    the plan is ``infeasible`` and everything is lost.

    Parameters
    ----------
    case
        What the plan was made from.
    plan
        A plan of any target.
    code
        The parcel.
    time_limit_s, seed, stop
        As of `unlock`.

    Raises
    ------
    InputError
        If the case has no such parcel.
    """
    if code in plan.bought:
        return WhyNot(_said("unlock-why-in", code), plan, 0.0, 0.0)
    barred = bar_of(case, plan.limits, code)
    if barred is not None and barred.code == "unlock-why-ready":
        return WhyNot(barred, plan, 0.0, 0.0)
    seconds = 0.0 if barred is not None else time_limit_s
    forced = unlock(case, plan.limits, time_limit_s=seconds, seed=seed, must=(code,), stop=stop)
    if forced.status in ("infeasible", "unknown"):
        why = barred or _said("unlock-why-unreached", code)
        return WhyNot(why, forced, plan.value, plan.value)
    lost = plan.value - forced.value
    if lost > 1e-6 * max(1.0, abs(plan.value)):
        why = _said("unlock-why-less", code, lost=float(f"{lost:.6g}"))
    else:
        why = _said("unlock-why-equal", code)
    return WhyNot(why, forced, lost, plan.value - forced.bound)


def bar_of(case: Case, limits: Limits, code: str) -> Finding | None:
    """Return what bars a parcel from every plan within some limits; None if nothing does.

    Raises
    ------
    InputError
        If the case has no such parcel.
    """
    place = case.position(code)
    if case.ready[place]:
        return _said("unlock-why-ready", code)
    if not case.eligible[place]:
        return _said("unlock-why-barred", code)
    if limits.by is not None and limits.start is not None and not limits.in_time(case)[place]:
        day = ready_on(limits.start, float(case.lead_months[place]))
        return _said("unlock-why-late", code, ready_on=day.isoformat(), by=limits.by.isoformat())
    cost, quota = float(case.cost_cny[place]), float(case.quota_mu[place])
    if cost > limits.budget_cny * (1 + 1e-9) or quota > limits.quota_mu * (1 + 1e-9):
        return _said("unlock-why-dear", code, cost_cny=round(cost), quota_mu=round(quota, 1))
    return None


def _said(code: str, parcel: str, **params: object) -> Finding:
    return Finding(code, "info", ids=(parcel,), params={"parcel": parcel, **params})
