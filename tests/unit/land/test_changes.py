"""What changed between the blocks of two dates, and why."""

from __future__ import annotations

import math
from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonewright.core.errors import InputError, SchemaError
from zonewright.land.changes import Changes, changes

LACKS = {
    "R": (), "S": ("supplied",), "L": ("not_levelled",), "U": ("uncompensated", "not_levelled"),
}  # fmt: skip


def parcels(marks: str, *, side: float = 10.0, since: str | None = None) -> pd.DataFrame:
    """Write a row of parcels, one a letter, A B C …; a dot is no parcel."""
    kept = [(chr(ord("A") + place), mark) for place, mark in enumerate(marks) if mark != "."]
    frame = pd.DataFrame(
        {
            "area_m2": side,
            "ready": [mark == "R" for _, mark in kept],
            "lacks": [LACKS[mark] for _, mark in kept],
        },
        index=[code for code, _ in kept],
    )
    return frame if since is None else frame.assign(since=pd.Timestamp(since))


def runs(frame: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return the runs of neighbouring ready parcels of at least a number, as blocks."""
    found: list[tuple[str, ...]] = []
    last = ""
    for code, ready in frame["ready"].items():
        if ready and last and ord(str(code)) == ord(last) + 1:
            found[-1] += (str(code),)
        elif ready:
            found.append((str(code),))
        last = str(code) if ready else ""
    kept = [members for members in found if len(members) >= least]
    areas = [math.fsum(frame.loc[list(members), "area_m2"]) for members in kept]
    return pd.DataFrame(
        {"members": kept, "area_m2": areas},
        index=pd.Index([members[0] for members in kept], dtype=object, name="block_id"),
    )


def compare(before: str, after: str, least: int = 1) -> Changes:
    old, new = parcels(before), parcels(after, since="2023-06-01")
    return changes(runs(old, least), runs(new, least), parcels_before=old, parcels_after=new)


@pytest.mark.parametrize(
    ("before", "after", "least", "kinds"),
    [
        ("LL", "RR", 1, ["appeared"]),
        ("RR", "SS", 1, ["vanished"]),
        ("RL", "RR", 1, ["grew"]),
        ("RR", "RS", 1, ["shrank"]),
        ("RRL", "SRR", 1, ["exchanged"]),
        ("RR", "RR", 1, ["unchanged"]),
        ("RLR", "RRR", 1, ["merged"]),
        ("RRR", "RSR", 1, ["split"]),
        ("RRRRSRR", "RRSRRRR", 1, ["regrouped"]),
        ("RLLLRR", "RLLLRS", 1, ["shrank", "unchanged"]),
        ("LLL", "LLL", 1, []),
    ],
)
def test_kinds(before: str, after: str, least: int, kinds: list[str]) -> None:
    assert compare(before, after, least).blocks["kind"].tolist() == kinds


def test_why_parcels_joined() -> None:
    found = compare("RL.R", "RRRR", least=2).parcels
    assert found["why"].to_dict() == {
        "A": "group_counts", "B": "became_ready", "C": "new", "D": "group_counts",
    }  # fmt: skip
    assert found.loc["B", "lacks"] == ("not_levelled",)
    assert found.loc["B", "on"] == pd.Timestamp("2023-06-01")
    assert pd.isna(found.loc["A", "on"])
    assert (found["before"].isna()).all()


def test_why_parcels_left() -> None:
    found = compare("RRRRR", "RSLR.", least=2).parcels
    assert found["why"].to_dict() == {
        "A": "group_too_small", "B": "supplied", "C": "no_longer_ready", "D": "group_too_small",
        "E": "gone",
    }  # fmt: skip
    assert found.loc["B", "lacks"] == ("supplied",)
    assert (found["kind"] == "left").all()


def test_a_merger_names_what_joined_the_two() -> None:
    found = compare("RLR", "RRR")
    row = found.blocks.iloc[0]
    assert (row["before"], row["after"]) == (("A", "C"), ("A",))
    assert (row["before_m2"], row["joined_m2"], row["left_m2"], row["after_m2"]) == (20, 10, 0, 30)
    joined = found.parcels[found.parcels["kind"] == "joined"]
    assert joined.index.tolist() == ["B"]


def test_land_that_was_measured_again() -> None:
    old, new = parcels("RR"), parcels("RR", side=12.5)
    found = changes(runs(old, 1), runs(new, 1), parcels_before=old, parcels_after=new)
    assert found.blocks.loc[0, ["kind", "remeasured_m2"]].tolist() == ["grew", 5.0]
    assert found.parcels["why"].tolist() == ["remeasured"] * 2


def test_the_largest_change_comes_first() -> None:
    found = compare("RLRRRLL", "SLRRRLR").blocks
    assert found["kind"].tolist()[-1] == "unchanged"
    found = compare("RLLLRRRLL", "RRLLSSSLL").blocks
    assert found["kind"].tolist() == ["vanished", "grew"]


def test_refusals() -> None:
    old = parcels("RR")
    good = runs(old, 1)
    both = {"parcels_before": old, "parcels_after": old}
    with pytest.raises(InputError, match="more than one block"):
        changes(pd.concat([good, good]), good, **both)
    with pytest.raises(InputError, match="B"):
        changes(good, good, parcels_before=old.drop("B"), parcels_after=old)
    with pytest.raises(InputError, match="not ready"):
        changes(good, good, parcels_before=old, parcels_after=old.assign(ready=False))
    with pytest.raises(InputError, match="25"):
        changes(good.assign(area_m2=25.0), good, **both)
    with pytest.raises(SchemaError, match="lacks"):
        changes(good, good, parcels_before=old, parcels_after=old.drop(columns="lacks"))


grounds = st.text("RRSLU.", min_size=8, max_size=8)


@settings(max_examples=50, deadline=None)
@given(grounds, grounds, st.integers(1, 3), st.floats(1, 1e5), st.floats(1, 1e5))
def test_every_parcel_counts_once_and_areas_add_up(
    before: str, after: str, least: int, old_side: float, new_side: float
) -> None:
    old, new = parcels(before, side=old_side), parcels(after, side=new_side)
    one, two = runs(old, least), runs(new, least)
    found = changes(one, two, parcels_before=old, parcels_after=new)
    listed = {code for blocks in (one, two) for inside in blocks["members"] for code in inside}
    assert found.parcels.index.is_unique
    assert set(found.parcels.index) == listed
    assert Counter(name for names in found.blocks["before"] for name in names) == Counter(one.index)
    assert Counter(name for names in found.blocks["after"] for name in names) == Counter(two.index)
    rows = found.blocks
    sums = rows["before_m2"] + rows["joined_m2"] - rows["left_m2"] + rows["remeasured_m2"]
    assert sums.tolist() == pytest.approx(rows["after_m2"].tolist(), abs=1e-6)
    assert rows["before_m2"].sum() == pytest.approx(one["area_m2"].sum())
    assert rows["after_m2"].sum() == pytest.approx(two["area_m2"].sum())
    for code, row in found.parcels.iterrows():
        inside = [code in blocks.loc[name, "members"] for blocks, name in
                  ((one, row["before"]), (two, row["after"])) if name is not None]  # fmt: skip
        assert inside
        assert all(inside)


@settings(max_examples=30, deadline=None)
@given(grounds, grounds, st.integers(1, 3))
def test_back_in_time_what_joined_left(before: str, after: str, least: int) -> None:
    there, back = compare(before, after, least), compare(after, before, least)
    mirror = {
        "joined": "left", "left": "joined", "appeared": "vanished", "vanished": "appeared",
        "grew": "shrank", "shrank": "grew", "merged": "split", "split": "merged",
    }  # fmt: skip
    kinds = [mirror.get(kind, kind) for kind in there.blocks["kind"]]
    assert Counter(kinds) == Counter(back.blocks["kind"])
    assert [mirror.get(kind, kind) for kind in there.parcels["kind"]] == back.parcels[
        "kind"
    ].tolist()


def test_nothing_changed_is_an_empty_table_of_numbers() -> None:
    found = compare("SS", "SS").blocks
    assert not len(found)
    assert found["before_m2"].dtype == "float64"
