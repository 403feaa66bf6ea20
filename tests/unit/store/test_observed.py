"""Observations as arrays: either database and either way of reading give the same."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from tests.unit.store.conftest import Made
from zonewright.store.access import operator
from zonewright.store.actions.indicators import define_indicators
from zonewright.store.models import Firm, Indicator, Observation, Zone
from zonewright.store.selectors.observations import reported_by, reporters
from zonewright.store.workspace import one_moment

FIRST, MONTHS = 2022 * 12, 24
MAY, JULY = (datetime(2023, month, 1, tzinfo=UTC) for month in (5, 7))
UNITS = {"invested": "亿元", "taken": "亿元"}
# Spans that are neither a month nor a year to date, and texts that are no period.
ODD = (
    "2023-3", " 2023-03", "2023-03..2023-03", "2023-01..2023-01", "2023-13", "2023-00",
    "2023-02..2023-05", "2022-01..2023-03", "2023-01..2023-12", "2023Q1", "２０２３-03", "",
)  # fmt: skip


@pytest.fixture
def asked(workspace: Made) -> None:
    """Two indicators, two zones and a firm; every odd period is reported with a large value."""
    rows = [
        {"code": code, "zh": code, "en": code, "unit": "亿元", "nature": "flow",
         "basis": "nominal", "rule": "reported", "table": "observations", "value": "value",
         "rollup": "sum"}
        for code in UNITS
    ]  # fmt: skip
    define_indicators(rows, access=operator("t"))
    for code in ("A", "B"):
        Zone.objects.create(code=code, name=code, kind="park")
    Firm.objects.create(code="F", name="F", zone=Zone.objects.get(code="B"))
    for text in ODD:
        report("A", text, 9999)
    report("A", "2023-03", 1.5)
    report("A", "2023-04", 20_000, "万元", at=MAY)
    report("A", "2023-04", 3, at=JULY)
    report("A", "2023-01", 4)
    report("A", "2023-01..2023-02", 10)
    report("A", "2023", 50)
    report("B", "2023-03", 7, "亩")
    report("B", "2023-05", 8, "尺")
    report("B", "2022-12", 6, code="taken")
    Observation.objects.create(
        indicator=Indicator.objects.get(code="taken"), firm=Firm.objects.get(), period="2023-03",
        value=Decimal(5), unit="亿元", recorded_at=MAY,
    )  # fmt: skip


def report(
    zone: str, period: str, value: float, unit: str = "亿元", *, code: str = "invested",
    at: datetime = MAY,
) -> None:  # fmt: skip
    """Write a value past the checks of an import, as another program may."""
    Observation.objects.create(
        indicator=Indicator.objects.get(code=code), zone=Zone.objects.get(code=zone),
        period=period, value=Decimal(str(value)), unit=unit, recorded_at=at,
    )  # fmt: skip


def cells(
    as_of: datetime | None = None, *, some: bool = False
) -> dict[tuple[str, str, str, str], float]:
    """Return what is known, by code, kind, reporter and month, in 亿元; infinite is a misfit."""
    every = tuple(range(MONTHS))
    with one_moment():
        found = reported_by(
            UNITS, first=FIRST, months=MONTHS, slots=dict.fromkeys(UNITS, every) if some else None,
            as_of=as_of,
        )  # fmt: skip
        who = reporters()
    told = {}
    for code, given in found.items():
        for kind, values in (("month", given.month), ("ytd", given.ytd)):
            for at, month in zip(*np.nonzero(~np.isnan(values)), strict=True):
                name = (*who.zones, *who.firms)[at]
                told[code, kind, name, f"{2022 + month // 12}-{month % 12 + 1:02}"] = float(
                    values[at, month] / 1e8
                )
    return told


NOW = {
    ("invested", "month", "A", "2023-03"): 1.5, ("invested", "month", "A", "2023-04"): 3.0,
    ("invested", "month", "A", "2023-01"): 4.0, ("invested", "ytd", "A", "2023-01"): 4.0,
    ("invested", "ytd", "A", "2023-02"): 10.0, ("invested", "ytd", "A", "2023-12"): 50.0,
    ("invested", "month", "B", "2023-03"): np.inf, ("invested", "month", "B", "2023-05"): np.inf,
    ("taken", "month", "B", "2022-12"): 6.0, ("taken", "month", "F", "2023-03"): 5.0,
}  # fmt: skip


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("some", [True, False], ids=["months", "all"])
def test_only_months_and_years_to_date_are_read(some: bool) -> None:
    assert cells(some=some) == NOW


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("some", [True, False], ids=["months", "all"])
def test_of_several_values_the_one_recorded_last_counts_at_the_time(some: bool) -> None:
    before = datetime(2023, 6, 1, tzinfo=UTC)
    assert cells(before, some=some) == {**NOW, ("invested", "month", "A", "2023-04"): 2.0}
    assert cells(datetime(2023, 4, 1, tzinfo=UTC), some=some) == {}


@pytest.mark.usefixtures("workspace")
def test_where_nothing_was_reported_nothing_is_known() -> None:
    assert cells() == cells(some=True) == {}
