"""A return's rows as rows of the exchanged tables, each value with its cell: what is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.records import Row, TableRead
from zonewright.core.schema import table as table_of
from zonewright.steering.catalogue import load
from zonewright.steering.returns.kinds import Into, ReturnColumn, ReturnKind, ReturnSheet
from zonewright.steering.returns.rows import (
    Given,
    Places,
    RowsOf,
    SheetPlace,
    SheetRow,
    place_of,
    plain,
)

# Field by which rows of a table name the record that they belong to.
LINKS: Mapping[str, str] = {
    "parcel_events": "parcel",
    "work_months": "work",
    "milestones": "venture",
    "firm_months": "firm",
    "observations": "indicator",
}
# What rows of its own a zone's return adds lies in the zone.
_OF_THE_ZONE = frozenset({"ventures", "quota_entries", "observations"})
_BESIDE = ("unit", "bound", "precision")
Later = Mapping[tuple[str, str, str], str]


@dataclass(slots=True)
class _Made:
    """The rows of one table from one sheet, while they are gathered."""

    columns: dict[str, str] | None = None
    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    row_columns: dict[int, dict[str, str]] = field(default_factory=dict)

    def add(self, values: Row, number: int, columns: dict[str, str]) -> None:
        if self.columns is None:
            self.columns = columns
        elif columns != self.columns:
            self.row_columns[len(self.rows)] = columns
        self.rows.append(values)
        self.numbers.append(number)


@dataclass(frozen=True, slots=True)
class Taking:
    """A return that becomes records.

    Parameters
    ----------
    kind, zone, period
        Which return.
    rows, places
        Its rows, and where they stand in the workbook.
    given
        What stood in them when they were handed out: a carried value that is still the same says
        nothing new and is not taken.
    file
        Name of the workbook.
    later
        Table, key and field to the later month whose locked return says the field of a record
        anew; that later value stays.
    """

    kind: ReturnKind
    zone: str
    period: str
    rows: RowsOf
    places: Places
    given: Given = field(default_factory=dict)
    file: str = ""
    later: Later = field(default_factory=dict)

    def tables(self) -> tuple[tuple[TableRead, ...], tuple[Finding, ...]]:
        """Return the rows by table, and the notices of what is not taken."""
        made: dict[tuple[str, str], _Made] = {}
        findings: list[Finding] = []
        for sheet in self.kind.sheets:
            for row in self.rows.get(sheet.code, ()):
                for into, values, columns in self._records(sheet, row, findings):
                    key = (sheet.code, into.table)
                    made.setdefault(key, _Made()).add(values, row.row, columns)
        reads = tuple(
            TableRead(
                table, self.file, self._sheet(code).name, item.columns or {}, tuple(item.rows),
                tuple(item.numbers), item.row_columns,
            )
            for (code, table), item in made.items()
        )  # fmt: skip
        return reads, tuple(findings)

    def _sheet(self, code: str) -> SheetPlace:
        return self.places.get(code, SheetPlace(code))

    def _records(
        self, sheet: ReturnSheet, row: SheetRow, findings: list[Finding]
    ) -> Iterator[tuple[Into, Row, dict[str, str]]]:
        """Yield the rows of tables that a row of the return becomes."""
        letters = self._sheet(sheet.code).columns
        for into, columns in _groups(sheet).items():
            values: dict[str, object] = {}
            places: dict[str, str] = {}
            for column in columns:
                if column.into is None or column.field.key:
                    continue
                places[column.into.field] = letters.get(column.name, "")
                if not self._says(sheet, row, column, findings):
                    continue
                for extra in ("", *(f"_{name}" for name in _BESIDE)):
                    if (value := row.values.get(column.name + extra)) is not None:
                        values[column.into.field + extra] = value
            if not values and not (sheet.rows == "open" and into.table == sheet.table):
                continue
            identity = self._identity(sheet, row, into)
            key_field = next(iter(identity))
            places[key_field] = letters.get(sheet.key, "")
            yield into, {**identity, **values}, places

    def _says(
        self, sheet: ReturnSheet, row: SheetRow, column: ReturnColumn, findings: list[Finding]
    ) -> bool:
        """Return whether a cell says something that is to become a record."""
        value = row.values.get(column.name)
        if value in (None, "") or column.into is None:
            return False
        given = self.given.get((sheet.code, row.key), {}).get(column.name)
        own_month = column.into.table == "observations"  # each month says its own
        if column.carried and not own_month and given is not None and given == plain(value):
            return False
        month = self.later.get((column.into.table, row.key, column.name))
        if month is None:
            return True
        params = {
            "label_zh": column.field.zh, "label_en": column.field.en, "key": row.key,
            "period": month,
        }  # fmt: skip
        place = place_of(self.places, sheet.code, row, column.name, file=self.file)
        findings.append(
            Finding(
                "return-later-kept", "warning", sheet.code, column.name, place, (row.key,), params
            )
        )
        return False

    def _identity(self, sheet: ReturnSheet, row: SheetRow, into: Into) -> dict[str, object]:
        """Return the key of the record, and what follows from zone and month; the record first."""
        known = table_of(into.table)
        name = LINKS.get(into.table, sheet.key)
        # What a row of the ledger is of was told to whoever fills it in; a free row says it.
        code = row.values.get(sheet.key) if sheet.rows == "open" else row.key
        found: dict[str, object] = {name: code}
        month = Period.parse(self.period)
        for item in known.fields:
            if item.name == "month":
                found["month"] = month
            elif item.name == "period":
                ytd = dict(into.fixed).get("period") == "ytd"
                whole = Period.year_to_date(month.year, month.last_month)
                found["period"] = whole if ytd else month
        fixed = into.of_row(sheet.key, row.key)
        found |= {name: value for name, value in fixed.items() if name != "period"}
        observed = into.table == "observations"
        if observed or (into.table in _OF_THE_ZONE and sheet.rows != "records"):
            found["zone"] = self.zone
        if observed:
            found["unit"] = row.values.get("unit") or load()[str(found["indicator"])].unit
        return found


def feeds(kind: ReturnKind) -> Mapping[str, tuple[tuple[ReturnSheet, Into], ...]]:
    """Return the tables into which a kind's rows go, each with its sheets and fixed key parts."""
    found: dict[str, dict[tuple[str, Into], tuple[ReturnSheet, Into]]] = {}
    for sheet in kind.sheets:
        for into in _groups(sheet):
            found.setdefault(into.table, {})[sheet.code, into] = (sheet, into)
    return {table: tuple(pairs.values()) for table, pairs in found.items()}


def _groups(sheet: ReturnSheet) -> Mapping[Into, list[ReturnColumn]]:
    """Return a sheet's columns by the kind of record that they become; `field` is left empty."""
    found: dict[Into, list[ReturnColumn]] = {}
    for column in sheet.columns:
        if column.into is not None and (not column.given or column.field.key):
            group = Into(column.into.table, "", column.into.fixed)
            found.setdefault(group, []).append(column)
    # The key alone is no record, but of the group to which it belongs.
    return {
        group: columns
        for group, columns in found.items()
        if any(not column.given for column in columns)
    }
