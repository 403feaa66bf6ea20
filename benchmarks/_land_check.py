"""Whether an answer is right: by the partition, the areas and the outlines themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from benchmarks._land_files import Files

# Relative errors that areas may have: of the same polygons; of polygons drawn anew, with overlaps;
# of sums on the map instead of the ellipsoid.
AREA_ERROR = {"clean": 1e-6, "dirty": 2e-3, "gap": 1e-3}
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Right:
    """The groups that are right.

    Attributes
    ----------
    groups
        Shape (n,): the lowest row in each parcel's group, -1 where the parcel is not ready.
    unsure
        Shape (n,): whether the group of the parcel hangs on the last millimetres of a distance.
    fewest, most
        How many groups there may be.
    """

    groups: Integers
    unsure: NDArray[np.bool_]
    fewest: int
    most: int

    @classmethod
    def of(cls, groups: Integers) -> Right:
        """Return what is right where nothing is unsure."""
        count = len(np.unique(groups[groups >= 0]))
        return cls(groups, np.zeros(len(groups), bool), count, count)

    @classmethod
    def between(cls, fine: Integers, coarse: Integers) -> Right:
        """Return what is right of the groups at a smaller and at a larger distance."""
        pairs = np.unique(np.column_stack([coarse, fine])[fine >= 0], axis=0)
        several = np.bincount(pairs[:, 0], minlength=len(fine)) > 1
        unsure = (fine >= 0) & several[coarse]
        return cls(fine, unsure, len(np.unique(pairs[:, 0])), len(pairs))


def check(
    files: Files, task: str, answer: Mapping[str, Any], right: Right, *, min_area_m2: float
) -> dict[str, object]:
    """Compare an answer with the groups that are right.

    A group whose area lies within the error of the limit may be kept or not.

    Parameters
    ----------
    files
        The data set.
    task
        Which error areas may have.
    answer
        Fields of an ``Answer``.
    right
        What the groups are.
    min_area_m2
        Area from which a block is kept [m²].

    Returns
    -------
    found
        What the answer says (groups, kept, area_ha, partition), ``right`` and ``differences``.
    """
    error, groups = AREA_ERROR[task], right.groups
    if files.truth.groups is None:
        # Public parcels overlap a little, and their map may stand on another ellipsoid.
        error = max(error, AREA_ERROR["dirty"])
    ready = groups >= 0
    sums = _sums(files, groups)
    small = sums < min_area_m2
    differences: list[str] = []
    if answer["labels"] is None:
        own = _lying_in(files, answer["outlines"], differences)
        labels = lowest(own)
    else:
        own = lowest(np.asarray(answer["labels"], dtype=np.int64))
        labels = np.where((own < 0) | (_sums(files, own) < min_area_m2)[own], -1, own)
    if not right.fewest <= answer["groups"] <= right.most:
        wanted = f"{right.fewest} to {right.most}" if right.most > right.fewest else right.most
        differences.append(f"{answer['groups']} groups instead of {wanted}")
    near_limit = np.abs(sums - min_area_m2) <= error * min_area_m2
    compared = ready & ~right.unsure & ~near_limit[groups]
    expected = np.where(ready & small[groups], -1, groups)
    wrong = int((labels[compared] != expected[compared]).sum())
    area_m2 = np.asarray(answer["area_m2"], dtype=float)
    if wrong:
        differences.append(f"another partition: {wrong} parcels are not with the right ones")
    elif answer["labels"] is None:
        differences.extend(_areas(files, answer, own, error))
    elif not abs(area_m2.sum() / files.truth.area_m2[labels >= 0].sum() - 1) <= error:
        differences.append("another total area")
    return {
        "groups": answer["groups"],
        "kept": len(area_m2),
        "area_ha": round(float(area_m2.sum()) / 10_000, 4),
        "partition": hashlib.blake2b(labels.tobytes(), digest_size=6).hexdigest(),
        "right": not differences,
        "differences": differences,
    }


def found_groups(files: Files, answer: Mapping[str, Any]) -> Integers:
    """Return the groups of an answer that keeps all blocks, however small; as `check` wants them.

    A ready parcel that lies in none, or in two, is a group of its own or belongs to the last.
    """
    if answer["labels"] is not None:
        return lowest(np.asarray(answer["labels"], dtype=np.int64))
    labels = lowest(_lying_in(files, answer["outlines"], []))
    alone = files.truth.ready & (labels < 0)
    return np.where(alone, np.arange(len(labels)), labels)


def lowest(labels: Integers) -> Integers:
    """Return the lowest row that has the same label, -1 where the label is below 0; shape (n,)."""
    rows = np.arange(len(labels))
    first = np.full(labels.max(initial=-1) + 1, len(labels))
    np.minimum.at(first, labels[labels >= 0], rows[labels >= 0])
    return np.where(labels >= 0, first[labels] if len(first) else -1, -1)


def _sums(files: Files, groups: Integers) -> NDArray[np.float64]:
    """Return the area of each group, by its number; shape (n,)."""
    inside = groups >= 0
    return np.bincount(groups[inside], files.truth.area_m2[inside], minlength=len(groups))


def _lying_in(files: Files, outlines: Sequence[bytes], differences: list[str]) -> Integers:
    """Return the number of the block that each ready parcel lies in, or -1; shape (n,)."""
    rows = np.flatnonzero(files.truth.ready)
    tree = shapely.STRtree(files.truth.points[rows])
    block, at = tree.query(shapely.from_wkb(outlines), predicate="contains")
    labels = np.full(len(files.truth.ready), -1)
    labels[rows[at]] = block
    if len(np.unique(at)) != len(at):
        differences.append("a parcel lies in several blocks")
    return labels


def _areas(files: Files, answer: Mapping[str, Any], labels: Integers, error: float) -> list[str]:
    """Return what is wrong with areas, outlines and lists of parcels of the right blocks."""
    outlines = shapely.from_wkb(answer["outlines"])
    found = np.asarray(answer["area_m2"], dtype=float)
    inside = labels >= 0
    true = np.bincount(labels[inside], files.truth.area_m2[inside], minlength=len(found))
    if not true.all():
        return [f"{int((true == 0).sum())} blocks hold no ready parcel of their own"]
    to_map = Transformer.from_crs(files.crs, files.equal_area, always_xy=True)
    drawn = shapely.area(
        shapely.transform(outlines, lambda xy: np.column_stack(to_map.transform(*xy.T)))
    )
    differences = []
    for what, area_m2 in (("area", found), ("outline", drawn)):
        worst = float(np.abs(area_m2 / true - 1).max(initial=0.0))
        if not worst <= error:
            differences.append(f"an {what} is wrong by {worst:.1e}")
    if not shapely.is_valid(outlines).all():
        differences.append(f"{int((~shapely.is_valid(outlines)).sum())} outlines are not valid")
    if answer["members"] is not None:
        claimed = np.full(len(labels), -1)
        claimed[answer["members"]] = np.repeat(np.arange(len(found)), answer["parcel_count"])
        if not np.array_equal(claimed, labels):
            differences.append("its lists of parcels are not those in its outlines")
    return differences
