"""Rules that are made of other figures: ratios and completions of a year's targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

import pandas as pd

from zonewright.core.errors import UnitError, UnknownReferenceError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.schema import require_columns
from zonewright.core.units import factor, unit
from zonewright.steering import formula
from zonewright.steering.catalogue import Indicator, Operand
from zonewright.steering.figure import (
    Answer,
    Bound,
    Facts,
    Figure,
    Question,
    finding_of,
    joint_bound,
    new_terms,
)
from zonewright.steering.rows import exact_sum

COMPLETION_OF = "completion:"
Evaluate = Callable[[Question, Facts], Figure]
_OPPOSITE: dict[Bound, Bound] = {"ge": "le", "le": "ge", "approx": "approx", "exact": "exact"}


def ratio(question: Question, indicator: Indicator, facts: Facts, evaluate: Evaluate) -> Answer:
    """Divide one figure by another."""
    try:
        zones = [
            facts.scope.city_of(question.zone) if operand.at == "city" else question.zone
            for operand in indicator.of
        ]
    except UnknownReferenceError as error:
        parts = [facts.catalogue[operand.indicator] for operand in indicator.of]
        wording = formula.quotient(indicator, *parts, zones=[question.zone] * 2)
        found = Finding(error.code, "warning", ids=(question.zone,), params=error.params)
        return Answer(None, new_terms(), *wording, findings=(found,))
    upper, lower = (
        evaluate(Question(operand.indicator, zone, question.period, question.subject), facts)
        for operand, zone in zip(indicator.of, zones, strict=True)
    )
    wording = formula.quotient(indicator, upper.indicator, lower.indicator, zones=zones)
    findings = _unknown_inputs(question, indicator, (upper, lower))
    if all(map(_has_price_basis, (upper, lower))) and upper.basis != lower.basis:
        bases = f"{upper.basis} / {lower.basis}"
        findings += (finding_of("rollup-basis", question, indicator, bases=bases),)
    if lower.exact == 0:
        findings += (finding_of("rollup-division", question, indicator, of=lower.indicator.code),)
    if upper.exact is None or not lower.exact:
        return Answer(None, new_terms(), *wording, findings=findings, inputs=(upper, lower))
    base = _in_base(upper) / _in_base(lower)
    exact = base / unit(indicator.unit).factor
    terms = _scaled(upper, exact / upper.exact if upper.exact else Fraction(0))
    below = new_terms(lower.records, [float("nan")] * len(lower.records))
    return Answer(
        exact,
        _joined(terms, below),
        *wording,
        findings=findings,
        inputs=(upper, lower),
        bound=_quotient_bound(upper.bound, lower.bound),
    )


def completion(
    question: Question, indicator: Indicator, facts: Facts, evaluate: Evaluate
) -> Answer:
    """Divide what was done in the year so far by the target of the year."""
    done = _done(question, indicator.of[0].indicator, facts, evaluate)
    target = target_of(facts, done.indicator, question.zone, question.period.year)
    wording = _completion_wording(done.indicator, question)
    if target is None:
        finding = finding_of(
            "rollup-no-target", question, indicator, of=done.indicator.code,
            year=question.period.year,
        )  # fmt: skip
        return Answer(None, new_terms(), *wording, findings=(finding,), inputs=(done,))
    value, record, given = target
    findings = _unknown_inputs(question, indicator, (done,))
    if value is None:
        findings += (finding_of("rollup-unit", question, indicator, ids=(record,), units=given),)
    elif not value:
        findings += (finding_of("rollup-division", question, indicator, of=done.indicator.code),)
    if done.exact is None or not value:
        return Answer(None, new_terms(), *wording, findings=findings, inputs=(done,))
    exact = done.exact / value / unit(indicator.unit).factor
    terms = _scaled(done, 1 / value / unit(indicator.unit).factor)
    return Answer(
        exact,
        _joined(terms, new_terms([record], [float("nan")]) if record else new_terms()),
        *wording,
        findings=findings,
        inputs=(done,),
        bound=done.bound,
    )


def least_completion(
    question: Question, indicator: Indicator, facts: Facts, evaluate: Evaluate
) -> Answer:
    """Return the lowest completion among the targets that a zone has for the year."""
    parts = tuple(
        evaluate(replace(question, indicator=f"{COMPLETION_OF}{operand.indicator}"), facts)
        for operand in indicator.of
        if target_of(facts, facts.catalogue[operand.indicator], question.zone, question.period.year)
    )
    names = [
        "、".join(part.indicator.zh for part in parts),
        ", ".join(part.indicator.en for part in parts),
    ]
    wording = (
        f"min（{names[0]}）；片区 {question.zone}，{question.period.year}年各项目标",
        f"min ({names[1]}); zone {question.zone}, all targets of {question.period.year}",
    )
    known = [(part.exact, place) for place, part in enumerate(parts) if part.exact is not None]
    if not parts:
        listed = ", ".join(operand.indicator for operand in indicator.of)
        finding = finding_of(
            "rollup-no-target", question, indicator, of=listed, year=question.period.year
        )
        return Answer(None, new_terms(), *wording, findings=(finding,))
    findings = _unknown_inputs(question, indicator, parts)
    if len(known) < len(parts):
        return Answer(None, new_terms(), *wording, findings=findings, inputs=parts)
    exact, place = min(known)
    lowest = parts[place]
    return Answer(
        exact, lowest.terms, *wording, findings=findings, inputs=parts, bound=lowest.bound
    )


def completion_of(indicator: Indicator) -> Indicator:
    """Return the indicator that tells how far an indicator's target of the year is met."""
    return Indicator(
        code=f"{COMPLETION_OF}{indicator.code}",
        zh=f"{indicator.zh}年度目标完成率",
        en=f"Completion of the year's target: {indicator.en}",
        unit="%",
        nature="ratio",
        basis="none",
        rule="completion",
        of=(Operand(indicator.code),),
        note_zh="完成数除以年度目标",
        note_en="Done over the target of the year",
    )


def target_of(
    facts: Facts, indicator: Indicator, zone: str, year: int
) -> tuple[Fraction | None, str, str] | None:
    """Return the target of an indicator, zone and year, its record, and the unit it came in.

    The value is in the indicator's unit; None if the unit that it came in does not measure it.
    """
    require_columns(facts.targets, "indicator", "zone", "value", "unit", of="targets")
    rows = facts.targets
    rows = rows[(rows["indicator"] == indicator.code) & (rows["zone"] == zone)]
    if "year" in rows:
        rows = rows[rows["year"] == year]
    if not len(rows):
        return None
    row = rows.iloc[0]
    given, record = str(row["unit"]), str(row.get("record", "") or "")
    try:
        return exact_sum([row["value"]]) * factor(given, indicator.unit), record, given
    except UnitError:
        return None, record, given


def _done(question: Question, code: str, facts: Facts, evaluate: Evaluate) -> Figure:
    """Return what was done: of a flow, since January of the year."""
    period = question.period
    if facts.catalogue[code].nature == "flow":
        period = Period.year_to_date(period.year, period.last_month)
    return evaluate(Question(code, question.zone, period, question.subject), facts)


def _completion_wording(done: Indicator, question: Question) -> tuple[str, str]:
    year = question.period.year
    return (
        f"{done.zh}完成数 ÷ {year}年目标（片区 {question.zone}），以%计",
        f"{done.en} done ÷ target of {year} (zone {question.zone}), in %",
    )


def _unknown_inputs(
    question: Question, indicator: Indicator, inputs: Iterable[Figure]
) -> tuple[Finding, ...]:
    """Return a finding for each input that cannot be told, after the input's own findings."""
    found: list[Finding] = []
    for figure in inputs:
        found.extend(finding for finding in figure.findings if finding not in found)
        if figure.exact is None:
            of = figure.indicator.code
            found.append(finding_of("rollup-input-missing", question, indicator, of=of))
    return tuple(found)


def _in_base(figure: Figure) -> Fraction:
    return (figure.exact or Fraction(0)) * unit(figure.unit).factor


def _has_price_basis(figure: Figure) -> bool:
    return figure.basis in ("nominal", "comparable")


def _scaled(figure: Figure, scale: Fraction) -> pd.DataFrame:
    terms = figure.terms
    return terms.assign(contribution=terms["contribution"] * float(scale))


def _joined(*terms: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([part for part in terms if len(part)] or [new_terms()], ignore_index=True)


def _quotient_bound(upper: Bound, lower: Bound) -> Bound:
    """Return the bound of a quotient: a larger divisor makes it smaller."""
    return joint_bound((upper, _OPPOSITE[lower]))
