"""Dated values of parcels: what holds on a day, and since when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.errors import InputError
from zonewright.land.stages import STAGES

Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Runs:
    """The dated values of one field.

    Parameters
    ----------
    value, known
        Index parcels: the present value, and whether there is any.
    changed_on
        Shape (n,): since when the field has its present value.
    row, values, days
        Shape (k,): each dated value, parcel by parcel in the order of days: position of the
        parcel, value, day.
    """

    value: pd.Series
    known: pd.Series
    changed_on: NDArray[np.datetime64]
    row: NDArray[np.int64]
    values: pd.Series
    days: NDArray[np.datetime64]

    @classmethod
    def of(cls, events: pd.DataFrame, field: str, parcels: pd.Index) -> Runs:
        """Return the dated values of a field.

        Parameters
        ----------
        events
            ``parcel``, ``on`` and the field; an empty cell says nothing of it.
        field
            Name of the field; a ``stage`` never goes back.
        parcels
            Shape (n,): parcel codes; events of others are left out.
        """
        given = events.loc[events[field].notna(), ["parcel", "on", field]]
        row = parcels.get_indexer(pd.Index(given["parcel"]))
        given = given.assign(row=row)[row >= 0]
        given = given.sort_values(["row", "on", field], kind="stable").reset_index(drop=True)
        if field == "stage":
            require_stages(given[field])
            reached = given[field].str[1].astype("int64").groupby(given["row"]).cummax()
            given[field] = np.asarray(STAGES, dtype=object)[reached.to_numpy()]
        last = given.drop_duplicates("row", keep="last").set_index("row")[field]
        value = pd.Series(
            last.reindex(np.arange(len(parcels))).to_numpy(), index=parcels, dtype=last.dtype
        )
        rows, days = given["row"].to_numpy(dtype=np.int64), given["on"].to_numpy("datetime64[ns]")
        runs = cls(value, value.notna(), days[:0], rows, given[field], days)
        present = given["row"].map(last)
        return cls(
            value,
            value.notna(),
            runs._start_of_last_run((given[field] == present).to_numpy(dtype=bool), len(parcels)),
            rows,
            given[field],
            days,
        )

    def met_since(self, met: Callable[[pd.Series], Marks]) -> NDArray[np.datetime64]:
        """Return since when the present value meets a condition; NaT if it does not."""
        return self._start_of_last_run(met(self.values), len(self.value))

    def _start_of_last_run(self, holds: Marks, count: int) -> NDArray[np.datetime64]:
        """Return the day of the first entry after a parcel's last that does not hold."""
        place = np.arange(len(self.row))
        broken = np.full(count, -1, dtype=np.int64)
        np.maximum.at(broken, self.row[~holds], place[~holds])
        after = holds & (place > broken[self.row])
        start = np.full(count, np.datetime64("NaT"), dtype="datetime64[ns]")
        rows, first = np.unique(self.row[after], return_index=True)
        start[rows] = self.days[after][first]
        return start


def require_stages(values: pd.Series) -> None:
    """Refuse values that are no stage, L0 to L9."""
    wrong = ~values.isin(STAGES)
    if wrong.any():
        raise InputError("readiness-stage-unknown", value=values[wrong].iloc[0])
