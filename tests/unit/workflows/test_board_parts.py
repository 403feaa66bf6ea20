"""A figure of the board of which not all have reported yet: told beside it, and why it lags."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.unit.store.conftest import Made, read_file, read_table
from zonewright.core.periods import Period
from zonewright.store.access import Access, operator
from zonewright.store.actions import take
from zonewright.store.actions.indicators import define_indicators
from zonewright.store.models import (
    Firm,
    Indicator,
    Observation,
    Parcel,
    ParcelEvent,
    Target,
    Work,
    WorkMonth,
    Zone,
)
from zonewright.store.models.returns import Return, ReturnStep
from zonewright.workflows.board import board, changes_since, latest_month, publish
from zonewright.workflows.board_model import BoardCell
from zonewright.workflows.board_parts import Part

ME = operator("t")
JUNE = Period.year_to_date(2023, 6)
ZONES = {"JM": "city", "A": "park", "B": "park", "C": "park"}


@pytest.fixture
def zones(workspace: Made) -> dict[str, Zone]:
    """A city with three parks, which owe returns."""
    rows: list[dict[str, object]] = [
        {"code": code, "name": f"{code}区", "kind": kind} for code, kind in ZONES.items()
    ]
    links: list[dict[str, object]] = [
        {"parent": "JM", "child": code, "hierarchy": "admin"} for code in "ABC"
    ]
    tables = (
        read_table("zones", rows, file="z.xlsx", sheet="zones"),
        read_table("memberships", links, file="z.xlsx", sheet="memberships"),
    )
    take([read_file(*tables, name="z.xlsx")], by="t")
    return {zone.code: zone for zone in Zone.objects.all()}


def cell(zone: str, indicator: str, period: Period = JUNE) -> BoardCell:
    found = board(period, access=ME).cell(zone, indicator)
    assert found is not None
    return found


def work(code: str, zone: Zone, *months: int, finished_on: date | None = None) -> None:
    made = Work.objects.create(code=code, name=code, kind="road", zone=zone,
                               finished_on=finished_on)  # fmt: skip
    for month in months:
        WorkMonth.objects.create(work=made, month=date(2023, month, 1), invested_cny=100_000_000)


def lock(kind: str, zone: Zone, period: str, at: datetime | None = None) -> None:
    made = Return.objects.create(kind=kind, zone=zone, period=period, state="locked",
                                 due_on=date(2023, 7, 5))  # fmt: skip
    ReturnStep.objects.create(of=made, action="locked", by="t", at=at or timezone.now())


def test_firms_that_are_silent_are_counted_beside_the_sum(zones: dict[str, Zone]) -> None:
    output = Indicator.objects.get(code="output")
    for at, zone in enumerate("AAC"):
        firm = Firm.objects.create(code=f"F{at}", name=f"企业{at}", zone=zones[zone])
        for month in range(2, 7 if at == 0 else 6):
            Observation.objects.create(indicator=output, firm=firm, value=Decimal(month),
                                       period=f"2023-01..2023-{month:02}", unit="亿元")  # fmt: skip
    city, park, silent = (cell(zone, "output") for zone in ("JM", "A", "C"))
    assert (city.value, city.part) == (6.0, Part("firms", 1, 3))
    assert park.part == Part("firms", 1, 2)
    assert (silent.value, silent.part) == (None, None)
    assert cell("JM", "output", Period.year_to_date(2023, 5)).part is None
    assert city.as_dict()["part"] == {"who": "firms", "reported": 1, "owed": 3, "until": None}
    assert city.part is not None
    assert (city.part.label("zh"), city.part.short()) == ("已报 1/3 家企业", "1/3")


def test_in_the_first_month_all_firms_on_the_register_are_asked_of(zones: dict[str, Zone]) -> None:
    output = Indicator.objects.get(code="output")
    firms = [Firm.objects.create(code=f"F{at}", name="厂", zone=zones["A"]) for at in range(3)]
    for firm in firms[:2]:
        Observation.objects.create(indicator=output, firm=firm, value=1, unit="亿元",
                                   period="2023-01..2023-02")  # fmt: skip
    assert cell("JM", "output", Period.year_to_date(2023, 2)).part == Part("firms", 2, 3)


def test_works_that_are_silent_are_told_but_not_the_finished(zones: dict[str, Zone]) -> None:
    work("W1", zones["A"], 4, 5, 6)
    work("W2", zones["A"], 4, 5)
    work("W3", zones["B"], 4, 5, finished_on=date(2023, 5, 20))
    work("W4", zones["C"], 5, 6)
    parts = {zone: cell(zone, "works_invested").part for zone in ZONES}
    assert parts == {"JM": Part("works", 2, 3), "A": Part("works", 1, 2), "B": None, "C": None}
    assert cell("JM", "works_invested", Period.year_to_date(2023, 5)).part is None


def test_land_whose_ledger_ends_is_not_said_to_be_at_fault(zones: dict[str, Zone]) -> None:
    parcel = Parcel.objects.create(code="P1", zone=zones["A"], area_m2=100_000)
    ParcelEvent.objects.create(parcel=parcel, stage="L5", on=date(2023, 4, 9))
    Target.objects.create(indicator=Indicator.objects.get(code="land_levelled"), unit="ha",
                          zone=zones["A"], year=2023, value=100)  # fmt: skip
    lags = cell("A", "land_levelled")
    assert (lags.value, lags.colour, lags.cause) == (10.0, "red", ())
    assert lags.part == Part("ledger", until=Period.parse("2023-04"))
    assert "台账只记到2023年4月" in lags.unexplained("zh")
    # While the ledger still tells the month, no record is why.
    april = cell("A", "land_levelled", Period.year_to_date(2023, 4))
    assert april.part is None
    assert "No record carries a plan" in april.unexplained("en")
    # One zone of three has its land locked for June: the city is told in part, that zone in full.
    lock("land", zones["A"], "2023-06")
    assert cell("JM", "land_levelled").part == Part("zones", 1, 3)
    assert cell("A", "land_levelled").part is None


def test_a_cause_that_may_not_be_seen_is_not_said_to_be_missing() -> None:
    lags = BoardCell("A", "x", 1.0, "ha", 10.0, 10.0, 50.0, -40.0, colour="red", withheld=True)
    assert "may not see" in lags.unexplained("en")
    assert BoardCell("A", "x", 6.0, "ha", 10.0, colour="green").unexplained("en") == ""


def test_a_month_that_a_few_zones_have_begun_is_not_the_usual_one(zones: dict[str, Zone]) -> None:
    work("W1", zones["A"], 4, 5, 6)
    work("W2", zones["B"], 4, 5, 6)
    june, may = Period.parse("2023-06"), Period.parse("2023-05")
    assert latest_month() == june  # no returns: the ledgers tell
    lock("works", zones["A"], "2023-06", at=datetime(2023, 7, 2, tzinfo=UTC))
    assert latest_month() == may
    lock("works", zones["B"], "2023-06")
    assert latest_month() == june
    assert latest_month(datetime(2023, 7, 3, tzinfo=UTC)) is None  # nothing was recorded


def test_an_indicator_defined_later_corrects_nothing(zones: dict[str, Zone]) -> None:
    work("W1", zones["A"], 6)
    made = publish(JUNE, ME)
    define_indicators(
        [{"code": "twice", "zh": "两倍", "en": "Twice", "unit": "亿元", "nature": "flow",
          "basis": "nominal", "rule": "formula", "of": "2 * works_invested", "headline": "9"}],
        access=ME,
    )  # fmt: skip
    assert cell("A", "twice").value == 2.0
    assert changes_since(made.key) == ()
    work("W2", zones["A"], 6)
    assert {(one.indicator, one.new) for one in changes_since(made.key)} == {
        ("works_invested", 2.0)
    }


def test_a_reader_who_sees_no_cause_is_told_that(zones: dict[str, Zone]) -> None:
    work("W1", zones["A"], 6)
    for zone in ("JM", "A"):
        Target.objects.create(indicator=Indicator.objects.get(code="works_invested"), year=2023,
                              zone=zones[zone], value=50, unit="亿元")  # fmt: skip
    assert [one.code for one in cell("JM", "works_invested").cause] == ["A"]
    reader = Access("r", by_zone={"JM": frozenset({"view"})})
    seen = board(JUNE, access=reader).cell("JM", "works_invested")
    assert seen is not None
    assert seen.cause == ()
    assert "not see" in seen.unexplained("en")


def test_zones_that_are_silent_are_counted_where_zones_are_added_up(zones: dict[str, Zone]) -> None:
    define_indicators(
        [{"code": "capacity", "zh": "能力", "en": "Capacity", "unit": "亿元", "nature": "flow",
          "basis": "nominal", "rule": "reported", "table": "observations", "value": "value",
          "rollup": "sum", "headline": "9"}],
        access=ME,
    )  # fmt: skip
    capacity = Indicator.objects.get(code="capacity")
    for zone in "ABC":
        for month in (5, 6) if zone == "A" else (5,):
            Observation.objects.create(indicator=capacity, zone=zones[zone], value=1, unit="亿元",
                                       period=f"2023-01..2023-{month:02}")  # fmt: skip
    assert cell("JM", "capacity").part == Part("zones", 1, 3)
    assert cell("A", "capacity").part is None
    # What the city reports of itself is whole.
    Observation.objects.create(indicator=capacity, zone=zones["JM"], value=9, unit="亿元",
                               period="2023-01..2023-06")  # fmt: skip
    assert (cell("JM", "capacity").value, cell("JM", "capacity").part) == (9.0, None)
