"""A grading plan as its page and its workbook show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zonewright.report import numbers
from zonewright.store.models import Run
from zonewright.web.exports import Column, Sheet
from zonewright.web.plan_numbers import earth, land, metres, money, percent, rates
from zonewright.workflows.plan_runs import result_of
from zonewright.workflows.rates import default_rates

# Width of the drawing [units of its view box].
_WIDE = 800.0
_SHOWN_HAULS = 60
_SHOWN_POINTS = 24
_COSTS = ("cut_cny", "fill_cny", "haul_cny", "sites_cny", "walls_cny", "total_cny")


def shown(run: Run) -> dict[str, object]:
    """Return what the page of a finished plan shows."""
    result = result_of(run)
    plan, single = result.get("plan"), result.get("single")
    context: dict[str, object] = {
        "result": result,
        "status": _statuses().get(str(result["status"]), str(result["status"])),
        "area": land(result["area_m2"]),
        "cell": " × ".join(metres(side) for side in result["cell_m"]),
        "runtime": metres(result["runtime_s"], 1),
        "plan": plan,
        "gap": percent(result["gap"], 3),
        "bound": money(result["bound_cny"]),
    }
    if plan is None:
        return context
    return context | {
        "cost": money(result["cost_cny"]),
        "cut": earth(plan["cut_m3"]),
        "fill": earth(plan["fill_m3"]),
        "filled": earth(plan["shrink"] * plan["cut_m3"]),
        "shrink": numbers.number(plan["shrink"], 2),
        "imbalance": percent(plan["imbalance"], 3),
        "prisms": percent(plan["prisms_by_grid"] - 1, 2),
        "walls": numbers.number(plan["walls_m2"], 0),
        "single_cost": money(single["cost"]["total_cny"]) if single else "—",
        "single_level": metres(single["pads"][0]["level_m"]) if single else "—",
        "saved": money(single["cost"]["total_cny"] - result["cost_cny"]) if single else "",
        "costs": _cost_rows(plan, single),
        "rates": rates(result["rates"], default_rates()["grading"], _rate_names()),
        "pads": [_pad(pad) for pad in plan["pads"]],
        "hauls": [_haul(haul) for haul in plan["hauls"][:_SHOWN_HAULS]],
        "haul_count": len(plan["hauls"]),
        "sections": [_section(found) for found in result["sections"]],
    }


def _statuses() -> Mapping[str, str]:
    return {
        "optimal": _("proven: no plan is cheaper by more than the gap"),
        "feasible": _("the time was over; the gap says how much cheaper a plan could be"),
        "infeasible": _("no levels keep all limits"),
        "unknown": _("the time was over before a plan was found"),
    }


def _cost_rows(plan: Mapping[str, Any], single: Mapping[str, Any] | None) -> list[dict[str, str]]:
    names = {
        "cut_cny": _("Cutting"),
        "fill_cny": _("Filling"),
        "haul_cny": _("Hauling"),
        "sites_cny": _("Borrow pits and dumps"),
        "walls_cny": _("Retaining steps"),
        "total_cny": _("Sum"),
    }
    return [
        {
            "name": names[key],
            "plan": money(plan["cost"][key]),
            "single": money(single["cost"][key]) if single else "—",
            "total": "1" if key == "total_cny" else "",
        }
        for key in _COSTS
    ]


def _rate_names() -> dict[str, str]:
    return {
        "cut_cny_m3": _("Cutting (yuan a m³)"),
        "fill_cny_m3": _("Filling (yuan a m³)"),
        "haul_cny_m3_km": _("Hauling (yuan a m³ and km)"),
        "wall_cny_m2": _("Retaining a step (yuan a m²)"),
        "swell": _("Swell: loose by in place"),
        "shrink": _("Shrink: compacted by in place"),
        "detour": _("Detour: way by distance"),
    }


def _pad(pad: Mapping[str, Any]) -> dict[str, str]:
    by_grid = pad["cut_m3"] + pad["fill_m3"]
    by_prisms = pad["cut_prisms_m3"] + pad["fill_prisms_m3"]
    return {
        "name": pad["name"],
        "level": metres(pad["level_m"], 3),
        "slope": numbers.number(pad["slope_pct"], 2),
        "area": land(pad["area_m2"]),
        "cut": earth(pad["cut_m3"]),
        "fill": earth(pad["fill_m3"]),
        "cut_prisms": earth(pad["cut_prisms_m3"]),
        "fill_prisms": earth(pad["fill_prisms_m3"]),
        "difference": percent(by_prisms / by_grid - 1 if by_grid else 0.0),
    }


def _haul(haul: Mapping[str, Any]) -> dict[str, str]:
    kinds = {
        "within": _("within the platform"),
        "between": _("between platforms"),
        "borrow": _("from a borrow pit"),
        "dump": _("to a dump"),
    }
    return {
        "source": haul["source"],
        "target": haul["target"],
        "kind": kinds[haul["kind"]],
        "volume": earth(haul["volume_m3"]),
        "distance": metres(haul["distance_m"], 0),
        "cost": money(haul["cost_cny"]),
    }


def _section(found: Mapping[str, Any]) -> dict[str, object]:
    points = found["points"]
    step = max(1, -(-len(points) // _SHOWN_POINTS))
    return {
        "name": found["name"],
        "title": _title(found["name"]),
        "rows": [
            {
                "distance": metres(point[0], 0),
                "ground": metres(point[1]),
                "finished": metres(point[2]),
                "rise": metres(point[2] - point[1])
                if point[1] is not None and point[2] is not None
                else "—",
                "pad": point[3] or "—",
            }
            for point in points[::step]
        ],
    }


def _title(name: str) -> str:
    return _("Cross-section along the block") if name == "along" else _("Cross-section across it")


def cross_section(run: Run, name: str) -> Mapping[str, Any] | None:
    """Return a cross-section of a plan by its name."""
    return next(
        (found for found in result_of(run).get("sections", ()) if found["name"] == name), None
    )


@dataclass(frozen=True, slots=True)
class Outline:
    """A platform in the drawing: its path, and where its name and level stand."""

    name: str
    path: str
    x: float
    y: float
    level: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The map of cut and fill: its size, the platforms, the lines of the sections, its scale."""

    width: float
    height: float
    outlines: tuple[Outline, ...]
    sections: tuple[dict[str, object], ...]
    scale: str
    bar: float
    bar_m: int
    labels: bool


def drawing(run: Run) -> Drawing | None:
    """Return the drawing of a plan; None without one."""
    result = result_of(run)
    if not result.get("plan"):
        return None
    west, south, east, north = result["bounds"]
    unit = _WIDE / (east - west)
    levels = {pad["name"]: metres(pad["level_m"]) for pad in result["plan"]["pads"]}

    def at(x: float, y: float) -> tuple[float, float]:
        return round((x - west) * unit, 1), round((north - y) * unit, 1)

    outlines = tuple(
        Outline(
            found["name"],
            " ".join(_ring(at(x, y) for x, y in ring) for ring in found["rings"]),
            *at(*found["at"]),
            levels.get(found["name"], ""),
        )
        for found in result["outlines"]
    )
    lines = []
    for found in result["sections"]:
        (x1, y1), (x2, y2) = (at(*end) for end in found["ends"])
        lines.append({"name": found["name"], "x1": x1, "y1": y1, "x2": x2, "y2": y2})
    bar_m = _round_length((east - west) / 5)
    return Drawing(
        width=_WIDE,
        height=round((north - south) * unit, 1),
        outlines=outlines,
        sections=tuple(lines),
        scale=metres(result.get("scale_m"), 1),
        bar=round(bar_m * unit, 1),
        bar_m=bar_m,
        labels=len(outlines) <= 40,
    )


def _ring(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) + "Z"


def _round_length(length_m: float) -> int:
    """Return the largest of 1, 2, 5, 10, 20 … that is not longer; 1 at least."""
    best = 1
    for power in range(6):
        for step in (1, 2, 5):
            if step * 10**power <= length_m:
                best = step * 10**power
    return best


def sheets(run: Run) -> tuple[Sheet, ...]:
    """Return a plan as the sheets of a workbook."""
    result = result_of(run)
    plan, single = result["plan"], result["single"]
    volume, price, height = "#,##0", "#,##0.00", "0.000"
    pads = Sheet(
        _("Platforms"),
        (
            Column(_("Platform")),
            Column(_("Level (m)"), height),
            Column(_("Slope (%)"), "0.00"),
            Column(_("Area (m²)"), volume),
            Column(_("Cut by grid (m³)"), volume),
            Column(_("Fill by grid (m³)"), volume),
            Column(_("Cut by prisms (m³)"), volume),
            Column(_("Fill by prisms (m³)"), volume),
        ),
        [
            (
                pad["name"], pad["level_m"], pad["slope_pct"], pad["area_m2"], pad["cut_m3"],
                pad["fill_m3"], pad["cut_prisms_m3"], pad["fill_prisms_m3"],
            )
            for pad in plan["pads"]
        ],
    )  # fmt: skip
    hauls = Sheet(
        _("Haul"),
        (
            Column(_("From")),
            Column(_("To")),
            Column(_("Kind")),
            Column(_("Volume in place (m³)"), volume),
            Column(_("Distance (m)"), volume),
            Column(_("Cost (yuan)"), price),
        ),
        [
            (
                haul["source"], haul["target"], _haul(haul)["kind"], haul["volume_m3"],
                haul["distance_m"], haul["cost_cny"],
            )
            for haul in plan["hauls"]
        ],
    )  # fmt: skip
    names = [row["name"] for row in _cost_rows(plan, single)]
    costs = Sheet(
        _("Cost"),
        (
            Column(_("Kind")),
            Column(_("This plan (yuan)"), price),
            Column(_("Single best plane (yuan)"), price),
        ),
        [
            (name, plan["cost"][key], single["cost"][key] if single else None)
            for name, key in zip(names, _COSTS, strict=True)
        ],
    )
    given = [*result["rates"].items(), ("status", result["status"]), ("gap", result["gap"])]
    given += [("crs", result["crs"]), ("rates_version", result["rates_version"])]
    given += [("imbalance", plan["imbalance"]), ("prisms_by_grid", plan["prisms_by_grid"])]
    basis = Sheet(
        _("Basis"),
        (Column(_("Parameter"), width=28), Column(_("Value"), width=40)),
        [(str(name), value) for name, value in given]
        + [(_("Zone"), result["zone"]), (_("Day"), result["on"])],
    )
    profiles = tuple(
        Sheet(
            _title(found["name"]),
            (
                Column(_("Distance (m)"), "0.00"),
                Column(_("Before (m)"), height),
                Column(_("After (m)"), height),
                Column(_("Platform")),
            ),
            found["points"],
        )
        for found in result["sections"]
    )
    return (pads, hauls, costs, *profiles, basis)
