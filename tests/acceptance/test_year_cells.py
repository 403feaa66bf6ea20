"""Every number of the board of the played year, recomputed from the cells that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from django.db import connection

from tests.acceptance.conftest import zonewright
from tests.acceptance.tracing import SCALES, Shelf
from zonewright.core.periods import Period
from zonewright.core.units import unit
from zonewright.examples.jiangmen.year import ZONES
from zonewright.examples.jiangmen.year_script import CORRECTED, TOO_MUCH
from zonewright.store import selectors
from zonewright.store import workspace as workspaces
from zonewright.store.access import operator
from zonewright.store.models import ReturnStep
from zonewright.workflows import board
from zonewright.workflows.figures import Derivation, DerivationLine

pytestmark = pytest.mark.slow

EXACT = 1e-9
ME = operator("test")
# 500 mu: the least of a block.
LEAST_BLOCK_M2 = 500 * 2000 / 3
CURVES = {"线性": "linear", "阶梯": "stepped"}


@dataclass(frozen=True)
class Seen:
    """A month of the board, and the time at which it is seen."""

    month: str
    as_of: datetime | None = None

    @property
    def period(self) -> Period:
        return Period.parse(self.month)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Shelf]:
    """Play the year as a stranger would, connect to it, and return its files."""
    folder = tmp_path_factory.mktemp("year")
    done = zonewright("demo", "--year", "--no-serve", "--dir", folder)
    assert done.code == 0, done.err[-4000:]
    assert "115 returns locked" in done.out
    with django_db_blocker.unblock():
        workspaces.connect(folder / "jiangmen.sqlite")
        yield Shelf(folder / "files")
        connection.close()


def before_correction() -> datetime:
    """Return a moment at which the corrected return was still as it was first locked."""
    step = ReturnStep.objects.get(action="reopened", of__zone__code=CORRECTED[1])
    at: datetime = step.at
    return at - timedelta(minutes=1)


def months() -> Iterator[Seen]:
    yield Seen("2023-12")
    yield Seen("2023-06")
    yield Seen("2023-04", before_correction())


def test_every_value_is_what_its_cells_make_up(shelf: Shelf) -> None:
    found = 0
    for seen in months():
        shown = board.board(seen.period, as_of=seen.as_of, access=ME)
        for cell in shown.cells:
            if cell.value is None:
                continue
            told = board.explain(cell.zone, cell.indicator, seen.period, seen.as_of)
            again = recomputed(told, shelf)
            assert cell.value == pytest.approx(float(again), rel=EXACT, abs=1e-12), cell
            found += 1
    assert found > 700
    # Workbooks of returns, not only what was imported before the year.
    assert shelf.read > 10_000


def test_the_corrected_month_rests_on_the_workbook_of_its_time(shelf: Shelf) -> None:
    was, now = (
        board.explain(CORRECTED[1], "works_invested", Period.parse("2023-04"), as_of)
        for as_of in (before_correction(), None)
    )
    difference = recomputed(was, shelf) - recomputed(now, shelf)
    assert difference == Fraction(TOO_MUCH, 10**4)
    first, later = (
        {line.card.place.file for line in told.lines if line.card.values["month"] == "2023-04"}
        for told in (was, now)
    )
    # What was right the first time rests on the first workbook, what was corrected on the second.
    assert len(first) == 1
    assert first < later
    assert len(later) == 2


def test_the_growth_of_the_five_zones_is_quoted_from_their_returns(shelf: Shelf) -> None:
    shown = board.board(Period.parse("2023-12"), access=ME)
    for zone in ZONES:
        cell = shown.cell(zone, "value_added_growth")
        assert cell is not None
        assert cell.value is not None
        (line,) = board.explain(zone, "value_added_growth", shown.period).lines
        assert shelf.is_return(line.card.place)


def test_what_is_made_of_other_figures_is_computed_from_theirs(shelf: Shelf) -> None:
    period = Period.parse("2023-12")
    for code in MADE_OF:
        told = board.explain("JM-PT", code, period)
        assert told.figure.number is not None, code
        assert told.figure.number == pytest.approx(float(recomputed(told, shelf)), rel=1e-6), code


def test_targets_and_what_is_due_of_them_are_those_of_the_target_sheet(shelf: Shelf) -> None:
    found = 0
    for seen in months():
        shown = board.board(seen.period, as_of=seen.as_of, access=ME)
        rows = selectors.target_rows(2023, as_of=seen.as_of)
        records = {(row.zone, row.indicator): row.record for row in rows if not row.subject}
        for cell in shown.cells:
            if cell.target is None:
                assert (cell.zone, cell.indicator) not in records
                continue
            (card,) = selectors.record_cards([records[cell.zone, cell.indicator]])
            target = shelf.amount(card.place) / SCALES[unit(cell.unit).label("zh")]
            assert cell.target == pytest.approx(float(target), rel=EXACT)
            if cell.value is None:
                continue
            due = _due(card.place, shelf, seen.period.last_month)
            assert cell.expected_pct == pytest.approx(due, abs=1e-6), cell
            done = 100 * cell.value / cell.target
            assert cell.completion_pct == pytest.approx(done, abs=1e-6)
            assert cell.ahead_pp == pytest.approx(done - due, abs=1e-6)
            found += 1
    assert found >= 3 * 10


def recomputed(told: Derivation, shelf: Shelf) -> Fraction:
    """Return what a figure's cells make up by its rule, in the figure's unit."""
    indicator = told.figure.indicator
    if told.inputs:
        return MADE_OF[indicator.code](
            {part.figure.question.indicator: recomputed(part, shelf) for part in told.inputs}
        )
    if indicator.rule == "blocks":
        return _blocks(told, shelf)
    scale = 1 / SCALES[unit(indicator.unit).label("zh")]
    return sum(
        (_given(line, told, shelf, scale) for line in told.lines if line.contribution is not None),
        Fraction(0),
    )


def _given(line: DerivationLine, told: Derivation, shelf: Shelf, scale: Fraction) -> Fraction:
    """Return what a record gives, from its cells; it must be what the product says it gives."""
    card, period = line.card, told.figure.question.period
    kind = card.record.partition(":")[0]
    indicator = told.figure.indicator
    if kind == "parcel_event":
        assert card.measured is not None
        code, area_m2 = shelf.shape(card.measured)
        assert code == card.code
        given = Fraction(area_m2) * scale
        assert period.start_on <= shelf.day(card.place) <= period.end_on
    elif indicator.rule == "count":
        given = Fraction(1)
        assert period.start_on <= shelf.day(card.place) <= period.end_on, card
    elif indicator.rule == "boundary_area":
        code, area_m2 = shelf.shape(card.place)
        assert code == card.code == told.figure.question.zone
        given = Fraction(area_m2) * scale
    else:
        given = shelf.amount(card.place) * scale
    assert line.contribution == pytest.approx(float(given), rel=1e-8), line
    return given


def _blocks(told: Derivation, shelf: Shelf) -> Fraction:
    """Return how many blocks there are; the parcels of each are drawn, and together large."""
    areas: dict[str, float] = {}
    for line in told.lines:
        code, area_m2 = shelf.shape(line.card.place)
        assert code == line.card.code
        areas[line.part] = areas.get(line.part, 0.0) + area_m2
    assert all(area_m2 >= LEAST_BLOCK_M2 * (1 - EXACT) for area_m2 in areas.values())
    return Fraction(len(areas))


def _due(place: Any, shelf: Shelf, month: int) -> float:
    """Return the share of a target that its row says is due by a month [%]."""
    page = shelf.sheet(place)
    curve, *points = (page.cell(place.row, column).value for column in range(8, 13))
    if CURVES[str(curve)] == "linear":
        return 100 * month / 12
    return float(np.interp(month, (0, 3, 6, 9, 12), (0.0, *map(float, points))))


Formula = Callable[[Mapping[str, Fraction]], Fraction]
MADE_OF: Mapping[str, Formula] = {
    "value_added_rate": lambda of: 100 * of["value_added"] / of["output"],
    "value_added_density": lambda of: of["value_added"] / of["boundary_area"],
}
