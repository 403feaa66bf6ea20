"""Write an exchange copy of the workspace for desktop GIS."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from zonewright.store.exchange import export_gpkg as write_copy


def export_gpkg(path: Path, *, on: date, overwrite: bool = False) -> Path:
    """Write the curated layers to a GeoPackage.

    Parameters
    ----------
    path
        File to be written; it must not exist unless `overwrite`.
    on
        Day whose zone boundaries and parcel stages are written.
    overwrite
        Whether an existing file is replaced.

    Returns
    -------
    path
        The file written.
    """
    write_copy(path, on=on, overwrite=overwrite)
    return path
