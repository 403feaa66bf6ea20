"""What changed between the blocks of two dates, and which parcels made it change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from zonewright.core.errors import InputError
from zonewright.core.schema import require_columns

Kind = Literal[
    "appeared", "vanished", "grew", "shrank", "merged", "split", "regrouped", "exchanged",
    "unchanged",
]  # fmt: skip
Ints = NDArray[np.int64]
# Areas of one block by its row and by its parcels may differ by this share.
_SAME_AREA = 1e-6
# A change of less is the rounding of a sum [m²].
_NOTHING_M2 = 1e-3
_CHANGE_COLUMNS = (
    "kind", "before", "after", "before_m2", "joined_m2", "left_m2", "remeasured_m2", "after_m2",
)  # fmt: skip
_PARCEL_COLUMNS = (
    "parcel", "change", "kind", "before", "after", "before_m2", "after_m2", "why", "lacks", "on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the blocks of one date by another.

    Parameters
    ----------
    blocks
        One row for each set of blocks that have parcels in common, by way of others too; index
        ``change``, its number, ordered by how much area moved. ``kind``; ``before``, ``after``
        (tuples of block ids); ``before_m2`` + ``joined_m2`` - ``left_m2`` + ``remeasured_m2`` =
        ``after_m2`` [m²].
    parcels
        Every parcel of a block of either date exactly once; index ``parcel``. ``change``; ``kind``
        (stayed, joined, left); ``before``, ``after`` (block id or None); ``before_m2``,
        ``after_m2`` [m²]; ``why``; ``lacks`` (what it lacked before it joined, or lacks now that it
        left); ``on`` (since when it is ready, or since when it is not; NaT if not known).

    Notes
    -----
    ``kind`` of a change: ``appeared``, ``vanished``; one block each way: ``grew``, ``shrank``,
    ``exchanged`` (other parcels, the same area) or ``unchanged``; ``merged`` (several into one),
    ``split`` (one into several), ``regrouped`` (several into several).

    ``why`` of a parcel that joined: ``new`` (not in the ledger before), ``became_ready``, or
    ``group_counts`` (ready before, but its group was too small). Of one that left: ``gone`` (no
    longer in the ledger), ``supplied``, ``no_longer_ready``, or ``group_too_small``. Of one that
    stayed: ``remeasured`` if its area changed, else empty.
    """

    blocks: pd.DataFrame
    parcels: pd.DataFrame


def changes(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    parcels_before: pd.DataFrame,
    parcels_after: pd.DataFrame,
) -> Changes:
    """Return which blocks appeared, vanished, grew, shrank, merged or split, and why.

    Parameters
    ----------
    before, after
        Blocks of the two dates, as `ready_blocks` returns them: index block id; ``members`` (tuple
        of parcel codes), ``area_m2`` [m²].
    parcels_before, parcels_after
        Parcels of the two dates, those outside blocks too: index parcel code; ``area_m2`` [m²],
        ``ready`` and ``lacks``, as `judge` returns them, and, if there, ``since``, as `judge_on`.

    Returns
    -------
    changes
        The blocks set against one another, and every parcel's part in it.

    Raises
    ------
    SchemaError
        If a column is missing.
    InputError
        If a parcel is in two blocks of one date, in none of the ledger's rows, or not ready; or if
        a block's area is not that of its parcels.

    Examples
    --------
    >>> def ledger(*ready):
    ...     return pd.DataFrame({
    ...         "area_m2": 10.0, "ready": ready,
    ...         "lacks": [() if one else ("not_levelled",) for one in ready]}, index=["A", "B"])
    >>> one = pd.DataFrame({"members": [("A",)], "area_m2": [10.0]}, index=["A"])
    >>> two = pd.DataFrame({"members": [("A", "B")], "area_m2": [20.0]}, index=["A"])
    >>> found = changes(
    ...     one, two, parcels_before=ledger(True, False), parcels_after=ledger(True, True))
    >>> found.blocks[["kind", "joined_m2"]].values.tolist()
    [['grew', 10.0]]
    >>> found.parcels.loc["B", ["why", "lacks"]].tolist()
    ['became_ready', ('not_levelled',)]
    """
    old = _members(before, parcels_before, of="before")
    new = _members(after, parcels_after, of="after")
    both = old.add_suffix("_before").join(new.add_suffix("_after"), how="outer").sort_index()
    group = _groups(both, before.index, after.index)
    parcels = _parcels(both, group, parcels_before, parcels_after)
    blocks = _blocks(parcels, before, after)
    order = np.argsort(_moved(blocks), kind="stable")[::-1]
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    parcels["change"] = number[parcels["change"].to_numpy(dtype=np.int64)]
    return Changes(
        blocks.iloc[order].reset_index(drop=True).rename_axis("change"),
        parcels.set_index("parcel"),
    )


def _members(blocks: pd.DataFrame, parcels: pd.DataFrame, *, of: str) -> pd.DataFrame:
    """Return each parcel of a block: index parcel code; ``block``, ``area_m2``."""
    require_columns(blocks, "members", "area_m2", of=f"blocks {of}")
    require_columns(parcels, "area_m2", "ready", "lacks", of=f"parcels {of}")
    counts = [len(inside) for inside in blocks["members"]]
    codes = [code for inside in blocks["members"] for code in inside]
    rows = pd.DataFrame(
        {"block": np.repeat(blocks.index.astype(str).to_numpy(dtype=object), counts)},
        index=pd.Index(codes, dtype=object, name="parcel"),
    )
    twice = rows.index[rows.index.duplicated()]
    if len(twice):
        raise InputError("changes-parcel-twice", parcel=twice[0], count=len(twice))
    place = parcels.index.get_indexer(rows.index)
    if (place < 0).any():
        raise InputError("changes-parcel-unknown", parcel=rows.index[place < 0][0])
    unready = ~parcels["ready"].to_numpy(dtype=bool)[place]
    if unready.any():
        raise InputError("changes-parcel-unready", parcel=rows.index[unready][0])
    rows["area_m2"] = parcels["area_m2"].to_numpy(dtype=float)[place]
    totals = rows.groupby("block")["area_m2"].agg(math.fsum)
    given = blocks["area_m2"].set_axis(blocks.index.astype(str))
    apart = (totals.reindex(given.index) - given).abs() > _SAME_AREA * given
    if apart.any():
        block = apart.index[apart][0]
        raise InputError(
            "changes-area-apart", block=block, block_m2=given[block], parcels_m2=totals[block]
        )
    return rows


def _groups(both: pd.DataFrame, before: pd.Index, after: pd.Index) -> Ints:
    """Return the number of the change in which each parcel takes part."""
    old = pd.Index(before.astype(str)).get_indexer(pd.Index(both["block_before"]))
    new = pd.Index(after.astype(str)).get_indexer(pd.Index(both["block_after"]))
    linked = (old >= 0) & (new >= 0)
    count = len(before) + len(after)
    links = coo_array(
        (np.ones(linked.sum(), dtype=np.int8), (old[linked], len(before) + new[linked])),
        shape=(count, count),
    )
    _, labels = connected_components(links, directed=False)
    node = np.where(old >= 0, old, len(before) + new)
    return cast("Ints", np.unique(labels[node], return_inverse=True)[1].astype(np.int64))


def _parcels(
    both: pd.DataFrame, group: Ints, parcels_before: pd.DataFrame, parcels_after: pd.DataFrame
) -> pd.DataFrame:
    in_old = both["block_before"].notna().to_numpy(dtype=bool)
    in_new = both["block_after"].notna().to_numpy(dtype=bool)
    area_old = both["area_m2_before"].fillna(0.0).to_numpy(dtype=float)
    area_new = both["area_m2_after"].fillna(0.0).to_numpy(dtype=float)
    was, now = _Facts.of(parcels_before, both.index), _Facts.of(parcels_after, both.index)
    joined, left = ~in_old, ~in_new
    kind = np.full(len(both), "stayed", dtype=object)
    kind[joined], kind[left] = "joined", "left"
    supplied = np.array(["supplied" in lacks for lacks in now.lacks], dtype=bool)
    remeasured = np.abs(area_new - area_old) > _NOTHING_M2
    # The last that holds is said.
    why = np.full(len(both), "", dtype=object)
    why[~joined & ~left & remeasured] = "remeasured"
    why[joined], why[left] = "group_counts", "group_too_small"
    why[joined & ~was.ready], why[left & ~now.ready] = "became_ready", "no_longer_ready"
    why[joined & ~was.known], why[left & supplied] = "new", "supplied"
    why[left & ~now.known] = "gone"
    turned = np.isin(why, ["new", "became_ready", "supplied", "no_longer_ready"])
    lacks = np.empty(len(both), dtype=object)
    for place, (gone, before, after) in enumerate(zip(left, was.lacks, now.lacks, strict=True)):
        lacks[place] = after if gone else before
    values = (
        both.index, group, kind, _or_none(both["block_before"]), _or_none(both["block_after"]),
        area_old, area_new, why, lacks, np.where(turned, now.since, np.datetime64("NaT")),
    )  # fmt: skip
    # Given as series of objects, empty names stay None.
    columns = [
        pd.Series(value, dtype=object if value.dtype == object else None)
        for value in map(np.asarray, values)
    ]
    return pd.DataFrame(dict(zip(_PARCEL_COLUMNS, columns, strict=True)))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a ledger says of some parcels, shape (n,); one not in it is not ready."""

    known: NDArray[np.bool_]
    ready: NDArray[np.bool_]
    lacks: NDArray[np.object_]
    since: NDArray[np.datetime64]

    @classmethod
    def of(cls, parcels: pd.DataFrame, codes: pd.Index) -> _Facts:
        place = parcels.index.get_indexer(codes)
        known = place >= 0
        ready = np.zeros(len(codes), dtype=bool)
        since = np.full(len(codes), np.datetime64("NaT"), dtype="datetime64[ns]")
        lacks = np.empty(len(codes), dtype=object)
        lacks[:] = [()] * len(codes)
        ready[known] = parcels["ready"].to_numpy(dtype=bool)[place[known]]
        lacks[known] = parcels["lacks"].to_numpy(dtype=object)[place[known]]
        if "since" in parcels:
            days = pd.to_datetime(parcels["since"]).to_numpy(dtype="datetime64[ns]")
            since[known] = days[place[known]]
        return cls(known, ready, lacks, since)


def _or_none(blocks: pd.Series) -> NDArray[np.object_]:
    listed = np.empty(len(blocks), dtype=object)
    listed[:] = [name if isinstance(name, str) else None for name in blocks]
    return listed


def _blocks(parcels: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    rows = []
    sizes = {
        "before": dict(zip(before.index.astype(str), before["area_m2"], strict=True)),
        "after": dict(zip(after.index.astype(str), after["area_m2"], strict=True)),
    }
    for _, part in parcels.groupby("change", sort=True):
        old = tuple(sorted({name for name in part["before"] if name is not None}))
        new = tuple(sorted({name for name in part["after"] if name is not None}))
        before_m2 = math.fsum(sizes["before"][name] for name in old)
        after_m2 = math.fsum(sizes["after"][name] for name in new)
        joined_m2 = math.fsum(part.loc[part["kind"] == "joined", "after_m2"])
        left_m2 = math.fsum(part.loc[part["kind"] == "left", "before_m2"])
        stayed = part[part["kind"] == "stayed"]
        remeasured_m2 = math.fsum([*stayed["after_m2"], *-stayed["before_m2"]])
        moved = bool((part["kind"] != "stayed").any())
        kind = _kind(len(old), len(new), after_m2 - before_m2, moved=moved)
        rows.append((kind, old, new, before_m2, joined_m2, left_m2, remeasured_m2, after_m2))
    areas = {name: "float64" for name in _CHANGE_COLUMNS if name.endswith("_m2")}
    return pd.DataFrame(rows, columns=list(_CHANGE_COLUMNS)).astype(areas)


def _kind(old: int, new: int, gained_m2: float, *, moved: bool) -> Kind:
    if not old:
        return "appeared"
    if not new:
        return "vanished"
    if old > 1 or new > 1:
        return "merged" if new == 1 else "split" if old == 1 else "regrouped"
    if abs(gained_m2) > _NOTHING_M2:
        return "grew" if gained_m2 > 0 else "shrank"
    return "exchanged" if moved else "unchanged"


def _moved(blocks: pd.DataFrame) -> NDArray[np.float64]:
    moved = blocks["joined_m2"] + blocks["left_m2"] + blocks["remeasured_m2"].abs()
    return moved.to_numpy(dtype=float)
