"""What it takes to make a block level: platforms, earth moved, its price, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.errors import CRSError
from zonewright.core.findings import Finding
from zonewright.land.grading import (
    GradingPlan,
    GradingProblem,
    GradingResult,
    Profile,
    Terrain,
    cross_section,
    cut_fill_map,
    grade,
    read_terrain,
    resolved,
    verify_plan,
)
from zonewright.workflows.books import Books
from zonewright.workflows.cut_fill_picture import picture
from zonewright.workflows.grading_question import (
    GradingQuestion,
    area_of,
    frame_around,
    pads_of,
    rates_told,
    sites_in,
)
from zonewright.workflows.rates import rates_version

PICTURE, GRID, PADS = "cut-fill.png", "cut-fill.asc", "pads.gpkg"
Floats = NDArray[np.float64]
Say = Callable[[float], None]
# Points of a cross-section that a page draws.
_MOST_POINTS = 400
_GAP = 1e-3


def problem_of(
    question: GradingQuestion, terrain_file: Path, books: Books
) -> tuple[GradingProblem, shapely.Geometry]:
    """Return the engine's problem, and the ground in the terrain's frame.

    Parameters
    ----------
    question
        What is asked.
    terrain_file
        GeoTIFF or ASCII grid. One in degrees is brought into the 3° frame of its place.
    books
        Of the workspace, which say where the block lies.

    Raises
    ------
    InputError
        If the file cannot be read, does not cover the block, or the place is not known.
    """
    area = area_of(question, books)
    terrain = _terrain(question, terrain_file, area)
    ground = _polygonal(terrain.in_this_frame(area, "EPSG:4490"))
    margin = 2 * max(terrain.cell_x_m, terrain.cell_y_m)
    west, south, east, north = ground.bounds
    cropped = terrain.cropped((west - margin, south - margin, east + margin, north + margin))
    pads = pads_of(question, cropped, ground)
    problem = GradingProblem(
        terrain=resolved(cropped, pads),
        pads=pads,
        rates=question.rates,
        sites=sites_in(question, cropped),
        balance=question.balance,
        max_step_m=question.max_step_m,
    )
    return problem, ground


def _terrain(question: GradingQuestion, file: Path, area: shapely.Geometry) -> Terrain:
    given = question.crs or None
    unit = question.height_unit
    try:
        return _known(read_terrain(file, crs=given, height_unit=unit))
    except CRSError as error:
        if error.code not in ("terrain-crs", "terrain-degrees"):
            raise
        # A file in degrees, or of the web's map: heights are taken over into metres of the place.
        own = given or ("EPSG:4490" if error.code == "terrain-degrees" else None)
        return read_terrain(file, crs=own, warp_to=frame_around(area), height_unit=unit)


def _known(terrain: Terrain) -> Terrain:
    if terrain.crs is None:
        raise CRSError("terrain-no-crs")
    return terrain


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a valid area: brought into another frame a ring may cross itself by a hair."""
    if shape.is_valid:
        return shape
    mended = shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(mended) if part.geom_type == "Polygon"]
    return shapely.union_all(parts)


def plan_grading(
    question: GradingQuestion,
    problem: GradingProblem,
    *,
    say: Say = lambda _share: None,
) -> GradingResult:
    """Return the cheapest levels of a block, beside the single best plane."""
    say(0.0)
    return grade(
        problem,
        gap=_GAP,
        time_limit_s=question.time_limit_s,
        progress=lambda _cost, _bound: say(0.5),
    )


def told(
    question: GradingQuestion,
    problem: GradingProblem,
    ground: shapely.Geometry,
    result: GradingResult,
) -> dict[str, object]:
    """Return a result as plain values: what a page, a command or a file shows of it."""
    terrain, plan = problem.terrain, result.plan
    shared: dict[str, object] = {
        "zone": question.zone,
        "on": question.on.isoformat(),
        "block": question.block,
        "parcels": list(question.parcels),
        "area_m2": float(ground.area),
        "bounds": list(terrain.bounds),
        "crs": terrain.crs.to_string() if terrain.crs is not None else "",
        "cell_m": [side * terrain.divided for side in (terrain.cell_x_m, terrain.cell_y_m)],
        "divided": terrain.divided,
        "rates": rates_told(question.rates),
        "rates_version": rates_version(),
        "balance": question.balance,
        "status": result.status,
        "cost_cny": result.cost_cny,
        "bound_cny": result.bound_cny,
        "gap": result.gap,
        "runtime_s": result.runtime_s,
        "findings": [_finding(found) for found in result.findings],
    }
    if plan is None:
        return shared | {"plan": None, "single": None, "sections": [], "outlines": []}
    wrong = verify_plan(problem, plan)
    return shared | {
        "verified": not wrong,
        "plan": _plan(problem, plan),
        "single": _plan(problem, result.single) if result.single is not None else None,
        "sections": [_section(*named) for named in sections(problem, plan, ground)],
        "outlines": _outlines(problem),
    }


def sections(
    problem: GradingProblem, plan: GradingPlan, ground: shapely.Geometry
) -> list[tuple[str, Profile]]:
    """Return profiles along and across the block, through the middle of its narrowest box."""
    box = shapely.minimum_rotated_rectangle(ground)
    a, b, c, d = shapely.get_coordinates(box)[:4]
    middle_lines = [((a + d) / 2, (b + c) / 2), ((a + b) / 2, (d + c) / 2)]
    middle_lines.sort(key=lambda ends: -float(np.hypot(*(ends[1] - ends[0]))))
    return [
        (name, cross_section(problem, plan, shapely.LineString(ends)))
        for name, ends in zip(("along", "across"), middle_lines, strict=True)
    ]


def write_pads(problem: GradingProblem, plan: GradingPlan, path: Path) -> None:
    """Write the platforms with levels and volumes as a GeoPackage in the terrain's frame."""
    rows = [
        {
            "pad": pad.name,
            "level_m": planned.plane.level_m,
            "slope_pct": 100 * planned.plane.slope,
            "cut_m3": planned.by_grid.cut_m3,
            "fill_m3": planned.by_grid.fill_m3,
            "area_m2": planned.by_grid.area_m2,
        }
        for pad, planned in zip(problem.pads, plan.pads, strict=True)
    ]
    shapes = [pad.polygon for pad in problem.pads]
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=problem.terrain.crs)
    frame.to_file(path, layer="pads", driver="GPKG")


def cut_fill_ascii(problem: GradingProblem, rise_m: Floats) -> str:
    """Return the map of cut and fill as an ASCII grid, which any GIS reads.

    Parameters
    ----------
    problem
        Whose terrain gives corner and cells.
    rise_m
        In the shape of the terrain [m]: fill above 0, cut below; NaN outside.
    """
    terrain = problem.terrain
    west, south, _east, _north = terrain.bounds
    rows, columns = rise_m.shape
    square = abs(terrain.cell_x_m - terrain.cell_y_m) < 1e-9 * terrain.cell_x_m
    size = (
        f"cellsize {terrain.cell_x_m:.10g}"
        if square
        else f"dx {terrain.cell_x_m:.10g}\ndy {terrain.cell_y_m:.10g}"
    )
    head = (
        f"ncols {columns}\nnrows {rows}\nxllcorner {west:.6f}\nyllcorner {south:.6f}\n"
        f"{size}\nNODATA_value -9999\n"
    )
    filled = np.where(np.isnan(rise_m), -9999.0, rise_m)
    return head + "\n".join(" ".join(f"{value:.3f}" for value in row) for row in filled) + "\n"


def write_files(problem: GradingProblem, plan: GradingPlan, folder: Path) -> list[str]:
    """Write grid and picture of cut and fill, and the platforms; return the paths.

    A folder that is missing is made; files of the same names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rise_m = rise_of(problem, plan)
    (folder / GRID).write_text(cut_fill_ascii(problem, rise_m), encoding="utf-8")
    (folder / PICTURE).write_bytes(picture(rise_m))
    write_pads(problem, plan, folder / PADS)
    return [str(folder / name) for name in (GRID, PICTURE, PADS)]


def rise_of(problem: GradingProblem, plan: GradingPlan) -> Floats:
    """Return how far the finished ground lies above the old one in each cell [m]."""
    return cut_fill_map(problem, plan)


def _plan(problem: GradingProblem, plan: GradingPlan) -> dict[str, object]:
    cost = plan.cost
    return {
        "pads": [
            {
                "name": planned.name,
                "level_m": planned.plane.level_m,
                "slope_pct": 100 * planned.plane.slope,
                "slope_east": planned.plane.slope_east,
                "slope_north": planned.plane.slope_north,
                "area_m2": planned.by_grid.area_m2,
                "missing_m2": planned.by_grid.missing_m2,
                "cut_m3": planned.by_grid.cut_m3,
                "fill_m3": planned.by_grid.fill_m3,
                "cut_prisms_m3": planned.by_prisms.cut_m3,
                "fill_prisms_m3": planned.by_prisms.fill_m3,
            }
            for planned in plan.pads
        ],
        "hauls": [asdict(haul) for haul in plan.hauls],
        "cost": {**asdict(cost), "total_cny": cost.total_cny},
        "cut_m3": plan.cut_m3,
        "fill_m3": plan.fill_m3,
        "shrink": plan.shrink,
        "imbalance": plan.imbalance,
        "walls_m2": plan.walls_m2,
        "prisms_by_grid": plan.prisms_by_grid,
        "sites": [site.name for site in problem.sites_used],
    }


def _section(name: str, profile: Profile) -> dict[str, object]:
    """Return a profile as plain values, thinned to what a page draws; edges of pads all stay."""
    count = len(profile.distance_m)
    names = np.array(profile.pad, dtype=object)
    edge = np.ones(count, dtype=bool)
    edge[1:-1] = (names[1:-1] != names[:-2]) | (names[1:-1] != names[2:])
    step = max(1, -(-count // _MOST_POINTS))
    kept = np.flatnonzero(edge | (np.arange(count) % step == 0))
    return {
        "name": name,
        "points": [
            [
                round(float(profile.distance_m[at]), 2),
                _known_height(profile.ground_m[at]),
                _known_height(profile.finished_m[at]),
                profile.pad[at],
            ]
            for at in kept
        ],
        "ends": [[float(profile.x[at]), float(profile.y[at])] for at in (0, count - 1)],
    }


def _known_height(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)


def _outlines(problem: GradingProblem) -> list[dict[str, object]]:
    """Return the platforms as rings [m], and a point inside each for its name."""
    simple = 0.25 * min(problem.terrain.cell_x_m, problem.terrain.cell_y_m)
    found: list[dict[str, object]] = []
    for pad in problem.pads:
        shape = shapely.simplify(pad.polygon, simple)
        point = shapely.point_on_surface(pad.polygon)
        rings = [
            [[round(x, 2), round(y, 2)] for x, y in shapely.get_coordinates(ring)]
            for part in shapely.get_parts(shape)
            for ring in (part.exterior, *part.interiors)
        ]
        found.append({"name": pad.name, "rings": rings, "at": [point.x, point.y]})
    return found


def _finding(found: Finding) -> dict[str, object]:
    params: Mapping[str, object] = {
        name: value if isinstance(value, str | int | float | bool) else str(value)
        for name, value in found.params.items()
    }
    return {
        "code": found.code,
        "severity": found.severity,
        "ids": list(found.ids),
        "params": params,
    }
