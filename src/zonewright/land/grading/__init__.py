"""Levelling a block: terrain, platforms, cut and fill, haul and their price."""

from zonewright.land.grading.drawing import Profile, cross_section, cut_fill_map
from zonewright.land.grading.grade import best_plane, grade
from zonewright.land.grading.layout import regular_pads, terraces
from zonewright.land.grading.pads import Pad, Plane
from zonewright.land.grading.plan import Cost, GradingPlan, GradingResult, Haul, PadPlan
from zonewright.land.grading.problem import GradingProblem, Rates, Site
from zonewright.land.grading.reading import read_terrain
from zonewright.land.grading.resolving import resolved
from zonewright.land.grading.terrain import Terrain
from zonewright.land.grading.verify import verify_plan
from zonewright.land.grading.volumes import Volumes, volumes_by_grid, volumes_by_prisms

__all__ = [
    "Cost",
    "GradingPlan",
    "GradingProblem",
    "GradingResult",
    "Haul",
    "Pad",
    "PadPlan",
    "Plane",
    "Profile",
    "Rates",
    "Site",
    "Terrain",
    "Volumes",
    "best_plane",
    "cross_section",
    "cut_fill_map",
    "grade",
    "read_terrain",
    "regular_pads",
    "resolved",
    "terraces",
    "verify_plan",
    "volumes_by_grid",
    "volumes_by_prisms",
]
