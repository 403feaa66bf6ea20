"""Rules that read observations: as reported, and sums of what firms or zones returned."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
from zonewright.steering.reported import parts_of
from zonewright.steering.rows import exact_sum, rows_in_zone

BY_DIFFERENCE = "rollup-by-difference"


def is_by_difference(findings: Iterable[Finding]) -> bool:
    """Return whether a month was found as the difference of two years to date."""
    return any(finding.code == BY_DIFFERENCE for finding in findings)


def reported(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Return what was reported of a zone for a period, or what its months make up.

    If the zone itself reported nothing and the indicator rolls up, what those below it reported is
    joined: of several levels the topmost, each zone once.
    """
    known = _observed(indicator, facts)
    of_zones = known[known["firm"] == ""]
    own = of_zones[of_zones["zone"] == question.zone]
    rows = _resolved(own, "zone", indicator, question.period)
    if not len(rows) and indicator.rollup in ("sum", "max"):
        return _of_members(question, indicator, facts, of_zones)
    wording = (
        f"按填报数引用（{indicator.zh}，片区 {question.zone}，{question.period.label('zh')}）",
        f"as reported ({indicator.en}, zone {question.zone}, {question.period.label('en')})",
    )
    if not len(rows):
        return Answer(None, new_terms(), *wording, findings=(_missing(question, indicator, own),))
    return _sum(question, rows, indicator, wording)


def sum_firms(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Add up what the firms of a zone returned for the period, each firm once."""
    known = _observed(indicator, facts)
    of_firms = known[(known["firm"] != "") & rows_in_zone_of(facts, known, question.zone)]
    rows = _resolved(of_firms, "firm", indicator, question.period)
    wording = (
        f"Σ 企业{indicator.zh}（位于片区 {question.zone} 的企业，{question.period.label('zh')}"
        "累计，各企业只计一次）",
        f"Σ {indicator.en} of firms (firms in zone {question.zone}, returns for "
        f"{question.period.label('en')}, each firm once)",
    )
    if not len(rows):
        missing = (_missing(question, indicator, of_firms),)
        return Answer(None, new_terms(), *wording, findings=missing)
    silent = _silent(question.period, of_firms, rows, "firm")
    finding = finding_of("rollup-firms-missing", question, indicator, ids=silent, count=len(silent))
    return _sum(question, rows, indicator, wording, (finding,) if silent else ())


def sum_zones(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Add up what a zone and those below it returned for the period, each zone once."""
    known = _observed(indicator, facts)
    zones = {question.zone, *facts.scope.descendants(question.zone)}
    of_zones = known[(known["firm"] == "") & known["zone"].isin(zones)]
    rows = _resolved(of_zones, "zone", indicator, question.period)
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


def rows_in_zone_of(facts: Facts, known: pd.DataFrame, zone: str) -> pd.Series:
    """Return which observations are of a zone, or of one below it: they have no place on a map."""
    if facts.observed is None:
        inside = rows_in_zone(facts, "observations", zone)
        return pd.Series(inside[known["at"]], index=known.index)
    return known["zone"].isin({zone, *facts.scope.descendants(zone)})


def _of_members(
    question: Question, indicator: Indicator, facts: Facts, of_zones: pd.DataFrame
) -> Answer:
    """Join what the topmost zones below one reported, each once."""
    below = set(facts.scope.descendants(question.zone))
    inside = of_zones[of_zones["zone"].isin(below)]
    rows = _resolved(inside, "zone", indicator, question.period)
    under = {zone: set(facts.scope.descendants(zone)) for zone in sorted(set(rows["zone"]))}
    lower = set().union(*under.values()) if under else set()
    rows = rows[~rows["zone"].isin(lower)]
    signs = ("Σ", "Σ") if indicator.rollup == "sum" else ("最大值：", "greatest: ")
    wording = (
        f"{signs[0]} {indicator.zh}（片区 {question.zone} 的下级片区填报，"
        f"{question.period.label('zh')}，各片区只计一次）",
        f"{signs[1]} {indicator.en} (returns of the zones below {question.zone}, "
        f"{question.period.label('en')}, each zone once)",
    )
    if not len(rows):
        return Answer(None, new_terms(), *wording,
                      findings=(_missing(question, indicator, inside),))  # fmt: skip
    if indicator.rollup == "max":
        rows = _greatest(rows, indicator)
        return _sum(question, rows, indicator, wording)
    findings: tuple[Finding, ...] = ()
    counted = sorted(set(rows["zone"]))
    shared = tuple(
        code for code in counted
        if any(under[code] & under[other] for other in counted if other != code)
    )  # fmt: skip
    if shared:
        findings += (finding_of("rollup-zones-overlap", question, indicator, ids=shared),)
    silent = tuple(
        zone for zone in _silent(question.period, inside, rows, "zone") if zone not in lower
    )
    if silent:
        findings += (
            finding_of("rollup-zones-missing", question, indicator, ids=silent, count=len(silent)),
        )
    return _sum(question, rows, indicator, wording, findings)


def _observed(indicator: Indicator, facts: Facts) -> pd.DataFrame:
    """Return the observations of an indicator; ``at`` is their place in the table."""
    codes = observed_codes(indicator)
    return facts.keep(("observed", codes), lambda: _read(facts, codes))


def observed_codes(indicator: Indicator) -> tuple[str, ...]:
    """Return the codes under which an indicator is observed: its own, or those that it names."""
    named = [c.values for c in indicator.where if c.field == "indicator" and c.op == "="]
    return named[0] if named else (indicator.code,)


def _read(facts: Facts, codes: tuple[str, ...]) -> pd.DataFrame:
    frame = facts.observations(codes)
    return frame.assign(at=range(len(frame)))[frame["indicator"].isin(codes)]


def _resolved(rows: pd.DataFrame, by: str, indicator: Indicator, period: Period) -> pd.DataFrame:
    """Return the rows that make up a period for each zone or firm, with their ``sign``.

    Who did not report what it takes is left out.
    """
    exact = rows[rows["period"] == str(period)].drop_duplicates(by, keep="last")
    rest = rows[~rows[by].isin(set(exact[by]))]
    found = [exact.assign(sign=1)]
    if len(rest):
        latest = rest.drop_duplicates([by, "period"], keep="last")
        for _, group in latest.groupby(by, sort=False):
            signs = dict(parts_of(set(group["period"]), indicator, period) or ())
            if signs:
                taken = group[group["period"].isin(set(signs))]
                found.append(taken.assign(sign=[signs[text] for text in taken["period"]]))
    return pd.concat(found) if len(found) > 1 else found[0]


def _greatest(rows: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Return the rows of the zone whose value is the greatest; all, if a unit does not fit."""
    if not all(_fits(str(given), indicator) for given in rows["unit"]):
        return rows
    totals = {zone: _total(group, indicator)[0] for zone, group in rows.groupby("zone", sort=True)}
    return rows[rows["zone"] == max(totals, key=lambda zone: totals[zone])]


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
    total, contributions = _total(rows, indicator)
    if (rows["sign"] < 0).any():
        findings = (
            *findings,
            finding_of(BY_DIFFERENCE, question, indicator, severity="info"),
        )
        if total < 0:
            found = finding_of("series-negative", question, indicator, value=float(total))
            findings = (*findings, found)
    bases = sorted({str(basis) for basis in rows["basis"] if basis not in ("", "none")})
    bound = joint_bound(as_bound(bound) for bound in rows["bound"].unique())
    if len(bases) > 1:
        found = finding_of("rollup-bases", question, indicator, bases=" / ".join(bases))
        findings = (*findings, found)
    return Answer(
        total,
        new_terms(
            rows["record"], contributions, rows["firm"].where(rows["firm"] != "", rows["zone"])
        ),
        *wording,
        findings=findings,
        bound="approx" if bound != "exact" and (rows["sign"] < 0).any() else bound,
        basis=bases[0] if len(bases) == 1 else "",
    )


def _total(rows: pd.DataFrame, indicator: Indicator) -> tuple[Fraction, list[float]]:
    """Return the exact sum of rows in the indicator's unit, and what each gives."""
    total = Fraction(0)
    contributions = [0.0] * len(rows)
    signed = rows["value"].to_numpy(dtype=float) * rows["sign"].to_numpy(dtype=float)
    units = rows["unit"].astype(str).to_numpy()
    for given in dict.fromkeys(units):
        scale = factor(str(given), indicator.unit)
        at = [place for place, name in enumerate(units) if name == given]
        total += exact_sum(signed[at]) * scale
        for place in at:
            contributions[place] = float(exact_sum([signed[place]]) * scale)
    return total, contributions


def _fits(name: str, indicator: Indicator) -> bool:
    return known_unit(name) and unit(name).dimension == unit(indicator.unit).dimension


def _silent(
    period: Period, known: pd.DataFrame, returned: pd.DataFrame, by: str
) -> tuple[str, ...]:
    """Return firms or zones that returned some period of the year, but not this one."""
    this_year = known["period"].str.contains(f"{period.year:04d}-", regex=False)
    silent = set(known.loc[this_year, by]) - set(returned[by])
    return tuple(sorted(str(code) for code in silent))


def _missing(question: Question, indicator: Indicator, known: pd.DataFrame) -> Finding:
    have = ", ".join(_last_six(known["period"])) or "–"
    return finding_of("rollup-no-observation", question, indicator, known=have)


def _last_six(periods: Iterable[object]) -> Collection[str]:
    return sorted({str(period) for period in periods})[-6:]
