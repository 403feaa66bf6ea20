"""A return on its way: filled in, handed in, checked, locked, sent back, reopened, corrected."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.unit.store.conftest import Rows, read_file, read_table
from tests.unit.store.desk import change, name_of, seen
from tests.unit.workflows.returning import (
    APPROVER,
    APRIL,
    CHECKER,
    MAKER,
    MAY,
    ORIGIN,
    OUTSIDER,
    VIEWER,
    filled,
    hand_in,
    lock,
    locked,
    somebody,
    stock,
)
from zonewright.core.errors import (
    FindingsError,
    InputError,
    NotAllowedError,
    StateError,
    UnknownReferenceError,
)
from zonewright.core.periods import Period
from zonewright.store.access import Access, operator
from zonewright.store.actions import create_user, delete, take, undo
from zonewright.store.actions.people import grant
from zonewright.store.models import (
    AuditEntry,
    Milestone,
    Return,
    ReturnVersion,
    User,
    Venture,
    Work,
    WorkMonth,
)
from zonewright.store.selectors import facts, record_cards
from zonewright.store.selectors.returns import both_series
from zonewright.workflows import board, returns
from zonewright.workflows.returns_answers import CellChange


@pytest.fixture
def zone(workspace: Any) -> Any:
    stock()
    return workspace


@pytest.fixture
def own_zone(embedded: Any) -> Any:
    """For what does not touch the database's own ways."""
    stock()
    return embedded


def april(work: str = "W1") -> WorkMonth:
    """Return the row of April that counts."""
    rows = WorkMonth.objects.filter(work__code=work, month=date(2023, 4, 1))
    return rows.order_by("-recorded_at", "-pk")[0]


def codes(findings: Any) -> list[str]:
    return [finding.code for finding in findings]


# ---- The way ----------------------------------------------------------------------------------


def test_a_workbook_becomes_records_each_of_which_leads_to_its_cell(zone: Any) -> None:
    handed = hand_in()
    assert not handed.findings
    assert not WorkMonth.objects.filter(month=date(2023, 4, 1)).exists()
    done = lock(handed.id or 0)
    assert done.counts["work_months"] == {"created": 2, "updated": 0, "unchanged": 0}
    assert done.counts["works"]["updated"] == 2
    assert not done.correction
    row = april()
    assert row.invested_cny == Decimal(1_200_000)
    assert Work.objects.get(code="W1").started_on == date(2023, 1, 10)
    card = record_cards([f"work_month:{row.pk}"])[0]
    assert card.place.file == handed.name
    version = ReturnVersion.objects.get(of=handed.id)
    book = load_workbook(io.BytesIO(bytes(version.file.content)))  # type: ignore[union-attr]
    cell = book[card.place.sheet][f"{card.place.column}{card.place.row}"]
    assert cell.value == 120


def test_the_way_is_written_down_with_who_and_when(zone: Any) -> None:
    number = locked()
    view = returns.open_return(number, VIEWER)
    assert [(step.action, step.by) for step in view.steps] == [
        ("began", "赵"), ("saved", "赵"), ("submitted", "赵"), ("checked", "钱"), ("locked", "孙"),
    ]  # fmt: skip
    assert view.due.state == "locked"
    assert view.versions[0].locked_at == MAY
    told = AuditEntry.objects.filter(record=f"return:{number}").values_list("action", flat=True)
    assert set(told) == {
        "return began", "return saved", "return submitted", "return checked", "return locked",
    }  # fmt: skip
    assert set(view.may) == set()
    assert returns.open_return(number, APPROVER).may == {"reopen"}


def test_a_fault_keeps_a_return_from_being_submitted(own_zone: Any) -> None:
    wrong = {**APRIL, ("works", "W1", "invested"): 999}
    handed = hand_in(wrong)
    assert codes(handed.findings) == ["return-month-above-ytd", "return-ytd-not-sum"]
    assert handed.findings[0].place.column
    with pytest.raises(FindingsError):
        returns.submit(handed.id or 0, MAKER, origin=ORIGIN)
    assert Return.objects.get().state == "draft"
    view = returns.open_return(handed.id or 0, MAKER)
    assert codes(view.findings) == codes(handed.findings)
    name, data = returns.marked_workbook(handed.id or 0, 1, MAKER)
    page = load_workbook(io.BytesIO(data))["基础设施项目"]
    assert "核查" in name
    assert any(cell.comment for row in page.iter_rows() for cell in row)


def test_the_same_workbook_twice_is_one_version(own_zone: Any) -> None:
    name, data = filled(APRIL)
    first = returns.hand_in(name, data, MAKER, origin=ORIGIN)
    second = returns.hand_in(name, data, MAKER, origin=ORIGIN)
    assert (second.id, second.version, second.unchanged) == (first.id, 1, True)
    third = hand_in({**APRIL, ("works", "W1", "physical_pct"): 31})
    assert third.version == 2


def test_sent_back_with_a_remark_it_is_corrected_in_a_new_version(own_zone: Any) -> None:
    number = hand_in().id or 0
    returns.submit(number, MAKER, origin=ORIGIN)
    with pytest.raises(InputError, match="remark"):
        returns.send_back(number, CHECKER, origin=ORIGIN, remark="  ")
    returns.send_back(number, CHECKER, origin=ORIGIN, remark="形象进度请核实")
    (waiting,) = [item for item in returns.inbox(MAKER, on=date(2023, 5, 4)) if item.due.id]
    assert (waiting.step, waiting.remark) == ("correct", "形象进度请核实")
    again = hand_in({**APRIL, ("works", "W1", "physical_pct"): 35})
    assert again.version == 2
    lock(number)
    assert april().physical_pct == 35.0


def test_an_approver_sends_back_what_was_checked(own_zone: Any) -> None:
    number = hand_in().id or 0
    returns.submit(number, MAKER, origin=ORIGIN)
    returns.check(number, CHECKER, origin=ORIGIN)
    with pytest.raises(NotAllowedError):
        returns.send_back(number, CHECKER, origin=ORIGIN, remark="不对")
    returns.send_back(number, APPROVER, origin=ORIGIN, remark="不对")
    assert Return.objects.get().state == "sent_back"


# ---- Who may, and when ------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["submit", "check", "approve", "send_back", "reopen"])
def test_no_step_is_taken_out_of_order(own_zone: Any, act: str) -> None:
    everything = somebody("吴", "report", "check", "approve")
    number = hand_in().id or 0
    if act == "submit":
        returns.submit(number, MAKER, origin=ORIGIN)
    with pytest.raises(StateError, match="Read it anew"):
        getattr(returns, act)(number, everything, origin=ORIGIN, remark="因")


@pytest.mark.parametrize(
    ("act", "wrong"),
    [("submit", CHECKER), ("check", MAKER), ("approve", CHECKER), ("reopen", MAKER)],
)
def test_each_step_has_its_role(own_zone: Any, act: str, wrong: Access) -> None:
    number = hand_in().id or 0
    before = {"check": 1, "approve": 2, "reopen": 3}.get(act, 0)
    steps = ((returns.submit, MAKER), (returns.check, CHECKER), (returns.approve, APPROVER))
    for step, who in steps[:before]:
        step(number, who, origin=ORIGIN)
    with pytest.raises(NotAllowedError):
        getattr(returns, act)(number, wrong, origin=ORIGIN, remark="因")


def test_to_another_zone_there_is_no_such_return(own_zone: Any) -> None:
    number = locked()
    for act in ("submit", "check", "approve", "send_back", "reopen"):
        with pytest.raises(UnknownReferenceError):
            getattr(returns, act)(number, OUTSIDER, origin=ORIGIN, remark="因")
    with pytest.raises(UnknownReferenceError):
        returns.open_return(number, OUTSIDER)
    with pytest.raises(UnknownReferenceError):
        returns.marked_workbook(number, 1, OUTSIDER)
    with pytest.raises(UnknownReferenceError):
        returns.blank_workbook("works", "A", "2023-04", OUTSIDER)
    name, data = filled(APRIL)
    with pytest.raises(UnknownReferenceError):
        returns.hand_in(name, data, OUTSIDER, origin=ORIGIN)
    assert returns.completeness("2023-04", OUTSIDER).zones == ("B",)


def test_a_viewer_reads_and_writes_nothing(own_zone: Any) -> None:
    name, data = filled(APRIL)
    with pytest.raises(NotAllowedError):
        returns.hand_in(name, data, VIEWER, origin=ORIGIN)
    assert not Return.objects.exists()
    number = hand_in().id or 0
    assert returns.open_return(number, VIEWER).rows["works"][0].values["invested"] == 1_200_000
    assert returns.open_return(number, VIEWER).may == frozenset()


def test_nobody_checks_their_own_return_if_somebody_else_can(own_zone: Any) -> None:
    alone = somebody("吴", "report", "check", "approve")
    number = hand_in(access=alone).id or 0
    returns.submit(number, alone, origin=ORIGIN)
    create_user("王审", "a-long-password-1", by="t")
    grant(User.objects.get(), "checker", zone="A", access=operator("t"), origin="t")
    with pytest.raises(StateError, match="separation"):
        returns.check(number, alone, origin=ORIGIN)
    returns.check(number, CHECKER, origin=ORIGIN)
    # Nobody else could approve it.
    returns.approve(number, alone, origin=ORIGIN)
    assert Return.objects.get().state == "locked"


def test_a_month_that_has_not_begun_is_not_returned(own_zone: Any) -> None:
    for period, error in (("2099-01", "has not begun"), ("2023", "no month"), ("x", "no month")):
        with pytest.raises(InputError, match=error):
            returns.begin("works", "A", period, MAKER, origin=ORIGIN)
    with pytest.raises(InputError, match="not asked"):
        returns.begin("assessment", "A", "2023-04", MAKER, origin=ORIGIN)


# ---- Locks and corrections --------------------------------------------------------------------


def month_file(invested: int, *, work: str = "W1", month: str = "2023-04") -> Any:
    row = {"work": work, "month": Period.parse(month), "invested": Decimal(invested)}
    return read_file(read_table("work_months", [row], file="w.xlsx"), name="w.xlsx")


def test_a_locked_month_is_closed_to_imports(zone: Any) -> None:
    number = locked()
    with pytest.raises(FindingsError) as caught:
        take([month_file(7)], by="t")
    (fault,) = [item for item in caught.value.findings if item.severity == "error"]
    assert fault.code == "return-locked-month"
    assert f"报表 {number}" in fault.text("zh")
    assert "reopened" in fault.text("en")
    assert fault.place.row == 5
    take([month_file(7, month="2023-05")], by="t")
    take([month_file(7, work="F1")], by="t")
    take([month_file(7, work="WB")], by="t")


def test_a_locked_month_is_closed_to_edits_by_hand(zone: Any) -> None:
    boss = operator("王")
    locked()
    state = seen("work_month", work__code="W1", month=date(2023, 4, 1))
    with pytest.raises(FindingsError) as caught:
        change(state, boss, invested="7")
    assert codes(caught.value.findings)[-1] == "return-locked-month"
    with pytest.raises(FindingsError):
        delete(state.record, token=state.token, access=boss, origin=ORIGIN)
    work = seen("work", code="W1")
    with pytest.raises(FindingsError):
        delete(work.record, token=work.token, access=boss, origin=ORIGIN)
    march = seen("work_month", work__code="W2", month=date(2023, 3, 1))
    change(march, boss, invested="7")


def firm_file(*rows: dict[str, object], table: str = "firm_months") -> Any:
    return read_file(read_table(table, rows, file="f.xlsx"), name="f.xlsx")


def test_a_locked_month_of_firms_is_closed_but_not_the_year(zone: Any) -> None:
    cells = {
        ("firms", code, name): value
        for code in ("C1", "C2")
        for name, value in (("output", 500), ("value_added", 100))
    }
    growth = {("growth", "output_growth", "value"): 5.9}
    number = hand_in({**cells, **growth}, code="firms").id or 0
    lock(number)
    april: dict[str, object] = {"firm": "C1", "period": Period.parse("2023-04")}
    with pytest.raises(FindingsError) as caught:
        take([firm_file({**april, "output": Decimal(7)})], by="t")
    assert codes(caught.value.findings) == ["return-locked-month"]
    said: dict[str, object] = {
        "indicator": "output_growth", "zone": "A", "value": Decimal(7), "unit": "%",
        "period": Period.parse("2023-01..2023-04"),
    }  # fmt: skip
    with pytest.raises(FindingsError):
        take([firm_file(said, table="observations")], by="t")
    year = {**said, "period": Period.parse("2023")}
    take([firm_file(year, table="observations")], by="t")
    take([firm_file({**said, "zone": "B"}, table="observations")], by="t")
    take([firm_file({**april, "period": Period.parse("2023-05"), "output": Decimal(9)})], by="t")
    (row,) = both_series("A", "output_growth")[1:]
    assert (row["period"], row["reported"], row["changed"]) == (
        "2023-01..2023-04",
        Decimal("5.9"),
        False,
    )


def test_a_change_of_a_locked_month_is_not_taken_back_either(own_zone: Any) -> None:
    boss = operator("王")
    state = seen("work_month", work__code="W2", month=date(2023, 3, 1))
    after = change(state, boss, invested="7")
    march = {
        ("works", "W1", "invested"): 100, ("works", "W1", "invested_ytd"): 300,
        ("works", "W2", "invested"): 0, ("works", "W2", "invested_ytd"): 0,
    }  # fmt: skip
    locked(march, period="2023-03")
    assert after.change is not None
    with pytest.raises((FindingsError, StateError)):
        undo(after.change, access=boss, origin=ORIGIN)
    assert WorkMonth.objects.filter(work__code="W2", month=date(2023, 3, 1)).count() == 3


def test_a_stage_is_not_moved_out_of_a_locked_month(zone: Any) -> None:
    cells = {
        ("parcels", "P1", "reported_area"): 1500,
        ("parcels", "P2", "reported_area"): 1500,
        ("parcels", "P2", "remark"): "含道路",
        ("parcels", "P1", "remark"): "含道路",
    }
    later = datetime(2023, 7, 3, tzinfo=UTC)
    name, data = filled(cells, code="land", period="2023-06")
    lock(returns.hand_in(name, data, MAKER, origin=ORIGIN, at=later).id or 0, at=later)
    moved = {"parcel": "P1", "stage": "L5", "on": date(2023, 5, 20)}
    with pytest.raises(FindingsError) as caught:
        take([read_file(read_table("parcel_events", [moved]), name="e.xlsx")], by="t")
    assert "return-locked-month" in codes(caught.value.findings)
    state = seen("parcel_event", parcel__code="P1", stage="L5")
    with pytest.raises(FindingsError):
        change(state, operator("王"), on="2023-07-01")


def test_a_correction_is_a_new_version_and_both_are_kept(zone: Any) -> None:
    number = locked()
    with pytest.raises(InputError, match="remark"):
        returns.reopen(number, APPROVER, origin=ORIGIN, remark="")
    returns.reopen(number, APPROVER, origin=ORIGIN, remark="漏报一笔")
    assert april().invested_cny == 1_200_000
    corrected = {
        **APRIL, ("works", "W1", "invested"): 150, ("works", "W1", "invested_ytd"): 450,
    }  # fmt: skip
    handed = hand_in(corrected)
    assert handed.version == 2
    done = lock(number, at=MAY + timedelta(days=30))
    assert done.correction
    assert done.counts["work_months"] == {"created": 0, "updated": 1, "unchanged": 1}
    assert april().invested_cny == 1_500_000
    rows = WorkMonth.objects.filter(work__code="W1", month=date(2023, 4, 1))
    assert set(rows.values_list("invested_cny", flat=True)) == {1_200_000, 1_500_000}
    changed = {(item.key, item.field): (item.before, item.after)
               for item in returns.corrections(number, VIEWER)}  # fmt: skip
    assert changed[("W1", "invested")] == ("1200000", "1500000")
    view = returns.open_return(number, VIEWER, version=1)
    assert view.rows["works"][0].values["invested"] == 1_200_000
    assert [item.locked_at is not None for item in view.versions] == [True, True]
    assert view.remark == "漏报一笔"
    then = facts(as_of=MAY + timedelta(days=1))["work_months"].set_index(["work", "month"])
    assert then.loc[("W1", "2023-04-01"), "invested_cny"] == 1_200_000


def test_a_correction_may_return_to_the_first_file(own_zone: Any) -> None:
    first = filled(APRIL)
    number = returns.hand_in(*first, MAKER, origin=ORIGIN, at=MAY).id or 0
    lock(number)
    for attempt, cells in enumerate((100, None), 1):
        returns.reopen(number, APPROVER, origin=ORIGIN, remark="更正")
        if cells:
            hand_in({**APRIL, ("works", "W1", "physical_pct"): cells})
        else:
            returns.hand_in(*first, MAKER, origin=ORIGIN, at=MAY)
        lock(number, at=MAY + timedelta(days=attempt))
    assert april().physical_pct == 30.0
    assert WorkMonth.objects.filter(work__code="W1", month=date(2023, 4, 1)).count() == 3


def test_an_older_return_does_not_write_over_a_later_one(own_zone: Any) -> None:
    may = {
        ("works", "W1", "invested"): 10, ("works", "W1", "invested_ytd"): 430,
        ("works", "W2", "invested"): 0, ("works", "W2", "invested_ytd"): 50.5,
        ("works", "W1", "owner"): "五月公司",
    }  # fmt: skip
    number = locked()
    name, data = filled(may, period="2023-05")
    later = returns.hand_in(name, data, MAKER, origin=ORIGIN)
    assert not later.findings
    lock(later.id or 0)
    assert Work.objects.get(code="W1").owner == "五月公司"
    returns.reopen(number, APPROVER, origin=ORIGIN, remark="更正")
    hand_in({**APRIL, ("works", "W1", "owner"): "四月公司", ("works", "W1", "funds"): "专项债"})
    done = lock(number)
    assert "return-later-kept" in codes(done.findings)
    assert Work.objects.get(code="W1").owner == "五月公司"
    assert Work.objects.get(code="W1").funds == "专项债"


def test_a_change_made_meanwhile_in_the_ledger_is_not_undone(own_zone: Any) -> None:
    """A carried cell that nobody changed says nothing, though the ledger says another thing now."""
    name, data = filled(APRIL)
    change(seen("work", code="W2"), operator("王"), status="continuing")
    number = returns.hand_in(name, data, MAKER, origin=ORIGIN).id or 0
    lock(number)
    assert Work.objects.get(code="W2").status == "continuing"


def test_a_row_that_cannot_be_a_record_is_found_before_it_is_submitted(own_zone: Any) -> None:
    number = hand_in().id or 0
    Work.objects.filter(code="W2").update(code="W3")
    with pytest.raises(FindingsError) as caught:
        returns.submit(number, MAKER, origin=ORIGIN)
    assert {"return-row-added", "return-row-missing"} <= set(codes(caught.value.findings))
    assert name_of("work", code="W3")


def test_a_new_row_does_not_write_over_a_record_of_another_zone(own_zone: Any) -> None:
    """Whatever the reporter of a zone calls it, also in another spelling."""
    of_b: Rows = [{"code": "VB", "name": "乙园项目", "zone": "B", "category": "other"}]
    take([read_file(read_table("ventures", of_b), name="v.xlsx")], by="t")
    number = returns.begin("ventures", "A", "2023-04", MAKER, origin=ORIGIN)
    texts = {
        "code": " vb", "name": "新项目", "category": "major", "investment": "5000",
        "signed_on": "2023-04-06",
    }  # fmt: skip
    changes = [CellChange("new", "+1", name, text) for name, text in texts.items()]
    saved = returns.save_cells(number, changes, MAKER, origin=ORIGIN)
    assert codes(saved.findings) == ["return-wrong-zone"]
    with pytest.raises(FindingsError):
        returns.submit(number, MAKER, origin=ORIGIN)
    free = CellChange("new", "+1", "code", "V9")
    assert not returns.save_cells(number, [free], MAKER, origin=ORIGIN).findings
    lock(number)
    assert Venture.objects.get(code="V9").zone.code == "A"
    assert Milestone.objects.get(venture__code="V9").actual_on == date(2023, 4, 6)
    assert Venture.objects.get(code="VB").name == "乙园项目"


# ---- Late, complete, waiting ------------------------------------------------------------------


def test_a_late_return_is_marked_late(own_zone: Any) -> None:
    name, data = filled(APRIL)
    when = datetime(2023, 5, 9, 1, tzinfo=UTC)
    number = returns.hand_in(name, data, MAKER, origin=ORIGIN, at=when).id or 0
    assert returns.open_return(number, VIEWER, on=date(2023, 5, 5)).due.days_late == 0
    assert returns.open_return(number, VIEWER, on=date(2023, 5, 7)).due.days_late == 2
    lock(number, at=when)
    assert returns.open_return(number, VIEWER, on=date(2023, 6, 1)).due.days_late == 4


def test_completeness_says_where_each_return_stands(own_zone: Any) -> None:
    hand_in()
    found = returns.completeness("2023-04", VIEWER, on=date(2023, 5, 8))
    assert found.zones == ("A",)
    assert "assessment" not in found.kinds
    assert len(found.cells) == 11
    assert found.cells["A", "works"].state == "draft"
    assert found.cells["A", "works"].days_late == 3
    assert found.cells["A", "firms"].days_late == 0
    assert found.counts == {"draft": 1, "missing": 10}
    assert found.late == 8
    assert returns.completeness("2023-03", VIEWER).cells["A", "assessment"].state == "missing"


def test_zones_owe_returns_by_who_reports_for_them(own_zone: Any) -> None:
    everybody = operator("王")
    assert returns.completeness("2023-04", everybody).zones == ("A", "B")
    create_user("填报", "a-long-password-1", by="t")
    grant(User.objects.get(), "reporter", zone="B", access=everybody, origin="t")
    assert returns.completeness("2023-04", everybody).zones == ("B",)
    owed = [item for item in returns.reminders(date(2023, 5, 8)) if item.due.period == "2023-04"]
    assert {item.people for item in owed} == {("填报",)}
    assert owed[0].days_left == -3
    assert len(owed) == 11


def test_the_inbox_has_what_i_may_do_next(own_zone: Any) -> None:
    day = date(2023, 5, 4)
    number = hand_in().id or 0
    assert {item.step for item in returns.inbox(MAKER, on=day)} == {"fill"}
    assert returns.inbox(CHECKER, on=day) == ()
    returns.submit(number, MAKER, origin=ORIGIN)
    assert [(item.step, item.due.id) for item in returns.inbox(CHECKER, on=day)] == [
        ("check", number)
    ]
    returns.check(number, CHECKER, origin=ORIGIN)
    assert [item.step for item in returns.inbox(APPROVER, on=day)] == ["approve"]
    assert returns.inbox(CHECKER, on=day) == ()
    assert number not in {item.due.id for item in returns.inbox(OUTSIDER, on=day)}


# ---- What was given out -----------------------------------------------------------------------


def test_late_or_corrected_it_says_which_published_figures_it_changes(own_zone: Any) -> None:
    boss = operator("王")
    number = hand_in().id or 0
    given_out = board.publish(Period.parse("2023-04"), boss, "四月通报")
    board.publish(Period.parse("2023-03"), boss, "三月通报")
    done = lock(number)
    late = {(item.zone, item.indicator): item for item in done.changes}
    # 420 万元 of W1 and 50.5 of W2 came after April was given out; March is as it was.
    change = late["A", "works_invested"]
    assert (change.publication, change.title) == (given_out.key, "四月通报")
    assert change.now == pytest.approx((change.given_out or 0) + 0.01705)
    assert {item.title for item in done.changes} == {"四月通报"}
    returns.reopen(number, APPROVER, origin=ORIGIN, remark="更正")
    hand_in({**APRIL, ("works", "W1", "invested"): 150, ("works", "W1", "invested_ytd"): 450})
    corrected = {(item.zone, item.indicator) for item in lock(number).changes}
    assert ("A", "works_invested") in corrected
    assert ("A", "works_started") not in corrected


# ---- Duties, names, findings told once -----------------------------------------------------------


def test_nothing_is_offered_that_is_then_refused(own_zone: Any) -> None:
    alone = somebody("吴", "report", "check", "approve")
    number = hand_in(access=alone).id or 0
    returns.submit(number, alone, origin=ORIGIN)
    assert "check" in returns.open_return(number, alone).may  # nobody else could
    assert [one.step for one in returns.inbox(alone) if one.due.id == number] == ["check"]
    create_user("王审", "a-long-password-1", by="t")
    grant(User.objects.get(), "checker", zone="A", access=operator("t"), origin="t")
    assert returns.open_return(number, alone).may == {"send_back"}
    assert not [one for one in returns.inbox(alone) if one.due.id == number]
    with pytest.raises(StateError, match="separation"):
        returns.require_step(number, "check", alone)
    assert "check" in returns.open_return(number, CHECKER).may
    assert [one.step for one in returns.inbox(CHECKER) if one.due.id == number] == ["check"]


def test_a_row_that_is_missing_is_told_once(own_zone: Any) -> None:
    name, data = filled(APRIL)
    book = load_workbook(io.BytesIO(data))
    made = book.worksheets[0]
    row = next(row for row in range(1, made.max_row + 1) if made.cell(row, 1).value == "W2")
    made.delete_rows(row)
    content = io.BytesIO()
    book.save(content)
    handed = returns.hand_in(name, content.getvalue(), MAKER, origin=ORIGIN)
    again = returns.open_return(handed.id or 0, MAKER).findings
    for found in (handed.findings, again):
        assert [code for code in codes(found) if "row-missing" in code] == [
            "return-book-row-missing"
        ]


@pytest.mark.parametrize("name", ["四月.xls", "四月.et", "四月.xlsx"])
def test_what_is_marked_has_the_ending_of_its_contents(own_zone: Any, name: str) -> None:
    _, data = filled(APRIL)
    handed = returns.hand_in(name, data, MAKER, origin=ORIGIN)
    assert handed.id is not None
    marked, content = returns.marked_workbook(handed.id, 1, MAKER)
    assert marked == "四月（核查意见）.xlsx"
    assert load_workbook(io.BytesIO(content)).worksheets
