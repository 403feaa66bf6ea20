"""The dictionary of indicators and its grammar."""

from __future__ import annotations

import pytest

from zonewright.core.errors import SchemaError
from zonewright.core.schema import all_tables
from zonewright.core.units import known_unit
from zonewright.steering.catalogue import RULES, Condition, Operand, load, parse

ROW = {
    "code": "x", "zh": "甲", "en": "X", "unit": "ha", "nature": "flow", "basis": "none",
    "rule": "sum", "table": "parcel_events", "where": "", "value": "area_m2", "when": "on",
    "of": "", "note_zh": "", "note_en": "",
}  # fmt: skip


def row(**changes: str) -> dict[str, str]:
    return {**ROW, **changes}


def test_conditions_and_operands_are_read() -> None:
    found = parse(
        [
            row(where="stage=L5|L6;kind!=a;area_m2>=10"),
            row(code="y", rule="ratio", of="x / x@city", value="", when=""),
        ]
    )
    assert found["x"].where == (
        Condition("stage", "=", ("L5", "L6")),
        Condition("kind", "!=", ("a",)),
        Condition("area_m2", ">=", ("10",)),
    )
    assert found["y"].of == (Operand("x"), Operand("x", "city"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rule": "guess"}, "the rule guess"),
        ({"unit": "stone"}, "unknown unit stone"),
        ({"value": ""}, "no value column"),
        ({"unit": "亿元"}, "not measured in 亿元"),
        ({"where": "stage~L5"}, "cannot be read"),
        ({"rule": "ratio", "of": "x"}, "cannot be made of"),
        ({"rule": "ratio", "of": "x / x@moon"}, "cannot be made of"),
        ({"rule": "completion", "of": ""}, "cannot be made of"),
        ({"rule": "completion", "of": "z"}, "z, which the dictionary does not list"),
        ({"rule": "completion", "of": "x"}, "made of itself"),
    ],
)
def test_a_faulty_row_is_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        parse([row(**changes)])


def test_a_code_listed_twice_is_refused() -> None:
    with pytest.raises(SchemaError, match="twice"):
        parse([row(), row()])


def test_the_shipped_dictionary_is_sound() -> None:
    for code, indicator in load().items():
        assert indicator.rule in RULES
        assert known_unit(indicator.unit)
        assert indicator.zh, code
        assert indicator.en, code
        assert indicator.nature in {"flow", "stock", "ratio", "rate", "rank"}, code
        assert indicator.basis in {"nominal", "comparable", "cumulative", "none"}, code


def test_conditions_name_choices_that_exist() -> None:
    """A misspelt stage or kind would give 0 without a word."""
    tables = all_tables()
    home = {"quota": "quota_entries", "funds": "fund_entries", "work_months": "works"}
    for code, indicator in load().items():
        table = tables.get(home.get(indicator.table, indicator.table))
        fields = {field.name: field for field in table.fields} if table else {}
        for condition in indicator.where:
            choices = fields[condition.field].choices if condition.field in fields else {}
            if choices:
                assert set(condition.values) <= set(choices), (code, condition)
