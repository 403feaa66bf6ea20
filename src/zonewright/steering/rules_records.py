"""Rules that read records: sums, counts, and what a single project says."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pandas as pd

from zonewright.core.findings import Finding
from zonewright.core.units import factor, unit
from zonewright.steering import formula
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
from zonewright.steering.rows import (
    exact_sum,
    held_in,
    rows_dated,
    rows_in_zone,
    rows_meeting,
    rows_of,
    rows_once,
    table_of,
)

_DIMENSION_OF_CURRENCY = {"CNY": "cny", "USD": "usd"}


def sum_rows(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Add up a column of the rows that count."""
    rows = rows_of(facts, question, indicator)
    wording = formula.summed(indicator, question)
    findings = _nothing_known(question, indicator, facts) + _repeats(question, indicator, facts)
    known = rows[rows[indicator.value].notna()]
    if len(known) < len(rows):
        findings += (_without_value(indicator, rows[rows[indicator.value].isna()]),)
    scale = factor(held_in(indicator), indicator.unit)
    values = known[indicator.value].astype(float)
    terms = new_terms(known["record"], values * float(scale))
    total = None if _is_empty(findings) else exact_sum(values) * scale
    bounds = known.get(f"{indicator.value}_bound", pd.Series(dtype="object"))
    bound = joint_bound(as_bound(given) for given in bounds.unique())
    return Answer(total, terms, *wording, findings=findings, bound=bound)


def count_rows(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Count the rows, or their different values."""
    rows = rows_of(facts, question, indicator)
    wording = formula.counted(indicator, question)
    findings = _nothing_known(question, indicator, facts)
    if indicator.rule == "count":
        first = pd.Series(data=True, index=rows.index)
        terms = new_terms(rows["record"], first.astype(float))
    else:
        named = rows[indicator.value].notna() & (rows[indicator.value] != "")
        if not named.all():
            findings += (_without_value(indicator, rows[~named]),)
        rows = rows[named]
        first = ~rows.duplicated(indicator.value)
        terms = new_terms(rows["record"], first.astype(float), rows[indicator.value])
    total = None if _is_empty(findings) else Fraction(int(first.sum()))
    return Answer(total, terms, *wording, findings=findings)


def attribute(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Return what the ledger says of one project."""
    frame = table_of(facts, indicator.table)
    of_subject = (frame["venture"] == question.subject).to_numpy(dtype=bool)
    rows = frame[of_subject & rows_meeting(frame, indicator.where, of=indicator.table)]
    names = [formula.column_name(indicator.table, indicator.value, lang) for lang in ("zh", "en")]
    wording = (f"{names[0]}（项目 {question.subject}）", f"{names[1]} (project {question.subject})")
    findings = _of_subject(question, indicator, facts)
    if findings and _is_empty(findings):
        return Answer(None, new_terms(), *wording, findings=findings)
    row = rows.iloc[0] if len(rows) else None
    if row is None or pd.isna(row[indicator.value]):
        findings += (finding_of("rollup-subject-silent", question, indicator),)
        return Answer(None, new_terms(), *wording, findings=findings)
    wanted = unit(indicator.unit).dimension
    currency = str(row.get("currency", "") or "")
    if wanted in _DIMENSION_OF_CURRENCY.values() and (
        _DIMENSION_OF_CURRENCY.get(currency or "CNY") != wanted
    ):
        found = finding_of("rollup-currency", question, indicator, currency=currency)
        return Answer(None, new_terms(), *wording, findings=(*findings, found))
    scale = factor(held_in(indicator), indicator.unit)
    exact = exact_sum([row[indicator.value]]) * scale
    terms = new_terms([row["record"]], [float(exact)])
    bound = as_bound(row.get(f"{indicator.value}_bound", "exact"))
    return Answer(exact, terms, *wording, findings=findings, bound=bound)


def milestone(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Return the day on which a project reached a step."""
    frame = table_of(facts, indicator.table)
    of_subject = (frame["venture"] == question.subject).to_numpy(dtype=bool)
    rows = frame[of_subject & rows_meeting(frame, indicator.where, of=indicator.table)]
    steps = [formula.selection(indicator, question, lang) for lang in ("zh", "en")]
    wording = (f"{steps[0]}；项目 {question.subject}", f"{steps[1]}; project {question.subject}")
    findings = _of_subject(question, indicator, facts)
    reached = pd.to_datetime(rows[indicator.value])
    by_end = rows[(reached < pd.Timestamp(question.period.end_on) + pd.Timedelta(days=1))]
    if not len(by_end):
        if not _is_empty(findings):
            findings += (finding_of("rollup-not-reached", question, indicator),)
        return Answer(None, new_terms(), *wording, findings=findings)
    row = by_end.iloc[0]
    on: date = pd.Timestamp(row[indicator.value]).date()
    precision = str(row.get("actual_precision", "d") or "d")
    terms = new_terms([row["record"]], [float("nan")])
    return Answer(None, terms, *wording, findings=findings, on=on, precision=precision)


def _nothing_known(question: Question, indicator: Indicator, facts: Facts) -> tuple[Finding, ...]:
    """Return a finding if the table says nothing at all of the zone."""
    if rows_in_zone(facts, indicator.table, question.zone).any():
        return ()
    return (finding_of("rollup-no-records", question, indicator),)


def _repeats(question: Question, indicator: Indicator, facts: Facts) -> tuple[Finding, ...]:
    """Return a finding if events were left out because they repeat an earlier one."""
    frame = table_of(facts, indicator.table)
    left_out = (
        ~rows_once(facts, indicator.table)
        & rows_meeting(frame, indicator.where, of=indicator.table)
        & rows_dated(frame, indicator, question.period)
        & rows_in_zone(facts, indicator.table, question.zone)
    )
    if not left_out.any():
        return ()
    codes = tuple(frame.loc[left_out, "parcel"].astype(str).unique())
    return (finding_of("rollup-repeated", question, indicator, ids=codes, count=len(codes)),)


def _without_value(indicator: Indicator, rows: pd.DataFrame) -> Finding:
    return Finding(
        "rollup-value-missing",
        "warning",
        table=indicator.table,
        field=indicator.value,
        ids=tuple(rows["record"].astype(str)),
        params={"count": len(rows), "indicator": indicator.code},
    )


def _of_subject(question: Question, indicator: Indicator, facts: Facts) -> tuple[Finding, ...]:
    ventures = table_of(facts, "ventures")
    known = (ventures["venture"] == question.subject).to_numpy(dtype=bool)
    if not known.any():
        return (finding_of("rollup-subject-unknown", question, indicator),)
    if not (known & rows_in_zone(facts, "ventures", question.zone)).any():
        return (finding_of("rollup-subject-outside", question, indicator),)
    return ()


def _is_empty(findings: tuple[Finding, ...]) -> bool:
    empty = ("rollup-no-records", "rollup-subject-unknown")
    return any(finding.code in empty for finding in findings)
