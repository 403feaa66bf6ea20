"""The reference page of roles: who may do what, and where each step is taken."""

from __future__ import annotations

from typing import NamedTuple

from zonewright.store.access import PERMISSIONS, Permission, roles

_INTRO = """# Roles: who may do what, and where

A role is granted for a zone, with all that lies in it, or for the whole workspace
(`zonewright user WORKSPACE NAME --role ROLE --zone CODE`, or *People* in the desk). On the command
line whoever works on the machine may do everything; `zonewright returns … --as NAME` takes a step
of a return as an account.

Written by `tools/make_reference.py` from `core/data/roles.csv`.

"""
_AFTER = """
Where somebody else could do it, nobody checks or approves a return that they made or checked, and
nobody judges their own reply. What a step needs *everywhere* is not allowed by a role in one zone.
A table of targets is imported like any other ([tables.md](tables.md)), which needs the permission
to plan everywhere; a target that is changed in the desk needs a reason.
"""


class _Step(NamedTuple):
    """A step of steering: in both languages, how on the command line, where in the desk."""

    en: str
    zh: str
    permission: Permission
    line: str
    desk: str
    everywhere: bool = False


_STEPS = (
    _Step("fill in and submit a return", "填报、提交月报", "report",
          "`returns blank`, `hand-in`, `submit`", "Monthly returns"),
    _Step("check a return, send it back", "审核、退回月报", "check",
          "`returns check`, `send-back`", "Monthly returns"),
    _Step("lock a return, open it again", "审批锁定、解锁更正", "approve",
          "`returns approve`, `reopen`", "Monthly returns"),
    _Step("set or change a target", "下达、调整目标", "plan",
          "`import` of the table `targets`", "Board › Targets"),
    _Step("give out the figures of a month", "发布月度数据", "approve", "—", "Board", True),
    _Step("define an indicator", "自定义指标", "administer", "`indicators --define`",
          "Import, table `indicators`", True),
    _Step("give an order that the rules ask for", "按规则下达督办单", "approve", "`orders --raise`",
          "Orders › What needs an order"),
    _Step("give an order by hand", "交办", "approve", "—", "Orders"),
    _Step("reply to an order, with evidence", "回复督办单并附材料", "report", "—",
          "the order's page"),
    _Step("accept a reply and close, refuse it", "审核办结、退回", "check", "—",
          "the order's page"),
    _Step("escalate an order", "升级督办", "approve", "`orders --escalate`",
          "Orders › What needs an order, the order's page"),
    _Step("extend or withdraw an order", "延期、撤销督办单", "approve", "—", "the order's page"),
    _Step("print the meeting list", "打印会议清单", "view", "`meeting`", "Orders › Meeting list"),
    _Step("read the board and the forecast", "查看看板与预测", "view", "`board`, `forecast`",
          "Board"),
)  # fmt: skip


def _who(permission: Permission) -> str:
    return ", ".join(
        f"`{role.code}`" for role in roles().values() if permission in role.permissions
    )


def roles_page() -> str:
    """Return the page of roles."""
    text = f"{_INTRO}| role | | | {' | '.join(PERMISSIONS)} |\n|{'---|' * (3 + len(PERMISSIONS))}\n"
    for role in roles().values():
        marks = " | ".join("✓" if name in role.permissions else "" for name in PERMISSIONS)
        text += f"| `{role.code}` | {role.zh} | {role.en} | {marks} |\n"
    text += "\n## Steps of steering\n\n"
    text += "| step | | needs | who has it | command line | desk |\n|---|---|---|---|---|---|\n"
    for step in _STEPS:
        needs = f"{step.permission}{', everywhere' if step.everywhere else ''}"
        text += (
            f"| {step.en} | {step.zh} | {needs} | {_who(step.permission)} | {step.line} | "
            f"{step.desk} |\n"
        )
    return text + "\n" + _AFTER.lstrip()
