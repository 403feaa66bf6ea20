"""Blank workbooks of returns: what is written is what is read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.unit.intake.return_samples import (
    PERIOD,
    ZONE,
    blank_of,
    column_of,
    fill,
    given,
    opened,
    read,
    saved,
    tab,
    told,
    values,
    whole,
)
from zonewright.intake.grids import letter_of
from zonewright.intake.return_layout import (
    FIRST_ROW,
    KEYS_ROW,
    LISTS,
    caption_of,
    captions_of,
    marks_of,
)
from zonewright.steering.returns.kinds import ReturnKind, kinds
from zonewright.steering.returns.rows import SheetRow

KINDS = list(kinds().values())


@pytest.mark.parametrize("kind", KINDS, ids=[kind.code for kind in KINDS])
def test_a_blank_that_is_filled_in_is_read_exactly(kind: ReturnKind) -> None:
    book = opened(blank_of(kind))
    truth = whole(kind)
    fill(book, kind, truth)
    result = read(saved(book))
    assert (result.kind, result.zone, result.period) == (kind.code, ZONE, PERIOD)
    assert told(result) == []
    for sheet in kind.sheets:
        assert values(result, sheet.code) == {
            row.key: dict(row.values) for row in truth[sheet.code]
        }


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS, ids=[kind.code for kind in KINDS])
def test_a_whole_return_survives_as_a_workbook(kind: ReturnKind, lang: str) -> None:
    truth = whole(kind)
    result = read(blank_of(kind, truth, lang=lang))
    assert told(result) == []
    for sheet in kind.sheets:
        assert values(result, sheet.code) == {
            row.key: dict(row.values) for row in truth[sheet.code]
        }


@pytest.mark.parametrize("kind", KINDS, ids=[kind.code for kind in KINDS])
def test_no_two_columns_of_a_sheet_bear_the_same_caption(kind: ReturnKind) -> None:
    for sheet in kind.sheets:
        for lang in ("zh", "en"):
            captions = [
                caption_of(column, lang, last=sign.endswith("@last"))
                for sign, column in marks_of(sheet)
            ]
            assert len(set(captions)) == len(captions)
        assert len(captions_of(sheet)) == 2 * len(marks_of(sheet))


def test_the_same_blank_has_the_same_bytes() -> None:
    kind = kinds()["works"]
    assert blank_of(kind) == blank_of(kind)
    assert blank_of(kind) != blank_of(kind, given(kind, 3))


def test_last_months_figures_stand_beside_and_cannot_be_changed() -> None:
    kind = kinds()["works"]
    made = tab(opened(blank_of(kind, last=whole(kind))), kind.sheets[0])
    last, own = column_of(made, "invested@last"), column_of(made, "invested")
    assert (last, made.cell(FIRST_ROW, last).value) == (own - 1, pytest.approx(246.9))
    assert made.cell(FIRST_ROW, own).value is None
    assert made.cell(FIRST_ROW, last).protection.locked
    assert not made.cell(FIRST_ROW, own).protection.locked
    assert made.protection.sheet
    assert made.cell(FIRST_ROW, column_of(made, "code")).protection.locked
    assert made.row_dimensions[KEYS_ROW].hidden
    assert made.column_dimensions["A"].hidden
    assert made.freeze_panes == f"D{FIRST_ROW}"


def test_last_months_free_rows_are_found_by_their_names() -> None:
    kind = kinds()["blocks"]
    rows = [SheetRow(0, "+1", {"block": "K-2"})]
    last = [
        SheetRow(0, "+1", {"block": "K-1", "area": 1e6}),
        SheetRow(0, "+2", {"block": "K-2", "area": 2e6}),
    ]
    made = tab(opened(blank_of(kind, {"blocks": rows}, last={"blocks": last})), kind.sheets[0])
    assert made.cell(FIRST_ROW, column_of(made, "area@last")).value == 3_000
    assert made.cell(FIRST_ROW + 1, 1).value == "+2"


def test_choices_are_chosen_from_a_list() -> None:
    kind = kinds()["works"]
    book = opened(blank_of(kind))
    made = tab(book, kind.sheets[0])
    letter = letter_of(column_of(made, "status") - 1)
    (rule,) = [
        rule for rule in made.data_validations.dataValidation
        if f"{letter}{FIRST_ROW}" in str(rule.sqref) and rule.type == "list"
    ]  # fmt: skip
    reach = book.defined_names[rule.formula1].attr_text
    listed = [cell[0].value for cell in book[LISTS][reach.split("!")[1].replace("$", "")]]
    assert listed == list(kind.sheets[0].column("status").field.choices.values())


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("x")'])
def test_no_text_becomes_a_formula(text: str) -> None:
    kind = kinds()["works"]
    rows = [SheetRow(0, "C-001", {"code": "C-001", "name": text, "issue": text})]
    data = blank_of(kind, {"works": rows})
    made = tab(opened(data), kind.sheets[0])
    for name in ("name", "issue"):
        cell = made.cell(FIRST_ROW, column_of(made, name))
        assert (cell.data_type, cell.value) == ("s", text)
        assert cell.quotePrefix
    assert values(read(data), "works")["C-001"]["name"] == text


def test_what_a_workbook_cannot_hold_is_left_out() -> None:
    kind = kinds()["works"]
    rows = [SheetRow(0, "C-001", {"code": "C-001", "name": "a\x00b\ud800", "issue": "x" * 40_000})]
    made = tab(opened(blank_of(kind, {"works": rows})), kind.sheets[0])
    assert made.cell(FIRST_ROW, column_of(made, "name")).value == "ab"
    assert len(str(made.cell(FIRST_ROW, column_of(made, "issue")).value)) == 32_767


def test_amounts_that_do_not_end_come_back_as_they_were() -> None:
    kind = kinds()["works"]
    kept = {
        "code": "C-001",
        "total_cost": Decimal("12345678901234567.89"),
        "invested": Decimal("1234567.891"),
        "invested_bound": "ge",
        "started_on": date(2023, 4, 30),
        "started_on_precision": "m",
    }
    result = read(blank_of(kind, {"works": [SheetRow(0, "C-001", kept)]}))
    assert [finding.code for finding in result.findings] == []
    assert values(result, "works")["C-001"] == kept


def test_an_investment_in_dollars_stays_one() -> None:
    kind = kinds()["ventures"]
    row = {"code": "V-1", "investment": Decimal(12_000_000), "investment_unit": "万美元"}
    data = blank_of(kind, {"new": [SheetRow(0, "+1", row)]})
    made = tab(opened(data), kind.sheet("new"))
    assert made.cell(FIRST_ROW, column_of(made, "investment")).value == "1200万美元"
    assert values(read(data), "new")["+1"] == row


@pytest.mark.parametrize("text", ["合计", "注：待定", "一、重点", "无"])
def test_a_free_row_that_was_typed_elsewhere_is_never_taken_for_a_heading(text: str) -> None:
    kind = kinds()["leads"]
    result = read(blank_of(kind, {"leads": [SheetRow(0, "+1", {"lead": text})]}))
    assert told(result) == []
    assert values(result, "leads") == {"+1": {"lead": text}}
