"""Rules that read observations: as reported, and sums of what firms or zones returned."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.units import factor, known_unit, unit
from zonewright.steering.catalogue import Indicator
from zonewright.steering.figure import (
    Answer,
    Facts,
    Question,
    as_bound,
    finding_of,
    joint_bound,
    new_terms,
)
from zonewright.steering.rows import exact_sum, rows_in_zone, table_of


def reported(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Return the observation of exactly this zone and period, as it came in."""
    known = _observed(indicator, facts)
    of_zone = known[(known["firm"] == "") & (known["zone"] == question.zone)]
    rows = of_zone[of_zone["period"] == str(question.period)].drop_duplicates("zone", keep="last")
    wording = (
        f"按填报数引用（{indicator.zh}，片区 {question.zone}，{question.period.label('zh')}）",
        f"as reported ({indicator.en}, zone {question.zone}, {question.period.label('en')})",
    )
    if not len(rows):
        return Answer(
            None, new_terms(), *wording, findings=(_missing(question, indicator, of_zone),)
        )
    return _sum(question, rows, indicator, wording)


def sum_firms(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Add up what the firms of a zone returned for the period, each firm once."""
    known = _observed(indicator, facts)
    inside = rows_in_zone(facts, "observations", question.zone)
    of_firms = known[(known["firm"] != "") & inside[known["at"]]]
    rows = of_firms[of_firms["period"] == str(question.period)].drop_duplicates("firm", keep="last")
    wording = (
        f"Σ 企业{indicator.zh}（位于片区 {question.zone} 的企业，{question.period.label('zh')}"
        "累计，各企业只计一次）",
        f"Σ {indicator.en} of firms (firms in zone {question.zone}, returns for "
        f"{question.period.label('en')}, each firm once)",
    )
    if not len(rows):
        missing = (_missing(question, indicator, of_firms),)
        return Answer(None, new_terms(), *wording, findings=missing)
    silent = _silent_firms(question.period, of_firms, rows)
    finding = finding_of("rollup-firms-missing", question, indicator, ids=silent, count=len(silent))
    return _sum(question, rows, indicator, wording, (finding,) if silent else ())


def sum_zones(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Add up what a zone and those below it returned for the period, each zone once."""
    known = _observed(indicator, facts)
    zones = {question.zone, *facts.scope.descendants(question.zone)}
    of_zones = known[(known["firm"] == "") & known["zone"].isin(zones)]
    rows = of_zones[of_zones["period"] == str(question.period)].drop_duplicates("zone", keep="last")
    wording = (
        f"Σ {indicator.zh}（片区 {question.zone} 及其下级片区填报，{question.period.label('zh')}，"
        "各片区只计一次）",
        f"Σ {indicator.en} (returns of zone {question.zone} and those below it, "
        f"{question.period.label('en')}, each zone once)",
    )
    if not len(rows):
        findings = (_missing(question, indicator, of_zones),)
        return Answer(None, new_terms(), *wording, findings=findings)
    returned = set(rows["zone"])
    twice = tuple(
        code for code in sorted(returned) if returned.intersection(facts.scope.descendants(code))
    )
    findings = (finding_of("rollup-zone-and-member", question, indicator, ids=twice),)
    return _sum(question, rows, indicator, wording, findings if twice else ())


def _observed(indicator: Indicator, facts: Facts) -> pd.DataFrame:
    """Return the observations of an indicator; ``at`` is their place in the table."""
    named = [c.values for c in indicator.where if c.field == "indicator" and c.op == "="]
    codes = named[0] if named else (indicator.code,)
    frame = table_of(facts, "observations")
    return facts.keep(
        ("observed", codes),
        lambda: frame.assign(at=range(len(frame)))[frame["indicator"].isin(codes)],
    )


def _sum(
    question: Question,
    rows: pd.DataFrame,
    indicator: Indicator,
    wording: tuple[str, str],
    findings: tuple[Finding, ...] = (),
) -> Answer:
    misfits = rows[[not _fits(str(given), indicator) for given in rows["unit"]]]
    if len(misfits):
        ids, units = tuple(misfits["record"].astype(str)), ", ".join(sorted(set(misfits["unit"])))
        misfit = finding_of("rollup-unit", question, indicator, ids=ids, units=units)
        blank = new_terms(rows["record"], [float("nan")] * len(rows))
        return Answer(None, blank, *wording, findings=(*findings, misfit))
    total = Fraction(0)
    contributions = pd.Series(index=rows.index, dtype=float)
    for given, group in rows.groupby("unit"):
        scale = factor(str(given), indicator.unit)
        total += exact_sum(group["value"]) * scale
        contributions[group.index] = [float(exact_sum([v]) * scale) for v in group["value"]]
    bases = sorted({str(basis) for basis in rows["basis"] if basis not in ("", "none")})
    return Answer(
        total,
        new_terms(
            rows["record"], contributions, rows["firm"].where(rows["firm"] != "", rows["zone"])
        ),
        *wording,
        findings=findings,
        bound=joint_bound(as_bound(bound) for bound in rows["bound"].unique()),
        basis=bases[0] if len(bases) == 1 else "",
    )


def _fits(name: str, indicator: Indicator) -> bool:
    return known_unit(name) and unit(name).dimension == unit(indicator.unit).dimension


def _silent_firms(
    period: Period, of_firms: pd.DataFrame, returned: pd.DataFrame
) -> tuple[str, ...]:
    """Return firms that returned some period of the year, but not this one."""
    this_year = of_firms["period"].str.contains(f"{period.year:04d}-", regex=False)
    silent = set(of_firms.loc[this_year, "firm"]) - set(returned["firm"])
    return tuple(sorted(str(firm) for firm in silent))


def _missing(question: Question, indicator: Indicator, known: pd.DataFrame) -> Finding:
    periods = sorted(set(known["period"].astype(str)))
    have = ", ".join(periods[-6:]) or "–"
    return finding_of("rollup-no-observation", question, indicator, known=have)
