"""Readiness as a rule: what is ready, what the rest lacks, and since when."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonewright.core.errors import InputError, SchemaError
from zonewright.land.blocks import READY_STAGES
from zonewright.land.readiness import (
    connection_states,
    judge,
    judge_on,
    read_rule,
    standard_rule,
)
from zonewright.land.stages import STAGES

RULE = standard_rule()
ROAD = """
version = "road"
[[condition]]
lack = "no_road"
kind = "connection"
field = "road"
at_least = 4
unknown = "{unknown}"
mendable = true
zh = "道路未通"
en = "no road"
"""

rows = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(STAGES),
        "acquired_pct": st.one_of(st.none(), st.floats(0, 100)),
        "basic_farmland": st.one_of(st.none(), st.booleans()),
        "no_go_m2": st.one_of(st.none(), st.just(0.0), st.floats(0, 1e5)),
        "road": st.one_of(st.none(), st.integers(0, 5)),
    }
)


def lacks_of(row: dict[str, object]) -> tuple[str, ...]:
    """Say in plain words of code what the standard rule asks."""
    stage = int(str(row["stage"])[1])
    paid, road = row["acquired_pct"], row["road"]
    tests = {
        "uncompensated": stage < 3 or (paid is not None and paid < 100),
        "not_levelled": stage < 5,
        "supplied": stage > 7,
        "no_go": row["basic_farmland"] is True or (row["no_go_m2"] or 0) > 0,
        "no_road": road is not None and road < 4,
    }
    return tuple(name for name, fails in tests.items() if fails)


@settings(max_examples=80, deadline=None)
@given(st.lists(rows, min_size=1, max_size=8))
def test_the_standard_rule_is_what_its_file_says(given_rows: list[dict[str, object]]) -> None:
    judged = judge(pd.DataFrame(given_rows), RULE)
    assert judged["lacks"].tolist() == [lacks_of(row) for row in given_rows]
    assert judged["ready"].tolist() == [not lacks_of(row) for row in given_rows]
    for lacks, mendable in zip(judged["lacks"], judged["mendable"], strict=True):
        assert mendable == (not {"supplied", "no_go"} & set(lacks))


def test_by_stage_alone_it_is_what_blocks_take_as_ready() -> None:
    judged = judge(pd.DataFrame({"stage": STAGES}), RULE)
    ready = [stage for stage, good in zip(STAGES, judged["ready"], strict=True) if good]
    assert tuple(ready) == READY_STAGES


def test_what_is_not_known_is_said() -> None:
    judged = judge(pd.DataFrame({"stage": ["L5", "L5"], "road": [np.nan, 5]}), RULE)
    assert judged["ready"].all()
    others = ("acquired_pct", "basic_farmland", "no_go_m2")
    assert judged["unknown"].tolist() == [(*others, "road"), others]


def test_a_parcel_without_a_stage_lacks_all_and_is_not_taken_as_supplied() -> None:
    judged = judge(pd.DataFrame({"stage": ["", None]}), RULE)
    assert judged["lacks"].tolist() == [("uncompensated", "not_levelled")] * 2
    assert judged["mendable"].all()


def test_the_unknown_may_fail() -> None:
    parcels = pd.DataFrame({"road": [np.nan, 4.0, 3.0]})
    assert judge(parcels, read_rule(ROAD.format(unknown="fails")))["ready"].tolist() == [
        False, True, False,
    ]  # fmt: skip
    assert judge(parcels, read_rule(ROAD.format(unknown="passes")))["ready"].tolist() == [
        True, True, False,
    ]  # fmt: skip
    with pytest.raises(SchemaError, match="road"):
        judge(parcels.drop(columns="road"), read_rule(ROAD.format(unknown="fails")))


def test_connections_of_a_ledger_become_columns() -> None:
    services = pd.Series([{"road": 4, "gas": 0}, None, {}, {"road": 3}], index=list("ABCD"))
    states = connection_states(services)
    assert states["road"].tolist()[::3] == [4, 3]
    assert states["road"].isna().tolist() == [False, True, True, False]
    parcels = states.assign(stage="L6")
    assert judge(parcels, RULE)["lacks"].tolist() == [(), (), (), ("no_road",)]


def dated(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["parcel", "stage", "on"])
    return frame.assign(on=pd.to_datetime(frame["on"]))


LEDGER = dated(
    ("A", "L3", "2023-02-01"), ("A", "L5", "2023-06-01"), ("A", "L7", "2023-08-01"),
    ("B", "L3", "2023-03-01"), ("C", "L5", "2022-05-01"), ("C", "L8", "2023-07-01"),
    ("E", "L5", "2024-01-02"),
)  # fmt: skip


def on(year: int, month: int, day: int, events: pd.DataFrame = LEDGER) -> pd.DataFrame:
    return judge_on(pd.DataFrame(index=list("ABCDE")), events, RULE, on=date(year, month, day))


def test_since_when_land_is_ready_or_waits() -> None:
    judged = on(2023, 12, 31)
    assert judged["ready"].tolist() == [True, False, False, False, False]
    assert judged.loc["A", "since"] == pd.Timestamp("2023-06-01")
    assert judged.loc["B", "lacks"] == ("not_levelled",)
    assert judged.loc["B", "lacks_since"] == (pd.Timestamp("2023-03-01"),)
    assert judged.loc["C", "lacks"] == ("supplied",)
    assert judged.loc["C", "since"] == pd.Timestamp("2023-07-01")
    assert judged.loc[["D", "E"], "since"].isna().all()


def test_the_day_itself_counts_and_later_days_do_not() -> None:
    assert not on(2023, 5, 31).loc["A", "ready"]
    assert on(2023, 6, 1).loc["A", "ready"]
    assert on(2023, 6, 30).loc["C", "ready"]
    assert not on(2023, 7, 1).loc["C", "ready"]
    assert on(2024, 1, 2).loc["E", "ready"]


def test_ready_counts_from_the_last_condition_met() -> None:
    """The road came after levelling, was cut, and came again."""
    roads = pd.DataFrame(
        {
            "parcel": "A",
            "road": [4.0, 2.0, 4.0, 5.0],
            "on": pd.to_datetime(["2023-07-01", "2023-09-01", "2023-10-01", "2023-11-01"]),
        }
    )
    events = pd.concat([LEDGER, roads])
    assert on(2023, 12, 31, events).loc["A", "since"] == pd.Timestamp("2023-10-01")
    cut = on(2023, 9, 15, events).loc["A"]
    assert (cut["lacks"], cut["since"]) == (("no_road",), pd.Timestamp("2023-09-01"))


def test_a_dated_value_goes_before_the_ledgers_and_the_rest_stays() -> None:
    parcels = pd.DataFrame({"road": [0.0, 0.0], "stage": ["L9", "L9"]}, index=["A", "C"])
    road = pd.DataFrame({"parcel": ["A"], "road": [4.0], "on": pd.to_datetime(["2023-01-01"])})
    judged = judge_on(parcels, pd.concat([LEDGER, road]), RULE, on=date(2023, 6, 15))
    assert judged["lacks"].tolist() == [(), ("no_road",)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(STAGES), st.integers(1, 28)), max_size=10
    ),
    st.integers(1, 28),
    st.randoms(use_true_random=False),
)
def test_dates_agree_with_a_walk_through_the_days(
    entries: list[tuple[str, str, int]], day: int, shuffle: object
) -> None:
    """An independent count: judge every day on its own, and look where readiness began."""
    shuffle.shuffle(entries)  # type: ignore[attr-defined]
    events = dated(*((parcel, stage, f"2023-03-{when:02}") for parcel, stage, when in entries))
    judged = judge_on(pd.DataFrame(index=list("ABC")), events, RULE, on=date(2023, 3, day))
    for parcel in "ABC":
        reached = [
            max((s for p, s, w in entries if p == parcel and w <= when), default="")
            for when in range(day + 1)
        ]
        ready = [stage in READY_STAGES for stage in reached]
        assert judged.loc[parcel, "ready"] == ready[-1]
        if ready[-1]:
            began = max((when for when in range(day + 1) if not ready[when]), default=-1) + 1
            assert judged.loc[parcel, "since"] == pd.Timestamp(2023, 3, began)
        elif reached[-1]:
            assert judged.loc[parcel, "since"] == pd.Timestamp(2023, 3, reached.index(reached[-1]))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("at_least = 4", "", "at_least"),
        ("at_least = 4", "at_least = 4\nat_most = 3", "nothing meets"),
        ('kind = "connection"', 'kind = "whim"', "kind"),
        ("mendable = true", "mendable = 1", "mendable"),
        ('en = "no road"', 'en = "no road"\nleast = 3', "least"),
        ("[[condition]]", "[[condition", "TOML"),
        ("[[condition]]", "[[rule]]", "condition"),
    ],
)
def test_a_rule_of_ones_own_is_checked(old: str, new: str, named: str) -> None:
    with pytest.raises(InputError, match=named):
        read_rule(ROAD.format(unknown="fails").replace(old, new))


def test_refusals() -> None:
    with pytest.raises(InputError, match="M5"):
        judge(pd.DataFrame({"stage": ["M5"]}), RULE)
    with pytest.raises(InputError, match="no_go_m2"):
        judge(pd.DataFrame({"stage": ["L5"], "no_go_m2": ["much"]}), RULE)
    with pytest.raises(InputError, match="A"):
        judge_on(pd.DataFrame(index=["A", "A"]), LEDGER, RULE, on=date(2023, 1, 1))


def test_every_lack_has_a_name_in_both_languages() -> None:
    assert RULE.label("no_road", "zh") == "道路未通"
    assert RULE.label("not_levelled") == "not levelled"
    assert len({RULE.label(lack) for lack in RULE.lacks}) == len(RULE.lacks)
