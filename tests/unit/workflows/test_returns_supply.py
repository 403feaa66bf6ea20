"""The return of utilities: its numbers become observations of each month."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.store.conftest import read_file, read_table
from tests.unit.workflows.returning import ORIGIN, somebody, stock
from zonewright.core.errors import FindingsError
from zonewright.core.periods import Period
from zonewright.steering.catalogue import load
from zonewright.steering.returns.kinds import kind
from zonewright.steering.rollup import Question, evaluate
from zonewright.store.actions import take
from zonewright.store.indicators import sync_indicators
from zonewright.store.models import Observation
from zonewright.store.selectors import record_cards
from zonewright.workflows import returns
from zonewright.workflows.books import open_books
from zonewright.workflows.returns_answers import CellChange

SERVICES = tuple(kind("supply").sheets[0].column("service").field.choices)
APRIL = {
    "water": ("12.5", "9", "3.5"), "sewage": ("8", "6", "2"), "power": ("650", "700", "-50"),
    "gas": ("30", "30", "0"), "heat": ("200", "120", "80"),
}  # fmt: skip


@pytest.fixture
def zone(embedded: Any) -> None:
    stock()
    sync_indicators()


def returned(period: str, numbers: Mapping[str, tuple[str, ...]], zone: str = "A") -> int:
    """Return a locked return of utilities, typed in the browser."""
    maker = somebody("赵", "report", "check", "approve", zone=zone)
    number = returns.begin("supply", zone, period, maker, origin=ORIGIN)
    names = ("capacity", "demand", "spare")
    saved = returns.save_cells(number, [
        CellChange("supply", service, name, text)
        for service, texts in numbers.items()
        for name, text in zip(names, texts, strict=True)
    ], maker, origin=ORIGIN)  # fmt: skip
    assert not saved.refused
    for step in (returns.submit, returns.check, returns.approve):
        step(number, maker, origin=ORIGIN)
    return number


def observed(period: str, zone: str = "A") -> dict[str, tuple[Decimal, str]]:
    rows = Observation.objects.filter(period=period, zone__code=zone).order_by("pk")
    return {
        row.indicator.code: (row.value, row.unit) for row in rows.select_related("indicator")
    }  # fmt: skip


def asked(code: str, period: str, zone: str = "A") -> float | None:
    month = Period.parse(period)
    value = evaluate(Question(code, zone, month), open_books().facts(month.end_on)).value
    return None if value is None else float(value)  # type: ignore[arg-type]


def test_every_service_has_its_indicators_in_the_unit_that_its_row_names() -> None:
    sheet = kind("supply").sheets[0]
    labels = sheet.column("service").field.choices
    for column in sheet.columns:
        if column.into is None or column.name == "service":
            continue
        for service, code in zip(SERVICES, sheet.reports(column.into), strict=True):
            assert load()[code].rule == "reported"
            assert labels[service].endswith(f"（{load()[code].unit}）")


def test_what_was_returned_becomes_observations_that_lead_to_their_cells(zone: None) -> None:
    returned("2023-04", APRIL)
    found = observed("2023-04")
    assert found["water_capacity"] == (Decimal("12.5"), "万m3/日")
    assert found["power_demand"] == (Decimal(700), "MW")
    assert len(found) == 2 * len(SERVICES)  # the demand of next year was left empty
    row = Observation.objects.get(indicator__code="power_demand")
    card = record_cards([f"observation:{row.pk}"])[0]
    assert card.place.sheet == "要素保障"
    assert card.place.file.startswith("2023-04 A 要素保障表")


@pytest.mark.parametrize(
    ("service", "text", "value"),
    [
        ("power", "70万千瓦", Decimal(700)),
        ("power", "650MW", Decimal(650)),
        ("water", "12.5万", Decimal("12.5")),
        ("heat", "80吨/小时", Decimal(80)),
        ("heat", "80MW", None),
        ("gas", "5亩", None),
    ],
)
@pytest.mark.parametrize("name", ["demand", "spare"])
def test_a_number_that_names_its_unit_is_brought_to_that_of_its_row(
    zone: None, name: str, service: str, text: str, value: Decimal | None
) -> None:
    number = returns.begin("supply", "A", "2023-04", somebody("赵", "report"), origin=ORIGIN)
    change = CellChange("supply", service, name, text)
    saved = returns.save_cells(number, [change], somebody("赵", "report"), origin=ORIGIN)
    kept = {row.key: row.values.get(name) for row in saved.rows["supply"]}
    assert kept[service] == value
    assert [item.code for item in saved.refused] == ([] if value else ["intake-unit-wrong"])


def test_a_capacity_that_did_not_change_is_that_of_the_month_too(zone: None) -> None:
    returned("2023-04", APRIL)
    returned("2023-05", APRIL)
    assert observed("2023-05")["water_capacity"] == (Decimal("12.5"), "万m3/日")


def test_the_spare_is_computed_and_a_gap_is_negative(zone: None) -> None:
    returned("2023-04", APRIL)
    assert asked("water_spare", "2023-04") == pytest.approx(3.5)
    assert asked("power_spare", "2023-04") == pytest.approx(-50)
    assert asked("power_spare", "2023-05") is None


def test_a_correction_supersedes(zone: None) -> None:
    number = returned("2023-04", APRIL)
    who = somebody("赵", "report", "check", "approve")
    returns.reopen(number, who, origin=ORIGIN, remark="抄错")
    returns.save_cells(number, [
        CellChange("supply", "power", "demand", "640"),
        CellChange("supply", "power", "spare", "10"),
    ], who, origin=ORIGIN)  # fmt: skip
    for step in (returns.submit, returns.check, returns.approve):
        step(number, who, origin=ORIGIN)
    assert asked("power_spare", "2023-04") == pytest.approx(10)
    assert Observation.objects.filter(indicator__code="power_demand").count() == 2


def test_a_locked_month_is_closed_to_imports_of_its_indicators_alone(zone: None) -> None:
    returned("2023-04", APRIL)

    def imported(code: str, period: str, name: str) -> None:
        row = {"indicator": code, "zone": "A", "period": Period.parse(period),
               "value": Decimal(99), "unit": "MW"}  # fmt: skip
        take([read_file(read_table("observations", [row], file=name), name=name)], by="t")

    with pytest.raises(FindingsError) as caught:
        imported("power_demand", "2023-04", "a.xlsx")
    assert [item.code for item in caught.value.findings] == ["return-locked-month"]
    imported("power_demand", "2023-05", "b.xlsx")
    imported("power_demand_next_year", "2023-03", "c.xlsx")
    assert observed("2023-04")["power_demand"][0] == 700
