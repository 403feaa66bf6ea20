"""``zonewright export``: an exchange copy for desktop GIS."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, quoted, say
from zonewright.core.errors import InputError, StateError
from zonewright.store.workspace import connect
from zonewright.workflows.exporting import export_gpkg


@click.command("export", cls=Command)
@options.workspace
@click.option(
    "--gpkg",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="GeoPackage to be written, NAME.gpkg.",
)
@click.option(
    "--on",
    type=options.DAY,
    default=None,
    help="Day whose zone boundaries and parcel stages are written; today if not given.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
@options.as_json
@click.pass_obj
def command(
    lang: str,
    workspace: str,
    gpkg: Path,
    on: datetime | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write zones, parcels, works and no-go areas to a GeoPackage (no accounts, no secrets).

    Edit the copy in QGIS and bring it back with ``zonewright import``: only what was changed is
    merged, and a value that the workspace changed meanwhile is reported.
    """
    if gpkg.suffix.lower() != ".gpkg":  # above all, a workspace is never replaced by a copy
        raise InputError("export-name-bad", path=gpkg)
    connect(workspace)
    day = on.date() if on else date.today()
    if gpkg.exists() and not overwrite:
        raise StateError("export-file-exists", path=gpkg)
    export_gpkg(gpkg, on=day, overwrite=overwrite)
    if as_json:
        print_json({"file": str(gpkg), "on": day})
        return
    again = quoted("zonewright", "import", workspace, gpkg)
    text = {
        "en": f"Wrote {gpkg}. Edit it, then: {again}",
        "zh": f"已写出 {gpkg}。编辑后并回：{again}",
    }
    say(text[lang])
