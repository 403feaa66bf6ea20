"""Reading: facts, places, map features, records with their source cell, fingerprints."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
import shapely
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
from zonewright.core.errors import UnknownReferenceError
from zonewright.core.findings import Place
from zonewright.core.periods import Period
from zonewright.store import selectors
from zonewright.store import workspace as workspaces
from zonewright.store.actions import take
from zonewright.store.models import Parcel, ParcelEvent

FRAMES = {
    "parcels", "parcel_events", "works", "work_months", "ventures", "milestones", "plans", "zones",
    "quota", "funds", "observations",
}  # fmt: skip
PLACE = ["record", "zone", "lon", "lat"]


def filled() -> None:
    """Fill the workspace with a little of everything that has a place."""
    work = {"code": "W1", "name": "路", "kind": "road", "started_on": date(2023, 2, 1)}
    line = shapely.to_wkb(shapely.LineString([(112.2, 22.2), (112.4, 22.2)]))
    works = read_table("works", [work], file="w.xlsx", sheet="月报")
    lines = read_table("works", [{"code": "W1", "geometry": line}], file="map.gpkg", sheet="works")
    item = {
        "code": "F019", "chapter": "guarantees", "indicator": "land_levelled", "zone": "JM",
        "period": Period.year_to_date(2023, 10), "unit": "ha", "bound": "exact",
        "step": Decimal("0.01"), "wording": "土地平整",
    }  # fmt: skip
    target = {"indicator": "land_levelled", "zone": "JM", "year": 2023, "value": Decimal(800),
              "unit": "ha", "points": {6: 60.0}}  # fmt: skip
    plan = {"code": "G1", "name": "统一规划", "zone": "A", "kind": "unified", "stage": "approved"}
    more = [
        read_table(name, [row], file="o.xlsx", sheet=name)
        for name, row in (("outline", item), ("targets", target), ("plans", plan))
    ]
    take(
        [
            register(), ledger(), drawing(), observation(Decimal(1395), value_bound="approx"),
            read_file(works, name="w.xlsx"), read_file(lines, name="map.gpkg"),
            read_file(*more, name="o.xlsx"),
        ],
        by="t",
    )  # fmt: skip


def test_every_frame_has_record_and_place_even_when_empty(workspace: Made) -> None:
    for frames in (selectors.facts(), (filled(), selectors.facts())[1]):
        assert set(frames) == FRAMES
        for frame in frames.values():
            assert list(frame.columns[:4]) == PLACE
            assert [str(frame[name].dtype) for name in ("lon", "lat")] == ["float64"] * 2
    dated = {("parcel_events", "on"), ("works", "started_on"), ("work_months", "month"),
             ("ventures", "signed_on"), ("milestones", "actual_on")}  # fmt: skip
    assert {str(frames[name][column].dtype) for name, column in dated} == {"datetime64[ns]"}


def test_events_carry_area_and_a_point_inside_their_parcel(workspace: Made) -> None:
    filled()
    events = selectors.facts()["parcel_events"]
    assert len(events) == 3
    row = events.query("parcel == 'P2'").iloc[0]
    assert row["area_m2"] == Parcel.objects.get(code="P2").area_m2
    assert shapely.from_wkb(square(112.11, 22.1)).contains(shapely.Point(row["lon"], row["lat"]))
    assert row["zone"] == "A"


def test_a_work_on_a_line_lies_at_its_middle(workspace: Made) -> None:
    filled()
    (work,) = selectors.facts()["works"].itertuples()
    assert (work.lon, work.lat) == (pytest.approx(112.3), pytest.approx(22.2))


def test_a_moved_parcel_moves_its_cached_point(workspace: Made) -> None:
    filled()
    before = selectors.facts()["parcels"].set_index("parcel").loc["P1", "lon"]
    take([drawing([{"code": "P1", "geometry": square(112.5, 22.5)}])], by="t")
    after = selectors.facts()["parcels"].set_index("parcel").loc["P1", "lon"]
    assert after == pytest.approx(before + 0.4, abs=1e-6)


def test_planned_zones_are_marked(workspace: Made) -> None:
    filled()
    zones = selectors.facts()["zones"].set_index("code")
    assert zones["planned"].to_dict() == {"A": 1, "JM": 0}
    assert zones["lon"].isna().all()


def test_a_parcels_stage_is_the_furthest_reached_by_the_day(workspace: Made) -> None:
    filled()
    stages = {
        on: selectors.parcels(on)["stage"].to_dict()
        for on in (date(2022, 12, 31), date(2023, 1, 31), date(2023, 10, 31))
    }
    assert list(stages.values()) == [
        {"P1": "", "P2": ""}, {"P1": "L3", "P2": ""}, {"P1": "L5", "P2": "L5"},
    ]  # fmt: skip


def test_zones_show_the_boundary_of_the_day(workspace: Made) -> None:
    filled()
    rows = [{"code": "JM", "name": "江门市", "kind": "city", "valid_from": date(2023, 6, 1),
             "geometry": square(112.0, 22.0, 0.5)}]  # fmt: skip
    take([read_file(read_table("zones", rows, file="n"), name="n")], by="t")
    new = selectors.zone_versions(date(2023, 6, 1))
    assert new.loc["JM"].geometry.bounds[2] == 112.5
    assert new.loc["A"].geometry is None
    assert np.isnan(new.loc["A", "area_m2"])
    old = selectors.zone_versions(date(2023, 5, 31))
    assert old.loc["JM"].geometry.bounds[2] == 113.0
    assert old.loc["JM", "version"] != new.loc["JM", "version"]
    assert old.crs.to_epsg() == 4490


def test_memberships_targets_outline_and_notices_are_told(workspace: Made) -> None:
    filled()
    (member,) = selectors.memberships().itertuples()
    assert (member.parent, member.child, member.hierarchy) == ("JM", "A", "admin")
    (target,) = selectors.targets(2023).itertuples()
    assert (target.indicator, target.value, target.points) == ("land_levelled", 800.0, {6: 60.0})
    assert selectors.targets(2022).empty
    (item,) = selectors.outline()
    assert (item.code, str(item.period), item.step) == ("F019", "2023-01..2023-10", Decimal("0.01"))
    assert selectors.notices() == ["合成示例"]


def test_a_card_names_the_cell_that_a_figure_read(workspace: Made) -> None:
    filled()
    frames = selectors.facts()
    event = frames["parcel_events"].query("parcel == 'P1' and stage == 'L3'")["record"].iloc[0]
    card = selectors.record_cards([event])[0]
    assert (card.code, card.place) == ("P1", Place("ledger.xlsx", "台账", 5, "C"))
    assert card.values["on"] == "2023-01"
    assert card.recorded_at.endswith("+00:00")
    # The day stands in the ledger; the area that a figure adds up was measured on the map.
    assert card.measured == Place("map.gpkg", "parcels", 5, "B")


def test_a_card_of_two_files_names_both(workspace: Made) -> None:
    filled()
    record = selectors.facts()["parcels"].set_index("parcel").loc["P1", "record"]
    (card,) = selectors.record_cards([record])
    assert card.place == Place("map.gpkg", "parcels", 5, "B")
    assert card.columns["zone"] == "B"
    assert card.values["reported_area"] == "≈ 1,500 亩"


def test_a_card_leads_to_the_cell_of_what_a_figure_reads(workspace: Made) -> None:
    filled()
    project = {"code": "V1", "name": "电池", "category": "transfer", "zone": "JM",
               "investment": Decimal(10_000), "investment_unit": "万元"}  # fmt: skip
    signed = {"venture": "V1", "step": "signed", "actual_on": date(2023, 4, 6)}
    ventures = read_table("ventures", [project], file="p.xlsx", sheet="项目")
    steps = read_table("milestones", [signed], file="p.xlsx", sheet="节点")
    take([read_file(ventures, steps, name="p.xlsx")], by="t")
    (record,) = selectors.facts()["ventures"]["record"]
    read = {
        name: selectors.record_cards([record], reads=name)[0].place
        for name in ("", "investment", "category", "signed_on", "unknown")
    }
    assert read["category"] == Place("p.xlsx", "项目", 5, "C")
    assert read["investment"] == read[""] == read["unknown"] == Place("p.xlsx", "项目", 5, "E")
    # A project counts in the month of its signing: a step, which has a cell of its own.
    assert read["signed_on"] == Place("p.xlsx", "节点", 5, "C")
    (work,) = selectors.facts()["works"]["record"]
    (card,) = selectors.record_cards([work], reads="started_on")
    assert card.place.sheet == "月报"


def test_cards_exist_for_every_record_of_the_facts_in_the_order_asked(workspace: Made) -> None:
    filled()
    records = [name for frame in selectors.facts().values() for name in frame["record"]][::-1]
    cards = selectors.record_cards(records)
    assert [card.record for card in cards] == records
    assert all(card.title and card.place.file and card.place.row for card in cards)
    (seen,) = [card for card in cards if card.record.startswith("observation")]
    assert seen.values["value"] == "≈ 1,395 km2"


@pytest.mark.parametrize("name", ["parcel:999", "user:1", "parcel", "parcel:x"])
def test_an_unknown_record_is_refused(workspace: Made, name: str) -> None:
    with pytest.raises(UnknownReferenceError):
        selectors.record_cards([name])


def test_features_are_found_by_box(workspace: Made) -> None:
    filled()
    inside = selectors.features("parcels", (112.095, 22.09, 112.099, 22.2))
    assert inside.empty
    found = selectors.features("parcels", (112.0, 22.0, 112.105, 22.105))
    assert found["stage"].to_dict() == {"P1": "L5"}
    assert set(selectors.features("parcels").index) == {"P1", "P2"}
    early = selectors.features("parcels", on=date(2023, 2, 1))
    assert early["stage"].to_dict() == {"P1": "L3", "P2": ""}
    assert list(selectors.features("zones").index) == ["JM"]
    assert list(selectors.features("works", (112.0, 22.0, 113.0, 23.0)).index) == ["W1"]
    with pytest.raises(UnknownReferenceError):
        selectors.features("users")


def test_a_plain_sqlite_program_keeps_index_and_fingerprint_right(embedded: Made) -> None:
    filled()
    mark = selectors.fingerprint()
    connection.close()
    with closing(sqlite3.connect(embedded.path)) as other:
        other.execute("UPDATE store_parcel SET west = 115, east = 115.01 WHERE code = 'P1'")
        other.execute("DELETE FROM store_parcelevent WHERE stage = 'L3'")
        other.execute("DELETE FROM store_work")
        other.commit()
    assert selectors.fingerprint() != mark
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM store_parcel_rtree WHERE west > 114.9")
        assert cursor.fetchone() == (1,)
    assert selectors.features("works", (112.0, 22.0, 113.0, 23.0)).empty
    assert len(selectors.facts()["parcel_events"]) == 2
    codes = {finding.code for finding in workspaces.check(embedded.path)}
    assert "health-rtree" not in codes
    assert "health-boxes" in codes


def test_any_change_of_facts_changes_the_fingerprint(workspace: Made) -> None:
    filled()
    marks = [selectors.fingerprint()]
    assert selectors.fingerprint() == marks[0]
    ParcelEvent.objects.filter(stage="L3").update(on=date(2023, 2, 2))
    marks.append(selectors.fingerprint())
    ParcelEvent.objects.filter(stage="L3").delete()
    marks.append(selectors.fingerprint())
    assert len(set(marks)) == 3
