"""What happened to a record: who, when, from where, and before and after."""

from __future__ import annotations

import pytest

from tests.unit.store.conftest import Made, read_file, read_table, square
from tests.unit.store.desk import BOSS, OUTSIDER, PLANNER, VIEWER, change, land, seen
from zonewright.core.errors import UnknownReferenceError
from zonewright.store.actions import add, attach, take, undo
from zonewright.store.selectors import history

__all__ = ["land"]


def test_the_latest_comes_first_and_the_file_last(land: Made) -> None:
    first = change(seen("parcel", code="P1"), PLANNER, use="M2")
    change(first, town="古井", reported_area=1_150_000.0)
    items = history(first.record, VIEWER)
    assert [item.action for item in items] == ["update", "update", "import"]
    fields = {item.field: (item.before, item.after) for item in items[0].changes}
    assert fields["town"] == (None, "古井")
    assert fields["reported_area_bound"] == ("approx", "exact")
    use = items[1].changes[0]
    assert (use.label("zh"), use.before_text, use.after_text) == ("规划用途", "M1", "M2")
    assert (items[1].by, items[1].origin) == ("李", "desk 10.0.0.1")
    file = items[-1]
    assert file.place is not None
    assert (file.by, file.place.file, file.place.row) == ("t", "ledger.xlsx", 5)
    assert [item.undoable for item in items] == [True, True, False]


def test_what_was_taken_back_says_so(land: Made) -> None:
    state = change(seen("parcel", code="P1"), use="M2")
    undo(state.change or 0, access=BOSS, origin="")
    latest, changed, *_ = history(state.record, BOSS)
    assert (latest.action, latest.undoable, latest.undone) == ("undo", True, False)
    assert (changed.undoable, changed.undone) == (False, True)


def test_an_import_that_changed_it_is_told(land: Made) -> None:
    row = {"code": "P1", "zone": "B", "geometry": square(112.1, 22.1, 0.011)}
    take([read_file(read_table("parcels", [row], file="n.gpkg"), name="n.gpkg")], by="周")
    item = history(seen("parcel", code="P1").record, BOSS)[0]
    fields = {change.field: change for change in item.changes}
    assert (fields["zone"].before, fields["zone"].after) == ("A", "B")
    assert fields["geometry"].before_text.endswith("m²")
    assert (item.by, item.undoable) == ("周", True)


def test_rows_that_were_corrected_are_told_with_the_one_that_counts(land: Made) -> None:
    first = seen("parcel_event", parcel__code="P2", stage="L5")
    second = change(first, on="2023-09-09")
    told = history(second.record, BOSS)
    assert [(item.action, item.record) for item in told] == [
        ("update", second.record),
        ("import", first.record),
    ]
    assert told[0].changes[0].before == "2023-09-01"
    assert history(first.record, BOSS)[0].record == second.record


def test_a_file_that_was_attached_is_told(land: Made) -> None:
    made = add("firms", {"code": "F1", "name": "厂", "zone": "A"}, access=BOSS, origin="")
    attach(made.record, name="permit.pdf", content=b"%PDF-1.7", access=BOSS, origin="")
    items = history(made.record, BOSS)
    assert [(item.action, item.attachment) for item in items] == [
        ("attach", "permit.pdf"), ("create", ""),
    ]  # fmt: skip


def test_outsiders_learn_nothing(land: Made) -> None:
    with pytest.raises(UnknownReferenceError):
        history(seen("parcel", code="P1").record, OUTSIDER)
