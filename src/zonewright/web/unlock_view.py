"""An unlock plan as its page shows it: figures, the list in buying order, curve, why-not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _

from zonewright.core.texts import text_of
from zonewright.land.readiness import standard_rule
from zonewright.report import numbers
from zonewright.store.models import Run
from zonewright.web import language
from zonewright.web.plan_numbers import in_habit, land, money, percent, rates
from zonewright.web.values import HABIT, unit_name
from zonewright.workflows.plan_runs import result_of
from zonewright.workflows.rates import default_rates

Result = Mapping[str, Any]
_MU_M2 = 2000 / 3
_SHOWN = 400


def step_of(result: Result, text: str) -> int:
    """Return the place of a budget among those of the plan; the one asked for by default."""
    place = int(text) if text.isdecimal() and len(text) < 4 else int(result["main"])
    return min(place, len(result["plans"]) - 1)


def lacks_of(codes: Sequence[str]) -> str:
    """Return what a parcel lacks, in words."""
    lang = language.current()
    names = [standard_rule().label(code, lang) for code in codes]
    return ("、" if lang == "zh" else ", ").join(names)


def words_of(found: Sequence[Mapping[str, Any] | str]) -> list[str]:
    """Return kept findings in the reader's language; plans of before have them as texts."""
    return [
        one
        if isinstance(one, str)
        else text_of(str(one["code"]), one["params"], language.current())
        for one in found
    ]


def shown(run: Run, step: int) -> dict[str, object]:
    """Return what the page of a finished plan shows at one of its budgets."""
    result = result_of(run)
    plan = result["plans"][step]
    rows = list_of(result, step)
    counted = result["target"] == "blocks"
    value = numbers.number(plan["value"], 0) if counted else land(plan["value"])
    bound = numbers.number(plan["bound"], 2) if counted else land(plan["bound"])
    return {
        "result": result,
        "step": step,
        "last_step": len(result["plans"]) - 1,
        "steps": [
            {"place": place, "budget": money(item["budget_cny"])}
            for place, item in enumerate(result["plans"])
        ],
        "plan": plan,
        "budget": money(plan["budget_cny"]),
        "value": value,
        "bound": bound,
        "gap": percent(plan["gap"]),
        "is_proven": plan["gap"] is not None and plan["gap"] <= 1e-4,
        "cost": money(plan["cost_cny"]),
        "left": money(plan["budget_cny"] - plan["cost_cny"]),
        "gain": land(plan["gain_m2"]),
        "total": land(plan["area_m2"]),
        "before": land(result["before"]["area_m2"]),
        "quota": land(plan["quota_m2"]),
        "quota_limit": land(result["quota_limit_m2"])
        if result["quota_limit_m2"] is not None
        else _("no limit"),
        "rate": _rate(plan["gain_m2"], plan["cost_cny"]),
        "rate_name": _rate_name(),
        "least": money(result["plans"][0]["budget_cny"]),
        "most": money(result["plans"][-1]["budget_cny"]),
        "blocks": [_block(block) for block in plan["blocks"]],
        "parcels": rows[:_SHOWN],
        "parcel_count": len(rows),
        "chosen": json.dumps(plan["chosen"]),
        "curve": curve_rows(result),
        "land": _land(result),
        "rates": rates_of(result),
        "by": result.get("by", ""),
        "late_count": len(result.get("late", ())),
        "how": words_of(plan["how"]),
        "faults": words_of(plan["faults"]),
    }


def list_of(result: Result, step: int) -> list[dict[str, Any]]:
    """Return the parcels of a plan in buying order, with what they add up to."""
    plan, items = result["plans"][step], result["items"]
    found = [items[code] for code in plan["chosen"]]
    spent = accumulate(item["cost_cny"] for item in found)
    before = float(plan["before"]) if result["target"] != "blocks" else 0.0
    counted = accumulate(plan["gains_m2"], initial=before)
    next(counted)
    return [
        {
            "place": place,
            "code": code,
            "record": item["record"].partition(":")[2],
            "stage": item["stage"],
            "lacks": lacks_of(item["lacks"]),
            "item": item,
            "spent_cny": total,
            "counted_m2": whole,
        }
        for place, (code, item, total, whole) in enumerate(
            zip(plan["chosen"], found, spent, counted, strict=True), start=1
        )
    ]


def curve(result: Result) -> list[dict[str, float]]:
    """Return what each budget brings with the bound above it, in the reader's units."""
    counted = result["target"] == "blocks"
    return [
        {
            "budget": in_habit(plan["budget_cny"], "元", "money"),
            **{
                key: float(plan[key]) if counted else in_habit(plan[key], "m2", "area")
                for key in ("value", "bound")
            },
        }
        for plan in result["plans"]
    ]


def curve_rows(result: Result) -> list[dict[str, Any]]:
    """Return the curve as a table, with what the money beyond the last budget brings [m²/CNY]."""
    rows: list[dict[str, Any]] = []
    spent, gained = 0.0, 0.0
    for place, plan in enumerate(result["plans"]):
        more_cny, more_m2 = plan["budget_cny"] - spent, plan["gain_m2"] - gained
        rows.append(
            {
                **plan,
                "place": place,
                "is_count": result["target"] == "blocks",
                "most_m2": plan["bound"] - plan["before"],
                "most": numbers.number(plan["bound"], 2),
                "gap_said": percent(plan["gap"]),
                "block_count": len(plan["blocks"]),
                "marginal": max(more_m2, 0.0) / max(more_cny, 1.0),
            }
        )
        spent, gained = plan["budget_cny"], plan["gain_m2"]
    return rows


def why_static(run: Run, step: int, parcel: str) -> dict[str, object]:
    """Return what is known of a parcel without planning anew."""
    result = result_of(run)
    plan = result["plans"][step]
    if parcel in plan["chosen"]:
        place = plan["chosen"].index(parcel) + 1
        return {"verdict": _("It is in the plan, number %(place)s of the list.") % {"place": place}}
    if parcel in result.get("ready_codes", ()):
        return {"verdict": _("It is ready already: there is nothing to buy.")}
    lacks = result.get("stuck", {}).get(parcel)
    if lacks is not None:
        said = _("No money makes it ready: %(lacks)s.") % {"lacks": lacks_of(lacks)}
        return {"verdict": said}
    if parcel in result.get("late", {}):
        days = {"day": result["late"][parcel], "by": result["by"]}
        return {"verdict": _("It could be ready on %(day)s, too late for %(by)s.") % days}
    costs = result.get("costs", {})
    if parcel not in costs:
        return {"verdict": _("The zone has no such parcel on the map; check the code.")}
    cost = costs[parcel]
    if cost > plan["budget_cny"]:
        said = _("It costs %(cost)s by itself, more than the budget.") % {"cost": money(cost)}
        return {"verdict": said}
    said = _("It costs %(cost)s; the plan brings more without it.") % {"cost": money(cost)}
    return {"verdict": said, "may_try": True}


def compared(runs: Sequence[Run], names: Mapping[str, str]) -> list[dict[str, object]]:
    """Return what is compared between plans: a row each, a cell for each plan."""
    results = [result_of(run) for run in runs]
    plans = [result["plans"][result["main"]] for result in results]

    def row(name: str, cells: list[str]) -> dict[str, object]:
        told = [{"number": run.pk, "text": text} for run, text in zip(runs, cells, strict=True)]
        return {"name": name, "cells": told, "differs": len(set(cells)) > 1}

    aims = {
        "area": _("Most land in blocks of that size"),
        "blocks": _("Most blocks of that size"),
        "largest": _("Largest single block"),
    }
    shared = set.intersection(*(set(plan["chosen"]) for plan in plans)) if plans else set()
    return [
        row(_("Zone"), [names.get(result["zone"], result["zone"]) for result in results]),
        row(_("Day"), [result["on"] for result in results]),
        row(_("Aim"), [aims[result["target"]] for result in results]),
        row(_("Wanted by"), [result.get("by") or "—" for result in results]),
        row(_("Budget"), [money(result["budget_cny"]) for result in results]),
        row(
            _("Size from which a block counts"),
            [land(result["threshold_mu"] * _MU_M2) for result in results],
        ),
        row(_("Quota taken"), [land(plan["quota_m2"]) for plan in plans]),
        row(_("Cost"), [money(plan["cost_cny"]) for plan in plans]),
        row(_("Land gained in blocks"), [land(plan["gain_m2"]) for plan in plans]),
        row(_("Blocks that count"), [numbers.number(len(plan["blocks"])) for plan in plans]),
        row(_rate_name(), [_rate(p["gain_m2"], p["cost_cny"]) for p in plans]),
        row(_("Parcels to buy"), [numbers.number(len(plan["chosen"])) for plan in plans]),
        row(
            _("Of them in every plan"),
            [numbers.number(len(shared)) for _plan in plans],
        ),
        row(_("Gap to the bound"), [percent(plan["gap"]) for plan in plans]),
        row(
            _("Checked independently"),
            [_("agrees") if plan["verified"] else _("disagrees") for plan in plans],
        ),
    ]


def _rate_name() -> str:
    habit = HABIT[language.current()]
    unit = f"{unit_name(habit['area'])}/{unit_name(habit['money'])}"
    return _("Land for the money (%(unit)s)") % {"unit": unit}


def _rate(area_m2: float, cost_cny: float) -> str:
    """Return land by money in the reader's units; a dash where nothing is spent."""
    if cost_cny <= 0:
        return "—"
    money_part = in_habit(cost_cny, "元", "money")
    return numbers.number(in_habit(area_m2, "m2", "area") / money_part, 3)


def _block(block: Mapping[str, Any]) -> dict[str, object]:
    return {**block, "area": land(block["area_m2"])}


def _land(result: Result) -> dict[str, object]:
    found = result["land"]
    return {
        **found,
        "ready_area": land(found["ready_m2"]),
        "candidate_area": land(found["candidates_m2"]),
        "stuck_named": [
            {"name": lacks_of([code]), "count": count}
            for code, count in found["stuck_lacks"].items()
        ],
    }


def rates_of(result: Result) -> list[dict[str, object]]:
    """Return costs and lead times of a plan by name, those that were changed beside the default."""
    usual = default_rates()
    return [
        *rates(result["rates"], usual["unlock"], _rate_names()),
        *rates(result.get("lead_months", {}), usual["unlock_months"], _month_names()),
    ]


def _month_names() -> dict[str, str]:
    return {
        "acquire_months": _("Approval and expropriation (months)"),
        "compensate_months": _("Compensation (months)"),
        "level_months": _("Levelling (months)"),
        "connect_months": _("Road (months)"),
    }


def _rate_names() -> dict[str, str]:
    return {
        "acquire_cny_mu": _("Approval and expropriation (yuan a mu)"),
        "compensate_cny_mu": _("Compensation (yuan a mu)"),
        "level_cny_mu": _("Levelling (yuan a mu)"),
        "connect_cny_mu": _("Road (yuan a mu)"),
    }
