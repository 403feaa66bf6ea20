"""Figures that are computed from records, for every zone and month at once.

Which rows count is decided by the same functions as for a single figure (`rows`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.schema import require_columns
from zonewright.steering.catalogue import Indicator
from zonewright.steering.figure import Facts
from zonewright.steering.rows import rows_in_zone, rows_meeting, rows_once, table_of

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RecordFigures:
    """Sums and counts of records by zone and month.

    Parameters
    ----------
    facts
        What there is to compute from; its zones are those of one day.
    zones
        Zone codes; Z of them.
    first
        The first month, a January, counted as `core.periods.Period` does.
    months
        How many months; T.
    """

    facts: Facts
    zones: tuple[str, ...]
    first: int
    months: int

    def __call__(self, indicator: Indicator, kind: Literal["month", "ytd"]) -> Values:
        """Return an indicator, shape (Z, T), in base units; NaN where the table says nothing."""
        found = np.full((len(self.zones), self.months), np.nan)
        if indicator.rule == "boundary_area":
            for at, zone in enumerate(self.zones):
                area_m2 = self.facts.scope.area_m2(zone)
                found[at] = np.nan if area_m2 is None else area_m2
            return found
        frame = table_of(self.facts, indicator.table)
        if not len(frame):
            return found
        rows = self._rows(frame, indicator)
        for at, zone in enumerate(self.zones):
            inside = rows_in_zone(self.facts, indicator.table, zone)
            if inside.any():
                found[at] = self._of_zone(rows[inside[rows["at"].to_numpy()]], indicator, kind)
        return found

    def _rows(self, frame: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
        """Return the rows that count in some month: ``at``, ``month``, ``value``, ``key``."""
        counts = rows_meeting(frame, indicator.where, of=indicator.table)
        counts &= rows_once(self.facts, indicator.table)
        rows = pd.DataFrame({"at": np.flatnonzero(counts)})
        picked = frame.iloc[rows["at"].to_numpy()]
        rows["month"] = 0
        if indicator.when:
            require_columns(frame, indicator.when, of=indicator.table)
            on = pd.to_datetime(picked[indicator.when])
            month = (on.dt.year * 12 + on.dt.month - 1 - self.first).to_numpy(dtype=float)
            rows["month"] = month
        if indicator.rule == "sum":
            rows["value"] = picked[indicator.value].to_numpy(dtype=float, na_value=np.nan)
            rows = rows[rows["value"].notna()]
        elif indicator.rule == "distinct":
            rows["key"] = picked[indicator.value].to_numpy()
            rows = rows[rows["key"].notna() & (rows["key"] != "")]
        rows = rows[rows["month"].notna() & (rows["month"] < self.months)]
        return rows.astype({"month": "int64"})

    def _of_zone(self, rows: pd.DataFrame, indicator: Indicator, kind: str) -> Values:
        """Return a zone's figure for each month."""
        is_stock = indicator.nature == "stock"
        if not indicator.when:
            return np.full(self.months, self._total(rows, indicator))
        if not is_stock:
            rows = rows[rows["month"] >= 0]
        if indicator.rule == "distinct":
            rows = rows.sort_values("month", kind="stable")
            span = rows["month"] * 0 if is_stock else rows["month"] // (12 if kind == "ytd" else 1)
            rows = rows.assign(span=span).drop_duplicates(["span", "key"])
        weights = rows["value"] if indicator.rule == "sum" else None
        month = rows["month"].clip(lower=0)
        found = np.bincount(month, weights, minlength=self.months).astype(float)
        if is_stock:
            return np.cumsum(found)
        if kind == "month":
            return found
        years = -(-self.months // 12)
        padded = np.zeros(years * 12)
        padded[: self.months] = found
        return np.cumsum(padded.reshape(years, 12), axis=1).ravel()[: self.months]

    def _total(self, rows: pd.DataFrame, indicator: Indicator) -> float:
        if indicator.rule == "sum":
            return float(rows["value"].sum())
        return float(rows["key"].nunique() if indicator.rule == "distinct" else len(rows))
