"""Unlock plans of a workspace: costs by what is lacking, and plans beside all plans there are."""

from __future__ import annotations

import time
from datetime import date
from itertools import compress, product

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.store.conftest import Made
from tests.web.plan_ground import plots
from zonewright.core.errors import InputError, RangeError, UnknownReferenceError
from zonewright.core.texts import text_of
from zonewright.store.models import Parcel, QuotaEntry, Zone, ZoneVersion
from zonewright.workflows import unlocking
from zonewright.workflows.books import open_books
from zonewright.workflows.unlock_question import (
    MU_M2,
    Candidates,
    UnlockRates,
    candidates_of,
    costed,
    question_of,
    quota_limit_m2,
)

RATES = UnlockRates(90_000, 65_000, 45_000, 30_000)
ASKED = {
    "zone": "P1", "on": "2023-10-31", "budget_wan": 1500, "threshold_mu": 300, "time_limit_s": 2,
    "steps": 0,
}  # fmt: skip


@pytest.fixture
def land(embedded: Made) -> None:
    """The plots of `plan_ground` in a zone of their own."""
    zone = Zone.objects.create(code="P1", name="纸业园", kind="park")
    shape = shapely.MultiPolygon([shapely.box(113.0, 22.45, 113.05, 22.5)])
    ZoneVersion.objects.create(zone=zone, valid_from=date(2023, 1, 1), geometry=shape.wkb)
    plots("P1")


def parcels(stage: str, *lacks: str, area_m2: float = 10 * MU_M2) -> pd.DataFrame:
    return pd.DataFrame(
        {"stage": [stage], "lacks": [lacks], "area_m2": [area_m2], "ready": [not lacks]}
    )


@pytest.mark.parametrize(
    ("stage", "lacks", "acquired", "cost_wan", "quota_mu"),
    [
        ("L1", ("uncompensated", "not_levelled"), np.nan, 200.0, 10.0),
        ("L2", ("uncompensated", "not_levelled"), np.nan, 110.0, 0.0),
        ("L2", ("uncompensated", "not_levelled"), 60.0, 71.0, 0.0),
        ("L2", ("uncompensated", "not_levelled"), 100.0, 45.0, 0.0),
        ("L4", ("not_levelled", "no_road"), 100.0, 75.0, 0.0),
        ("L6", ("no_road",), np.nan, 30.0, 0.0),
        ("L6", (), np.nan, 0.0, 0.0),
    ],
)
def test_a_parcel_costs_what_it_still_lacks(
    stage: str, lacks: tuple[str, ...], acquired: float, cost_wan: float, quota_mu: float
) -> None:
    found = costed(parcels(stage, *lacks), np.array([acquired]), RATES)
    assert found["cost_cny"].iloc[0] == pytest.approx(cost_wan * 1e4)
    assert found["quota_m2"].iloc[0] == pytest.approx(quota_mu * MU_M2)


@settings(deadline=None)
@given(st.floats(0, 100), st.floats(1, 1e6))
def test_what_is_compensated_is_never_paid_twice(acquired: float, area_m2: float) -> None:
    lacking = parcels("L2", "uncompensated", area_m2=area_m2)
    whole = costed(lacking, np.array([0.0]), RATES)["cost_cny"].iloc[0]
    left = costed(lacking, np.array([acquired]), RATES)["cost_cny"].iloc[0]
    assert left == pytest.approx(whole * (100 - acquired) / 100)


def test_what_no_money_makes_ready_is_left_out(land: None) -> None:
    found = candidates_of(question_of(ASKED), open_books())
    assert set(found.stuck) == {"U20", "U21"}
    assert found.stuck["U20"] == ("supplied",)
    assert found.frame["ready"].sum() == 7
    # Of the 4 x 5 grid the edges between the 18 that are left.
    assert len(found.first) == 31 - 6


def best_of_all(found: Candidates, budget_cny: float, threshold_m2: float) -> float:
    """Return the most area in blocks that count, over every choice that the budget pays for."""
    frame = found.frame
    waits = np.flatnonzero(~frame["ready"].to_numpy(dtype=bool))
    cost = frame["cost_cny"].to_numpy()
    best = 0.0
    for picked in product((False, True), repeat=len(waits)):
        rows = np.array(list(compress(waits, picked)), dtype=int)
        if cost[rows].sum() <= budget_cny:
            best = max(best, unlocking.blocks_with(found, rows, threshold_m2)["area_m2"].sum())
    return best


@pytest.mark.parametrize("budget_wan", [700, 1500])
def test_no_choice_of_parcels_brings_more(land: None, budget_wan: float) -> None:
    asked = question_of(ASKED | {"budget_wan": budget_wan})
    books = open_books()
    plan = unlocking.plan_unlock(asked, books)["plans"][0]
    best = best_of_all(candidates_of(asked, books), asked.budget_cny, 300 * MU_M2)
    assert plan["verified"] is True
    assert plan["area_m2"] == pytest.approx(best)
    assert plan["bound"] >= best * (1 - 1e-9)
    assert plan["cost_cny"] <= asked.budget_cny


def test_a_parcel_that_is_asked_for_is_in_the_plan(land: None) -> None:
    books = open_books()
    plan = unlocking.plan_unlock(question_of(ASKED | {"with": "U03"}), books)["plans"][0]
    assert "U03" in plan["chosen"]
    free = unlocking.plan_unlock(question_of(ASKED), books)["plans"][0]
    assert plan["area_m2"] <= free["area_m2"] + 1e-6
    with pytest.raises(InputError, match="supplied already"):
        unlocking.plan_unlock(question_of(ASKED | {"with": "U20"}), books)
    with pytest.raises(InputError, match="NONE"):
        unlocking.plan_unlock(question_of(ASKED | {"with": "NONE"}), books)


@pytest.mark.parametrize("target", ["area", "blocks", "largest"])
def test_a_parcel_that_is_asked_for_is_in_the_plan_of_every_target(land: None, target: str) -> None:
    asked = question_of(ASKED | {"with": "U03", "target": target, "steps": 3, "budget_wan": 3000})
    result = unlocking.plan_unlock(asked, open_books())
    plans = result["plans"]
    assert all("U03" in plan["chosen"] for plan in plans)
    assert all(plan["verified"] and plan["faults"] == [] for plan in plans)
    assert plans[result["main"]]["budget_cny"] == asked.budget_cny
    with pytest.raises(InputError, match="more money"):
        unlocking.plan_unlock(question_of(ASKED | {"with": "U03", "budget_wan": 1}), open_books())


def test_what_takes_longer_than_the_day_is_left_out(land: None) -> None:
    books = open_books()
    free = unlocking.plan_unlock(question_of(ASKED), books)
    assert (free["by"], free["late"]) == ("", {})
    # Plots marked A (L3) only need levelling: six months; those marked B and C need more.
    found = unlocking.plan_unlock(question_of(ASKED | {"by": "2024-05-01"}), books)
    assert set(found["late"]) == {"U03", "U04", "U14", "U22", "U23", "U24", "U34"}
    assert (found["late"]["U04"], found["late"]["U03"]) == ("2024-10-31", "2025-05-01")
    assert not set(found["late"]) & set(found["costs"])
    for plan in found["plans"]:
        assert plan["verified"]
        assert all(found["items"][code]["ready_on"] <= "2024-05-01" for code in plan["chosen"])
    quick = {"by": "2024-05-01", "compensate_months": 0}
    assert "U04" not in unlocking.plan_unlock(question_of(ASKED | quick), books)["late"]
    with pytest.raises(InputError, match="2025-05-01"):
        unlocking.plan_unlock(question_of(ASKED | {"by": "2024-05-01", "with": "U03"}), books)


def test_words_are_kept_as_codes(land: None) -> None:
    plan = unlocking.plan_unlock(question_of(ASKED), open_books())["plans"][0]
    assert plan["how"]
    for entry in plan["how"]:
        for lang in ("en", "zh"):
            said = text_of(entry["code"], entry["params"], lang)
            assert "?" not in said
            assert entry["code"] not in said


def test_a_cancelled_question_ends_at_once(land: None) -> None:
    asked = question_of(ASKED | {"steps": 9, "time_limit_s": 60})
    books, clock = open_books(), time.perf_counter()
    found = unlocking.plan_unlock(asked, books, stop=lambda: True)
    assert len(found["plans"]) == 1
    assert time.perf_counter() - clock < 10


def test_the_curve_holds_the_budget_that_is_asked_for() -> None:
    asked = question_of(ASKED | {"steps": 9})
    budgets = unlocking.budgets_of(asked)
    assert asked.budget_cny in budgets
    assert budgets == sorted(budgets)
    assert budgets[0] > 0


def test_the_quota_of_a_zone_is_what_its_ledger_has_left(land: None) -> None:
    for code, entry, mu in (("1", "granted", 100), ("2", "allocated", 30)):
        QuotaEntry.objects.create(
            code=code, entry=entry, zone=Zone.objects.get(code="P1"), category="city",
            area_m2=mu * MU_M2, on=date(2023, 3, int(code)), debit="a", credit="b", project="P",
        )  # fmt: skip
    books = open_books()
    asked = question_of(ASKED | {"quota": "ledger"})
    assert quota_limit_m2(asked, books) == pytest.approx(70 * MU_M2)
    assert quota_limit_m2(question_of(ASKED | {"quota": "none"}), books) is None
    assert quota_limit_m2(question_of(ASKED), books) == pytest.approx(70 * MU_M2)
    given_here = question_of(ASKED | {"quota": "given", "quota_mu": 12})
    assert quota_limit_m2(given_here, books) == pytest.approx(12 * MU_M2)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"budget_wan": None}, InputError),
        ({"budget_wan": 0}, RangeError),
        ({"budget_wan": "much"}, InputError),
        ({"threshold_mu": -1}, RangeError),
        ({"quota": "given"}, InputError),
        ({"target": "fame"}, InputError),
        ({"level_cny_mu": -5}, RangeError),
        ({"zone": ""}, InputError),
        ({"on": "yesterday"}, InputError),
        ({"by": "soon"}, InputError),
        ({"by": "2023-10-30"}, RangeError),
        ({"level_months": -1}, RangeError),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    changed: dict[str, object], error: type[InputError]
) -> None:
    with pytest.raises(error):
        question_of(ASKED | changed)


def test_a_zone_that_is_not_known_or_holds_no_land(land: None) -> None:
    with pytest.raises(UnknownReferenceError):
        candidates_of(question_of(ASKED | {"zone": "XX"}), open_books())
    Parcel.objects.update(geometry=None)
    with pytest.raises(InputError, match="no parcel"):
        candidates_of(question_of(ASKED), open_books())
