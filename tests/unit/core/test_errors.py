"""The tree of errors, findings, and their texts."""

from __future__ import annotations

import inspect
import pickle

import pytest

from zonewright.core import errors
from zonewright.core.errors import (
    EngineError,
    FindingsError,
    InputError,
    StorageError,
    UnitError,
    ZonewrightError,
)
from zonewright.core.findings import Finding, Place, has_errors
from zonewright.core.texts import text_of

TREE = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, ZonewrightError)
]


def test_every_error_stands_in_the_tree_of_the_docstring() -> None:
    for error in TREE:
        assert error.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("error", "builtin"),
    [(InputError, ValueError), (EngineError, RuntimeError), (StorageError, OSError)],
)
def test_errors_are_also_what_python_calls_them(
    error: type[ZonewrightError], builtin: type[Exception]
) -> None:
    assert issubclass(error, builtin)


def test_an_error_speaks_both_languages() -> None:
    error = UnitError("unit-unknown", text="stone", known="ha")
    assert str(error) == error.text("en")
    assert "stone" in error.text("en")
    assert "stone" in error.text("zh")
    assert error.text("zh") != error.text("en")


def test_a_missing_parameter_or_text_does_not_hide_the_error() -> None:
    assert "?" in str(UnitError("unit-unknown"))
    assert str(InputError("no-such-code", file="a.xlsx")) == "no-such-code: file=a.xlsx"
    assert text_of("no-such-code", {}, "zh") == "no-such-code"


def test_findings_travel_with_their_error() -> None:
    found = (Finding("period-order"), Finding("unit-unknown"), Finding("unit-unknown", "warning"))
    error = FindingsError(found)
    assert error.findings == found
    assert "2" in error.text("zh")  # the warning need not be mended


def test_only_errors_stop_the_work() -> None:
    assert has_errors([Finding("x", "warning"), Finding("x")])
    assert not has_errors([Finding("x", "warning"), Finding("x", "info")])
    assert not has_errors([])


def test_a_place_reads_like_a_spreadsheets() -> None:
    assert str(Place("a.xlsx", "台账", 14, "N")) == "a.xlsx [台账] N14"
    assert str(Place("a.gpkg", "parcels")) == "a.gpkg [parcels]"
    assert str(Place()) == ""


def test_a_finding_as_plain_values() -> None:
    finding = Finding(
        "rollup-value-missing", table="parcels", field="zone", place=Place("a", "b", 3, "C"),
        ids=("P1", "P2"), params={"count": 2},
    )  # fmt: skip
    plain = finding.as_dict("zh")
    assert plain["text"] == finding.text("zh")
    assert (plain["row"], plain["column"], plain["ids"]) == (3, "C", ["P1", "P2"])
    assert "P1, P2" in finding.text("en")
    assert "parcels" in finding.text("en")


def test_findings_cross_processes() -> None:
    finding = Finding("period-order", ids=("P1",), params={"text": "x"})
    assert pickle.loads(pickle.dumps(finding)) == finding
