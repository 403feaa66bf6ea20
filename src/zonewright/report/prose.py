"""The sentences of the report, built from its figures so that none can contradict a table.

A summary says what was achieved, what is ahead and behind, and what to watch; a chapter opens with
one sentence on its purpose and its foremost figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from zonewright.core.phrases import Lang, Number
from zonewright.report import numbers
from zonewright.report.model import Chapter, Colour, LookBack, ReportFigure
from zonewright.report.words import in_sentence, listing, word

SHOWN = 6
LATE: tuple[Colour, ...] = ("yellow", "red")


@dataclass(frozen=True, slots=True)
class Summary:
    """The three parts of the first page, a sentence an item."""

    achieved: tuple[str, ...]
    standing: tuple[str, ...]
    watch: tuple[str, ...]


def summary(lookback: LookBack, lang: Lang) -> Summary:
    """Return the sentences of the first page."""
    headlines = [lookback.figure(code) for code in lookback.headlines]
    return Summary(
        achieved=tuple(_grouped(headlines, lang)),
        standing=tuple(_standing(lookback.figures, lang)),
        watch=tuple(_watch(lookback, lang)),
    )


def chapter(content: Chapter, lang: Lang) -> tuple[str, ...]:
    """Return the opening sentences of a chapter: its purpose, then its foremost figures."""
    lead = content.intro.of(lang) or word(f"intro-{content.key}", lang)
    with_target = [figure for figure in content.figures if figure.completion is not None]
    rest = [figure for figure in content.figures if figure.completion is None]
    return (lead, *_grouped([*with_target, *rest][:SHOWN], lang))


def achieved_share(figure: ReportFigure) -> str:
    """Return the completion of the year's target as printed; empty if there is no target."""
    return "" if figure.completion is None else f"{numbers.number(figure.completion, 2)}%"


def _grouped(figures: Iterable[ReportFigure], lang: Lang) -> Iterable[str]:
    """Yield one sentence a zone and period, in order of first mention."""
    groups: dict[tuple[str, str], list[ReportFigure]] = {}
    for figure in figures:
        groups.setdefault((figure.zone.of(lang), figure.period.of(lang)), []).append(figure)
    for (zone, period), members in groups.items():
        lead = word("sentence-zone-lead", lang, zone=zone, period=period)
        yield lead + listing([_clause(item, lang) for item in members], lang) + word("stop", lang)


def _clause(figure: ReportFigure, lang: Lang) -> str:
    label = in_sentence(figure.label.of(lang)) if lang == "en" else figure.label.of(lang)
    text = word("sentence-figure", lang, label=label, stated=numbers.stated(figure, lang))
    if figure.completion is None:
        return text
    done = word("sentence-completion", lang, completion=achieved_share(figure))
    return f"{text}，{done}" if lang == "zh" else f"{text}, {done}"


def _standing(figures: Sequence[ReportFigure], lang: Lang) -> Iterable[str]:
    paced = [figure for figure in figures if figure.pace is not None]
    if not paced:
        yield word("sentence-no-target", lang)
        return
    signs = [_ahead(figure) for figure in paced]
    yield word(
        "sentence-counts",
        lang,
        total=len(paced),
        ahead=sum(sign > 0 for sign in signs),
        on=sum(sign == 0 for sign in signs),
        behind=sum(sign < 0 for sign in signs),
    )
    full = sum(1 for figure in paced if (figure.completion or 0) >= 100)
    if full:
        yield word("sentence-full", lang, count=full)
    ordered = sorted(paced, key=_ahead)
    yield _against_curve("sentence-ahead", ordered[-1], lang)
    if len(ordered) > 1:
        slowest = "sentence-behind" if _ahead(ordered[0]) < 0 else "sentence-slowest"
        yield _against_curve(slowest, ordered[0], lang)


def verdict(figure: ReportFigure) -> Literal["full", "ahead", "on", "behind"]:
    """Return how a figure stands, as notices word it: by the sign, whatever the colour's band."""
    if figure.completion is not None and figure.completion >= 100:
        return "full"
    sign = _ahead(figure)
    return "ahead" if sign > 0 else "on" if sign == 0 else "behind"


def _ahead(figure: ReportFigure) -> float:
    return figure.pace.ahead_pp if figure.pace else 0.0


def _against_curve(name: str, figure: ReportFigure, lang: Lang) -> str:
    expected = figure.pace.expected_pct if figure.pace else 0.0
    return word(
        name,
        lang,
        **_named(figure, lang),
        completion=achieved_share(figure),
        expected=f"{numbers.number(expected, 2)}%",
        ahead=numbers.points(_ahead(figure), lang),
    )


def _named(figure: ReportFigure, lang: Lang) -> dict[str, str]:
    return {"label": figure.label.of(lang), "zone": figure.zone.of(lang)}


def _watch(lookback: LookBack, lang: Lang) -> Iterable[str]:
    figures = lookback.figures
    late = sorted((item for item in figures if item.pace and item.pace.colour in LATE), key=_ahead)
    for figure in late[:SHOWN]:
        behind = numbers.points(abs(_ahead(figure)), lang).removeprefix("+")
        yield word("watch-behind", lang, **_named(figure, lang), behind=behind) + _rate(
            figure, lang
        )
    for figure in figures:
        if figure not in late and _at_risk(figure):
            yield _remaining(figure, lang) + _rate(figure, lang)
    for figure in figures:
        if figure.note:
            note = figure.note.of(lang)
            yield word("watch-note", lang, **_named(figure, lang), note=note)
    comparable = [item for item in figures if item.basis == "comparable"]
    if comparable:
        labels = "、".join(dict.fromkeys(item.label.of("zh") for item in comparable))
        if lang == "en":
            labels = ", ".join(
                dict.fromkeys(in_sentence(item.label.of("en")) for item in comparable)
            )
        yield word("watch-comparable", lang, labels=labels)
    yield from (text.of(lang) for text in lookback.watch)
    yield from _checks(lookback, lang)
    if not (late or comparable or lookback.watch or lookback.findings):
        yield word("watch-none", lang)


def _at_risk(figure: ReportFigure) -> bool:
    """Whether a target that is on pace is still open and may be missed, or has no margin."""
    mark = figure.pace
    if mark is None or figure.completion is None or figure.completion >= 100:
        return False
    if mark.required_per_month is not None and mark.done_per_month is not None:
        return mark.colour == "green" or mark.required_per_month > mark.done_per_month
    return mark.colour == "green"


def _remaining(figure: ReportFigure, lang: Lang) -> str:
    left: Number = 0
    if (
        figure.target is not None
        and figure.value is not None
        and not isinstance(figure.value, date)
    ):
        left = numbers.exact(figure.target) - numbers.exact(figure.value)
    remaining = numbers.computed(left, figure.unit, lang)
    return word("watch-open", lang, **_named(figure, lang), remaining=remaining)


def _rate(figure: ReportFigure, lang: Lang) -> str:
    mark = figure.pace
    if mark is None or mark.required_per_month is None or mark.done_per_month is None:
        return ""
    gap = "" if lang == "zh" else " "
    required = numbers.computed(mark.required_per_month, figure.unit, lang)
    done = numbers.computed(mark.done_per_month, figure.unit, lang)
    return gap + word("watch-rate", lang, required=required, done=done)


def _checks(lookback: LookBack, lang: Lang) -> Iterable[str]:
    if lookback.findings:
        warnings = sum(1 for finding in lookback.findings if finding.severity != "info")
        notes = len(lookback.findings) - warnings
        yield word("watch-findings", lang, warnings=warnings, notes=notes)
