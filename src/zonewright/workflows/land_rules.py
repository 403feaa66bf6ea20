"""The two rules by which land counts: levelled, by the stage alone; and ready to supply.

Contiguous levelled land (连片净地) is what targets and published figures count: parcels that are
levelled and not yet supplied. Land that is ready to supply (可供成片地块) must also be paid for in
full, lie outside no-go areas and have a road: what can be offered to an investor today.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

from zonewright.land.readiness import Rule, standard_rule

RuleName = Literal["supply", "levelled"]
SUPPLY: RuleName = "supply"
LEVELLED: RuleName = "levelled"
RULES: tuple[RuleName, ...] = (SUPPLY, LEVELLED)


@cache
def levelled_rule() -> Rule:
    """Return the conditions of the standard rule that ask for the stage, and no others."""
    rule = standard_rule()
    stages = tuple(one for one in rule.conditions if one.kind == "stage")
    return Rule(f"{rule.version}-stage", stages)


def with_obstacles(judged: pd.DataFrame, full: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Return a judgement by some conditions, with what no money mends by all of them.

    Land in a no-go area counts as levelled once it is levelled. That is no reason to level more of
    it: a parcel that still waits there cannot be mended by either rule.

    Parameters
    ----------
    judged
        Shape (n,): as `zonewright.land.readiness.judge_on` returns it, by some conditions of
        `rule`.
    full
        Shape (n,): the same parcels by all conditions.
    rule
        All conditions.

    Returns
    -------
    judged
        What is ready stays ready. The rest lacks also whatever it lacks by `full` that cannot be
        mended.
    """
    stuck = {one.lack for one in rule.conditions if not one.mendable}
    waits = ~judged["ready"].to_numpy(dtype=bool) & judged["mendable"].to_numpy(dtype=bool)
    places = np.flatnonzero(waits & ~full["mendable"].to_numpy(dtype=bool))
    if not len(places):
        return judged
    lacks = judged["lacks"].to_numpy(dtype=object).copy()
    days = judged["lacks_since"].to_numpy(dtype=object).copy()
    mendable = judged["mendable"].to_numpy(dtype=bool).copy()
    all_lacks, all_days = full["lacks"].to_numpy(), full["lacks_since"].to_numpy()
    for place in places.tolist():
        more = [
            (lack, day)
            for lack, day in zip(all_lacks[place], all_days[place], strict=True)
            if lack in stuck and lack not in lacks[place]
        ]
        lacks[place] = (*lacks[place], *(lack for lack, _ in more))
        days[place] = (*days[place], *(day for _, day in more))
    mendable[places] = False
    return judged.assign(lacks=lacks, lacks_since=days, mendable=mendable)
