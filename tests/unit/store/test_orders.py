"""Supervision orders: given once, replied to with evidence, judged by somebody else, and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.unit.store.conftest import Made
from tests.unit.store.desk import OUTSIDER, PLAN, VIEW, fill
from zonewright.core.errors import (
    InputError,
    NotAllowedError,
    StateError,
    UnknownReferenceError,
    ZonewrightError,
)
from zonewright.core.periods import Period
from zonewright.store.access import Access, Permission, operator
from zonewright.store.actions import attach, create_user, detach, orders, people
from zonewright.store.actions.orders import Evidence, NewOrder
from zonewright.store.models import (
    Attachment,
    AuditEntry,
    Milestone,
    Order,
    OrderStep,
    Parcel,
    ParcelEvent,
    User,
    Venture,
    Work,
)
from zonewright.store.places import locate
from zonewright.store.selectors import attachment
from zonewright.store.selectors import orders as selectors
from zonewright.store.selectors.gates import gates

PDF = b"%PDF-1.7 a photo of the site"
ON, DUE = date(2023, 11, 6), date(2023, 11, 16)
_CHECK: frozenset[Permission] = frozenset({"view", "check"})
_APPROVE: frozenset[Permission] = frozenset({"view", "check", "approve"})
REPORTER = Access("赵", by_zone={"A": frozenset({"view", "report"})})
VIEWER = Access("钱", by_zone={"A": VIEW})
CHECKER = Access("周", by_zone={"A": _CHECK})
HEAD = Access("吴", by_zone={"A": _APPROVE})
PLANNER = Access("李", by_zone={"A": PLAN})
BOTH = Access("郑", by_zone={"A": _APPROVE | {"report"}})


@pytest.fixture
def land(workspace: Made) -> Made:
    fill()
    return workspace


def wanted(matter: str = "gate|A|start|work:1", **more: Any) -> NewOrder:
    return replace(
        NewOrder(
            matter=matter, zone="A", period=Period.month(2023, 10), due_on=DUE,
            rule="gate-overdue", cause={"rule": "gate-overdue", "params": {}, "records": []},
            owner="李工",
        ),
        **more,
    )  # fmt: skip


def given(*matters: NewOrder, by: Access = HEAD, on: date = ON) -> tuple[Order, ...]:
    return orders.raise_orders(matters or [wanted()], on=on, access=by, origin="desk")


def one() -> int:
    return given()[0].pk


def replied(number: int, *, by: Access = REPORTER, files: int = 1) -> OrderStep:
    evidence = [Evidence(f"现场{place}.pdf", PDF + bytes([place])) for place in range(files)]
    return orders.reply(number, "已进场施工", evidence=evidence, access=by, origin="desk")


def state_of(number: int) -> str:
    return Order.objects.get(pk=number).state


def refused(what: Callable[[], object]) -> str:
    with pytest.raises(ZonewrightError) as caught:
        what()
    return caught.value.code


# ---- Giving --------------------------------------------------------------------------------------


def test_an_order_is_numbered_and_told_in_the_trail(land: Made) -> None:
    first, second = given(wanted("a"), wanted("b"))
    assert (first.code, second.code) == ("DB-2023-0001", "DB-2023-0002")
    assert [step.action for step in first.steps.all()] == ["raised"]
    entry = AuditEntry.objects.get(table="orders", code="DB-2023-0001")
    assert (entry.action, entry.by, entry.origin) == ("raise", "吴", "desk")
    (third,) = given(wanted("c", due_on=date(2024, 1, 9)), on=date(2024, 1, 5))
    assert third.code == "DB-2024-0001"


def test_a_matter_gets_one_order_however_often_it_is_found(land: Made) -> None:
    assert len(given(wanted("a"), wanted("a"))) == 1
    assert given(wanted("a")) == ()
    number = Order.objects.get().pk
    orders.withdraw(number, "重复", on=ON, access=HEAD, origin="desk")
    assert len(given(wanted("a"))) == 1


def test_the_database_itself_refuses_a_second_open_order(land: Made) -> None:
    (first,) = given()
    first.pk, first.code = None, "DB-2023-9999"
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


@pytest.mark.parametrize("who", [VIEWER, REPORTER, CHECKER, PLANNER])
def test_only_who_approves_in_the_zone_gives_orders(land: Made, who: Access) -> None:
    assert refused(lambda: given(by=who)) == "not-allowed"
    assert not Order.objects.exists()


def test_whoever_does_not_see_the_zone_learns_nothing_of_it(land: Made) -> None:
    with pytest.raises(UnknownReferenceError):
        given(by=OUTSIDER)


def test_nothing_is_given_if_one_zone_is_not_theirs(land: Made) -> None:
    assert refused(lambda: given(wanted("a"), wanted("b", zone="B"))) == "zone-not-seen"
    assert not Order.objects.exists()


def test_an_order_by_hand_asks_for_something_once_and_in_time(land: Made) -> None:
    def give(title: str, due_on: date = DUE) -> Order:
        return orders.give("A", title, due_on=due_on, on=ON, access=HEAD, origin="desk")

    made = give("  请提交 三季度\n盘活方案 ")
    assert (made.title, made.rule, made.owner) == ("请提交 三季度 盘活方案", "", "role:reporter")
    assert refused(lambda: give("请提交 三季度 盘活方案")) == "order-given-already"
    assert refused(lambda: give("  ")) == "order-title-missing"
    assert refused(lambda: give("方" * 301)) == "order-text-long"
    assert refused(lambda: give("迟到的", ON.replace(day=5))) == "order-due-past"


# ---- Replying ------------------------------------------------------------------------------------


def test_a_reply_with_evidence_waits_to_be_judged(land: Made) -> None:
    number = one()
    step = replied(number, files=2)
    assert state_of(number) == "replied"
    files = selectors.evidence([step])[step.pk]
    assert [file.name for file in files] == ["现场0.pdf", "现场1.pdf"]
    assert bytes(attachment(files[0].pk, VIEWER).blob.content) == PDF + b"\0"
    told = AuditEntry.objects.filter(table="orders", record=f"order:{number}")
    assert sorted(told.values_list("action", flat=True)) == ["attach", "attach", "raise", "reply"]


def test_a_file_that_is_refused_takes_the_reply_with_it(land: Made) -> None:
    number = one()
    bad = [Evidence("a.exe", b"MZ\x90\x00")]
    assert (
        refused(lambda: orders.reply(number, "好", evidence=bad, access=REPORTER, origin=""))
        == "attach-type"
    )
    assert state_of(number) == "open"
    assert not OrderStep.objects.filter(action="replied").exists()


@pytest.mark.parametrize("who", [VIEWER, CHECKER, HEAD])
def test_only_who_reports_in_the_zone_replies(land: Made, who: Access) -> None:
    number = one()
    assert refused(lambda: replied(number, by=who)) == "not-allowed"


def test_an_order_of_another_zone_is_not_there(land: Made) -> None:
    number = one()
    for step in (
        lambda: replied(number, by=OUTSIDER),
        lambda: orders.accept(number, on=ON, access=OUTSIDER, origin=""),
        lambda: orders.withdraw(number, "x", on=ON, access=OUTSIDER, origin=""),
        lambda: selectors.order(number, OUTSIDER),
    ):
        assert refused(step) == "order-unknown"
    replied(number)
    file = Attachment.objects.get()
    with pytest.raises(UnknownReferenceError):
        attachment(file.pk, OUTSIDER)
    assert list(selectors.orders(OUTSIDER)) == []


def test_a_reply_says_something_and_is_not_sent_twice(land: Made) -> None:
    number = one()
    assert (
        refused(lambda: orders.reply(number, "  ", access=REPORTER, origin=""))
        == "order-reply-missing"
    )
    replied(number)
    assert refused(lambda: replied(number)) == "order-state"


# ---- Judging -------------------------------------------------------------------------------------


def test_an_accepted_reply_closes_the_order(land: Made) -> None:
    number = one()
    replied(number)
    orders.accept(number, "属实", on=ON, access=CHECKER, origin="desk")
    order = Order.objects.get(pk=number)
    assert (order.state, order.closed_on) == ("closed", ON)
    entry = AuditEntry.objects.get(action="accept")
    assert entry.before == {"state": "replied", "closed_on": None}
    assert entry.after == {"state": "closed", "closed_on": ON.isoformat()}


def test_an_order_cannot_be_closed_without_a_reply(land: Made) -> None:
    number = one()
    assert refused(lambda: orders.accept(number, on=ON, access=CHECKER, origin="")) == "order-state"


def test_an_order_cannot_be_closed_without_the_evidence_that_its_rule_asks_for(land: Made) -> None:
    number = one()
    step = replied(number, files=0)

    def accept() -> object:
        return orders.accept(number, on=ON, access=CHECKER, origin="")

    assert refused(accept) == "order-no-evidence"
    made = attach(f"order_step:{step.pk}", name="a.pdf", content=PDF, access=REPORTER, origin="")
    detach(made.pk, access=REPORTER, origin="")
    assert refused(accept) == "order-no-evidence"
    attach(f"order_step:{step.pk}", name="a.pdf", content=PDF, access=REPORTER, origin="")
    accept()
    assert state_of(number) == "closed"


def test_evidence_of_an_earlier_reply_does_not_prove_a_later_one(land: Made) -> None:
    number = one()
    replied(number)
    orders.refuse(number, "照片看不清", access=CHECKER, origin="")
    replied(number, files=0)
    assert (
        refused(lambda: orders.accept(number, on=ON, access=CHECKER, origin=""))
        == "order-no-evidence"
    )


def test_a_rule_without_evidence_closes_on_the_word(land: Made) -> None:
    (order,) = given(wanted(rule="return-missing"))
    replied(order.pk, files=0)
    orders.accept(order.pk, on=ON, access=CHECKER, origin="")
    assert state_of(order.pk) == "closed"


def test_a_refused_reply_opens_the_order_again_with_the_reason(land: Made) -> None:
    number = one()
    replied(number)
    assert (
        refused(lambda: orders.refuse(number, " ", access=CHECKER, origin=""))
        == "order-reason-missing"
    )
    orders.refuse(number, "未附监理签字", access=CHECKER, origin="")
    assert state_of(number) == "open"
    assert OrderStep.objects.get(action="refused").text == "未附监理签字"
    replied(number)
    assert state_of(number) == "replied"


@pytest.mark.parametrize("who", [VIEWER, REPORTER, PLANNER])
def test_only_who_checks_in_the_zone_judges(land: Made, who: Access) -> None:
    number = one()
    replied(number)
    assert refused(lambda: orders.accept(number, on=ON, access=who, origin="")) == "not-allowed"
    assert refused(lambda: orders.refuse(number, "x", access=who, origin="")) == "not-allowed"


def test_nobody_judges_their_own_reply_while_somebody_else_could(land: Made) -> None:
    number = one()
    replied(number, by=BOTH)
    create_user("周", "correct-horse-battery-9")
    people.grant(User.objects.get(username="周"), "checker", zone="A", access=operator("machine"))
    assert (
        refused(lambda: orders.accept(number, on=ON, access=BOTH, origin="")) == "order-own-reply"
    )
    orders.accept(number, on=ON, access=CHECKER, origin="")
    assert state_of(number) == "closed"


def test_who_is_alone_judges_their_own_reply(land: Made) -> None:
    number = one()
    replied(number, by=BOTH)
    orders.accept(number, on=ON, access=BOTH, origin="")
    assert state_of(number) == "closed"


def test_evidence_stays_as_it_was_judged(land: Made) -> None:
    number = one()
    step = replied(number)
    file = Attachment.objects.get()
    orders.accept(number, on=ON, access=CHECKER, origin="")
    assert refused(lambda: detach(file.pk, access=REPORTER, origin="")) == "order-evidence-judged"
    assert refused(
        lambda: attach(f"order_step:{step.pk}", name="b.pdf", content=PDF + b"2",
                       access=REPORTER, origin="")
    ) == "order-evidence-judged"  # fmt: skip


def test_a_viewer_adds_no_evidence(land: Made) -> None:
    step = replied(one(), files=0)
    with pytest.raises(NotAllowedError):
        attach(f"order_step:{step.pk}", name="a.pdf", content=PDF, access=VIEWER, origin="")
    with pytest.raises(UnknownReferenceError):
        attach(f"order_step:{step.pk}", name="a.pdf", content=PDF, access=OUTSIDER, origin="")
    with pytest.raises(UnknownReferenceError):
        attach("order_step:99999", name="a.pdf", content=PDF, access=REPORTER, origin="")


# ---- Extending, escalating, withdrawing ----------------------------------------------------------


def test_a_deadline_only_grows_and_says_why(land: Made) -> None:
    number = one()
    later = date(2023, 11, 30)

    def extend(due_on: date, reason: str = "台风停工") -> object:
        return orders.extend(number, due_on, reason, access=HEAD, origin="")

    assert refused(lambda: extend(DUE)) == "order-extend-earlier"
    assert refused(lambda: extend(later, " ")) == "order-reason-missing"
    extend(later)
    assert Order.objects.get(pk=number).due_on == later
    assert OrderStep.objects.get(action="extended").due_on == later


def test_an_order_only_goes_up(land: Made) -> None:
    number = one()

    def escalate(level: int) -> object:
        return orders.escalate(number, level, access=HEAD, origin="")

    escalate(2)
    assert Order.objects.get(pk=number).level == 2
    assert refused(lambda: escalate(2)) == "order-level-reached"
    assert refused(lambda: escalate(1)) == "order-level-reached"
    assert refused(lambda: escalate(9)) == "order-level-unknown"
    replied(number)
    assert refused(lambda: escalate(3)) == "order-state"


def test_what_is_done_is_done(land: Made) -> None:
    number = one()
    orders.withdraw(number, "已并入另一单", on=ON, access=HEAD, origin="")
    assert state_of(number) == "withdrawn"
    for step in (
        lambda: replied(number),
        lambda: orders.accept(number, on=ON, access=CHECKER, origin=""),
        lambda: orders.refuse(number, "x", access=CHECKER, origin=""),
        lambda: orders.extend(number, date(2024, 1, 1), "x", access=HEAD, origin=""),
        lambda: orders.escalate(number, 1, access=HEAD, origin=""),
        lambda: orders.withdraw(number, "x", on=ON, access=HEAD, origin=""),
    ):
        assert refused(step) == "order-state"


@pytest.mark.parametrize("who", [VIEWER, REPORTER, CHECKER, PLANNER])
def test_only_who_approves_decides(land: Made, who: Access) -> None:
    number = one()
    for step in (
        lambda: orders.extend(number, date(2024, 1, 1), "x", access=who, origin=""),
        lambda: orders.escalate(number, 1, access=who, origin=""),
        lambda: orders.withdraw(number, "x", on=ON, access=who, origin=""),
    ):
        assert refused(step) == "not-allowed"


# ---- Reading -------------------------------------------------------------------------------------


def test_orders_are_filtered_and_counted(land: Made) -> None:
    first, second, _third = (order.pk for order in given(wanted("a"), wanted("b"), wanted("c")))
    replied(first)
    orders.withdraw(second, "x", on=ON, access=HEAD, origin="")

    def count(on: date = ON, **asked: Any) -> int:
        return selectors.orders(VIEWER, selectors.OrderFilter(**asked)).count()

    assert count(state="active") == 2
    assert count(state="withdrawn") == 1
    assert count(owner="李工") == 3
    assert count(zone="B") == 0
    assert count(overdue_on=DUE) == 0
    assert count(overdue_on=date(2023, 11, 17)) == 2
    assert selectors.counts(VIEWER, date(2023, 11, 17)) == {
        "open": 1, "replied": 1, "closed": 0, "withdrawn": 1, "overdue": 2,
    }  # fmt: skip


def test_gates_that_were_not_reached_are_found_with_their_zone(land: Made) -> None:
    Work.objects.filter(code="W1").update(
        planned_start=date(2023, 3, 1), planned_finish=date(2023, 12, 1), owner="李工"
    )
    venture = Venture.objects.get(code="V1")
    for step, planned, actual in (
        ("signed", date(2023, 1, 1), None),
        ("land", date(2023, 2, 1), date(2023, 4, 1)),
        ("started", date(2023, 5, 1), None),
    ):
        Milestone.objects.create(venture=venture, step=step, planned_on=planned, actual_on=actual)
    Parcel.objects.filter(code="B1").update(available_on=date(2023, 6, 1), zone=None)
    locate()

    def at(on: date, **more: date) -> list[tuple[str, str, str]]:
        return [(item.code, item.gate, item.zone) for item in gates(on, **more)]

    assert at(ON) == [("W1", "start", "A"), ("V1", "started", "A"), ("B1", "ready", "B")]
    # By the end of March the land had not been supplied, and no later step says that it was.
    assert at(date(2023, 3, 31)) == [
        ("V1", "signed", "A"), ("V1", "land", "A"), ("W1", "start", "A"),
    ]  # fmt: skip
    assert at(ON, since=ON, until=date(2023, 12, 31)) == [("W1", "finish", "A")]
    Work.objects.filter(code="W1").update(started_on=date(2023, 10, 1))
    parcel = Parcel.objects.get(code="B1")
    ParcelEvent.objects.create(parcel=parcel, stage="L7", on=date(2023, 11, 6))
    assert at(ON) == [("V1", "started", "A")]
    assert at(date(2023, 11, 5)) == [("V1", "started", "A"), ("B1", "ready", "B")]


def test_an_order_that_is_unknown_says_so(land: Made) -> None:
    with pytest.raises(UnknownReferenceError):
        selectors.order_coded("DB-1999-0001", HEAD)
    with pytest.raises(StateError):
        orders.accept(one(), on=ON, access=CHECKER, origin="")
    with pytest.raises(InputError):
        orders.extend(one_more(), DUE, "x", access=HEAD, origin="")


def one_more() -> int:
    return given(wanted("another"))[0].pk


def test_steps_that_are_replayed_carry_the_time_of_their_course(land: Made) -> None:
    moments = [datetime(2023, 11, day, 1, 30, tzinfo=UTC) for day in range(6, 13)]
    (order,) = orders.raise_orders([wanted()], on=ON, access=HEAD, origin="demo", at=moments[0])
    told: dict[str, Any] = {"origin": "demo"}
    proof = [Evidence("图.pdf", PDF)]
    orders.extend(order.pk, date(2023, 12, 1), "雨", access=HEAD, at=moments[1], **told)
    orders.escalate(order.pk, 1, access=HEAD, at=moments[2], **told)
    orders.reply(order.pk, "已办", evidence=proof, access=REPORTER, at=moments[3], **told)
    orders.refuse(order.pk, "不实", access=CHECKER, at=moments[4], **told)
    orders.reply(order.pk, "再办", evidence=proof, access=REPORTER, at=moments[5], **told)
    orders.accept(order.pk, on=DUE, access=CHECKER, at=moments[6], **told)
    assert [step.at for step in order.steps.order_by("id")] == moments
    assert set(Attachment.objects.values_list("added_at", flat=True)) == {moments[3], moments[5]}


def test_a_withdrawal_that_is_replayed_carries_its_time(land: Made) -> None:
    at = datetime(2023, 11, 8, 1, 30, tzinfo=UTC)
    orders.withdraw(one(), "重复", on=ON, access=HEAD, origin="demo", at=at)
    assert OrderStep.objects.get(action="withdrawn").at == at
