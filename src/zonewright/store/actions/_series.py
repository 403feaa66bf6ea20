"""Rows that are only added: stage events, monthly returns, observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache

from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.records import Row, TableRead
from zonewright.core.schema import table
from zonewright.core.units import factor
from zonewright.steering.catalogue import load
from zonewright.store.actions._pool import Key, Origin, Pool, Record
from zonewright.store.actions._references import References
from zonewright.store.mapping import FIRM_INDICATORS

# Who wrote a value down does not make it another value.
_NOT_COMPARED = ("document", "evidence")
_PLACES = Decimal("0.000001")


class Series:
    """The latest row of each key, and the rows to be added.

    Parameters
    ----------
    pool
        The rows by key; where a key has several, the one recorded last.
    findings
        Receives what is odd.
    """

    def __init__(self, pool: Pool, findings: list[Finding]) -> None:
        self.pool = pool
        self.findings = findings
        self.created = self.updated = self.unchanged = 0
        self._data = [
            column for column in pool.mapped.columns if column.attr not in pool.mapped.key
        ]

    def add(
        self,
        values: Mapping[str, object],
        origin: Origin,
        read: TableRead,
        position: int,
        *,
        name: str = "",
    ) -> None:
        """Add a row unless the latest one of its key says the same.

        Parameters
        ----------
        values
            Attribute to value.
        origin, read, position
            Where it was read.
        name
            Field that the value came from, if not the table's decisive one.
        """
        key = self.pool.key(values)
        present = self.pool.records.get(key)
        place = read.place(position, name or self.pool.mapped.decisive)
        if present is not None and not self._differs(present, values):
            self.unchanged += 1
            return
        carried = {} if present is None else self._carried(present)
        record = self.pool.add({**carried, **values}, origin=origin, place=place)
        if present is None:
            self.created += 1
        elif present.pk is None:
            self._contradict(key, present, record)
            record.values["supersedes_id"] = present.values.get("supersedes_id")
        else:
            self.updated += 1
            self._supersede(present, record)
        if "supersedes_id" not in self.pool.fields:
            record.values.pop("supersedes_id", None)
        self.pool.records[key] = record
        self.pool.touched[key] = record

    def _differs(self, present: Record, values: Mapping[str, object]) -> bool:
        return any(
            present.values[name] != value
            for name, value in values.items()
            if name not in _NOT_COMPARED
        )

    def _carried(self, present: Record) -> dict[str, object]:
        """Return what the latest row said and a correction may leave out."""
        attrs = [attr for column in self._data for attr in (column.attr, column.precision) if attr]
        return {attr: present.values[attr] for attr in attrs}

    def _supersede(self, present: Record, record: Record) -> None:
        record.values["supersedes_id"] = present.pk
        before = {
            column.attr: present.values[column.attr]
            for column in self._data
            if present.values[column.attr] != record.values[column.attr]
        }
        record.before = before
        if self.pool.mapped.table == "parcel_events":
            params = {"before": present.values["on"], "after": record.values["on"]}
            self._tell("take-event-moved", record, params)

    def _contradict(self, key: Key, present: Record, record: Record) -> None:
        params = {"other": str(present.place), "place": str(record.place)}
        self._tell("take-said-twice", record, params)

    def _tell(self, code: str, record: Record, params: Mapping[str, object]) -> None:
        self.findings.append(
            Finding(code, "warning", self.pool.mapped.table, place=record.place, params=params)
        )


def observation_values(values: dict[str, object], references: References) -> dict[str, object]:
    """Return the values of a zone's observation; its basis is the indicator's if none is said."""
    indicator = references.code("indicator", values["indicator_id"])  # type: ignore[arg-type]
    basis = values.get("basis") or _basis(indicator)
    return {**values, "firm_id": None, "basis": basis}


def firm_values(
    row: Row,
    read: TableRead,
    position: int,
    references: References,
    findings: list[Finding],
) -> Iterator[tuple[dict[str, object], str]]:
    """Yield the observations of a firm's monthly return, each with the field it came from.

    The table's figures are of the year to date, so the period is that, whichever month names it.
    """
    text = str(row["firm"])
    firm = references.find("firm", text)
    if firm is None:
        if text not in references.refused.get("firm", ()):
            place = read.place(position, "firm")
            findings.append(
                references.complaint("firm", text, table=read.table, name="firm", place=place)
            )
        return
    period = row["period"]
    if isinstance(period, Period):
        period = Period.year_to_date(period.year, period.last_month)
    for name, indicator in FIRM_INDICATORS.items():
        value = row.get(name)
        if value is None:
            continue
        number, unit = _as_written(Decimal(str(value)), name, str(row.get(f"{name}_unit") or ""))
        yield (
            {
                "indicator_id": references.of("indicator").codes[indicator],
                "zone_id": None,
                "firm_id": firm,
                "period": str(period),
                "value": number,
                "unit": unit,
                "bound": row.get(f"{name}_bound") or "exact",
                "basis": _basis(indicator),
            },
            name,
        )


def _as_written(value: Decimal, name: str, written: str) -> tuple[object, str]:
    """Return a value in the unit in which it was written, if that is exact to six places."""
    base = table("firm_months")[name].unit
    if written and written != base:
        exact = Fraction(value) * _factor(base, written)
        number = Decimal(exact.numerator) / Decimal(exact.denominator)
        if Fraction(number.quantize(_PLACES)) == exact:
            return number.quantize(_PLACES), written
    return value.quantize(_PLACES), base


_factor = cache(factor)


@cache
def _basis(indicator: str) -> str:
    known = load().get(indicator)
    return known.basis if known is not None else ""
