"""``zonewright report``: the look-back as HTML, DOCX and PDF."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, progress, say
from zonewright.store.workspace import connect
from zonewright.workflows.lookback import FORMATS, LANGUAGES, write_reports


@click.command("report", cls=Command)
@options.workspace
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder to write to; this one if not given.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    default=FORMATS,
    help="Only this format; may be given more than once.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    type=click.Choice(LANGUAGES),
    default=LANGUAGES,
    help="Only this language; may be given more than once.",
)
@options.as_of
@options.as_json
def command(
    workspace: str,
    folder: Path,
    formats: tuple[str, ...],
    languages: tuple[str, ...],
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Write the look-back report: look-back.EXT in Chinese, look-back.en.EXT in English."""
    connect(workspace)
    options.require_records(as_of)
    with progress("", quiet=as_json) as report:
        paths = write_reports(
            folder, formats=formats, languages=languages, as_of=as_of, progress=report
        )
    if as_json:
        print_json({"files": [str(path) for path in paths]})
        return
    for path in paths:
        say(str(path))
