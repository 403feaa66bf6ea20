"""What the ledgers say of land beyond its stage, joined to the parcels."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.land.frame import EPSG_4490
from zonewright.land.no_go import no_go_m2
from zonewright.land.readiness import connection_states
from zonewright.store.selectors.land import quota_entries

__all__ = ["ownership", "quota_entries", "readiness_fields"]


def ownership(parcels: gpd.GeoDataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return what the land ledger says of each parcel's ownership, farmland and connections.

    Parameters
    ----------
    parcels
        Shape (n,), index parcel code, as `store.selectors.parcels` gives them.
    ledger
        As `store.selectors.land.ledger` gives it.

    Returns
    -------
    fields
        Index as `parcels`: ``acquired_pct`` [%], ``basic_farmland`` (True, False or None), and the
        state 0 to 5 of each service that any parcel names; NaN where nothing is known.
    """
    fields = ledger.reindex(parcels.index)
    services = fields.pop("services")
    said = services[services.map(bool) & services.notna()]
    return fields.join(connection_states(said)) if len(said) else fields


def readiness_fields(
    parcels: gpd.GeoDataFrame, ledger: pd.DataFrame, no_go: NDArray[np.object_]
) -> pd.DataFrame:
    """Return what the rule of readiness asks for besides stages.

    Parameters
    ----------
    parcels, ledger
        As for `ownership`.
    no_go
        No-go areas (EPSG:4490).

    Returns
    -------
    fields
        As `ownership`, and ``no_go_m2``: how much of the parcel lies in no-go areas [m²].
    """
    lost = no_go_m2(parcels.geometry.to_numpy(), no_go, EPSG_4490)
    return ownership(parcels, ledger).assign(no_go_m2=lost)
