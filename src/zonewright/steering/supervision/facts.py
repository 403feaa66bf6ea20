"""What supervision looks at: targets month by month, planned days, returns due, grants of quota."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from zonewright.core.periods import Period


@dataclass(frozen=True, slots=True)
class Named:
    """A name in both languages."""

    zh: str
    en: str

    def label(self, lang: str = "en") -> str:
        """Return the name in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class PaceFact:
    """How a target stood at the end of a month.

    Parameters
    ----------
    zone, indicator, name
        Whose target, of what.
    month
        Month up to which it is counted.
    completion_pct, ahead_pp
        What was done as a share of the year's target [%], and how far that is ahead of pace
        [percentage points]; negative is behind.
    colour
        ``blue``, ``green``, ``yellow`` or ``red``.
    records
        What carries the shortfall, as in ``work:12``.
    """

    zone: str
    indicator: str
    name: Named
    month: Period
    completion_pct: float
    ahead_pp: float
    colour: str
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GateFact:
    """A day by which a work, project or parcel was to reach a gate.

    Parameters
    ----------
    zone
        Where it lies.
    gate
        A key of ``[gates]`` in ``orders.toml``.
    subject
        The record, as in ``work:12``.
    code, name
        As a reader knows it.
    planned_on
        When it was to be reached.
    reached_on
        When it was; None if it was not.
    owner
        The person that the record names; empty if none.
    """

    zone: str
    gate: str
    subject: str
    code: str
    name: str
    planned_on: date
    reached_on: date | None = None
    owner: str = ""

    def overdue_days(self, on: date) -> int:
        """Return for how many days it is overdue on a day [days]; 0 if it was reached by then."""
        if self.reached_on is not None and self.reached_on <= on:
            return 0
        return max((on - self.planned_on).days, 0)


@dataclass(frozen=True, slots=True)
class ReturnFact:
    """A return that a zone owes for a month.

    Parameters
    ----------
    zone, kind, name
        Who owes what.
    month
        For which month.
    due_on
        The last day on which it is in time.
    received_on
        When it was handed in; None if it was not.
    """

    zone: str
    kind: str
    name: Named
    month: Period
    due_on: date
    received_on: date | None = None

    def is_missing(self, on: date) -> bool:
        """Return whether it had not been handed in by a day."""
        return self.received_on is None or self.received_on > on

    def late_days(self, on: date) -> int:
        """Return by how many days it is late, handed in or not yet [days]."""
        end = on if self.received_on is None else min(self.received_on, on)
        return max((end - self.due_on).days, 0)


@dataclass(frozen=True, slots=True)
class QuotaFact:
    """A grant of land quota that lapses.

    Parameters
    ----------
    zone, subject, code, name
        Whose it is, its entry, and the source that it is of.
    left_m2
        What of it is not used [m²].
    expires_on
        Its last day.
    """

    zone: str
    subject: str
    code: str
    name: Named
    left_m2: float
    expires_on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the rules look at; the order of each tuple means nothing."""

    paces: tuple[PaceFact, ...] = ()
    gates: tuple[GateFact, ...] = ()
    returns: tuple[ReturnFact, ...] = ()
    quotas: tuple[QuotaFact, ...] = ()
