"""Which records, or which zones below, carry the shortfall of a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import pandas as pd

from zonewright.core.periods import Period
from zonewright.core.units import factor
from zonewright.land.hierarchy import Hierarchy
from zonewright.steering.catalogue import Indicator
from zonewright.steering.rows import rows_meeting
from zonewright.store.selectors import open_items
from zonewright.workflows.board_model import BoardCell, BoardZone, Cause, CauseKind
from zonewright.workflows.books import Books, open_books

# Causes of a cell that are told.
MOST = 5


@dataclass(frozen=True, eq=False)
class _Open:
    """Records that owe something: ``record``, ``name``, ``zone``, ``owner``, ``short``, ``due``."""

    kind: CauseKind
    table: str
    column: str
    rows: pd.DataFrame


@dataclass(eq=False)
class Causes:
    """The causes of a board's cells.

    Parameters
    ----------
    cells, zones
        Of the board.
    catalogue
        Indicators by code.
    hierarchy
        Of the last day of the month.
    period
        January to the month of the board.
    as_of
        Time at which the workspace is seen.
    """

    cells: Iterable[BoardCell]
    zones: tuple[BoardZone, ...]
    catalogue: Mapping[str, Indicator]
    hierarchy: Hierarchy
    period: Period
    as_of: datetime | None
    _by_place: dict[tuple[str, str], BoardCell] = field(init=False, repr=False)
    _names: dict[str, BoardZone] = field(init=False, repr=False)
    _open: dict[str, _Open | None] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_place = {(cell.zone, cell.indicator): cell for cell in self.cells}
        self._names = {zone.code: zone for zone in self.zones}

    def of(self, cell: BoardCell) -> tuple[Cause, ...]:
        """Return what carries the shortfall of a cell, the largest part first."""
        return self._records(cell) or self._members(cell)

    def _members(self, cell: BoardCell) -> tuple[Cause, ...]:
        """Return the zones below that are behind their own targets; of two levels the lower."""
        behind: dict[str, float] = {}
        for code in self.hierarchy.below(cell.zone):
            short = self._short(self._by_place.get((code, cell.indicator)))
            if short > 0:
                behind[code] = short
        if not behind:
            return ()
        upper = {
            code for code in behind if any(low in behind for low in self.hierarchy.below(code))
        }
        found = [(short, code) for code, short in behind.items() if code not in upper]
        total = sum(short for short, _ in found)
        largest = sorted(found, key=lambda item: (-item[0], item[1]))[:MOST]
        return tuple(
            Cause("zone", f"zone:{code}", code, self._names[code].zh, self._names[code].en, code,
                  short, 100 * short / total)
            for short, code in largest
        )  # fmt: skip

    @staticmethod
    def _short(cell: BoardCell | None) -> float:
        """Return by how much a cell is behind what was due by the month [its unit]."""
        if cell is None or cell.target is None or cell.ahead_pp is None:
            return 0.0
        return max(0.0, -cell.ahead_pp / 100 * cell.target)

    def _records(self, cell: BoardCell) -> tuple[Cause, ...]:
        indicator = self.catalogue[cell.indicator]
        if indicator.code not in self._open:
            self._open[indicator.code] = self._owing(indicator)
        owing = self._open[indicator.code]
        if owing is None or owing.rows.empty:
            return ()
        rows = owing.rows[self._inside(owing, cell.zone)]
        total = float(rows["short"].sum())
        if total <= 0:
            return ()
        largest = rows.sort_values("short", ascending=False, kind="stable").head(MOST)
        return tuple(
            Cause(
                owing.kind, str(row["record"]), str(code), str(row["name"]), str(row["name"]),
                str(row["zone"]), float(row["short"]), 100 * float(row["short"]) / total,
                _day(row["due"]), str(row["owner"]),
            )
            for code, row in largest.to_dict("index").items()
        )  # fmt: skip

    def _inside(self, owing: _Open, zone: str) -> np.ndarray:
        """Return which of the records lie in a zone on the last day of the month."""
        frame = self._books.tables[owing.table]
        mask = self._books.scope(self.period.end_on).mask(frame, zone)
        inside = set(frame[owing.column].to_numpy()[mask])
        return owing.rows.index.isin(inside)

    @property
    def _books(self) -> Books:
        return open_books(self.as_of)

    def _owing(self, indicator: Indicator) -> _Open | None:
        """Return the records that owe an indicator something by the end of the month."""
        makers: dict[str, Callable[[Indicator], _Open | None]] = {
            "work_months": self._works_behind_plan,
            "works": self._works_late,
            "parcel_events": self._parcels_late,
            "ventures": self._ventures_late,
        }
        maker = makers.get(indicator.table)
        if maker is None or indicator.nature != "flow":
            return None
        if not open_items.has_rows(indicator.table.replace("work_months", "works")):
            return None
        return maker(indicator)

    def _works_behind_plan(self, indicator: Indicator) -> _Open | None:
        """Return works whose investment is behind an even share of their plan of the year."""
        if indicator.value != "invested_cny":
            return None
        works = open_items.works_planned(self.as_of)
        works = works[_meeting(works, indicator)]
        months = self._books.tables["work_months"]
        end = pd.Timestamp(self.period.end_on)
        start = pd.Timestamp(self.period.start_on)
        inside = (months["month"] >= start) & (months["month"] <= end)
        done = months[inside].groupby("work")["invested_cny"].sum()
        due = works["year_plan_cny"] * self.period.last_month / 12
        short = (due - done.reindex(works.index).fillna(0.0)) * float(factor("元", indicator.unit))
        return _open("work", "works", "work", works, short, works["planned_finish"])

    def _works_late(self, indicator: Indicator) -> _Open | None:
        """Return works that were to begin, or to be finished, by the month and are not."""
        planned = {"started_on": "planned_start", "finished_on": "planned_finish"}
        if indicator.when not in planned:
            return None
        works = open_items.works_planned(self.as_of)
        works = works[_meeting(works, indicator)]
        late = self._late(works[planned[indicator.when]], works[indicator.when])
        size = pd.Series(1.0, index=works.index)
        if indicator.rule == "sum":
            if indicator.value not in works:
                return None
            size = works[indicator.value] * float(factor("m2", indicator.unit))
        return _open("work", "works", "work", works, size.where(late, 0.0),
                     works[planned[indicator.when]])  # fmt: skip

    def _parcels_late(self, indicator: Indicator) -> _Open | None:
        """Return parcels that are to be available by the year's end and lack the stage."""
        stages = [c.values for c in indicator.where if c.field == "stage" and c.op == "="]
        if indicator.value != "area_m2" or not stages:
            return None
        year_end = date(self.period.year, 12, 31)
        parcels = open_items.parcels_planned(year_end, self.as_of)
        events = self._books.tables["parcel_events"]
        end = pd.Timestamp(self.period.end_on)
        # Who has come further has passed the stage, whether it was noted or not.
        reached = events[(events["on"] <= end) & (events["stage"] >= min(stages[0]))]
        areas = self._books.tables["parcels"].drop_duplicates("parcel").set_index("parcel")
        area_m2 = areas["area_m2"].reindex(parcels.index).fillna(0.0)
        lacks = ~parcels.index.isin(set(reached["parcel"]))
        short = area_m2.where(lacks, 0.0) * float(factor("m2", indicator.unit))
        return _open("parcel", "parcels", "parcel", parcels, short, parcels["available_on"])

    def _ventures_late(self, indicator: Indicator) -> _Open | None:
        """Return projects that were to be signed by the month and are not."""
        if indicator.when != "signed_on" or indicator.rule != "count":
            return None
        ventures = open_items.ventures_planned("signed", self.as_of)
        known = self._books.tables["ventures"].set_index("venture")
        wanted = known[rows_meeting(known, indicator.where, of="ventures")].index
        ventures = ventures[ventures.index.isin(wanted)]
        late = self._late(ventures["planned_on"], ventures["actual_on"])
        return _open("venture", "ventures", "venture", ventures, late.astype(float),
                     ventures["planned_on"])  # fmt: skip

    def _late(self, planned: pd.Series, actual: pd.Series) -> pd.Series:
        end = pd.Timestamp(self.period.end_on)
        return (planned <= end) & ~(actual <= end)


def _meeting(works: pd.DataFrame, indicator: Indicator) -> np.ndarray:
    """Return which works an indicator counts, by the conditions that concern works."""
    of_works = [condition for condition in indicator.where if condition.field in works]
    return rows_meeting(works, of_works, of="works")


def _open(
    kind: CauseKind, table: str, column: str, rows: pd.DataFrame, short: pd.Series, due: pd.Series
) -> _Open:
    found = rows.assign(short=short, due=due)[["record", "name", "zone", "owner", "short", "due"]]
    return _Open(kind, table, column, found[found["short"] > 0])


def _day(given: object) -> date | None:
    if not isinstance(given, pd.Timestamp) or pd.isna(given):
        return None
    found: date = given.date()
    return found
