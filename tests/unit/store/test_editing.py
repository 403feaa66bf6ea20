"""One record at a time: checked, in one step, told in the trail, and nobody's work lost."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import shapely
from django.db import connection

from tests.unit.store.conftest import Made, square
from tests.unit.store.desk import (
    BOSS,
    NOBODY,
    OUTSIDER,
    PLANNER,
    REPORTER,
    VIEWER,
    change,
    land,
    name_of,
    seen,
    told,
)
from zonewright.core.errors import (
    EditConflictError,
    FindingsError,
    InputError,
    NotAllowedError,
    StateError,
    UnknownReferenceError,
)
from zonewright.store.access import Access
from zonewright.store.actions import add, delete, edit, undo
from zonewright.store.mapping import NAMES
from zonewright.store.models import AuditEntry, Blob, Parcel, ParcelEvent, ZoneVersion
from zonewright.store.selectors import facts, ledgers, record_cards, record_state

__all__ = ["land"]


def test_a_change_is_written_and_told(land: Made) -> None:
    before = seen("parcel", code="P1")
    after = change(before, use="M2", acquired_pct="86.24")
    assert (after.values["use"], after.values["acquired_pct"]) == ("M2", 86.24)
    assert after.token != before.token
    entry = AuditEntry.objects.get(pk=after.change)
    assert (entry.by, entry.origin, entry.action) == ("王", "desk 10.0.0.1", "update")
    assert (entry.record, entry.code) == (before.record, "P1")
    assert (entry.before or {})["use"] == "M1"
    assert (entry.after or {})["use"] == "M2"


def test_the_same_change_twice_has_one_effect(land: Made) -> None:
    before = seen("parcel", code="P1")
    change(before, use="M2")
    entries = AuditEntry.objects.count()
    again = change(before, use="M2")
    assert again.values["use"] == "M2"
    assert AuditEntry.objects.count() == entries


def test_who_edits_second_is_told_and_shown_both(land: Made) -> None:
    opened = seen("parcel", code="P1")
    change(opened, use="M2", town="古井")
    with pytest.raises(EditConflictError) as caught:
        change(opened, PLANNER, use="M3")
    assert caught.value.theirs["use"] == "M2"
    assert caught.value.theirs["town"] == "古井"
    assert caught.value.params["by"] == "王"
    assert caught.value.params["token"] == seen("parcel", code="P1").token
    assert Parcel.objects.get(code="P1").use == "M2"


def test_another_program_is_somebody_else(land: Made) -> None:
    opened = seen("parcel", code="P1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store_parcel SET town = 'SQL' WHERE code = 'P1'")
    with pytest.raises(EditConflictError):
        change(opened, use="M3")


def test_every_fault_is_told_beside_its_field(land: Made) -> None:
    with pytest.raises(FindingsError) as caught:
        change(seen("parcel", code="P1"), code=" ", reported_area=-5, acquired_pct=101,
               available_on="2023-02-30", services={"road": 9}, zone="Z", nothing=1)  # fmt: skip
    assert told(caught.value.findings) == [
        ("edit-required", "code"),
        ("edit-above-zero", "reported_area"),
        ("edit-percent", "acquired_pct"),
        ("edit-date", "available_on"),
        ("edit-services", "services"),
        ("edit-reference-unknown", "zone"),
        ("edit-field-unknown", "nothing"),
    ]
    assert Parcel.objects.get(code="P1").code == "P1"


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("work", {"kind": "castle"}, ("edit-choice", "kind")),
        ("work", {"total_cost": "many"}, ("edit-number", "total_cost")),
        ("work", {"total_cost": float("nan")}, ("edit-number", "total_cost")),
        ("work", {"total_cost": True}, ("edit-number", "total_cost")),
        ("work", {"total_cost": 10**19}, ("edit-number-large", "total_cost")),
        ("work", {"total_cost": -1}, ("edit-not-below-zero", "total_cost")),
        ("work", {"started_on": "1023-01-01"}, ("edit-year", "started_on")),
        ("work", {"name": "a\x00b"}, ("edit-text-signs", "name")),
        ("work", {"name": "x" * 20_001}, ("edit-text-long", "name")),
        ("work", {"name": ["x"]}, ("edit-text", "name")),
        (
            "work", {"started_on": "2023-05-02", "finished_on": "2023-05-01"},
            ("edit-order", "finished_on"),
        ),
        ("venture", {"investment_unit": "亩"}, ("edit-unit", "investment")),
        ("venture", {"zone": None}, ("edit-required", "zone")),
        ("observation", {"unit": "parsec"}, ("edit-unit-unknown", "unit")),
        ("observation", {"unit": "亿元"}, ("edit-unit", "unit")),
        ("observation", {"firm": None, "zone": None}, ("edit-zone-or-firm", "zone")),
        ("work_month", {"month": "2023-04"}, ("edit-key-fixed", "month")),
        (
            "work_month", {"invested": None, "invested_ytd": 5}, ("edit-month-missing", "invested"),
        ),
        ("parcel", {"basic_farmland": "perhaps"}, ("edit-choice", "basic_farmland")),
        ("parcel", {"geometry": b"no"}, ("edit-geometry-unreadable", "geometry")),
        ("parcel", {"geometry": shapely.Point(112.1, 22.1)}, ("edit-geometry-kind", "geometry")),
        ("parcel", {"geometry": shapely.Polygon()}, ("edit-geometry-empty", "geometry")),
        ("parcel", {"geometry": shapely.box(22, 112, 23, 113)},
         ("edit-geometry-swapped", "geometry")),
        ("parcel", {"geometry": shapely.box(4e5, 2e6, 5e5, 3e6)},
         ("edit-geometry-degrees", "geometry")),
        ("parcel", {"geometry": shapely.box(80, 30, 81, 31)}, ("edit-geometry-far", "geometry")),
        (
            "parcel",
            {"geometry": shapely.Polygon([(112, 22), (113, 23), (113, 22), (112, 23)])},
            ("edit-geometry-fault", "geometry"),
        ),
        ("parcel", {"code": "P2"}, ("edit-key-taken", "code")),
        ("parcel", {"reported_area": 10.0, "reported_area_unit": "亩"},
         ("take-area-unit", "reported_area")),
        ("zone", {"code": "AA"}, ("edit-key-fixed", "code")),
        ("zone_version", {"valid_to": "2019-01-01"}, ("edit-order", "valid_to")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    land: Made, kind: str, values: dict[str, object], expected: tuple[str, str]
) -> None:
    state = seen(kind)
    if kind == "parcel":
        state = seen("parcel", code="P1")
    entries = AuditEntry.objects.count()
    with pytest.raises(FindingsError) as caught:
        change(state, **values)
    assert expected in told(caught.value.findings)
    assert record_state(state.record, BOSS).token == state.token
    assert AuditEntry.objects.count() == entries


def test_a_unit_says_in_which_money_a_project_is_counted(land: Made) -> None:
    state = change(seen("venture", code="V1"), investment=5_000_000, investment_unit="万美元")
    assert (state.values["currency"], state.values["investment_unit"]) == ("USD", "万美元")
    assert state.values["investment"] == Decimal(5_000_000)


def test_a_new_value_is_exact_unless_it_is_said_otherwise(land: Made) -> None:
    state = change(seen("parcel", code="P1"), reported_area=1_100_000.0)
    assert state.values["reported_area_bound"] == "exact"
    assert state.values["reported_area_unit"] == "亩"
    state = change(state, reported_area=1_100_500.0, reported_area_bound="ge")
    assert state.values["reported_area_bound"] == "ge"


def test_a_drawn_shape_moves_area_box_and_place(land: Made) -> None:
    before = seen("parcel", code="B1")
    assert before.zones == {"JM", "B"}
    after = change(before, geometry=square(112.12, 22.2))
    assert after.zones == {"JM", "A"}
    row = Parcel.objects.get(code="B1")
    assert (row.west, row.north) == (112.12, pytest.approx(22.21))
    assert row.area_m2 == pytest.approx(1_142_600, rel=5e-3)
    entry = AuditEntry.objects.get(pk=after.change)
    digest = str((entry.before or {})["geometry"]).removeprefix("wkb sha256:")
    assert bytes(Blob.objects.get(pk=digest).content) == before.geometry


def test_a_neighbour_that_is_overlapped_is_named(land: Made) -> None:
    after = change(seen("parcel", code="P2"), geometry=square(112.105, 22.1))
    assert ("take-parcels-overlap", "geometry") in told(after.findings)


def test_whoever_may_not_see_it_finds_none_and_whoever_may_not_write_is_told(land: Made) -> None:
    state = seen("parcel", code="P1")
    for access in (OUTSIDER, NOBODY):
        with pytest.raises(UnknownReferenceError):
            change(state, access, use="M2")
        with pytest.raises(UnknownReferenceError):
            delete(state.record, token=state.token, access=access, origin="")
    for access in (VIEWER, REPORTER):
        with pytest.raises(NotAllowedError):
            change(state, access, use="M2")
        with pytest.raises(NotAllowedError):
            delete(state.record, token=state.token, access=access, origin="")
    assert change(state, PLANNER, use="M2").values["use"] == "M2"
    with pytest.raises(UnknownReferenceError):
        edit("parcel:999", {}, token="", access=BOSS, origin="")


def test_who_reports_reports_and_plans_nothing(land: Made) -> None:
    event = {"parcel": "P2", "stage": "L6", "on": date(2023, 11, 1)}
    made = add("parcel_events", event, access=REPORTER, origin="")
    assert made.record.startswith("parcel_event:")
    with pytest.raises(NotAllowedError):
        add("parcels", {"code": "P9", "zone": "A"}, access=REPORTER, origin="")
    with pytest.raises(NotAllowedError):
        add("parcel_events", {**event, "stage": "L7"}, access=VIEWER, origin="")
    with pytest.raises(FindingsError) as caught:
        add("parcel_events", {**event, "parcel": "B1"}, access=REPORTER, origin="")
    assert told(caught.value.findings) == [("edit-reference-unknown", "parcel")]


def test_nothing_is_moved_or_made_where_one_may_not_write(land: Made) -> None:
    both = Access("吴", by_zone={**PLANNER.by_zone, "B": frozenset({"view"})})
    with pytest.raises(NotAllowedError):
        change(seen("parcel", code="P1"), both, geometry=square(112.58, 22.58))
    with pytest.raises(NotAllowedError):
        add("works", {"code": "W9", "name": "x", "kind": "road", "zone": "B"},
            access=both, origin="")  # fmt: skip
    with pytest.raises(NotAllowedError):
        add("parcels", {"code": "P9"}, access=both, origin="")
    assert seen("parcel", code="P1").zones == {"JM", "A"}
    assert not Parcel.objects.filter(code="P9").exists()


def test_nobody_draws_their_own_zone_larger(land: Made) -> None:
    version = seen("zone_version", zone__code="A", geometry__isnull=False)
    with pytest.raises(NotAllowedError):
        change(version, PLANNER, geometry=square(112.05, 22.05, 0.6))
    smaller = change(version, PLANNER, geometry=square(112.05, 22.05, 0.15))
    assert smaller.geometry != version.geometry
    with pytest.raises(NotAllowedError):
        undo(smaller.change or 0, access=PLANNER, origin="")
    with pytest.raises(NotAllowedError):
        add("zone_versions", {"zone": "A", "valid_from": "2090-01-01",
            "geometry": square(112.05, 22.05, 0.6)}, access=PLANNER, origin="")  # fmt: skip


def test_a_boundary_moves_the_land_into_another_zone(land: Made) -> None:
    change(seen("zone_version", zone__code="A", geometry__isnull=False),
           geometry=square(112.05, 22.05, 0.01))  # fmt: skip
    assert seen("parcel", code="P1").zones == {"JM"}


def test_boundaries_of_a_zone_follow_one_another(land: Made) -> None:
    closed = change(seen("zone_version", zone__code="B", geometry__isnull=False),
                    valid_to="2025-01-01")  # fmt: skip
    shape = square(112.5, 22.5, 0.2)
    with pytest.raises(FindingsError) as caught:
        add("zone_versions", {"zone": "B", "valid_from": "2024-06-01", "geometry": shape},
            access=BOSS, origin="")  # fmt: skip
    assert told(caught.value.findings) == [("edit-boundary-overlap", "valid_from")]
    made = add("zone_versions", {"zone": "B", "valid_from": "2025-01-01", "geometry": shape},
               access=BOSS, origin="")  # fmt: skip
    assert made.zones == closed.zones == {"B"}


def test_zones_do_not_contain_each_other(land: Made) -> None:
    with pytest.raises(FindingsError) as caught:
        add("memberships", {"parent": "A", "child": "JM", "hierarchy": "admin"},
            access=BOSS, origin="")  # fmt: skip
    assert told(caught.value.findings) == [("edit-membership-cycle", "child")]


def test_a_zone_may_come_with_its_boundary(land: Made) -> None:
    state = add("zones", {"code": "C", "name": "丙", "kind": "park",
                "geometry": square(112.8, 22.8)}, access=BOSS, origin="")  # fmt: skip
    assert state.table == "zones"
    assert ZoneVersion.objects.get(zone__code="C").area_m2 == pytest.approx(1_137_000, rel=1e-2)
    with pytest.raises(NotAllowedError):
        add("zones", {"code": "D", "name": "丁", "kind": "park"}, access=PLANNER, origin="")


def test_a_corrected_date_is_a_later_row(land: Made) -> None:
    first = seen("parcel_event", parcel__code="P2", stage="L5")
    known = datetime.now(UTC)
    second = change(first, REPORTER, on=date(2023, 9, 9))
    assert second.record != first.record
    assert ParcelEvent.objects.filter(parcel__code="P2", stage="L5").count() == 2
    assert _stage_day() == "2023-09-09"
    assert _stage_day(known) == "2023-09-01"
    with pytest.raises(EditConflictError) as caught:
        change(first, on=date(2023, 9, 10))
    assert caught.value.params["record"] == second.record
    delete(second.record, token=second.token, access=BOSS, origin="")
    assert _stage_day() == "2023-09-01"


def _stage_day(as_of: datetime | None = None) -> str:
    events = facts(as_of)["parcel_events"]
    return str(events[(events["parcel"] == "P2") & (events["stage"] == "L5")]["on"].iloc[0].date())


def test_a_corrected_statistic_names_the_one_before(land: Made) -> None:
    first = seen("observation")
    second = change(first, value="1400")
    row = NAMES["observations"].model._default_manager.get(pk=second.record.partition(":")[2])
    assert f"observation:{row.supersedes_id}" == first.record  # type: ignore[attr-defined]
    assert list(facts()["observations"]["value"]) == [1400.0]


def test_a_stage_on_a_day_to_come_is_pointed_out(land: Made) -> None:
    made = add("parcel_events", {"parcel": "P2", "stage": "L7", "on": "2097-01-01"},
               access=BOSS, origin="")  # fmt: skip
    assert told(made.findings) == [("edit-stage-to-come", "on")]


def test_a_stage_out_of_turn_is_pointed_out(land: Made) -> None:
    made = add("parcel_events", {"parcel": "P2", "stage": "L7", "on": "2023-01-01"},
               access=BOSS, origin="")  # fmt: skip
    assert told(made.findings) == [("edit-stage-order", "on")]
    with pytest.raises(FindingsError) as caught:
        add("parcel_events", {"parcel": "P2", "stage": "L7", "on": "2023-01-02"},
            access=BOSS, origin="")  # fmt: skip
    assert ("edit-key-taken", "stage") in told(caught.value.findings)


def test_a_ledger_keeps_its_accounts_and_tells_an_overdraft(land: Made) -> None:
    entry = {"code": "1", "category": "provincial", "entry": "allocated", "zone": "A",
             "area": 500.0, "on": "2023-01-01"}  # fmt: skip
    made = add("quota_entries", entry, access=PLANNER, origin="")
    assert told(made.findings) == [("ledger-overdrawn", "")]
    row = NAMES["quota_entries"].model._default_manager.get()
    assert (row.debit, row.credit) == ("projects:A", "zone:A")  # type: ignore[attr-defined]
    change(made, entry="granted")
    row.refresh_from_db()
    assert (row.debit, row.credit) == ("zone:A", "grantor")  # type: ignore[attr-defined]


def test_what_belongs_to_a_record_goes_and_comes_with_it(land: Made) -> None:
    before = seen("parcel", code="P1")
    events = list(ParcelEvent.objects.filter(parcel__code="P1").order_by("pk").values())
    gone = delete(before.record, token=before.token, access=PLANNER, origin="", reason="重复")
    assert not ParcelEvent.objects.filter(parcel_id=events[0]["parcel_id"]).exists()
    with pytest.raises(UnknownReferenceError):
        undo(gone, access=OUTSIDER, origin="")
    with pytest.raises(NotAllowedError):
        undo(gone, access=VIEWER, origin="")
    after = undo(gone, access=PLANNER, origin="")
    assert after is not None
    assert (after.record, after.token, after.computed) == (
        before.record, before.token, before.computed,
    )  # fmt: skip
    assert list(ParcelEvent.objects.filter(parcel__code="P1").order_by("pk").values()) == events


def test_what_others_refer_to_stays(land: Made) -> None:
    zone = seen("zone", code="A")
    with pytest.raises(StateError) as caught:
        delete(zone.record, token=zone.token, access=BOSS, origin="")
    assert caught.value.code == "edit-referred"


def test_a_value_written_by_hand_names_who_and_when(land: Made) -> None:
    state = change(seen("parcel", code="P1"), geometry=square(112.1, 22.1, 0.0101))
    (card,) = record_cards([state.record])
    assert card.place.file == "直接录入 · entered by hand"
    assert card.place.sheet.startswith("王 · 20")
    assert card.columns["use"] != str(card.place)
    made = add("firms", {"code": "F1", "name": "厂", "zone": "A"}, access=BOSS, origin="")
    (card,) = record_cards([made.record])
    assert card.place.sheet.startswith("王 · ")
    event = name_of("parcel_event", parcel__code="P1", stage="L5")
    (card,) = record_cards([event])
    assert card.measured is not None
    assert card.measured.file == "直接录入 · entered by hand"


def test_every_kind_of_record_can_be_read_and_says_who_writes_it(land: Made) -> None:
    assert {info.name for info in ledgers()} == set(NAMES)
    reported = {info.name for info in ledgers() if info.permission == "report"}
    assert reported == {"parcel_events", "work_months", "milestones"}
    with pytest.raises(InputError):
        add("dragons", {}, access=BOSS, origin="")
