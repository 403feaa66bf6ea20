"""What the workspace knows beforehand for a return: the rows of its zone, and last month's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from zonewright.core.periods import Period
from zonewright.core.units import unit
from zonewright.steering.catalogue import load
from zonewright.steering.returns.kinds import Into, ReturnColumn, ReturnKind, ReturnSheet
from zonewright.steering.returns.rows import RowsOf, SheetRow
from zonewright.store.access import Access, Permission
from zonewright.store.mapping import FIRM_INDICATORS, ledger
from zonewright.store.models import Milestone, Observation, ParcelEvent, WorkMonth
from zonewright.store.selectors.record import RecordState, states

Found = dict[str, dict[Into, dict[str, object]]]
_VIEW: frozenset[Permission] = frozenset({"view"})
_FEW = 900
_SERIES_FIELDS = {"invested": "invested_cny", "invested_ytd": "invested_ytd_cny"}
_FLOATS = frozenset({"physical_pct"})


def scope(sheet: ReturnSheet, zone: str) -> QuerySet[Any]:
    """Return the records that a sheet of a zone's return is about: those that lie in the zone."""
    mapped = ledger(sheet.table)
    rows: QuerySet[Any] = mapped.model._default_manager.all()
    for name, value in sheet.where.items():
        found = {name: value.removeprefix("!")}
        rows = rows.exclude(**found) if value.startswith("!") else rows.filter(**found)
    return Access("", by_zone={zone: _VIEW}).narrow(rows)


def prefilled(kind: ReturnKind, zone: str, period: str) -> RowsOf:
    """Return the rows that a return starts with: what is given, and what may be changed.

    Parameters
    ----------
    kind
        What is returned.
    zone
        Zone code.
    period
        The month, as in ``2023-04``.

    Returns
    -------
    rows
        Of ``records`` and ``indicators`` sheets every row, by code; free rows are none. A day that
        comes after the month, where the ledger is ahead of a late return, is left out.
    """
    end = Period.parse(period).end_on
    found = {}
    for sheet in kind.sheets:
        past = {
            name
            for rule in kind.rules
            if rule.rule == "not_after_month" and rule.sheet == sheet.code
            for name in rule.params["fields"]
        }
        rows = _rows(sheet, zone, period, lambda c: c.given or c.carried)
        found[sheet.code] = tuple(_until(row, past, end) for row in rows)
    return found


def _until(row: SheetRow, names: set[str], end: date) -> SheetRow:
    """Return a row without the days of some columns that come after an end."""
    late = {name for name in names if isinstance(day := row.values.get(name), date) and day > end}
    if not late:
        return row
    late |= {f"{name}_precision" for name in late}
    return replace(row, values={key: item for key, item in row.values.items() if key not in late})


def known_before(kind: ReturnKind, zone: str, period: str) -> RowsOf:
    """Return what the records say of the month before, for the columns that show it.

    For a zone whose return of that month is not in the workspace, but whose figures are.
    """
    before = str(_month_before(period))
    return {
        sheet.code: tuple(_rows(sheet, zone, before, lambda c: c.shows_last or c.given))
        for sheet in kind.sheets
        if sheet.table
    }


def spent_before(kind: ReturnKind, zone: str, period: str) -> Mapping[str, Decimal]:
    """Return what works of a zone had spent by the end of the year before a month's.

    Only what the workspace was told: of each year what its months add up to, or what its largest
    year to date says if that is more.

    Returns
    -------
    spent
        Work code to amount [元]; empty if no rule of the kind asks for it.
    """
    begin = date(Period.parse(period).year, 1, 1)
    alone: dict[tuple[str, int], Decimal] = {}
    whole: dict[tuple[str, int], Decimal] = {}
    for code, month, invested, ytd in _months_of_works(kind, zone, begin):
        key = code, month.year
        alone[key] = alone.get(key, Decimal(0)) + (invested or 0)
        whole[key] = max(whole.get(key, Decimal(0)), ytd or Decimal(0))
    found: dict[str, Decimal] = {}
    for key, amount in alone.items():
        found[key[0]] = found.get(key[0], Decimal(0)) + max(amount, whole[key])
    return found


def invested_lately(kind: ReturnKind, zone: str, period: str) -> RowsOf:
    """Return what works of a zone brought in the last month before that brought anything.

    Returns
    -------
    rows
        A row a work with ``invested`` [元], of sheets whose rules look at what works cost.
    """
    begin = Period.parse(period).start_on
    months = sorted(_months_of_works(kind, zone, begin), key=lambda told: told[1])
    lately = {code: invested for code, _, invested, _ in months if invested}
    lines = tuple(SheetRow(0, code, {"invested": value}) for code, value in lately.items())
    return dict.fromkeys(_sheets_of_cost(kind), lines) if lines else {}


WorkTold = tuple[str, date, Decimal | None, Decimal | None]


def _months_of_works(kind: ReturnKind, zone: str, end: date) -> Iterator[WorkTold]:
    """Yield code, month, invested and year to date [元] of works, as told last, before a day."""
    sheets = _sheets_of_cost(kind)
    codes = {
        key: code
        for sheet in kind.sheets
        if sheet.code in sheets
        for key, code in scope(sheet, zone).values_list("pk", "code")
    }
    rows = WorkMonth.objects.filter(month__lt=end).order_by("recorded_at", "pk")
    told = rows.values_list("work_id", "month", "invested_cny", "invested_ytd_cny")
    latest = {row[:2]: row[2:] for row in _of(told, "work_id", codes)}
    yield from ((codes[work], month, *money) for (work, month), money in latest.items())


def _sheets_of_cost(kind: ReturnKind) -> frozenset[str]:
    return frozenset(rule.sheet for rule in kind.rules if rule.rule == "spent_within")


def _month_before(period: str) -> Period:
    last = Period.parse(period).last - 1
    return Period(last, last)


def _rows(sheet: ReturnSheet, zone: str, period: str, wanted: Any) -> Iterator[SheetRow]:
    columns = [column for column in sheet.columns if wanted(column)]
    if sheet.rows == "indicators":
        yield from _indicator_rows(sheet, columns, zone, period)
    elif sheet.rows == "records" and not sheet.table:
        for choice in sheet.column(sheet.key).field.choices:
            yield SheetRow(0, choice, {sheet.key: choice})
    elif sheet.rows == "records":
        found = states(ledger(sheet.table), scope(sheet, zone).order_by("code"))
        beside = _beside([column.reads for column in columns], sheet.table, found, period)
        for state in found:
            yield SheetRow(0, state.code, _values(sheet.table, columns, state, beside))


def _values(
    table: str, columns: Iterable[ReturnColumn], state: RecordState, beside: Found
) -> dict[str, object]:
    found: dict[str, object] = {}
    for column in columns:
        if column.reads is None:
            found[column.name] = _computed(column.name, state)
        elif column.reads.table == table:
            found.update(_of_record(column, state))
        else:
            told = beside.get(state.code, {}).get(column.reads, {})
            found.update({column.name + extra: value for extra, value in told.items()})
    return {name: value for name, value in found.items() if value is not None}


def _of_record(column: ReturnColumn, state: RecordState) -> dict[str, object]:
    name = column.reads.field if column.reads else column.name
    value = state.values.get(name)
    if column.field.kind in ("number", "percent", "money", "energy") and value is not None:
        value = Decimal(str(value))
    found: dict[str, object] = {column.name: value}
    written = state.values.get(f"{name}_unit")
    if written and value is not None:
        found[f"{column.name}_unit"] = written
    return found


def _computed(name: str, state: RecordState) -> object:
    """Return what no record keeps so: the area on the map, an investment with its unit."""
    if name == "map_area":
        return state.computed.get("area_m2")
    value = state.values.get("investment")
    if name != "investment_text" or value is None:
        return None
    written = str(state.values.get("investment_unit") or "")
    base = unit(written) if written else unit("元" if state.values["currency"] == "CNY" else "美元")
    number = Decimal(str(value)) * base.factor.denominator / base.factor.numerator
    return f"{number.normalize():f}{base.label('zh')}"


def _beside(
    reads: Iterable[Into | None], table: str, found: list[RecordState], period: str
) -> Found:
    """Return by code what other tables say of records: ``{code: {into: {"": value, …}}}``."""
    wanted = [into for into in reads if into is not None and into.table != table]
    keys = {int(state.record.partition(":")[2]): state.code for state in found}
    answer: Found = {}
    for name in {into.table for into in wanted}:
        of_table = [into for into in wanted if into.table == name]
        for key, into, told in _READERS[name](of_table, keys, period):
            answer.setdefault(keys[key], {})[into] = told
    return answer


Told = Iterator[tuple[int, Into, dict[str, object]]]


def _milestones(wanted: list[Into], keys: Mapping[int, str], _period: str) -> Told:
    for row in _of(Milestone.objects.all(), "venture_id", keys):
        for into in wanted:
            day: date | None = getattr(row, into.field)
            if dict(into.fixed)["step"] != row.step or day is None:
                continue
            told: dict[str, object] = {"": day}
            if into.field == "actual_on" and row.actual_precision != "d":
                told["_precision"] = row.actual_precision
            yield row.venture_id, into, told


def _parcel_events(wanted: list[Into], keys: Mapping[int, str], _period: str) -> Told:
    by_stage = {dict(into.fixed)["stage"]: into for into in wanted}
    rows = ParcelEvent.objects.filter(stage__in=by_stage).order_by("recorded_at", "pk")
    latest = {(row.parcel_id, row.stage): row for row in _of(rows, "parcel_id", keys)}
    for (parcel, stage), row in latest.items():
        told: dict[str, object] = {"": row.on}
        if row.on_precision != "d":
            told["_precision"] = row.on_precision
        yield parcel, by_stage[stage], told


def _work_months(wanted: list[Into], keys: Mapping[int, str], period: str) -> Told:
    month = Period.parse(period).start_on
    rows = WorkMonth.objects.filter(month=month).order_by("recorded_at", "pk")
    latest = {row.work_id: row for row in _of(rows, "work_id", keys)}
    for work, row in latest.items():
        for into in wanted:
            value = getattr(row, _SERIES_FIELDS.get(into.field, into.field))
            if value not in (None, ""):
                plain = Decimal(str(value)) if into.field in _FLOATS else value
                yield work, into, {"": plain}


def _firm_months(wanted: list[Into], keys: Mapping[int, str], period: str) -> Told:
    month = Period.parse(period)
    whole = str(Period.year_to_date(month.year, month.last_month))
    by_indicator = {FIRM_INDICATORS[into.field]: into for into in wanted}
    rows = Observation.objects.filter(period=whole, indicator__code__in=by_indicator)
    rows = rows.select_related("indicator").order_by("recorded_at", "pk")
    latest = {(row.firm_id, row.indicator.code): row for row in _of(rows, "firm_id", keys)}
    for (firm, code), row in latest.items():
        if firm is not None:
            scale = unit(row.unit).factor
            value = row.value * scale.numerator / scale.denominator
            yield firm, by_indicator[code], {"": value.normalize(), "_unit": row.unit}


def _indicator_rows(
    sheet: ReturnSheet, columns: list[ReturnColumn], zone: str, period: str
) -> Iterator[SheetRow]:
    month = Period.parse(period)
    spans = {
        "month": str(month), "ytd": str(Period.year_to_date(month.year, month.last_month)),
    }  # fmt: skip
    rows = Observation.objects.filter(
        zone__code=zone, indicator__code__in=sheet.indicators, period__in=spans.values()
    )
    latest = {
        (row.indicator.code, row.period): row
        for row in rows.select_related("indicator").order_by("recorded_at", "pk")
    }
    for code in sheet.indicators:
        item = load()[code]
        values: dict[str, object] = {"indicator": code, "name": item.zh, "unit": item.unit}
        for column in columns:
            into = column.reads
            if column.given or into is None or into.field != "value":
                continue
            row = latest.get((code, spans[dict(into.fixed)["period"]]))
            if row is not None:
                values[column.name] = row.value.normalize()
        yield SheetRow(0, code, values)


def _of(rows: QuerySet[Any], attr: str, keys: Mapping[int, str]) -> Iterator[Any]:
    """Yield the rows that belong to some records, few parameters at a time."""
    wanted = sorted(keys)
    for at in range(0, len(wanted), _FEW):
        yield from rows.filter(**{f"{attr}__in": wanted[at : at + _FEW]})


_READERS: Mapping[str, Any] = {
    "milestones": _milestones,
    "parcel_events": _parcel_events,
    "work_months": _work_months,
    "firm_months": _firm_months,
}
