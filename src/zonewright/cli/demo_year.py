"""The year of the example: its returns handed in, checked, locked, corrected, given out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from zonewright.core.errors import EngineError, FindingsError
from zonewright.core.findings import has_errors
from zonewright.core.periods import Period
from zonewright.examples.jiangmen.year import ZONES, Year
from zonewright.examples.jiangmen.year_books import evidence, fill, keys
from zonewright.examples.jiangmen.year_script import (
    APPROVER,
    CHECKER,
    Step,
    flawed,
    reporter,
    script,
)
from zonewright.store import actions
from zonewright.store.access import Access, access_of, operator
from zonewright.store.actions.people import open_account
from zonewright.store.models import User
from zonewright.workflows import board, returns, supervision
from zonewright.workflows.returns_answers import CellChange, FigureChange

ORIGIN = "demo"
# When the workspace learnt of the registers, before the first return.
BEGINNING = datetime(2022, 12, 31, 1, tzinfo=UTC)
Told = Callable[[float, str], None]


@dataclass
class Played:
    """What came of the year.

    Parameters
    ----------
    done
        Deed to how often it was done.
    late
        Returns that were submitted after their day.
    changes
        Figures given out that a correction changed.
    order
        Number of the supervision order; empty if none was given.
    """

    done: Counter[str] = field(default_factory=Counter)
    late: int = 0
    changes: list[FigureChange] = field(default_factory=list)
    order: str = ""


def make_people(password: str, zones: tuple[str, ...] = ZONES) -> Mapping[str, Access]:
    """Open the accounts of the year and return what each may do.

    Of each zone somebody reports; one person checks and one approves, in the whole workspace.
    """
    held = {reporter(zone): ("reporter", zone) for zone in zones}
    held |= {CHECKER: ("checker", "JM"), APPROVER: ("approver", "")}
    for name, (role, zone) in held.items():
        if not actions.has_user(name):
            open_account(
                name, password, access=operator(ORIGIN), origin=ORIGIN, role=role, zone=zone
            )
    return {name: access_of(User.objects.get(username=name)) for name in held}


def names_of_year() -> tuple[str, ...]:
    """Return the names of the accounts of the year."""
    return (*map(reporter, ZONES), CHECKER, APPROVER)


def summary(played: Played, lang: str) -> str:
    """Return one line that says what came of the year."""
    done = played.done
    # A return that was corrected was locked twice, and is one.
    locked = done["approve"] - done["reopen"]
    if lang == "zh":
        return (
            f"锁定 {locked} 份，其中迟报 {played.late}、退回 {done['send_back']}、"
            f"更正 {done['reopen']}（影响已公布指标 {len(played.changes)} 项），"
            f"督办办结 {done['accept']}（{played.order}）"
        )
    return (
        f"{locked} returns locked, {played.late} late, {done['send_back']} sent back, "
        f"{done['reopen']} corrected (figures given out that changed: {len(played.changes)}), "
        f"{done['accept']} order closed ({played.order})"
    )


def play(
    year: Year, folder: Path, people: Mapping[str, Access], *,
    steps: tuple[Step, ...] | None = None, progress: Told | None = None,
) -> Played:  # fmt: skip
    """Play the script in the connected workspace.

    Parameters
    ----------
    folder
        Where the workbooks are kept. One that is there is handed in as it is; the others are filled
        in and written, so that a second play of the same folder replays the same files.
    people
        Name to what they may do, as `make_people` gives it.
    steps
        The script; None means all of it.
    progress
        Called with the share done and what is being done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stage = _Stage(year, folder, people)
    wanted = script() if steps is None else steps
    for number, step in enumerate(wanted):
        if progress is not None:
            progress(number / len(wanted), f"{step.at:%Y-%m-%d} {step.zone}")
        stage.take(step)
        stage.played.done[step.deed] += 1
    return stage.played


class _Stage:
    """The workspace while the year is played: which return is which, and what came of it."""

    def __init__(self, year: Year, folder: Path, people: Mapping[str, Access]) -> None:
        self.year, self.folder, self.people = year, folder, people
        self.numbers: dict[tuple[str, str, int], int] = {}
        self.order = 0
        self.owner = ""
        self.played = Played()

    def take(self, step: Step) -> None:
        """Take one step."""
        match step.deed:
            case "fill":
                self._fill(step)
            case "type":
                self._type(step)
            case "approve":
                locked = returns.approve(
                    self._number(step), self.people[step.by], origin=ORIGIN, remark=step.text,
                    at=step.at,
                )  # fmt: skip
                self.played.changes += locked.changes
            case "submit" | "check" | "send_back" | "reopen":
                acts = {
                    "submit": returns.submit, "check": returns.check,
                    "send_back": returns.send_back, "reopen": returns.reopen,
                }  # fmt: skip
                access = self.people[step.by]
                number = self._number(step)
                acts[step.deed](number, access, origin=ORIGIN, remark=step.text, at=step.at)
                if step.deed == "submit":
                    self.played.late += returns.open_return(number, access).due.late
            case "publish":
                board.publish(
                    Period.parse(step.period), self.people[step.by], step.text, origin=ORIGIN,
                    at=step.at,
                )  # fmt: skip
            case "order":
                self._order(step)
            case "reply":
                path = evidence(self.folder)
                sent = supervision.Evidence(path.name, path.read_bytes())
                supervision.reply(
                    self.order, step.text, evidence=[sent], access=self.people[self.owner],
                    origin=ORIGIN, at=step.at,
                )  # fmt: skip
            case "accept":
                supervision.accept(
                    self.order, step.text, on=step.at.date(), access=self.people[step.by],
                    origin=ORIGIN, at=step.at,
                )  # fmt: skip

    def _number(self, step: Step) -> int:
        return self.numbers[step.kind, step.zone, step.month]

    def _fill(self, step: Step) -> None:
        access = self.people[step.by]
        stem = f"{step.at:%m%d-%H%M} {step.period} {step.zone} {step.kind}"
        path = self.folder / f"{stem}.xlsx"
        if not path.exists():
            _, blank = returns.blank_workbook(step.kind, step.zone, step.period, access)
            figures = self.year.figures(step.kind, step.month, step.zone)
            path.write_bytes(fill(blank, flawed(figures, step.flaw, keys(blank))))
        handed = returns.hand_in(path.name, path.read_bytes(), access, origin=ORIGIN, at=step.at)
        if handed.id is None or has_errors(handed.findings):
            raise FindingsError(handed.findings)
        self.numbers[step.kind, step.zone, step.month] = handed.id

    def _type(self, step: Step) -> None:
        access = self.people[step.by]
        number = returns.begin(
            step.kind, step.zone, step.period, access, origin=ORIGIN, at=step.at
        )  # fmt: skip
        self.numbers[step.kind, step.zone, step.month] = number
        figures = self.year.figures(step.kind, step.month)
        _, blank = returns.blank_workbook(step.kind, step.zone, step.period, access)
        asked = keys(blank)
        changes = [
            CellChange("works", code, name, str(value))
            for code in asked
            for name, value in figures[code].items()
        ]
        for name in ("invested", "invested_ytd"):
            total = sum(int(str(figures[code][name])) for code in asked)
            changes.append(CellChange("total", "all", name, str(total)))
        saved = returns.save_cells(number, changes, access, origin=ORIGIN, at=step.at)
        if has_errors((*saved.findings, *saved.refused)):
            raise FindingsError((*saved.findings, *saved.refused))

    def _order(self, step: Step) -> None:
        """Give an order for the first gate that is overdue in the zones that report."""
        period, on, access = Period.parse(step.period), step.at.date(), self.people[step.by]
        makers = {zone: reporter(zone) for zone in ZONES if reporter(zone) in self.people}
        found = supervision.find(period, on, access, sorts=("gate",)).new
        mine = sorted(matter.key for matter in found if matter.zone in makers)
        if not mine:
            raise EngineError("demo-no-order", month=step.period)
        (order,) = supervision.raise_orders(
            period, on, access, origin=ORIGIN, only=mine[:1], at=step.at
        )
        self.order, self.played.order = order.pk, order.code
        self.owner = makers[order.zone.code]
