"""A zone that returns its works: who reports, checks and approves there, and how they do it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

from tests.unit.store.conftest import Rows, read_file, read_table
from tests.unit.store.desk import fill
from zonewright.core.periods import Period
from zonewright.steering.returns.kinds import kind
from zonewright.store.access import Access, Permission
from zonewright.store.actions import take
from zonewright.workflows import returns
from zonewright.workflows.returns_answers import HandedIn, Locked


def somebody(name: str, *permissions: Permission, zone: str = "A") -> Access:
    """Return somebody who may do some things in a zone."""
    return Access(name, by_zone={zone: frozenset({"view", *permissions})})


MAKER = somebody("赵", "report")
CHECKER = somebody("钱", "check")
APPROVER = somebody("孙", "approve")
VIEWER = somebody("李")
OUTSIDER = somebody("周", "report", "check", "approve", zone="B")
ORIGIN = "desk 10.0.0.1"
MAY = datetime(2023, 5, 3, 8, tzinfo=UTC)


def stock() -> None:
    """Fill a workspace: two works of zone A with a March, two firms, the land of `desk.fill`."""
    fill()
    works: Rows = [
        {"code": "W2", "name": "二号路", "kind": "road", "zone": "A", "status": "new"},
        {"code": "WB", "name": "乙园路", "kind": "road", "zone": "B"},
        {"code": "F1", "name": "厂房", "kind": "standard_factory", "zone": "A"},
    ]
    months: Rows = [
        {"work": "W1", "month": Period.parse("2023-03"), "invested": Decimal(1_000_000),
         "invested_ytd": Decimal(3_000_000)},
        {"work": "W2", "month": Period.parse("2023-03"), "invested": Decimal(0),
         "invested_ytd": Decimal(0)},
    ]  # fmt: skip
    firms: Rows = [
        {"code": "C1", "name": "一厂", "zone": "A"},
        {"code": "C2", "name": "二厂", "zone": "A"},
    ]
    tables = [
        read_table("works", works, file="works.xlsx", sheet="工程"),
        read_table("work_months", months, file="works.xlsx", sheet="月报"),
        read_table("firms", firms, file="works.xlsx", sheet="企业"),
    ]
    take([read_file(*tables, name="works.xlsx")], by="t")


Cells = Mapping[tuple[str, str, str], object]
# Sheet, row and field to what is written there [万元].
APRIL: Cells = {
    ("works", "W1", "invested"): 120,
    ("works", "W1", "invested_ytd"): 420,
    ("works", "W1", "physical_pct"): 30,
    ("works", "W1", "started_on"): date(2023, 1, 10),
    ("works", "W2", "invested"): 50.5,
    ("works", "W2", "invested_ytd"): 50.5,
    ("works", "W2", "started_on"): date(2023, 4, 2),
}


def filled(
    cells: Cells, *, period: str = "2023-04", code: str = "works", zone: str = "A",
    access: Access = MAKER,
) -> tuple[str, bytes]:  # fmt: skip
    """Return the blank workbook of a return with some cells filled in."""
    name, data = returns.blank_workbook(code, zone, period, access)
    return name, write(data, code, cells)


def write(data: bytes, code: str, cells: Cells) -> bytes:
    """Return a return's workbook with some cells written into it."""
    book = load_workbook(io.BytesIO(data))
    for (sheet_code, key, name), value in cells.items():
        sheet = next(item for item in kind(code).sheets if item.code == sheet_code)
        page = book[sheet.zh]
        marks = {
            str(cell.value): cell.column for row in page.iter_rows(max_row=6) for cell in row
            if cell.value is not None
        }  # fmt: skip
        keys = {
            str(cell.value): cell.row
            for row in page.iter_rows(min_row=7)
            for cell in row[:2]
            if cell.value is not None
        }
        cell: Any = page.cell(keys[key], marks[name])
        cell.value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def hand_in(cells: Cells = APRIL, *, access: Access = MAKER, **more: Any) -> HandedIn:
    """Fill in a workbook and hand it in."""
    name, data = filled(cells, access=access, **more)
    return returns.hand_in(name, data, access, origin=ORIGIN, at=MAY)


def lock(number: int, *, at: datetime = MAY) -> Locked:
    """Take a draft through all hands."""
    returns.submit(number, MAKER, origin=ORIGIN, at=at)
    returns.check(number, CHECKER, origin=ORIGIN, at=at)
    return returns.approve(number, APPROVER, origin=ORIGIN, at=at)


def locked(cells: Cells = APRIL, **more: Any) -> int:
    """Return a return that was filled in, handed in and locked."""
    handed = hand_in(cells, **more)
    if handed.id is None:
        raise AssertionError([finding.text() for finding in handed.findings])
    lock(handed.id)
    return handed.id
