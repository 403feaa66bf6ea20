"""What a look-back report says, apart from how it is drawn.

A `LookBack` carries every text in Chinese and English, numbers as numbers and shapes as frames;
the renderers (`html`, `docx`, `pdf`) take it and a language. Sentences about the figures are not
part of it: `prose` builds them from the figures, so that no sentence can contradict a table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Literal, get_args

import geopandas as gpd

from zonewright.core.errors import RangeError
from zonewright.core.findings import Finding, Place
from zonewright.core.phrases import Bound, Lang, Number

Colour = Literal["blue", "green", "yellow", "red"]
ChapterKey = Literal["scope", "mechanism", "projects", "guarantees"]

LANGUAGES: tuple[Lang, ...] = get_args(Lang)
COLOURS: tuple[Colour, ...] = get_args(Colour)
CHAPTERS: tuple[ChapterKey, ...] = get_args(ChapterKey)


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and English; a name that has one form only stands in both."""

    zh: str
    en: str

    @classmethod
    def same(cls, text: str) -> Text:
        """Return a text that reads alike in both languages (a code, a file name, a quotation)."""
        return cls(text, text)

    def of(self, lang: Lang) -> str:
        """Return the text in a language."""
        return self.zh if lang == "zh" else self.en

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)


@dataclass(frozen=True, slots=True)
class Line:
    """One record behind a figure, and what it gave.

    Parameters
    ----------
    record
        ``"parcel_event:123"``: model and primary key.
    code, title
        Code of the record and what a reader would call it.
    contribution
        What it adds, in the unit of the derivation; None for a record that is only quoted.
    place
        Source file, sheet, row and column.
    """

    record: str
    code: str
    title: str
    contribution: Number | None
    place: Place

    @property
    def gave(self) -> bool:
        """Whether the record adds a number: not one that only takes part (None, NaN)."""
        return self.contribution is not None and self.contribution == self.contribution


@dataclass(frozen=True, slots=True)
class Input:
    """A value that enters a formula and is not a record: another figure, a target, a threshold.

    Parameters
    ----------
    label
        What it is.
    value, unit
        The number and its unit code; a value that is no number stands in `text`.
    figure
        Code of the figure in the same report that shows it; empty if none.
    text
        The value in words, where there is no number.
    """

    label: Text
    value: Number | None = None
    unit: str = ""
    figure: str = ""
    text: Text = Text("", "")


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a figure came about.

    Parameters
    ----------
    formula
        The rule in words or signs.
    scope
        The zone and the version of its boundary on which the records were chosen.
    as_of
        State of knowledge; None for the latest.
    run
        Identity of the run that computed it; empty if it was computed on reading.
    unit
        Unit code of the lines' contributions; empty if they are counted.
    lines
        Every record, in the order of its source.
    inputs
        Values that are not records.
    """

    formula: Text
    scope: Text
    as_of: date | None = None
    run: str = ""
    unit: str = ""
    lines: tuple[Line, ...] = ()
    inputs: tuple[Input, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the source files, each once, in order of first use."""
        return tuple(dict.fromkeys(line.place.file for line in self.lines if line.place.file))

    @property
    def total(self) -> Fraction | None:
        """Exact sum of the contributions; None if any line has none."""
        given = [line.contribution for line in self.lines if line.gave]
        if not given or len(given) < len(self.lines):
            return None
        return sum((Fraction(value) for value in given if value is not None), Fraction(0))


@dataclass(frozen=True, slots=True)
class PaceMark:
    """Where a figure stands against the target's curve.

    Parameters
    ----------
    expected_pct
        Share of the target that the curve asks for by the end of the period [%].
    ahead_pp
        Completion minus `expected_pct`, unrounded [pp].
    colour
        Of ``blue`` ahead, ``green`` on pace, ``yellow`` behind, ``red`` far behind.
    required_per_month, done_per_month
        Run rate needed to meet the target, and run rate so far, in the figure's unit.
    """

    expected_pct: float
    ahead_pp: float
    colour: Colour
    required_per_month: Number | None = None
    done_per_month: Number | None = None

    def __post_init__(self) -> None:
        if self.colour not in COLOURS:
            raise RangeError("report-colour-unknown", value=self.colour, known=", ".join(COLOURS))


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """One figure: as it is stated, as it was computed, its target and pace, and its derivation.

    Parameters
    ----------
    code
        Identity within the report, ``"F018"``; letters, digits, ``-``, ``_`` and ``.`` only.
    label, zone, period
        What was measured, where and when.
    value
        The number behind the statement, in `unit`; a date for a milestone; None if unknown.
    unit
        Unit code of ``core.units``.
    stated
        The number as stated, in `unit` (1100 in 超1100公顷); None to state `value` itself.
    bound
        How the stated number bounds the value: ``exact``, ``ge`` 超, ``le`` 近, ``approx`` 约.
    wording
        The statement in words, where a number and a unit cannot say it (2023年6月).
    basis
        ``nominal``, ``comparable`` (comparable prices), ``cumulative`` or empty.
    kind
        ``derived`` from records, or ``reported`` by a return or a bulletin.
    nature
        ``flow``, ``stock``, ``ratio`` or ``rate``; the sign of a rate is always shown.
    target
        Target of the year, in `unit`.
    completion
        `value` over `target` [%].
    pace
        Standing against the target's curve.
    derivation
        How it came about.
    note
        A caution for readers: another basis, an open scope.
    """

    code: str
    label: Text
    zone: Text
    period: Text
    value: Number | date | None
    unit: str
    derivation: Derivation
    stated: Number | None = None
    bound: Bound = "exact"
    wording: Text = Text("", "")
    basis: Literal["", "nominal", "comparable", "cumulative"] = ""
    kind: Literal["derived", "reported"] = "derived"
    nature: Literal["", "flow", "stock", "ratio", "rate"] = ""
    target: Number | None = None
    completion: float | None = None
    pace: PaceMark | None = None
    note: Text = Text("", "")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and whether it holds numbers."""

    label: Text
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A further table of a chapter: cells are texts, or numbers with the column's format."""

    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Text | Number, ...], ...]
    note: Text = Text("", "")


@dataclass(frozen=True, slots=True)
class PaceBar:
    """One bar of a chart of completion: done and expected share of the year's target [%]."""

    label: Text
    completion_pct: float
    expected_pct: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class PaceBars:
    """Completion of the year's targets against what the curve expects by now."""

    title: Text
    bars: tuple[PaceBar, ...]


@dataclass(frozen=True, slots=True)
class MonthlyCurve:
    """A cumulative amount by month, beside the target's curve.

    Parameters
    ----------
    title
        Heading of the chart.
    unit
        Unit code of the amounts.
    months
        First day of each month.
    done
        Cumulative amount at the end of each month; None after the last month reported.
    target
        What the target's curve asks for by the end of each month; empty if there is no target.
    """

    title: Text
    unit: str
    months: tuple[date, ...]
    done: tuple[float | None, ...]
    target: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its amount, and whether it belongs to the group that is stressed."""

    label: Text
    value: float
    stressed: bool = True


@dataclass(frozen=True, slots=True)
class Bars:
    """Amounts by category, in the given order: land by stage, projects by source city.

    Parameters
    ----------
    title
        Heading of the chart.
    unit
        Unit code of the amounts.
    bars
        The amounts.
    stressed, other
        What the two groups of bars are, for the caption; empty if all are alike.
    """

    title: Text
    unit: str
    bars: tuple[Bar, ...]
    stressed: Text = Text("", "")
    other: Text = Text("", "")


Chart = PaceBars | MonthlyCurve | Bars


@dataclass(frozen=True, slots=True, eq=False)
class MapLayer:
    """Shapes of one kind, drawn alike.

    Parameters
    ----------
    kind
        Zone kind of ``core.schema`` (``cluster``, ``startup`` …), which decides how it is drawn.
    label
        Entry of the legend.
    frame
        Columns ``name_zh``, ``name_en`` (empty: no label) and ``geometry``; CRS EPSG:4490 or any
        geographic one. Rows without a shape are left out.
    """

    kind: str
    label: Text
    frame: gpd.GeoDataFrame


@dataclass(frozen=True, slots=True, eq=False)
class ReportMap:
    """The map: layers from the ground up, and the note that the sources ask for (审图号)."""

    title: Text
    layers: tuple[MapLayer, ...]
    note: Text


@dataclass(frozen=True, slots=True)
class Chapter:
    """One of the four chapters: 明范围, 定机制, 上项目, 强保障.

    Parameters
    ----------
    key
        Which of the four.
    figures
        In the order of the table.
    intro
        Opening words of the author; empty to let the figures speak (`prose.chapter`).
    tables, charts
        What else the chapter shows.
    """

    key: ChapterKey
    figures: tuple[ReportFigure, ...]
    intro: Text = Text("", "")
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that the figures rest on: name, what it holds, fingerprint, records, day of import."""

    name: str
    holds: Text
    sha256: str
    records: int
    taken_on: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A word and its meaning, for the glossary and the notes on method."""

    term: Text
    meaning: Text


@dataclass(frozen=True, slots=True, eq=False)
class LookBack:
    """A look-back report, in both languages.

    Parameters
    ----------
    title, subtitle
        As printed on the first page.
    zones
        The zones reported on.
    period
        Months covered.
    as_of
        State of knowledge of the figures.
    generated_at
        Aware time stamp printed on the report and kept in the files.
    run, workspace
        Identity of the run, and of the workspace.
    notices
        What the source files say of themselves (synthetic, provisional), verbatim.
    headlines
        Codes of the figures on the first page, in order; each is a figure of a chapter.
    chapters
        The four chapters in order; one may be missing.
    map
        The map; None if no zone has a boundary.
    charts
        Charts of the summary.
    sources
        The files.
    glossary
        Words and method.
    findings
        What the checks found and readers should know.
    watch
        Points to watch that figures alone do not show.

    Raises
    ------
    RangeError
        If a figure code is repeated, is unfit as an anchor, or is a headline of no chapter; or the
        time stamp is not aware.
    """

    title: Text
    subtitle: Text
    zones: tuple[Text, ...]
    period: Text
    as_of: date
    generated_at: datetime
    run: str
    workspace: str
    notices: tuple[str, ...]
    headlines: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    map: ReportMap | None = None
    charts: tuple[Chart, ...] = ()
    sources: tuple[SourceFile, ...] = ()
    glossary: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()
    watch: tuple[Text, ...] = ()
    _by_code: dict[str, ReportFigure] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.generated_at.tzinfo is None:
            raise RangeError("report-time-naive", value=self.generated_at)
        for figure in (figure for chapter in self.chapters for figure in chapter.figures):
            if not figure.code.isascii() or not _plain(figure.code):
                raise RangeError("report-code-unfit", value=figure.code)
            if figure.code in self._by_code:
                raise RangeError("report-code-repeated", value=figure.code)
            self._by_code[figure.code] = figure
        for code in self.headlines:
            if code not in self._by_code:
                raise RangeError("report-headline-unknown", value=code)

    @property
    def figures(self) -> tuple[ReportFigure, ...]:
        """Every figure, in the order of the chapters."""
        return tuple(self._by_code.values())

    def figure(self, code: str) -> ReportFigure:
        """Return a figure by its code."""
        return self._by_code[code]


def _plain(code: str) -> bool:
    return bool(code) and all(sign.isalnum() or sign in "-_." for sign in code)
