"""What the ledgers say of parcels besides their stages."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonewright.land.area import geodesic_area_m2
from zonewright.workflows.land_ledger import ownership, readiness_fields

LOT = shapely.box(113, 22, 113.01, 22.01)


def parcels(*codes: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[LOT] * len(codes), index=list(codes), crs="EPSG:4490")


def ledger() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "acquired_pct": [100.0, np.nan],
            "basic_farmland": [False, None],
            "services": [{"road": 4}, {}],
        },
        index=["A", "B"],
    )


def test_parcels_that_the_ledger_does_not_know_are_unknown() -> None:
    found = ownership(parcels("B", "A", "C"), ledger())
    assert found["acquired_pct"].tolist() == pytest.approx([np.nan, 100.0, np.nan], nan_ok=True)
    assert found["road"].tolist() == pytest.approx([np.nan, 4.0, np.nan], nan_ok=True)
    assert "services" not in found


def test_without_services_there_are_no_columns_of_them() -> None:
    plain = ledger().assign(services=[{}, None])
    assert set(ownership(parcels("A"), plain)) == {"acquired_pct", "basic_farmland"}


def test_the_land_in_no_go_areas_is_among_the_fields() -> None:
    half = shapely.box(113, 22, 113.005, 22.01)
    found = readiness_fields(parcels("A"), ledger(), np.array([half]))
    assert found["no_go_m2"].tolist() == pytest.approx(geodesic_area_m2([half]), rel=1e-7)
