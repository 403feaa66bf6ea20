"""The cells of a board: what was done, against the target and its curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, cast

import numpy as np

from zonewright.core.errors import InputError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.units import convert, unit
from zonewright.land.hierarchy import Hierarchy
from zonewright.steering.catalogue import Indicator
from zonewright.steering.curves import Curve, curve_of
from zonewright.steering.figure import Question
from zonewright.steering.pace_near import pace_near
from zonewright.steering.rollup import evaluate
from zonewright.steering.shortfall import Due
from zonewright.store import selectors
from zonewright.store.selectors import TargetRow
from zonewright.store.selectors.open_items import has_rows, zone_rows
from zonewright.workflows.board_cube import BoardCube, board_cube
from zonewright.workflows.board_model import Board, BoardCell, BoardZone
from zonewright.workflows.books import open_books
from zonewright.workflows.curves import YEARS, curve_for
from zonewright.workflows.kept import Kept
from zonewright.workflows.shortfalls import Shortfalls

KEPT_BOARDS = 24
# Causes of a cell that are told.
MOST_CAUSES = 5
_kept: Kept[tuple[str, datetime | None, Period], Board] = Kept(KEPT_BOARDS)


@dataclass(frozen=True, slots=True)
class Task:
    """A target of the board: its value in the indicator's unit, its curve, or what is wrong.

    `expected` is the share of it that is due by the month.
    """

    record: str
    value: float
    curve: Curve | None
    expected: float = 0.0
    findings: tuple[Finding, ...] = ()


def kept_board(period: Period, as_of: datetime | None) -> Board:
    """Return the board of all zones, made once for a state of the workspace; call in one moment."""
    fingerprint = selectors.fingerprint(as_of)
    return _kept.get((fingerprint, as_of, period), partial(make_board, period, as_of))


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
    values = {item.code: _values(item, found, period, as_of) for item in shown}
    place = {zone: at for at, zone in enumerate(found.cube.zones)}
    cells = tuple(
        _cell(zone.code, item, float(values[item.code][place[zone.code]]),
              tasks.get((zone.code, item.code)), period)
        for zone in zones
        for item in shown
    )  # fmt: skip
    by_place = {(cell.zone, cell.indicator): cell for cell in cells}
    shortfalls = Shortfalls(
        books=lambda: found.books or open_books(as_of),
        period=period,
        catalogue=catalogue,
        hierarchy=found.hierarchy,
        names={zone.code: (zone.zh, zone.en) for zone in zones},
        targets=targets,
        standing=lambda zone, code: _due(by_place.get((zone, code))),
    )
    cells = tuple(
        replace(cell, cause=shortfalls.of(cell.zone, cell.indicator, most=MOST_CAUSES))
        if cell.is_behind else cell
        for cell in cells
    )  # fmt: skip
    return Board(period, as_of, zones, shown, cells)


def _due(cell: BoardCell | None) -> Due | None:
    """Return what was due and done of a zone's own target; None where it has no pace."""
    if cell is None or cell.target is None or cell.expected_pct is None or cell.value is None:
        return None
    return Due("zone", cell.zone, cell.expected_pct / 100 * cell.target, cell.value)


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


def _tasks(
    rows: Sequence[TargetRow],
    catalogue: Mapping[str, Indicator],
    found: BoardCube,
    period: Period,
    as_of: datetime | None,
) -> dict[tuple[str, str], Task]:
    """Return the year's targets by zone and indicator."""
    curves: dict[object, Curve] = {}
    # The curve stays beside its share: no other object gets its identity meanwhile.
    shares: dict[int, tuple[Curve, float]] = {}
    tasks: dict[tuple[str, str], Task] = {}
    for row in rows:
        indicator, zone = catalogue[row.indicator], row.zone
        value = float("nan")
        try:
            value = float(
                row.value if row.unit == indicator.unit
                else convert(row.value, row.unit, indicator.unit)
            )  # fmt: skip
            if row.curve in ("seasonal", "milestone"):
                curve = _course(row, indicator, found, period, as_of)
            else:
                key = (row.curve, tuple(sorted(row.points.items())))
                if key not in curves:
                    curves[key] = curve_of(row.curve, points=row.points)
                curve = curves[key]
            if id(curve) not in shares:
                shares[id(curve)] = (curve, float(curve.share(period.last_month)))
            tasks[zone, indicator.code] = Task(row.record, value, curve, shares[id(curve)][1])
        except InputError as error:
            wrong = Finding(error.code, "warning", "targets", ids=(row.record,),
                            params=error.params)  # fmt: skip
            tasks[zone, indicator.code] = Task(row.record, value, None, findings=(wrong,))
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


def _cell(zone: str, item: Indicator, value: float, task: Task | None, period: Period) -> BoardCell:
    # Sums of floats end in noise; what is asked of a figure is told exactly by `explain`.
    done = None if value != value else float(f"{value:.12g}")
    plain = BoardCell(zone, item.code, done, item.unit)
    if task is None or task.value != task.value:
        return plain if task is None else replace(plain, findings=task.findings)
    if done is None or task.curve is None:
        return replace(plain, target=task.value, findings=task.findings)
    try:
        standing = pace_near(
            done, task.value, month=period.last_month, curve=task.curve, expected=task.expected
        )
    except InputError as error:
        wrong = Finding(error.code, "warning", "targets", ids=(task.record,), params=error.params)
        return replace(plain, target=task.value, findings=(wrong,))
    return BoardCell(
        zone=zone,
        indicator=item.code,
        value=done,
        unit=unit(item.unit).code,
        target=task.value,
        completion_pct=standing.completion_pct,
        expected_pct=standing.expected_pct,
        ahead_pp=standing.ahead_pp,
        remaining=standing.remaining,
        rate_needed=standing.rate_needed,
        colour=cast("Any", standing.colour),
        word_zh=standing.word_zh,
        word_en=standing.word_en,
        findings=task.findings,
    )
