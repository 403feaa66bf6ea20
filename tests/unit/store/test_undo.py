"""What was done can be taken back, and done again, unless somebody built on it since."""

from __future__ import annotations

import pytest

from tests.unit.store.conftest import Made, drawing, read_file, read_table, square
from tests.unit.store.desk import (
    BOSS,
    OUTSIDER,
    PLANNER,
    REPORTER,
    VIEWER,
    change,
    land,
    name_of,
    seen,
)
from zonewright.core.errors import NotAllowedError, StateError, UnknownReferenceError
from zonewright.store.actions import add, delete, take, undo
from zonewright.store.models import AuditEntry, Parcel, ParcelEvent
from zonewright.store.selectors import history, record_cards, record_state

__all__ = ["land"]


def number(state: object) -> int:
    return int(getattr(state, "change", None) or 0)


def test_a_change_is_taken_back_and_done_again(land: Made) -> None:
    before = seen("parcel", code="P1")
    place = record_cards([before.record])[0].columns["use"]
    changed = change(before, use="M2", reported_area=1_150_000.0)
    back = undo(number(changed), access=PLANNER, origin="desk", reason="误填")
    assert back is not None
    assert back.token == before.token
    assert back.values["reported_area_bound"] == "approx"
    assert record_cards([before.record])[0].columns["use"] == place
    entry = AuditEntry.objects.get(pk=back.change)
    assert (entry.action, entry.by, entry.reason) == ("undo", "李", "误填")
    assert entry.undoes_id == changed.change  # type: ignore[attr-defined]
    again = undo(number(back), access=BOSS, origin="")
    assert again is not None
    assert again.token == changed.token


def test_a_shape_comes_back_to_the_last_digit(land: Made) -> None:
    before = seen("parcel", code="P1")
    changed = change(before, geometry=square(112.1, 22.1, 0.0101))
    back = undo(number(changed), access=BOSS, origin="")
    assert back is not None
    assert back.geometry == before.geometry
    assert back.computed["area_m2"] == pytest.approx(before.computed["area_m2"])
    assert Parcel.objects.get(code="P1").north == pytest.approx(22.11)


def test_what_was_changed_again_is_not_taken_back(land: Made) -> None:
    first = change(seen("parcel", code="P1"), use="M2")
    change(first, use="M3")
    with pytest.raises(StateError) as caught:
        undo(number(first), access=BOSS, origin="")
    assert caught.value.code == "undo-changed-since"
    assert Parcel.objects.get(code="P1").use == "M3"


def test_what_another_field_became_since_is_kept(land: Made) -> None:
    first = change(seen("parcel", code="P1"), use="M2")
    change(first, town="古井")
    back = undo(number(first), access=BOSS, origin="")
    assert back is not None
    assert (back.values["use"], back.values["town"]) == ("M1", "古井")


def test_nothing_is_taken_back_twice(land: Made) -> None:
    changed = change(seen("parcel", code="P1"), use="M2")
    undo(number(changed), access=BOSS, origin="")
    entries = AuditEntry.objects.count()
    with pytest.raises(StateError) as caught:
        undo(number(changed), access=BOSS, origin="")
    assert caught.value.code == "undo-done"
    assert AuditEntry.objects.count() == entries


def test_only_who_may_write_takes_back(land: Made) -> None:
    changed = change(seen("parcel", code="P1"), use="M2")
    with pytest.raises(NotAllowedError):
        undo(number(changed), access=VIEWER, origin="")
    for access, entry in ((OUTSIDER, number(changed)), (BOSS, 10**6)):
        with pytest.raises(UnknownReferenceError):
            undo(entry, access=access, origin="")
    assert Parcel.objects.get(code="P1").use == "M2"


def test_what_was_made_is_unmade_and_made_again(land: Made) -> None:
    made = add("parcels", {"code": "P9", "zone": "A", "geometry": square(112.15, 22.15)},
               access=PLANNER, origin="")  # fmt: skip
    assert undo(number(made), access=PLANNER, origin="") is None
    assert not Parcel.objects.filter(code="P9").exists()
    unmade = AuditEntry.objects.latest("pk")
    back = undo(unmade.pk, access=PLANNER, origin="")
    assert back is not None
    assert (back.record, back.token, back.zones) == (made.record, made.token, made.zones)


def test_what_has_got_something_of_its_own_is_not_unmade(land: Made) -> None:
    made = add("parcels", {"code": "P9", "zone": "A"}, access=PLANNER, origin="")
    add("parcel_events", {"parcel": "P9", "stage": "L1", "on": "2023-01-01"},
        access=PLANNER, origin="")  # fmt: skip
    with pytest.raises(StateError):
        undo(number(made), access=PLANNER, origin="")
    assert ParcelEvent.objects.filter(parcel__code="P9").exists()


def test_a_correction_is_withdrawn_and_made_again(land: Made) -> None:
    first = seen("parcel_event", parcel__code="P2", stage="L5")
    second = change(first, on="2023-09-09")
    back = undo(number(second), access=REPORTER, origin="")
    assert back is not None
    assert (back.record, back.token) == (first.record, first.token)
    with pytest.raises(StateError):
        undo(number(second), access=BOSS, origin="")
    told = history(first.record, BOSS)
    assert [(item.action, item.undone) for item in told] == [
        ("undo", False), ("update", True), ("import", False),
    ]  # fmt: skip
    again = undo(told[0].id or 0, access=REPORTER, origin="")
    assert again is not None
    assert (again.record, again.token) == (second.record, second.token)


def test_a_withdrawn_row_stays_gone_once_another_was_recorded(land: Made) -> None:
    first = seen("parcel_event", parcel__code="P2", stage="L5")
    gone = delete(first.record, token=first.token, access=BOSS, origin="")
    add("parcel_events", {"parcel": "P2", "stage": "L5", "on": "2023-09-09"},
        access=BOSS, origin="")  # fmt: skip
    with pytest.raises(StateError):
        undo(gone, access=BOSS, origin="")
    assert ParcelEvent.objects.filter(parcel__code="P2", stage="L5").count() == 1


def test_a_deleted_record_whose_code_was_given_away_stays_gone(land: Made) -> None:
    state = seen("parcel", code="P2")
    gone = delete(state.record, token=state.token, access=BOSS, origin="")
    add("parcels", {"code": "P2", "zone": "A"}, access=BOSS, origin="")
    with pytest.raises(ValueError, match="refused"):
        undo(gone, access=BOSS, origin="")
    assert Parcel.objects.filter(code="P2").count() == 1


def test_why_a_deleted_record_stays_gone_is_told_to_nobody_beside(land: Made) -> None:
    p1 = seen("parcel", code="P1")
    gone = delete(p1.record, token=p1.token, access=PLANNER, origin="")
    undo(gone, access=PLANNER, origin="")
    with pytest.raises(StateError):
        undo(gone, access=PLANNER, origin="")
    with pytest.raises(UnknownReferenceError):
        undo(gone, access=OUTSIDER, origin="")


def test_what_refers_to_something_gone_stays_gone(land: Made) -> None:
    event = seen("parcel_event", parcel__code="P2")
    gone = delete(event.record, token=event.token, access=BOSS, origin="")
    parcel = seen("parcel", code="P2")
    delete(parcel.record, token=parcel.token, access=BOSS, origin="")
    with pytest.raises(StateError) as caught:
        undo(gone, access=BOSS, origin="")
    assert caught.value.code == "undo-reference-gone"


def test_what_an_import_changed_is_taken_back(land: Made) -> None:
    before = seen("parcel", code="P1")
    row = {"code": "P1", "use": "M9", "geometry": square(112.1, 22.1, 0.011), "zone": "B"}
    layer = read_table("parcels", [row], file="new.gpkg", sheet="parcels")
    take([read_file(layer, name="new.gpkg")], by="t")
    assert seen("parcel", code="P1").values["use"] == "M9"
    entry = AuditEntry.objects.get(action="update", record=name_of("parcel", code="P1"))
    back = undo(entry.pk, access=BOSS, origin="")
    assert back is not None
    assert (back.values["use"], back.values["zone"]) == ("M1", "A")
    assert back.geometry == before.geometry


def test_an_import_of_many_is_not_taken_back_as_one(land: Made) -> None:
    entry = AuditEntry.objects.filter(action="create", table="parcels").earliest("pk")
    with pytest.raises(UnknownReferenceError):
        undo(entry.pk, access=BOSS, origin="")
    assert drawing()
    assert record_state(name_of("parcel", code="P1"), BOSS).values["use"] == "M1"
