"""Blockers: which few parcels keep land from counting."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonewright.core.errors import InputError, RangeError, SchemaError
from zonewright.land.blockers import Reach, blockers, blocking_parcels

Edges = tuple[np.ndarray, np.ndarray]


def ground(*rows: str, **areas: float) -> tuple[pd.DataFrame, *Edges]:
    """Draw parcels of 10 m²: ``R`` is ready, ``x`` cannot be made ready, any other letter can.

    Areas of some codes may be given. Codes tell row and column; a blank is no parcel.
    """
    cells = {
        (r, c): mark for r, row in enumerate(rows) for c, mark in enumerate(row) if mark != " "
    }  # fmt: skip
    place = {cell: number for number, cell in enumerate(cells)}
    pairs = [
        (place[r, c], place[step])
        for r, c in cells
        for step in ((r + 1, c), (r, c + 1))
        if step in place
    ]
    codes = [f"P{r}{c}" for r, c in cells]
    frame = pd.DataFrame(
        {
            "area_m2": [float(areas.get(code, 10.0)) for code in codes],
            "ready": [mark == "R" for mark in cells.values()],
            "mendable": [mark != "x" for mark in cells.values()],
        },
        index=codes,
    )
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return frame, first, second


def sets(frame: pd.DataFrame, first: np.ndarray, second: np.ndarray, **options: object) -> set:
    return set(blockers(frame, first, second, **options)["parcels"])  # type: ignore[arg-type]


def test_three_mu_keep_six_hundred_from_counting() -> None:
    given_ground = ground("RLR", P00=320, P01=3, P02=280)
    row = blockers(*given_ground, min_area_m2=500).iloc[0]
    assert row["parcels"] == ("P01",)
    assert row["near_block"] == "P00"
    assert (row["opened_m2"], row["merged_m2"], row["gained_m2"]) == (3, 603, 603)
    assert row["gained_per_m2"] == 201
    assert (row["method"], row["exact"]) == ("single", True)


def test_land_that_counts_already_is_not_gained() -> None:
    row = blockers(*ground("RLR", P00=700, P02=280), min_area_m2=500).iloc[0]
    assert (row["near_block"], row["merged_m2"], row["gained_m2"]) == ("P02", 990, 290)


def test_a_block_that_only_grows_has_no_blocker() -> None:
    assert len(blockers(*ground("RL", P00=700), min_area_m2=500)) == 0


def test_exactly_the_threshold_counts() -> None:
    assert sets(*ground("RL", P00=490), min_area_m2=500) == {("P01",)}
    assert sets(*ground("RL", P00=489), min_area_m2=500) == set()


def test_a_corner_joins_nothing() -> None:
    assert sets(*ground("RL", " R", P00=240, P11=240), min_area_m2=485) == {("P01",)}
    assert sets(*ground("R  ", " LR", P00=240, P12=240), min_area_m2=485) == set()


def test_pairs_are_needed_where_one_does_not_do() -> None:
    found = blockers(*ground("RLLR", P00=240, P03=240), min_area_m2=490)
    assert found["parcels"].tolist() == [("P01", "P02")]
    assert (found["method"].iloc[0], found["exact"].iloc[0]) == ("pair", True)


def test_two_doors_of_one_group_are_a_pair() -> None:
    found = sets(*ground("LRL", P01=480, P00=12, P02=12), min_area_m2=500)
    assert found == {("P00", "P02")}


def test_a_near_block_behind_one_that_a_parcel_opens_is_told_of_too() -> None:
    """P01 makes P00 count; P03 then makes P04 count, and alone does not."""
    marks = ground("RLRLR", P00=300, P02=190, P04=100)
    found = blockers(*marks, min_area_m2=500)
    near = dict(zip(found["parcels"], found["near_block"], strict=True))
    assert near == {("P01",): "P00", ("P01", "P03"): "P04"}


def test_a_longer_chain_is_found_and_not_called_exact() -> None:
    found = blockers(*ground("RLLLR", P00=300, P04=240), min_area_m2=560)
    assert found["parcels"].tolist() == [("P01", "P02", "P03")]
    assert (found["method"].iloc[0], found["exact"].iloc[0]) == ("chain", False)
    few = Reach(max_parcels=2)
    assert sets(*ground("RLLLR", P00=300, P04=240), min_area_m2=560, reach=few) == set()
    far = Reach(near_share=0.9)
    assert sets(*ground("RLLLR", P00=300, P04=240), min_area_m2=560, reach=far) == set()


def test_a_chain_takes_the_cheaper_way() -> None:
    frame, first, second = ground("RLLLR", "LLLLL", P00=300, P04=240)
    cost = frame.index.map({"P02": 90.0}).fillna(1.0)
    found = blockers(frame.assign(cost_cny=cost), first, second, min_area_m2=560)
    chain = found[found["method"] == "chain"]
    assert "P02" not in {code for codes in chain["parcels"] for code in codes}


def test_costs_order_by_yuan() -> None:
    frame, first, second = ground("RLR", P00=320, P01=3, P02=280)
    row = blockers(frame.assign(cost_cny=30_000.0), first, second, min_area_m2=500).iloc[0]
    assert row["gained_m2_per_cny"] == pytest.approx(603 / 30_000)
    assert np.isnan(blockers(frame, first, second, min_area_m2=500)["cost_cny"].iloc[0])


def test_what_cannot_be_made_ready_is_named_but_leads_nowhere() -> None:
    assert sets(*ground("RxR", P00=300, P02=300), min_area_m2=500) == {("P01",)}
    assert sets(*ground("RxLR", P00=300, P03=300), min_area_m2=500) == set()


def test_the_most_rewarding_comes_first() -> None:
    found = blockers(*ground("RLR", "   ", "RLR", P00=300, P01=30, P21=3, P20=300), min_area_m2=320)
    assert found["near_block"].tolist() == ["P00"]
    found = blockers(
        *ground("RLR", "   ", "RLR", P00=300, P01=30, P21=15, P20=300), min_area_m2=320
    )
    assert found["parcels"].tolist() == [("P21",), ("P01",)]


def test_parcels_are_listed_with_what_they_lack() -> None:
    frame, first, second = ground("RLLR", "LLLL", P00=240, P03=240)
    found = blockers(frame, first, second, min_area_m2=490)
    judged = pd.DataFrame(
        {"lacks": [("not_levelled",)] * len(frame), "since": pd.Timestamp("2023-03-01")},
        index=frame.index,
    )
    rows = blocking_parcels(found, judged)
    assert rows.index.is_unique
    assert rows.index.tolist()[:2] == list(found["parcels"].iloc[0])
    assert rows.loc["P01", "lacks"] == ("not_levelled",)
    assert rows["options"].sum() == sum(map(len, found["parcels"]))
    with pytest.raises(InputError, match="P0"):
        blocking_parcels(found, judged.iloc[:0])


def test_a_limit_on_pairs_is_owned_up_to() -> None:
    marks = ground("RLLRLLR", P00=240, P03=240, P06=240)
    whole = blockers(*marks, min_area_m2=490)
    assert (whole["method"] == "pair").sum() == 2
    less = blockers(*marks, min_area_m2=490, reach=Reach(max_pairs=2))
    assert len(less) > 0
    assert not less["exact"].any()


def test_nothing_to_do() -> None:
    empty = pd.DataFrame({"area_m2": [], "ready": []}, dtype=float)
    none = np.empty(0, dtype=np.int64)
    assert len(blockers(empty, none, none)) == 0
    assert len(blockers(*ground("LL"), min_area_m2=1)) == 0
    assert len(blocking_parcels(blockers(empty, none, none), empty)) == 0


def test_refusals() -> None:
    frame, first, second = ground("RLR")
    with pytest.raises(RangeError, match="min_area_m2"):
        blockers(frame, first, second, min_area_m2=0)
    with pytest.raises(SchemaError, match="ready"):
        blockers(frame.drop(columns="ready"), first, second)
    with pytest.raises(InputError, match="P01"):
        blockers(frame.assign(area_m2=[1, np.nan, 1]), first, second)
    with pytest.raises(InputError, match="another table"):
        blockers(frame.iloc[:2], first, second)
    with pytest.raises(InputError, match="more than once"):
        blockers(frame.set_axis(["A", "A", "B"]), first, second)


def counting(frame: pd.DataFrame, edges: Edges, opened: tuple[str, ...], least: float) -> set[str]:
    """Return the parcels of blocks that count, by a walk over the edges."""
    ready = set(frame.index[frame["ready"]]) | set(opened)
    beside: dict[str, set[str]] = {code: set() for code in ready}
    for a, b in zip(*edges, strict=True):
        one, other = frame.index[a], frame.index[b]
        if one in ready and other in ready:
            beside[one].add(other)
            beside[other].add(one)
    found: set[str] = set()
    while ready:
        todo, block = [ready.pop()], set()
        while todo:
            code = todo.pop()
            block.add(code)
            todo += beside[code] & ready
            ready -= beside[code]
        if frame.loc[sorted(block), "area_m2"].sum() >= least:
            found |= block
    return found


grounds = st.lists(st.text("RRLLLx ", min_size=4, max_size=4), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(grounds, st.integers(2, 9))
def test_singles_and_pairs_are_what_trying_all_finds(rows: list[str], cells: int) -> None:
    """Every set of one or two is opened, and the land that counts is walked over."""
    frame, first, second = ground(*rows)
    edges, least = (first, second), cells * 10.0
    options = blockers(frame, first, second, min_area_m2=least)
    found = options[options["method"] != "chain"].set_index("parcels")
    before = counting(frame, edges, (), least)
    helped: dict[str, set[str]] = {}
    expected: dict[tuple[str, ...], float] = {}
    closed = frame.index[~frame["ready"]]
    ready = set(frame.index[frame["ready"]])
    for code in closed:
        after = counting(frame, edges, (code,), least)
        helped[code] = (after - before) & ready
        if helped[code]:
            expected[code,] = 10.0 * len(after - before)
    for pair in combinations(closed[frame.loc[closed, "mendable"]], 2):
        after = counting(frame, edges, pair, least)
        if (after - before) & ready - helped[pair[0]] - helped[pair[1]]:
            expected[tuple(sorted(pair))] = 10.0 * len(after - before)
    assert found["gained_m2"].to_dict() == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(grounds, st.integers(2, 9))
def test_every_option_makes_its_near_block_count(rows: list[str], cells: int) -> None:
    frame, first, second = ground(*rows)
    least = cells * 10.0
    before = counting(frame, (first, second), (), least)
    for _, row in blockers(frame, first, second, min_area_m2=least).iterrows():
        after = counting(frame, (first, second), row["parcels"], least)
        assert row["near_block"] in after - before
        assert row["gained_m2"] == pytest.approx(10.0 * len(after - before))
        assert row["opened_m2"] == 10.0 * len(row["parcels"])
        for code in row["parcels"]:
            less = tuple(one for one in row["parcels"] if one != code)
            assert row["near_block"] not in counting(frame, (first, second), less, least)
