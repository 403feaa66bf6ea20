"""A figure as the desk shows it: words, completion and pace, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zonewright.report import numbers
from zonewright.report.model import Colour
from zonewright.report.theme import SIGNS
from zonewright.web import language
from zonewright.workflows.figures import FigureItem

BULLET_WIDTH = 200.0
BULLET_MAX_PCT = 125.0
LONG_SIGNS = 12


@dataclass(frozen=True, slots=True)
class Bullet:
    """Completion against what the curve expects, as positions on a bar [px of `BULLET_WIDTH`]."""

    done: float
    expected: float
    target: float


@dataclass(frozen=True, slots=True)
class PaceView:
    """Standing against the curve: sign and word beside the colour."""

    colour: Colour
    sign: str
    word: str
    ahead: str
    expected: str
    needed: str
    so_far: str


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, ready to be shown.

    Parameters
    ----------
    code, chapter, kind
        As in the outline.
    label
        What is measured, in the outline's words.
    indicator
        Name of the indicator.
    zone_code, zone, period
        Where and when.
    stated, beside
        The number as phrased, and land in mu.
    computed
        The number before it was phrased.
    target, completion
        Target of the year, and share done; empty if there is none.
    pace, bullet
        Standing and its drawing; None if there is no target.
    records
        How many records it rests on.
    """

    code: str
    chapter: str
    kind: str
    label: str
    indicator: str
    zone_code: str
    zone: str
    period: str
    stated: str
    beside: str
    computed: str
    target: str
    completion: str
    pace: PaceView | None
    bullet: Bullet | None
    records: int

    @property
    def is_long(self) -> bool:
        """Whether the stated number needs smaller type to stand on one line of a card."""
        return sum(2 if sign > "\u2e80" else 1 for sign in self.stated) > LONG_SIGNS


def card(item: FigureItem) -> Card:
    """Return a figure as the desk shows it."""
    lang = language.current()
    figure = item.figure
    indicator = figure.indicator
    unit = figure.unit
    signed = indicator.nature == "rate"
    completion = _completion(item)
    return Card(
        code=item.code,
        chapter=item.chapter,
        kind=item.kind,
        label=item.wording(lang),
        indicator=indicator.label(lang),
        zone_code=item.zone,
        zone=item.zone_name(lang),
        period=item.period.label(lang),
        stated=_stated(item, lang, signed=signed),
        beside=_beside(item, lang),
        computed=_computed(item, lang, signed=signed),
        target=numbers.computed(item.target, unit, lang) if item.target is not None else "",
        completion=""
        if completion is None
        else numbers.quantity(completion, "%", lang, decimals=2),
        pace=_pace(item, lang),
        bullet=_bullet(item),
        records=len(figure.records),
    )


def cards(items: Iterable[FigureItem]) -> list[Card]:
    """Return several figures as the desk shows them, in their order."""
    return [card(item) for item in items]


def _stated(item: FigureItem, lang: language.Lang, *, signed: bool) -> str:
    """Return the phrase with separators, as the report prints it."""
    stated = item.stated
    if isinstance(stated.stated, float):
        return numbers.phrase(stated.stated, stated.unit, stated.bound, lang, signed=signed)
    return stated.text(lang) or "—"


def _beside(item: FigureItem, lang: language.Lang) -> str:
    amount = item.stated.stated
    return numbers.beside(amount, item.stated.unit, lang) if isinstance(amount, float) else ""


def _computed(item: FigureItem, lang: language.Lang, *, signed: bool) -> str:
    value = item.stated.value
    if isinstance(value, date):
        return item.stated.text(lang)
    return numbers.computed(value, item.stated.unit, lang, signed=signed)


def _completion(item: FigureItem) -> float | None:
    return None if item.pace is None else item.pace.completion_pct


def _pace(item: FigureItem, lang: language.Lang) -> PaceView | None:
    pace = item.pace
    if pace is None:
        return None
    colour: Colour = pace.colour
    unit = item.figure.unit
    return PaceView(
        colour=colour,
        sign=SIGNS[colour],
        word=pace.word(lang),
        ahead=numbers.points(pace.ahead_pp, lang),
        expected=numbers.quantity(pace.expected_pct, "%", lang, decimals=2),
        needed=numbers.computed(pace.rate_needed, unit, lang) if pace.remaining else "",
        so_far=numbers.computed(pace.rate_so_far, unit, lang),
    )


def _bullet(item: FigureItem) -> Bullet | None:
    if item.pace is None:
        return None
    scale = BULLET_WIDTH / BULLET_MAX_PCT
    done = min(max(item.pace.completion_pct, 0.0), BULLET_MAX_PCT)
    expected = min(max(item.pace.expected_pct, 0.0), BULLET_MAX_PCT)
    return Bullet(round(done * scale, 1), round(expected * scale, 1), round(100 * scale, 1))
