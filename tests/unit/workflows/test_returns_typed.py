"""A return typed in the browser: cells saved as they are typed, and the workbook made of it."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.unit.workflows.returning import (
    MAKER,
    MAY,
    ORIGIN,
    VIEWER,
    hand_in,
    lock,
    locked,
    somebody,
    stock,
)
from zonewright.core.errors import (
    EditConflictError,
    FindingsError,
    NotAllowedError,
    StateError,
    UnknownReferenceError,
)
from zonewright.store.models import AuditEntry, ReturnStep, ReturnVersion, WorkMonth
from zonewright.store.selectors import record_cards
from zonewright.workflows import returns
from zonewright.workflows.returns_answers import CellChange, Saved

TYPED = {
    ("W1", "invested"): "120", ("W1", "invested_ytd"): "420", ("W1", "started_on"): "2023-01-10",
    ("W2", "invested"): "50.5万元", ("W2", "invested_ytd"): "50.5", ("W2", "status"): "续建",
    ("W2", "started_on"): "2023年4月2日",
}  # fmt: skip


@pytest.fixture
def draft(embedded: Any) -> int:
    """The works return of April, begun."""
    stock()
    return returns.begin("works", "A", "2023-04", MAKER, origin=ORIGIN)


def type_in(number: int, cells: dict[tuple[str, str], str], **more: Any) -> Saved:
    changes = [CellChange("works", key, name, text) for (key, name), text in cells.items()]
    return returns.save_cells(number, changes, MAKER, origin=ORIGIN, **more)


def test_it_starts_with_what_the_ledger_knows(draft: int) -> None:
    view = returns.open_return(draft, MAKER)
    assert view.number is None
    assert [row.key for row in view.rows["works"]] == ["W1", "W2"]
    assert view.rows["works"][0].values["total_cost"] == Decimal(5_000_000)
    last = {row.key: row.values for row in view.last["works"]}
    assert last["W1"]["invested_ytd"] == Decimal(3_000_000)
    assert view.may == {"save", "submit"}


def test_what_is_typed_becomes_records_with_a_cell(draft: int) -> None:
    saved = type_in(draft, TYPED)
    assert saved.version == 1
    assert not saved.findings
    lock(draft)
    row = WorkMonth.objects.get(work__code="W2", month=date(2023, 4, 1))
    assert row.invested_cny == 505_000
    card = record_cards([f"work_month:{row.pk}"])[0]
    version = ReturnVersion.objects.get()
    book = load_workbook(io.BytesIO(bytes(version.file.content)))  # type: ignore[union-attr]
    assert book[card.place.sheet][f"{card.place.column}{card.place.row}"].value == 50.5


def test_saving_goes_on_in_one_version_and_is_told(draft: int) -> None:
    type_in(draft, {("W1", "invested"): "120"})
    saved = type_in(draft, {("W1", "invested"): "121"})
    assert saved.version == 1
    assert ReturnStep.objects.filter(action="saved").count() == 1
    told = AuditEntry.objects.filter(action="return saved").order_by("pk")
    assert [entry.after for entry in told] == [
        {"version": 1, "works W1 invested": "120"}, {"version": 1, "works W1 invested": "121"},
    ]  # fmt: skip
    type_in(draft, {("W1", "invested"): "121"})
    assert told.count() == 2


def test_what_cannot_be_read_is_refused_and_the_rest_is_saved(draft: int) -> None:
    saved = type_in(draft, {("W1", "invested"): "很多", ("W1", "invested_ytd"): "420"})
    assert [(item.field, item.ids) for item in saved.refused] == [("invested", ("W1",))]
    values = returns.open_return(draft, MAKER).rows["works"][0].values
    assert values["invested_ytd"] == 4_200_000
    assert values.get("invested") is None
    refused = type_in(draft, {("W1", "name"): "别的路"}).refused
    assert [item.code for item in refused] == ["return-cell-given"]


def test_a_rule_is_told_at_once(draft: int) -> None:
    saved = type_in(draft, {("W1", "invested"): "500", ("W1", "invested_ytd"): "420"})
    assert "return-month-above-ytd" in {item.code for item in saved.findings}
    with pytest.raises(FindingsError):
        returns.submit(draft, MAKER, origin=ORIGIN)


def test_nobody_writes_over_what_they_have_not_seen(draft: int) -> None:
    type_in(draft, {("W1", "invested"): "120"})
    other = somebody("郑", "report")
    stale = CellChange("works", "W1", "invested", "99", seen="")
    with pytest.raises(EditConflictError) as caught:
        returns.save_cells(draft, [stale], other, origin=ORIGIN)
    assert caught.value.theirs == {"invested": "120"}
    assert "赵" in caught.value.text("zh")
    assert "120" in caught.value.text("zh")
    fresh = CellChange("works", "W1", "invested", "99", seen="120")
    returns.save_cells(draft, [fresh], other, origin=ORIGIN)
    values = returns.open_return(draft, MAKER).rows["works"][0].values
    assert values["invested"] == 990_000


def test_a_viewer_types_nothing_and_after_submission_nobody(draft: int) -> None:
    change = CellChange("works", "W1", "invested", "1")
    with pytest.raises(NotAllowedError):
        returns.save_cells(draft, [change], VIEWER, origin=ORIGIN)
    type_in(draft, TYPED)
    returns.submit(draft, MAKER, origin=ORIGIN)
    with pytest.raises(StateError):
        type_in(draft, {("W1", "invested"): "121"})


def test_typing_after_a_workbook_makes_a_version_and_keeps_the_workbook(embedded: Any) -> None:
    stock()
    number = hand_in().id or 0
    saved = type_in(number, {("W1", "physical_pct"): "33"})
    assert saved.version == 2
    assert [item.has_file for item in returns.open_return(number, MAKER).versions] == [False, True]
    (changed,) = returns.differences(number, 1, 2, MAKER)
    assert (changed.key, changed.field, changed.before, changed.after) == (
        "W1", "physical_pct", "30", "33"
    )  # fmt: skip


def test_nothing_typed_is_not_submitted(draft: int) -> None:
    with pytest.raises(StateError, match="Nothing"):
        returns.submit(draft, MAKER, origin=ORIGIN)
    type_in(draft, {("W1", "invested"): "1"})
    with pytest.raises(StateError, match="no workbook"):
        returns.workbook_of(draft, 1, MAKER)


def test_free_rows_come_and_go_and_next_month_starts_with_them(embedded: Any) -> None:
    stock()
    number = returns.begin("leads", "A", "2023-04", MAKER, origin=ORIGIN)
    texts = {"lead": "电池厂", "stage": "洽谈", "officer": "王", "land": "120", "next_step": "考察"}
    changes = [CellChange("leads", "+1", name, text) for name, text in texts.items()]
    changes.append(CellChange("leads", "+2", "lead", "误填"))
    returns.save_cells(number, changes, MAKER, origin=ORIGIN)
    with pytest.raises(UnknownReferenceError):
        returns.remove_row(number, "leads", "+9", MAKER, origin=ORIGIN)
    saved = returns.remove_row(number, "leads", "+2", MAKER, origin=ORIGIN)
    assert not saved.findings
    lock(number)
    may = returns.begin("leads", "A", "2023-05", MAKER, origin=ORIGIN)
    (row,) = returns.open_return(may, MAKER).rows["leads"]
    assert row.values["lead"] == "电池厂"
    assert row.values["land"] == pytest.approx(80_000)
    assert "next_step" not in row.values


def test_rows_that_are_of_records_are_not_added(draft: int) -> None:
    with pytest.raises(UnknownReferenceError, match="W9"):
        type_in(draft, {("W9", "invested"): "1"})


def test_a_reopened_return_is_corrected_in_the_browser_too(embedded: Any) -> None:
    stock()
    number = locked()
    returns.reopen(number, somebody("孙", "approve"), origin=ORIGIN, remark="更正")
    saved = type_in(number, {("W1", "physical_pct"): "31"})
    assert saved.version == 2
    done = lock(number, at=MAY)
    assert done.counts["work_months"]["updated"] == 1
