"""Records page by page: only what one may see, in a stable order, counted right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.unit.store.conftest import Made
from tests.unit.store.desk import BOSS, NOBODY, OUTSIDER, VIEWER, change, land, seen
from zonewright.core.errors import InputError, RangeError, UnknownReferenceError
from zonewright.store.access import Access
from zonewright.store.actions import add
from zonewright.store.mapping import NAMES
from zonewright.store.selectors import Condition, choices_for, columns, listing, records_of

__all__ = ["land"]


def found(table: str, *conditions: Condition, access: Access = BOSS, **more: object) -> list[str]:
    page = listing(table, access=access, conditions=conditions, **more)  # type: ignore[arg-type]
    assert page.total == len(page.rows)
    return [row.code for row in page.rows]


def plant(count: int) -> None:
    for place in range(count):
        values = {"code": f"Q{place}", "zone": "A", "use": f"M{place % 2}",
                  "acquired_pct": None if place % 3 else place}  # fmt: skip
        add("parcels", values, access=BOSS, origin="")


@pytest.mark.parametrize("name", list(NAMES))
def test_every_kind_has_a_list_in_every_order_it_offers(land: Made, name: str) -> None:
    for info in columns(name):
        if info.sortable:
            page = listing(name, access=BOSS, order=[(info.field, True)], with_sums=True)
            assert page.total == len(page.rows)
        else:
            with pytest.raises(InputError):
                listing(name, access=BOSS, order=[(info.field, False)])


def test_each_sees_only_their_own(land: Made) -> None:
    assert found("parcels") == ["B1", "P1", "P2"]
    assert found("parcels", access=VIEWER) == ["P1", "P2"]
    assert found("parcels", access=OUTSIDER) == ["B1"]
    assert found("parcels", access=NOBODY) == []
    assert found("parcel_events", access=OUTSIDER) == []
    assert found("zones", access=VIEWER) == ["A"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("code", "eq", "P1"), ["P1"]),
        (Condition("code", "ne", "P1"), ["B1", "P2"]),
        (Condition("code", "contains", "p"), ["P1", "P2"]),
        (Condition("code", "starts", "b"), ["B1"]),
        (Condition("code", "in", ["P1", "B1"]), ["B1", "P1"]),
        (Condition("zone", "eq", "A"), ["P1", "P2"]),
        (Condition("stage", "ge", "L5"), ["P1", "P2"]),
        (Condition("stage", "empty"), ["B1"]),
        (Condition("use", "filled"), ["P1", "P2"]),
        (Condition("reported_area", "gt", "999999"), ["P1"]),
        (Condition("reported_area", "between", (None, 10)), []),
        (Condition("reported_area", "between", (1, "")), ["P1"]),
        (Condition("available_on", "le", "2024-01-01"), []),
        (Condition("services", "filled"), ["P1"]),
        (Condition("basic_farmland", "empty"), ["B1", "P1", "P2"]),
        (Condition("basic_farmland", "eq", "true"), []),
        (Condition("area_m2", "lt", 1), []),
    ],
)
def test_a_condition_keeps_what_fits(land: Made, condition: Condition, expected: list[str]) -> None:
    assert found("parcels", condition) == expected


@pytest.mark.parametrize(
    "condition",
    [
        Condition("nothing", "eq", 1),
        Condition("code", "like", 1),  # type: ignore[arg-type]
        Condition("reported_area", "gt", "many"),
        Condition("reported_area", "gt", "NaN"),
        Condition("reported_area", "between", 5),
        Condition("available_on", "lt", "soon"),
        Condition("geometry", "eq", b""),
        Condition("basic_farmland", "eq", "perhaps"),
    ],
)
def test_what_cannot_be_asked_is_refused(land: Made, condition: Condition) -> None:
    with pytest.raises(InputError):
        listing("parcels", access=BOSS, conditions=[condition])


def test_text_is_found_in_codes_and_names(land: Made) -> None:
    assert found("works", text="一号") == ["W1"]
    assert found("parcel_events", text="P2") == ["P2"]
    assert found("milestones", text="x") == []
    assert found("works", text="%") == []


def test_a_box_keeps_what_it_meets(land: Made) -> None:
    assert found("parcels", bbox=(112.105, 22.1, 112.108, 22.105)) == ["P1"]
    box = (112.6, 22.6, 112.61, 22.61)
    assert found("zone_versions", bbox=box, order=[("zone", False)]) == ["B", "JM"]
    with pytest.raises(RangeError):
        listing("parcels", access=BOSS, bbox=(113, 22, 112, 23))
    with pytest.raises(InputError):
        listing("firms", access=BOSS, bbox=(112, 22, 113, 23))


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("column", ["code", "use", "acquired_pct", "zone", "stage", "area_m2"])
def test_pages_by_cursor_and_by_position_are_the_same(land: Made, column: str, down: bool) -> None:
    plant(11)
    whole = [row.code for row in listing("parcels", access=BOSS, order=[(column, down)]).rows]
    by_cursor: list[str] = []
    by_position: list[str] = []
    after = None
    while True:
        page = listing("parcels", access=BOSS, order=[(column, down)], limit=4, after=after)
        by_cursor += [row.code for row in page.rows]
        here = listing(
            "parcels", access=BOSS, order=[(column, down)], limit=4, offset=len(by_position)
        )
        by_position += [row.code for row in here.rows]
        after = page.next
        if after is None:
            break
    assert by_cursor == by_position == whole
    assert len(set(whole)) == 14


def test_a_cursor_keeps_its_place_while_records_are_written(land: Made) -> None:
    plant(6)
    first = listing("parcels", access=BOSS, limit=4)
    add("parcels", {"code": "A0", "zone": "A"}, access=BOSS, origin="")
    second = listing("parcels", access=BOSS, limit=50, after=first.next)
    codes = [row.code for row in (*first.rows, *second.rows)]
    assert codes == sorted(set(codes))
    for wrong in ("zzz", "", first.next[:-3] if first.next else ""):
        with pytest.raises(InputError):
            listing("parcels", access=BOSS, after=wrong)
    with pytest.raises(InputError):
        listing("parcels", access=BOSS, order=[("use", False)], after=first.next)


def test_counts_and_sums_follow_every_write(land: Made) -> None:
    assert listing("works", access=BOSS, with_sums=True).sums["total_cost"] == Decimal(5_000_000)
    change(seen("work", code="W1"), total_cost=6_000_000)
    add("works", {"code": "W2", "name": "x", "kind": "road", "zone": "B", "total_cost": 1},
        access=BOSS, origin="")  # fmt: skip
    page = listing("works", access=BOSS, with_sums=True)
    assert (page.total, page.sums["total_cost"]) == (2, Decimal(6_000_001))
    assert listing("works", access=VIEWER).total == 1


def test_what_was_corrected_is_left_out_unless_asked_for(land: Made) -> None:
    change(seen("parcel_event", parcel__code="P2"), on=date(2023, 9, 9))
    change(seen("observation"), value="1400")
    change(seen("work_month"), invested=200)
    for name, count in (("parcel_events", 3), ("observations", 1), ("work_months", 1)):
        assert listing(name, access=BOSS).total == count
        assert listing(name, access=BOSS, superseded=True).total == count + 1
    assert listing("observations", access=BOSS).rows[0].values["value"] == Decimal(1400)


def test_only_what_is_seen_is_offered(land: Made) -> None:
    assert choices_for("zone", BOSS) == [("A", "甲园"), ("B", "乙园"), ("JM", "江门市")]
    assert choices_for("parent", VIEWER) == [("A", "甲园")]
    assert choices_for("parcel", OUTSIDER) == [("B1", "")]
    assert choices_for("venture", BOSS, "电") == [("V1", "电池")]
    assert ("planned_area",) in [pair[:1] for pair in choices_for("indicator", NOBODY, "planned")]
    with pytest.raises(InputError):
        choices_for("name", BOSS)


def test_records_come_in_the_order_asked(land: Made) -> None:
    keys = [int(row.record.partition(":")[2]) for row in listing("parcels", access=BOSS).rows]
    wanted = list(reversed(keys))
    assert [row.code for row in records_of("parcels", wanted, VIEWER)] == ["P2", "P1"]
    with pytest.raises(UnknownReferenceError):
        listing("dragons", access=BOSS)
