"""Rules that read the land: contiguous blocks and the area of a boundary."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from zonewright.core.units import factor
from zonewright.steering.catalogue import Indicator
from zonewright.steering.figure import Answer, Facts, Question, finding_of, new_terms
from zonewright.steering.rows import exact_sum, rows_in_zone, table_of


def blocks(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Count a zone's contiguous levelled blocks at the end of the period, or add up their area."""
    found = facts.blocks_of(question.zone, question.period.end_on)
    members = _members(facts, found)
    day = question.period.end_on
    if indicator.rule == "blocks":
        named = ~members.duplicated("block")
        total = Fraction(len(found))
        terms = new_terms(members["record"], named.astype(float), members["block"])
        wording = (
            f"连片净地的块数（片区 {question.zone}，{day} 已平整未供应、共边相连，"
            "每块不小于下限面积）",
            f"number of contiguous levelled blocks (zone {question.zone}, levelled, not supplied "
            f"on {day}, joined along shared edges, each of the least area or more)",
        )
    else:
        scale = factor("m2", indicator.unit)
        total = exact_sum(found["area_m2"]) * scale
        terms = new_terms(members["record"], members["area_m2"] * float(scale), members["block"])
        wording = (
            f"Σ 连片净地面积（片区 {question.zone}，{day}）",
            f"Σ area of contiguous levelled blocks (zone {question.zone}, {day})",
        )
    if not rows_in_zone(facts, "parcels", question.zone).any():
        finding = finding_of("rollup-no-records", question, indicator)
        return Answer(None, terms, *wording, findings=(finding,))
    return Answer(total, terms, *wording)


def boundary_area(question: Question, indicator: Indicator, facts: Facts) -> Answer:
    """Return the area of a zone's boundary on the ellipsoid."""
    area_m2 = facts.scope.area_m2(question.zone)
    records = version_records(facts, question.zone)
    wording = (
        f"片区 {question.zone} 边界的椭球面积（{question.period.end_on}）",
        f"area on the ellipsoid of the boundary of zone {question.zone} ({question.period.end_on})",
    )
    if area_m2 is None:
        finding = finding_of("rollup-no-boundary", question, indicator)
        return Answer(None, new_terms(), *wording, findings=(finding,))
    exact = exact_sum([area_m2]) * factor("m2", indicator.unit)
    given = [float(exact)] if len(records) == 1 else [float("nan")] * len(records)
    return Answer(exact, new_terms(records, given), *wording)


def version_records(facts: Facts, zone: str) -> tuple[str, ...]:
    """Return the records of the boundary versions that decide what lies in a zone."""
    ids = facts.scope.versions_used(zone)
    return tuple(version if ":" in version else f"zone_version:{version}" for version in ids)


def _members(facts: Facts, found: pd.DataFrame) -> pd.DataFrame:
    """Return the parcels of blocks: ``block``, ``record``, ``area_m2``, block by block."""
    listed = found["members"].explode()
    rows = pd.DataFrame({"block": listed.index, "parcel": listed.astype(str).to_numpy()})
    return rows.join(facts.keep("parcels by code", lambda: _by_code(facts)), on="parcel")


def _by_code(facts: Facts) -> pd.DataFrame:
    """Return ``record`` and ``area_m2`` of each parcel, by its code."""
    parcels = table_of(facts, "parcels").drop_duplicates("parcel").set_index("parcel")
    return parcels[["record", "area_m2"]]
