"""Rows of a return as JSON and back, as texts of a form, and as rows of the exchanged tables."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from zonewright.core.periods import Period
from zonewright.core.units import convert
from zonewright.steering.returns.kinds import kind
from zonewright.steering.returns.rows import (
    RowsOf,
    SheetPlace,
    SheetRow,
    from_plain,
    given_from_plain,
    given_of,
    places_from_plain,
    to_plain,
)
from zonewright.steering.returns.showing import shown
from zonewright.steering.returns.tables import Taking

PLACES = {"works": SheetPlace("基础设施项目", {"code": "A", "invested": "I", "started_on": "M"})}
VALUES = {
    "code": "W1", "invested": Decimal("1200000.5"), "invested_unit": "万元",
    "started_on": date(2023, 4, 2), "status": "new",
}  # fmt: skip
ROWS: RowsOf = {"works": (SheetRow(7, "W1", VALUES),), "total": ()}


def test_rows_come_back_as_they_were() -> None:
    kept = json.loads(json.dumps(to_plain(ROWS, PLACES, given_of(ROWS))))
    assert from_plain(kind("works"), kept) == ROWS
    assert places_from_plain(kept) == PLACES
    assert given_from_plain(kept) == given_of(ROWS)


def test_numbers_are_shown_in_the_columns_unit() -> None:
    works, land = kind("works").sheets[0], kind("land").sheets[0]
    assert shown(works.column("invested"), Decimal("1200000.5")) == "120.00005"
    assert shown(land.column("reported_area"), float(convert(500, "亩", "m2"))) == "500"
    assert shown(works.column("status"), "new", lang="zh") == "新开工"
    assert shown(works.column("status"), "new") == "new"
    assert shown(works.column("invested"), None) == ""


def test_a_row_becomes_records_of_several_tables_each_with_its_cell() -> None:
    tables, findings = Taking(kind("works"), "A", "2023-04", ROWS, PLACES, file="a.xlsx").tables()
    assert not findings
    by_name = {table.table: table for table in tables}
    assert set(by_name) == {"works", "work_months"}
    month = by_name["work_months"]
    assert month.rows == (
        {
            "work": "W1", "month": Period.parse("2023-04"), "invested": Decimal("1200000.5"),
            "invested_unit": "万元",
        },
    )  # fmt: skip
    assert str(month.place(0, "invested")) == "a.xlsx [基础设施项目] I7"
    assert by_name["works"].rows[0]["started_on"] == date(2023, 4, 2)


def test_what_was_carried_and_not_changed_says_nothing() -> None:
    given = {("works", "W1"): {"started_on": "2023-04-02", "status": "preparatory"}}
    taking = Taking(kind("works"), "A", "2023-04", ROWS, PLACES, given)
    works = next(table for table in taking.tables()[0] if table.table == "works")
    assert works.rows == ({"code": "W1", "status": "new"},)


def test_a_later_month_keeps_what_it_said_of_a_record() -> None:
    later = {("works", "W1", "status"): "2023-05"}
    taking = Taking(kind("works"), "A", "2023-04", ROWS, PLACES, later=later)
    tables, findings = taking.tables()
    works = next(table for table in tables if table.table == "works")
    assert works.rows == ({"code": "W1", "started_on": date(2023, 4, 2)},)
    assert [item.code for item in findings] == ["return-later-kept"]


def test_columns_of_one_row_become_milestones_of_their_own() -> None:
    values = {"code": "V1", "signed_on": date(2023, 4, 1), "full_planned_on": date(2025, 1, 1)}
    places = {"ventures": SheetPlace("在册", {"signed_on": "J", "full_planned_on": "S"})}
    rows: RowsOf = {"ventures": (SheetRow(9, "V1", values),)}
    tables, _ = Taking(kind("ventures"), "A", "2023-04", rows, places).tables()
    assert tables[0].rows == (
        {"venture": "V1", "step": "signed", "actual_on": date(2023, 4, 1)},
        {"venture": "V1", "step": "full", "planned_on": date(2025, 1, 1)},
    )
    assert str(tables[0].place(0, "actual_on")) == "[在册] J9"
    assert str(tables[0].place(1, "planned_on")) == "[在册] S9"


def test_new_rows_and_indicators_lie_in_the_zone() -> None:
    entry = {"code": "Q9", "area": 1_000.0, "entry": "granted"}
    quota: RowsOf = {"entries": (SheetRow(7, "+1", entry),)}
    tables, _ = Taking(kind("quota"), "A", "2023-04", quota, {}).tables()
    assert tables[0].rows[0]["code"] == "Q9"
    assert tables[0].rows[0]["zone"] == "A"
    values = {"indicator": "output_growth", "unit": "%", "value": Decimal("5.9")}
    growth: RowsOf = {"growth": (SheetRow(7, "output_growth", values),)}
    tables, _ = Taking(kind("firms"), "A", "2023-04", growth, {}).tables()
    assert tables[0].rows == (
        {
            "indicator": "output_growth", "zone": "A", "period": Period.parse("2023-01..2023-04"),
            "unit": "%", "value": Decimal("5.9"),
        },
    )  # fmt: skip
