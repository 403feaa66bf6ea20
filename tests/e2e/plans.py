"""What the browser's tests of plans find: plots that touch, two unlock plans, a grading plan."""

from __future__ import annotations

from tests.web import plan_ground
from zonewright.store.access import operator
from zonewright.workflows.jobs import GRADE, UNLOCK
from zonewright.workflows.plan_runs import ask_plan
from zonewright.workflows.uploads import TERRAIN_KINDS, keep_uploads
from zonewright.workflows.worker import work_off

ON = "2023-10-31"
BUDGETS_WAN = (1_500, 3_000)


def make() -> None:
    """Draw the plots in the connected workspace and compute the plans."""
    plan_ground.plots()
    access = operator("tests")
    for budget in BUDGETS_WAN:
        means = {"zone": "P1", "on": ON, "budget_wan": budget, "threshold_mu": 300}
        ask_plan(UNLOCK, {**means, "time_limit_s": 1}, access=access)
    ground = {
        "zone": "Z1", "on": ON, "parcels": "DK-0000", "crs": plan_ground.CRS,
        "pattern": "terraces", "terraces": 2, "min_width_m": 400, "time_limit_s": 2,
    }  # fmt: skip
    files = keep_uploads([plan_ground.terrain()], kinds=TERRAIN_KINDS)
    ask_plan(GRADE, {**ground, "files": [name for name, _ in files]}, access=access, files=files)
    work_off()
