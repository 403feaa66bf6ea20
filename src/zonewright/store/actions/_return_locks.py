"""What a locked return protects: the rows of series that it returned for its zone and month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zonewright.core.errors import FindingsError, PeriodError
from zonewright.core.findings import Finding, Place
from zonewright.core.periods import Period
from zonewright.steering.returns.kinds import Into, ReturnKind, ReturnSheet, kinds
from zonewright.steering.returns.tables import feeds
from zonewright.store.actions._pool import Pool
from zonewright.store.mapping import BY_RECORD, FIRM_INDICATORS, SERIES, Mapped
from zonewright.store.models import Indicator, Return
from zonewright.store.selectors.return_rows import scope

Row = Mapping[str, Any]
_OWNERS = {"parcel_event": "parcel_id", "work_month": "work_id"}
_FEW = 900


@dataclass(frozen=True, slots=True)
class Written:
    """A row of a series that is about to be written, changed or taken away."""

    values: Row
    place: Place = field(default_factory=Place)
    code: str = ""


def locked_findings(
    mapped: Mapped, rows: Sequence[Written], *, besides: int | None = None
) -> list[Finding]:
    """Return a fault for each row of a series whose month is locked, saying how to go on.

    Parameters
    ----------
    mapped
        Kind of the rows; one that is no series has no months to lock.
    rows
        What is about to be written.
    besides
        The return that is just being locked: it may write its own month.
    """
    if mapped.record not in SERIES or not rows:
        return []
    months: dict[str, list[Written]] = {}
    for row in rows:
        months.setdefault(_month(mapped, row.values), []).append(row)
    fed = _fed(mapped)
    there = Return.objects.filter(state="locked", kind__in=fed, period__in=months)
    found: list[Finding] = []
    if besides is not None:
        there = there.exclude(pk=besides)
    for locked in there.select_related("zone").order_by("pk"):
        kind = kinds()[locked.kind]
        for sheet, into in fed[locked.kind]:
            hit = _covered(mapped, sheet, into, locked, months[locked.period])
            found += [_fault(mapped, kind, locked, row) for row in hit]
    return found


def pool_findings(pools: Iterable[Pool], *, besides: int | None = None) -> list[Finding]:
    """Return `locked_findings` of the rows that an import added to series."""
    found: list[Finding] = []
    for pool in pools:
        if pool.mapped.record in SERIES:
            found += locked_findings(pool.mapped, list(_added(pool)), besides=besides)
    return found


def require_unlocked(mapped: Mapped, *rows: Row) -> None:
    """Refuse to write a row of a series whose month is locked.

    Raises
    ------
    FindingsError
        Saying which return is to be reopened.
    """
    faults = locked_findings(mapped, [Written(row) for row in rows])
    if faults:
        raise FindingsError(tuple(faults))


def require_owned_unlocked(rows: Mapping[str, Row]) -> None:
    """Refuse to delete a record to which rows of a locked month belong (`_writing.owned_rows`)."""
    by_kind: dict[str, list[Row]] = {}
    for name, row in rows.items():
        by_kind.setdefault(name.partition(":")[0], []).append(row)
    for kind, owned in by_kind.items():
        require_unlocked(BY_RECORD[kind], *owned)


def _added(pool: Pool) -> Iterator[Written]:
    """Yield what an import added to a series: of those, only rows that differ are touched."""
    for record in pool.touched.values():
        yield Written(record.values, record.place)
        if pool.mapped.record == "parcel_event" and "on" in record.before:
            # A stage that is moved out of a month changes that month as well.
            yield Written({**record.values, "on": record.before["on"]}, record.place)


def _month(mapped: Mapped, row: Row) -> str:
    """Return the month to which a row belongs, as in ``2023-04``; empty if to none."""
    if mapped.record == "observation":
        try:
            last = Period.parse(str(row["period"])).last
        except PeriodError:
            return ""
        return str(Period(last, last))
    day = row["on" if mapped.record == "parcel_event" else "month"]
    return f"{day:%Y-%m}" if isinstance(day, date) else str(day)[:7]


def _fed(mapped: Mapped) -> Mapping[str, list[tuple[ReturnSheet, Into]]]:
    """Return the kinds of return whose rows become such rows, with their sheets."""
    tables = [mapped.table]
    if mapped.record == "observation":
        tables.append("firm_months")
    return {
        code: pairs
        for code, kind in kinds().items()
        if (pairs := [pair for table in tables for pair in feeds(kind).get(table, ())])
    }


def _covered(
    mapped: Mapped, sheet: ReturnSheet, into: Into, locked: Return, rows: Sequence[Written]
) -> list[Written]:
    if mapped.record == "observation":
        return _covered_observations(sheet, into, locked, rows)
    fixed = dict(into.fixed)
    same = [row for row in rows if all(row.values[name] == said for name, said in fixed.items())]
    owner = _OWNERS[mapped.record]
    inside = _inside(sheet, locked, {row.values[owner] for row in same})
    return [row for row in same if row.values[owner] in inside]


def _covered_observations(
    sheet: ReturnSheet, into: Into, locked: Return, rows: Sequence[Written]
) -> list[Written]:
    month = Period.parse(locked.period)
    whole = str(Period.year_to_date(month.year, month.last_month))
    if into.table == "firm_months":
        codes = set(FIRM_INDICATORS.values())
        span = whole
        inside = _inside(sheet, locked, {row.values.get("firm_id") for row in rows} - {None})
        same = [row for row in rows if row.values.get("firm_id") in inside]
    else:
        codes = set(sheet.reports(into))
        span = whole if dict(into.fixed).get("period") == "ytd" else locked.period
        same = [row for row in rows if row.values.get("zone_id") == locked.zone_id]
    keys = set(Indicator.objects.filter(code__in=codes).values_list("pk", flat=True))
    return [
        row
        for row in same
        if row.values["indicator_id"] in keys and str(row.values["period"]) == span
    ]


def _inside(sheet: ReturnSheet, locked: Return, keys: set[Any]) -> set[int]:
    """Return those of some records that lie in the zone of a return."""
    if not keys:
        return set()
    rows = scope(sheet, locked.zone.code).order_by()
    if len(keys) <= _FEW:
        rows = rows.filter(pk__in=keys)
    return keys & set(rows.values_list("pk", flat=True))


def _fault(mapped: Mapped, kind: ReturnKind, locked: Return, row: Written) -> Finding:
    params = {
        "period": locked.period, "kind_zh": kind.zh, "kind_en": kind.en, "id": locked.pk,
        "zone": f"{locked.zone.code} {locked.zone.name}",
    }  # fmt: skip
    ids = (row.code,) if row.code else ()
    return Finding(
        "return-locked-month", "error", mapped.table, mapped.decisive, row.place, ids, params
    )
