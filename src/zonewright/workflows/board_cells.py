"""The cells of a board: what was done, against the target and its curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from zonewright.core.errors import InputError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.units import convert
from zonewright.land.hierarchy import Hierarchy
from zonewright.steering.catalogue import Indicator
from zonewright.steering.curves import Curve, curve_of
from zonewright.steering.figure import Question
from zonewright.steering.rollup import evaluate
from zonewright.store import selectors
from zonewright.store.selectors import TargetRow
from zonewright.store.selectors.locked_returns import locks_made
from zonewright.store.selectors.open_items import has_rows, zone_rows
from zonewright.workflows.board_column import Task, column_of
from zonewright.workflows.board_cube import BoardCube, board_cube
from zonewright.workflows.board_model import Board, BoardZone
from zonewright.workflows.board_parts import Part, Parts, parts_of_reporters
from zonewright.workflows.books import open_books
from zonewright.workflows.curves import YEARS, curve_for
from zonewright.workflows.kept import Kept
from zonewright.workflows.shortfalls import Shortfalls

KEPT_BOARDS = 24
# Causes of a cell that are told.
MOST_CAUSES = 5
_kept: Kept[tuple[str, int, datetime | None, Period], Board] = Kept(KEPT_BOARDS)


def kept_board(period: Period, as_of: datetime | None) -> Board:
    """Return the board of all zones, made once for a state of the workspace; call in one moment."""
    key = (selectors.fingerprint(as_of), locks_made(), as_of, period)
    return _kept.get(key, partial(make_board, period, as_of))


def forget() -> None:
    """Drop every board that is kept."""
    _kept.clear()


def headline(catalogue: Mapping[str, Indicator]) -> tuple[Indicator, ...]:
    """Return the indicators of the board in their order."""
    shown = (indicator for indicator in catalogue.values() if indicator.headline)
    return tuple(sorted(shown, key=lambda indicator: indicator.headline))


def make_board(period: Period, as_of: datetime | None) -> Board:
    """Compute the board of all zones.

    Colours go by the points against the target's curve alone. A forecast does not turn a cell red:
    one is made when somebody asks for it, and the same board must not differ by who asked before.

    Parameters
    ----------
    period
        January to the month of the board.
    """
    catalogue = selectors.catalogue(as_of)
    shown = headline(catalogue)
    codes = {indicator.code for indicator in shown}
    targets = [
        row for row in selectors.target_rows(period.year, as_of=as_of) if row.indicator in codes
    ]
    rows = [row for row in targets if not row.subject]
    seasonal = {row.indicator for row in rows if row.curve == "seasonal"}
    found = board_cube(catalogue, codes, period, as_of, seasonal=seasonal)
    zones = ordered_zones(found.hierarchy, as_of)
    tasks = _tasks(rows, catalogue, found, period, as_of)
    told = _told(shown, found, period, as_of)
    columns = {
        item.code: column_of(
            item, found.cube.zones, _values(item, found, period, as_of).tolist(),
            tasks.get(item.code, {}), month=period.last_month, parts=told[item.code],
        )
        for item in shown
    }  # fmt: skip
    shortfalls = Shortfalls(
        books=lambda: found.books or open_books(as_of),
        period=period,
        catalogue=catalogue,
        hierarchy=found.hierarchy,
        names={zone.code: (zone.zh, zone.en) for zone in zones},
        targets=targets,
        standing=lambda zone, code: columns[code].due(zone),
    )
    cells = tuple(
        column.cell(zone.code, shortfalls.of(zone.code, column.code, most=MOST_CAUSES))
        if column.is_behind(zone.code) else column.cell(zone.code)
        for zone in zones
        for column in columns.values()
    )  # fmt: skip
    return Board(period, as_of, zones, shown, cells)


def ordered_zones(hierarchy: Hierarchy, as_of: datetime | None) -> tuple[BoardZone, ...]:
    """Return every zone, those above before those below, each once."""
    known = {code: (zh, en, kind) for code, zh, en, kind in zone_rows(as_of)}
    found: dict[str, BoardZone] = {}
    roots = [code for code in known if not hierarchy.parents.get(code)]
    waiting = [(code, 0) for code in reversed(roots)]
    while waiting:
        code, depth = waiting.pop()
        if code in found or code not in known:
            continue
        found[code] = BoardZone(code, *known[code], depth)
        below = hierarchy.children.get(code, ())
        waiting.extend((child, depth + 1) for child in reversed(below))
    return tuple(found.values())


def _values(
    item: Indicator, found: BoardCube, period: Period, as_of: datetime | None
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return an indicator of every zone in the board's month."""
    if found.cube.can(item.code):
        values = found.cube.values(item.code)[:, found.at]
        found.cube.forget(item.code)
        return values
    values = np.full(len(found.cube.zones), np.nan)
    if item.table and item.table != "observations" and not has_rows(item.table):
        return values
    facts = (found.books or open_books(as_of)).facts(period.end_on)
    for at, zone in enumerate(found.cube.zones):
        number = evaluate(Question(item.code, zone, period), facts).number
        values[at] = np.nan if number is None else number
    return values


def _told(
    shown: Sequence[Indicator], found: BoardCube, period: Period, as_of: datetime | None
) -> dict[str, Mapping[str, Part]]:
    """Return, by indicator and zone, how many have reported where not all have."""
    told = {item.code: parts_of_reporters(item, found.cube, period) for item in shown}
    books = found.books
    if books is None:  # no records
        return told
    parts = Parts(lambda: books, found.cube.zones, found.hierarchy, period, as_of)
    return {item.code: told[item.code] or parts.of(item) for item in shown}


def _tasks(
    rows: Sequence[TargetRow],
    catalogue: Mapping[str, Indicator],
    found: BoardCube,
    period: Period,
    as_of: datetime | None,
) -> dict[str, dict[str, Task]]:
    """Return the year's targets by indicator and zone."""
    curves: dict[object, tuple[Curve, float]] = {}
    tasks: dict[str, dict[str, Task]] = {}
    for row in rows:
        indicator = catalogue[row.indicator]
        value = float("nan")
        of_zone = tasks.setdefault(indicator.code, {})
        try:
            value = float(
                row.value if row.unit == indicator.unit
                else convert(row.value, row.unit, indicator.unit)
            )  # fmt: skip
            if row.curve in ("seasonal", "milestone"):
                curve = _course(row, indicator, found, period, as_of)
                share = float(curve.share(period.last_month))
            else:
                key = (row.curve, *row.points.items())
                if key not in curves:
                    curve = curve_of(row.curve, points=row.points)
                    curves[key] = (curve, float(curve.share(period.last_month)))
                curve, share = curves[key]
            of_zone[row.zone] = Task(row.record, value, curve, share)
        except InputError as error:
            wrong = Finding(error.code, "warning", "targets", ids=(row.record,),
                            params=error.params)  # fmt: skip
            of_zone[row.zone] = Task(row.record, value, None, findings=(wrong,))
    return tasks


def _course(
    row: TargetRow,
    indicator: Indicator,
    found: BoardCube,
    period: Period,
    as_of: datetime | None,
) -> Curve:
    """Return a seasonal or milestone curve; the months of earlier years are in the cube."""
    if row.curve == "seasonal" and found.cube.can(indicator.code):
        months = found.cube.values(indicator.code, "month")[found.cube.zones.index(row.zone)]
        start = (period.year - YEARS) * 12 - found.cube.first
        amounts = np.nan_to_num(months[start : start + 12 * YEARS]).reshape(YEARS, 12).sum(axis=0)
        return curve_of("seasonal", amounts=tuple(float(amount) for amount in amounts))
    books = found.books or open_books(as_of)
    asked = Question(indicator.code, row.zone, period)
    return curve_for(books, asked, row.curve, row.points)
