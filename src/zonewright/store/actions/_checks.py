"""Checks across records: geometries, the map, overlaps, ledgers, what the outline names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from zonewright.core.findings import Finding, Place
from zonewright.core.units import UNITS, convert
from zonewright.store.actions._ledger import Posting, overdrafts
from zonewright.store.actions._pool import Pool, Record
from zonewright.store.actions._references import References
from zonewright.store.actions._shapes import faults, overlaps

MAX_ALIKE = 200
REPORTED_AREA = "reported_area"
# A ledger's area may differ from the map's by this share without a word, and by this factor not.
NEAR, FAR = 0.05, 2.0
_PERIODIC = frozenset({"works", "ventures", "firms", "milestones"})
_AMOUNTS = {"quota_entries": ("area_m2", "category"), "fund_entries": ("amount_cny", "kind")}


def check(pools: Sequence[Pool], references: References, findings: list[Finding]) -> None:
    """Add what is wrong across the records that an import wrote."""
    for pool in pools:
        findings.extend(_said_twice(pool))
        if pool.mapped.record == "parcel":
            findings.extend(_off_the_map(pool))
            findings.extend(_areas_apart(pool))
            findings.extend(_overlapping(pool))
        elif pool.mapped.table in _AMOUNTS:
            findings.extend(_overdrawn(pool))
        elif pool.mapped.table == "outline":
            findings.extend(_unknown_subjects(pool, references))
        elif pool.mapped.table == "targets":
            findings.extend(_unknown_parts(pool, references))


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


def _areas_apart(pool: Pool) -> list[Finding]:
    """Return where a ledger's area and that of the drawn shape differ."""
    found = []
    for record in pool.touched.values():
        place = record.places.get(REPORTED_AREA)
        if place is None and "geometry" not in record.before:
            continue
        fault = area_finding(
            str(record.values["code"]),
            given=record.values["reported_area_m2"],
            drawn=record.values["area_m2"],
            exact=record.values["reported_area_bound"] == "exact",
            unit=str(record.values["reported_area_unit"] or "m2"),
            place=place or record.place,
        )
        if fault is not None:
            found.append(fault)
    return found[:MAX_ALIKE]


def area_finding(
    code: str, *, given: object, drawn: object, exact: bool, unit: str, place: Place
) -> Finding | None:
    """Return that a parcel's area in the ledger is not that of its shape; None if it is near.

    Both are kept; but twice or half the area is a wrong unit or a wrong parcel, and an error.

    Parameters
    ----------
    code
        The parcel.
    given, drawn
        Area in the ledger and on the map [m²].
    exact, unit
        How the ledger's was written.
    place
        Where it stands.
    """
    if not isinstance(given, float) or not isinstance(drawn, float) or not drawn:
        return None
    ratio = given / drawn
    far = ratio >= FAR or ratio <= 1 / FAR
    if not far and (not exact or abs(ratio - 1) <= NEAR):
        return None
    params = {
        "parcel": code,
        "given": f"{float(convert(given, 'm2', unit)):,.2f} {unit}",
        "drawn": f"{float(convert(drawn, 'm2', unit)):,.2f} {unit}",
        "fits": "、".join(_fitting(given, drawn, unit)) or "—",
    }
    return Finding(
        "take-area-unit" if far else "take-area-apart",
        "error" if far else "warning",
        "parcels",
        REPORTED_AREA,
        place,
        (code,),
        params,
    )


def _fitting(given: float, drawn: float, unit: str) -> list[str]:
    """Return the units in which the number written would be the area drawn."""
    number = float(convert(given, "m2", unit))
    units = (other for other in UNITS.values() if other.dimension == "area" and other.code != unit)
    return [other.code for other in units if abs(number * float(other.factor) / drawn - 1) <= NEAR]


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


def _unknown_parts(pool: Pool, references: References) -> list[Finding]:
    """Return an error for each target of a part that neither a work nor a project brings."""
    found = []
    for record in pool.touched.values():
        subject = str(record.values["subject"] or "")
        # Parts are matched by their exact code, so a name or another spelling is none.
        if subject and not any(
            subject in references.of(kind).codes for kind in ("work", "venture")
        ):
            found.append(
                Finding("target-subject-unknown", "error", pool.mapped.table, "subject",
                        record.places.get("subject", record.place), params={"value": subject})
            )  # fmt: skip
    return found
