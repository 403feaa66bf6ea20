"""The figures of the outline: each computed from its records, stated, and set against its pace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from django.db import OperationalError

from zonewright.core.errors import UnitError, UnknownReferenceError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.records import RecordCard
from zonewright.core.units import convert
from zonewright.steering.figure import Figure, Question, as_bound
from zonewright.steering.pace import Pace
from zonewright.steering.rollup import evaluate
from zonewright.steering.statement import Stated, state
from zonewright.store import selectors
from zonewright.store.access import Access
from zonewright.store.selectors import OutlineItem
from zonewright.store.workspace import brief_waits, one_moment
from zonewright.workflows.books import Books, open_books
from zonewright.workflows.kept import Kept
from zonewright.workflows.pace import standing_of
from zonewright.workflows.runs import keep_run

_REPORTED_RULES = ("reported",)


@dataclass(frozen=True, slots=True, eq=False)
class FigureItem:
    """One figure of the outline.

    Parameters
    ----------
    code, chapter
        Identity and chapter in the outline.
    kind
        ``derived`` from records, or ``reported`` (quoted from a return or bulletin).
    wording_zh, wording_en
        What is measured, in the outline's words.
    zone, zone_name_zh, zone_name_en
        Where.
    period
        When.
    figure
        The computed figure.
    stated
        As it is phrased.
    target
        Target of the year, in the figure's unit; None if there is none.
    pace
        Standing against the target's curve; None without a target.
    """

    code: str
    chapter: str
    kind: str
    wording_zh: str
    wording_en: str
    zone: str
    zone_name_zh: str
    zone_name_en: str
    period: Period
    figure: Figure
    stated: Stated
    target: float | None
    pace: Pace | None

    def wording(self, lang: str) -> str:
        """Return what is measured, in a language."""
        return self.wording_zh if lang == "zh" else self.wording_en

    def zone_name(self, lang: str) -> str:
        """Return the zone's name in a language."""
        return self.zone_name_zh if lang == "zh" else self.zone_name_en

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is missing or odd, in the figure and in how it is stated."""
        return (*self.figure.findings, *self.stated.findings)

    @property
    def value_text(self) -> str:
        """The computed value in the unit of the statement, as plain text; empty if unknown."""
        value = self.stated.value
        if value is None:
            return ""
        if isinstance(value, date):
            return value.isoformat()[: {"y": 4, "m": 7}.get(self.figure.precision, 10)]
        return f"{float(value):,.4f}".rstrip("0").rstrip(".")

    @property
    def value(self) -> float | str | None:
        """The computed value in the unit of the statement; a date as ISO text to its precision."""
        given = self.stated.value
        return (
            self.value_text if isinstance(given, date) else None if given is None else float(given)
        )

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "id": self.code,
            "kind": self.kind,
            "indicator": self.figure.question.indicator,
            "wording": self.wording_zh,
            "wording_en": self.wording_en,
            "zone": self.zone,
            "zone_name": self.zone_name_zh,
            "period": str(self.period),
            "value": self.value,
            "unit": self.stated.unit,
            "bound": self.stated.bound,
            "stated": self.stated.stated,
            "text": self.stated.text("zh"),
            "text_en": self.stated.text("en"),
            "basis": self.figure.basis,
            "target": self.target,
            "completion_pct": self.pace.completion_pct if self.pace else None,
            "ahead_pp": self.pace.ahead_pp if self.pace else None,
            "records": len(self.figure.records),
            "derivation": {
                "formula": self.figure.formula_zh,
                "formula_en": self.figure.formula_en,
                "scope_versions": list(self.figure.versions),
                "records": list(self.figure.records),
                "inputs": [_input_as_dict(part) for part in self.figure.inputs],
            },
            "findings": [finding.as_dict("en") for finding in self.findings],
        }


def _input_as_dict(figure: Figure) -> dict[str, object]:
    return {
        "indicator": figure.question.indicator,
        "zone": figure.question.zone,
        "value": figure.value,
        "unit": figure.unit,
        "formula": figure.formula_zh,
        "inputs": [_input_as_dict(part) for part in figure.inputs],
    }


@dataclass(frozen=True, slots=True, eq=False)
class FigureSet:
    """Every figure of the outline, for one state of the workspace.

    Parameters
    ----------
    items
        In the order of the outline.
    as_of
        Time at which the workspace is seen; None means now.
    run
        Identity of the run that computed them; empty if it could not be kept.
    notices
        What the imported files say of their data, verbatim.
    fingerprint
        Of the state.
    """

    items: tuple[FigureItem, ...]
    as_of: datetime | None
    run: str
    notices: tuple[str, ...]
    fingerprint: str

    def item(self, code: str) -> FigureItem:
        """Return a figure by its code.

        Raises
        ------
        UnknownReferenceError
            If the outline has none of that code.
        """
        for item in self.items:
            if item.code == code:
                return item
        raise UnknownReferenceError("figure-unknown", figure=code)

    def within(self, zones: frozenset[str] | None) -> FigureSet:
        """Return the figures of some zones only; None means of every zone."""
        if zones is None:
            return self
        return replace(self, items=tuple(item for item in self.items if item.zone in zones))


@dataclass(frozen=True, slots=True)
class DerivationLine:
    """A record behind a figure, and what it gave [unit of the figure]; None if it only counts."""

    card: RecordCard
    contribution: float | None
    part: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Derivation:
    """What a figure rests on.

    Parameters
    ----------
    lines
        Its own records, those that gave something first.
    inputs
        The figures that it is made of, each with its own derivation.
    versions
        Records of the zone boundaries that decided what lies in the zone.
    hidden
        How many records lie where the reader may not look.
    """

    figure: Figure
    lines: tuple[DerivationLine, ...]
    inputs: tuple[Derivation, ...]
    versions: tuple[RecordCard, ...]
    hidden: int = 0


KEPT_SETS = 4
_kept: Kept[tuple[str, datetime | None], FigureSet] = Kept(KEPT_SETS)


def figure_set(as_of: datetime | None = None) -> FigureSet:
    """Return every figure of the outline, computed from the records.

    Parameters
    ----------
    as_of
        Time at which the workspace is seen; None means now.
    """
    with one_moment():
        found = figures_of(open_books(as_of))
    return keep_figures(found)


def figures_of(books: Books) -> FigureSet:
    """Return every figure that books give; nothing is written."""
    return _kept.get((books.fingerprint, books.as_of), partial(_compute, books))


def keep_figures(found: FigureSet) -> FigureSet:
    """Return figures with the run by which they are kept."""
    if found.run:
        return found
    kept = replace(found, run=_kept_run(found))
    _kept.put((kept.fingerprint, kept.as_of), kept)
    return kept


def _compute(books: Books) -> FigureSet:
    items = tuple(figure_item(books, entry) for entry in selectors.outline(books.as_of))
    notices = tuple(selectors.notices())
    return FigureSet(items, books.as_of, "", notices, books.fingerprint)


def _kept_run(found: FigureSet) -> str:
    """Return the identity of the run; empty if another program is writing the workspace.

    Figures can be read while a long import runs. That they were is then not kept.
    """
    try:
        with brief_waits():
            run = keep_run(
                "figures",
                fingerprint=found.fingerprint,
                params={"as_of": found.as_of.isoformat() if found.as_of else None},
                result={item.code: item.value for item in found.items},
            )
    except OperationalError:
        return ""
    return str(run.pk)


def figure_item(books: Books, entry: OutlineItem) -> FigureItem:
    """Compute and state one entry of an outline."""
    facts = books.facts(entry.period.end_on)
    question = Question(entry.indicator, entry.zone, entry.period, entry.subject)
    figure = evaluate(question, facts)
    standing = standing_of(books, figure)
    return FigureItem(
        code=entry.code,
        chapter=entry.chapter,
        kind="reported" if figure.indicator.rule in _REPORTED_RULES else "derived",
        wording_zh=entry.wording or figure.indicator.zh,
        wording_en=entry.wording_en or figure.indicator.en,
        zone=entry.zone,
        zone_name_zh=books.zone_name(entry.zone, "zh"),
        zone_name_en=books.zone_name(entry.zone, "en"),
        period=entry.period,
        figure=standing.noted(figure),
        stated=_stated(figure, entry),
        target=standing.target,
        pace=standing.pace,
    )


def _stated(figure: Figure, entry: OutlineItem) -> Stated:
    """State a figure as the outline asks; in its own unit, with a finding, if that does not fit."""
    bound = as_bound(entry.bound)
    try:
        return state(figure, unit=entry.unit, bound=bound, step=entry.step)
    except UnitError as error:
        found = Finding(error.code, "warning", "outline", "unit", ids=(entry.code,),
                        params=error.params)  # fmt: skip
        stated = state(figure, bound=bound)
        return replace(stated, findings=(*stated.findings, found))


def derivation_lines(item: FigureItem) -> tuple[DerivationLine, ...]:
    """Return a figure's own records and what each gave, in the unit in which it is stated."""
    return _lines(item.figure, _scale(item))


def derivation(item: FigureItem, *, access: Access | None = None) -> Derivation:
    """Return the records behind a figure, with the file, sheet and cell of each.

    Parameters
    ----------
    item
        The figure.
    access
        Whose records are left out if they may not be seen; None leaves out none.
    """
    return derivation_of(item.figure, scale=_scale(item), access=access)


def _scale(item: FigureItem) -> float:
    if isinstance(item.stated.value, date) or item.stated.unit == item.figure.unit:
        return 1.0
    return float(convert(1, item.figure.unit, item.stated.unit))


def _lines(
    figure: Figure, scale: float, access: Access | None = None
) -> tuple[DerivationLine, ...]:
    terms = figure.terms
    if access is not None and access.zones() is not None:
        terms = terms[terms["record"].isin(access.seen(terms["record"]))]
    # A sum leads to the cells of its amounts, a count to those of the days by which it counts.
    reads = figure.indicator.value or figure.indicator.when
    cards = selectors.record_cards(list(terms["record"]), reads=reads)
    return tuple(
        DerivationLine(card, None if given != given else given * scale, part)
        for card, given, part in zip(cards, terms["contribution"], terms["part"], strict=True)
    )


def derivation_of(
    figure: Figure, *, scale: float = 1.0, access: Access | None = None
) -> Derivation:
    """Return the records behind a figure, and behind the figures that it is made of.

    Parameters
    ----------
    figure
        The figure.
    scale
        Factor from the figure's unit to that of the statement.
    access
        As in `derivation`.
    """
    lines = _lines(figure, scale, access)
    shown = {line.card.record for line in lines}
    return Derivation(
        figure,
        lines,
        tuple(derivation_of(part, access=access) for part in figure.inputs),
        tuple(selectors.record_cards(list(figure.versions))),
        hidden=len(set(figure.terms["record"]) - shown),
    )
