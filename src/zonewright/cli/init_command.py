"""``zonewright init``: make an empty workspace."""

from __future__ import annotations

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import quoted, say
from zonewright.core.errors import InputError
from zonewright.store import workspace as workspaces
from zonewright.store.address import shown

_DONE = {
    "en": (
        "{workspace} is ready. Next:",
        "  zonewright import {workspace} FILES…    take files in",
        "  zonewright user {workspace} NAME        an account for the desk",
        "  zonewright serve {workspace}            the desk",
    ),
    "zh": (
        "已建立 {workspace}。下一步：",
        "  zonewright import {workspace} 文件…    导入文件",
        "  zonewright user {workspace} 用户名     开设工作台账号",
        "  zonewright serve {workspace}           打开工作台",
    ),
}


@click.command("init", cls=Command)
@options.workspace
@click.option("--title", default="", help="Name of the workspace, shown on every page.")
@click.option("--title-en", default="", help="The name in English.")
@click.pass_obj
def command(lang: str, workspace: str, title: str, title_en: str) -> None:
    """Make an empty workspace; an existing file is never touched."""
    if "://" not in workspace and not workspace.lower().endswith(".sqlite"):
        raise InputError("workspace-name-bad", path=workspace)
    workspaces.create(workspace, title=title, title_en=title_en)
    for line in _DONE[lang]:
        say(line.format(workspace=quoted(shown(workspace))))
