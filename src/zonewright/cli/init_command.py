"""``zonewright init``: make an empty workspace."""

from __future__ import annotations

import click

from zonewright.cli import options
from zonewright.cli.terminal import out
from zonewright.store import workspace as workspaces


@click.command("init")
@options.workspace
@click.option("--title", default="", help="Name of the workspace, shown on every page.")
@click.option("--title-en", default="", help="The name in English.")
@click.pass_obj
def command(lang: str, workspace: str, title: str, title_en: str) -> None:
    """Make an empty workspace; an existing file is never touched."""
    workspaces.create(workspace, title=title, title_en=title_en)
    text = {
        "en": f"{workspace} is ready. Next: zonewright import {workspace} FILES…",
        "zh": f"已建立 {workspace}。下一步：zonewright import {workspace} 文件…",
    }
    out().print(text[lang], markup=False)
