"""``zonewright check``: read files and list their faults; nothing is written."""

from __future__ import annotations

from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_findings, print_json, progress, say
from zonewright.store.workspace import connect
from zonewright.workflows.importing import check_files


@click.command("check", cls=Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--workspace", help="Also check codes and balances against this workspace.")
@options.as_json
@click.pass_obj
def command(lang: str, files: tuple[Path, ...], workspace: str | None, as_json: bool) -> None:
    """Read FILES (or folders of files) and list every fault with its place."""
    if workspace:
        connect(workspace)
    with progress("", quiet=as_json) as report:
        checked = check_files(files, against_workspace=workspace is not None, progress=report)
    if as_json:
        print_json(checked.as_dict(lang))
    else:
        print_findings(checked.findings, lang=lang)
        say(checked.summary(lang))
    if checked.refused:
        raise click.exceptions.Exit(1)
