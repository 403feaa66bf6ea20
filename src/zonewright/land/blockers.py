"""Which parcels keep land from counting: what a near-block gains by each, and what each lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.errors import InputError
from zonewright.core.schema import require_columns, require_positive
from zonewright.core.units import convert
from zonewright.land._near_blocks import Ground, Option, chains, pairs, singles

Ints = NDArray[np.int64]
Method = Literal["single", "pair", "chain"]
MU_500_M2 = float(convert(500, "亩", "m2"))
_COLUMNS = (
    "near_block", "parcels", "method", "exact", "opened_m2", "merged_m2", "gained_m2",
    "gained_per_m2", "cost_cny", "gained_m2_per_cny",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reach:
    """How far blockers are looked for.

    Parameters
    ----------
    near_share
        Least share of the threshold that a group must have for a longer chain to be looked for [-].
    max_parcels
        Most parcels in a chain.
    max_pairs
        Most pairs that are looked at; beyond, those around the largest near-blocks come first.
    """

    near_share: float = 0.5
    max_parcels: int = 6
    max_pairs: int = 500_000

    def __post_init__(self) -> None:
        require_positive(
            near_share=self.near_share, max_parcels=self.max_parcels, max_pairs=self.max_pairs
        )


def blockers(
    parcels: pd.DataFrame,
    first: Ints,
    second: Ints,
    *,
    min_area_m2: float = MU_500_M2,
    reach: Reach | None = None,
) -> pd.DataFrame:
    """Return the parcels that keep groups of ready land from counting, the most rewarding first.

    A near-block is a group of ready parcels, joined along edges, that is smaller than the threshold
    and would reach it if few parcels became ready.

    Parameters
    ----------
    parcels
        Shape (n,), index parcel code: ``area_m2`` [m²], ``ready`` (bool). If there:
        ``cost_cny`` [元] to make a parcel ready, NaN where not known; ``mendable`` (bool), as
        `judge` returns it: a parcel that cannot be made ready is named alone, never in a pair or a
        chain.
    first, second
        Shape (p,): positions of two parcels that share enough of an edge to be joined.
    min_area_m2
        Area from which a block counts [m²]; a block of exactly this size does.
    reach
        How far to look; None for the usual.

    Returns
    -------
    options
        One row for each set of parcels whose readiness makes a near-block count for which no part
        of the set would do; index 0, 1, … by ``gained_per_m2``, the most first.

        - ``near_block``: lowest parcel code of that near-block, of several the largest.
        - ``parcels``: codes of the parcels to open, in order.
        - ``method``, ``exact``: ``single`` and ``pair`` are complete and exact (a pair if not more
          than `max_pairs` had to be looked at: then every pair is marked not exact). A ``chain`` of
          three and more is the best that was found on shortest paths, by cost if it is known for
          all and by area if not: no proof that there is no better, thus never exact.
        - ``opened_m2``: their own area. ``merged_m2``: area of the block that arises.
          ``gained_m2``: area that counts then and did not before. ``gained_per_m2``: for each m²
          opened, which is the area gained in mu for each mu.
        - ``cost_cny``, ``gained_m2_per_cny``: NaN where a cost is not known.

    Raises
    ------
    SchemaError, RangeError, InputError
        If a column is missing, the threshold is not above 0, an area is below 0 or unknown, a
        parcel code occurs twice, or a position lies outside the table.

    Examples
    --------
    >>> parcels = pd.DataFrame(
    ...     {"area_m2": [60.0, 2.0, 40.0], "ready": [True, False, True]}, index=["A", "B", "C"])
    >>> found = blockers(parcels, np.array([0, 1]), np.array([1, 2]), min_area_m2=100)
    >>> found[["near_block", "parcels", "gained_m2", "gained_per_m2"]].values.tolist()
    [['A', ('B',), 102.0, 51.0]]
    """
    require_positive(min_area_m2=min_area_m2)
    reach = Reach() if reach is None else reach
    ground = _ground(parcels, first, second, min_area_m2)
    found, whole = pairs(ground, max_pairs=reach.max_pairs)
    rows = [
        *(_row(parcels, ground, option, "single", exact=True) for option in singles(ground)),
        *(_row(parcels, ground, option, "pair", exact=whole) for option in found),
        *(
            _row(parcels, ground, option, "chain", exact=False)
            for option in chains(ground, near_share=reach.near_share, max_parcels=reach.max_parcels)
        ),
    ]
    options = pd.DataFrame(rows, columns=list(_COLUMNS))
    order = ["gained_per_m2", "gained_m2", "near_block", "parcels"]
    options = options.sort_values(order, ascending=[False, False, True, True], kind="stable")
    amounts = [name for name in _COLUMNS if name.endswith(("_m2", "_cny"))]
    return options.astype(dict.fromkeys(amounts, "float64")).reset_index(drop=True)


def blocking_parcels(options: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Return each parcel that blocks, with what it lacks, since when, and its best option.

    Parameters
    ----------
    options
        As `blockers` returns them.
    judged
        As `judge` or `judge_on` returns it, indexed by parcel code.

    Returns
    -------
    parcels
        Index ``parcel``, in the order of the options: ``near_block``, ``option`` (row of the best
        option with it), ``options`` (how many hold it), ``gained_m2`` and ``gained_per_m2`` (of
        that option), and the columns of `judged`.

    Raises
    ------
    InputError
        If a parcel of the options is not in `judged`.
    """
    listed = options["parcels"].explode().dropna()
    strange = ~listed.isin(judged.index)
    if strange.any():
        raise InputError("blockers-not-judged", parcel=listed[strange].iloc[0])
    times = listed.value_counts()
    best = listed.drop_duplicates()
    rows = options.loc[best.index, ["near_block", "gained_m2", "gained_per_m2"]]
    rows = rows.assign(option=best.index, options=times.reindex(best.to_numpy()).to_numpy())
    rows = rows.set_index(pd.Index(best.to_numpy(), name="parcel"))
    return rows.join(judged)


def _ground(parcels: pd.DataFrame, first: Ints, second: Ints, min_area_m2: float) -> Ground:
    require_columns(parcels, "area_m2", "ready", of="parcels")
    twice = parcels.index[parcels.index.duplicated()]
    if len(twice):
        raise InputError("blockers-code-repeated", parcel=twice[0], count=len(twice))
    area_m2 = parcels["area_m2"].to_numpy(dtype=float, na_value=np.nan)
    wrong = ~(area_m2 >= 0) | np.isinf(area_m2)
    if wrong.any():
        raise InputError("blockers-area", parcel=parcels.index[wrong][0])
    ends = np.concatenate([first, second])
    if len(ends) and (ends.min() < 0 or ends.max() >= len(parcels)):
        raise InputError("blockers-outside", position=int(ends.max()), count=len(parcels))
    ready = parcels["ready"].to_numpy(dtype=bool)
    mendable = np.ones(len(parcels), dtype=bool)
    if "mendable" in parcels:
        mendable = parcels["mendable"].to_numpy(dtype=bool)
    cost = np.full(len(parcels), np.nan)
    if "cost_cny" in parcels:
        cost = parcels["cost_cny"].to_numpy(dtype=float, na_value=np.nan)
    return Ground.of(
        first, second, area_m2=area_m2, ready=ready, mendable=mendable, cost=cost,
        least_m2=min_area_m2,
    )  # fmt: skip


def _row(
    parcels: pd.DataFrame, ground: Ground, option: Option, method: Method, *, exact: bool
) -> tuple[object, ...]:
    opened = list(option.opened)
    own = float(ground.area_m2[opened].sum())
    cost = float(ground.cost[opened].sum())
    lead = min(str(parcels.index[member]) for member in ground.members(option.lead))
    per_cny = option.gained_m2 / cost if cost > 0 else np.nan
    return (
        lead, tuple(sorted(str(parcels.index[place]) for place in opened)), method, exact, own,
        option.merged_m2, option.gained_m2, option.gained_m2 / own if own > 0 else np.inf,
        cost, per_cny,
    )  # fmt: skip
