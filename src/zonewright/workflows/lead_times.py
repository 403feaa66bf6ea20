"""How long it takes until land is ready, and which of it is ready by a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.errors import InputError
from zonewright.workflows.rates import default_rates, number_of

Floats = NDArray[np.float64]
MONTHS = ("acquire_months", "compensate_months", "level_months", "connect_months")
MOST_MONTHS = 240.0


@dataclass(frozen=True, slots=True)
class LeadMonths:
    """How long each step takes [months]; those that Zonewright brings are assumptions.

    Parameters
    ----------
    acquire_months
        Approval of conversion and expropriation, of land before L2.
    compensate_months
        Agreements, payment and clearing out, where not all of it is compensated.
    level_months
        Levelling, of land before L5.
    connect_months
        The road, where the ledger says that there is none; beside levelling.
    """

    acquire_months: float
    compensate_months: float
    level_months: float
    connect_months: float

    def told(self) -> dict[str, float]:
        """Return the months as plain values."""
        return asdict(self)


def months_of(params: Mapping[str, object]) -> LeadMonths:
    """Return the months of a question's parameters; as Zonewright brings them where absent.

    Raises
    ------
    InputError, RangeError
        If one is no number, or outside 0 to 240 months.
    """
    given = default_rates()["unlock_months"]
    return LeadMonths(
        **{name: number_of(params, name, given[name], most=MOST_MONTHS) for name in MONTHS}
    )


def by_of(params: Mapping[str, object]) -> date | None:
    """Return the day by which the land is wanted; None for no such day.

    Raises
    ------
    InputError
        If it is no day.
    """
    text = str(params.get("by") or "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError("day-bad", text=text[:40]) from error


def lead_months(frame: pd.DataFrame, months: LeadMonths) -> Floats:
    """Return how long it takes until each parcel is ready, shape (n,) [months]; 0 where it is.

    Parameters
    ----------
    frame
        Shape (n,): ``stage``, ``lacks`` (tuple), ``ready``.
    months
        Of each step. Approval, compensation and levelling follow one another; the road is built
        while the land is levelled.

    Examples
    --------
    >>> parcels = pd.DataFrame({"stage": ["L1", "L4"], "ready": False,
    ...     "lacks": [("uncompensated", "not_levelled"), ("not_levelled", "no_road")]})
    >>> lead_months(parcels, LeadMonths(5.0, 4.0, 3.0, 7.0)).tolist()
    [12.0, 7.0]
    """
    waits = ~frame["ready"].to_numpy(dtype=bool)
    lacks = frame["lacks"]
    steps = {
        code: lacks.map(lambda codes, code=code: code in codes).to_numpy(dtype=bool)
        for code in ("uncompensated", "not_levelled", "no_road")
    }
    unapproved = frame["stage"].to_numpy(dtype=str) < "L2"
    found: Floats = (
        months.acquire_months * unapproved
        + months.compensate_months * steps["uncompensated"]
        + np.maximum(
            months.level_months * steps["not_levelled"], months.connect_months * steps["no_road"]
        )
    ) * waits
    return found
