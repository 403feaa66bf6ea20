"""The rule of an expression: each indicator that it names becomes a figure of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from zonewright.core.errors import PeriodError, UnknownReferenceError
from zonewright.core.findings import Finding
from zonewright.core.units import unit
from zonewright.steering.catalogue import Indicator
from zonewright.steering.expressions import parse_expression
from zonewright.steering.figure import (
    Answer,
    Facts,
    Figure,
    Question,
    finding_of,
    joint_bound,
    new_terms,
)
from zonewright.steering.registry import rests_on
from zonewright.steering.spots import CITY, Spot, compute

Evaluate = Callable[[Question, Facts], Figure]
_WORD = re.compile(r"[A-Za-z_]\w*")
_FUNCTIONS_ZH = {
    "ytd": "年累计", "month": "当月", "prev_year": "上年同期", "prev_month": "上月",
    "growth": "同比增幅", "share_of": "占比", "at": "取自", "if_known": "缺则改取",
    "min": "最小", "max": "最大", "abs": "绝对值", "quantity": "定值", "city": "全市",
}  # fmt: skip
_OBSERVED = ("reported", "sum_firms", "sum_zones")


def formula(question: Question, indicator: Indicator, facts: Facts, evaluate: Evaluate) -> Answer:
    """Compute an expression exactly; its figures come along as inputs."""
    node = parse_expression(indicator.formula)
    exact = _Exact(question, indicator, facts, evaluate)
    base = compute(node, Spot(), exact)
    inputs = tuple(exact.inputs.values())
    bounds = {figure.bound for figure in inputs}
    wording = (
        f"{_written(indicator, facts, 'zh')}（片区 {question.zone}，"
        f"{question.period.label('zh')}），以{unit(indicator.unit).label('zh') or '个数'}计",
        f"{_written(indicator, facts, 'en')} (zone {question.zone}, "
        f"{question.period.label('en')}), in {unit(indicator.unit).label('en') or 'number'}",
    )
    return Answer(
        None if base is None else base / unit(indicator.unit).factor,
        new_terms(),
        *wording,
        findings=(*exact.findings, *_changes(question, indicator, facts, exact)),
        inputs=inputs,
        bound="exact" if bounds <= {"exact"} else joint_bound((*bounds, "approx")),
    )


@dataclass(eq=False)
class _Exact:
    """The algebra of exact fractions in base units; None is what cannot be told."""

    question: Question
    indicator: Indicator
    facts: Facts
    evaluate: Evaluate
    inputs: dict[tuple[str, Spot], Figure] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def number(self, value: Fraction) -> Fraction | None:
        return value

    def named(self, code: str, at: Spot) -> Fraction | None:
        figure = self.inputs.get((code, at))
        if figure is None:
            try:
                zone = self._zone(at.zone)
                period = at.period(self.question.period)
                asked = Question(code, zone, period, self.question.subject)
                figure = self.evaluate(asked, self.facts)
            except (UnknownReferenceError, PeriodError) as error:
                self._tell(Finding(error.code, "warning", ids=(at.zone,), params=error.params))
                return None
            self.inputs[code, at] = figure
            for finding in figure.findings:
                self._tell(finding)
            if figure.exact is None:
                self._found("rollup-input-missing", of=code)
        return None if figure.exact is None else figure.exact * unit(figure.unit).factor

    def joined(self, op: str, left: Fraction | None, right: Fraction | None) -> Fraction | None:
        if left is None or right is None:
            return None
        match op:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
        if not right:
            self._found("expression-division", text=self.indicator.formula)
            return None
        return left / right

    def chosen(self, function: str, values: Sequence[Fraction | None]) -> Fraction | None:
        if function == "if_known":
            return values[0] if values[0] is not None else values[1]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        if function == "abs":
            return abs(known[0])
        return min(known) if function == "min" else max(known)

    def growth(self, now: Fraction | None, before: Fraction | None) -> Fraction | None:
        if now is None or before is None:
            return None
        if before <= 0:
            self._found("expression-growth-base", value=float(before))
            return None
        return (now - before) / before

    def _zone(self, name: str) -> str:
        if not name:
            return self.question.zone
        if name == CITY:
            return self.facts.scope.city_of(self.question.zone)
        self.facts.scope.descendants(name)  # refuses a zone that is not there
        return name

    def _found(self, code: str, **params: str | float) -> None:
        found = finding_of(code, self.question, self.indicator)
        self._tell(replace(found, params={**found.params, **params}))

    def _tell(self, finding: Finding) -> None:
        if finding not in self.findings:
            self.findings.append(finding)


def _changes(
    question: Question, indicator: Indicator, facts: Facts, exact: _Exact
) -> tuple[Finding, ...]:
    """Return what makes two periods incomparable: another boundary, other firms, another basis."""
    found: list[Finding] = []
    for (code, at), before in exact.inputs.items():
        now = exact.inputs.get((code, replace(at, back=at.back - 12)))
        if now is None or now.exact is None or before.exact is None:
            continue
        spans = f"{before.question.period} / {now.question.period}"
        if _is_observed(code, facts) and _boundary_changed(facts, now, before):
            found.append(
                finding_of("expression-boundary", question, indicator, of=code, spans=spans)
            )
        parts = [set(figure.terms["part"]) for figure in (now, before)]
        changed = tuple(sorted(map(str, parts[0] ^ parts[1])))
        if changed and _is_observed(code, facts):
            found.append(
                finding_of(
                    "expression-sample",
                    question,
                    indicator,
                    ids=changed,
                    count=len(changed),
                    of=code,
                    spans=spans,
                )
            )
        if now.basis != before.basis:
            bases = f"{before.basis} / {now.basis}"
            found.append(finding_of("rollup-bases", question, indicator, bases=bases))
    return tuple(found)


def _is_observed(code: str, facts: Facts) -> bool:
    """Return whether an indicator rests on what was reported, and not on records on the map."""
    known = facts.catalogue
    return any(known[part].rule in _OBSERVED for part in (code, *rests_on(known, code)))


def _boundary_changed(facts: Facts, now: Figure, before: Figure) -> bool:
    if facts.versions_on is None:
        return False
    zone = now.question.zone
    days = (now.question.period.end_on, before.question.period.end_on)
    first, second = (facts.versions_on(zone, day) for day in days)
    return first != second


def _written(indicator: Indicator, facts: Facts, lang: str) -> str:
    """Return an expression with the names of its indicators."""
    names = {operand.indicator: operand.indicator for operand in indicator.of}
    names = {code: facts.catalogue[code].label(lang) for code in names}
    words = {**(_FUNCTIONS_ZH if lang == "zh" else {}), **names}
    text = _WORD.sub(lambda found: words.get(found[0], found[0]), indicator.formula)
    return text.replace("*", "×").replace("/", "÷")
