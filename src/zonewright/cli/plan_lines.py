"""What the commands say of a plan, beside its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from zonewright.core.texts import text_of

_MU_M2 = 2000 / 3


def unlock_lines(found: Mapping[str, Any], lang: str) -> list[str]:
    """Return an unlock plan in a few lines: what it brings and costs, and how sure that is."""
    plan = found["plans"][found["main"]]
    values = {
        "gain_ha": f"{plan['gain_m2'] / 1e4:,.2f}",
        "gain_mu": f"{plan['gain_m2'] / _MU_M2:,.1f}",
        "cost": f"{plan['cost_cny'] / 1e4:,.1f}",
        "budget": f"{plan['budget_cny'] / 1e4:,.1f}",
        "parcels": len(plan["chosen"]),
        "blocks": len(plan["blocks"]),
        "before": found["before"]["blocks"],
        "gap": _percent(plan["gap"]),
    }
    code = "plan-unlock-checked" if plan["verified"] else "plan-unlock-unsound"
    return [
        text_of("plan-unlock-found", values, lang),
        text_of("plan-unlock-proof", values, lang),
        text_of(code, {"faults": _said(plan["faults"], lang)}, lang),
        *_dated(found, lang),
        text_of("plan-rates-assumed", {"version": found["rates_version"]}, lang),
    ]


def _said(kept: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Return kept findings in words."""
    return ("" if lang == "zh" else " ").join(
        text_of(one["code"], one["params"], lang) for one in kept
    )


def _dated(found: Mapping[str, Any], lang: str) -> list[str]:
    """Return what a plan with a day says of it."""
    if not found.get("by"):
        return []
    last = max(
        (found["items"][code]["ready_on"] for code in found["plans"][found["main"]]["chosen"]),
        default=found["on"],
    )
    values = {"by": found["by"], "late": len(found["late"]), "last": last}
    return [text_of("plan-unlock-by", values, lang)]


def curve_rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return what each budget brings, as the rows of a table."""
    return [
        (
            f"{plan['budget_cny'] / 1e4:,.1f}", f"{plan['cost_cny'] / 1e4:,.1f}",
            f"{plan['gain_m2'] / 1e4:,.2f}", f"{len(plan['blocks']):,}", _percent(plan["gap"]),
        )
        for plan in found["plans"]
    ]  # fmt: skip


def grading_lines(found: Mapping[str, Any], lang: str) -> list[str]:
    """Return a grading plan in a few lines: earth, cost beside one plane, and how sure that is."""
    plan, single = found["plan"], found["single"]
    values = {
        "cut": f"{plan['cut_m3']:,.0f}",
        "fill": f"{plan['fill_m3']:,.0f}",
        "imbalance": f"{100 * abs(plan['imbalance']):.2f}",
        "prisms": f"{100 * (plan['prisms_by_grid'] - 1):+.2f}",
        "cost": f"{found['cost_cny'] / 1e4:,.1f}",
        "single": f"{single['cost']['total_cny'] / 1e4:,.1f}" if single else "-",
        "gap": _percent(found["gap"]),
    }
    return [
        text_of("plan-grading-found", values, lang),
        text_of("plan-grading-cost", values, lang),
        text_of("plan-rates-assumed", {"version": found["rates_version"]}, lang),
    ]


def _percent(share: float | None) -> str:
    """Return a gap in percent, rounded up: no bound is told tighter than it is."""
    return "-" if share is None else f"{ceil(1e4 * share - 1e-6) / 100:.2f}"
