"""The year of returns as a script: who does what on which day, with what goes wrong in it.

Besides eleven months and a December as they should be: a return that comes late, one that the
checker sends back, one typed in the browser, one corrected after it was locked and given out, and
a supervision order with its reply.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from zonewright.examples.jiangmen.year import YEAR, ZONES, Figures

Deed = Literal[
    "fill", "type", "submit", "check", "send_back", "approve", "reopen", "publish", "order",
    "reply", "accept",
]  # fmt: skip
KINDS = ("works", "firms")
CHECKER, APPROVER = "checker-jm", "approver-jm"
# One month each: sent back by the checker; late by a week; typed; corrected after it was given out.
SENT_BACK = ("works", "JM-PT-KP", 3)
LATE = ("works", "JM-QD-GX", 6)
TYPED = ("works", "JM-QD-PH", 9)
CORRECTED = ("works", "JM-PT-TS", 4)
PUBLISHED = (4, 6, 9, 12)
ORDERED = 12
# What the first report of the corrected month said too much of its first work [万元].
TOO_MUCH = 300
_FILLED, _CHECKED, _APPROVED = {"works": 3, "firms": 15}, 2, 4
_DAY_OF_BULLETIN, _DAY_OF_ORDER = 24, 26


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the script.

    Parameters
    ----------
    at
        When it is taken.
    deed
        What is done.
    by
        Name of who does it.
    kind, zone, month
        The return; empty kind for what concerns the whole month.
    text
        Remark, title or reply.
    flaw
        What is wrong with the workbook: ``gaps`` (no progress on site), ``too_much``, or nothing.
    """

    at: datetime
    deed: Deed
    by: str
    kind: str = ""
    zone: str = ""
    month: int = 0
    text: str = ""
    flaw: str = ""

    @property
    def period(self) -> str:
        """The month, as in ``2023-04``."""
        return f"{YEAR}-{self.month:02d}"


def reporter(zone: str) -> str:
    """Return the name of who reports for a zone."""
    return "reporter-" + zone.removeprefix("JM-").lower()


def script(months: int = 12, zones: tuple[str, ...] = ZONES) -> tuple[Step, ...]:
    """Return the steps of the year in the order of their days.

    Parameters
    ----------
    months
        How many months are played, from January.
    zones
        Which of the five zones play.
    """
    steps = [
        step
        for month in range(1, months + 1)
        for step in _month(month, zones)
    ]  # fmt: skip
    return tuple(sorted(steps, key=lambda step: step.at))


def flawed(figures: Figures, flaw: str, codes: tuple[str, ...]) -> Figures:
    """Return figures with what is wrong in them.

    Parameters
    ----------
    codes
        The works that the workbook asks for.
    """
    if flaw == "gaps":
        return {
            code: {name: value for name, value in row.items() if name != "physical_pct"}
            for code, row in figures.items()
        }
    if flaw == "too_much":
        code = next(code for code in codes if figures[code]["invested"])
        row = dict(figures[code])
        for name in ("invested", "invested_ytd"):
            row[name] = int(str(row[name])) + TOO_MUCH
        return {**figures, code: row}
    return figures


def _month(month: int, zones: tuple[str, ...]) -> Iterator[Step]:
    for kind in KINDS:
        if kind == "firms" and month == 1:
            continue  # statistics report January with February
        for zone in zones:
            yield from _return(kind, zone, month)
    if month in PUBLISHED:
        title = f"{YEAR}年1—{month}月调度通报（示例）"
        yield Step(_day(month, _DAY_OF_BULLETIN), "publish", APPROVER, month=month, text=title)
    if month == ORDERED:
        yield from _order(month)


def _return(kind: str, zone: str, month: int) -> Iterator[Step]:
    maker, which = reporter(zone), (kind, zone, month)
    at = _day(month, _FILLED[kind] + (7 if which == LATE else 0))
    step = Step(at, "fill", maker, kind, zone, month)
    if which == SENT_BACK:
        yield replace(step, flaw="gaps")
        yield replace(step, at=at + _minutes(1), deed="submit")
        why = "形象进度未填，请补齐后再报"
        yield replace(step, at=at + _minutes(2), deed="send_back", by=CHECKER, text=why)
        step = replace(step, at=at + timedelta(days=1))
    flaw = "too_much" if which == CORRECTED else ""
    yield from _locked(replace(step, flaw=flaw, deed="type" if which == TYPED else "fill"))
    if which == CORRECTED:
        at = _day(month, _DAY_OF_BULLETIN + 2)
        why = f"首个项目当月投资多报{TOO_MUCH}万元，按支付凭证更正"
        yield replace(step, at=at, deed="reopen", by=APPROVER, text=why)
        yield from _locked(replace(step, at=at + _minutes(1)), hours=True)


def _locked(step: Step, *, hours: bool = False) -> Iterator[Step]:
    """Yield the way of a return from its workbook to the lock, in days or in hours."""
    wait = timedelta(hours=1) if hours else timedelta(days=1)
    yield step
    yield replace(step, at=step.at + _minutes(5), deed="submit", flaw="")
    yield replace(step, at=step.at + _CHECKED * wait, deed="check", by=CHECKER, flaw="")
    yield replace(step, at=step.at + _APPROVED * wait, deed="approve", by=APPROVER, flaw="")


def _order(month: int) -> Iterator[Step]:
    at = _day(month, _DAY_OF_ORDER)
    yield Step(at, "order", APPROVER, month=month)
    said = "已组织施工单位进场，附开工令（示例）。"
    yield Step(at + timedelta(days=3), "reply", "", month=month, text=said)
    yield Step(at + timedelta(days=4), "accept", CHECKER, month=month, text="材料属实，予以办结。")


def _day(month: int, day: int) -> datetime:
    """Return a morning of the month after one [UTC]."""
    year, after = (YEAR, month + 1) if month < 12 else (YEAR + 1, 1)
    return datetime(year, after, day, 1, 30, tzinfo=UTC)


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
