"""``zonewright report``: the look-back as HTML, DOCX and PDF."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.terminal import out, progress
from zonewright.store.workspace import connect
from zonewright.workflows.lookback import FORMATS, LANGUAGES, write_reports


@click.command("report")
@options.workspace
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), default=Path(), help="Folder to write to."
)
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), default=FORMATS)
@click.option(
    "--language", "languages", multiple=True, type=click.Choice(LANGUAGES), default=LANGUAGES
)
@options.as_of
def command(
    workspace: str,
    folder: Path,
    formats: tuple[str, ...],
    languages: tuple[str, ...],
    as_of: datetime | None,
) -> None:
    """Write the look-back report: look-back.EXT in Chinese, look-back.en.EXT in English."""
    connect(workspace)
    with progress("") as report:
        paths = write_reports(
            folder, formats=formats, languages=languages, as_of=as_of, progress=report
        )
    for path in paths:
        out().print(str(path), markup=False)
