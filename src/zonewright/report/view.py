"""The report in one language, ready to be laid out: every number a text, every picture drawn.

The three renderers differ in layout only; what they say comes from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zonewright.core.findings import Place
from zonewright.core.phrases import Lang, Number
from zonewright.report import drawings, numbers, prose, theme
from zonewright.report.drawings import Drawing
from zonewright.report.model import Chapter, Derivation, Input, LookBack, ReportFigure, Table, Text
from zonewright.report.words import require_language, word

COARSE = ("ha", "km2", "万m2", "万亩", "亿元", "亿美元", "万元")
FILES_NAMED = 3
_LETTERS = re.compile("[A-Z]{1,3}")
_ORDER_ZH = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure as a row of its table: texts in one language."""

    code: str
    anchor: str
    label: str
    zone: str
    period: str
    stated: str
    beside: str
    computed: str
    target: str
    completion: str
    completion_pct: float | None
    expected_pct: float | None
    ahead: str
    colour: str
    sign: str
    pace: str
    kind: str
    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class TableView:
    """A further table: title with number, headings, cells, and which columns are numeric."""

    caption: str
    headings: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with its numbered caption and a name of its own in the page."""

    name: str
    caption: str
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures; only where they have targets does it have columns for them."""

    caption: str
    figures: tuple[FigureView, ...]
    has_targets: bool


@dataclass(frozen=True, slots=True)
class ChapterView:
    """A chapter: heading, opening sentences, tables of figures, further tables and pictures."""

    key: str
    heading: str
    intro: tuple[str, ...]
    figures: tuple[FigureTable, ...]
    tables: tuple[TableView, ...]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """A record behind a figure: code, title, contribution, file, and sheet with cell."""

    code: str
    title: str
    contribution: str
    file: str
    cell: str


@dataclass(frozen=True, slots=True)
class DerivationView:
    """How a figure came about: its facts as pairs of label and text, inputs and lines."""

    figure: FigureView
    formula: str
    facts: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str, str], ...]
    count: str
    show: str
    lines: tuple[LineView, ...]
    unit: str
    total: str


@dataclass(frozen=True, slots=True)
class Document:
    """The whole report in one language."""

    lang: Lang
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    identity: tuple[tuple[str, str], ...]
    stamp: str
    notices: tuple[str, ...]
    headlines: tuple[FigureView, ...]
    summary: prose.Summary
    pictures: tuple[Picture, ...]
    map: Picture | None
    chapters: tuple[ChapterView, ...]
    legend: str
    glossary: tuple[tuple[str, str], ...]
    sources: TableView | None
    findings: TableView | None
    derivations: tuple[DerivationView, ...]
    line_count: str

    def word(self, name: str, **params: object) -> str:
        """Return a word of the report in the document's language."""
        return word(name, self.lang, **params)


def document(lookback: LookBack, lang: Lang) -> Document:
    """Return the report in one language.

    Raises
    ------
    RangeError
        If the report is not written in that language.
    """
    require_language(lang)
    counter = _Counter(lang)
    figures = {item.code: figure_view(item, lang) for item in lookback.figures}
    pictures = tuple(counter.picture(drawings.chart(item, lang)) for item in lookback.charts)
    drawn = None
    if lookback.map is not None and any(len(layer.frame) for layer in lookback.map.layers):
        drawn = counter.picture(drawings.map_of(lookback.map, lang))
    return Document(
        lang=lang,
        title=lookback.title.of(lang),
        subtitle=lookback.subtitle.of(lang),
        facts=tuple(_facts(lookback, lang)),
        identity=tuple(_identity(lookback, lang)),
        stamp=_stamp(lookback, lang),
        notices=lookback.notices,
        headlines=tuple(figures[code] for code in lookback.headlines),
        summary=prose.summary(lookback, lang),
        pictures=pictures,
        map=drawn,
        chapters=tuple(
            _chapter(item, place, figures, counter, lang)
            for place, item in enumerate(lookback.chapters)
        ),
        legend=word("pace-legend", lang, **dict(theme.SIGNS.items())),
        glossary=tuple((e.term.of(lang), e.meaning.of(lang)) for e in lookback.glossary),
        sources=_sources(lookback, counter, lang),
        findings=_findings(lookback, counter, lang),
        derivations=tuple(
            _derivation(item, figures[item.code], lookback, lang) for item in lookback.figures
        ),
        line_count=numbers.number(sum(len(item.derivation.lines) for item in lookback.figures)),
    )


def figure_view(figure: ReportFigure, lang: Lang) -> FigureView:
    """Return a figure as a row of its table."""
    pace = figure.pace
    target = (
        ""
        if figure.target is None
        else numbers.quantity(numbers.rounded(figure.target, figure.unit), figure.unit, lang)
    )
    return FigureView(
        code=figure.code,
        anchor=f"zr-{figure.code}",
        label=figure.label.of(lang),
        zone=figure.zone.of(lang),
        period=figure.period.of(lang),
        stated=numbers.stated(figure, lang, land=False),
        beside=_beside(figure, lang),
        computed=_computed(figure, lang),
        target=target,
        completion=prose.achieved_share(figure),
        completion_pct=figure.completion,
        expected_pct=pace.expected_pct if pace else None,
        ahead=numbers.points(pace.ahead_pp, lang) if pace else "",
        colour=pace.colour if pace else "",
        sign=theme.SIGNS[pace.colour] if pace else "",
        pace=word(f"pace-{prose.verdict(figure)}", lang) if pace else "",
        kind=word(figure.kind, lang),
        basis=word(f"basis-{figure.basis}", lang) if figure.basis else "",
        note=figure.note.of(lang),
    )


def cell_of(place: Place) -> str:
    """Return sheet and cell of a source: ``[月报] N128``, or ``[parcels] geometry #128``."""
    return " ".join(
        part for part in (f"[{place.sheet}]" if place.sheet else "", spot_of(place)) if part
    )


def spot_of(place: Place) -> str:
    """Return the cell of a sheet (``N128``), or the field and the feature of a layer."""
    column, row = place.column, "" if place.row is None else str(place.row)
    if row and column and not _LETTERS.fullmatch(column):
        return f"{column} #{row}"
    return column + row


class _Counter:
    """Numbers tables and pictures through the report."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang
        self._gap = "　" if lang == "zh" else ". "
        self._tables = 0
        self._pictures = 0

    def caption(self, title: str) -> str:
        self._tables += 1
        return word("table", self._lang, number=self._tables) + self._gap + title

    def picture(self, drawing: Drawing) -> Picture:
        self._pictures += 1
        caption = word("figure", self._lang, number=self._pictures) + self._gap + drawing.title
        return Picture(f"zr-picture-{self._pictures}", caption, drawing)

    def table(
        self, title: str, headings: tuple[str, ...], numeric: tuple[bool, ...],
        rows: Iterable[tuple[str, ...]], note: str = "",
    ) -> TableView:  # fmt: skip
        return TableView(self.caption(title), headings, numeric, tuple(rows), note)


def _computed(figure: ReportFigure, lang: Lang) -> str:
    """Return the computed value; a date only as precisely as it is known, as its wording says."""
    if isinstance(figure.value, date) and figure.wording:
        return figure.wording.of(lang)
    return numbers.computed(figure.value, figure.unit, lang, signed=figure.nature == "rate")


def _beside(figure: ReportFigure, lang: Lang) -> str:
    amount = figure.stated if figure.stated is not None else figure.value
    if amount is None or figure.wording or not isinstance(amount, numbers.NUMERIC):
        return ""
    return numbers.beside(amount, figure.unit, lang)


def _facts(lookback: LookBack, lang: Lang) -> Iterator[tuple[str, str]]:
    comma = "、" if lang == "zh" else "; "
    if lookback.period != lookback.subtitle:
        yield word("period", lang), lookback.period.of(lang)
    yield word("zones", lang), comma.join(zone.of(lang) for zone in lookback.zones)
    yield word("as-of", lang), numbers.day(lookback.as_of, lang)
    yield word("generated", lang), _stamp(lookback, lang)


def _identity(lookback: LookBack, lang: Lang) -> Iterator[tuple[str, str]]:
    """Yield what identifies the computation: for those who check, not for the first page."""
    yield word("as-of", lang), numbers.day(lookback.as_of, lang)
    if lookback.run:
        yield word("run", lang), lookback.run
    yield word("workspace", lang), lookback.workspace


def _stamp(lookback: LookBack, lang: Lang) -> str:
    moment = lookback.generated_at
    offset = moment.utcoffset() or timedelta(0)
    hours = offset / timedelta(hours=1)
    zone = "UTC" if not hours else f"UTC{hours:+g}"
    return f"{numbers.day(moment.date(), lang)} {moment:%H:%M} {zone}"


def _chapter(
    chapter: Chapter, place: int, figures: dict[str, FigureView], counter: _Counter, lang: Lang
) -> ChapterView:
    title = word(f"chapter-{chapter.key}", lang)
    heading = f"{_ORDER_ZH[place]}、{title}" if lang == "zh" else f"{place + 1}. {title}"
    return ChapterView(
        key=chapter.key,
        heading=heading,
        intro=prose.chapter(chapter, lang),
        figures=tuple(
            _figure_tables([figures[f.code] for f in chapter.figures], title, counter, lang)
        ),
        tables=tuple(_table(item, counter, lang) for item in chapter.tables),
        pictures=tuple(counter.picture(drawings.chart(item, lang)) for item in chapter.charts),
    )


def _figure_tables(
    figures: Sequence[FigureView], chapter: str, counter: _Counter, lang: Lang
) -> Iterator[FigureTable]:
    """Yield the figures with a target, then the others: no table has columns that stay empty."""
    paced = tuple(figure for figure in figures if figure.target)
    rest = tuple(figure for figure in figures if not figure.target)
    names = ("figures-paced", "figures-rest") if paced and rest else ("figures-of",) * 2
    for name, members, has_targets in zip(names, (paced, rest), (True, False), strict=True):
        if members:
            caption = counter.caption(word(name, lang, chapter=chapter))
            yield FigureTable(caption, members, has_targets)


def _table(table: Table, counter: _Counter, lang: Lang) -> TableView:
    return counter.table(
        table.title.of(lang),
        tuple(column.label.of(lang) for column in table.columns),
        tuple(column.numeric for column in table.columns),
        (
            tuple(c.of(lang) if isinstance(c, Text) else numbers.number(c) for c in row)
            for row in table.rows
        ),
        table.note.of(lang),
    )


def _sources(lookback: LookBack, counter: _Counter, lang: Lang) -> TableView | None:
    if not lookback.sources:
        return None
    names = ("source-name", "source-holds", "source-records", "source-taken", "source-sha")
    return counter.table(
        word("sources-table", lang),
        tuple(word(name, lang) for name in names),
        (False, False, True, False, False),
        (
            (
                source.name,
                source.holds.of(lang),
                numbers.number(source.records),
                numbers.day(source.taken_on, lang) if source.taken_on else "—",
                source.sha256[:16],
            )
            for source in lookback.sources
        ),
    )


def _findings(lookback: LookBack, counter: _Counter, lang: Lang) -> TableView | None:
    if not lookback.findings:
        return None
    names = ("finding-severity", "finding-place", "finding-text")
    return counter.table(
        word("findings", lang),
        tuple(word(name, lang) for name in names),
        (False, False, False),
        (
            (word(f"severity-{item.severity}", lang), str(item.place) or "—", item.text(lang))
            for item in lookback.findings
        ),
    )


def _derivation(
    figure: ReportFigure, view: FigureView, lookback: LookBack, lang: Lang
) -> DerivationView:
    derivation = figure.derivation
    count = len(derivation.lines)
    say = _contribution(derivation)
    one = count == 1
    return DerivationView(
        figure=view,
        formula=derivation.formula.of(lang),
        facts=tuple(_derivation_facts(derivation, lookback, lang)),
        inputs=tuple(_input(item, lookback, lang) for item in derivation.inputs),
        count=_count(count, lang),
        show=word("derivation-show-one" if one else "derivation-show", lang,
                  count=numbers.number(count)),
        lines=tuple(
            LineView(
                code=line.code,
                title=line.title,
                contribution=say(line.contribution) if line.gave else "—",
                file=line.place.file,
                cell=cell_of(line.place),
            )
            for line in derivation.lines
        ),
        unit=_line_unit(derivation.unit, lang),
        total="" if derivation.total is None or count < 2 else say(derivation.total),
    )  # fmt: skip


def _count(count: int, lang: Lang) -> str:
    if not count:
        return word("derivation-none", lang)
    name = "derivation-one" if count == 1 else "derivation-count"
    return word(name, lang, count=numbers.number(count))


def _derivation_facts(
    derivation: Derivation, lookback: LookBack, lang: Lang
) -> Iterator[tuple[str, str]]:
    yield word("derivation-scope", lang), derivation.scope.of(lang)
    # What holds for the whole report stands once, in its method.
    if derivation.as_of is not None and derivation.as_of != lookback.as_of:
        yield word("as-of", lang), numbers.day(derivation.as_of, lang)
    if derivation.run not in ("", lookback.run):
        yield word("run", lang), derivation.run
    yield word("derivation-records", lang), _count(len(derivation.lines), lang)
    if derivation.files:
        yield word("derivation-files", lang), _file_names(derivation.files, lang)


def _file_names(names: Sequence[str], lang: Lang) -> str:
    """Return the names of files; of many, the first and the last and how many there are."""
    if len(names) > FILES_NAMED:
        first, *_, last = sorted(names)
        return word("derivation-many-files", lang, first=first, last=last, count=len(names))
    return ("、" if lang == "zh" else ", ").join(names)


def _input(item: Input, lookback: LookBack, lang: Lang) -> tuple[str, str, str]:
    """Return an input's label, its value, and the anchor of its figure."""
    value = item.text.of(lang)
    if item.value is not None:
        value = numbers.computed(item.value, item.unit, lang)
    known = any(figure.code == item.figure for figure in lookback.figures)
    return item.label.of(lang), value, f"zr-{item.figure}" if known else ""


def _contribution(derivation: Derivation) -> Callable[[Number | None], str]:
    """Return how contributions are written: the number alone, its unit stands in the heading.

    A parcel is small beside hectares, a work beside 亿元: they show more decimals than a figure.
    """
    unit = derivation.unit
    if not unit:
        return lambda value: numbers.number(value or 0)
    more = 4 if unit in COARSE else 0
    return lambda value: numbers.number(
        value or 0, max(more, numbers.decimals_of(value or 0, unit))
    )


def _line_unit(unit: str, lang: Lang) -> str:
    return numbers.unit_label(unit, lang)
