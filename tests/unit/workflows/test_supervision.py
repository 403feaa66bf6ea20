"""Supervision of a workspace: what is found, given once, escalated, proposed for closing, told."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.store.conftest import Made
from tests.unit.store.desk import VIEW, fill
from zonewright.core.errors import InputError, UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.steering.returns.kinds import kinds
from zonewright.store.access import Access, operator
from zonewright.store.indicators import sync_indicators
from zonewright.store.models import (
    Grant,
    Indicator,
    Order,
    Parcel,
    QuotaEntry,
    Return,
    Target,
    User,
    Work,
    WorkMonth,
    Zone,
)
from zonewright.workflows import supervision
from zonewright.workflows.supervision import OrderFilter, default_month
from zonewright.workflows.supervision_meeting import default_day, meeting, write_meeting

ON, OCTOBER = date(2023, 11, 8), Period.month(2023, 10)
BOSS = operator("local")
VIEWER = Access("钱", by_zone={"A": VIEW})
HEAD = Access("吴", by_zone={"A": frozenset({"view", "check", "approve"})})


@pytest.fixture
def land(embedded: Made) -> Made:
    """Zone A: a work that started late and is far behind, and quota that is about to lapse."""
    fill()
    sync_indicators()
    zone, work = Zone.objects.get(code="A"), Work.objects.get(code="W1")
    Work.objects.filter(pk=work.pk).update(
        planned_finish=date(2023, 10, 1), year_plan_cny=Decimal(12_000_000), owner="李工",
        started_on=date(2023, 1, 5), planned_start=date(2023, 1, 5),
    )  # fmt: skip
    WorkMonth.objects.create(work=work, month=date(2023, 10, 1), invested_cny=Decimal(1_000_000))
    Target.objects.create(
        indicator=Indicator.objects.get(code="works_invested"), zone=zone, year=2023,
        value=Decimal(12_000_000), unit="元",
    )  # fmt: skip
    QuotaEntry.objects.create(
        code="Q1", zone=zone, entry="granted", category="provincial", area_m2=66_667.0,
        on=date(2023, 1, 1), expires_on=date(2023, 12, 31), debit="zone:A", credit="grantor",
    )  # fmt: skip
    return embedded


@pytest.fixture
def reporting(land: Made) -> Made:
    """Somebody reports for A, so that A alone owes returns."""
    user = User.objects.create(username="zhao")
    Grant.objects.create(user=user, role="reporter", zone=Zone.objects.get(code="A"))
    return land


def rules_of(access: Access = BOSS, *, on: date = ON) -> list[str]:
    return sorted(matter.rule for matter in supervision.find(OCTOBER, on, access).new)


def given(on: date = ON) -> dict[str, Order]:
    made = supervision.raise_orders(OCTOBER, on, BOSS, origin="cli")
    return {order.rule: order for order in made}


def test_the_rules_find_what_is_behind_overdue_and_about_to_lapse(land: Made) -> None:
    found = {item.rule: item for item in supervision.find(OCTOBER, ON, BOSS).new}
    assert set(found) >= {"pace-red", "gate-overdue", "quota-expiring"}
    work = Work.objects.get(code="W1")
    assert found["pace-red"].cause.records == (f"work:{work.pk}",)
    assert found["pace-red"].cause.params["completion_pct"] == pytest.approx(100 / 12, abs=0.01)
    assert found["gate-overdue"].owner == "李工"
    assert found["quota-expiring"].cause.params["left_mu"] == pytest.approx(100.0, abs=0.01)


def test_whoever_sees_another_zone_finds_nothing_of_this_one(land: Made) -> None:
    other = Access("孙", by_zone={"B": VIEW})
    assert {item.zone for item in supervision.find(OCTOBER, ON, other).new} == {"B"}
    assert "pace-red" not in rules_of(other)


def test_orders_are_given_once_and_only_where_they_may_be(land: Made) -> None:
    assert supervision.raise_orders(OCTOBER, ON, VIEWER, origin="") == ()
    first = supervision.raise_orders(OCTOBER, ON, HEAD, origin="")
    assert {order.zone.code for order in first} == {"A"}
    assert supervision.raise_orders(OCTOBER, ON, HEAD, origin="") == ()
    found = supervision.find(OCTOBER, ON, HEAD)
    assert found.new == ()
    assert len(found.under_order) == len(first)


def test_only_what_was_chosen_is_given(land: Made) -> None:
    (matter, *_) = supervision.find(OCTOBER, ON, BOSS).new
    made = supervision.raise_orders(OCTOBER, ON, BOSS, origin="", only={matter.key, "made|up||"})
    assert [order.matter for order in made] == [matter.key]


def test_an_order_whose_cause_is_gone_is_proposed_and_left_open(land: Made) -> None:
    order = given()["gate-overdue"]
    assert supervision.find(OCTOBER, ON, BOSS).gone == ()
    Work.objects.filter(code="W1").update(finished_on=date(2023, 11, 7))
    gone = supervision.find(OCTOBER, ON, BOSS).gone
    assert [item.pk for item in gone] == [order.pk]
    assert Order.objects.get(pk=order.pk).state == "open"
    # Looking back at an earlier month proposes nothing for orders of a later one.
    assert supervision.find(Period.month(2023, 6), ON, BOSS).gone == ()
    view = supervision.open_order(order.pk, BOSS, on=ON, look=True)
    assert view.is_gone is True


def test_missing_returns_are_one_order_until_all_of_them_came(reporting: Made) -> None:
    keys = [item.key for item in supervision.find(OCTOBER, ON, BOSS).new
            if item.rule == "return-missing"]  # fmt: skip
    assert "return|A||2023-10" in keys
    order = next(
        item
        for item in supervision.raise_orders(OCTOBER, ON, BOSS, origin="")
        if item.matter == "return|A||2023-10"
    )
    assert "土地台账" in supervision.rows_of([order], ON)[0].text("zh")
    later = date(2024, 3, 8)
    # Months later it is still missing, although no rule looks back so far.
    assert order.pk not in {
        item.pk for item in supervision.find(Period.month(2024, 2), later, BOSS).gone
    }
    for kind in kinds().values():
        Return.objects.create(
            kind=kind.code, zone=Zone.objects.get(code="A"), period="2023-10", state="locked",
            due_on=kind.due_on("2023-10"),
        )  # fmt: skip
    assert order.pk in {
        item.pk for item in supervision.find(Period.month(2024, 2), later, BOSS).gone
    }


def test_overdue_orders_climb_as_the_days_go_by(land: Made) -> None:
    order = given()["gate-overdue"]
    last = supervision.escalations(order.due_on, BOSS)
    assert order.pk not in {item.order.pk for item in last}
    day = order.due_on + timedelta(days=3)
    levels = {item.order.pk: item.level for item in supervision.escalations(day, BOSS)}
    assert levels[order.pk] == 1
    assert supervision.escalate_due(day, VIEWER, origin="") == ()
    taken = supervision.escalate_due(day, BOSS, origin="")
    assert order.pk in {item.order.pk for item in taken}
    assert supervision.escalate_due(day, BOSS, origin="") == ()
    assert Order.objects.get(pk=order.pk).level == 1


def test_a_reply_that_waits_stops_the_clock(land: Made) -> None:
    order = given()["gate-overdue"]
    day = order.due_on + timedelta(days=30)
    supervision.reply(order.pk, "已完工", access=BOSS, origin="")
    assert order.pk not in {item.order.pk for item in supervision.escalations(day, BOSS)}
    supervision.refuse(order.pk, "未见验收单", access=BOSS, origin="")
    assert order.pk in {item.order.pk for item in supervision.escalations(day, BOSS)}


def test_orders_come_by_deadline_and_those_that_are_done_last(land: Made) -> None:
    orders = given()
    supervision.withdraw(orders["pace-red"].pk, "重复", on=ON, access=BOSS, origin="")
    rows = supervision.orders(BOSS, on=ON)
    days = [row.order.due_on for row in rows if not row.is_done]
    assert days == sorted(days)
    assert rows[-1].order.rule == "pace-red"
    assert [row.order.rule for row in supervision.orders(BOSS, OrderFilter(state="withdrawn"))] == [
        "pace-red"
    ]


def test_the_meeting_list_tells_causes_orders_and_what_is_to_come(reporting: Made) -> None:
    order = given()["gate-overdue"]
    supervision.reply(order.pk, "已完工", access=BOSS, origin="")
    Parcel.objects.filter(code="P1").update(available_on=date(2023, 12, 20))
    found = meeting(ON, BOSS)
    zone = next(item for item in found.zones if item.code == "A")
    (behind,) = zone.behind
    assert behind.colour == "red"
    assert "一号路" in behind.causes[0].zh
    waiting = next(item for item in zone.orders if item.code == order.code)
    assert (waiting.waits, waiting.reply) == (True, "已完工")
    # Most kinds are missing for three months; plans and supply of October are due later.
    assert [(item.month.zh, item.months) for item in zone.returns] == [
        ("2023年8—10月", 3), ("2023年8—9月", 2), ("2023年9月", 1),
    ]  # fmt: skip
    assert zone.missing == sum(item.count for item in zone.returns)
    assert [(item.code, item.gate.zh) for item in zone.due] == [("P1", "具备供应条件")]
    assert found.zones[0].code == "A"


def test_the_meeting_list_keeps_to_what_is_seen(land: Made, tmp_path: Path) -> None:
    assert [zone.code for zone in meeting(ON, VIEWER).zones] == ["A"]
    with pytest.raises(UnknownReferenceError):
        meeting(ON, VIEWER, zone="B")
    write_meeting(meeting(ON, VIEWER), tmp_path / "m.pdf", "pdf", "zh")
    assert (tmp_path / "m.pdf").read_bytes().startswith(b"%PDF-")
    with pytest.raises(InputError):
        write_meeting(meeting(ON, VIEWER), tmp_path / "m.xls", "xls", "zh")


def test_a_workspace_without_anything_has_a_meeting_without_anything(embedded: Made) -> None:
    found = meeting(ON, BOSS)
    assert found.heard == ()
    assert supervision.find(OCTOBER, ON, BOSS).new == ()


def test_the_month_that_is_looked_at_is_the_last_that_is_over() -> None:
    assert str(supervision.default_month(date(2024, 1, 3))) == "2023-12"
    assert str(supervision.default_month(date(2023, 11, 30))) == "2023-10"


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2023, 10, 8), date(2023, 10, 8)),
        (date(2023, 11, 8), date(2023, 11, 8)),
        (date(2023, 12, 1), date(2023, 11, 30)),
        (date(2026, 11, 24), date(2023, 11, 30)),
    ],
)
def test_a_month_is_judged_on_a_day_on_which_it_was_called(today: date, day: date) -> None:
    assert supervision.day_of_meeting(OCTOBER, today) == day


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2023, 11, 8), date(2023, 11, 8)),
        (date(2024, 1, 31), date(2024, 1, 31)),
        # October was reported last; three months later nobody has reported since.
        (date(2024, 2, 1), date(2023, 11, 30)),
        (date(2026, 11, 24), date(2023, 11, 30)),
    ],
)
def test_the_list_of_old_data_is_that_of_its_last_month(land: Made, today: date, day: date) -> None:
    assert default_day(today) == day
    assert meeting(day, BOSS).period.zh == default_month(day).label("zh")


def test_a_workspace_without_reports_has_the_list_of_today(embedded: Made) -> None:
    assert default_day(ON) == ON
