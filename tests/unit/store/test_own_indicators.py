"""Own indicators from a file, like the other tables: defined, changed, and refused at the cell."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.unit.store.conftest import read_file, read_table
from tests.unit.store.desk import fill
from zonewright.core.errors import FindingsError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.schema import table
from zonewright.intake.reading import read_files
from zonewright.store.actions import Taken, take
from zonewright.store.models import AuditEntry, Indicator, Observation
from zonewright.store.selectors import catalogue

PLAIN = {
    "code": "own_jobs", "zh": "新增就业", "en": "Jobs added", "unit": "个", "nature": "flow",
    "rule": "reported", "value": "value",
}  # fmt: skip
RATE = {
    "code": "own_rate", "zh": "就业产出比", "en": "Jobs per output", "unit": "个/亿元",
    "nature": "ratio", "rule": "formula", "of": "own_jobs / output",
}  # fmt: skip
CAPTIONS = {field.name: field.zh for field in table("indicators").fields}


@pytest.fixture(autouse=True)
def _zone(embedded: Any) -> None:
    fill()


def sheet(folder: Path, *rows: Mapping[str, object], name: str = "指标.xlsx") -> Path:
    """Return a workbook with the captions that the table has in Chinese."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "自设指标"
    names = list(dict.fromkeys(key for row in rows for key in row))
    page.append([CAPTIONS[key] for key in names])
    for row in rows:
        page.append([row.get(key) for key in names])
    book.save(folder / name)
    return folder / name


def taken(*paths: Path) -> Taken:
    return take(read_files(paths), by="赵", origin="cli")


def refused(*paths: Path) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return code, field and cell of each fault."""
    with pytest.raises(FindingsError) as caught:
        taken(*paths)
    return [told(item) for item in caught.value.findings if item.severity == "error"]


def told(item: Finding) -> tuple[str, str, str, tuple[str, ...]]:
    assert item.text("zh")
    assert item.text("en")
    return item.code, item.field, f"{item.place.column}{item.place.row}", item.ids


def test_a_workbook_defines_indicators_that_then_can_be_reported(tmp_path: Path) -> None:
    done = taken(sheet(tmp_path, RATE, PLAIN))
    assert (done.counts["indicators"].created, done.counts["indicators"].updated) == (2, 0)
    own = catalogue()["own_rate"]
    assert (own.formula, own.unit, own.rollup) == ("own_jobs / output", "个/亿元", "ratio-of-sums")
    assert catalogue()["own_jobs"].basis == "none"
    notes = AuditEntry.objects.filter(table="indicators").values_list("action", "by", "code")
    assert sorted(notes) == [("create", "赵", "own_jobs"), ("create", "赵", "own_rate")]
    value = {"indicator": "own_jobs", "zone": "A", "period": Period.parse("2023-04"),
             "value": Decimal(12), "unit": "个"}  # fmt: skip
    take([read_file(read_table("observations", [value], file="v.xlsx"), name="v.xlsx")], by="t")
    assert Observation.objects.get(indicator__code="own_jobs").indicator.code == "own_jobs"


def test_indicators_and_their_values_may_come_together(tmp_path: Path) -> None:
    value = {"indicator": "own_jobs", "zone": "A", "period": Period.parse("2023-04"),
             "value": Decimal(12), "unit": "个"}  # fmt: skip
    take([
        read_file(read_table("observations", [value], file="v.xlsx"), name="v.xlsx"),
        *read_files([sheet(tmp_path, PLAIN)]),
    ], by="t")  # fmt: skip
    assert Observation.objects.get(indicator__code="own_jobs").indicator.name == "新增就业"


def test_the_program_s_own_file_is_read_back_as_a_csv(tmp_path: Path) -> None:
    names = ["code", "zh", "en", "unit", "nature", "basis", "rule", "of", "direction", "headline"]
    line = {**RATE, "of": "output / value_added", "unit": "%", "basis": "nominal",
            "direction": "up", "headline": "30"}  # fmt: skip
    path = tmp_path / "indicators.csv"
    text = ",".join(names) + "\n" + ",".join(str(line[name]) for name in names) + "\n"
    path.write_text(text, encoding="utf-8")
    assert taken(path).counts["indicators"].created == 1
    own = catalogue()["own_rate"]
    assert (own.direction, own.headline, own.basis) == ("up", 30, "nominal")


def test_a_second_file_changes_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    taken(sheet(tmp_path, {**PLAIN, "department": "人社局"}, RATE))
    needed = {name: PLAIN[name] for name in ("code", "zh", "en", "unit", "nature", "rule")}
    done = taken(sheet(tmp_path, {**needed, "zh": "净增就业"}, name="改.xlsx"))
    assert (done.counts["indicators"].created, done.counts["indicators"].updated) == (0, 1)
    own = catalogue()["own_jobs"]
    assert (own.zh, own.department, own.value) == ("净增就业", "人社局", "value")
    again = taken(
        sheet(tmp_path, {**needed, "zh": "净增就业", "en": "Jobs added"}, RATE, name="再.xlsx")
    )
    assert again.counts["indicators"].unchanged == 2
    entry = AuditEntry.objects.get(action="update", table="indicators")
    assert entry.before is not None
    assert entry.before["zh"] == "新增就业"


def test_a_cycle_is_told_at_the_formula(tmp_path: Path) -> None:
    one = {**RATE, "code": "own_a", "of": "own_b / output", "unit": "个"}
    two = {**RATE, "code": "own_b", "of": "own_a * output", "unit": "个"}
    found = refused(sheet(tmp_path, one, two, PLAIN))
    assert [item[:2] for item in found] == [("catalogue-cycle", "of")]
    assert found[0][2] in ("G2", "G3")
    assert not Indicator.objects.filter(code__startswith="own_").exists()


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"of": "own_nothing / output"}, "catalogue-unknown", "of"),
        ({"of": "own_jobs /"}, "expression-unreadable", "of"),
        ({"of": "own_jobs + output"}, "expression-dimensions", "of"),
        ({"unit": "%"}, "expression-unit", "unit"),
        ({"code": "Own Rate"}, "catalogue-code", "code"),
        ({"code": "output"}, "catalogue-own", "code"),
        ({"headline": 2.5}, "catalogue-choice", "headline"),
        ({"unit": "石"}, "intake-unit-unknown", "unit"),
        ({"rule": "猜"}, "intake-choice-unknown", "rule"),
    ],
)
def test_each_fault_is_told_at_its_cell(
    tmp_path: Path, change: Mapping[str, object], code: str, field: str
) -> None:
    row = {**RATE, **change}
    (found,) = refused(sheet(tmp_path, row, PLAIN))
    names = list(dict.fromkeys((*row, *PLAIN)))
    assert found[:3] == (code, field, f"{chr(65 + names.index(field))}2")


def test_what_rests_on_a_refused_one_adds_no_finding(tmp_path: Path) -> None:
    wrong = {**PLAIN, "code": "own_jobs", "value": None}
    above = {**RATE, "code": "own_above", "of": "own_rate * 2"}
    found = refused(sheet(tmp_path, wrong, RATE, above))
    assert [item[0] for item in found] == ["catalogue-value"]


def test_a_change_that_another_definition_cannot_bear_is_refused(tmp_path: Path) -> None:
    taken(sheet(tmp_path, PLAIN, RATE))
    found = refused(sheet(tmp_path, {**PLAIN, "unit": "亩"}, name="改.xlsx"))
    assert [(item[0], item[3]) for item in found] == [("expression-unit", ("own_rate",))]
    assert catalogue()["own_jobs"].unit == "个"
