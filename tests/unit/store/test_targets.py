"""Targets by hand and by file: every change leaves a version, and a reason is asked for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.unit.store.conftest import Made, read_file, read_table
from tests.unit.store.desk import BOSS, OUTSIDER, PLANNER, REPORTER, change, land, seen
from zonewright.core.errors import (
    EditConflictError,
    FindingsError,
    NotAllowedError,
    StateError,
    UnknownReferenceError,
)
from zonewright.store.access import Access
from zonewright.store.actions import TargetInput, delete, set_target, take, undo
from zonewright.store.models import Target, TargetVersion
from zonewright.store.selectors import RecordState, target_changes, target_rows, targets

__all__ = ["land"]


def put(
    value: object, *, access: Access = BOSS, reason: str = "", token: str = "", **other: object
) -> RecordState:
    """Set the target of land levelled in zone A in 2023, or another one."""
    key: dict[str, object] = {"indicator": "land_levelled", "zone": "A", "year": 2023, "unit": "亩"}
    given = TargetInput(**{**key, "value": value, **other})  # type: ignore[arg-type]
    return set_target(given, access=access, origin="desk 10.0.0.1", reason=reason, token=token)


def told() -> list[tuple[int, Decimal, str, str]]:
    rows = TargetVersion.objects.order_by("target_id", "number")
    return [(row.number, row.value, row.reason, row.by) for row in rows]


def test_a_target_is_set_and_a_change_needs_a_reason(land: Made) -> None:
    first = put(3000, access=PLANNER)
    with pytest.raises(FindingsError) as refused:
        put(2500, access=PLANNER, reason="  ")
    assert [finding.field for finding in refused.value.findings] == ["reason"]
    assert Target.objects.get().value == 3000
    put(2500, access=PLANNER, reason="年中调整")
    assert told() == [(1, 3000, "", "李"), (2, 2500, "年中调整", "李")]
    assert first.record == f"target:{Target.objects.get().pk}"


def test_the_same_target_again_is_no_change_and_needs_no_reason(land: Made) -> None:
    put(3000)
    put("3000.00")
    assert told() == [(1, 3000, "", "王")]


def test_a_part_is_another_target_than_the_whole(land: Made) -> None:
    put(100, unit="亿元", indicator="works_invested")
    put(40, unit="亿元", indicator="works_invested", subject="W1")
    put(45, unit="亿元", indicator="works_invested", subject="W1", reason="加码")
    assert {(row.subject, int(row.value)) for row in target_rows(2023)} == {("", 100), ("W1", 45)}
    assert targets(2023)["value"].tolist() == [100.0]
    with pytest.raises(FindingsError) as refused:
        put(1, subject="W9")
    assert [finding.code for finding in refused.value.findings] == ["target-subject-unknown"]


@pytest.mark.parametrize(
    ("who", "error"), [(REPORTER, NotAllowedError), (OUTSIDER, UnknownReferenceError)]
)
def test_only_who_plans_the_zone_sets_its_targets(
    land: Made, who: Access, error: type[Exception]
) -> None:
    with pytest.raises(error):
        put(3000, access=who)
    assert not Target.objects.exists()


def test_a_target_changed_meanwhile_is_not_written_over(land: Made) -> None:
    first = put(3000)
    put(2500, reason="甲")
    with pytest.raises(EditConflictError):
        put(2000, reason="乙", token=first.token)
    assert told()[-1][1] == 2500


def test_a_target_deleted_meanwhile_does_not_come_back(land: Made) -> None:
    first = put(3000)
    delete(first.record, token=first.token, access=BOSS, origin="t")
    assert not TargetVersion.objects.exists()
    with pytest.raises(StateError):
        put(2000, reason="乙", token=first.token)


def test_an_edit_of_the_ledger_and_its_undoing_leave_versions_too(land: Made) -> None:
    put(3000)
    after = change(seen("target"), value=2800)
    assert after.change is not None
    undo(after.change, access=BOSS, origin="t", reason="误改")
    assert [(number, value) for number, value, _, _ in told()] == [(1, 3000), (2, 2800), (3, 3000)]
    assert told()[-1][2] == "误改"


def test_an_import_that_changes_a_target_tells_why(land: Made) -> None:
    row = {"indicator": "land_levelled", "zone": "A", "year": 2023, "value": 3000, "unit": "亩"}
    take([read_file(read_table("targets", [row]), name="1.xlsx")], by="文")
    TargetVersion.objects.all().delete()  # as in a workspace from before versions were kept
    again = {**row, "value": 2600, "reason": "市府〔2023〕8号"}
    take([read_file(read_table("targets", [again]), name="2.xlsx")], by="文")
    assert told() == [(1, 3000, "", "—"), (2, 2600, "市府〔2023〕8号", "文")]
    take([read_file(read_table("targets", [again]), name="3.xlsx")], by="文")
    assert len(told()) == 2


def test_the_past_shows_what_a_target_was(land: Made) -> None:
    put(3000)
    TargetVersion.objects.update(at=timezone.now() - timedelta(days=9))
    Target.objects.update(recorded_at=timezone.now() - timedelta(days=9))
    put(2500, reason="调减")
    before = timezone.now() - timedelta(days=1)
    assert targets(2023, as_of=before)["value"].tolist() == [3000.0]
    assert targets(2023)["value"].tolist() == [2500.0]
    latest, first = target_changes(year=2023)
    assert (latest.number, latest.before, latest.reason) == (2, 3000, "调减")
    assert (first.number, first.before) == (1, None)
    assert target_changes(year=2023, access=OUTSIDER) == ()


def test_the_targets_of_a_year_are_those_that_are_asked_for_one_by_one(land: Made) -> None:
    put(3000, curve="stepped", points={6: 60.0})
    put(1.25, zone="B", unit="km2")
    put(900, year=2024)
    Target.objects.update(recorded_at=timezone.now() - timedelta(days=9))
    TargetVersion.objects.update(at=timezone.now() - timedelta(days=9))
    put(2500, reason="调减")
    keys = tuple(Target.objects.values_list("pk", flat=True))
    for days in (None, 0, 1, 5, 10):
        as_of = None if days is None else timezone.now() - timedelta(days=days)
        singly = [row for row in target_rows(ids=keys, as_of=as_of) if row.year == 2023]
        assert list(target_rows(2023, as_of=as_of)) == singly, days
    assert len(singly) == 0
    put(2600, reason="再调")
    assert [row.value for row in target_rows(2023, zone="A")] == [2600]
    assert [row.value for row in target_rows(2023) if row.zone == "A"] == [2600]
