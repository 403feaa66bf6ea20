"""What intake hands to the store: files read into rows of known tables, each cell with its place.

Values of a row are plain Python, already checked and in the field's own unit:

========================  =======================================================================
kind                      value
========================  =======================================================================
code, text, choice        ``str`` (a choice is its code, e.g. ``"new"``)
number, percent           ``Decimal`` (a percent as printed: 86.24, not 0.8624)
area                      ``float`` [m²], with ``NAME_unit``: the unit code in which it was written
money, energy             ``Decimal`` [元, 美元 or kWh], with ``NAME_unit`` alike
date                      ``datetime.date``; ``NAME_precision`` is ``"m"`` or ``"y"`` where the text
                          gave only a month or a year (the date is then the last day of it);
                          absent when the day is known
month, period             ``core.periods.Period``
year                      ``int``
bool                      ``bool``
unit                      ``str``, a unit code of ``core.units``
points                    ``dict[int, float]``: month to share of the year's target in percent
services                  ``dict[str, int]``: service to state 0–5
geometry, multipolygon    ``bytes``: WKB, EPSG:4490, x = longitude, y = latitude
========================  =======================================================================

A numeric field written with 超, 近 or 约 adds ``NAME_bound``: ``"ge"``, ``"le"`` or ``"approx"``.
A field absent from a row was not in the file: it stays as it is. ``None`` was an empty cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zonewright.core.findings import Finding, Place, has_errors

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TableRead:
    """Rows of one table, read from one sheet or layer.

    Parameters
    ----------
    table
        Name in ``core.schema``.
    file, sheet
        Where it was read.
    columns
        Field to column letter (sheet) or column name (layer).
    rows
        The values of each row.
    numbers
        Row number of each row, as a spreadsheet counts, or feature id; shape as `rows`.
    row_columns
        Columns that differ for one row (a wide ledger unpivoted into events): as `columns`,
        by position in `rows`.
    base
        Key to the values exported earlier, if the file is an exchange copy: the common ancestor of
        a three-way merge. None otherwise.
    base_version
        Fingerprint of the exported workspace state, if known.
    """

    table: str
    file: str
    sheet: str
    columns: Mapping[str, str]
    rows: tuple[Row, ...]
    numbers: tuple[int, ...]
    row_columns: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    base: Mapping[tuple[object, ...], Row] | None = None
    base_version: str = ""

    def place(self, position: int, name: str) -> Place:
        """Return where a field of a row stands."""
        columns = {**self.columns, **self.row_columns.get(position, {})}
        return Place(self.file, self.sheet, self.numbers[position], columns.get(name, ""))


@dataclass(frozen=True, slots=True)
class FileRead:
    """One file as read: its tables, its findings, and what it says of itself.

    Parameters
    ----------
    name
        File name without folders.
    sha256
        Fingerprint of its bytes, hexadecimal.
    size
        Bytes.
    tables
        What was recognised in it.
    findings
        Every fault and notice.
    notice
        A note in the file that its data are synthetic or provisional, verbatim; else empty.
    """

    name: str
    sha256: str
    size: int
    tables: tuple[TableRead, ...]
    findings: tuple[Finding, ...]
    notice: str = ""

    @property
    def refused(self) -> bool:
        """Whether a finding forbids the import."""
        return has_errors(self.findings)


@dataclass(frozen=True, slots=True)
class RecordCard:
    """A record as a reader sees it: what it is, what it says, and where it came from.

    Parameters
    ----------
    record
        ``"parcel_event:123"``: model and primary key.
    code
        Code of the record or of what it belongs to (a parcel's code for its event).
    title
        What a reader would call it.
    values
        Field name to value, as plain text.
    place
        File, sheet, row; the column is that of the field which figures read.
    columns
        Field to column letter or name, for the other fields of the row.
    recorded_at
        When the workspace learned of it [UTC, ISO 8601].
    measured
        Where the amount that figures read came from, if not from the row itself: the drawn shape of
        the parcel whose stage an event tells. None otherwise.
    """

    record: str
    code: str
    title: str
    values: Mapping[str, str]
    place: Place
    columns: Mapping[str, str] = field(default_factory=dict)
    recorded_at: str = ""
    measured: Place | None = None
