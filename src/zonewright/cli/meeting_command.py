"""``zonewright meeting``: the headquarters' meeting list, on the terminal, as DOCX or PDF."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, print_table, say
from zonewright.core.phrases import Lang
from zonewright.report.meeting_view import Sheet, document
from zonewright.store.access import operator
from zonewright.store.workspace import connect
from zonewright.workflows.supervision_meeting import default_day, meeting, write_meeting


@click.command("meeting", cls=Command)
@options.workspace
@click.option(
    "-o",
    "--out",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, ending in .docx or .pdf; without it the list is printed here.",
)
@click.option(
    "--on",
    type=options.DAY,
    help="Day; if not given today, or of old data the last on which they are called.",
)
@click.option("--zone", help="Only what concerns this zone.")
@options.as_json
@click.pass_obj
def command(
    lang: Lang,
    workspace: str,
    path: Path | None,
    on: datetime | None,
    zone: str | None,
    as_json: bool,
) -> None:
    """Make the list of a meeting: zone by zone what is behind, open, missing and to come."""
    connect(workspace)
    if zone is not None:
        options.require_zone(zone, as_of=None, lang=lang)
    day = on.date() if on else default_day(date.today())
    found = meeting(day, operator(getpass.getuser()), zone=zone)
    if path is not None:
        write_meeting(found, path, path.suffix.removeprefix(".").lower(), lang)
    if as_json:
        given = {**asdict(found), "file": str(path) if path else None}
        print_json({**given, "zones": [asdict(item) for item in found.heard]})
        return
    if path is not None:
        say(str(path))
        return
    doc = document(found, lang)
    say(doc.title, style="bold")
    say(doc.subtitle)
    say(doc.summary)
    for part in doc.zones:
        say("")
        say(part.heading, style="bold")
        for sheet in part.sheets:
            say(sheet.caption)
            _print(sheet)


def _print(sheet: Sheet) -> None:
    """Print a table without the column in which the meeting writes."""
    kept = [place for place, cell in enumerate(sheet.rows[0]) if not cell.is_blank]
    columns = [(sheet.headings[place], sheet.numeric[place]) for place in kept]
    rows = [
        tuple(" ".join(filter(None, (row[place].text, row[place].below))) for place in kept)
        for row in sheet.rows
    ]
    print_table(columns, rows, lead=2)
