"""What is asked when a block is to be levelled: the place, its platforms, soil and prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

import shapely
from pyproj import CRS

from zonewright.core.errors import CRSError, InputError
from zonewright.land.grading import Pad, Rates, Site, Terrain, regular_pads, terraces
from zonewright.workflows.books import Books
from zonewright.workflows.rates import (
    choice_of,
    day_of,
    number_of,
    optional_number,
    rates_of,
)

Pattern = Literal["one", "grid", "terraces"]
PARAMS = (
    "zone", "on", "block", "parcels", "crs", "height_unit", "pattern", "width_m", "depth_m",
    "turned_deg", "terraces", "min_width_m", "max_slope_pct", "min_level_m", "max_step_m",
    "balance", "cut_cny_m3", "fill_cny_m3", "haul_cny_m3_km", "wall_cny_m2", "swell", "shrink",
    "detour", "sites", "time_limit_s", "rates", "files",
)  # fmt: skip
RATES = (
    "cut_cny_m3", "fill_cny_m3", "haul_cny_m3_km", "wall_cny_m2", "swell", "shrink", "detour",
)  # fmt: skip
MOST_PADS = 60
MOST_SITES = 40
MOST_S = 600.0
_KINDS: Mapping[str, Literal["borrow", "dump"]] = {
    "borrow": "borrow", "取土": "borrow", "取土场": "borrow",
    "dump": "dump", "弃土": "dump", "弃土场": "dump",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SiteText:
    """A borrow pit or a dump as it is written: place in degrees, price and room in place."""

    name: str
    kind: Literal["borrow", "dump"]
    lon: float
    lat: float
    price_cny_m3: float
    capacity_m3: float


@dataclass(frozen=True, slots=True)
class GradingQuestion:
    """A block to be levelled, as plain values.

    Parameters
    ----------
    zone, on
        Where the block lies, and the day of its boundary and parcels.
    block, parcels
        Block of ready land by its id, or parcels by their codes; the whole zone without either.
    crs, height_unit
        Of the terrain file, where it says nothing.
    pattern
        ``one`` platform, a ``grid`` of them, or ``terraces`` down the fall of the ground.
    width_m, depth_m, turned_deg
        Of a platform of the grid [m, degrees].
    terraces, min_width_m
        How many strips, and the least width of one [m].
    max_slope
        Steepest slope of a platform [m/m]; 0 for level ones.
    min_level_m
        No finished ground below this, the drainage or flood level [m].
    max_step_m
        Largest step between two platforms [m].
    balance
        Whether nothing may come in or leave.
    rates, sites
        Prices and soil, borrow pits and dumps.
    time_limit_s
        For the search [s].
    """

    zone: str
    on: date
    block: str
    parcels: tuple[str, ...]
    crs: str
    height_unit: str
    pattern: Pattern
    width_m: float
    depth_m: float
    turned_deg: float
    terraces: int
    min_width_m: float
    max_slope: float
    min_level_m: float | None
    max_step_m: float | None
    balance: bool
    rates: Rates
    sites: tuple[SiteText, ...]
    time_limit_s: float


def question_of(params: Mapping[str, object]) -> GradingQuestion:
    """Return the question of a run's parameters, with Zonewright's rates where none is given.

    Raises
    ------
    InputError, RangeError
        If a parameter is missing, unreadable or outside its limits; all messages name it.
    """
    rates = rates_of(params, "grading", RATES, most=1e7)
    if not params.get("zone"):
        raise InputError("plan-parameter-missing", name="zone")
    codes = str(params.get("parcels") or "").replace("，", ",").replace("、", ",").split(",")
    pattern = choice_of(params, "pattern", "one", "grid", "terraces")
    return GradingQuestion(
        zone=str(params["zone"]),
        on=day_of(params),
        block=str(params.get("block") or ""),
        parcels=tuple(dict.fromkeys(code.strip() for code in codes if code.strip())),
        crs=str(params.get("crs") or "").strip()[:60],
        height_unit=str(params.get("height_unit") or "").strip()[:30],
        pattern="grid" if pattern == "grid" else "terraces" if pattern == "terraces" else "one",
        width_m=number_of(params, "width_m", 100.0, least=5.0, most=1e4),
        depth_m=number_of(params, "depth_m", 100.0, least=5.0, most=1e4),
        turned_deg=number_of(params, "turned_deg", 0.0, least=-180.0, most=180.0),
        terraces=int(number_of(params, "terraces", 3, least=1, most=30)),
        min_width_m=number_of(params, "min_width_m", 20.0, least=1.0, most=1e4),
        max_slope=number_of(params, "max_slope_pct", 0.0, most=20.0) / 100,
        min_level_m=optional_number(params, "min_level_m", least=-500.0, most=9000.0),
        max_step_m=optional_number(params, "max_step_m", least=0.0, most=200.0),
        balance=_is_on(params.get("balance", True)),
        rates=Rates(**rates),
        sites=sites_of(str(params.get("sites") or "")),
        time_limit_s=number_of(params, "time_limit_s", 30.0, least=1.0, most=MOST_S),
    )


def sites_of(text: str) -> tuple[SiteText, ...]:
    """Return the sites of a text with one a line: name, kind, longitude, latitude, price, room.

    Raises
    ------
    InputError
        Naming the first line that cannot be read.

    Examples
    --------
    >>> sites_of("东坑, dump, 113.02, 22.41, 8, 50000")[0].capacity_m3
    50000.0
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in line.replace("，", ",").split(",")]
        if not any(cells):
            continue
        try:
            name, kind, lon, lat, price, *room = cells
            site = SiteText(
                name, _KINDS[kind.casefold()], float(lon), float(lat), float(price),
                float(room[0]) if room and room[0] else 1e12,
            )  # fmt: skip
        except (ValueError, KeyError) as error:
            raise InputError("grading-site-line", line=number, text=line.strip()[:60]) from error
        if not (name and abs(site.lon) <= 180 and abs(site.lat) <= 90):
            raise InputError("grading-site-line", line=number, text=line.strip()[:60])
        found.append(site)
    if len(found) > MOST_SITES:
        raise InputError("grading-sites-many", count=len(found), most=MOST_SITES)
    return tuple(found)


def area_of(question: GradingQuestion, books: Books) -> shapely.Geometry:
    """Return the ground to be levelled: the block, the parcels, or the zone [EPSG:4490].

    Raises
    ------
    UnknownReferenceError, InputError
        If there is no such zone, block or parcel in it, or nothing of it is drawn.
    """
    books.require_zone(question.zone)
    if question.block:
        blocks = books.blocks_of(question.zone, question.on)
        if question.block not in blocks.index:
            raise InputError("grading-block-unknown", block=question.block, zone=question.zone)
        return blocks.geometry[question.block]
    if question.parcels:
        parcels = books.parcels(question.on)
        inside = parcels[books.scope(question.on).mask(parcels, question.zone)]
        for code in question.parcels:
            if code not in inside.index or inside.geometry[code] is None:
                raise InputError("grading-parcel-unknown", parcel=code, zone=question.zone)
        return shapely.union_all(inside.geometry[list(question.parcels)].to_numpy())
    outline = books.scope(question.on).geometry_of(question.zone)
    if outline is None or outline.is_empty:
        raise InputError("grading-zone-undrawn", zone=question.zone)
    return outline


def frame_around(area: shapely.Geometry) -> CRS:
    """Return the 3° frame of CGCS2000 in which an area in degrees lies.

    Raises
    ------
    CRSError
        If it lies outside those frames: they cover China.

    Examples
    --------
    >>> frame_around(shapely.box(112.9, 22.4, 113.1, 22.6)).to_epsg()
    4547
    """
    west, _south, east, _north = area.bounds
    meridian = 3 * round((west + east) / 6)
    if not 75 <= meridian <= 135:
        raise CRSError("grading-frame", lon=round((west + east) / 2, 3))
    return CRS.from_epsg(4534 + (meridian - 75) // 3)


def pads_of(
    question: GradingQuestion, terrain: Terrain, ground: shapely.Geometry
) -> tuple[Pad, ...]:
    """Return the platforms of a block in the terrain's frame.

    Raises
    ------
    RangeError, InputError
        If the block is too short for the strips, or there would be too many platforms.
    """
    slope, low = question.max_slope, question.min_level_m
    if question.pattern == "one":
        return (Pad("P1", ground, max_slope=slope, min_level_m=low),)
    if question.pattern == "terraces":
        made = terraces(
            terrain,
            ground,
            count=question.terraces,
            min_width_m=question.min_width_m,
            max_slope=slope,
            min_level_m=low,
        )
    else:
        count = ground.area / (question.width_m * question.depth_m)
        if count > MOST_PADS:
            raise InputError("grading-pads-many", count=round(count), most=MOST_PADS)
        made = regular_pads(
            ground,
            width_m=question.width_m,
            depth_m=question.depth_m,
            turned_deg=question.turned_deg,
            max_slope=slope,
            min_level_m=low,
        )
    if len(made) > MOST_PADS:
        raise InputError("grading-pads-many", count=len(made), most=MOST_PADS)
    return made


def sites_in(question: GradingQuestion, terrain: Terrain) -> tuple[Site, ...]:
    """Return the sites in the terrain's frame."""
    found = []
    for site in question.sites:
        point = terrain.in_this_frame(shapely.Point(site.lon, site.lat), "EPSG:4490")
        found.append(
            Site(site.name, site.kind, point.x, point.y, site.price_cny_m3, site.capacity_m3)
        )
    return tuple(found)


def rates_told(rates: Rates) -> dict[str, float]:
    """Return the rates as plain values."""
    return asdict(rates)


def _is_on(value: object) -> bool:
    return str(value).casefold() not in ("", "0", "false", "no", "off", "none")
