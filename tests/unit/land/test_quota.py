"""The ledger of land quota: what is held, what is used, what lapsed, and what is wrong."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonewright.core.errors import InputError, RangeError, SchemaError
from zonewright.land.quota import available, balance, check, lots

YEAR_END = date(2023, 12, 31)
Entry = tuple[str, str, float, str] | tuple[str, str, float, str, str]


def ledger(*rows: Entry, zone: str = "Z", category: str = "city") -> pd.DataFrame:
    """Write a ledger: kind, day, area, project and, if there, the last day."""
    full = [(*row, None)[:5] for row in rows]
    frame = pd.DataFrame(full, columns=["entry", "on", "area_m2", "project", "expires_on"])
    return frame.assign(
        code=[f"E{place:02}" for place in range(len(full))],
        zone=zone,
        category=category,
        on=pd.to_datetime(frame["on"]),
        expires_on=pd.to_datetime(frame["expires_on"]),
    )


def codes(entries: pd.DataFrame, on: date | None = None) -> list[tuple[str, str]]:
    return [(finding.code, finding.ids[0]) for finding in check(entries, on)]


def stand(entries: pd.DataFrame, on: date = YEAR_END) -> dict[str, float]:
    return balance(entries, on).iloc[0].to_dict()


def test_obtained_is_not_used() -> None:
    entries = ledger(
        ("granted", "2023-01-05", 900.0, ""),
        ("allocated", "2023-02-01", 600.0, "P"),
        ("used", "2023-03-01", 450.0, "P"),
        ("returned", "2023-04-01", 100.0, "P"),
        ("expired", "2023-05-01", 50.0, ""),
    )
    found = stand(entries)
    assert found == {
        "granted_m2": 900.0, "allocated_m2": 600.0, "used_m2": 450.0, "returned_m2": 100.0,
        "expired_m2": 50.0, "held_m2": 350.0, "pending_m2": 50.0, "lapsed_m2": 0.0,
        "short_m2": 0.0, "available_m2": 350.0,
    }  # fmt: skip
    assert available(entries, YEAR_END) == 350.0
    assert codes(entries) == []


def test_the_day_itself_counts() -> None:
    entries = ledger(("granted", "2023-01-05", 9.0, ""), ("granted", "2023-02-05", 7.0, ""))
    assert available(entries, date(2023, 1, 4)) == 0
    assert available(entries, date(2023, 1, 5)) == 9
    assert available(entries, date(2023, 2, 5)) == 16


def test_what_lapses_first_is_taken_first() -> None:
    entries = ledger(
        ("granted", "2023-01-01", 100.0, "", "2025-12-31"),
        ("granted", "2023-02-01", 100.0, "", "2023-06-30"),
        ("allocated", "2023-03-01", 130.0, "P"),
        ("used", "2023-04-01", 110.0, "P"),
    )
    found = lots(entries, YEAR_END)
    assert found.index.tolist() == ["E01", "E00"]
    assert found["used_m2"].tolist() == [100.0, 10.0]
    assert found["pending_m2"].tolist() == [0.0, 20.0]
    assert found["held_m2"].tolist() == [0.0, 70.0]
    assert codes(entries, YEAR_END) == []


def test_an_entry_that_names_a_last_day_takes_that_quota() -> None:
    entries = ledger(
        ("granted", "2023-01-01", 100.0, "", "2025-12-31"),
        ("granted", "2023-02-01", 100.0, "", "2024-06-30"),
        ("allocated", "2023-03-01", 30.0, "P", "2025-12-31"),
    )
    assert lots(entries, YEAR_END)["pending_m2"].to_dict() == {"E01": 0.0, "E00": 30.0}


def test_quota_lapses_the_day_after_its_last() -> None:
    entries = ledger(
        ("granted", "2023-01-01", 5_000.0, "", "2023-06-30"),
        ("allocated", "2023-03-01", 2_000.0, "P"),
    )
    assert available(entries, date(2023, 6, 30)) == 3_000
    assert available(entries, date(2023, 7, 1)) == 0
    assert stand(entries, date(2023, 7, 1))["lapsed_m2"] == 5_000
    assert codes(entries, date(2023, 6, 30)) == []
    assert codes(entries, date(2023, 7, 1)) == [("quota-lapsed", "E00")]


def test_a_booked_expiry_settles_what_lapsed() -> None:
    entries = ledger(
        ("granted", "2023-01-01", 5_000.0, "", "2023-06-30"),
        ("granted", "2023-01-01", 7_000.0, "", "2024-06-30"),
        ("expired", "2023-07-02", 5_000.0, ""),
    )
    assert codes(entries, YEAR_END) == []
    assert lots(entries, YEAR_END)["expired_m2"].tolist() == [5_000.0, 0.0]
    assert available(entries, YEAR_END) == 7_000


def test_an_expiry_before_the_last_day_is_told() -> None:
    entries = ledger(
        ("granted", "2023-01-01", 5_000.0, "", "2023-06-30"),
        ("expired", "2023-06-30", 5_000.0, ""),
    )
    assert codes(entries) == [("quota-early", "E01")]


def test_use_after_the_last_day_is_told() -> None:
    entries = ledger(
        ("granted", "2023-01-01", 5_000.0, "", "2023-06-30"),
        ("allocated", "2023-06-30", 5_000.0, "P"),
        ("used", "2023-07-01", 5_000.0, "P"),
    )
    assert codes(entries) == [("quota-lapsed-use", "E02")]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("allocated", "quota-short-allocated"), ("used", "quota-short-used"),
        ("returned", "quota-short-returned"), ("expired", "quota-short-expired"),
    ],
)  # fmt: skip
def test_taking_what_is_not_there_is_told_with_its_entry(kind: str, code: str) -> None:
    entries = ledger(("granted", "2023-01-01", 500.0, ""), (kind, "2023-02-01", 600.0, "P"))
    assert codes(entries) == [(code, "E01")]
    finding = check(entries)[0]
    assert "E01" in finding.text("en")
    assert "E01" in finding.text("zh")
    short = 100.0 if kind in ("allocated", "expired") else 600.0
    assert stand(entries)["short_m2"] == short
    # What was returned and never allocated gives the zone nothing.
    assert available(entries, YEAR_END) == (500 if kind == "returned" else 0)


def test_a_project_cannot_use_what_another_was_allocated() -> None:
    entries = ledger(
        ("granted", "2023-01-01", 900.0, ""),
        ("allocated", "2023-02-01", 600.0, "P"),
        ("used", "2023-03-01", 600.0, "Q"),
    )
    assert codes(entries) == [("quota-short-used", "E02")]


def test_what_is_short_is_told_once_not_at_every_later_step() -> None:
    entries = ledger(
        ("granted", "2023-01-01", 100.0, ""),
        ("allocated", "2023-02-01", 600.0, "P"),
        ("used", "2023-03-01", 600.0, "P"),
        ("granted", "2023-04-01", 700.0, ""),
    )
    assert codes(entries) == [("quota-short-allocated", "E01")]
    assert available(entries, YEAR_END) == 200


def test_less_than_a_square_metre_is_rounding() -> None:
    entries = ledger(("granted", "2023-01-01", 500.0, ""), ("allocated", "2023-02-01", 500.9, "P"))
    assert codes(entries) == []


def test_of_one_day_what_comes_in_counts_first() -> None:
    entries = ledger(
        ("used", "2023-01-01", 500.0, "P"),
        ("returned", "2023-01-01", 100.0, "P"),
        ("allocated", "2023-01-01", 600.0, "P"),
        ("granted", "2023-01-01", 600.0, ""),
    )
    assert codes(entries) == []
    assert stand(entries)["held_m2"] == 100


def test_zones_and_categories_are_never_mixed() -> None:
    grant, take = ("granted", "2023-01-01", 500.0, ""), ("allocated", "2023-02-01", 300.0, "P")
    parts = [
        ledger(grant), ledger(take, zone="Y"), ledger(take, category="linked"),
    ]  # fmt: skip
    entries = pd.concat(parts).assign(code=["1", "2", "3"])
    assert codes(entries) == [("quota-short-allocated", "2"), ("quota-short-allocated", "3")]
    assert available(entries, YEAR_END) == 500
    assert available(entries, YEAR_END, "linked") == 0
    assert available(entries, YEAR_END, "city", zone="Z") == 500
    assert available(entries, YEAR_END, zone="Y") == 0


def test_an_empty_ledger() -> None:
    empty = ledger()
    assert len(balance(empty, YEAR_END)) == len(lots(empty, YEAR_END)) == 0
    assert available(empty, YEAR_END) == 0
    assert check(empty) == ()


def test_refusals() -> None:
    good = ledger(("granted", "2023-01-01", 500.0, ""))
    with pytest.raises(SchemaError, match="category"):
        balance(good.drop(columns="category"), YEAR_END)
    with pytest.raises(InputError, match="granted, allocated"):
        balance(good.assign(entry="lent"), YEAR_END)
    with pytest.raises(InputError, match="E00"):
        balance(pd.concat([good, good]), YEAR_END)
    with pytest.raises(RangeError, match="above 0"):
        check(good.assign(area_m2=-5.0))
    with pytest.raises(InputError, match="date"):
        check(good.assign(on=pd.NaT))


steps = st.lists(
    st.tuples(
        st.sampled_from(["granted", "granted", "allocated", "used", "returned", "expired"]),
        st.integers(0, 40),
        st.integers(1, 60),
        st.sampled_from(["P", "Q"]),
        st.one_of(st.none(), st.integers(0, 60)),
    ),
    max_size=14,
)
START = date(2023, 1, 1)


def book(drawn: list[tuple[str, int, int, str, int | None]]) -> pd.DataFrame:
    return ledger(
        *(
            (
                kind, str(START + timedelta(day)), 100.0 * area, "" if kind == "granted" else who,
                None if last is None or kind != "granted" else str(START + timedelta(day + last)),
            )
            for kind, day, area, who, last in drawn
        )
    )  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(steps, st.integers(0, 60))
def test_nothing_is_lost_or_made(
    drawn: list[tuple[str, int, int, str, int | None]], day: int
) -> None:
    entries, on = book(drawn), START + timedelta(day)
    by_kind: Counter[str] = Counter()
    for kind, when, area, *_ in drawn:
        by_kind[kind] += 100 * area * (when <= day)
    for _, row in balance(entries, on).iterrows():
        for kind in ("granted", "allocated", "used", "returned", "expired"):
            assert row[f"{kind}_m2"] == pytest.approx(by_kind[kind])
        out = row["granted_m2"] - row["used_m2"] - row["expired_m2"]
        assert out == pytest.approx(row["held_m2"] + row["pending_m2"] - row["short_m2"])
        assert min(row) >= 0
        assert row["available_m2"] <= row["held_m2"]
    found = lots(entries, on)
    parts = found[["held_m2", "pending_m2", "used_m2", "expired_m2"]].sum(axis=1)
    assert parts.tolist() == pytest.approx(found["granted_m2"].tolist())


@settings(max_examples=30, deadline=None)
@given(steps, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(
    drawn: list[tuple[str, int, int, str, int | None]], shuffle: object
) -> None:
    entries = book(drawn)
    rows = list(range(len(entries)))
    shuffle.shuffle(rows)  # type: ignore[attr-defined]
    mixed = entries.iloc[rows]
    pd.testing.assert_frame_equal(balance(entries, YEAR_END), balance(mixed, YEAR_END))
    pd.testing.assert_frame_equal(lots(entries, YEAR_END), lots(mixed, YEAR_END))
    assert check(entries) == check(mixed)


@settings(max_examples=30, deadline=None)
@given(steps)
def test_without_findings_each_account_stayed_above_zero(
    drawn: list[tuple[str, int, int, str, int | None]],
) -> None:
    """An independent count: the two accounts day by day, from the entries alone."""
    entries = book(drawn)
    short = any(finding.code.startswith("quota-short") for finding in check(entries))
    signs = {
        "granted": (1, 0), "allocated": (-1, 1), "used": (0, -1), "returned": (1, -1),
        "expired": (-1, 0),
    }  # fmt: skip
    below = False
    for day in range(41):
        held, pending = 0, Counter[str]()
        for kind, when, area, who, _ in drawn:
            if when <= day:
                held += signs[kind][0] * area
                pending[who] += signs[kind][1] * area
        below |= held < 0 or min(pending.values(), default=0) < 0
    assert short == below
