"""Rows that another program writes by SQL: what it leaves out is filled in or read from the map."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pandas as pd
import pytest
from django.db import connection

from tests.unit.store.conftest import (
    Made,
    drawing,
    ledger,
    observation,
    read_file,
    read_table,
    register,
    square,
)
from zonewright.core.errors import GeometryError
from zonewright.land.area import geodesic_area_m2
from zonewright.store import selectors
from zonewright.store import workspace as workspaces
from zonewright.store.actions import take
from zonewright.store.models import Parcel, ParcelEvent, Zone
from zonewright.store.selectors._frames import geometries

ON = date(2023, 10, 31)


def run(sql: str, *params: object) -> None:
    """Run a statement as another program would, past the models."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def add_parcel(code: str, wkb: bytes, *, on: str = "2023-05-10") -> None:
    """Insert a levelled parcel with nothing but what identifies it."""
    shape = "ST_GeomFromWKB(%s, 4490)" if connection.vendor == "postgresql" else "%s"
    run(f"INSERT INTO store_parcel (code, geometry) VALUES (%s, {shape})", code, wkb)
    run(
        'INSERT INTO store_parcelevent (parcel_id, stage, "on")'
        " SELECT id, 'L5', %s FROM store_parcel WHERE code = %s",
        on,
        code,
    )


def move_parcel(code: str, wkb: bytes) -> None:
    shape = "ST_GeomFromWKB(%s, 4490)" if connection.vendor == "postgresql" else "%s"
    run(f"UPDATE store_parcel SET geometry = {shape} WHERE code = %s", wkb, code)


def area_m2(wkb: bytes) -> float:
    return float(geodesic_area_m2(geometries([wkb]))[0])


def test_an_insert_needs_only_what_identifies_a_record(workspace: Made) -> None:
    take([register()], by="t")
    zone = Zone.objects.get(code="A").pk
    run("INSERT INTO store_zone (code, name, kind) VALUES ('B', '乙园', 'park')")
    run("INSERT INTO store_work (code, name, kind, zone_id) VALUES ('W9', '路', 'road', %s)", zone)
    run(
        "INSERT INTO store_workmonth (work_id, month, invested_cny)"
        " SELECT id, '2023-03-01', 5 FROM store_work"
    )
    run(
        "INSERT INTO store_venture (code, name, zone_id, category) VALUES ('V9', '厂', %s, 'eu')",
        zone,
    )
    run(
        "INSERT INTO store_milestone (venture_id, step, actual_on)"
        " SELECT id, 'signed', '2023-03-01' FROM store_venture"
    )
    run(
        "INSERT INTO store_observation (indicator_id, zone_id, period, value, unit)"
        " SELECT id, %s, '2023', 7, 'km2' FROM store_indicator WHERE code = 'planned_area'",
        zone,
    )
    run(
        "INSERT INTO store_target (indicator_id, zone_id, year, value, unit)"
        " SELECT id, %s, 2023, 7, 'ha' FROM store_indicator WHERE code = 'land_levelled'",
        zone,
    )
    frames = selectors.facts()
    assert {name: len(frame) for name, frame in frames.items() if len(frame)} == {
        "zones": 3, "works": 1, "work_months": 1, "ventures": 1, "milestones": 1,
        "observations": 1,
    }  # fmt: skip
    assert frames["ventures"]["currency"].tolist() == ["CNY"]
    (target,) = selectors.targets(2023).itertuples()
    assert (target.curve, target.points) == ("linear", {})
    records = [name for frame in frames.values() for name in frame["record"]]
    cards = selectors.record_cards([*records, target.record])
    now = datetime.now(UTC)
    ages = [now - datetime.fromisoformat(card.recorded_at) for card in cards]
    assert max(age.total_seconds() for age in ages) < 60


def test_a_parcel_without_box_and_area_is_measured_on_the_map(workspace: Made) -> None:
    take([register()], by="t")
    shape = square(112.3, 22.3)
    add_parcel("X1", shape)
    frames = selectors.facts()
    for name in ("parcels", "parcel_events"):
        (row,) = frames[name].itertuples()
        assert row.area_m2 == pytest.approx(area_m2(shape), rel=1e-12)
        assert (row.lon, row.lat) == (pytest.approx(112.305), pytest.approx(22.305))
    assert selectors.parcels(ON).loc["X1", "area_m2"] == pytest.approx(area_m2(shape), rel=1e-12)
    found = selectors.features("parcels", (112.2, 22.2, 112.4, 22.4))
    assert found["stage"].to_dict() == {"X1": "L5"}
    assert found.loc["X1", "area_m2"] == pytest.approx(area_m2(shape), rel=1e-12)
    assert selectors.features("parcels", (112.0, 22.0, 112.2, 22.2)).empty


def test_a_parcel_moved_by_sql_takes_its_new_box_and_area(workspace: Made) -> None:
    take([register(), ledger(), drawing()], by="t")
    larger = square(112.5, 22.5, 0.02)
    move_parcel("P1", larger)
    row = selectors.facts()["parcels"].set_index("parcel").loc["P1"]
    assert row["area_m2"] == pytest.approx(area_m2(larger), rel=1e-12)
    assert list(selectors.features("parcels", (112.4, 22.4, 112.6, 22.6)).index) == ["P1"]
    assert selectors.features("parcels", (112.095, 22.095, 112.105, 22.105)).empty
    faults = {finding.code for finding in workspaces.check(workspace.target)}
    assert not {"health-boxes", "health-rtree"} & faults


def test_what_is_no_geometry_is_refused_in_words(embedded: Made) -> None:
    take([register()], by="t")
    run("INSERT INTO store_parcel (code, geometry) VALUES ('X1', %s)", b"GP\x00\x01nonsense")
    with pytest.raises(GeometryError, match="WKB"):
        selectors.facts()


def test_an_upgrade_renews_triggers_that_are_missing(embedded: Made) -> None:
    run("DROP TRIGGER store_parcel_forget_area")
    run("DROP TRIGGER store_parcel_token_UPDATE")
    assert "health-triggers" in {finding.code for finding in workspaces.check(embedded.path)}
    workspaces.upgrade(embedded.path)
    assert workspaces.check(embedded.path) == ()


def test_a_model_that_is_saved_keeps_its_box(workspace: Made) -> None:
    take([register(), ledger(), drawing()], by="t")
    parcel = Parcel.objects.get(code="P1")
    parcel.geometry = square(112.5, 22.5)
    parcel.save()
    parcel.refresh_from_db()
    assert (parcel.west, parcel.north) == (pytest.approx(112.5), pytest.approx(22.51))


def test_a_correction_counts_by_when_it_was_recorded(workspace: Made) -> None:
    take([register(), ledger(), drawing()], by="t")
    parcel = Parcel.objects.get(code="P2")
    old = datetime(2020, 1, 1, tzinfo=UTC)
    ParcelEvent.objects.create(parcel=parcel, stage="L5", on=date(2030, 1, 1), recorded_at=old)
    stages = selectors.parcels(ON)["stage"]
    assert selectors.features("parcels", on=ON)["stage"].to_dict() == stages.to_dict()
    assert stages["P2"] == "L5"


def test_days_may_lie_as_far_off_as_a_calendar_goes(workspace: Made) -> None:
    rows = [{"code": "JM", "name": "江门市", "kind": "city", "valid_from": date(2020, 1, 1),
             "valid_to": date(9999, 12, 31), "geometry": square(112.0, 22.0)}]  # fmt: skip
    take([read_file(read_table("zones", rows))], by="t")
    zones = selectors.zone_versions(ON)
    assert zones.loc["JM", "valid_to"] > pd.Timestamp("2200-01-01")
    assert zones.loc["JM", "version"] > 0


def test_a_time_of_day_beside_a_date_is_read(embedded: Made) -> None:
    take([register(), ledger(), drawing()], by="t")
    connection.close()
    with closing(sqlite3.connect(embedded.path)) as other:
        other.execute("UPDATE store_parcelevent SET \"on\" = '2023-06-01 00:00:00' WHERE id = 2")
        other.commit()
    days = selectors.facts()["parcel_events"]["on"]
    assert days.min() == pd.Timestamp("2023-01-31")
    assert (days == pd.Timestamp("2023-06-01")).sum() == 1


def test_targets_outline_and_boundaries_are_those_known_at_the_time(workspace: Made) -> None:
    item = {
        "code": "F1", "chapter": "scope", "indicator": "planned_area", "zone": "JM",
        "period": "2023", "unit": "km2", "bound": "exact", "wording": "面积",
    }  # fmt: skip
    target = {"indicator": "land_levelled", "zone": "JM", "year": 2023, "value": 800, "unit": "ha"}
    tables = [read_table(name, [row]) for name, row in (("outline", item), ("targets", target))]
    take([register(), observation(5), read_file(*tables, name="o.xlsx")], by="t")
    before = datetime(2020, 1, 1, tzinfo=UTC)
    assert (len(selectors.targets()), len(selectors.outline())) == (1, 1)
    assert (len(selectors.targets(as_of=before)), len(selectors.outline(before))) == (0, 0)
    assert len(selectors.targets(2023, as_of=datetime(2100, 1, 1, tzinfo=UTC))) == 1
