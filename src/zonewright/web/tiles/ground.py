"""The parcels in memory, in step with the workspace: what their tiles are made from.

A process reads the parcels once, and then only those that changed: the database logs them
(`models.Change`). A state of the ground never changes; a change makes another that shares what
stayed as it was. So tiles are made without a lock while others are being read.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import compiled
from zonewright.land.stages import STAGES
from zonewright.store.selectors import bulk
from zonewright.store.selectors.bulk import EventRows, LogMark, ParcelRows
from zonewright.web.tiles.columns import Column, ShapeColumns
from zonewright.web.tiles.grid import Box
from zonewright.web.tiles.index import Index, Slots
from zonewright.web.tiles.wire import Bytes, put_varint, value_field, varint_size
from zonewright.web.tiles.wkb import Shapes, read_shapes

Ints = NDArray[np.int64]
TABLE, EVENTS = "store_parcel", "store_parcelevent"
# Changed parcels stand behind the index, which is made anew when they are many.
MAX_BEHIND = 5_000
CELLS = 256
# How long a reader waits for others who read what changed, before the state from before will do.
PATIENCE_S = 2.0
NO_STAGE = 255
NEVER = np.int16(32767)
_EPOCH = date(2000, 1, 1).toordinal()
_STAGE_VALUES = b"".join(value_field(stage) for stage in STAGES)
_STAGE_ENDS = np.cumsum([len(value_field(stage)) for stage in STAGES])


@dataclass(frozen=True, slots=True)
class Ground:
    """One state of the parcels, by slot.

    Parameters
    ----------
    token, events_token
        Change tokens of the tables that it was read from.
    mark
        How far the log was read.
    shapes, ids, stage, place, values, value_end
        Columns by slot; `stage` is the position in `STAGES` or `NO_STAGE`. The values of attributes
        begin with the stages, then code and area [m²] of each slot.
    days
        Day on which each stage was reached, since 2000; None until somebody asks for a day.
    dead
        Whether a slot is no longer the parcel's, or the parcel is gone.
    index
        Over the first `indexed` slots.
    base
        How many slots were read at first, by ascending id.
    moved
        Slots behind those, by parcel.
    version
        Shape (`CELLS`, `CELLS`): number of the last change in each cell of `span`.
    """

    token: str
    events_token: str
    mark: LogMark
    shapes: Shapes
    ids: Ints
    stage: NDArray[np.uint8]
    place: NDArray[np.int32]
    values: Bytes
    value_end: Ints
    days: NDArray[np.int16] | None
    dead: NDArray[np.bool_]
    index: Index
    indexed: int
    base: int
    moved: Mapping[int, int]
    version: Ints
    span: Box
    columns: _Columns

    def search(self, box: Box, allowed: NDArray[np.bool_] | None) -> Slots:
        """Return the slots of parcels that meet a box and lie in an allowed place.

        Parameters
        ----------
        box
            In units of the world.
        allowed
            By primary key of a place; None allows also parcels without a place.
        """
        found = self.index.search(box)
        if self.indexed < len(self.ids):
            found = np.concatenate([found, _meeting(self.shapes.box, self.indexed, *box)])
        found = found[~self.dead[found]]
        if allowed is None:
            return found
        place = self.place[found]
        known = (place >= 0) & (place < len(allowed))
        return found[known & allowed[np.where(known, place, 0)]] if len(allowed) else found[:0]

    def stage_on(self, slots: Slots, on: date | None) -> Ints:
        """Return the position in `STAGES` that each had reached by a day, -1 for none."""
        if on is None or self.days is None:
            stage = self.stage[slots].astype(np.int64)
            return np.where(stage == NO_STAGE, -1, stage)
        return _furthest(self.days, slots, _day_number(on))

    def changed(self, box: Box) -> int:
        """Return the number of the last change in a box."""
        top, left, bottom, right = _cells(box, self.span)
        return int(self.version[top:bottom, left:right].max())


class Keeper:
    """Keeps the state of the parcels for the threads of a process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._state: Ground | None = None
        self._changes = 0

    def forget(self) -> None:
        """Forget what was read: the process works on another workspace."""
        with self._lock:
            self._state = None

    def state(self, tokens: Mapping[str, str], *, dated: bool) -> Ground:
        """Return the parcels as the workspace has them now.

        Parameters
        ----------
        tokens
            Change tokens of the parcels and of their events.
        dated
            Whether stages of a day will be asked for.
        """
        state = self._state
        if state is not None and _holds(state, tokens, dated):
            return state
        # Who finds that others read for long takes the state from before, if it will do.
        fits = state is not None and (state.days is not None or not dated)
        if not self._lock.acquire(timeout=PATIENCE_S if fits else -1):
            return state  # type: ignore[return-value]
        try:
            state = self._state
            if state is None or not _holds(state, tokens, dated):
                state = self._state = self._renewed(state, tokens, dated)
            return state
        finally:
            self._lock.release()

    def _renewed(self, state: Ground | None, tokens: Mapping[str, str], dated: bool) -> Ground:
        if state is None:
            return self._read(tokens, dated)
        if dated and state.days is None:
            state = self._with_days(state)
        told = bulk.changed_since(TABLE, state.mark, time.monotonic())
        if told is None or (not told.rows and told.token != state.token):
            # The log is cut off, or does not tell of a change: another program emptied the table.
            return self._read(tokens, dated)
        rows = told.rows if state.days is None else told.rows | told.others
        found = _replaced(state, token=told.token, events_token=tokens[EVENTS], mark=told.mark)
        if not rows:
            return found
        if len(state.ids) + len(rows) > 2 * state.base + MAX_BEHIND:
            return self._read(tokens, dated)  # most of what is kept is no longer used
        return self._changed(found, rows)

    def _read(self, tokens: Mapping[str, str], dated: bool) -> Ground:
        """Read all parcels; what changes meanwhile stands in the log behind the mark."""
        self._changes += 1
        mark = bulk.log_mark()
        columns = _Columns()
        for rows in bulk.parcel_rows():
            columns.add(rows)
        count = len(columns.ids)
        shapes = columns.shapes.shapes
        state = Ground(
            tokens[TABLE], tokens[EVENTS], mark, shapes, columns.ids.rows, columns.stage.rows,
            columns.place.rows, columns.values.rows, columns.value_end.rows, None,
            np.zeros(count, dtype=np.bool_), Index.of(shapes.box), count,
            count, {}, np.full((CELLS, CELLS), self._changes), _span_of(shapes.box), columns,
        )  # fmt: skip
        return self._with_days(state) if dated else state

    def _with_days(self, state: Ground) -> Ground:
        days = Column(np.int16, width=len(STAGES))
        days.add(np.full((len(state.ids), len(STAGES)), NEVER))
        events = bulk.event_rows()
        _note_days(days.rows, _slots_of(state, events.parcels), events)
        state.columns.days = days
        return _replaced(state, days=days.rows)

    def _changed(self, state: Ground, rows: Set[int]) -> Ground:
        self._changes += 1
        before = _slots_of(state, np.fromiter(rows, dtype=np.int64, count=len(rows)))
        before = before[before >= 0]
        columns, first = state.columns, len(state.ids)
        columns.keep(first)
        for more in bulk.parcel_rows(rows):
            columns.add(more)
        added = range(first, len(columns.ids))
        moved = {**state.moved, **dict(zip(columns.ids.rows[first:].tolist(), added, strict=True))}
        dead = np.concatenate([state.dead, np.zeros(len(added), dtype=np.bool_)])
        dead[before] = True
        shapes = columns.shapes.shapes
        version = state.version.copy()
        for slot in [*before.tolist(), *added]:
            top, left, bottom, right = _cells(tuple(shapes.box[slot].tolist()), state.span)
            version[top:bottom, left:right] = self._changes
        found = _replaced(
            state, shapes=shapes, ids=columns.ids.rows, stage=columns.stage.rows,
            place=columns.place.rows, values=columns.values.rows,
            value_end=columns.value_end.rows, dead=dead, moved=moved, version=version,
        )  # fmt: skip
        if state.days is not None:
            found = _with_days_of(found, rows)
        behind = len(found.ids) - found.indexed
        return found if behind <= MAX_BEHIND else _indexed(found)


class _Columns:
    """What the states of a reading share."""

    def __init__(self) -> None:
        self.shapes = ShapeColumns()
        self.ids, self.stage = Column(np.int64), Column(np.uint8)
        self.place = Column(np.int32)
        self.values, self.value_end = Column(np.uint8), Column(np.int64)
        self.days: Column | None = None
        self.values.add(np.frombuffer(_STAGE_VALUES, dtype=np.uint8))
        self.value_end.add(_STAGE_ENDS)

    def keep(self, count: int) -> None:
        """Drop what stands behind some slots: a reading that failed left it there."""
        self.shapes.keep(count)
        for column in (self.ids, self.stage, self.place):
            column.keep(count)
        self.value_end.keep(len(STAGES) + 2 * count)
        self.values.keep(int(self.value_end.rows[-1]))
        if self.days is not None:
            self.days.keep(count)

    def add(self, rows: ParcelRows) -> None:
        """Add parcels at the end."""
        number = {stage: position for position, stage in enumerate(STAGES)}
        self.shapes.add(read_shapes(rows.geometries))
        self.ids.add(rows.ids)
        stages = [number.get(stage, NO_STAGE) for stage in rows.stages]
        self.stage.add(np.array(stages, dtype=np.uint8))
        self.place.add(rows.places.astype(np.int32))
        codes = [code.encode() for code in rows.codes]
        ends = np.cumsum(np.fromiter(map(len, codes), dtype=np.int64, count=len(codes)))
        area_m2 = np.round(np.nan_to_num(rows.area_m2, nan=0.0)).astype(np.int64)
        text = np.frombuffer(b"".join(codes), dtype=np.uint8)
        values, value_end = _attributes(text, ends, area_m2)
        self.value_end.add(value_end + len(self.values))
        self.values.add(values)


def compile_search() -> None:
    """Compile what finds parcels and their stages, so that no reader waits for it."""
    box = np.zeros((1, 4), dtype=np.int32)
    _meeting(box, 0, 0, 0, 1, 1)
    _furthest(np.zeros((1, len(STAGES)), dtype=np.int16), np.zeros(1, dtype=np.int32), 0)


def _replaced(state: Ground, **changes: object) -> Ground:
    values = {name: getattr(state, name) for name in Ground.__slots__}
    return Ground(**values | changes)


def _holds(state: Ground, tokens: Mapping[str, str], dated: bool) -> bool:
    if state.token != tokens[TABLE]:
        return False
    return not dated or (state.days is not None and state.events_token == tokens[EVENTS])


def _indexed(state: Ground) -> Ground:
    """Return the state with an index over all slots that are alive."""
    box = state.shapes.box.copy()
    box[state.dead] = (1, 1, 0, 0)
    return _replaced(state, index=Index.of(box), indexed=len(state.ids))


def _slots_of(state: Ground, parcels: Ints) -> Ints:
    """Return the slot of each parcel, -1 if it is not on the map."""
    first = state.ids[: state.base]
    at = np.searchsorted(first, parcels)
    known = at < len(first)
    known[known] = first[at[known]] == parcels[known]
    found = np.where(known, at, -1)
    if not state.moved:
        return found
    pairs = zip(parcels.tolist(), found.tolist(), strict=True)
    return np.array([state.moved.get(key, slot) for key, slot in pairs], dtype=np.int64)


def _with_days_of(state: Ground, parcels: Set[int]) -> Ground:
    """Return the state with the days of parcels that stand at its end."""
    days = state.columns.days
    if days is None:
        raise TypeError("days were not read")
    days.add(np.full((len(state.ids) - len(days), len(STAGES)), NEVER))
    events = bulk.event_rows(parcels)
    slots = _slots_of(state, events.parcels)
    # What stood there before belongs to earlier states.
    slots[state.dead[slots]] = -1
    _note_days(days.rows, slots, events)
    return _replaced(state, days=days.rows)


def _day_number(on: date) -> int:
    return max(min(on.toordinal() - _EPOCH, int(NEVER) - 1), -32768)


def _note_days(days: NDArray[np.int16], slots: Ints, events: EventRows) -> None:
    """Write the day of each event; of several of one stage the one recorded last stays."""
    number = {stage: position for position, stage in enumerate(STAGES)}
    stages = np.array([number.get(stage, -1) for stage in events.stages], dtype=np.int64)
    since = {day: _day_number(date.fromisoformat(day)) for day in set(events.days)}
    numbers = np.array([since[day] for day in events.days], dtype=np.int16)
    kept = (slots >= 0) & (stages >= 0)
    days[slots[kept], stages[kept]] = numbers[kept]


def _span_of(boxes: NDArray[np.int32]) -> Box:
    drawn = boxes[boxes[:, 0] <= boxes[:, 2]]
    if not len(drawn):
        return (0, 0, 2**31, 2**31)
    low, high = drawn[:, :2].min(axis=0), drawn[:, 2:].max(axis=0)
    return (int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1)


def _cells(box: tuple[int, ...], span: Box) -> tuple[int, int, int, int]:
    """Return the rows and columns of cells that a box meets; what lies outside meets the rim."""

    def of(value: int, low: int, high: int) -> int:
        return min(max((value - low) * CELLS // (high - low), 0), CELLS - 1)

    left, right = of(box[0], span[0], span[2]), of(box[2], span[0], span[2])
    top, bottom = of(box[1], span[1], span[3]), of(box[3], span[1], span[3])
    return top, left, max(bottom, top) + 1, max(right, left) + 1


@compiled
def _meeting(
    boxes: NDArray[np.int32], first: int, west: int, north: int, east: int, south: int
) -> Slots:
    found = np.empty(len(boxes) - first, dtype=np.int32)
    count = 0
    for row in range(first, len(boxes)):
        if (
            boxes[row, 0] <= east
            and boxes[row, 2] >= west
            and boxes[row, 1] <= south
            and boxes[row, 3] >= north
        ):
            found[count] = row
            count += 1
    return found[:count]


@compiled
def _furthest(days: NDArray[np.int16], slots: Slots, on: int) -> Ints:
    found = np.full(len(slots), -1, dtype=np.int64)
    for i in range(len(slots)):
        for stage in range(days.shape[1] - 1, -1, -1):
            if days[slots[i], stage] <= on:
                found[i] = stage
                break
    return found


@compiled
def _attributes(text: Bytes, ends: Ints, area_m2: Ints) -> tuple[Bytes, Ints]:
    """Return code and area of each row as values of a layer, and where each ends."""
    out = np.empty(len(text) + 48 * len(ends), dtype=np.uint8)
    value_end = np.empty(2 * len(ends), dtype=np.int64)
    at, start = 0, 0
    for row in range(len(ends)):
        size = ends[row] - start
        out[at] = 0x22
        at = put_varint(out, at + 1, 1 + varint_size(size) + size)
        out[at] = 0x0A
        at = put_varint(out, at + 1, size)
        out[at : at + size] = text[start : ends[row]]
        at += size
        value_end[2 * row] = at
        out[at], out[at + 1], out[at + 2] = 0x22, 1 + varint_size(area_m2[row]), 0x28
        at = put_varint(out, at + 3, area_m2[row])
        value_end[2 * row + 1] = at
        start = ends[row]
    return out[:at].copy(), value_end
