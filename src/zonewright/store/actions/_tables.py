"""Take the tables of an import in the order in which they refer to one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from zonewright.core.findings import Finding, Place
from zonewright.core.records import FileRead, Row, TableRead
from zonewright.store import mapping
from zonewright.store.actions import _checks, _own_indicators
from zonewright.store.actions._ledger import accounts
from zonewright.store.actions._merge import Prefer, base_of, merged
from zonewright.store.actions._months import Months, not_derivable
from zonewright.store.actions._pool import Key, Origin, Pool, Record
from zonewright.store.actions._references import References, respelt
from zonewright.store.actions._rows import missing_fields, names_of, values_of
from zonewright.store.actions._series import Series, firm_values, observation_values
from zonewright.store.actions.indicators import present_rows
from zonewright.store.mapping import EVER, Mapped
from zonewright.store.selectors.indicators import own_rows


@dataclass(frozen=True, slots=True)
class Count:
    """How many records of a table an import made, changed and found unchanged."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class Job:
    """An import while it works.

    Parameters
    ----------
    files
        Files whose bytes are new to the workspace.
    reads
        Their tables, each with the primary key of its `SourceFile`.
    at
        When the workspace learns of them.
    prefer, progress
        As in `take`.
    findings
        What was found so far.
    reasons
        Key of a target to why its row changes it.
    by, origin
        As in `take`.
    """

    files: tuple[FileRead, ...]
    reads: tuple[tuple[int, TableRead], ...]
    at: datetime
    prefer: Prefer
    progress: Callable[[float, str], None]
    findings: list[Finding]
    references: References = field(default_factory=References)
    pools: list[Pool] = field(default_factory=list)
    reasons: dict[Key, str] = field(default_factory=dict)
    by: str = ""
    origin: str = ""
    done: int = 0

    def rows(self, table: str) -> Iterator[tuple[int, TableRead, int, Row]]:
        """Yield source, table, position and row of every row of a table."""
        total = sum(len(read.rows) for _, read in self.reads) or 1
        for source, read in self.reads:
            if read.table != table:
                continue
            self.progress(0.05 + 0.85 * self.done / total, f"{read.file} · {read.sheet}")
            for position, row in enumerate(read.rows):
                yield source, read, position, row
            self.done += len(read.rows)

    def has(self, table: str) -> bool:
        """Return whether a table is among what is taken."""
        return any(read.table == table for _, read in self.reads)


def take_tables(job: Job) -> dict[str, Count]:
    """Write every table and return how many records were made, changed and unchanged."""
    counts: dict[str, Count] = {}
    for table, work in _STEPS:
        if job.has(table):
            counts[table] = work(job)
    job.progress(0.92, "")
    _checks.check(job.pools, job.references, job.findings)
    job.progress(1.0, "")
    return counts


def _records(mapped: Mapped) -> Callable[[Job], Count]:
    def work(job: Job) -> Count:
        pool = Pool(mapped, at=job.at)
        for source, read, position, row in job.rows(mapped.table):
            _take_row(job, pool, source, read, position, row)
        return _finish(job, pool)

    return work


def _take_row(
    job: Job, pool: Pool, source: int, read: TableRead, position: int, row: Row
) -> Record | None:
    mapped = pool.mapped
    values = _values(job, mapped, read, position, row)
    if values is None:
        job.references.refuse(mapped.record, str(row.get("code", "")))
        return None
    if mapped.key == ("code",) and (other := pool.spelt_otherwise(str(values["code"]))):
        place = read.place(position, "code")
        text = str(values["code"])
        job.findings.append(respelt(text, other, table=read.table, name="code", place=place))
        values["code"] = other
    values |= _beyond_the_row(mapped, values, read, position, row)
    _note_other_entry(job, pool, values, read, position)
    return _apply(job, pool, values, source, read, position, row)


def _note_other_entry(
    job: Job, pool: Pool, values: Mapping[str, object], read: TableRead, position: int
) -> None:
    """Say that a ledger's number is that of another document: offices number each from 1."""
    present = pool.records.get(pool.key(values))
    if present is None or pool.mapped.table not in ("quota_entries", "fund_entries"):
        return
    known, said = present.values["document"], values.get("document")
    if not known or not said or known == said:
        return
    job.findings.append(
        Finding(
            "take-entry-renumbered",
            "error" if present.pk is None else "warning",
            pool.mapped.table,
            "code",
            read.place(position, "code"),
            (str(values["code"]),),
            {"known": known, "said": said},
        )
    )


def _values(
    job: Job, mapped: Mapped, read: TableRead, position: int, row: Row
) -> dict[str, object] | None:
    return values_of(
        mapped,
        row,
        read=read,
        position=position,
        references=job.references,
        findings=job.findings,
        clear=base_of(read, row) is not None,
    )


def _apply(
    job: Job,
    pool: Pool,
    values: dict[str, object],
    source: int,
    read: TableRead,
    position: int,
    row: Row,
) -> Record:
    base_row = base_of(read, row)
    record = pool.records.get(pool.key(values))
    if base_row is not None and record is not None and record.pk is not None:
        base = _values(job, pool.mapped, read, position, base_row) or {}
        changes = merged(
            pool,
            record,
            edited=values,
            base=base,
            read=read,
            position=position,
            prefer=job.prefer,
            code=str(row.get("code", "")),
            findings=job.findings,
        )
        values = {name: values[name] for name in pool.mapped.key} | changes
    if pool.mapped.table == "targets" and row.get("reason"):
        job.reasons[pool.key(values)] = str(row["reason"])
    applied = pool.apply(
        values,
        origin=_origin(source, read, position),
        place=read.place(position, pool.mapped.decisive),
        names=names_of(pool.mapped, values),
    )
    if row.get(_checks.REPORTED_AREA) is not None:
        area = read.place(position, _checks.REPORTED_AREA)
        applied.places[_checks.REPORTED_AREA] = area
    return applied


def _origin(source: int, read: TableRead, position: int) -> Origin:
    columns = read.row_columns.get(position, {})
    return Origin(source, read.sheet, read.numbers[position], columns)


def _beyond_the_row(
    mapped: Mapped, values: Mapping[str, object], read: TableRead, position: int, row: Row
) -> dict[str, object]:
    """Return what follows from a row besides its fields: accounts, position."""
    if mapped.table in ("quota_entries", "fund_entries") and "entry" in values:
        debit, credit = accounts(str(values["entry"]), str(row.get("zone", "")))
        return {"debit": debit, "credit": credit}
    if mapped.table == "outline":
        return {"position": read.numbers[position]}
    if mapped.table == "targets":
        return {"subject": values.get("subject") or ""}
    return {}


def _finish(job: Job, pool: Pool) -> Count:
    """Drop what cannot be written, write the rest, and count."""
    for key, record in list(pool.touched.items()):
        lacking = missing_fields(pool.mapped, record.values) if record.pk is None else []
        for column in lacking:
            label = {"label_en": column.field.label("en"), "label_zh": column.field.label("zh")}
            code = str(record.values.get("code", ""))
            place = Place(record.place.file, record.place.sheet, record.place.row)
            job.findings.append(
                Finding(
                    "take-value-missing", "error", pool.mapped.table, column.field.name,
                    place, (code,), label,
                )
            )  # fmt: skip
        if lacking:
            job.references.refuse(pool.mapped.record, str(record.values.get("code", "")))
            del pool.touched[key]
    job.findings.extend(_checks.shape_faults(pool))
    count = Count(
        created=sum(1 for _ in pool.created()),
        updated=sum(1 for _ in pool.updated()),
        unchanged=sum(
            record.pk is not None and not record.changes for record in pool.touched.values()
        ),
    )
    pool.write()
    job.pools.append(pool)
    return count


def _indicators(job: Job) -> Count:
    """Take definitions of own indicators, before anything that names one."""
    present = present_rows()
    before = {row["code"]: row for row in own_rows()}
    given: dict[str, _own_indicators.Given] = {}
    for _, read, position, row in job.rows(_own_indicators.TABLE):
        code = str(row["code"])
        said = given[code].row if code in given else before.get(code, {})
        definition = _own_indicators.definition_of(row, said)
        given[code] = _own_indicators.Given(definition, read, position)
    known, findings = _own_indicators.sound(given)
    job.findings.extend(findings)
    for code in given:
        if code not in known:
            job.references.refuse("indicator", code)
    counts = _own_indicators.write(given, known, present, by=job.by, origin=job.origin)
    return Count(*counts)


def _zones(job: Job) -> Count:
    """Take zones, then their boundaries: a row of the table is both."""
    zones = Pool(mapping.ZONES, at=job.at)
    rows = list(job.rows("zones"))
    taken = [row for row in rows if _take_row(job, zones, *row) is not None]
    count = _finish(job, zones)
    versions = Pool(mapping.ZONE_VERSIONS, at=job.at)
    # A row without a date is of the latest boundary, so those with a date come first.
    for source, read, position, row in sorted(
        taken, key=lambda item: not item[3].get("valid_from")
    ):
        zone = job.references.find("zone", str(row["code"]))
        values = _values(job, mapping.ZONE_VERSIONS, read, position, row)
        if zone is None or values is None:
            continue
        values["zone_id"] = zone
        values["valid_from"] = values.get("valid_from") or _latest_from(versions, zone)
        _apply(job, versions, values, source, read, position, row)
    changes = _finish(job, versions)
    moved = {record.values["zone_id"] for record in versions.changed}
    also = len(moved - {record.pk for record in zones.changed}) if changes.updated else 0
    return Count(count.created, count.updated + also, count.unchanged - also)


def _latest_from(versions: Pool, zone: int) -> object:
    dates = [key[1] for key in versions.records if key[0] == zone]
    return max(dates, default=EVER)  # type: ignore[type-var]


def _series(mapped: Mapped) -> Callable[[Job], Count]:
    def work(job: Job) -> Count:
        found = []
        for source, read, position, row in job.rows(mapped.table):
            values = _values(job, mapped, read, position, row)
            if values is None:
                continue
            if mapped.table == "observations":
                values = observation_values(values, job.references)
            found.append((values, source, read, position))
        pool = Pool(mapped, at=job.at, rows=[values for values, *_ in found])
        series = Series(pool, job.findings)
        for values, source, read, position in found:
            series.add(values, _origin(source, read, position), read, position)
        return _close(job, series)

    return work


def _work_months(job: Job) -> Count:
    """Take works' monthly returns; those that give only the year to date come last, in order."""
    series = Series(Pool(mapping.WORK_MONTHS, at=job.at), job.findings)
    later: list[tuple[dict[str, object], int, TableRead, int, Row]] = []
    for source, read, position, row in job.rows("work_months"):
        values = _values(job, mapping.WORK_MONTHS, read, position, row)
        if values is not None and Months.is_open(values):
            later.append((values, source, read, position, row))
        elif values is not None:
            series.add(values, _origin(source, read, position), read, position)
    months = Months(series.pool)
    for values, source, read, position, row in sorted(
        later, key=lambda item: str(item[0]["month"])
    ):
        place = read.place(position, "invested_ytd")
        alone = months.alone(values)
        if alone is None:
            job.findings.append(not_derivable(str(row["work"]), values, place))
            continue
        origin = _origin(source, read, position)
        origin = replace(origin, columns={**origin.columns, "invested": place.column})
        found = {**values, "invested_cny": alone}
        series.add(found, origin, read, position, name="invested_ytd")
    job.findings.extend(months.disagreements(job.references))
    return _close(job, series)


def _firm_months(job: Job) -> Count:
    """Take firms' monthly returns: each figure is an observation of the firm."""
    found = [
        (values, name, source, read, position)
        for source, read, position, row in job.rows("firm_months")
        for values, name in firm_values(row, read, position, job.references, job.findings)
    ]
    pool = Pool(mapping.OBSERVATIONS, at=job.at, rows=[values for values, *_ in found])
    series = Series(pool, job.findings)
    for values, name, source, read, position in found:
        series.add(values, _origin(source, read, position), read, position, name=name)
    return _close(job, series)


def _close(job: Job, series: Series) -> Count:
    count = Count(series.created, series.updated, series.unchanged)
    series.pool.write()
    job.pools.append(series.pool)
    return count


_STEPS: tuple[tuple[str, Callable[[Job], Count]], ...] = (
    (_own_indicators.TABLE, _indicators),
    ("zones", _zones),
    ("memberships", _records(mapping.MEMBERSHIPS)),
    ("plans", _records(mapping.PLANS)),
    ("parcels", _records(mapping.PARCELS)),
    ("works", _records(mapping.WORKS)),
    ("ventures", _records(mapping.VENTURES)),
    ("firms", _records(mapping.FIRMS)),
    ("parcel_events", _series(mapping.PARCEL_EVENTS)),
    ("work_months", _work_months),
    ("milestones", _records(mapping.MILESTONES)),
    ("firm_months", _firm_months),
    ("observations", _series(mapping.OBSERVATIONS)),
    ("targets", _records(mapping.TARGETS)),
    ("quota_entries", _records(mapping.QUOTA_ENTRIES)),
    ("fund_entries", _records(mapping.FUND_ENTRIES)),
    ("no_go", _records(mapping.NO_GO)),
    ("outline", _records(mapping.OUTLINE)),
)
