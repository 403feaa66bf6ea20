"""A small workspace as the desk sees it: who may do what in it, and shorthands of its actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.store.conftest import (
    drawing,
    ledger,
    observation,
    read_file,
    read_table,
    register,
    square,
)
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.store.access import Access, Permission, operator
from zonewright.store.actions import edit, take
from zonewright.store.mapping import BY_RECORD
from zonewright.store.selectors import RecordState, record_state

BOSS = operator("王")
VIEW: frozenset[Permission] = frozenset({"view"})
REPORT: frozenset[Permission] = frozenset({"view", "report"})
PLAN: frozenset[Permission] = frozenset({"view", "report", "plan"})
# Zone B lies beside A, with land of its own; whoever has A must not see it.
PLANNER = Access("李", by_zone={"A": PLAN})
REPORTER = Access("赵", by_zone={"A": REPORT})
VIEWER = Access("钱", by_zone={"A": VIEW})
OUTSIDER = Access("孙", by_zone={"B": PLAN})
NOBODY = Access("")


def fill() -> None:
    """Fill a workspace: zones A and B in JM, parcels P1 and P2 of A drawn, B1 of B, a work …"""
    take([register(), ledger(), drawing(), observation(Decimal(1395))], by="t")
    zones = [
        {"code": "A", "name": "甲园", "kind": "park", "valid_from": date(2020, 1, 1),
         "geometry": square(112.05, 22.05, 0.2)},
        {"code": "B", "name": "乙园", "kind": "park", "valid_from": date(2020, 1, 1),
         "geometry": square(112.5, 22.5, 0.2)},
    ]  # fmt: skip
    parcels = [{"code": "B1", "zone": "B", "geometry": square(112.55, 22.55)}]
    works = [
        {"code": "W1", "name": "一号路", "kind": "road", "zone": "A",
         "total_cost": Decimal(5_000_000), "total_cost_unit": "万元"},
    ]  # fmt: skip
    months = [{"work": "W1", "month": Period.parse("2023-03"), "invested": Decimal(100)}]
    ventures = [
        {"code": "V1", "name": "电池", "zone": "A", "category": "major",
         "investment": Decimal(10_000), "investment_unit": "万元"},
    ]  # fmt: skip
    tables = [
        read_table("zones", zones, file="more.xlsx", sheet="片区"),
        read_table("parcels", parcels, file="more.xlsx", sheet="地块"),
        read_table("works", works, file="more.xlsx", sheet="工程"),
        read_table("work_months", months, file="more.xlsx", sheet="月报"),
        read_table("ventures", ventures, file="more.xlsx", sheet="项目"),
    ]
    take([read_file(*tables, name="more.xlsx")], by="t")


def name_of(kind: str, **which: object) -> str:
    """Return the name of a record that is found by its values."""
    row = BY_RECORD[kind].model._default_manager.filter(**which).latest("pk")
    return f"{kind}:{row.pk}"


def seen(kind: str, **which: object) -> RecordState:
    """Return a record as it stands."""
    return record_state(name_of(kind, **which), BOSS)


def change(state: RecordState, access: Access = BOSS, **values: object) -> RecordState:
    """Change a record as somebody who has just looked at it."""
    return edit(state.record, values, token=state.token, access=access, origin="desk 10.0.0.1")


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.code, finding.field) for finding in findings]


@pytest.fixture
def land(workspace: Any) -> Any:
    """A workspace with a little of everything."""
    fill()
    return workspace


def without(values: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in values.items() if name not in names}
