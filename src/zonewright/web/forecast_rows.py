"""Forecasts as the desk shows them: the year's end, how sure it is, and how its methods did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zonewright.core.units import UNITS
from zonewright.report import numbers
from zonewright.report.theme import SIGNS
from zonewright.steering.forecast_year import (
    LEVELS,
    Outlook,
    Standing,
    Track,
    Trial,
    YearEnd,
    methods,
)
from zonewright.steering.pace import Colour
from zonewright.web import finding_names, language
from zonewright.web.board_view import percent
from zonewright.web.land_answers import books_now

# From which probability a target is called likely, and below which it is called unlikely.
LIKELY, UNLIKELY = 0.8, 0.2


@dataclass(frozen=True, slots=True)
class OutlookRow:
    """The year's end as one method tells it, and how that method did before.

    Parameters
    ----------
    code, name, note
        Of the method.
    chosen, plain
        Whether it is the one with the best track record; whether it is a rule of thumb.
    median, interval, probability
        What it tells, with the unit.
    error, scaled, against_pace, against_naive
        Its track record: mean error, and that relative to others.
    coverage
        Level to what came of its intervals.
    held
        How many of its intervals of the level that is shown held what came.
    trials
        How many forecasts were compared.
    """

    code: str
    name: str
    note: str
    chosen: bool
    plain: bool
    median: str
    interval: str
    probability: str
    error: str
    scaled: str
    against_pace: str
    against_naive: str
    coverage: tuple[CoverageView, ...]
    held: str
    trials: int
    basis: str


@dataclass(frozen=True, slots=True)
class CoverageView:
    """How often an interval of a level held what came, and whether that is as it should be."""

    level: str
    share: str
    verdict: str
    word: str


@dataclass(frozen=True, slots=True)
class OutlookView:
    """Whether the year's target will be reached, in one look.

    Parameters
    ----------
    told
        Whether there is a forecast.
    colour, sign, word
        What it says of the target; empty without a target.
    median, interval, level, probability
        With units.
    gap
        Median less target, with its sign; empty without a target.
    method, track, held
        The chosen method, its track record in a sentence, and how often its intervals held.
    findings
        Why there is none, or what weakens it.
    """

    told: bool
    colour: str
    sign: str
    word: str
    median: str
    interval: str
    level: str
    probability: str
    gap: str
    method: str
    track: str
    held: str
    findings: tuple[str, ...]


def outlook(found: YearEnd) -> OutlookView:
    """Return a forecast in the reader's language."""
    lang = language.current()
    findings = finding_names.told(found.findings, books_now())
    best = found.best
    if best is None:
        return OutlookView(False, "", "", "", "", "", "", "", "", "", "", "", findings)
    colour, word = verdict(found)
    gap = ""
    if found.target is not None:
        more = best.median - found.target
        gap = ("+" if more > 0 else "") + amount(more, found.unit)
    return OutlookView(
        told=True,
        colour=colour or "",
        sign=SIGNS[colour] if colour else "",
        word=word,
        median=amount(best.median, found.unit),
        interval=interval(best.low, best.high, found.unit),
        level=level_text(found.level),
        probability=probability(best.probability),
        gap=gap,
        method=best.label(lang),
        track=track_text(best.track, found),
        held=held_text(best.track, found.level),
        findings=findings,
    )


def verdict(found: YearEnd) -> tuple[Colour | None, str]:
    """Return colour and word of a forecast beside its target."""
    best = found.best
    if best is None or best.probability is None:
        return None, ""
    if best.probability >= LIKELY:
        return "blue", _("likely to be reached")
    if best.probability >= 0.5:  # more likely than not
        return "green", _("rather reached than missed")
    if best.probability >= UNLIKELY:
        return "yellow", _("rather missed than reached")
    return "red", _("likely to be missed")


def interval(low: float, high: float, unit: str) -> str:
    """Return the ends of an interval with their unit, once."""
    first, last = amount(low, unit), amount(high, unit)
    mark = numbers.unit_label(unit, language.current())
    if mark and last.endswith(mark):
        first = first.removesuffix(mark).rstrip()
    return first + ("～" if language.current() == "zh" else " – ") + last


def amount(value: float, unit: str) -> str:
    """Return an amount that was reckoned, with its unit; of things that are counted, a whole one.

    Examples
    --------
    >>> amount(238.17, "项")
    '238'
    """
    if unit in UNITS and UNITS[unit].dimension == "count":
        value = round(value)
    return numbers.computed(value, unit, language.current())


def level_text(level: float) -> str:
    """Return a level of an interval as a percentage."""
    return f"{numbers.number(100 * level, 0)}%"


def probability(value: float | None) -> str:
    """Return a probability as a whole percentage; never certain, as no forecast is."""
    if value is None:
        return ""
    if value >= 0.995:
        return "> 99%"
    return "< 1%" if value < 0.005 else f"{numbers.number(100 * value, 0)}%"


def track_text(track: Track, found: YearEnd) -> str:
    """Return a track record in a sentence: there is no forecast without."""
    lang = language.current()
    error = numbers.computed(track.mean_error, found.unit, lang)
    years = ("、" if lang == "zh" else ", ").join(str(year) for year in track.years)
    if track.basis == "years":
        text = _("On %(count)s forecasts of %(years)s it erred by %(error)s on average")
    else:
        text = _("On %(count)s forecasts within %(years)s it erred by %(error)s on average")
    said = text % {"count": track.trials, "years": years, "error": error}
    held = track.coverage.get(found.level)
    if held is not None:
        more = _("its %(level)s intervals held what came in %(share)s of %(count)s")
        shares = {
            "level": level_text(found.level),
            "share": percent(100 * held),
            "count": track.banded,
        }
        said += ("；" if lang == "zh" else "; ") + more % shares
    return said + ("。" if lang == "zh" else ".")


def held_text(track: Track, level: float) -> str:
    """Return how often the intervals of a level held what came; empty if none was tested."""
    share = track.coverage.get(level)
    if share is None:
        return ""
    shares = {"share": percent(100 * share), "count": track.banded}
    said = _("held %(share)s of %(count)s") % shares
    word = standing_word(track.standing(level))
    return said + (("，" if language.current() == "zh" else ", ") + word if word else "")


def standing_word(standing: Standing | None) -> str:
    """Return what is wrong with intervals; empty if nothing is."""
    words = {"narrow": _("too narrow"), "wide": _("too wide"), "few": _("too few to judge")}
    return words.get(standing or "", "")


def outlook_rows(found: YearEnd) -> list[OutlookRow]:
    """Return what every method tells, the chosen one first."""
    return [_row(one, found) for one in found.by_method]


def _row(one: Outlook, found: YearEnd) -> OutlookRow:
    lang = language.current()
    method = methods()[one.method]
    return OutlookRow(
        code=one.method,
        name=method.label(lang),
        note=method.note(lang),
        chosen=one.method == found.chosen,
        plain=method.plain,
        median=amount(one.median, found.unit),
        interval=interval(one.low, one.high, found.unit),
        probability=probability(one.probability),
        held=held_text(one.track, found.level),
        **_record(one.track, found.unit),  # type: ignore[arg-type]
    )


def track_rows(tracks: Sequence[Track], unit: str, chosen: str) -> list[dict[str, object]]:
    """Return the track record of every method, the best first."""
    lang = language.current()
    return [
        {
            "code": track.method,
            "name": methods()[track.method].label(lang),
            "note": methods()[track.method].note(lang),
            "chosen": track.method == chosen,
            **_record(track, unit),
        }
        for track in tracks
    ]


def _record(track: Track, unit: str) -> dict[str, object]:
    return {
        "error": numbers.computed(track.mean_error, unit, language.current()),
        "scaled": _ratio(track.scaled_error),
        "against_pace": _ratio(track.against_pace),
        "against_naive": _ratio(track.against_naive),
        "coverage": coverage(track),
        "trials": track.trials,
        "basis": track.basis,
    }


def _ratio(value: float | None) -> str:
    return "" if value is None else numbers.number(value, 2)


def coverage(track: Track) -> tuple[CoverageView, ...]:
    """Return how often the intervals of each level held what came."""
    verdicts = {"right": "good", "narrow": "poor", "wide": "poor", "few": "few"}
    return tuple(
        CoverageView(
            level_text(level),
            percent(100 * track.coverage[level]),
            verdicts[standing],
            standing_word(standing),
        )
        for level in LEVELS
        if level in track.coverage and (standing := track.standing(level)) is not None
    )


def trial_rows(trials: Sequence[Trial], unit: str, level: float) -> list[dict[str, object]]:
    """Return past forecasts beside what came, oldest first."""
    rows: list[dict[str, object]] = []
    for trial in trials:
        band = trial.bands.get(level)
        held = trial.covers(level)
        error = ("+" if trial.error > 0 else "") + amount(trial.error, unit)
        rows.append(
            {
                "made": f"{trial.year}-{trial.month:02d}",
                "upto": f"{trial.year}-{trial.upto:02d}",
                "forecast": amount(trial.forecast, unit),
                "actual": amount(trial.actual, unit),
                "error": error,
                "interval": "" if band is None else interval(*band, unit),
                "held": held,
            }
        )
    return rows
