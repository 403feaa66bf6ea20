"""One indicator of every zone on a board: what was done beside the target and its curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from zonewright.core.errors import InputError
from zonewright.core.findings import Finding
from zonewright.core.units import unit
from zonewright.steering.catalogue import Indicator
from zonewright.steering.curves import LINEAR, Curve
from zonewright.steering.pace import WORDS, Colour, pace
from zonewright.steering.pace_near import paces_near
from zonewright.steering.shortfall import Due
from zonewright.workflows.board_model import BoardCell
from zonewright.workflows.board_parts import Part
from zonewright.workflows.shortfalls import Cause


@dataclass(frozen=True, slots=True)
class Task:
    """A target of the board: its value in the indicator's unit, its curve, or what is wrong.

    `expected` is the share of it that is due by the month.
    """

    record: str
    value: float
    curve: Curve | None
    expected: float = 0.0
    findings: tuple[Finding, ...] = ()


class Standing(NamedTuple):
    """What a cell says of the pace; as in `BoardCell`, in its order."""

    completion_pct: float
    expected_pct: float
    ahead_pp: float
    remaining: float
    rate_needed: float | None
    colour: Colour
    word_zh: str
    word_en: str


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """An indicator of every zone.

    Parameters
    ----------
    code, unit
        Of the indicator.
    done
        Zone to what was done [`unit`]; None if not known.
    tasks
        Zone to its target.
    standings
        Zone to where it stands, where both are known.
    wrong
        Zone to what is wrong with its target.
    parts
        Zone to how many have reported, where not all have.
    """

    code: str
    unit: str
    done: Mapping[str, float | None]
    tasks: Mapping[str, Task]
    standings: Mapping[str, Standing]
    wrong: Mapping[str, Finding]
    parts: Mapping[str, Part] = field(default_factory=dict)

    def is_behind(self, zone: str) -> bool:
        """Return whether a zone is yellow or red."""
        standing = self.standings.get(zone)
        return standing is not None and standing.colour in ("yellow", "red")

    def due(self, zone: str) -> Due | None:
        """Return what was due and done of a zone's own target; None where it has no pace."""
        standing, done = self.standings.get(zone), self.done.get(zone)
        if standing is None or done is None:
            return None
        return Due("zone", zone, standing.expected_pct / 100 * self.tasks[zone].value, done)

    def cell(self, zone: str, cause: tuple[Cause, ...] = ()) -> BoardCell:
        """Return a zone's cell."""
        task, done = self.tasks.get(zone), self.done.get(zone)
        part = None if done is None else self.parts.get(zone)
        if task is None:
            return BoardCell(zone, self.code, done, self.unit, part=part)
        standing = self.standings.get(zone)
        if standing is not None:
            return BoardCell(
                zone, self.code, done, self.unit, task.value, *standing, cause, task.findings, part
            )
        target = None if task.value != task.value else task.value
        findings = (self.wrong[zone],) if zone in self.wrong else task.findings
        return BoardCell(zone, self.code, done, self.unit, target, findings=findings, part=part)


def column_of(
    item: Indicator,
    zones: Sequence[str],
    values: Sequence[float],
    tasks: Mapping[str, Task],
    *,
    month: int,
    parts: Mapping[str, Part],
) -> Column:
    """Compare an indicator of every zone with the year's targets.

    Parameters
    ----------
    item
        The indicator.
    zones, values
        Zone codes, and what was done by each [`item.unit`]; NaN if not known.
    tasks
        Zone to its target.
    month
        Last month that counts, 1 to 12.
    parts
        Zone to how many have reported, where not all have.
    """
    # Sums of floats end in noise; what is asked of a figure is told exactly by `explain`.
    done = {
        zone: None if value != value else float(f"{value:.12g}")
        for zone, value in zip(zones, values, strict=True)
    }
    compared = [
        (zone, task, value)
        for zone, task in tasks.items()
        if task.curve is not None and task.value == task.value
        and (value := done.get(zone)) is not None
    ]  # fmt: skip
    near = paces_near(
        np.array([value for *_, value in compared], dtype=float),
        np.array([task.value for _, task, _ in compared], dtype=float),
        np.array([task.expected for _, task, _ in compared], dtype=float),
    )
    given = (near.completion_pct, near.expected_pct, near.ahead_pp, near.remaining)
    numbers = zip(*(part.tolist() for part in given), strict=True)
    words = zip(near.colour, near.verdict, near.is_near.tolist(), strict=True)
    standings, wrong = {}, {}
    for (zone, task, value), told, (colour, verdict, is_near) in zip(
        compared, numbers, words, strict=True
    ):
        if not is_near:
            completion_pct, expected_pct, ahead_pp, remaining = told
            standings[zone] = Standing(
                completion_pct, expected_pct, ahead_pp, remaining,
                remaining / (12 - month) if month < 12 else None, colour, *WORDS[verdict],
            )  # fmt: skip
            continue
        try:
            standings[zone] = _exactly(value, task, month)
        except InputError as error:
            wrong[zone] = Finding(error.code, "warning", "targets", ids=(task.record,),
                                  params=error.params)  # fmt: skip
    return Column(item.code, unit(item.unit).code, done, tasks, standings, wrong, parts)


def _exactly(done: float, task: Task, month: int) -> Standing:
    found = pace(done, task.value, month=month, curve=task.curve or LINEAR)
    return Standing(
        found.completion_pct, found.expected_pct, found.ahead_pp, found.remaining,
        found.rate_needed, found.colour, found.word_zh, found.word_en,
    )  # fmt: skip
