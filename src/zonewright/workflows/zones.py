"""One zone: its boundaries, its place among the others, its land, works, projects and figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import geopandas as gpd
import pandas as pd

from zonewright.core.periods import Period
from zonewright.core.units import factor
from zonewright.land import stages
from zonewright.store import selectors
from zonewright.store.selectors import Boundary
from zonewright.workflows.books import Books, open_books
from zonewright.workflows.figures import FigureItem, FigureSet, figure_set

PLANNED_AREA = "planned_area"


@dataclass(frozen=True, slots=True)
class ZoneLink:
    """A zone directly above or below, and in which hierarchy."""

    code: str
    name: str
    name_en: str
    hierarchy: str


@dataclass(frozen=True, slots=True, eq=False)
class ZoneSummary:
    """What there is to know of a zone.

    Parameters
    ----------
    code, name, name_en, kind
        The zone.
    versions
        Its boundaries, latest first.
    reported_area_m2
        Area as published; None if no source gives one.
    parents, children
        Zones directly above and below, by hierarchy.
    figures
        Figures of the outline that are of this zone.
    period
        Months that the flow covers; None if nothing is reported yet.
    stages
        Index stage; ``stock_parcel_count``, ``stock_area_m2``, ``flow_parcel_count``,
        ``flow_area_m2`` [m²].
    blocks
        Contiguous levelled land of 500 mu and more, at the period's end.
    works, ventures
        Numbers of infrastructure works and industrial projects in it.
    """

    code: str
    name: str
    name_en: str
    kind: str
    versions: tuple[Boundary, ...]
    reported_area_m2: float | None
    parents: tuple[ZoneLink, ...]
    children: tuple[ZoneLink, ...]
    figures: tuple[FigureItem, ...]
    period: Period | None
    stages: pd.DataFrame
    blocks: gpd.GeoDataFrame
    works: int
    ventures: int


def zone_summary(code: str, *, as_of: datetime | None = None) -> ZoneSummary:
    """Return what there is to know of a zone.

    Parameters
    ----------
    code
        Zone code.
    as_of
        Time at which the workspace is seen; None means now.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone.
    """
    return summary_of(open_books(as_of), figure_set(as_of), code)


def summary_of(books: Books, figures: FigureSet, code: str) -> ZoneSummary:
    """Return what books and figures say of a zone.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone.
    """
    books.require_zone(code)
    period = books.reporting_period()
    on = period.end_on if period else date.today()
    zones = books.tables["zones"].set_index("code")
    scope = books.scope(on)
    inside = {
        name: books.tables[name][scope.mask(books.tables[name], code)]
        for name in ("parcel_events", "works", "ventures")
    }
    return ZoneSummary(
        code=code,
        name=books.zone_name(code, "zh"),
        name_en=books.zone_name(code, "en"),
        kind=str(zones.at[code, "kind"]),
        versions=selectors.boundaries(code, books.as_of),
        reported_area_m2=_reported_area(books, code),
        parents=_links(books, code, upward=True),
        children=_links(books, code, upward=False),
        figures=tuple(item for item in figures.items if item.zone == code),
        period=period,
        stages=land_by_stage(inside["parcel_events"], period, on),
        blocks=books.blocks_of(code, on),
        works=len(inside["works"]),
        ventures=len(inside["ventures"]),
    )


def land_by_stage(events: pd.DataFrame, period: Period | None, on: date) -> pd.DataFrame:
    """Return the stock on a day and the flow of a period, side by side, by stage."""
    stock = stages.stock(events, on).add_prefix("stock_")
    flow = stages.flow(events, period or Period.year_to_date(on.year, on.month))
    return stock.join(flow.add_prefix("flow_"))


def _reported_area(books: Books, code: str) -> float | None:
    rows = books.observations((PLANNED_AREA,))
    rows = rows[(rows["indicator"] == PLANNED_AREA) & (rows["zone"] == code)]
    if rows.empty:
        return None
    ends = [Period.parse(str(period)).last for period in rows["period"]]
    last = rows.iloc[max(range(len(rows)), key=lambda position: (ends[position], position))]
    return float(last["value"]) * float(factor(last["unit"], "m2"))


def _links(books: Books, code: str, *, upward: bool) -> tuple[ZoneLink, ...]:
    here, there = ("child", "parent") if upward else ("parent", "child")
    rows = books.memberships[books.memberships[here] == code]
    return tuple(
        ZoneLink(other, books.zone_name(other, "zh"), books.zone_name(other, "en"), hierarchy)
        for other, hierarchy in zip(rows[there], rows["hierarchy"], strict=True)
    )
