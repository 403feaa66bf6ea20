"""Rules of supervision: what needs an order, once, from whom, until when, and who hears of it."""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonewright.core.errors import SchemaError
from zonewright.core.periods import Period
from zonewright.core.schema import table
from zonewright.steering.supervision.escalation import level_due, overdue_days
from zonewright.steering.supervision.facts import (
    Facts,
    GateFact,
    Named,
    PaceFact,
    QuotaFact,
    ReturnFact,
)
from zonewright.steering.supervision.matters import Cause, Matter, find_matters
from zonewright.steering.supervision.rules import book, read
from zonewright.store.access import roles

OCTOBER = Period.month(2023, 10)
ON = date(2023, 11, 6)
NAME = Named("投资", "Investment")
TEXT = (files("zonewright.steering") / "data" / "orders.toml").read_text(encoding="utf-8")


def standing(month: int, ahead_pp: float, colour: str = "yellow", zone: str = "S1") -> PaceFact:
    return PaceFact(
        zone, "works_invested", NAME, Period.month(2023, month), 8.0 * month, ahead_pp, colour
    )


def gate(planned: date, **more: object) -> GateFact:
    fact = GateFact("S1", "start", "work:7", "W7", "道路", planned, owner="李工")
    return replace(fact, **more)  # type: ignore[arg-type]


def owed(month: int, received: date | None = None) -> ReturnFact:
    first = Period.month(2023, month)
    due_on = first.end_on + timedelta(days=5)
    return ReturnFact("S1", "works", Named("基础设施月报", "Works"), first, due_on, received)


def lot(expires_on: date, left_mu: float = 100.0) -> QuotaFact:
    return QuotaFact(
        "S1", "quota_entry:3", "Q3", Named("省专项", "provincial"), left_mu * 2000 / 3, expires_on
    )


def found(facts: Facts, *, period: Period = OCTOBER, on: date = ON) -> tuple[Matter, ...]:
    return find_matters(facts, period=period, on=on, book=book())


def rules_of(facts: Facts, **asked: date) -> list[str]:
    return [matter.rule for matter in found(facts, **asked)]  # type: ignore[arg-type]


# ---- Pace ----------------------------------------------------------------------------------------


def test_red_needs_an_order_at_once() -> None:
    (matter,) = found(Facts(paces=(standing(10, -12.5, "red"),)))
    assert (matter.rule, matter.severity, matter.indicator) == (
        "pace-red", "high", "works_invested",
    )  # fmt: skip
    assert matter.due_on == ON + timedelta(days=10)
    assert matter.owner == "role:reporter"


def test_yellow_needs_one_only_after_three_months_on_end() -> None:
    two = (standing(9, -5.0), standing(10, -5.0))
    assert rules_of(Facts(paces=two)) == []
    assert rules_of(Facts(paces=(standing(8, -5.0), *two))) == ["pace-behind"]
    assert rules_of(Facts(paces=(standing(8, -2.9), *two))) == []


def test_three_points_exactly_are_behind() -> None:
    facts = tuple(standing(month, -3.0) for month in (8, 9, 10))
    assert rules_of(Facts(paces=facts)) == ["pace-behind"]


def test_months_of_another_year_do_not_count() -> None:
    facts = (
        replace(standing(12, -5.0), month=Period.month(2022, 12)),
        standing(1, -5.0),
        standing(2, -5.0),
    )
    assert found(Facts(paces=facts), period=Period.month(2023, 2)) == ()


def test_a_target_that_is_met_needs_none() -> None:
    met = replace(standing(10, -12.0, "red"), completion_pct=100.0)
    assert found(Facts(paces=(met,))) == ()


def test_a_matter_that_turns_from_red_to_yellow_stays_one_matter() -> None:
    months = (standing(8, -5.0), standing(9, -5.0))
    (red,) = found(Facts(paces=(*months, standing(10, -11.0, "red"))))
    (yellow,) = found(Facts(paces=(*months, standing(10, -5.0))))
    assert (red.rule, yellow.rule) == ("pace-red", "pace-behind")
    assert red.key == yellow.key


# ---- Gates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "rule"),
    [(14, None), (15, "gate-overdue"), (59, "gate-overdue"), (60, "gate-long-overdue")],
)
def test_a_gate_is_judged_by_its_days(days: int, rule: str | None) -> None:
    facts = Facts(gates=(gate(ON - timedelta(days=days)),))
    assert rules_of(facts) == ([rule] if rule else [])


def test_a_gate_that_was_reached_by_the_day_needs_none() -> None:
    planned = ON - timedelta(days=30)
    assert found(Facts(gates=(gate(planned, reached_on=ON),))) == ()
    later = gate(planned, reached_on=ON + timedelta(days=1))
    assert rules_of(Facts(gates=(later,))) == ["gate-overdue"]


def test_the_person_that_the_record_names_answers_and_else_the_role() -> None:
    planned = ON - timedelta(days=30)
    assert found(Facts(gates=(gate(planned),)))[0].owner == "李工"
    assert found(Facts(gates=(gate(planned, owner=""),)))[0].owner == "role:reporter"


def test_start_and_finish_of_a_work_are_two_matters() -> None:
    planned = ON - timedelta(days=30)
    both = Facts(gates=(gate(planned), gate(planned, gate="finish")))
    assert len({matter.key for matter in found(both)}) == 2


# ---- Returns and quota ---------------------------------------------------------------------------


def test_a_return_is_missing_from_the_day_after_its_day() -> None:
    fact = Facts(returns=(owed(10),))
    assert rules_of(fact, on=date(2023, 11, 5)) == []
    (matter,) = found(fact, on=date(2023, 11, 6))
    assert matter.rule == "return-missing"
    assert "2023年10月" in matter.cause.text(book(), "zh")


def test_one_order_asks_for_all_that_is_missing_of_a_zone_and_month() -> None:
    other = replace(owed(10), kind="land", name=Named("土地台账", "Land ledger"))
    facts = Facts(returns=(owed(9), owed(10), other, replace(owed(10), zone="G1")))
    matters = found(facts)
    assert [(matter.zone, matter.key.rpartition("|")[2]) for matter in matters] == [
        ("G1", "2023-10"), ("S1", "2023-09"), ("S1", "2023-10"),
    ]  # fmt: skip
    text = matters[2].cause.text(book(), "zh")
    assert "《土地台账》、《基础设施月报》" in text
    assert "2份" in text


def test_late_returns_need_an_order_only_three_months_on_end() -> None:
    late = [owed(month, owed(month).due_on + timedelta(days=2)) for month in (8, 9, 10)]
    on = date(2023, 11, 20)
    assert rules_of(Facts(returns=tuple(late)), on=on) == ["return-late"]
    late[1] = replace(late[1], received_on=late[1].due_on)
    assert rules_of(Facts(returns=tuple(late)), on=on) == []


@pytest.mark.parametrize(
    ("days", "left_mu", "count"),
    [(90, 100.0, 1), (91, 100.0, 0), (0, 100.0, 1), (-1, 100.0, 0), (30, 9.9, 0), (30, 10.0, 1)],
)
def test_quota_is_told_before_it_lapses(days: int, left_mu: float, count: int) -> None:
    facts = Facts(quotas=(lot(ON + timedelta(days=days), left_mu),))
    assert len(found(facts)) == count


# ---- All of them together ------------------------------------------------------------------------


def everything() -> Facts:
    return Facts(
        paces=(standing(10, -20.0, "red"), standing(10, -11.0, "red", zone="Z1")),
        gates=(gate(date(2023, 3, 1)), gate(date(2023, 10, 1), subject="work:8", code="W8")),
        returns=(owed(9), owed(10)),
        quotas=(lot(ON + timedelta(days=10)),),
    )


def test_the_gravest_come_first_and_each_sentence_is_whole() -> None:
    matters = found(everything())
    ranks = [["high", "middle", "low"].index(matter.severity) for matter in matters]
    assert ranks == sorted(ranks)
    assert len(matters) == 7
    for matter in matters:
        for lang in ("zh", "en"):
            text = matter.cause.text(book(), lang)
            assert text
            assert "{" not in text
            assert Cause.of(matter.cause.as_dict()).text(book(), lang) == text


@given(st.randoms(use_true_random=False))
def test_the_order_of_facts_means_nothing(chance: random.Random) -> None:
    facts = everything()
    mixed = {
        name: tuple(chance.sample(getattr(facts, name), len(getattr(facts, name))))
        for name in ("paces", "gates", "returns", "quotas")
    }
    assert found(Facts(**mixed)) == found(facts)


# ---- Escalation ----------------------------------------------------------------------------------


@given(st.integers(0, 60), st.integers(0, 30))
def test_a_level_never_falls_as_days_go_by(days: int, more: int) -> None:
    for rule in book().rules.values():
        day = ON + timedelta(days=days)
        first = level_due(rule.ladder, ON, day)
        assert first <= level_due(rule.ladder, ON, day + timedelta(days=more))


def test_nobody_hears_of_an_order_on_its_last_day() -> None:
    for rule in book().rules.values():
        assert level_due(rule.ladder, ON, ON) == 0
        first, after = rule.ladder[0]
        assert level_due(rule.ladder, ON, ON + timedelta(days=after)) >= first
        assert level_due(rule.ladder, ON, ON + timedelta(days=after - 1)) < first or after == 1
    assert overdue_days(ON, ON) == 0
    assert overdue_days(ON, ON - timedelta(days=3)) == 0


# ---- The rules as data ---------------------------------------------------------------------------


def test_every_rule_names_roles_that_exist_and_every_gate_has_a_name() -> None:
    for rule in [*book().rules.values(), book().by_hand]:
        assert set(rule.owner) <= {"record", *roles()}
        assert rule.due_days > 0
    steps = set(table("milestones")["step"].choices)
    assert steps | {"start", "finish", "ready"} == set(book().gates)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('fact = "quota"', 'fact = "weather"', "order-rule-fact"),
        ("within_days = 90", "within_weeks = 90", "order-rule-when"),
        ('severity = "low"', 'severity = "none"', "order-rule-severity"),
        ('ladder = "slow"', 'ladder = "rope"', "order-rule-ladder"),
        ("urgent = { 1 = 1, 2 = 5", "urgent = { 1 = 6, 2 = 5", "order-ladder-bad"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(old: str, new: str, code: str) -> None:
    assert old in TEXT
    with pytest.raises(SchemaError) as caught:
        read(TEXT.replace(old, new))
    assert caught.value.code == code


def test_an_order_outlives_its_rule() -> None:
    data = tomllib.loads(TEXT)
    assert "pace-red" in data["rules"]
    assert book().rule("a-rule-of-last-year") is book().by_hand
    assert Cause("a-rule-of-last-year", {"name": "x"}).text(book(), "zh") == ""
