"""A target's curve with what it needs: earlier years' months, or the months that works are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from zonewright.core.periods import Period
from zonewright.steering.curves import Curve, curve_of
from zonewright.steering.figure import Facts, Question
from zonewright.steering.rollup import evaluate
from zonewright.workflows.books import Books

# Earlier years whose months make a seasonal curve.
YEARS = 3


def curve_for(
    books: Books,
    asked: Question,
    kind: str,
    points: Mapping[int, float],
    *,
    subject: str = "",
) -> Curve:
    """Return a target's curve.

    A seasonal curve follows the sum of up to three earlier years; a milestone curve the months in
    which works of the zone are to begin, or a project's steps are due.

    Parameters
    ----------
    books
        What the workspace says.
    asked
        Indicator, zone and a period of the target's year.
    kind, points
        As in `zonewright.steering.curves.curve_of`.
    subject
        Code of the work or project, where the target is one's.

    Raises
    ------
    InputError
        If there is no such curve, or what it needs is missing.
    """
    if kind == "seasonal":
        return curve_of(kind, amounts=_seasons(books, asked))
    if kind == "milestone":
        return curve_of(kind, due=_due(books, asked, subject))
    return curve_of(kind, points=points)


def facts_of(books: Books, asked: Question, subject: str) -> Facts:
    """Return the facts of one work or project alone; all of them without a subject."""
    facts = books.facts(asked.period.end_on)
    if not subject:
        return facts
    tables = {
        name: frame[(frame[column] == subject).to_numpy(dtype=bool)]
        if (column := "work" if "work" in frame else "venture") in frame
        else frame
        for name, frame in facts.tables.items()
    }
    return replace(facts, tables=tables)


def _seasons(books: Books, asked: Question) -> tuple[float, ...]:
    facts = books.facts(asked.period.end_on)
    total = np.zeros(12)
    for year in range(asked.period.year - YEARS, asked.period.year):
        months = [Period.month(year, month) for month in range(1, 13)]
        found = [evaluate(replace(asked, period=month), facts).number for month in months]
        total += [amount or 0.0 for amount in found]
    return tuple(float(amount) for amount in total)


def _due(books: Books, asked: Question, subject: str) -> tuple[int, ...]:
    year, zone = asked.period.year, asked.zone
    if subject and (books.tables["ventures"]["venture"] == subject).any():
        steps = books.tables["milestones"]
        due = steps["planned_on"][steps["venture"] == subject]
    else:
        works = books.tables["works"]
        mine = works["work"] == subject if subject else pd.Series(
            books.scope(asked.period.end_on).mask(works, zone), index=works.index
        )  # fmt: skip
        due = works["planned_start"][mine]
    return tuple(int(month) for month in due[due.dt.year == year].dt.month)
