"""What a meeting list (调度会) tells, before it is put into words and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from zonewright.report.model import Colour, Text


@dataclass(frozen=True, slots=True)
class BehindItem:
    """A target that is behind.

    Parameters
    ----------
    name
        Of what.
    done, target
        By the month, and of the year [`unit`].
    unit
        Unit code.
    completion_pct, ahead_pp
        Done as a share of the target [%]; how far that is ahead of pace [percentage points].
    colour
        ``yellow`` or ``red``.
    causes
        What carries the shortfall, the largest part first.
    """

    name: Text
    done: float
    target: float
    unit: str
    completion_pct: float
    ahead_pp: float
    colour: Colour
    causes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderItem:
    """An order that is not done.

    Parameters
    ----------
    code, text, owner
        The order, what it asks, and who answers for it.
    level
        Whom it has reached; empty for its owner alone.
    level_rank
        The level as a number; 0 is its owner.
    due_on, overdue_days
        Deadline, and for how many days it is over [days].
    waits
        Whether a reply waits for its judgement.
    reply, replied_on
        The last reply, and its day; empty and None without one.
    """

    code: str
    text: Text
    owner: Text
    level: Text
    level_rank: int
    due_on: date
    overdue_days: int
    waits: bool
    reply: str = ""
    replied_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReturnItem:
    """Returns that were not handed in, each for the same months.

    Parameters
    ----------
    month
        For which months, in words.
    names
        Which returns, the first that was due first.
    due_on, overdue_days
        Day of the first, and for how many days it is over [days].
    months
        How many months that is.
    """

    month: Text
    names: tuple[Text, ...]
    due_on: date
    overdue_days: int
    months: int = 1

    @property
    def count(self) -> int:
        """How many returns that is."""
        return len(self.names) * self.months


@dataclass(frozen=True, slots=True)
class DueItem:
    """What is planned for the days to come: record, gate, day, and who answers for it."""

    code: str
    name: str
    gate: Text
    planned_on: date
    owner: str = ""


@dataclass(frozen=True, slots=True)
class MeetingZone:
    """What the meeting hears of a zone; a zone without any of it is only named."""

    code: str
    name: Text
    behind: tuple[BehindItem, ...] = ()
    orders: tuple[OrderItem, ...] = ()
    returns: tuple[ReturnItem, ...] = ()
    due: tuple[DueItem, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.behind or self.orders or self.returns or self.due)

    @property
    def missing(self) -> int:
        """How many returns are missing."""
        return sum(item.count for item in self.returns)

    @property
    def overdue(self) -> int:
        """How many of its orders are overdue."""
        return sum(item.overdue_days > 0 for item in self.orders)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting list.

    Parameters
    ----------
    title
        Of the workspace.
    on
        Day of the meeting.
    period
        The month that it looks at, in words.
    due_until
        Last planned day of what is to come.
    zones
        In the order in which they are called.
    notices
        That data are synthetic, verbatim.
    generated_at
        When the list was made (UTC).
    """

    title: Text
    on: date
    period: Text
    due_until: date
    zones: tuple[MeetingZone, ...]
    notices: tuple[str, ...]
    generated_at: datetime

    @property
    def heard(self) -> tuple[MeetingZone, ...]:
        """The zones of which there is something to hear."""
        return tuple(zone for zone in self.zones if zone)

    @property
    def quiet(self) -> tuple[MeetingZone, ...]:
        """The zones of which there is nothing to hear."""
        return tuple(zone for zone in self.zones if not zone)
