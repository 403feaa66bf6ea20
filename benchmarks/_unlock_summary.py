"""What the rows of the unlock benchmark come to: a line for each family, and what was missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from statistics import median

AT_BEST = 1e-4
WORSE = 1e-6


def families(rows: Sequence[Mapping]) -> list[dict[str, object]]:
    """Return for each folder of public instances what was reached, ours and the flow model's."""
    found = []
    for family, group in groupby(rows, key=lambda row: str(row["instance"]).split("/")[0]):
        members = list(group)
        offs = [row["off"] for row in members if row["off"] is not None]
        flows = [row["flow"] for row in members if row.get("flow")]
        flow_offs = [flow["off"] for flow in flows if flow["off"] is not None]
        found.append({
            "family": family,
            "instances": len(members),
            "known": len(offs),
            "at_best": sum(off <= AT_BEST for off in offs),
            "worst_off": max(offs, default=None),
            "median_gap": median(row["gap"] for row in members),
            "proven": sum(row["status"] == "optimal" for row in members),
            "flow_at_best": sum(off <= AT_BEST for off in flow_offs) if flows else None,
            "better_than_flow": sum(row["against_flow"] == "better" for row in members),
            "worse_than_flow": sum(row["against_flow"] == "worse" for row in members),
        })  # fmt: skip
    return found


def print_families(rows: Sequence[Mapping]) -> None:
    """Print the line of each family."""
    print(
        f"{'family':20} {'n':>3} at best  worst off  median gap proven  flow at best  vs flow +/-"
    )
    for one in families(rows):
        worst = "-" if one["worst_off"] is None else f"{one['worst_off']:.3%}"
        flow = "-" if one["flow_at_best"] is None else one["flow_at_best"]
        print(
            f"{one['family']:20} {one['instances']:>3} {one['at_best']:>3}/{one['known']:<3} "
            f"{worst:>10} {one['median_gap']:>11.3%} {one['proven']:>6} {flow:>13} "
            f"{one['better_than_flow']:>7}/{one['worse_than_flow']}"
        )


def missed(areas: Sequence[Mapping], publics: Sequence[Mapping]) -> list[str]:
    """Return what fell short: goals of start-up areas, and rows where greedy was better."""
    faults = []
    for row in areas:
        name = f"{row['parcels']} parcels, budget {row['budget_mean_costs']}"
        if not row["reached"]:
            faults.append(f"{name}: gap {row['gap']:.2%} above {row['goal_gap']:.2%}")
        if row.get("never_worse_than_greedy") is False:
            faults.append(f"{name}: greedy is better")
    faults += [
        f"{row['instance']}: greedy is better"
        for row in publics
        if row.get("never_worse_than_greedy") is False
    ]
    return faults
