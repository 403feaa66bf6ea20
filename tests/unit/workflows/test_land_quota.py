"""The quota ledger: its balance on a day is what plans may take by default."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.store.conftest import Made
from zonewright.core.units import convert
from zonewright.store.models import QuotaEntry, Zone
from zonewright.workflows.books import open_books
from zonewright.workflows.land_quota import quota_of
from zonewright.workflows.unlock_question import question_of, quota_limit_m2

MU_M2 = float(convert(1, "亩", "m2"))
ENTRIES = (
    ("1", "granted", "2023-01-10", 500, "provincial", "2023-12-31"),
    ("2", "granted", "2023-03-01", 300, "linked", None),
    ("3", "allocated", "2023-05-01", 200, "provincial", None),
    ("4", "used", "2023-07-01", 120, "provincial", None),
    ("5", "returned", "2023-08-01", 50, "provincial", None),
)
# Day, what may still be allocated of each source [mu]: obtained is not used; what a grant leaves
# unallocated by its last day lapses.
BALANCES = (
    ("2022-12-31", 0, 0),
    ("2023-01-10", 500, 0),
    ("2023-03-01", 500, 300),
    ("2023-05-01", 300, 300),
    ("2023-07-31", 300, 300),
    ("2024-01-01", 0, 300),
)


@pytest.fixture
def ledger(embedded: Made) -> None:
    """Entries of one zone from two sources."""
    assert embedded
    zone = Zone.objects.create(code="Z", name="东园", kind="park")
    other = Zone.objects.create(code="Y", name="西园", kind="park")
    for code, entry, on, mu, category, expires in ENTRIES:
        QuotaEntry.objects.create(
            code=code, entry=entry, zone=zone, on=on, area_m2=mu * MU_M2, category=category,
            project="P" if entry != "granted" else "", debit="", credit="", expires_on=expires,
        )  # fmt: skip
    QuotaEntry.objects.create(
        code="9", entry="granted", zone=other, on="2023-01-01", area_m2=1e6, category="linked",
        debit="", credit="",
    )  # fmt: skip


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(("on", "provincial", "linked"), BALANCES)
def test_the_balance_by_source_and_day_is_what_a_plan_may_take(
    on: str, provincial: float, linked: float
) -> None:
    found = quota_of(frozenset({"Z"}), date.fromisoformat(on))
    by_source = found.by_category()["available_m2"] / MU_M2
    left = {str(name): round(float(mu), 6) for name, mu in by_source.items()}
    expected = {"provincial": provincial, "linked": linked}
    assert {name: mu for name, mu in left.items() if mu} == {
        name: mu for name, mu in expected.items() if mu
    }
    params = {"zone": "Z", "on": on, "budget_wan": 1}
    limit = quota_limit_m2(question_of(params), open_books())
    assert limit == pytest.approx((provincial + linked) * MU_M2)
    assert found.totals["available_m2"] == pytest.approx(limit)


@pytest.mark.usefixtures("ledger")
def test_no_limit_has_to_be_asked_for_where_there_is_a_ledger() -> None:
    params = {"zone": "Z", "on": "2023-05-01", "budget_wan": 1}
    assert quota_limit_m2(question_of({**params, "quota": "none"}), open_books()) is None
    assert quota_limit_m2(question_of(params), open_books()) is not None
    Zone.objects.create(code="X", name="新园", kind="park")
    assert quota_limit_m2(question_of({**params, "zone": "X"}), open_books()) is None
