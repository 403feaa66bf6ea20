"""What plans are made of in tests: a terrain over a parcel, and plots that touch."""

from __future__ import annotations

from datetime import date

import numpy as np
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from pyproj import Transformer

from tests.web import sample
from zonewright.store.models import Parcel, ParcelEvent
from zonewright.store.places import locate

CRS = "EPSG:4547"
# The parcel DK-0000 of `sample`: the south-west corner of the cluster [degrees].
WEST, SOUTH, EAST, NORTH = 112.7, 22.4, 112.764, 22.432
CELL_M = 200.0


def terrain_text(*, slope: float = 0.004, nodata: bool = False) -> str:
    """Return an ASCII grid that falls to the east, with a mound, over the parcel."""
    into = Transformer.from_crs("EPSG:4490", CRS, always_xy=True)
    x, y = into.transform([WEST, EAST, WEST, EAST], [SOUTH, SOUTH, NORTH, NORTH])
    west, south = min(x) - 3 * CELL_M, min(y) - 3 * CELL_M
    columns = int((max(x) - west) / CELL_M) + 4
    rows = int((max(y) - south) / CELL_M) + 4
    across, down = np.meshgrid(np.arange(columns), np.arange(rows))
    heights = (
        40 - slope * CELL_M * across + 6 * np.exp(-((across - 12) ** 2 + (down - 9) ** 2) / 20)
    )
    if nodata:
        heights[8:11, 10:13] = -9999
    lines = [" ".join(f"{height:.2f}" for height in row) for row in heights]
    head = (
        f"ncols {columns}\nnrows {rows}\nxllcorner {west}\nyllcorner {south}\n"
        f"cellsize {CELL_M}\nNODATA_value -9999\n"
    )
    return head + "\n".join(lines) + "\n"


def terrain(name: str = "ground.asc", **given: object) -> SimpleUploadedFile:
    """Return the terrain as an upload."""
    return SimpleUploadedFile(name, terrain_text(**given).encode(), "text/plain")  # type: ignore[arg-type]


def filled(**changed: object) -> dict[str, object]:
    """Return the form of a grading plan as somebody fills it in."""
    return {
        "zone": "Z1", "on": "2023-10-31", "block": "", "parcels": "DK-0000", "crs": CRS,
        "height_unit": "", "pattern": "terraces", "terraces": "2", "min_width_m": "400",
        "width_m": "100", "depth_m": "100", "turned_deg": "0", "max_slope_pct": "0",
        "min_level_m": "", "max_step_m": "", "balance": "yes", "cut_cny_m3": "9",
        "fill_cny_m3": "6.5", "haul_cny_m3_km": "2.8", "wall_cny_m2": "550", "swell": "1.25",
        "shrink": "0.9", "detour": "1.3", "sites": "", "time_limit_s": "1", **changed,
    }  # fmt: skip


# A stage for each plot: ready (R), acquired (A), only approved (B), before approval (C), supplied.
STAGE = {"R": "L5", "A": "L3", "B": "L2", "C": "L1", "S": "L8"}
PLOTS = ("RRACB", "RRAAB", "SSBBC", "RRRAC")


def plots(zone: str = "P1") -> None:
    """Add plots of 205 m by 222 m that touch, at the west end of a zone: 68 mu each."""
    west, south, _east, _north = sample.ZONES[zone][3] or (0, 0, 0, 0)
    for row, marks in enumerate(PLOTS):
        for column, mark in enumerate(marks):
            x, y = west + 0.002 * (column + 1), south + 0.002 * (row + 1)
            shape = shapely.MultiPolygon([shapely.box(x, y, x + 0.002, y + 0.002)])
            parcel = Parcel.objects.create(code=f"U{row}{column}", geometry=shape.wkb)
            ParcelEvent.objects.create(parcel=parcel, stage=STAGE[mark], on=date(2023, 2, 1))
    locate()


def means(**changed: object) -> dict[str, object]:
    """Return the form of an unlock plan as somebody fills it in."""
    return {
        "zone": "P1", "on": "2023-10-31", "budget_wan": "1,500", "target": "area",
        "threshold_mu": "300", "quota": "none", "quota_mu": "", "acquire_cny_mu": "90000",
        "compensate_cny_mu": "65000", "level_cny_mu": "45000", "connect_cny_mu": "30000",
        "time_limit_s": "1", **changed,
    }  # fmt: skip
