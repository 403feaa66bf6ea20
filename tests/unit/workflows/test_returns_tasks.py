"""The return of tasks starts with the orders of its zone, as they stood in its month."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.workflows.returning import MAKER, ORIGIN, OUTSIDER, stock
from zonewright.intake.return_read import read_return
from zonewright.steering.returns.kinds import kinds
from zonewright.steering.returns.rows import SheetRow
from zonewright.store.models import Order, Zone
from zonewright.workflows import returns
from zonewright.workflows.returns_answers import CellChange


@pytest.fixture
def orders(embedded: Any) -> None:
    """Of zone A: one overdue, one closed in April, one withdrawn, one of May; one of zone B."""
    stock()
    given("DB-2023-0001", "加快二号路征地", due=date(2023, 4, 20))
    given("DB-2023-0002", "补报土地台账", raised=date(2023, 3, 1), due=date(2023, 4, 5),
          state="closed", closed=date(2023, 4, 18))  # fmt: skip
    given("DB-2023-0003", "误发", state="withdrawn")
    given("DB-2023-0004", "五月事项", raised=date(2023, 5, 6), due=date(2023, 5, 31))
    given("DB-2023-0005", "乙园事项", zone="B")


def given(
    code: str, title: str, *, zone: str = "A", raised: date = date(2023, 4, 2),
    due: date = date(2023, 6, 30), state: str = "open", closed: date | None = None,
) -> Order:  # fmt: skip
    return Order.objects.create(
        code=code,
        title=title,
        matter=code,
        zone=Zone.objects.get(code=zone),
        period="2023-03",
        owner="role:reporter",
        due_on=due,
        raised_on=raised,
        raised_by="吴",
        state=state,
        closed_on=closed,
    )


def begun(period: str = "2023-04") -> int:
    return returns.begin("tasks", "A", period, MAKER, origin=ORIGIN)


def tasks(number: int) -> dict[str, SheetRow]:
    rows = returns.open_return(number, MAKER).rows["tasks"]
    return {str(row.values["source"]).rpartition(" ")[2]: row for row in rows}


def type_in(number: int, *cells: tuple[str, str, str]) -> Any:
    changes = [CellChange("tasks", key, name, text) for key, name, text in cells]
    return returns.save_cells(number, changes, MAKER, origin=ORIGIN)


def test_the_orders_of_the_zone_and_month_are_its_tasks(orders: None) -> None:
    found = tasks(begun())
    assert list(found) == ["DB-2023-0002", "DB-2023-0001"]
    overdue, done = found["DB-2023-0001"].values, found["DB-2023-0002"].values
    assert overdue["task"] == "加快二号路征地"
    assert overdue["due_on"] == date(2023, 4, 20)
    assert overdue["overdue_days"] == 10
    assert "done_pct" not in overdue
    assert overdue["owner"] == "填报员"
    assert (done["done_pct"], done.get("overdue_days")) == (100, None)
    others = returns.begin("tasks", "B", "2023-04", OUTSIDER, origin=ORIGIN)
    rows = returns.open_return(others, OUTSIDER).rows["tasks"]
    assert [row.values["task"] for row in rows] == ["乙园事项"]


def test_they_stand_in_the_blank_workbook_too(orders: None) -> None:
    name, data = returns.blank_workbook("tasks", "A", "2023-04", MAKER)
    read = read_return(name, data, kinds())
    assert [row.key for row in read.rows["tasks"]] == ["+1", "+2"]
    assert read.rows["tasks"][1].values["source"] == "督办单 DB-2023-0001"


def test_next_month_carries_them_on_with_what_changed(orders: None) -> None:
    number = begun()
    key = tasks(number)["DB-2023-0001"].key
    type_in(number, (key, "done_pct", "40"), ("+9", "task", "自列事项"),
            ("+9", "source", "专题会"), ("+9", "owner", "建设科"), ("+9", "due_on", "2023-06-01"),
            ("+9", "done_pct", "5"))  # fmt: skip
    returns.submit(number, MAKER, origin=ORIGIN)
    Order.objects.filter(code="DB-2023-0001").update(due_on=date(2023, 5, 25))
    found = tasks(begun("2023-05"))
    # Order 2 ended in April; what the zone listed itself stays; the order of May comes.
    assert list(found) == ["DB-2023-0001", "专题会", "DB-2023-0004"]
    assert found["DB-2023-0001"].key == key
    assert found["DB-2023-0001"].values["due_on"] == date(2023, 5, 25)
    assert found["DB-2023-0001"].values["overdue_days"] == 6
    assert found["DB-2023-0004"].key == "+10"


def test_an_order_that_is_taken_out_of_the_list_is_told(orders: None) -> None:
    number = begun()
    row = tasks(number)["DB-2023-0001"]
    saved = returns.remove_row(number, "tasks", row.key, MAKER, origin=ORIGIN)
    (told,) = [item for item in saved.findings if item.code == "return-order-left-out"]
    assert told.severity == "warning"
    assert "DB-2023-0001" in told.text("zh")


def test_an_order_whose_progress_is_not_told_cannot_be_submitted(orders: None) -> None:
    number = begun()
    key = tasks(number)["DB-2023-0001"].key
    saved = type_in(number, (key, "progress", "已进场"))
    faults = [item for item in saved.findings if item.severity == "error"]
    assert [(item.code, item.field, item.ids) for item in faults] == [
        ("return-required", "done_pct", (key,))
    ]  # fmt: skip
