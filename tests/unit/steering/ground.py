"""A small programme: two overlapping zones of a city, and what happened in them in 2023."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import pandas as pd
from shapely import box

from zonewright.core.periods import Period
from zonewright.land.scope import Scope
from zonewright.steering.figure import Facts, Figure, Question
from zonewright.steering.rollup import evaluate

TO_OCTOBER = Period.parse("2023-01..2023-10")
IN_CLUSTER, IN_BOTH, IN_PLATFORM = (112.7, 22.2), (113.45, 22.2), (113.7, 22.2)
NOWHERE = (float("nan"), float("nan"))

_ZONES = {
    "JM": (1, "city", box(112, 21, 114, 23)),
    "C": (2, "cluster", box(112.5, 22, 113.5, 22.5)),
    "PF": (3, "platform", box(113.4, 22, 113.8, 22.5)),
    "START": (None, "collective", None),
    "S1": (4, "startup", box(112.6, 22.1, 112.8, 22.3)),
    "S2": (5, "startup", box(112.9, 22.1, 113.0, 22.3)),
    "P1": (None, "park", None),
}
_LINKS = [
    ("JM", "C"), ("JM", "PF"), ("C", "START"), ("START", "S1"), ("START", "S2"), ("C", "P1"),
    ("PF", "P1"),
]  # fmt: skip

_EMPTY = {
    "parcel_events": ["parcel", "stage", "on", "area_m2"],
    "parcels": ["parcel", "area_m2"],
    "works": ["work", "kind", "status", "started_on", "finished_on", "floor_area_m2"],
    "work_months": ["work", "kind", "month", "invested_cny"],
    "ventures": [
        "venture", "category", "source_country", "source_city", "investment", "currency",
        "investment_bound", "land_m2", "floor_area_m2", "signed_on",
    ],
    "milestones": ["venture", "step", "actual_on", "actual_precision"],
    "plans": ["plan", "kind", "level", "stage", "approved_on"],
    "zones": ["code", "kind", "planned"],
    "quota": ["entry", "category", "area_m2", "on"],
    "funds": ["entry", "kind", "amount_cny", "on"],
    "observations": ["indicator", "firm", "period", "value", "unit", "bound", "basis"],
    "targets": ["indicator", "zone", "year", "value", "unit"],
}  # fmt: skip
_DATES = ("on", "started_on", "finished_on", "month", "signed_on", "actual_on", "approved_on")
_NUMBERS = (
    "lon", "lat", "area_m2", "invested_cny", "investment", "floor_area_m2", "land_m2",
    "amount_cny", "value",
)  # fmt: skip


def rows(table: str, *given: Mapping[str, object]) -> pd.DataFrame:
    """Return a frame of facts; what a row leaves out is empty."""
    columns = ["record", "zone", "lon", "lat", *_EMPTY[table]]
    frame = pd.DataFrame([dict(row) for row in given], columns=list(dict.fromkeys(columns)))
    frame["record"] = [f"{table}:{place}" for place in range(len(frame))]
    for column in frame:
        if column in _DATES:
            frame[column] = pd.to_datetime(frame[column])
        elif column in _NUMBERS:
            frame[column] = frame[column].astype(float)
        else:
            frame[column] = frame[column].where(frame[column].notna(), "")
    return frame


@cache
def empty(table: str) -> pd.DataFrame:
    """Return a frame of facts without rows."""
    return rows(table)


def at(point: tuple[float, float], **values: object) -> dict[str, object]:
    """Return a row with a place on the map."""
    return {"lon": point[0], "lat": point[1], **values}


def facts(*, blocks: pd.DataFrame | None = None, **tables: pd.DataFrame) -> Facts:
    """Return facts with these tables; the others are empty."""
    versions = pd.DataFrame.from_dict(
        _ZONES, orient="index", columns=["version", "kind", "geometry"]
    )
    links = pd.DataFrame(_LINKS, columns=["parent", "child"])
    found = blocks if blocks is not None else pd.DataFrame({"area_m2": [], "members": []})
    return Facts(
        tables={name: tables.get(name, empty(name)) for name in _EMPTY if name != "targets"},
        scope=Scope(versions, links, date(2023, 10, 31)),
        targets=tables.get("targets", empty("targets")),
        blocks=lambda zone, on: found,
    )


def ask(
    known: Facts, indicator: str, zone: str = "C", period: Period = TO_OCTOBER, subject: str = ""
) -> Figure:
    """Return a figure."""
    return evaluate(Question(indicator, zone, period, subject), known)


def codes(figure: Figure) -> list[str]:
    """Return the codes of a figure's findings."""
    return [finding.code for finding in figure.findings]
