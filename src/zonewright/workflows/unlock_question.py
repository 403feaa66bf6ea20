"""What is asked of the unlock planner, and the land that it chooses from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.errors import InputError, RangeError
from zonewright.core.units import convert
from zonewright.land.quota import available
from zonewright.workflows.books import Books
from zonewright.workflows.land_ground import Ground, ground_of
from zonewright.workflows.land_ledger import quota_entries
from zonewright.workflows.lead_times import MONTHS, LeadMonths, by_of, lead_months, months_of
from zonewright.workflows.rates import choice_of, day_of, number_of, rates_of

Target = Literal["area", "blocks", "largest"]
QuotaKind = Literal["none", "ledger", "given"]
Floats = NDArray[np.float64]
PARAMS = (
    "zone", "on", "budget_wan", "quota", "quota_mu", "threshold_mu", "target", "acquire_cny_mu",
    "compensate_cny_mu", "level_cny_mu", "connect_cny_mu", "time_limit_s", "with", "steps", "by",
    "rates",
    *MONTHS,
)  # fmt: skip
RATES = ("acquire_cny_mu", "compensate_cny_mu", "level_cny_mu", "connect_cny_mu")
THRESHOLD_MU, TIME_LIMIT_S, STEPS = 500.0, 30.0, 9
MOST_S, MOST_STEPS = 600.0, 25
_TARGETS: Mapping[str, Target] = {"area": "area", "blocks": "blocks", "largest": "largest"}
MU_M2 = float(convert(1, "亩", "m2"))


@dataclass(frozen=True, slots=True)
class UnlockRates:
    """What it costs to give a parcel what it lacks, for each mu of it [CNY/mu].

    Parameters
    ----------
    acquire_cny_mu
        Approval of conversion and expropriation, of land before L2.
    compensate_cny_mu
        Compensation, of the share that is not yet compensated.
    level_cny_mu
        Levelling, of land before L5.
    connect_cny_mu
        The road, where the ledger says that there is none.
    """

    acquire_cny_mu: float
    compensate_cny_mu: float
    level_cny_mu: float
    connect_cny_mu: float


@dataclass(frozen=True, slots=True)
class UnlockQuestion:
    """What to buy and level next, as plain values.

    Parameters
    ----------
    zone, on
        Where, and the day on which the land stands as it does.
    budget_cny
        Money [CNY].
    quota, quota_mu
        ``none``: no limit; ``ledger``: what the quota ledger has left for the zone and the zones in
        it; ``given``: `quota_mu` [mu]. Land takes quota that is not yet approved (before L2).
    threshold_mu
        Size from which a block counts [mu].
    target
        ``area`` in blocks that count, their number, ``blocks``, or the ``largest`` single block.
    rates
        Costs.
    time_limit_s
        For the search at the whole budget [s].
    steps
        How many budgets the curve has; 0 for the one asked for alone.
    with_parcel
        Parcel that the plan must hold; empty for none.
    by
        Day by which all land of the plan has to be ready, if the work begins on `on`; None for no
        such day.
    months
        How long each step takes.
    """

    zone: str
    on: date
    budget_cny: float
    quota: QuotaKind
    quota_mu: float | None
    threshold_mu: float
    target: Target
    rates: UnlockRates
    time_limit_s: float = TIME_LIMIT_S
    steps: int = STEPS
    with_parcel: str = ""
    by: date | None = None
    months: LeadMonths = field(default_factory=lambda: months_of({}))


def question_of(params: Mapping[str, object]) -> UnlockQuestion:
    """Return the question of a run's parameters.

    Raises
    ------
    InputError, RangeError
        If a parameter is missing, unreadable or outside its limits; all messages name it.
    """
    if not params.get("zone"):
        raise InputError("plan-parameter-missing", name="zone")
    rates = UnlockRates(**rates_of(params, "unlock", RATES, most=1e9))
    quota = choice_of(params, "quota", "ledger", "none", "given")
    budget_wan = number_of(params, "budget_wan", most=1e9)
    if budget_wan <= 0:
        raise RangeError("plan-parameter-range", name="budget_wan", value=0, least=0.01, most=1e9)
    on, by = day_of(params), by_of(params)
    if by is not None and by < on:
        raise RangeError("unlock-day-order", start=on, by=by)
    return UnlockQuestion(
        zone=str(params["zone"]),
        on=on,
        budget_cny=float(convert(budget_wan, "万元", "元")),
        quota="ledger" if quota == "ledger" else "given" if quota == "given" else "none",
        quota_mu=number_of(params, "quota_mu", most=1e8) if quota == "given" else None,
        threshold_mu=number_of(params, "threshold_mu", THRESHOLD_MU, least=0.1, most=1e7),
        target=_TARGETS[choice_of(params, "target", *_TARGETS)],
        rates=rates,
        time_limit_s=number_of(params, "time_limit_s", TIME_LIMIT_S, least=1.0, most=MOST_S),
        steps=int(number_of(params, "steps", STEPS, least=0, most=MOST_STEPS)),
        with_parcel=str(params.get("with") or ""),
        by=by,
        months=months_of(params),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Ready land and land that can be made ready, n parcels; what cannot is left out.

    Parameters
    ----------
    frame
        Shape (n,), index parcel code: ``record``, ``stage``, ``lacks`` (tuple), ``area_m2`` [m²],
        ``ready``, ``cost_cny`` (0 where ready) and its parts ``acquire_cny``, ``compensate_cny``,
        ``level_cny``, ``connect_cny`` [CNY], ``quota_m2`` [m²], ``months`` until it is ready,
        ``row`` (position in the ground).
    first, second
        Shape (p,): positions of parcels that share enough frontage, first < second.
    stuck
        Codes of the parcels of the zone that no money makes ready, with what they lack.
    ground
        Where they come from.
    """

    frame: pd.DataFrame
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    stuck: Mapping[str, tuple[str, ...]]
    ground: Ground


def candidates_of(question: UnlockQuestion, books: Books) -> Candidates:
    """Return the land of a zone that a plan can use, with its costs.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone.
    InputError
        If it holds no parcel on the map.
    """
    books.require_zone(question.zone)
    ground = ground_of(books)
    inside = ground.inside(frozenset({question.zone}), question.on) & ground.on_map
    if not inside.any():
        raise InputError("unlock-no-parcels", zone=question.zone)
    judged = ground.judged(question.on)
    ready = judged["ready"].to_numpy(dtype=bool)
    usable = inside & (ready | judged["mendable"].to_numpy(dtype=bool)) & (ground.area_m2 > 0)
    rows = np.flatnonzero(usable)
    frame = pd.DataFrame(
        {
            "record": ground.parcels["record"].to_numpy()[rows],
            "stage": books.parcels(question.on)["stage"]
            .reindex(ground.parcels.index)
            .to_numpy()[rows],
            "lacks": judged["lacks"].to_numpy()[rows],
            "area_m2": ground.area_m2[rows],
            "ready": ready[rows],
            "row": rows,
        },
        index=ground.parcels.index[rows],
    )
    acquired = ground.fields["acquired_pct"].to_numpy(dtype=float)[rows]
    frame = costed(frame, acquired, question.rates)
    frame["months"] = lead_months(frame, question.months)
    first, second = ground.neighbours(rows)
    out = np.flatnonzero(inside & ~usable)
    codes, lacks = ground.parcels.index, judged["lacks"].to_numpy()
    stuck = {str(codes[row]): tuple(lacks[row]) for row in out}
    return Candidates(frame, first, second, stuck, ground)


def costed(frame: pd.DataFrame, acquired_pct: Floats, rates: UnlockRates) -> pd.DataFrame:
    """Return parcels with what it costs to make them ready, and the quota that this takes.

    Parameters
    ----------
    frame
        ``stage``, ``lacks``, ``area_m2`` [m²], ``ready``.
    acquired_pct
        Shape (n,): share that is compensated [%]; NaN where the ledger does not say.
    rates
        Costs [CNY/mu].

    Examples
    --------
    >>> parcels = pd.DataFrame({"stage": ["L1", "L3"], "area_m2": [2000.0, 2000.0], "ready": False,
    ...     "lacks": [("uncompensated", "not_levelled"), ("not_levelled",)]})
    >>> made = costed(parcels, np.array([np.nan, 100.0]), UnlockRates(9, 6, 4, 3))
    >>> made["cost_cny"].round(6).tolist(), made["quota_m2"].tolist()
    ([57.0, 12.0], [2000.0, 0.0])
    """
    mu = frame["area_m2"].to_numpy() / MU_M2
    stage = frame["stage"].to_numpy(dtype=str)
    waits = ~frame["ready"].to_numpy(dtype=bool)
    lacks = frame["lacks"]
    uncompensated = lacks.map(lambda codes: "uncompensated" in codes).to_numpy(dtype=bool)
    left = np.where(np.isnan(acquired_pct), 100.0, 100.0 - np.clip(acquired_pct, 0, 100)) / 100
    level = lacks.map(lambda codes: "not_levelled" in codes).to_numpy(dtype=bool)
    road = lacks.map(lambda codes: "no_road" in codes).to_numpy(dtype=bool)
    unapproved = waits & (stage < "L2")
    parts = {
        "acquire_cny": rates.acquire_cny_mu * mu * unapproved,
        "compensate_cny": rates.compensate_cny_mu * mu * (waits & uncompensated) * left,
        "level_cny": rates.level_cny_mu * mu * (waits & level),
        "connect_cny": rates.connect_cny_mu * mu * (waits & road),
    }
    return frame.assign(
        **parts,
        cost_cny=sum(parts.values()),
        quota_m2=np.where(unapproved, frame["area_m2"].to_numpy(), 0.0),
    )


def quota_limit_m2(question: UnlockQuestion, books: Books) -> float | None:
    """Return how much quota a plan may take [m²]; None for no limit.

    Without a word of quota it is what the ledger has left on the day; where the ledger has never
    had an entry for the zone or the zones in it, there is no limit.
    """
    if question.quota == "none":
        return None
    if question.quota_mu is not None:
        return question.quota_mu * MU_M2
    entries = quota_entries(books.as_of)
    zones = {question.zone, *books.scope(question.on).descendants(question.zone)}
    entries = entries[entries["zone"].isin(zones)]
    return available(entries, question.on) if len(entries) else None


def rates_told(rates: UnlockRates) -> dict[str, float]:
    """Return the rates as plain values."""
    return asdict(rates)
