"""Vector tiles of the workspace's layers (Mapbox Vector Tile 2), made from what a process keeps.

Importing this package loads the compiler: only the server's processes do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from zonewright.land.stages import STAGES
from zonewright.store.selectors import bulk
from zonewright.web.tiles import grid, layers, wire
from zonewright.web.tiles.blocks import BlockKeeper
from zonewright.web.tiles.cache import Tile, TileCache
from zonewright.web.tiles.grid import BUFFER, EXTENT, bounds
from zonewright.web.tiles.ground import EVENTS, TABLE, Ground, Keeper, compile_search
from zonewright.web.tiles.joined import write_joined
from zonewright.web.tiles.singles import write_singles

__all__ = [
    "BUFFER", "EXTENT", "FIRST_ZOOM", "LAYERS", "SINGLE_ZOOM", "Asked", "Tile", "bounds", "exists",
    "forget", "tile", "warm",
]  # fmt: skip

LAYERS = ("zones", "parcels", "works", "no_go", "blocks")
REFERENCE = "ref-"
# First zoom at which a layer is drawn; below, its tiles are empty.
FIRST_ZOOM = {"zones": 0, "parcels": 6, "works": 7, "no_go": 7, "blocks": 6}
# First zoom at which parcels stay single; below, those of one stage are joined.
SINGLE_ZOOM = 12
AREA_ZOOM = 13
# How far an outline of many points may move [1/4096 of a tile].
TOLERANCE = 3.0
_TABLES: dict[str, tuple[str, ...]] = {
    "zones": ("store_zone", "store_zoneversion"),
    "parcels": (TABLE, EVENTS),
    "blocks": (TABLE, EVENTS),
    "works": ("store_work",),
    "no_go": ("store_nogo",),
}
_REFERENCE_TABLES = ("store_maplayer", "store_mapfeature")
_PLACES = "store_place"
# From how many parcels on the joined land is drawn more coarsely: (parcels, bits of the extent).
_COARSER = ((40_000, 11), (250_000, 10))
_COARSEST = 9
_TILE_OF_LOT = (208, 111)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks for.

    Parameters
    ----------
    layer
        One of `LAYERS`, or ``ref-`` and the code of a reference layer.
    z, x, y
        Which tile.
    scope
        Codes of the zones that the reader may see; None for everything.
    on
        Day of boundaries and stages; None means the present.
    """

    layer: str
    z: int
    x: int
    y: int
    scope: frozenset[str] | None = None
    on: date | None = None


class _Process:
    """What a process keeps for its readers."""

    def __init__(self) -> None:
        self.ground, self.blocks, self.tiles = Keeper(), BlockKeeper(), TileCache()
        self.sheets: dict[str, tuple[tuple[str, ...], layers.Sheet]] = {}
        self.allowed: dict[Hashable, NDArray[np.bool_]] = {}
        self.lock = threading.Lock()


_here = _Process()


def exists(layer: str, z: int, x: int, y: int) -> bool:
    """Return whether there may be such a layer, and is such a tile."""
    return (layer in LAYERS or layer.startswith(REFERENCE)) and grid.exists(z, x, y)


def tile(asked: Asked, tokens: Mapping[str, str]) -> Tile | None:
    """Return a tile as the workspace has it now; None if there is no such reference layer.

    Parameters
    ----------
    asked
        What is asked.
    tokens
        Change tokens of the workspace's tables, as they are now.
    """
    box = grid.world_box(asked.z, asked.x, asked.y)
    key = (asked.layer, asked.z, asked.x, asked.y, asked.scope, asked.on)
    if asked.z < FIRST_ZOOM.get(asked.layer, 0):
        return Tile.of(b"")
    allowed = _allowed(asked, tokens)
    if asked.layer == "parcels":
        ground = _here.ground.state(tokens, dated=asked.on is not None)
        version = (ground.changed(box), _scope_token(asked, tokens))
        afar = asked.z < SINGLE_ZOOM
        return _here.tiles.get(key, version, lambda: _parcels(ground, asked, allowed), afar=afar)
    if asked.layer == "blocks":
        ground = _here.ground.state(tokens, dated=asked.on is not None)
        who = (asked.on, asked.scope, _scope_token(asked, tokens))
        blocks, number = _here.blocks.get(ground, who, allowed)
        return _here.tiles.get(key, number, lambda: _sheet_tile(blocks, asked, allowed=None))
    sheet = _sheet(asked.layer, tokens)
    if sheet is None:
        return None
    found, state = sheet
    on = asked.on or timezone.localdate()
    if asked.layer.startswith(REFERENCE):
        allowed = None
    # A boundary begins on a day: the tile of the present is another tomorrow.
    of_day = on if asked.layer == "zones" else None
    return _here.tiles.get(
        key,
        (state, _scope_token(asked, tokens), of_day),
        lambda: _sheet_tile(found, asked, allowed=allowed),
    )


def forget() -> None:
    """Forget everything: the process works on another workspace."""
    _here.ground.forget()
    _here.blocks.forget()
    _here.tiles.clear()
    with _here.lock:
        _here.sheets.clear()
        _here.allowed.clear()


def warm() -> tuple[int, float]:
    """Compile what makes tiles and read the parcels; return how many parcels, and the time [s].

    For a thread of its own: it closes its connection to the workspace.
    """
    begin = time.monotonic()
    try:
        _compile()
        ground = _here.ground.state(bulk.tokens((TABLE, EVENTS)), dated=False)
        return int((~ground.dead).sum()), time.monotonic() - begin
    finally:
        connection.close()


def _compile() -> None:
    """Make a tile of each kind, so that the first reader does not wait for the compiler."""
    compile_search()
    lot = layers.sheet([shapely.box(112.8, 22.4, 112.9, 22.5).wkb], [{"code": "A"}], ("code",))
    _sheet_tile(lot, Asked("parcels", 8, *_TILE_OF_LOT), allowed=None)
    write_joined(
        lot.shapes, lot.index.order, np.zeros(1, dtype=np.int64), groups=1,
        box=grid.world_box(8, *_TILE_OF_LOT), margin=grid.margin_of(8), shift=grid.shift_of(8, 11),
    )  # fmt: skip


def _scope_token(asked: Asked, tokens: Mapping[str, str]) -> str:
    return "" if asked.scope is None else tokens[_PLACES]


def _allowed(asked: Asked, tokens: Mapping[str, str]) -> NDArray[np.bool_] | None:
    """Return by primary key which places (of the zones: which zones) a reader may see."""
    if asked.scope is None:
        return None
    of_zones = asked.layer == "zones"
    key = (asked.scope, of_zones, tokens.get("store_zone", "") if of_zones else tokens[_PLACES])
    found = _here.allowed.get(key)
    if found is None:
        keys = (bulk.zones_of if of_zones else bulk.places_in)(asked.scope)
        found = np.zeros(max(keys, default=-1) + 1, dtype=np.bool_)
        found[keys] = True
        with _here.lock:
            while len(_here.allowed) >= 256:
                del _here.allowed[next(iter(_here.allowed))]
            _here.allowed[key] = found
    return found


def _sheet(layer: str, tokens: Mapping[str, str]) -> tuple[layers.Sheet, tuple[str, ...]] | None:
    """Return a small layer and the state that it was read from; None if there is no such layer."""
    state = tuple(tokens[name] for name in _TABLES.get(layer, _REFERENCE_TABLES))
    kept = _here.sheets.get(layer)
    if kept is None or kept[0] != state:
        with _here.lock:
            kept = _here.sheets.get(layer)
            if kept is None or kept[0] != state:
                code = layer.removeprefix(REFERENCE)
                if layer not in _TABLES and not bulk.has_reference_layer(code):
                    _here.sheets.pop(layer, None)
                    return None
                read = layers.read_layer(layer) if layer in _TABLES else layers.read_reference(code)
                kept = _here.sheets[layer] = (state, read)
    return kept[1], kept[0]


def _sheet_tile(sheet: layers.Sheet, asked: Asked, *, allowed: NDArray[np.bool_] | None) -> bytes:
    box = grid.world_box(asked.z, asked.x, asked.y)
    rows = sheet.search(box, allowed, asked.on or timezone.localdate())
    if not len(rows):
        return b""
    features, values = write_singles(
        sheet.shapes,
        rows,
        sheet.ids,
        tags=sheet.tags[rows],
        values=(sheet.values, sheet.value_end),
        shared=sheet.shared,
        box=box,
        margin=grid.margin_of(asked.z),
        shift=grid.shift_of(asked.z),
        tolerance=TOLERANCE,
    )
    if not features:
        return b""
    return wire.layer(asked.layer, sheet.keys, values, features, EXTENT)


def _parcels(ground: Ground, asked: Asked, allowed: NDArray[np.bool_] | None) -> bytes:
    box = grid.world_box(asked.z, asked.x, asked.y)
    rows = ground.search(box, allowed)
    if not len(rows):
        return b""
    stage = ground.stage_on(rows, asked.on)
    if asked.z < SINGLE_ZOOM:
        return _joined(ground, asked, rows, stage)
    # The values begin with the stages; then come code and area of each slot.
    code = len(STAGES) + 2 * rows.astype(np.int64)
    columns = [stage, code, code + 1] if asked.z >= AREA_ZOOM else [stage, code]
    features, values = write_singles(
        ground.shapes,
        rows,
        ground.ids,
        tags=np.column_stack(columns).astype(np.int32),
        values=(ground.values, ground.value_end),
        shared=len(STAGES),
        box=box,
        margin=grid.margin_of(asked.z),
        shift=grid.shift_of(asked.z),
        tolerance=0.0,
    )
    if not features:
        return b""
    keys = ("stage", "code", "area_m2")[: len(columns)]
    return wire.layer("parcels", keys, values, features, EXTENT)


def _joined(
    ground: Ground, asked: Asked, rows: NDArray[np.int32], stage: NDArray[np.int64]
) -> bytes:
    bits = next((bits for most, bits in _COARSER if len(rows) <= most), _COARSEST)
    features = write_joined(
        ground.shapes,
        rows,
        stage + 1,
        groups=len(STAGES) + 1,
        box=grid.world_box(asked.z, asked.x, asked.y),
        margin=grid.margin_of(asked.z),
        shift=grid.shift_of(asked.z, bits),
    )
    if not features:
        return b""
    values = b"".join(wire.value_field(value) for value in ("", *STAGES))
    return wire.layer("parcels", ("stage",), values, features, 2**bits)
