"""Figures by indicator, zone and period: each record once, however zones overlap."""

from __future__ import annotations

from collections.abc import Callable

from zonewright.steering import (
    rules_derived,
    rules_formula,
    rules_land,
    rules_observed,
    rules_records,
)
from zonewright.steering.catalogue import Indicator, Rule
from zonewright.steering.figure import Answer, Facts, Figure, Question, ZoneScope
from zonewright.steering.registry import unknown_indicator

__all__ = ["Facts", "Figure", "Question", "ZoneScope", "evaluate", "indicator_of"]

_FROM_RECORDS: dict[Rule, Callable[[Question, Indicator, Facts], Answer]] = {
    "sum": rules_records.sum_rows,
    "count": rules_records.count_rows,
    "distinct": rules_records.count_rows,
    "attribute": rules_records.attribute,
    "milestone": rules_records.milestone,
    "reported": rules_observed.reported,
    "sum_firms": rules_observed.sum_firms,
    "sum_zones": rules_observed.sum_zones,
    "blocks": rules_land.blocks,
    "block_area": rules_land.blocks,
    "boundary_area": rules_land.boundary_area,
}
_FROM_FIGURES: dict[
    Rule, Callable[[Question, Indicator, Facts, rules_derived.Evaluate], Answer]
] = {
    "ratio": rules_derived.ratio,
    "completion": rules_derived.completion,
    "least_completion": rules_derived.least_completion,
    "formula": rules_formula.formula,
}


def evaluate(question: Question, facts: Facts) -> Figure:
    """Return the figure that answers a question.

    Parameters
    ----------
    question
        Indicator, zone, period and, for a figure of one project, its code. An indicator
        ``completion:CODE`` asks how far the year's target of CODE is met.
    facts
        What there is to compute from.

    Returns
    -------
    figure
        Its value is None where the facts do not tell it; its findings say what is missing.

    Raises
    ------
    UnknownReferenceError
        If there is no such indicator or zone.
    SchemaError
        If a table or column is missing.

    Notes
    -----
    Values are added up as exact decimals and converted by exact fractions: neither the order of the
    records nor the unit of a return changes a figure. A growth rate is quoted as it was published;
    no rule computes one from levels.

    Examples
    --------
    See ``tests/unit/steering/test_rollup.py``, where a small workspace is built.
    """
    indicator = indicator_of(question.indicator, facts)
    if indicator.rule in _FROM_FIGURES:
        answer = _FROM_FIGURES[indicator.rule](question, indicator, facts, evaluate)
    else:
        answer = _FROM_RECORDS[indicator.rule](question, indicator, facts)
    return _figure(question, indicator, answer, rules_land.version_records(facts, question.zone))


def indicator_of(code: str, facts: Facts) -> Indicator:
    """Return the indicator of a code, or of ``completion:CODE``.

    Raises
    ------
    UnknownReferenceError
        If there is none.
    """
    plain = code.removeprefix(rules_derived.COMPLETION_OF)
    if plain not in facts.catalogue:
        raise unknown_indicator(code, facts.catalogue)
    found = facts.catalogue[plain]
    return found if plain == code else rules_derived.completion_of(found)


def _figure(
    question: Question, indicator: Indicator, answer: Answer, versions: tuple[str, ...]
) -> Figure:
    exact = answer.exact
    read = [*answer.terms["record"], *answer.extra_records]
    for part in answer.inputs:
        read.extend(part.records)
    return Figure(
        question=question,
        indicator=indicator,
        value=answer.on if answer.on is not None else None if exact is None else float(exact),
        exact=exact,
        bound=answer.bound,
        basis=answer.basis or indicator.basis,
        terms=answer.terms,
        records=tuple(dict.fromkeys(str(record) for record in read)),
        inputs=answer.inputs,
        formula_zh=answer.formula_zh,
        formula_en=answer.formula_en,
        versions=versions,
        findings=answer.findings,
        precision=answer.precision,
    )
