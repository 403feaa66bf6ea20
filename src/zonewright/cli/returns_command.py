"""``zonewright returns``: who owes what, blank workbooks, handing in, checking, locking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from getpass import getuser
from pathlib import Path
from typing import Any, TypeVar

import click

from zonewright.cli import options
from zonewright.cli.given_out import change_lines
from zonewright.cli.speaking import Command, Group
from zonewright.cli.terminal import print_findings, print_json, print_table, say
from zonewright.core.errors import InputError, UnknownReferenceError
from zonewright.core.findings import has_errors
from zonewright.core.periods import Period
from zonewright.steering.returns.kinds import kinds
from zonewright.store.access import Access, access_of, operator
from zonewright.store.models import Return, User
from zonewright.store.workspace import connect
from zonewright.workflows import returns
from zonewright.workflows.returns_answers import Completeness, Due, HandedIn, Reminder
from zonewright.workflows.returns_words import STATES, STEPS

ORIGIN = "cli"
Wrapped = TypeVar("Wrapped", bound=Callable[..., Any])
_HEADINGS = {
    "en": ("Zone", "Return", "State", "Due", "Days late", "No."),
    "zh": ("片区", "报表", "状态", "截止", "逾期天数", "编号"),
}
_OWED = {
    "en": ("Days left", "Due", "Month", "Zone", "Return", "Next", "Whose turn"),
    "zh": ("剩余天数", "截止", "月份", "片区", "报表", "待办", "责任人"),
}


def _as_account(function: Wrapped) -> Wrapped:
    """Let a command be run as an account of the workspace, and write its steps a time."""
    named = click.option("--as", "account", help="Act as this account; else as the operator.")
    timed = click.option(
        "--at", type=options.DAY, help="Day to write down for the step, where files are replayed."
    )
    remark = click.option("--remark", default="", help="Remark; needed to send back or reopen.")

    @wraps(function)
    def wrapped(*args: Any, **more: Any) -> Any:
        return function(*args, **more)

    decorated: Any = remark(timed(named(wrapped)))
    return decorated  # type: ignore[no-any-return]


def _access(account: str | None) -> Access:
    if account is None:
        return operator(getuser())
    user = User.objects.filter(username=account).first()
    if user is None:
        raise UnknownReferenceError("person-unknown", name=account)
    return access_of(user)


output_file = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Workbook to write.",
)


class _Returns(Group):
    """The steps of a return; what names none of them is the list of a month."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read a call without a step as one of ``list``."""
        named = args[:1] and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named or not args else ["list", *args])


@click.group("returns", cls=_Returns)
def command() -> None:
    """Show who owes which monthly return, and take returns from blank to locked.

    Without a step, `zonewright returns WORKSPACE` lists a month, zone by kind. Once locked,
    a return's rows are records; a correction is a new version.
    """


@command.command("list", cls=Command)
@options.workspace
@click.option("--month", help="Month, as in 2023-04; the last one that is over if not given.")
@click.option("--on", type=options.DAY, help="Day; today if not given.")
@click.option("--remind", is_flag=True, help="Print who owes what by when instead.")
@options.as_json
@click.pass_obj
def list_returns(
    lang: str, workspace: str, month: str | None, on: datetime | None, remind: bool, as_json: bool
) -> None:
    """Show where the returns of a month stand, zone by kind, or who owes what by when."""
    connect(workspace)
    day = on.date() if on else date.today()
    if remind:
        _print_reminders(returns.reminders(day), lang, as_json=as_json)
        return
    found = returns.completeness(month or _month_before(day), operator(getuser()), on=day)
    if as_json:
        cells = [_plain(cell) for cell in _ordered(found)]
        print_json({"month": found.period, "on": day, "counts": found.counts, "items": cells})
        return
    if not found.cells:
        say(_NOBODY[lang])
        return
    print_table(
        list(zip(_HEADINGS[lang], (False, False, False, False, True, True), strict=True)),
        [_row(cell, lang) for cell in _ordered(found)],
        lead=2,
    )


@command.command("blank", cls=Command)
@options.workspace
@click.argument("kind")
@click.argument("zone")
@click.argument("month")
@output_file
@click.option("--as", "account", help="Act as this account; else as the operator.")
@click.pass_obj
def blank(
    lang: str,
    workspace: str,
    kind: str,
    zone: str,
    month: str,
    output: Path,
    account: str | None,
) -> None:
    """Write the workbook to fill in for a kind, zone and month."""
    connect(workspace)
    options.require_zone(zone, as_of=None, lang=lang)
    _, data = returns.blank_workbook(kind, zone, month, _access(account), lang=lang)
    _write(output, data)
    say(str(output))


@command.command("hand-in", cls=Command)
@options.workspace
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--submit", is_flag=True, help="Also submit what has no fault.")
@_as_account
@options.as_json
@click.pass_obj
def hand_in(
    lang: str,
    workspace: str,
    files: tuple[Path, ...],
    submit: bool,
    account: str | None,
    at: datetime | None,
    remark: str,
    as_json: bool,
) -> None:
    """Hand in filled-in workbooks; what is wrong with them is listed cell by cell."""
    connect(workspace)
    access = _access(account)
    answers, faulty = [], False
    for file in files:
        handed = returns.hand_in(
            file.name, file.read_bytes(), access, origin=ORIGIN, by="command", at=at
        )
        refused = handed.id is None or has_errors(handed.findings)
        if submit and not refused and handed.id is not None:
            returns.submit(handed.id, access, origin=ORIGIN, remark=remark, at=at)
        faulty = faulty or refused
        answers.append(
            {
                "file": handed.name, "id": handed.id, "version": handed.version,
                "kind": handed.kind, "zone": handed.zone, "month": handed.period,
                "submitted": submit and not refused, "unchanged": handed.unchanged,
                "findings": [finding.as_dict(lang) for finding in handed.findings],
            }
        )  # fmt: skip
        if not as_json:
            print_findings(handed.findings, lang=lang)
            say(_became(handed, lang, faults=refused, submit=submit))
    if as_json:
        print_json({"items": answers})
    if faulty:
        raise click.exceptions.Exit(1)


def _became(handed: HandedIn, lang: str, *, faults: bool, submit: bool) -> str:
    """Return one line that says what became of a workbook."""
    if handed.id is None:
        return f"{handed.name}: {_REFUSED[lang]}"
    state = Return.objects.values_list("state", flat=True).get(pk=handed.id)
    said = f"{handed.name}: {handed.id} · {STATES[state][lang]}"
    errors = sum(finding.severity == "error" for finding in handed.findings)
    if faults:
        return f"{said} · {_FAULTY[lang].format(errors=errors)}"
    return said if submit else f"{said} · {_KEPT[lang]}"


def _step(name: str, act: Callable[..., Any], text: str) -> None:
    """Make the command of a step."""

    @command.command(name, cls=Command, help=text)
    @options.workspace
    @click.argument("number", type=int)
    @_as_account
    @click.pass_obj
    def step(
        lang: str,
        workspace: str,
        number: int,
        account: str | None,
        at: datetime | None,
        remark: str,
    ) -> None:
        connect(workspace)
        access = _access(account)
        done = act(number, access, origin=ORIGIN, remark=remark, at=at)
        if name == "check":  # what is let pass with a warning is for the checker to look at
            told = returns.open_return(number, access).findings
            print_findings([one for one in told if one.severity == "warning"], lang=lang,
                           has_json=False)  # fmt: skip
        if done is not None:
            print_findings(done.findings, lang=lang, has_json=False)
            for line in change_lines(done.changes, lang):
                say(line)
        due = returns.open_return(number, access).due
        say(" · ".join(_row(due, lang)[:3]))


_step("submit", returns.submit, "Hand a return's latest version to the checker.")
_step("check", returns.check, "Pass what was submitted on to the approver.")
_step("approve", returns.approve, "Lock what was checked: its rows become records.")
_step("send-back", returns.send_back, "Send a return back for correction, with a remark.")
_step("reopen", returns.reopen, "Open a locked return for correction, with a reason.")


@command.command("marked", cls=Command)
@options.workspace
@click.argument("number", type=int)
@click.option("--version", type=int, help="Version; the latest if not given.")
@output_file
@click.pass_obj
def marked(lang: str, workspace: str, number: int, version: int | None, output: Path) -> None:
    """Write a return's workbook with what is wrong marked and commented."""
    connect(workspace)
    access = operator(getuser())
    latest = version or returns.open_return(number, access).number
    if latest is None:
        raise InputError("return-empty")
    _, data = returns.marked_workbook(number, latest, access, lang=lang)
    _write(output, data)
    say(str(output))


_REFUSED = {"en": "not taken", "zh": "未收下"}
_FAULTY = {"en": "not submitted: {errors} faults to mend", "zh": "未提交：{errors} 处错误待更正"}
_KEPT = {"en": "not submitted yet", "zh": "尚未提交"}
_NOBODY = {
    "en": "No zone owes a return: grant somebody the role of a reporter in a zone first.",
    "zh": "没有应报片区：请先在片区授予填报员角色。",
}


def _month_before(day: date) -> str:
    last = Period.month(day.year, day.month).last - 1
    return str(Period(last, last))


def _ordered(found: Completeness) -> list[Due]:
    order = list(kinds())
    return sorted(found.cells.values(), key=lambda cell: (cell.zone, order.index(cell.kind)))


def _row(due: Due, lang: str) -> tuple[str, ...]:
    zone = due.zone_name if lang == "zh" else due.zone_name_en or due.zone_name
    return (
        f"{due.zone} {zone}", kinds()[due.kind].label(lang), STATES[due.state][lang],
        due.due_on.isoformat(), str(due.days_late or ""), str(due.id or ""),
    )  # fmt: skip


def _plain(due: Due) -> dict[str, object]:
    return {
        "id": due.id, "kind": due.kind, "zone": due.zone, "zone_name": due.zone_name,
        "month": due.period, "state": due.state, "due_on": due.due_on, "days_late": due.days_late,
    }  # fmt: skip


def _print_reminders(found: tuple[Reminder, ...], lang: str, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "items": [
                    {
                        **_plain(item.due), "step": item.step, "days_left": item.days_left,
                        "people": item.people,
                    }
                    for item in found
                ]
            }
        )  # fmt: skip
        return
    rows = []
    for item in found:
        zone, kind, *_ = _row(item.due, lang)
        people = ("、" if lang == "zh" else ", ").join(item.people) or "—"
        rows.append(
            (
                str(item.days_left), item.due.due_on.isoformat(), item.due.period, zone, kind,
                STEPS[item.step][lang], people,
            )
        )  # fmt: skip
    if not rows:
        say(_NOBODY[lang])
        return
    headings = zip(_OWED[lang], (True, *[False] * 6), strict=True)
    print_table(list(headings), rows, lead=5)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
