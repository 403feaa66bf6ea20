"""Targets, their parts and forecasts, asked of a small workspace."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.store.conftest import read_file, read_table
from tests.unit.store.desk import BOSS, OUTSIDER, PLANNER, land
from zonewright.core.errors import FindingsError, UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.store.access import operator
from zonewright.store.actions import TargetInput, take
from zonewright.workflows import forecasting, targets
from zonewright.workflows.board import board
from zonewright.workflows.pace import pace_of_targets

__all__ = ["land"]

YI = 100_000_000


@pytest.fixture
def zone(land: Any) -> Any:
    """Two works in zone A: one on its plan, one late; the zone's target is both their plans."""
    works = [
        {"code": "W1", "name": "一号路", "kind": "road", "zone": "A", "year_plan": Decimal(12 * YI),
         "total_cost": Decimal(90 * YI),
         "planned_start": date(2023, 1, 1), "started_on": date(2023, 1, 5)},
        {"code": "W2", "name": "二号路", "kind": "road", "zone": "A", "year_plan": Decimal(24 * YI),
         "planned_start": date(2023, 1, 1), "started_on": date(2023, 2, 5)},
    ]  # fmt: skip
    months = [
        {"work": work, "month": Period.month(2023, month), "invested": Decimal(amount * YI)}
        for month in range(1, 9)
        for work, amount in (("W1", 1), ("W2", 1 if month > 1 else 0))
    ]
    take([read_file(read_table("works", works), read_table("work_months", months))], by="t")
    set_to(36)
    return land


def set_to(value: float, *, reason: str = "", **other: Any) -> targets.TargetView:
    key: dict[str, Any] = {"indicator": "works_invested", "zone": "A", "year": 2023,
                           "unit": "亿元"}  # fmt: skip
    given = TargetInput(**{**key, **other, "value": value})
    return targets.set_target(given, access=BOSS, origin="t", reason=reason)


def test_the_cause_is_the_work_that_is_late(zone: Any) -> None:
    (row,) = pace_of_targets(month=Period.parse("2023-08"), zone="A")
    assert row.pace is not None
    assert row.pace.expected - row.pace.done == pytest.approx(24 - 15)
    (cause,) = row.causes
    assert (cause.code, cause.planned, cause.short) == ("W2", pytest.approx(16), pytest.approx(9))
    assert row.as_dict()["causes"] == [cause.as_dict()]


def test_parts_with_targets_of_their_own_carry_the_shortfall(zone: Any) -> None:
    set_to(20, subject="W1")
    (row,) = pace_of_targets(month=Period.parse("2023-08"), zone="A")
    (cause,) = row.causes
    assert (cause.code, cause.planned) == ("W1", pytest.approx(20 * 8 / 12))
    assert (cause.done, cause.zh) == (pytest.approx(8), "一号路")
    shown = board(Period.parse("2023-08"), access=operator("t")).cell("A", "works_invested")
    assert shown is not None
    assert shown.cause == row.causes


def test_a_work_that_begins_within_the_year_owes_its_plan_from_then_on(zone: Any) -> None:
    late = [
        {"code": "W3", "name": "三号路", "kind": "road", "zone": "A",
         "year_plan": Decimal(10 * YI), "planned_start": date(2023, 8, 1)},
        {"code": "W4", "name": "四号路", "kind": "road", "zone": "A",
         "year_plan": Decimal(10 * YI), "planned_start": date(2024, 1, 1)},
        {"code": "W5", "name": "五号路", "kind": "road", "zone": "A"},
    ]  # fmt: skip
    take([read_file(read_table("works", late))], by="t")
    (row,) = pace_of_targets(month=Period.parse("2023-08"), zone="A")
    found = [(cause.code, cause.short, round(cause.share_pct, 1)) for cause in row.causes]
    assert found == [("W2", pytest.approx(9), 81.8), ("W3", pytest.approx(2), 18.2)]


def test_the_board_and_the_pace_name_the_same_causes(zone: Any) -> None:
    for month in ("2023-03", "2023-08"):
        shown = board(Period.parse(month), access=operator("t"))
        rows = {(row.zone, row.indicator.code): row
                for row in pace_of_targets(month=Period.parse(month))}  # fmt: skip
        behind = shown.behind()
        assert behind
        for cell in behind:
            assert cell.cause
            assert cell.cause == rows[cell.zone, cell.indicator].causes[:5]


def test_an_imported_target_of_an_unknown_part_is_refused(land: Any) -> None:
    rows = [{"indicator": "works_invested", "zone": "A", "year": 2023, "value": Decimal(3),
             "unit": "亿元", "subject": "W404"}]  # fmt: skip
    with pytest.raises(FindingsError) as refused:
        take([read_file(read_table("targets", rows))], by="t")
    assert [f.code for f in refused.value.findings if f.field == "subject"] == [
        "target-subject-unknown"
    ]


def test_an_imported_target_may_come_with_the_work_that_it_is_of(land: Any) -> None:
    works = [{"code": "W9", "name": "九号路", "kind": "road", "zone": "A"}]
    rows = [{"indicator": "works_invested", "zone": "A", "year": 2023, "value": Decimal(3),
             "unit": "亿元", "subject": "W9"}]  # fmt: skip
    take([read_file(read_table("targets", rows), read_table("works", works))], by="t")
    assert [view.row.subject for view in targets.targets(2023, "A").targets] == ["W9"]


def test_parts_are_summed_and_what_is_missing_is_named(zone: Any) -> None:
    assert targets.targets(2023).cascades == ()
    set_to(12, subject="W1")
    set_to(20, subject="W2")
    book = targets.targets(2023, "A")
    (cascade,) = book.cascades
    assert (cascade.check.verdict, cascade.check.difference) == ("short", pytest.approx(-4))
    assert cascade.finding() is not None
    set_to(24, subject="W2", reason="补足")
    (cascade,) = targets.targets(2023, "A").cascades
    assert (cascade.check.verdict, cascade.finding()) == ("equal", None)
    assert book.of("A", "works_invested", "W1") is not None
    latest = targets.changes(2023)[0]
    assert (latest.reason, latest.before, latest.value) == ("补足", 20, 24)


def test_curves_show_what_is_due_when(zone: Any) -> None:
    stepped = set_to(36, curve="stepped", points={6: 60}, reason="上半年过六成")
    assert stepped.shares[5] == pytest.approx(60)
    milestone = set_to(36, curve="milestone", reason="按开工计划")
    assert milestone.shares[0] == pytest.approx(100)
    seasonal = set_to(36, curve="seasonal", reason="按往年")
    assert seasonal.shares == ()
    assert [finding.code for finding in seasonal.findings] == ["curve-profile"]


def test_a_year_s_end_is_told_by_the_works_with_a_record_of_months(zone: Any) -> None:
    found = forecasting.forecast_of("A", "works_invested", Period.parse("2023-08"), access=PLANNER)
    assert found.done == pytest.approx(15)
    told = {outlook.method: outlook.median for outlook in found.by_method}
    assert told["project_list"] == pytest.approx(15 + 4 + 4)
    assert found.probability is not None
    assert found.probability < 0.2
    assert found.findings[0].code == "forecast-short"
    test = forecasting.back_test("A", "works_invested", Period.parse("2023-08"), access=PLANNER)
    assert test.of("project_list")
    assert {track.method for track in test.tracks} == set(told)


def test_early_in_the_year_the_reason_stands_instead(zone: Any) -> None:
    found = forecasting.forecast_of("A", "works_invested", Period.parse("2023-03"))
    assert (found.is_told, found.done) == (False, pytest.approx(5))
    assert [finding.code for finding in found.findings] == ["forecast-no-track"]
    assert "3" in found.findings[0].text("zh")


def test_a_level_is_not_carried_forward(zone: Any) -> None:
    found = forecasting.forecast_of("A", "ready_blocks", Period.parse("2023-08"))
    assert [finding.code for finding in found.findings] == ["forecast-not-a-flow"]


def test_who_may_not_see_the_zone_is_told_of_none(zone: Any) -> None:
    with pytest.raises(UnknownReferenceError):
        forecasting.forecast_of("A", "works_invested", access=OUTSIDER)
    assert targets.targets(2023, access=OUTSIDER).targets == ()
    with pytest.raises(UnknownReferenceError):
        targets.target(targets.targets(2023).targets[0].row.id, access=OUTSIDER)
