"""Ready blocks as a layer: land that is ready and contiguous, joined from what a reader may see."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock, Thread

import geopandas as gpd
import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

from zonewright.land.blocks import READY_STAGES, ready_blocks
from zonewright.land.stages import STAGES
from zonewright.store.selectors import bulk
from zonewright.web.tiles.grid import WORLD
from zonewright.web.tiles.ground import Ground
from zonewright.web.tiles.layers import Sheet, sheet

KEYS = ("code", "parcel_count", "area_m2", "area_mu")
MOST_KEPT = 12
# Blocks that took longer are made anew beside the readers, who see those from before.
QUICK_S = 0.5
REST = 20
_EVERYWHERE = (0, 0, WORLD, WORLD)
Allowed = NDArray[np.bool_] | None


@dataclass(slots=True)
class _Made:
    state: Hashable
    sheet: Sheet
    number: int
    took_s: float
    at: float


class BlockKeeper:
    """Keeps the blocks of some readers' zones and some days."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: dict[Hashable, _Made] = {}
        self._making: set[Hashable] = set()
        self._number = 0

    def forget(self) -> None:
        """Forget all blocks."""
        with self._lock:
            self._made.clear()

    def get(self, ground: Ground, key: tuple[object, ...], allowed: Allowed) -> tuple[Sheet, int]:
        """Return the blocks as a sheet, and a number that is another for other blocks.

        Parameters
        ----------
        ground
            The parcels.
        key
            The day, or None for the present, and what names the reader's zones.
        allowed
            Places that the reader may see; None for all.
        """
        state = (ground.token, ground.events_token if key[0] else "")
        with self._lock:
            made = self._made.get(key)
            if made is None:
                made = self._make(ground, key, allowed, state)
            elif made.state != state and time.monotonic() > made.at + REST * made.took_s:
                if made.took_s <= QUICK_S:
                    made = self._make(ground, key, allowed, state)
                elif key not in self._making:
                    self._making.add(key)
                    Thread(target=self._beside, args=(ground, key, allowed, state)).start()
            return made.sheet, made.number

    def _beside(
        self, ground: Ground, key: tuple[object, ...], allowed: Allowed, state: Hashable
    ) -> None:
        begin = time.monotonic()
        try:
            found = _blocks(ground, key, allowed)
            with self._lock:
                self._keep(key, state, found, time.monotonic() - begin)
        finally:
            with self._lock:
                self._making.discard(key)
            connection.close()

    def _make(
        self, ground: Ground, key: tuple[object, ...], allowed: Allowed, state: Hashable
    ) -> _Made:
        begin = time.monotonic()
        return self._keep(key, state, _blocks(ground, key, allowed), time.monotonic() - begin)

    def _keep(self, key: Hashable, state: Hashable, found: Sheet, took_s: float) -> _Made:
        self._number += 1
        self._made.pop(key, None)
        while len(self._made) >= MOST_KEPT:
            del self._made[next(iter(self._made))]
        made = _Made(state, found, self._number, took_s, time.monotonic())
        self._made[key] = made
        return made


def _blocks(ground: Ground, key: tuple[object, ...], allowed: Allowed) -> Sheet:
    """Return the blocks of the parcels that a reader may see on a day."""
    slots = ground.search(_EVERYWHERE, allowed)
    stage = ground.stage_on(slots, key[0])  # type: ignore[arg-type]
    ready = np.isin(stage, [STAGES.index(name) for name in READY_STAGES])
    codes: list[str] = []
    area_m2: list[float] = []
    shapes: list[bytes] = []
    for rows in bulk.parcel_rows(ground.ids[slots[ready]].tolist()):
        codes += rows.codes
        area_m2 += rows.area_m2.tolist()
        shapes += rows.geometries
    parcels = gpd.GeoDataFrame(
        {"stage": READY_STAGES[0], "area_m2": area_m2},
        index=codes,
        geometry=shapely.from_wkb(shapes),
        crs="EPSG:4490",
    )
    polygonal = parcels.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    blocks = ready_blocks(parcels[polygonal & parcels.geometry.is_valid])
    features = [
        {
            "code": str(code),
            "parcel_count": int(row.parcel_count),
            "area_m2": round(float(row.area_m2)),
            "area_mu": round(float(row.area_mu), 1),
        }
        for code, row in zip(blocks.index, blocks.itertuples(index=False), strict=True)
    ]
    return sheet([shape.wkb for shape in blocks.geometry], features, KEYS)
