"""What would have been told of earlier years, month by month, beside what came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from zonewright.core.findings import Finding, Severity
from zonewright.steering.forecast_methods import COMBINATION, Carrier, History, in_order
from zonewright.steering.forecast_spread import Miss, Spread, spread_of
from zonewright.steering.forecast_works import WorkState, path_of, works_ahead
from zonewright.steering.forecast_year import LEVEL, LEVELS, BackTest, Basis, Track, Trial

PROJECT_LIST = "project_list"
PACE_RULE, NAIVE = "run_rate", "seasonal_naive"
# Earlier years that are told again, and the months of a running year that a record needs.
YEARS = 12
LEAST_MONTHS = 6
# Whole earlier years that a record of years needs: the first only serves to tell the second.
LEAST_YEARS = 3
# Another method than the usual one is chosen only if its errors were so much smaller.
_CLEARLY = 0.75
_LAST_ORIGIN = 11


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of an indicator of a zone at the end of a month.

    Parameters
    ----------
    zone, indicator, unit
        Codes.
    name_zh, name_en
        Name of the indicator.
    year, month
        Last month that counts as known.
    history
        What each month brought; it reaches to the month. None if there is nothing.
    works
        Works of the zone, where the indicator is what they bring; plan and cost as they stand now.
    target
        Of the year; None if there is none.
    """

    zone: str
    indicator: str
    name_zh: str
    name_en: str
    unit: str
    year: int
    month: int
    history: History | None
    works: tuple[WorkState, ...] = ()
    target: float | None = None

    @property
    def names(self) -> dict[str, object]:
        """What texts call it."""
        return {"name": self.name_zh, "name_en": self.name_en, "zone": self.zone}


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """How each method did, and how far off its forecasts were.

    Parameters
    ----------
    basis
        ``years`` or ``months`` (`Track.basis`).
    trials
        By method, year and month.
    misses
        Method to its misses; what intervals rest on.
    tracks
        Method to its track record; those that told too little have none.
    """

    basis: Basis
    trials: tuple[Trial, ...] = ()
    misses: Mapping[str, Sequence[Miss]] = field(default_factory=dict)
    tracks: Mapping[str, Track] = field(default_factory=dict)

    def ranked(self) -> tuple[str, ...]:
        """Return the methods with a track record, the chosen one first."""
        return _ranked(self)


def back_test(known: Known, *, notes: tuple[Finding, ...] = ()) -> BackTest:
    """Tell earlier years again, each from what was known then.

    Parameters
    ----------
    known
        What is known now; of the running year nothing is told if there are whole years before.
    notes
        Findings about the history.

    Returns
    -------
    test
        Its tracks come in the order in which methods are trusted.
    """
    found = record_of(known)
    tracks = tuple(found.tracks[code] for code in found.ranked())
    more = judged(known, tracks[0], LEVEL) if tracks else why_none(known)
    findings = (*notes, *more)
    return BackTest(known.zone, known.indicator, known.unit, found.trials, tracks, findings)


def why_none(known: Known) -> tuple[Finding, ...]:
    """Return why nothing can be told."""
    if known.history is None or known.history.last < (known.year, 1):
        params = {**known.names, "year": known.year, "month": known.month}
        return (Finding("forecast-no-data", "info", "observations", params=params),)
    params = {
        **known.names,
        "known": len(known.history.amounts),
        "needed": LEAST_MONTHS,
    }
    return (Finding("forecast-no-track", "info", "observations", params=params),)


def judged(known: Known, track: Track, level: float) -> tuple[Finding, ...]:
    """Return whether intervals of a level held too little or too much, or are too few to tell."""
    standing = track.standing(level)
    if standing is None or standing == "right":
        return ()
    params = {**known.names, "level": f"{level:.0%}", "trials": track.banded}
    if standing != "few":
        params["share"] = f"{track.coverage[level]:.0%}"
    severity: Severity = "info" if standing == "few" else "warning"
    return (Finding(f"forecast-interval-{standing}", severity, "observations", params=params),)


def record_of(known: Known) -> Record:
    """Return how each method did on the past of an indicator."""
    history = known.history
    if history is None:
        return Record("years")
    years = [year for year in history.whole_years if year < known.year]
    if len(years) >= LEAST_YEARS:
        return _record("years", _told_of_years(known, history, years))
    if history.last >= (known.year, LEAST_MONTHS) and known.month >= LEAST_MONTHS:
        return _record("months", _told_of_months(known, history))
    return Record("years")


@dataclass(frozen=True, slots=True)
class _Told:
    """A forecast of the past: January to its month known, from there told."""

    method: str
    year: int
    month: int
    upto: int
    done: float
    told: float
    came: float
    size: float

    @property
    def miss(self) -> Miss:
        ahead = self.upto - self.month
        return Miss(self.year, self.month, ahead, self.came - self.told, self.size)


def _told_of_years(known: Known, history: History, years: Sequence[int]) -> list[_Told]:
    carrier = Carrier(history.until(years[-1], 12))
    found: list[_Told] = []
    for year in years[1:][-YEARS:]:
        for month in range(1, _LAST_ORIGIN + 1):
            found.extend(_told(known, carrier, history, (year, month), 12))
    return found


def _told_of_months(known: Known, history: History) -> list[_Told]:
    """Tell each later month of the running year from each earlier one."""
    carrier = Carrier(history)
    found: list[_Told] = []
    for month in range(2, known.month):
        for upto in range(month + 1, known.month + 1):
            found.extend(_told(known, carrier, history, (known.year, month), upto))
    return found


def _told(
    known: Known, carrier: Carrier, history: History, at: tuple[int, int], upto: int
) -> Iterable[_Told]:
    year, month = at
    paths: dict[str, Iterable[float]] = dict(carrier.paths(year, month))
    if known.works and any(work.brought(-1, year * 12 + month - 1) for work in known.works):
        ahead = works_ahead(known.works, year=year, month=month, upto=upto)
        # A plan is of one year: of another, only the cost and the rate say anything.
        if year == known.year:
            paths[PROJECT_LIST] = path_of(ahead)
    size = _size(history, year, month)
    if size <= 0:
        return
    came = float(history.of(year)[month:upto].sum())
    for code, path in paths.items():
        told = float(np.sum(list(path)[: upto - month]))
        yield _Told(code, year, month, upto, history.done(year, month), told, came, size)


def _size(history: History, year: int, month: int) -> float:
    return size_of(history.until(year, month))


def size_of(history: History) -> float:
    """Return what a month brought on average in the last twelve."""
    return float(np.abs(history.array[-12:]).mean())


def _record(basis: Basis, told: Sequence[_Told]) -> Record:
    misses: dict[str, list[Miss]] = {}
    by_method: dict[str, list[_Told]] = {}
    for item in told:
        misses.setdefault(item.method, []).append(item.miss)
        by_method.setdefault(item.method, []).append(item)
    trials: list[Trial] = []
    tracks: dict[str, Track] = {}
    plain = {
        rule: {(t.year, t.month, t.upto): abs(t.told - t.came) for t in by_method.get(rule, ())}
        for rule in (PACE_RULE, NAIVE)
    }
    for code in in_order(by_method):
        own = by_method[code]
        bands = [_spread_then(item, misses[code], basis) for item in own]
        tried = [_trial(item, found) for item, found in zip(own, bands, strict=True)]
        trials.extend(tried)
        if spread_of(misses[code], ahead=1, size=1.0, whole_years=basis == "years") is not None:
            tracks[code] = _track(code, basis, own, tried, bands, plain)
    return Record(basis, tuple(trials), misses, tracks)


def _spread_then(item: _Told, misses: Sequence[Miss], basis: Basis) -> Spread | None:
    """Return how far off it was thought to be when it was made."""
    whole = basis == "years"
    then = [
        miss
        for miss in misses
        if (miss.year < item.year if whole else miss.month + miss.ahead <= item.month)
    ]
    return spread_of(then, ahead=item.upto - item.month, size=item.size, whole_years=whole)


def _trial(item: _Told, found: Spread | None) -> Trial:
    centre = item.done + item.told
    bands = {} if found is None else {level: found.band(centre, level) for level in LEVELS}
    return Trial(
        item.method, item.year, item.month, item.upto, centre, item.done + item.came, bands
    )  # fmt: skip


def _track(
    code: str,
    basis: Basis,
    told: Sequence[_Told],
    trials: Sequence[Trial],
    bands: Sequence[Spread | None],
    plain: Mapping[str, Mapping[tuple[int, int, int], float]],
) -> Track:
    errors = np.array([abs(item.told - item.came) for item in told])
    naive = plain[NAIVE]
    own = [(item.year, item.month, item.upto) for item in told]
    banded = [trial for trial in trials if trial.bands]
    scored = [
        found.score(item.came - item.told)
        for item, found in zip(told, bands, strict=True)
        if found is not None
    ]
    coverage = {
        level: float(np.mean([bool(trial.covers(level)) for trial in banded])) for level in LEVELS
    } if banded else {}  # fmt: skip
    against_naive = _ratio(errors, own, naive)
    return Track(
        method=code,
        basis=basis,
        years=tuple(sorted({item.year for item in told})),
        trials=len(told),
        mean_error=float(errors.mean()),
        scaled_error=against_naive,
        score=float(np.mean(scored)) if scored else float(errors.mean()),
        against_pace=_ratio(errors, own, plain[PACE_RULE]),
        against_naive=against_naive,
        coverage=coverage,
        banded=len(banded),
    )


def _ratio(
    errors: np.ndarray[tuple[int], np.dtype[np.float64]],
    own: Sequence[tuple[int, int, int]],
    rule: Mapping[tuple[int, int, int], float],
) -> float | None:
    """Return mean error over that of a rule, on the trials that both told."""
    both = [(error, rule[key]) for error, key in zip(errors, own, strict=True) if key in rule]
    below = sum(other for _, other in both)
    return float(sum(error for error, _ in both) / below) if below > 0 else None


def _ranked(record: Record) -> tuple[str, ...]:
    """Return methods by their errors beside those of the usual one, on the trials of both.

    The usual one is the combination, or the pace rule where there is none; a method must have been
    clearly better to be chosen before it. A choice among many by few years is mostly chance.
    """
    usual = COMBINATION if COMBINATION in record.tracks else PACE_RULE
    if usual not in record.tracks:
        return tuple(record.tracks)
    normal = {
        code: {(miss.year, miss.month, miss.ahead): miss.normal for miss in record.misses[code]}
        for code in record.tracks
    }

    def beside(code: str) -> float:
        both = normal[code].keys() & normal[usual].keys()
        mine = sum(normal[code][key] for key in both)
        other = sum(normal[usual][key] for key in both)
        if len({year for year, _, _ in both}) < 2 and record.basis == "years":
            return 1.0
        ratio = mine / other if other > 0 else 1.0
        return ratio if code == usual or ratio < _CLEARLY else max(ratio, 1.0)

    order = {code: position for position, code in enumerate(in_order(record.tracks))}
    return tuple(sorted(record.tracks, key=lambda code: (beside(code), code != usual, order[code])))
