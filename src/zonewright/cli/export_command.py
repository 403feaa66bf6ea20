"""``zonewright export``: an exchange copy for desktop GIS."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.terminal import out
from zonewright.store.workspace import connect
from zonewright.workflows.exporting import export_gpkg


@click.command("export")
@options.workspace
@click.option(
    "--gpkg", required=True, type=click.Path(path_type=Path), help="GeoPackage to be written."
)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="Day whose zone boundaries and parcel stages are written; today if not given.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
@click.pass_obj
def command(lang: str, workspace: str, gpkg: Path, on: object, overwrite: bool) -> None:
    """Write zones, parcels, works and no-go areas to a GeoPackage (no accounts, no secrets).

    Edit the copy in QGIS and bring it back with ``zonewright import``: only what was changed is
    merged, and a value that the workspace changed meanwhile is reported.
    """
    connect(workspace)
    day = on.date() if hasattr(on, "date") else date.today()
    export_gpkg(gpkg, on=day, overwrite=overwrite)
    text = {
        "en": f"Wrote {gpkg}. Edit it, then: zonewright import {workspace} {gpkg}",
        "zh": f"已写出 {gpkg}。编辑后用 zonewright import {workspace} {gpkg} 并回。",
    }
    out().print(text[lang], markup=False)
