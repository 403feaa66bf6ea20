"""What the questions about returns answer: frozen values for pages, commands and programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from zonewright.core.findings import Finding
from zonewright.steering.returns.kinds import ReturnKind
from zonewright.steering.returns.rows import Places, RowsOf

State = Literal["missing", "draft", "submitted", "checked", "locked", "sent_back", "reopened"]
Step = Literal["fill", "correct", "check", "approve"]


@dataclass(frozen=True, slots=True)
class Due:
    """A zone's return of a kind for a month, whether it was begun or not.

    Parameters
    ----------
    kind, zone, period
        Which return; codes, and the month as in ``2023-04``.
    zone_name, zone_name_en
        The zone's names.
    state
        ``missing`` if nobody began it; else the return's state.
    due_on
        Day by which it is to be submitted.
    days_late
        Days by which it was first submitted too late, or by which it is overdue; else 0.
    id
        The return; None if nobody began it.
    """

    kind: str
    zone: str
    zone_name: str
    zone_name_en: str
    period: str
    state: State
    due_on: date
    days_late: int = 0
    id: int | None = None

    @property
    def late(self) -> bool:
        """Whether it came, or is, late."""
        return self.days_late > 0

    @property
    def done(self) -> bool:
        """Whether it is out of the hands of whoever reports."""
        return self.state in ("submitted", "checked", "locked")


@dataclass(frozen=True, slots=True)
class Completeness:
    """Where the returns of a month stand: zone × kind.

    Parameters
    ----------
    period
        The month, as in ``2023-04``.
    on
        The day on which it was looked at.
    kinds
        Codes of the kinds that are asked for this month, in order.
    zones
        Codes of the zones that owe returns and are seen, in order.
    cells
        ``(zone, kind)`` to where that return stands.
    """

    period: str
    on: date
    kinds: tuple[str, ...]
    zones: tuple[str, ...]
    cells: Mapping[tuple[str, str], Due]

    def count(self, *states: State) -> int:
        """Return how many returns are in one of some states."""
        return sum(cell.state in states for cell in self.cells.values())

    @property
    def late(self) -> int:
        """How many returns came late or are overdue."""
        return sum(cell.late for cell in self.cells.values())

    @property
    def counts(self) -> Mapping[State, int]:
        """How many returns are in each state that occurs."""
        found: dict[State, int] = {}
        for cell in self.cells.values():
            found[cell.state] = found.get(cell.state, 0) + 1
        return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """A return that waits for whoever asks.

    Parameters
    ----------
    due
        Which return, where it stands.
    step
        What they may do next: ``fill``, ``correct``, ``check`` or ``approve``.
    since
        When it came to wait for that; None if nobody began it.
    remark
        The last remark: why it was sent back or reopened.
    """

    due: Due
    step: Step
    since: datetime | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step on a return's way; `action` as in `store.models.ReturnStep`."""

    action: str
    by: str
    at: datetime
    version: int | None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version of a return.

    Parameters
    ----------
    locked_at
        When its rows became records; None if they never did.
    has_file
        Whether there is a workbook of it.
    origin
        ``excel``, ``browser`` or ``command``.
    """

    number: int
    name: str
    origin: str
    made_by: str
    made_at: datetime
    has_file: bool
    locked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that differs between two versions: plain values, None where it is empty.

    `title` is what a reader calls the row: the record's name, or the key.
    """

    sheet: str
    key: str
    field: str
    before: object
    after: object
    title: str = ""


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A return as its page shows it.

    Parameters
    ----------
    due
        Which return, where it stands.
    kind
        What it asks for.
    number
        The latest version; None if nothing was filled in.
    rows
        Rows of the version that is shown; prefilled where nothing was filled in.
    places
        Where they stand in its workbook; empty if there is none.
    last
        Last month's rows of the same zone and kind: the latest locked, else the latest handed in.
    findings
        What is wrong with the rows as they stand.
    steps, versions
        Its way, earliest first; its versions, latest first.
    may
        What whoever asks may do now: ``save``, ``submit``, ``check``, ``approve``, ``send_back``,
        ``reopen``.
    remark
        The last remark.
    """

    due: Due
    kind: ReturnKind
    number: int | None
    rows: RowsOf
    places: Places
    last: RowsOf
    findings: tuple[Finding, ...]
    steps: tuple[StepTaken, ...]
    versions: tuple[VersionInfo, ...]
    may: frozenset[str] = frozenset()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of a workbook that was handed in.

    Parameters
    ----------
    id, version
        The return and its version; None if the file was refused as a whole.
    kind, zone, period
        As far as the file says.
    findings
        What is wrong: with errors it cannot be submitted.
    unchanged
        Whether the same bytes were the latest version already.
    """

    name: str
    id: int | None
    version: int | None
    kind: str
    zone: str
    period: str
    findings: tuple[Finding, ...]
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell as somebody typed it.

    Parameters
    ----------
    sheet, key, field
        Which cell; a key that does not exist adds a row to a sheet of free rows.
    text
        What they typed: a number in the column's unit, a choice's code, a day; empty empties it.
    seen
        What they saw there before, as `shown` gives it; None asks for no comparison.
    """

    sheet: str
    key: str
    field: str
    text: str
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving cells did: the version, when, and what is now wrong with the rows.

    Parameters
    ----------
    kind, rows, last
        The return as it now stands; last month's rows.
    findings
        What is wrong with the rows.
    refused
        What was typed and could not be read.
    """

    id: int
    version: int
    at: datetime
    kind: ReturnKind
    rows: RowsOf
    last: RowsOf
    findings: tuple[Finding, ...]
    refused: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that was given out and is another now.

    Parameters
    ----------
    publication, title
        Which publication gave it out.
    period, zone, indicator
        What it is a figure of; codes.
    given_out, now
        Both values [unit]; None if it could not be told.
    records
        The records behind it that came in since.
    """

    publication: int
    title: str
    period: str
    zone: str
    indicator: str
    given_out: float | None
    now: float | None
    unit: str = ""
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Locked:
    """What approving did.

    Parameters
    ----------
    counts
        Table to how many records are new, changed and unchanged.
    findings
        Notices of the taking.
    changes
        Figures given out earlier that are others now.
    correction
        Whether a version had been locked before.
    """

    id: int
    version: int
    counts: Mapping[str, Mapping[str, int]]
    findings: tuple[Finding, ...] = ()
    changes: tuple[FigureChange, ...] = ()
    correction: bool = False


@dataclass(frozen=True, slots=True)
class Reminder:
    """Who owes what by when: a return, and who may report it or is to take the next step.

    `days_left` is below 0 once it is overdue.
    """

    due: Due
    step: Step
    days_left: int
    people: tuple[str, ...] = field(default=())
