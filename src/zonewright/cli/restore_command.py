"""``zonewright restore``: a workspace from its backup."""

from __future__ import annotations

from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, progress, quoted, say
from zonewright.store import backup as backups
from zonewright.store.address import shown


@click.command("restore", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@options.workspace
@options.as_json
@click.pass_obj
def command(lang: str, file: Path, workspace: str, as_json: bool) -> None:
    """Make WORKSPACE from a backup and compare every table; nothing is ever overwritten.

    WORKSPACE is a file that does not exist yet, or the address of an empty PostgreSQL database:
    so a workspace also moves from a file to PostgreSQL and back. Everybody signs in anew.
    """
    step = {"en": "Restoring", "zh": "恢复"}[lang]
    with progress(step) as report:
        made = backups.restore(file, workspace, progress=report)
    if as_json:
        print_json({"workspace": shown(workspace), "rows": made.rows, "made_at": made.made_at})
        return
    desk = quoted("zonewright", "serve", shown(workspace))
    text = {
        "en": f"Restored {made.rows:,} rows in {len(made.tables)} tables as of {made.made_at}; "
        f"every table is as in the backup. The desk: {desk}",
        "zh": f"已恢复 {len(made.tables)} 张表共 {made.rows:,} 行（备份时刻 {made.made_at}），"
        f"逐表核对一致。打开工作台：{desk}",
    }
    say(text[lang])
