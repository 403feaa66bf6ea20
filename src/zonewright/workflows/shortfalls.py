"""What a target lacks by now, and which works, projects or parks carry it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from zonewright.core.errors import InputError
from zonewright.core.units import convert, factor
from zonewright.steering.figure import Question
from zonewright.steering.rollup import evaluate, indicator_of
from zonewright.steering.rows import held_in, rows_meeting
from zonewright.steering.shortfall import Due, Lack, lacks
from zonewright.store import selectors
from zonewright.store.access import Access
from zonewright.store.selectors import TargetRow
from zonewright.workflows.books import Books
from zonewright.workflows.curves import curve_for, facts_of
from zonewright.workflows.works_ahead import WORKS_INDICATOR

_STARTS, _BUILT = "works_started", "standard_factory_built"


@dataclass(frozen=True, slots=True)
class Cause:
    """Who lacks what of a target.

    Parameters
    ----------
    lack
        Kind and code, planned and done by now, missing [the indicator's unit] and its share.
    name_zh, name_en
        Its name.
    """

    lack: Lack
    name_zh: str
    name_en: str

    def name(self, lang: str = "en") -> str:
        """Return its name in a language."""
        return self.name_zh if lang == "zh" else self.name_en

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "kind": self.lack.kind,
            "code": self.lack.code,
            "name": self.name_zh,
            "planned": self.lack.planned,
            "done": self.lack.done,
            "missing": self.lack.missing,
            "share_pct": self.lack.share_pct,
        }


def causes_of(books: Books, asked: Question, *, access: Access | None = None) -> tuple[Cause, ...]:
    """Return who is behind their part of a target, the largest lack first.

    Parts are, of these the first that are known: works and projects with a target of their own;
    the zone's works by their plan of the year, planned start or planned finish (of investment,
    starts and factories); the zones directly below with a target of their own.

    Parameters
    ----------
    books
        What the workspace says.
    asked
        Indicator, zone, and January to the month asked.
    access
        Whose works and zones are left out that may not be seen; None leaves out none.

    Returns
    -------
    causes
        Empty where nobody is behind, or no part has a plan.
    """
    rows = [
        row
        for row in selectors.target_rows(asked.period.year, access=access, as_of=books.as_of)
        if row.indicator == asked.indicator
    ]
    own = [row for row in rows if row.zone == asked.zone and row.subject]
    if own:
        due = tuple(_of_targets(books, asked, own))
    elif asked.indicator in (WORKS_INDICATOR, _STARTS, _BUILT):
        due = tuple(_of_works(books, asked))
    else:
        due = ()
    if not due:
        links = books.scope(asked.period.end_on).members(asked.zone)
        below = [row for row in rows if row.zone in links and not row.subject]
        due = tuple(_of_targets(books, asked, below))
    found = lacks(due)
    names = {
        item.code: item.name
        for item in selectors.subjects((lack.code for lack in found), access=access)
    }
    return tuple(
        _named(books, lack, names)
        for lack in found
        if lack.kind == "zone" or access is None or lack.code in names
    )


def _named(books: Books, lack: Lack, names: dict[str, str]) -> Cause:
    if lack.kind == "zone":
        return Cause(lack, books.zone_name(lack.code, "zh"), books.zone_name(lack.code, "en"))
    name = names.get(lack.code, lack.code)
    return Cause(lack, name, name)


def _of_targets(books: Books, asked: Question, rows: list[TargetRow]) -> Iterator[Due]:
    facts = books.facts(asked.period.end_on)
    unit = indicator_of(asked.indicator, facts).unit
    ventures = set(books.tables["ventures"]["venture"])
    for row in rows:
        question = replace(asked, zone=row.zone)
        try:
            curve = curve_for(books, question, row.curve, row.points, subject=row.subject)
            share = float(curve.share(asked.period.last_month))
            planned = float(convert(row.value, row.unit, unit)) * share
        except InputError:
            continue  # the target itself says what is wrong with it
        done = evaluate(question, facts_of(books, question, row.subject)).number or 0.0
        if row.subject:
            kind = "venture" if row.subject in ventures else "work"
            yield Due("venture" if kind == "venture" else "work", row.subject, planned, done)
        else:
            yield Due("zone", row.zone, planned, done)


def _of_works(books: Books, asked: Question) -> Iterator[Due]:
    facts = books.facts(asked.period.end_on)
    indicator = indicator_of(asked.indicator, facts)
    works = books.tables["works"]
    kinds = tuple(condition for condition in indicator.where if condition.field == "kind")
    inside = books.scope(asked.period.end_on).mask(works, asked.zone)
    works = works[inside & rows_meeting(works, kinds, of="works")].set_index("work")
    plans = selectors.work_plans(asked.period.end_on, as_of=books.as_of)
    works = works.join(plans)
    first, last = pd.Timestamp(asked.period.start_on), pd.Timestamp(asked.period.end_on)
    if asked.indicator == WORKS_INDICATOR:
        yield from _invested(books, works, float(factor(held_in(indicator), indicator.unit)), asked)
        return
    starts = asked.indicator == _STARTS
    planned_on = works["planned_start" if starts else "planned_finish"]
    reached_on = works["started_on" if starts else "finished_on"]
    due = works[(planned_on >= first) & (planned_on <= last)]
    scale = float(factor(held_in(indicator), indicator.unit)) if not starts else 1.0
    for code in due.index:
        size = 1.0 if starts else float(works["floor_area_m2"].loc[code]) * scale
        reached = reached_on.loc[code]
        if size == size:
            yield Due("work", str(code), size, size if reached <= last else 0.0)


def _invested(books: Books, works: pd.DataFrame, scale: float, asked: Question) -> Iterator[Due]:
    months = books.tables["work_months"]
    first, last = pd.Timestamp(asked.period.start_on), pd.Timestamp(asked.period.end_on)
    months = months[(months["month"] >= first) & (months["month"] <= last)]
    done = months.groupby("work")["invested_cny"].sum()
    month = asked.period.last_month
    known = works[works["year_plan_cny"].notna()]
    columns = (known.index, known["year_plan_cny"], known["planned_start"])
    for code, plan, start in zip(*columns, strict=True):
        # A work that begins within the year is to bring its plan from then to December.
        before = start.month - 1 if not pd.isna(start) and start.year == asked.period.year else 0
        late = not pd.isna(start) and start.year > asked.period.year
        share = 0.0 if late else max(month - before, 0) / (12 - before)
        brought = float(done.get(code, 0.0))
        yield Due("work", str(code), plan * scale * share, brought * scale)
