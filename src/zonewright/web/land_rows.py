"""Blocks, options and what parcels lack as rows of tables."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import shapely
from django.http import HttpRequest
from django.urls import reverse

from zonewright.land.measures import BlockTests
from zonewright.land.readiness import standard_rule
from zonewright.store.access import Access
from zonewright.web import language
from zonewright.web.land_asked import Asked
from zonewright.web.maplayers import BASE_KINDS
from zonewright.workflows.land_blockers import Blockers

Order = Literal["mu", "money", "gain"]
ORDERS: dict[Order, str] = {
    "mu": "gained_per_m2",
    "money": "gained_m2_per_cny",
    "gain": "gained_m2",
}


def order_of(request: HttpRequest) -> Order:
    """Return by what a reader wants options ordered."""
    given = request.GET.get("order", "mu")
    return next((known for known in ORDERS if known == given), "mu")


def block_rows(
    blocks: gpd.GeoDataFrame, asked: Asked, zones: gpd.GeoDataFrame, access: Access
) -> list[dict[str, object]]:
    """Return blocks, each with its address and the zones that it lies in."""
    places = zones_at(blocks, zones, access)
    rows: list[dict[Any, Any]] = pd.DataFrame(blocks.drop(columns="geometry")).to_dict("records")
    return [
        {
            **row,
            "code": code,
            "address": reverse("land-block", args=[asked.place, code]) + asked.query,
            "zones": places[place],
            "missing_m2": asked.question.min_area_m2 - float(row["area_m2"]),
        }
        for place, (code, row) in enumerate(zip(blocks.index.astype(str), rows, strict=True))
    ]


def zones_at(
    blocks: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, access: Access
) -> list[list[tuple[str, str]]]:
    """Return code and name of the planned zones that each block lies in, the smallest first."""
    seen = access.zones()
    drawn = zones[zones.geometry.notna() & ~zones["kind"].isin(BASE_KINDS)]
    if seen is not None:
        drawn = drawn[drawn.index.isin(seen)]
    drawn = drawn.sort_values("area_m2")
    points = shapely.point_on_surface(blocks.geometry.to_numpy())
    found: list[list[tuple[str, str]]] = [[] for _ in range(len(blocks))]
    for code, row in drawn.iterrows():
        name = language.choose(str(row["name"]), str(row["name_en"]))
        shapely.prepare(row.geometry)
        for place in shapely.intersects(row.geometry, points).nonzero()[0].tolist():
            found[place].append((str(code), name))
    return found


def tests_told(tests: BlockTests, passed: tuple[str, ...]) -> list[dict[str, object]]:
    """Return the tests of a block with their names, and whether it passes each."""
    lang = language.current()
    return [
        {
            "code": test.code,
            "name": test.zh if lang == "zh" else test.en,
            "passed": test.code in passed,
        }
        for test in tests.tests
    ]


def lack_rows(
    lacks: tuple[str, ...], since: tuple[date | None, ...] = ()
) -> list[dict[str, object]]:
    """Return what is lacked with its name, and since when if that is known."""
    rule, lang = standard_rule(), language.current()
    days = [*since, *[None] * (len(lacks) - len(since))]
    return [
        {"code": lack, "name": rule.label(lack, lang), "since": None if pd.isna(day) else day}
        for lack, day in zip(lacks, days, strict=True)
    ]


def parcel_rows(parcels: pd.DataFrame) -> list[dict[str, object]]:
    """Return parcels with what each lacks since when."""
    rows: list[dict[Any, Any]] = parcels.to_dict("records")
    return [
        {**row, "code": code, "lacks": lack_rows(row["lacks"], row["lacks_since"])}
        for code, row in zip(parcels.index.astype(str), rows, strict=True)
    ]


def option_rows(
    found: Blockers, order: Order, options: pd.DataFrame | None = None
) -> list[dict[str, object]]:
    """Return options in an order, each with its parcels and what they lack."""
    column = ORDERS[order]
    listed = found.options if options is None else options
    listed = listed.sort_values(column, ascending=False, kind="stable", na_position="last")
    rows: list[dict[Any, Any]] = listed.to_dict("records")
    # What no money makes ready comes last: it can only be planned around.
    made = [
        {**row, "blocking": parcel_rows(found.parcels.loc[list(row["parcels"])])} for row in rows
    ]
    return sorted(made, key=lambda row: not _is_mendable(row))


def _is_mendable(row: dict[str, Any]) -> bool:
    return all(parcel["mendable"] for parcel in row["blocking"])
