"""Cumulative returns of works that come one after the other, and codes spelt in two ways."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.unit.store.conftest import Made, drawing, ledger, read_file, read_table, register
from zonewright.core.errors import FindingsError
from zonewright.core.periods import Period
from zonewright.core.records import FileRead
from zonewright.store.actions import Count, Taken, take
from zonewright.store.models import Parcel, ParcelEvent, QuotaEntry, WorkMonth

WORK = {"code": "W1", "name": "路", "kind": "road"}


def returned(month: int, whole: int, alone: int | None = None, *, work: str = "W1") -> FileRead:
    """Return a monthly return: the year to date [元], and perhaps the month."""
    row: dict[str, object] = {
        "work": work, "month": Period.month(2023, month), "invested_ytd": Decimal(whole),
    }  # fmt: skip
    if alone is not None:
        row["invested"] = Decimal(alone)
    works = read_table("works", [{**WORK, "code": work}], file="m.xlsx")
    return read_file(works, read_table("work_months", [row], file="m.xlsx"), name="m.xlsx")


def invested() -> dict[tuple[str, int], Decimal | None]:
    rows = WorkMonth.objects.order_by("pk").values_list("work__code", "month", "invested_cny")
    return {(work, month.month): amount for work, month, amount in rows}


def codes(taken: Taken) -> list[str]:
    return [finding.code for finding in taken.findings]


def test_a_month_follows_from_returns_of_earlier_imports(workspace: Made) -> None:
    take([register(), returned(1, 1_000_000)], by="t")
    take([returned(2, 2_500_000)], by="t")
    taken = take([returned(3, 2_400_000)], by="t")
    assert invested() == {("W1", 1): 1_000_000, ("W1", 2): 1_500_000, ("W1", 3): -100_000}
    assert codes(taken) == []
    again = take([FileRead("again", "0" * 64, 1, returned(3, 2_400_000).tables, ())], by="t")
    assert again.counts["work_months"] == Count(unchanged=1)


def test_a_return_that_skips_a_month_is_refused_with_its_cell(workspace: Made) -> None:
    take([register(), returned(1, 1_000_000)], by="t")
    with pytest.raises(FindingsError) as caught:
        take([returned(3, 2_400_000)], by="t")
    (finding,) = caught.value.findings
    assert (finding.code, finding.place.row, finding.place.column) == (
        "take-month-not-derivable", 5, "C",
    )  # fmt: skip
    assert (finding.ids, finding.params["month"]) == (("W1",), "2023-03")
    assert len(invested()) == 1


def test_january_and_february_may_come_as_one_but_never_twice(workspace: Made) -> None:
    take([register(), returned(2, 2_500_000)], by="t")
    assert invested() == {("W1", 2): 2_500_000}
    taken = take([returned(1, 1_000_000)], by="t")
    assert codes(taken) == ["take-cumulative-differs"]


def test_a_work_that_first_appears_had_nothing_before(workspace: Made) -> None:
    take([register(), returned(1, 1_000_000), returned(2, 1_000_000)], by="t")
    take([returned(3, 300_000, work="W2")], by="t")
    assert invested()["W2", 3] == 300_000


def test_a_corrected_return_supersedes_and_says_what_no_longer_adds_up(workspace: Made) -> None:
    take([register(), returned(1, 1_000_000), returned(2, 2_500_000)], by="t")
    take([returned(3, 3_000_000)], by="t")
    taken = take([returned(2, 2_600_000)], by="t")
    assert taken.counts["work_months"] == Count(updated=1)
    assert invested()["W1", 2] == 1_600_000
    (finding,) = taken.findings
    assert (finding.code, finding.ids, finding.params["month"]) == (
        "take-cumulative-differs", ("W1",), "2023-03",
    )  # fmt: skip


def test_both_figures_are_compared_with_the_month_before(workspace: Made) -> None:
    take([register(), returned(1, 1_000_000)], by="t")
    assert codes(take([returned(2, 1_500_000, 500_000)], by="t")) == []
    taken = take([returned(3, 1_800_000, 900_000)], by="t")
    assert codes(taken) == ["take-cumulative-differs"]


def test_a_code_in_another_case_is_the_same_record_and_is_said(workspace: Made) -> None:
    take([register(), ledger(), drawing()], by="t")
    rows = [{"code": "p1", "town": "古井"}, {"code": "P 2", "town": "古井"}]
    events = [{"parcel": "p2", "stage": "L9", "on": date(2023, 9, 9)}]
    taken = take([ledger(rows, events, bytes_of="other")], by="t")
    assert Parcel.objects.count() == 2
    assert set(Parcel.objects.values_list("town", flat=True)) == {"古井"}
    assert ParcelEvent.objects.get(stage="L9").parcel.code == "P2"
    assert codes(taken) == ["take-code-respelt"] * 3
    assert taken.findings[0].params == {"value": "p1", "known": "P1"}


@pytest.mark.parametrize("name", ["甲 园", "甲园 ", "江门—市（北）", "江门-市(北)"])
def test_a_zone_is_found_by_its_name_however_it_is_set(workspace: Made, name: str) -> None:
    zone = {"code": "N", "name": "江门－市（北）", "kind": "park"}
    zones = read_file(read_table("zones", [zone], file="z.xlsx"), name="z.xlsx")
    taken = take([register(), zones, ledger([{"code": "P9", "zone": name}], ())], by="t")
    assert Parcel.objects.get(code="P9").zone is not None
    assert "take-code-respelt" not in codes(taken)


def test_a_short_name_is_not_guessed_but_what_it_may_mean_is_named(workspace: Made) -> None:
    zone = {"code": "GX", "name": "江门高新技术产业开发区（江海）", "kind": "park"}
    zones = read_file(read_table("zones", [zone], file="z.xlsx"), name="z.xlsx")
    with pytest.raises(FindingsError) as caught:
        take([register(), zones, ledger([{"code": "P9", "zone": "高新区"}], ())], by="t")
    assert caught.value.findings[0].params["near"] == "江门高新技术产业开发区（江海）"


def test_two_files_that_disagree_on_a_parcel_are_named(workspace: Made) -> None:
    one = read_file(read_table("parcels", [{"code": "P1", "use": "M1"}], file="a.xlsx"))
    other = read_table("parcels", [{"code": "P1", "use": "M2"}], file="b.xlsx")
    taken = take([register(), one, read_file(other, name="b.xlsx")], by="t")
    found = [finding for finding in taken.findings if finding.code == "take-records-disagree"]
    assert [(finding.field, finding.ids) for finding in found] == [("use", ("P1",))]
    assert (found[0].params["one"], found[0].params["other"]) == (
        "a.xlsx [Sheet1] 5", "b.xlsx [Sheet1] 5",
    )  # fmt: skip
    assert Parcel.objects.get(code="P1").use == "M2"


def entry(document: str, *, file: str, area: float = 10.0) -> FileRead:
    row = {
        "code": "1", "document": document, "category": "city", "entry": "granted", "zone": "JM",
        "area": area, "on": date(2023, 1, 1),
    }  # fmt: skip
    return read_file(read_table("quota_entries", [row], file=file), name=file)


def test_two_ledgers_that_both_count_from_one_do_not_overwrite_each_other(workspace: Made) -> None:
    with pytest.raises(FindingsError) as caught:
        take([register(), entry("甲1号", file="a.xlsx"), entry("乙1号", file="b.xlsx")], by="t")
    errors = [finding for finding in caught.value.findings if finding.severity == "error"]
    assert [(finding.code, finding.place.file) for finding in errors] == [
        ("take-entry-renumbered", "b.xlsx")
    ]
    take([register(), entry("甲1号", file="a.xlsx")], by="t")
    taken = take([entry("乙1号", file="b.xlsx")], by="t")
    assert codes(taken) == ["take-entry-renumbered"]
    assert codes(take([entry("乙1号", file="c.xlsx", area=12.0)], by="t")) == []
    assert QuotaEntry.objects.get().area_m2 == 12.0


def test_a_bound_that_has_no_place_is_said_once(workspace: Made) -> None:
    rows = [
        {**WORK, "code": code, "total_cost": Decimal(200), "total_cost_bound": "approx"}
        for code in ("W1", "W2")
    ]
    taken = take([read_file(read_table("works", rows))], by="t")
    (finding,) = taken.findings
    assert (finding.code, finding.field, finding.place.row) == (
        "take-bound-not-kept",
        "total_cost",
        5,
    )
