"""Checks across records: geometries, the map, overlaps, ledgers, what the outline names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from zonewright.core.findings import Finding, Place
from zonewright.store.actions._ledger import Posting, overdrafts
from zonewright.store.actions._pool import Pool, Record
from zonewright.store.actions._references import References
from zonewright.store.actions._shapes import faults, overlaps

MAX_ALIKE = 200
_PERIODIC = frozenset({"works", "ventures", "firms", "milestones"})
_AMOUNTS = {"quota_entries": ("area_m2", "category"), "fund_entries": ("amount_cny", "kind")}


def check(pools: Sequence[Pool], references: References, findings: list[Finding]) -> None:
    """Add what is wrong across the records that an import wrote."""
    for pool in pools:
        findings.extend(_said_twice(pool))
        if pool.mapped.record == "parcel":
            findings.extend(_off_the_map(pool))
            findings.extend(_overlapping(pool))
        elif pool.mapped.table in _AMOUNTS:
            findings.extend(_overdrawn(pool))
        elif pool.mapped.table == "outline":
            findings.extend(_unknown_subjects(pool, references))


def _said_twice(pool: Pool) -> list[Finding]:
    """Return a warning for each field that two files of the import give differently.

    Works, projects and firms come in returns month after month, each later than the one before.
    """
    if pool.mapped.table in _PERIODIC:
        return []
    found = []
    for (field, _, _), cases in pool.said_twice.items():
        _, one, other = cases[0]
        codes = tuple(str(case.values.get("code", "")) for case, _, _ in cases[:MAX_ALIKE])
        params = {
            "count": len(cases),
            "one": str(replace(one, column="")),
            "other": str(replace(other, column="")),
        }
        found.append(
            Finding(
                "take-records-disagree", "warning", pool.mapped.table, field, other, codes, params
            )
        )
    return found


def shape_faults(pool: Pool) -> list[Finding]:
    """Return an error for each new or changed geometry that is empty or crosses itself.

    Such a geometry is taken out again, so that the rest can be checked.
    """
    if "geometry" not in pool.fields:
        return []
    fresh = [
        record
        for record in pool.touched.values()
        if record.values["geometry"] is not None
        and (record.pk is None or "geometry" in record.before)
    ]
    found = []
    shapes: list[Any] = [record.values["geometry"] for record in fresh]
    for record, fault in zip(fresh, faults(shapes) if shapes else [], strict=True):
        if fault:
            found.append(_of(record, pool, "take-geometry-fault", "error", {"reason": fault}))
            pool.change(record, "geometry", record.before.get("geometry"))
    return found


def _of(
    record: Record, pool: Pool, code: str, severity: Any, params: Mapping[str, object]
) -> Finding:
    ids = (str(record.values.get("code", "")),)
    return Finding(code, severity, pool.mapped.table, "geometry", record.place, ids, params)


def _off_the_map(pool: Pool) -> list[Finding]:
    """Return a warning a file for parcels that no map shows: they count as the ledger says."""
    by_file: dict[str, list[Record]] = {}
    for record in pool.touched.values():
        if record.values["geometry"] is None:
            by_file.setdefault(record.place.file, []).append(record)
    return [
        Finding(
            "take-parcel-off-map",
            "warning",
            pool.mapped.table,
            "geometry",
            Place(file, records[0].place.sheet, records[0].place.row),
            tuple(str(record.values["code"]) for record in records[:MAX_ALIKE]),
            {"count": len(records)},
        )
        for file, records in by_file.items()
    ]


def _overlapping(pool: Pool) -> list[Finding]:
    records = [r for r in pool.records.values() if r.values["geometry"] is not None]
    fresh = [
        position
        for position, record in enumerate(records)
        if "geometry" in record.before or record.values["recorded_at"] == pool.at
    ]
    shapes: list[Any] = [record.values["geometry"] for record in records]
    pairs = overlaps(shapes, fresh)
    found = []
    for pair in pairs[:MAX_ALIKE]:
        one, other = records[pair.one], records[pair.other]
        codes = (str(one.values["code"]), str(other.values["code"]))
        place = one.place if one.place.file else other.place
        params = {"one": codes[0], "other": codes[1], "area": f"{pair.area_m2:,.0f}"}
        found.append(
            Finding("take-parcels-overlap", "warning", "parcels", "geometry", place, codes, params)
        )
    if len(pairs) > MAX_ALIKE:
        rest = {"count": len(pairs) - MAX_ALIKE}
        found.append(Finding("take-more-overlaps", "warning", "parcels", params=rest))
    return found


def _overdrawn(pool: Pool) -> list[Finding]:
    amount, purse = _AMOUNTS[pool.mapped.table]
    postings = []
    for record in pool.records.values():
        values: Any = record.values
        on: date = values["on"]
        postings.append(
            Posting(
                code=values["code"],
                on=on,
                purse=values[purse],
                debit=values["debit"],
                credit=values["credit"],
                amount=Decimal(str(values[amount])),
                place=record.place,
            )
        )
    return overdrafts(pool.mapped.table, postings)


def _unknown_subjects(pool: Pool, references: References) -> list[Finding]:
    found = []
    for record in pool.touched.values():
        subject = str(record.values["subject"])
        if subject and references.find("venture", subject) is None:
            found.append(
                references.complaint(
                    "venture", subject, table="outline", name="subject", place=record.place
                )
            )
    return found
