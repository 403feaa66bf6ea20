"""Public monthly series whose months add up to a year: read, and cut into what is known when."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zonewright.steering.forecast_methods import History

FOLDER = Path(__file__).parent / "data" / "forecast"
# Whole years before the first that is told: the record needs three.
LEAST_YEARS = 3
# The last years of a series are told, at most this share of those that could be, but at least two.
HELD_OUT = 0.25
LEAST_HELD_OUT = 2


@dataclass(frozen=True)
class Series:
    """A series from its first January to its last December.

    Parameters
    ----------
    name, what, source, licence
        As in ``sources.csv``.
    history
        Its whole years.
    """

    name: str
    what: str
    source: str
    licence: str
    history: History

    @property
    def held_out(self) -> tuple[int, ...]:
        """The years that are told; nothing was chosen or set by looking at them."""
        able = self.history.whole_years[LEAST_YEARS:]
        count = max(LEAST_HELD_OUT, int(HELD_OUT * len(self.history.whole_years)))
        return able[-count:]


def read_series(folder: Path = FOLDER) -> tuple[Series, ...]:
    """Return every series of the folder that has a year to tell."""
    amounts: dict[str, dict[int, float]] = {}
    for row in _rows(folder / "series.csv"):
        year, month = (int(part) for part in row["month"].split("-"))
        amounts.setdefault(row["series"], {})[year * 12 + month - 1] = float(row["value"])
    found = [
        Series(
            row["series"], row["what"], row["source"], row["licence"],
            whole_years(amounts[row["series"]]),
        )
        for row in _rows(folder / "sources.csv")
    ]  # fmt: skip
    return tuple(series for series in found if series.held_out)


def whole_years(amounts: Mapping[int, float]) -> History:
    """Return the months from the first January to the last December."""
    first, last = min(amounts), max(amounts)
    start = first + -first % 12
    end = last - (last + 1) % 12
    return History(start // 12, tuple(amounts[month] for month in range(start, end + 1)))


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))
