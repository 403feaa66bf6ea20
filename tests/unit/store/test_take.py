"""Taking files: whole or not at all, once however often, and with every fault told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import shapely

from tests.unit.store.conftest import (
    EVENTS,
    PARCELS,
    Made,
    Snapshot,
    drawing,
    ledger,
    observation,
    read_file,
    read_table,
    register,
    square,
)
from zonewright.core.errors import FindingsError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.records import FileRead
from zonewright.store.actions import Count, take
from zonewright.store.actions._pool import Pool
from zonewright.store.models import (
    AuditEntry,
    Milestone,
    Observation,
    Parcel,
    ParcelEvent,
    QuotaEntry,
    SourceFile,
    Target,
    Venture,
    Work,
    WorkMonth,
    ZoneVersion,
)
from zonewright.store.selectors import facts, fingerprint


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def test_the_ledger_and_the_map_describe_one_parcel(workspace: Made) -> None:
    taken = take([register(), ledger(), drawing()], by="t")
    assert taken.counts["parcels"] == Count(created=2)
    parcel = Parcel.objects.get(code="P1")
    assert parcel.zone is not None
    assert (parcel.zone.code, parcel.use, parcel.services) == ("A", "M1", {"road": 3})
    assert (parcel.reported_area_unit, parcel.reported_area_bound) == ("亩", "approx")
    assert parcel.area_m2 == pytest.approx(1_142_600, rel=1e-3)
    assert (parcel.west, parcel.north) == (112.1, pytest.approx(22.11))
    assert ParcelEvent.objects.get(parcel=parcel, stage="L3").on_precision == "m"
    assert taken.findings == ()


def test_only_the_fields_that_a_row_gives_are_written(workspace: Made) -> None:
    take([register(), ledger(), drawing()], by="t")
    more = read_table("parcels", [{"code": "P1", "use": None, "town": "古井"}], file="n.xlsx")
    taken = take([read_file(more, name="n.xlsx")], by="t")
    parcel = Parcel.objects.get(code="P1")
    assert (parcel.town, parcel.use) == ("古井", "M1")
    assert parcel.geometry is not None
    assert taken.counts["parcels"] == Count(updated=1)
    entry = AuditEntry.objects.get(action="update")
    assert (entry.code, entry.before, entry.after) == ("P1", {"town": ""}, {"town": "古井"})


def test_the_same_bytes_again_change_nothing(workspace: Made, counts_of_rows: Snapshot) -> None:
    files = [register(), ledger(), drawing(), observation(Decimal(1395))]
    take(files, by="t")
    before, mark = counts_of_rows(), fingerprint()
    taken = take(files, by="t")
    assert codes(taken.findings) == ["take-file-known"] * 4
    assert all(finding.severity == "info" for finding in taken.findings)
    assert (taken.counts, taken.files) == ({}, ())
    assert (counts_of_rows(), fingerprint()) == (before, mark)


def test_the_same_content_in_other_bytes_changes_no_record(
    workspace: Made, counts_of_rows: Snapshot
) -> None:
    take([register(), ledger(), drawing()], by="t")
    before = dict(counts_of_rows())
    taken = take([ledger(bytes_of="saved again")], by="t")
    assert taken.counts["parcels"] == Count(unchanged=2)
    assert taken.counts["parcel_events"] == Count(unchanged=3)
    after = dict(counts_of_rows())
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"store_sourcefile", "store_auditentry"}


@pytest.mark.parametrize(
    ("table", "row", "code", "near"),
    [
        ("parcels", {"code": "P9", "zone": "甲圆"}, "take-zone-unknown", "甲园"),
        ("parcel_events", {"parcel": "P3", "stage": "L5", "on": date(2023, 1, 1)},
         "take-parcel-unknown", "P1"),
        ("work_months", {"work": "W1", "month": Period.month(2023, 1)}, "take-work-unknown", "—"),
        ("milestones", {"venture": "V1", "step": "signed"}, "take-venture-unknown", "—"),
        ("firm_months", {"firm": "F1", "period": Period.month(2023, 2)}, "take-firm-unknown", "—"),
        ("targets", {"indicator": "land_leveled", "zone": "JM", "year": 2023, "value": 1,
                     "unit": "ha"}, "take-indicator-unknown", "land_levelled"),
        ("parcels", {"use": "M1", "code": "P8", "zone": "JN"}, "take-zone-unknown", "JM"),
    ],
)  # fmt: skip
def test_an_unknown_code_is_named_with_its_cell_and_nothing_is_written(
    workspace: Made,
    counts_of_rows: Snapshot,
    table: str,
    row: dict[str, object],
    code: str,
    near: str,
) -> None:
    take([register(), ledger()], by="t")
    before, mark = counts_of_rows(), fingerprint()
    good = read_table("zones", [{"code": "B", "name": "乙园", "kind": "park"}], file="n.xlsx")
    bad = read_table(table, [row], file="n.xlsx", sheet="表")
    with pytest.raises(FindingsError) as caught:
        take([read_file(good, bad, name="n.xlsx")], by="t")
    (finding,) = [item for item in caught.value.findings if item.severity == "error"]
    assert finding.code == code
    assert near in finding.text("zh")
    assert (finding.place.sheet, finding.place.row) == ("表", 5)
    assert bad.columns[finding.field] == finding.place.column
    assert (counts_of_rows(), fingerprint()) == (before, mark)


def test_a_refused_file_refuses_all(workspace: Made, counts_of_rows: Snapshot) -> None:
    before = counts_of_rows()
    bad = read_file(name="bad.xlsx", findings=(Finding("unit-unknown"),))
    with pytest.raises(FindingsError) as caught:
        take([register(), bad], by="t")
    assert codes(caught.value.findings) == ["unit-unknown"]
    assert counts_of_rows() == before


def test_a_new_record_without_a_required_field_is_refused_once(workspace: Made) -> None:
    take([register()], by="t")
    firms = read_table("firms", [{"code": "F1", "zone": "A"}])
    months = read_table(
        "firm_months", [{"firm": "F1", "period": Period.month(2023, 2), "tax": Decimal(1)}]
    )
    with pytest.raises(FindingsError) as caught:
        take([read_file(firms, months)], by="t")
    assert codes(caught.value.findings) == ["take-value-missing"]
    assert caught.value.findings[0].field == "name"


def test_a_dry_run_tells_and_keeps_nothing(workspace: Made, counts_of_rows: Snapshot) -> None:
    before = counts_of_rows()
    taken = take([register(), ledger()], by="", dry_run=True)
    assert taken.counts["parcels"] == Count(created=2)
    assert counts_of_rows() == before
    refused = take([ledger()], by="", dry_run=True)
    assert "take-zone-unknown" in codes(refused.findings)


def test_a_parcel_off_the_map_is_told_and_counts_as_reported(workspace: Made) -> None:
    taken = take([register(), ledger()], by="t")
    (finding,) = taken.findings
    assert (finding.code, finding.severity, finding.ids) == (
        "take-parcel-off-map", "warning", ("P1", "P2"),
    )  # fmt: skip
    events = facts()["parcel_events"].set_index(["parcel", "stage"])
    assert events.loc[("P1", "L5"), "area_m2"] == 1_000_000.0
    assert events.loc[("P1", "L5"), ["lon", "lat"]].isna().all()


def test_overlapping_parcels_are_told_and_neighbours_are_not(workspace: Made) -> None:
    shapes = [
        {"code": "P1", "geometry": square(112.1, 22.1)},
        {"code": "P2", "geometry": square(112.11, 22.1)},
    ]
    taken = take([register(), ledger(), drawing(shapes)], by="t")
    assert taken.findings == ()
    moved = [{"code": "P2", "geometry": square(112.109, 22.1)}]
    taken = take([drawing(moved)], by="t")
    (finding,) = taken.findings
    assert (finding.code, set(finding.ids)) == ("take-parcels-overlap", {"P1", "P2"})


def test_a_crossing_boundary_is_refused(workspace: Made) -> None:
    bow = "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"
    wkb = shapely.from_wkt(bow).wkb
    with pytest.raises(FindingsError) as caught:
        take([register(), ledger(), drawing([{"code": "P1", "geometry": wkb}])], by="t")
    assert codes(caught.value.findings)[0] == "take-geometry-fault"


def test_an_observation_is_added_not_overwritten(workspace: Made) -> None:
    take([register(), observation(Decimal(1395))], by="t")
    again = take([observation(Decimal("1395.0"), document="another paper")], by="t")
    assert again.counts["observations"] == Count(unchanged=1)
    taken = take([observation(Decimal(1396), value_bound="approx")], by="t")
    assert taken.counts["observations"] == Count(updated=1)
    first, second = Observation.objects.order_by("pk")
    assert second.supersedes == first
    assert (second.value, second.bound, second.basis) == (1396, "approx", "none")
    (row,) = facts()["observations"].itertuples()
    assert (row.value, row.bound) == (1396.0, "approx")


def test_as_of_shows_what_counted_then(workspace: Made) -> None:
    take([register(), ledger(), drawing(), observation(Decimal(1395))], by="t")
    then = SourceFile.objects.latest("imported_at").imported_at
    time.sleep(0.01)
    later = [{**EVENTS[1], "on": date(2023, 7, 1)}]
    fresh = read_table("parcels", [{"code": "P3", "zone": "A"}], file="n.xlsx")
    events = read_table("parcel_events", later, file="n.xlsx")
    taken = take([read_file(fresh, events, name="n.xlsx"), observation(Decimal(1396))], by="t")
    assert "take-event-moved" in codes(taken.findings)
    now, past = facts(), facts(as_of=then)
    assert list(past["observations"]["value"]) == [1395.0]
    assert list(now["observations"]["value"]) == [1396.0]
    assert set(now["parcels"]["parcel"]) - set(past["parcels"]["parcel"]) == {"P3"}
    for frame, day in ((past, "2023-06-01"), (now, "2023-07-01")):
        event = frame["parcel_events"].query("parcel == 'P1' and stage == 'L5'")
        assert [str(on.date()) for on in event["on"]] == [day]


def test_a_firms_return_becomes_observations_of_the_year_to_date(workspace: Made) -> None:
    row = {
        "firm": "F1", "period": Period.month(2023, 3),
        "output": Decimal("12345600"), "output_unit": "万元", "power": Decimal(500),
    }  # fmt: skip
    firms = read_table("firms", [{"code": "F1", "name": "虚构企业", "zone": "A"}])
    take([register(), read_file(firms, read_table("firm_months", [row]))], by="t")
    found = {item.indicator.code: item for item in Observation.objects.select_related("indicator")}
    assert set(found) == {"output", "power_use"}
    assert (found["output"].value, found["output"].unit) == (Decimal("1234.56"), "万元")
    assert (found["power_use"].value, found["power_use"].unit) == (500, "kWh")
    assert {item.period for item in found.values()} == {"2023-01..2023-03"}
    assert list(facts()["observations"]["zone"].unique()) == ["A"]


def test_a_month_is_taken_without_reading_the_others(
    workspace: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    months = [observation(Decimal(n), period=Period.month(2023, n)) for n in range(1, 5)]
    take([register(), *months], by="t")
    pools: list[Pool] = []
    write = Pool.write
    monkeypatch.setattr(Pool, "write", lambda pool: (pools.append(pool), write(pool))[1])
    take([observation(Decimal(9), period=Period.month(2023, 3))], by="t")
    (pool,) = pools
    known = {record.values["period"] for record in pool.records.values()}
    assert known == {"2023-03"}
    before, after = Observation.objects.filter(period="2023-03").order_by("pk")
    assert (after.supersedes, after.value) == (before, 9)


def test_a_works_months_are_kept_and_corrected(workspace: Made) -> None:
    work = {"code": "W1", "name": "路", "kind": "road", "zone": "A", "total_cost": Decimal("1e8")}
    month = {"work": "W1", "month": Period.month(2023, 1), "invested": Decimal("100.50"),
             "issue": "雨"}  # fmt: skip
    first = read_file(read_table("works", [work]), read_table("work_months", [month]))
    take([register(), first], by="t")
    fixed = {"work": "W1", "month": Period.month(2023, 1), "invested": Decimal(200)}
    taken = take([read_file(read_table("work_months", [fixed], file="c"), name="c")], by="t")
    assert taken.counts["work_months"] == Count(updated=1)
    assert [item.issue for item in WorkMonth.objects.order_by("pk")] == ["雨", "雨"]
    assert list(facts()["work_months"]["invested_cny"]) == [200.0]
    assert Work.objects.get().total_cost_cny == Decimal("100000000.00")


def test_money_in_dollars_keeps_its_currency(workspace: Made) -> None:
    ventures = read_table("ventures", [{
        "code": "V1", "name": "项目", "zone": "A", "category": "eu",
        "investment": Decimal(15_000_000), "investment_unit": "万美元", "investment_bound": "ge",
    }])  # fmt: skip
    steps = read_table("milestones", [{
        "venture": "V1", "step": "signed", "actual_on": date(2023, 6, 30),
        "actual_on_precision": "m",
    }])  # fmt: skip
    take([register(), read_file(ventures, steps)], by="t")
    venture = Venture.objects.get()
    assert (venture.currency, venture.investment_unit) == ("USD", "万美元")
    assert venture.investment_bound == "ge"
    assert Milestone.objects.get().actual_precision == "m"


def test_targets_keep_their_curve(workspace: Made) -> None:
    row = {"indicator": "land_levelled", "zone": "JM", "year": 2023, "value": Decimal(800),
           "unit": "ha", "curve": "stepped", "points": {6: 60.0}}  # fmt: skip
    take([register(), read_file(read_table("targets", [row]))], by="t")
    assert Target.objects.get().points == {"6": 60.0}


def test_every_amount_leaves_one_account_and_enters_another(workspace: Made) -> None:
    kinds = ("granted", "allocated", "used")
    rows = [
        {"code": str(n), "category": "provincial", "entry": kind, "zone": "JM",
         "area": 1000.0 + 500.0 * (kind == "used"), "area_unit": "亩", "on": date(2023, 1, 1 + n)}
        for n, kind in enumerate(kinds)
    ]  # fmt: skip
    taken = take([register(), read_file(read_table("quota_entries", rows))], by="t")
    entries = list(QuotaEntry.objects.order_by("code"))
    assert [(e.credit, e.debit) for e in entries] == [
        ("grantor", "zone:JM"), ("zone:JM", "projects:JM"), ("projects:JM", "spent"),
    ]  # fmt: skip
    (finding,) = taken.findings
    assert (finding.code, finding.ids, finding.place.row) == ("ledger-overdrawn", ("2",), 7)


def test_a_zone_keeps_its_earlier_boundary(workspace: Made) -> None:
    rows = [
        {"code": "A", "name": "甲园", "kind": "park", "valid_from": date(2020, 1, 1),
         "valid_to": date(2023, 1, 1), "geometry": square(112.1, 22.1)},
        {"code": "A", "name": "甲园", "kind": "park", "valid_from": date(2023, 1, 1),
         "geometry": square(112.1, 22.1, 0.02)},
    ]  # fmt: skip
    names = [{"code": "A", "name": "甲园", "kind": "park", "legal_basis": "府函1号"}]
    taken = take(
        [
            read_file(read_table("zones", names, file="n.xlsx"), name="n.xlsx"),
            read_file(read_table("zones", rows, file="m.gpkg"), name="m.gpkg"),
        ],
        by="t",
    )
    assert taken.counts["zones"] == Count(created=1)
    old, new = ZoneVersion.objects.order_by("valid_from")
    assert (old.legal_basis, new.legal_basis) == ("", "府函1号")
    assert new.area_m2 == pytest.approx(4 * (old.area_m2 or 0), rel=1e-3)


def test_progress_runs_from_small_to_one(workspace: Made) -> None:
    seen: list[float] = []
    take([register(), ledger()], by="t", progress=lambda done, _text: seen.append(done))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_what_was_imported_is_told_in_the_audit_trail(workspace: Made) -> None:
    take([register(), ledger()], by="王", origin="cli")
    entries = AuditEntry.objects.all()
    assert {entry.code for entry in entries if entry.action == "import"} == {
        "zones.xlsx", "ledger.xlsx",
    }  # fmt: skip
    made = {entry.table: entry.after for entry in entries if entry.action == "create"}
    assert made["parcel_events"] == {"count": len(EVENTS)}
    assert {(entry.by, entry.origin) for entry in entries} == {("王", "cli")}


KILLED = """
import os, sys, signal
sys.path.insert(0, sys.argv[2])
from zonewright.store import workspace
workspace.connect(sys.argv[1])
from zonewright.store.actions import take
from tests.unit.store.conftest import register, ledger, drawing
def stop(done, text):
    if done > 0.5:
        os.kill(os.getpid(), signal.SIGKILL)
take([register(), ledger(), drawing()], by="t", progress=stop)
"""


def test_a_kill_in_the_middle_leaves_the_workspace_as_before(
    embedded: Made, counts_of_rows: Snapshot
) -> None:
    take([observation_register()], by="t")
    before, mark = counts_of_rows(), fingerprint()
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, embedded.target, str(root)],
        check=False,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
    )
    assert done.returncode == -signal.SIGKILL
    assert (counts_of_rows(), fingerprint()) == (before, mark)
    assert not Parcel.objects.exists()
    take([register(), ledger(), drawing()], by="t")
    assert Parcel.objects.count() == len(PARCELS)


def observation_register() -> FileRead:
    """Return a file that makes the workspace not empty."""
    row = {"code": "X", "name": "先有", "kind": "park"}
    return read_file(read_table("zones", [row], file="x.xlsx"), name="x.xlsx")
