"""What is told of a year's end: by each method, with its interval and its track record."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from zonewright.core.findings import Finding
from zonewright.steering.forecast_spread import Spread

Basis = Literal["years", "months"]
Standing = Literal["right", "narrow", "wide", "few"]
# Levels of the intervals that a track record reports.
LEVELS = (0.5, 0.8, 0.95)
# The level of the interval that pages show.
LEVEL = 0.8
# An interval is judged by at least so many trials; it is off if its share is so far from its level.
LEAST_BANDED = 10
MOST_OFF = 0.15


@dataclass(frozen=True, slots=True)
class Method:
    """A way to tell the year's end.

    Parameters
    ----------
    code
        As in ``steering/data/forecast_methods.toml``.
    zh, en, note_zh, note_en
        Name, and how it works.
    plain
        Whether it is a rule of thumb that the others are measured against.
    needs
        Least history [months].
    """

    code: str
    zh: str
    en: str
    note_zh: str
    note_en: str
    plain: bool
    needs: int

    def label(self, lang: str = "en") -> str:
        """Return the method's name in a language."""
        return self.zh if lang == "zh" else self.en

    def note(self, lang: str = "en") -> str:
        """Return how it works, in a language."""
        return self.note_zh if lang == "zh" else self.note_en


@cache
def methods() -> Mapping[str, Method]:
    """Return every method by code, in the order in which pages show them.

    Examples
    --------
    >>> methods()["seasonal_naive"].label("zh")
    '同上年各月'
    """
    source = files("zonewright.steering") / "data" / "forecast_methods.toml"
    rows = tomllib.loads(source.read_text(encoding="utf-8"))
    return {
        code: Method(
            code,
            row["zh"],
            row["en"],
            row["note_zh"],
            row["note_en"],
            bool(row.get("plain", False)),
            int(row["needs"]),
        )
        for code, row in rows.items()
    }


@dataclass(frozen=True, slots=True)
class Trial:
    """One forecast of the past beside what came.

    Parameters
    ----------
    method
        Code of the method.
    year, month
        The month at whose end it would have been made, knowing nothing later.
    upto
        The month whose year to date it told: 12, or in the running year the last known month.
    forecast, actual
        January to `upto`, told and come [the indicator's unit].
    bands
        Level to the interval's ends, as they would have been given then; empty where too little
        was known to give one.
    """

    method: str
    year: int
    month: int
    upto: int
    forecast: float
    actual: float
    bands: Mapping[float, tuple[float, float]]

    @property
    def error(self) -> float:
        """Told less come."""
        return self.forecast - self.actual

    def covers(self, level: float) -> bool | None:
        """Return whether the interval of a level held what came; None without an interval."""
        band = self.bands.get(level)
        return None if band is None else band[0] <= self.actual <= band[1]


@dataclass(frozen=True, slots=True)
class Track:
    """How a method did on the zone's own past.

    Parameters
    ----------
    method
        Code of the method.
    basis
        ``years``: forecasts of whole past years; ``months``: with no past year known, forecasts
        within the running year.
    years
        Years that were told.
    trials
        How many forecasts were compared.
    mean_error
        Mean absolute error [the indicator's unit].
    scaled_error
        Mean absolute error over that of a month against the same month a year before, scaled to the
        months ahead (MASE); below 1 is better than repeating last year. None without two years.
    score
        Mean continuous ranked probability score [the indicator's unit]; less is better. By it, or
        without enough intervals by the mean error, methods are chosen.
    against_pace, against_naive
        Mean error over that of the pace rule and of the same months of last year on the same
        trials; below 1 is better. None where that rule has no such trial.
    coverage
        Level of an interval to the share of trials that it held; empty without intervals.
    banded
        How many of the trials had an interval.
    """

    method: str
    basis: Basis
    years: tuple[int, ...]
    trials: int
    mean_error: float
    scaled_error: float | None
    score: float
    against_pace: float | None
    against_naive: float | None
    coverage: Mapping[float, float]
    banded: int

    def standing(self, level: float) -> Standing | None:
        """Return whether the intervals of a level held what came as often as they should have.

        Returns
        -------
        standing
            ``few`` where the trials are too few to judge; None of levels that are not tested.

        Examples
        --------
        >>> track = Track("theta", "years", (2022,), 30, 1.0, None, 1.0, None, None, {0.8: 0.6}, 30)
        >>> track.standing(0.8), track.standing(0.9)
        ('narrow', None)
        """
        if level not in LEVELS:
            return None
        if self.banded < LEAST_BANDED:
            return "few"
        # Rounded: 0.65 of 0.8 is at the bound, not beyond it.
        off = round(self.coverage[level] - level, 9)
        return "right" if abs(off) <= MOST_OFF else "narrow" if off < 0 else "wide"


@dataclass(frozen=True, slots=True)
class PathPoint:
    """The year to date at the end of a month to come [the indicator's unit]."""

    month: int
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """The year's end as one method tells it.

    Parameters
    ----------
    method
        Its code.
    median, low, high
        December, year to date [the indicator's unit]; `low` and `high` bound the interval.
    probability
        Of reaching the target, 0 to 1; None without a target.
    path
        The months from the next one to December.
    spread
        How far off December may be: gives the interval of any level.
    floor
        What is done and cannot be undone; below any amount where months may be negative.
    track
        How the method did before. There is no outlook without.
    """

    method: str
    median: float
    low: float
    high: float
    probability: float | None
    path: tuple[PathPoint, ...]
    spread: Spread
    floor: float
    track: Track

    def band(self, level: float) -> tuple[float, float]:
        """Return the ends of the interval of another level, 0 to 1."""
        low, high = self.spread.band(self.median, level)
        return max(low, self.floor), max(high, self.floor)

    def label(self, lang: str = "en") -> str:
        """Return the method's name in a language."""
        return methods()[self.method].label(lang)


@dataclass(frozen=True, slots=True)
class YearEnd:
    """Where an indicator will stand in December.

    Parameters
    ----------
    zone, indicator
        Codes of what is told.
    year, month
        The year, and the last month that counts as known.
    unit
        Of all amounts.
    done
        Year to date at the end of the month; None if it cannot be told.
    target
        Of the year; None if there is none.
    level
        Of the interval, 0 to 1.
    by_method
        Every method that can be used and has a track record, the chosen one first.
    chosen
        Code of the method with the best track record; empty if there is no forecast.
    median, low, high, probability, path, track
        Of the chosen method; None or empty if there is no forecast.
    findings
        Why there is no forecast, or what weakens it (a short record, for one).
    """

    zone: str
    indicator: str
    year: int
    month: int
    unit: str
    done: float | None
    target: float | None
    level: float
    by_method: tuple[Outlook, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def best(self) -> Outlook | None:
        """The chosen method's outlook."""
        return self.by_method[0] if self.by_method else None

    @property
    def is_told(self) -> bool:
        """Whether there is a forecast."""
        return bool(self.by_method)

    @property
    def chosen(self) -> str:
        """Code of the chosen method."""
        return self.best.method if self.best else ""

    @property
    def median(self) -> float | None:
        """December, as likely to be passed as missed."""
        return self.best.median if self.best else None

    @property
    def low(self) -> float | None:
        """Lower end of the interval."""
        return self.best.low if self.best else None

    @property
    def high(self) -> float | None:
        """Upper end of the interval."""
        return self.best.high if self.best else None

    @property
    def probability(self) -> float | None:
        """Of reaching the target."""
        return self.best.probability if self.best else None

    @property
    def path(self) -> tuple[PathPoint, ...]:
        """The months to come."""
        return self.best.path if self.best else ()

    @property
    def track(self) -> Track | None:
        """How the chosen method did before."""
        return self.best.track if self.best else None

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "zone": self.zone,
            "indicator": self.indicator,
            "period": f"{self.year}-{self.month:02d}",
            "unit": self.unit,
            "done": self.done,
            "target": self.target,
            "level": self.level,
            "chosen": self.chosen or None,
            "median": self.median,
            "low": self.low,
            "high": self.high,
            "probability": self.probability,
            "by_method": [_as_dict(outlook) for outlook in self.by_method],
            "findings": [finding.as_dict() for finding in self.findings],
        }


def _as_dict(outlook: Outlook) -> dict[str, object]:
    track = outlook.track
    return {
        "method": outlook.method,
        "median": outlook.median,
        "low": outlook.low,
        "high": outlook.high,
        "probability": outlook.probability,
        "path": [[point.month, point.low, point.median, point.high] for point in outlook.path],
        "track": {
            "basis": track.basis,
            "years": list(track.years),
            "trials": track.trials,
            "mean_error": track.mean_error,
            "scaled_error": track.scaled_error,
            "score": track.score,
            "against_pace": track.against_pace,
            "against_naive": track.against_naive,
            "coverage": {f"{level:g}": share for level, share in track.coverage.items()},
            "banded": track.banded,
        },
    }


@dataclass(frozen=True, slots=True)
class BackTest:
    """Every forecast that would have been made, beside what came.

    Parameters
    ----------
    zone, indicator, unit
        What was told.
    trials
        By method, year and month.
    tracks
        One a method, the best first: what the forecast rests on.
    findings
        Why there is nothing to test on, or how little there is.
    """

    zone: str
    indicator: str
    unit: str
    trials: tuple[Trial, ...] = ()
    tracks: tuple[Track, ...] = ()
    findings: tuple[Finding, ...] = ()

    def of(self, method: str) -> tuple[Trial, ...]:
        """Return a method's trials, oldest first."""
        return tuple(trial for trial in self.trials if trial.method == method)
