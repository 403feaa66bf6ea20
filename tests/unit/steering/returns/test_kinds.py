"""The kinds of return as data: twelve tables, each of columns that the exchanged tables know."""

from __future__ import annotations

from datetime import date

import pytest

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.schema import all_tables
from zonewright.core.units import factor
from zonewright.steering.catalogue import load
from zonewright.steering.returns.kinds import ReturnKind, kind, kinds
from zonewright.steering.returns.rules import RULES
from zonewright.steering.returns.tables import LINKS, feeds

EACH = pytest.mark.parametrize("item", kinds().values(), ids=lambda item: item.code)


def test_the_twelve_tables_are_there() -> None:
    assert list(kinds()) == [
        "land", "blocks", "quota", "works", "ventures", "factories", "supply", "firms", "tasks",
        "assessment", "leads", "plans",
    ]  # fmt: skip


@EACH
def test_every_column_says_what_it_is_in_both_languages(item: ReturnKind) -> None:
    for sheet in item.sheets:
        assert sheet.zh != sheet.en
        for column in sheet.columns:
            assert column.field.zh
            assert column.field.en
            assert not (column.given and column.carried), column.name
            if column.unit and column.field.kind in ("area", "money", "energy"):
                assert factor(column.field.unit, column.unit) > 0


@EACH
def test_what_becomes_records_has_a_field_of_that_kind(item: ReturnKind) -> None:
    for sheet in item.sheets:
        for column in sheet.columns:
            if column.into is None:
                continue
            fields = {field.name: field for field in all_tables()[column.into.table].fields}
            assert fields[column.into.field].kind == column.field.kind
            for name, value in column.into.fixed:
                choices = fields[name].choices
                assert not choices or value in choices
    for table, pairs in feeds(item).items():
        for sheet, _ in pairs:
            assert table == sheet.table or table in LINKS


@EACH
def test_every_rule_is_known_and_names_columns_of_its_sheet(item: ReturnKind) -> None:
    for rule in item.rules:
        assert rule.rule in RULES
        assert rule.severity in ("error", "warning", "info")
        sheet = item.sheet(rule.sheet)
        names = ("field", "month", "ytd", "note", "with", "limit", "when", "only_ready")
        for name in names:
            if isinstance(rule.params.get(name), str) and name != "whole":
                sheet.column(rule.params[name])
        for name in rule.params.get("fields", ()):
            sheet.column(name)


@EACH
def test_indicator_sheets_name_indicators_of_the_catalogue(item: ReturnKind) -> None:
    for sheet in item.sheets:
        assert bool(sheet.indicators) == (sheet.rows == "indicators")
        assert set(sheet.indicators) <= set(load())


def test_a_return_is_due_on_its_day_of_the_next_month() -> None:
    assert kind("works").due_on("2023-12") == date(2024, 1, 5)
    assert kind("firms").due_on("2023-02") == date(2023, 3, 20)


def test_firms_report_january_with_february() -> None:
    firms = kind("firms")
    assert [month for month in range(1, 13) if not firms.asked(f"2023-{month:02d}")] == [1]


def test_a_quarterly_return_is_asked_for_four_months() -> None:
    asked = [month for month in range(1, 13) if kind("assessment").asked(f"2023-{month:02d}")]
    assert asked == [3, 6, 9, 12]


def test_what_is_not_there_is_told_with_what_is() -> None:
    with pytest.raises(UnknownReferenceError, match="works"):
        kind("roads")
    with pytest.raises(UnknownReferenceError, match="total"):
        kind("works").sheet("sum")
    with pytest.raises(UnknownReferenceError, match="invested_ytd"):
        kind("works").sheet("works").column("money")
