"""How much of a parcel lies in no-go areas."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from zonewright.land.area import geodesic_area_m2
from zonewright.workflows import land_ledger

METRE = 1 / 111_000


def draw(*areas: shapely.Geometry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Register no-go areas."""
    rows = pd.DataFrame({"geometry": [shapely.to_wkb(area) for area in areas]})
    monkeypatch.setattr(land_ledger.bulk, "layer_rows", lambda _layer: rows)


def parcels(*shapes: shapely.Geometry | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:4490")


def test_land_counts_for_each_area_that_it_lies_in(monkeypatch: pytest.MonkeyPatch) -> None:
    west, east = shapely.box(113, 22, 113.005, 22.01), shapely.box(113.004, 22, 113.02, 22.01)
    draw(west, east, monkeypatch=monkeypatch)
    whole = shapely.box(113, 22, 113.01, 22.01)
    found = land_ledger.no_go_m2(parcels(whole, None, shapely.box(112, 22, 112.01, 22.01)))
    both = geodesic_area_m2([west, shapely.intersection(east, whole)]).sum()
    assert found.tolist() == pytest.approx([both, 0.0, 0.0], rel=1e-9)


@pytest.mark.parametrize(("width_m", "counts"), [(0.05, False), (0.3, True)])
def test_a_boundary_drawn_twice_is_no_land(
    monkeypatch: pytest.MonkeyPatch, width_m: float, counts: bool
) -> None:
    draw(shapely.box(113, 22, 113.01, 22.01), monkeypatch=monkeypatch)
    beside = shapely.box(113.01 - width_m * METRE, 22, 113.02, 22.01)
    assert bool(land_ledger.no_go_m2(parcels(beside))[0] > 0) is counts


def test_a_no_go_area_that_crosses_itself_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    bow = shapely.Polygon([(113, 22), (113.01, 22.01), (113.01, 22), (113, 22.01)])
    draw(bow, monkeypatch=monkeypatch)
    found = land_ledger.no_go_m2(parcels(shapely.box(113, 22, 113.01, 22.01)))
    assert found[0] == pytest.approx(
        geodesic_area_m2(shapely.get_parts(shapely.make_valid(bow))).sum(), rel=1e-6
    )


def test_without_no_go_areas_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    draw(monkeypatch=monkeypatch)
    assert land_ledger.no_go_m2(parcels(shapely.box(113, 22, 113.01, 22.01))).tolist() == [0.0]
