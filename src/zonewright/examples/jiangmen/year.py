"""A year of monthly returns: what each work and firm of the example reports from month to month.

January to October are the figures of the example's own works and firms, which add up to what was
published. November and December were not published: they go on at the works' and firms' own pace,
drawn by chance, and are synthetic altogether. So is the growth that the bureau is said to publish
of each zone: it is quoted in the return, never computed from levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.examples.jiangmen.firms import LAST_MONTHS, Firm
from zonewright.examples.jiangmen.frame import Floats
from zonewright.examples.jiangmen.work_returns import stage_of
from zonewright.examples.jiangmen.works import MONTHS, Work
from zonewright.examples.jiangmen.zones import Zones

YEAR = 2023
# Two start-up areas and the three parks of the platform hand in the returns of the year.
ZONES = ("JM-PT-HS", "JM-PT-KP", "JM-PT-TS", "JM-QD-GX", "JM-QD-PH")
_BEFORE = MONTHS.index((YEAR, 1))
_PUBLISHED = len(MONTHS) - _BEFORE
_ADDED = 12 - _PUBLISHED
# What a return quotes as published, in the order of `Year.growth`, and the document it names.
GROWTH = ("output_growth", "value_added_growth")
BULLETIN = "统计局月度快报（示例，虚构）"

Cell = str | int | float | date | None
Figures = Mapping[str, Mapping[str, Cell]]


@dataclass(frozen=True)
class Year:
    """What works and firms report in 2023.

    Parameters
    ----------
    works, firms
        All of the example.
    invested
        Work to its investment a month, from January to December [万元].
    spent_before
        Work to what it had spent by the end of 2022 [万元].
    totals
        Firm to output, value added, tax and power from January on: a row for each month from
        February to December [万元, 万kWh].
    growth
        Zone to the growth of output and of value added since January, as published: a row for each
        month from February to December [%].
    """

    works: Mapping[str, Work]
    firms: Mapping[str, Firm]
    invested: Mapping[str, NDArray[np.int64]]
    spent_before: Mapping[str, int]
    totals: Mapping[str, Floats]
    growth: Mapping[str, Floats]

    def figures(self, kind: str, month: int, zone: str = "") -> Figures:
        """Return what is reported for a month, by code and field.

        Parameters
        ----------
        kind
            ``works`` or ``firms``.
        month
            1 to 12; firms report January with February.
        zone
            Of the five, whose published growth comes with its firms; empty for none.

        Returns
        -------
        figures
            Of every work or firm of the example, and of each growth: code to fields
            [万元, 万kWh, %, days].
        """
        if kind == "works":
            return {code: self._work(work, month) for code, work in self.works.items()}
        quoted: dict[str, Mapping[str, Cell]] = {
            code: {"value": float(self.growth[zone][month - 2, at]), "document": BULLETIN}
            for at, code in enumerate(GROWTH)
            if zone in self.growth
        }
        return quoted | {
            code: {
                "output": int(rows[month - 2, 0]),
                "value_added": int(rows[month - 2, 1]),
                "tax": int(rows[month - 2, 2]),
                "power": round(float(rows[month - 2, 3]), 2),
            }
            for code, rows in self.totals.items()
        }

    def _work(self, work: Work, month: int) -> Mapping[str, Cell]:
        months = self.invested[work.code]
        spent = self.spent_before[work.code] + int(months[:month].sum())
        done = round(min(100.0, 100.0 * spent / work.total_cost), 1)
        found: dict[str, Cell] = {
            "invested": int(months[month - 1]),
            "invested_ytd": int(months[:month].sum()),
            "physical_pct": done,
        }
        if spent:
            found["stage_text"] = stage_of(done)
        for name in ("started_on", "finished_on"):
            day: date | None = getattr(work, name)
            if day is not None and (day.year, day.month) <= (YEAR, month):
                found[name] = day
        return found


def build_year(all_works: Sequence[Work], all_firms: Sequence[Firm], seed: int) -> Year:
    """Return the year of the example's works and firms; the same seed gives the same figures."""
    works = {work.code: work for work in all_works}
    firms = {firm.code: firm for firm in all_firms}
    rng = np.random.default_rng([seed, 80])
    return Year(
        works,
        firms,
        {code: _invested(work, rng) for code, work in works.items()},
        {code: int(work.invested[:_BEFORE].sum()) for code, work in works.items()},
        {code: _totals(firm, rng) for code, firm in firms.items()},
        _growth(np.random.default_rng([seed, 81])),
    )


def returning(zones: Zones, works: Mapping[str, Work], firms: Mapping[str, Firm]) -> frozenset[str]:
    """Return the codes of works and firms that the five zones report: what lies in them.

    A work lies where its point on the map does; a firm in its zone and those above.
    """
    below = _below(zones)
    shapes = [zones.degrees[zone] for zone in ZONES]
    found = {code for code, firm in firms.items() if firm.zone in below}
    for code, work in works.items():
        point = shapely.point_on_surface(work.geometry)
        if work.kind != "standard_factory" and any(shape.contains(point) for shape in shapes):
            found.add(code)
    return frozenset(found)


def _below(zones: Zones) -> set[str]:
    found = set(ZONES)
    while True:
        more = {row["child"] for row in zones.memberships if row["parent"] in found} - found
        if not more:
            return found
        found |= more


def _invested(work: Work, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return twelve months; those added go on at the pace of the last four, up to the cost."""
    past = work.invested[_BEFORE:].astype(np.int64)
    left = 0 if work.finished_on else max(0, work.total_cost - int(work.invested.sum()))
    added = []
    for chance in rng.uniform(0.6, 1.2, _ADDED):
        amount = min(left, int(past[-4:].mean() * chance))
        added.append(amount)
        left -= amount
    return np.concatenate([past, np.array(added, dtype=np.int64)])


def _totals(firm: Firm, rng: np.random.Generator) -> Floats:
    """Return the months from February on; those added bring what an earlier month brought."""
    rows = np.column_stack([firm.output, firm.value_added, firm.tax, firm.power]).astype(float)
    for chance in rng.uniform(0.9, 1.15, 12 - LAST_MONTHS[-1]):
        step = (rows[-1] - rows[0]) / (len(LAST_MONTHS) - 1)
        row = rows[-1] + step * chance
        row[:3] = np.floor(row[:3])
        rows = np.vstack([rows, row])
    return rows


def _growth(rng: np.random.Generator) -> Mapping[str, Floats]:
    """Return what is published of each zone: a level of its own that drifts from month to month."""
    return {
        zone: np.round(
            rng.uniform([4.0, 6.0], [12.0, 16.0]) + rng.normal(0.0, 0.6, (11, 2)).cumsum(axis=0), 1
        )
        for zone in ZONES
    }
