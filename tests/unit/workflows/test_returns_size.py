"""A return set against what the workspace knows: cost, plan, last month; what a new year leaves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.store.conftest import Rows, read_file, read_table
from tests.unit.workflows.returning import (
    APPROVER,
    CHECKER,
    MAKER,
    ORIGIN,
    Cells,
    filled,
    hand_in,
    lock,
    stock,
)
from zonewright.core.errors import FindingsError, InputError
from zonewright.core.periods import Period
from zonewright.steering.returns.kinds import kind
from zonewright.store.actions import take
from zonewright.store.models import Work
from zonewright.store.selectors.return_rows import invested_lately, spent_before
from zonewright.workflows import returns
from zonewright.workflows.returns_filling import start_of

WAN = 10_000


def months(*rows: tuple[str, int, int]) -> None:
    """Take months of W1: month, invested and year to date [万元]."""
    told: Rows = [
        {"work": "W1", "month": Period.parse(month), "invested": Decimal(alone * WAN),
         "invested_ytd": Decimal(whole * WAN)}
        for month, alone, whole in rows
    ]  # fmt: skip
    take([read_file(read_table("work_months", told, file="m.xlsx"), name="m.xlsx")], by="t")


@pytest.fixture
def zone(workspace: Any) -> Any:
    stock()
    Work.objects.filter(code="W1").update(
        total_cost_cny=6_000 * WAN, year_plan_cny=1_000 * WAN, status="new"
    )
    months(("2021-12", 500, 1_800), ("2022-05", 700, 700), ("2022-06", 800, 1_400))
    return zone


def april(invested: float, ytd: float, **more: object) -> Cells:
    cells = {"invested": invested, "invested_ytd": ytd, "started_on": date(2021, 1, 10), **more}
    two = {"invested": 50.5, "invested_ytd": 50.5, "started_on": date(2023, 4, 2)}
    return {
        ("works", work, name): value
        for work, each in (("W1", cells), ("W2", two))
        for name, value in each.items()
    }


def told(handed: Any) -> list[tuple[str, str]]:
    return [(item.severity, item.code) for item in handed.findings]


def test_what_was_spent_before_the_year_is_known(zone: Any) -> None:
    """Of a year the months add up, unless its year to date says more."""
    assert spent_before(kind("works"), "A", "2023-04") == {"W1": Decimal(3_300 * WAN)}
    assert spent_before(kind("works"), "A", "2022-04") == {"W1": Decimal(1_800 * WAN)}
    assert spent_before(kind("works"), "B", "2023-04") == {}
    assert spent_before(kind("firms"), "A", "2023-04") == {}


def test_the_last_month_that_brought_anything_is_known(zone: Any) -> None:
    for period, lately in (("2023-04", 100), ("2023-03", 800), ("2022-06", 700)):
        rows = invested_lately(kind("works"), "A", period)["works"]
        assert [(row.key, row.values["invested"]) for row in rows] == [("W1", lately * WAN)]
    assert invested_lately(kind("works"), "A", "2021-12") == {}
    assert invested_lately(kind("supply"), "A", "2023-04") == {}


def test_yuan_for_wan_is_not_taken(zone: Any) -> None:
    """March brought 100 万元 of 300: 2,530,000 is yuan."""
    handed = hand_in(april(2_530_000, 2_530_300))
    assert told(handed) == [
        ("error", "return-far-beyond-cost"), ("error", "return-beyond-plan"),
        ("error", "return-jumps"),
    ]  # fmt: skip
    cell = handed.findings[0].place
    assert (cell.row, bool(cell.column)) == (7, True)
    with pytest.raises(FindingsError):
        returns.submit(handed.id or 0, MAKER, origin=ORIGIN)


def test_hundred_millions_for_wan_are_taken_with_a_note_that_the_checker_sees(zone: Any) -> None:
    assert told(hand_in(april(0.01, 300.01))) == [("error", "return-shrinks")]
    handed = hand_in(april(0.01, 300.01, remark="仅付监理尾款"))
    assert told(handed) == [("warning", "return-shrinks")]
    lock(handed.id or 0)
    view = returns.open_return(handed.id or 0, CHECKER)
    assert "return-shrinks" in [item.code for item in view.findings]


def test_a_new_year_takes_no_plan_of_the_last(zone: Any) -> None:
    """The plan of 2023 is not that of 2024; what the ledger then says is."""
    december = {
        key: value for key, value in april(100, 400).items() if key[2] != "started_on"
    }  # fmt: skip
    months(("2023-11", 100, 300))
    name, data = filled(december, period="2023-12")
    handed = returns.hand_in(name, data, MAKER, origin=ORIGIN)
    assert handed.id is not None
    for step, who in ((returns.submit, MAKER), (returns.check, CHECKER)):
        step(handed.id, who, origin=ORIGIN)
    returns.approve(handed.id, APPROVER, origin=ORIGIN)

    def january() -> dict[str, object]:
        row = start_of(kind("works"), "A", "2024-01").rows["works"][0]
        return {name: row.values.get(name) for name in ("total_cost", "year_plan", "status")}

    cost = Decimal(6_000 * WAN)
    assert january() == {"total_cost": cost, "year_plan": None, "status": None}
    Work.objects.filter(code="W1").update(year_plan_cny=700 * WAN, status="continuing")
    assert january() == {
        "total_cost": cost, "year_plan": Decimal(700 * WAN), "status": "continuing",
    }  # fmt: skip
    within = start_of(kind("works"), "A", "2023-12").rows["works"][0].values
    assert within["year_plan"] == Decimal(700 * WAN)


def test_no_workbook_is_handed_out_for_a_month_that_asks_for_none(zone: Any) -> None:
    with pytest.raises(InputError, match="not asked for 2024-01"):
        returns.blank_workbook("firms", "A", "2024-01", MAKER)
    for text in ("202401", "2024-13", "2024", "2024-01..2024-02"):
        with pytest.raises(InputError, match=r"is no month; write it as 2023-04\.$"):
            returns.blank_workbook("works", "A", text, MAKER)
