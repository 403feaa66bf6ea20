"""What is wrong with a return as pages tell it: each finding with its cell, same ones together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from zonewright.core.findings import Finding
from zonewright.steering.returns.kinds import ReturnKind
from zonewright.steering.returns.rows import Places, RowsOf, SheetRow
from zonewright.web import language, return_columns, values

# Places of findings with the same words that are named; the others are counted.
SHOWN_PLACES = 6
# What is not filled in yet: to be done, but nobody erred.
MISSING = frozenset({"return-required", "return-required-if"})
GRAVE = ("error", "warning", "info")
Spot = tuple[str, str, str]
"""Sheet, key of the row, field: which cell of a return."""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as a reader is told it, with the cell that it is about.

    Parameters
    ----------
    spot
        Sheet, key and field; a key or field is empty where it is about more than a cell.
    cell
        Where it stands in the workbook, as in ``F7``; empty if there is none.
    anchor
        Where it stands on the page.
    number
        Its group's place among all.
    missing
        Whether it only says that something is not filled in yet.
    """

    severity: str
    text: str
    spot: Spot
    sheet: str = ""
    row: str = ""
    column: str = ""
    cell: str = ""
    anchor: str = ""
    number: int = 0
    missing: bool = False

    @property
    def where(self) -> str:
        """Row and column as a reader names them; the sheet if it is about no row.

        A column that the text names already is not told twice.
        """
        named = bool(self.row) and bool(self.column) and self.column in self.text
        return " · ".join(filter(None, (self.row or self.sheet, "" if named else self.column)))


@dataclass(frozen=True, slots=True)
class Matter:
    """What the tables of a return are made of.

    Parameters
    ----------
    rows, last
        Its rows, and last month's.
    before
        The rows of the version that it is compared with; None for no comparison.
    findings
        What is wrong with the rows.
    """

    kind: ReturnKind
    rows: RowsOf
    last: RowsOf
    findings: Sequence[Finding]
    places: Places
    before: RowsOf | None = None


def tell_all(matter: Matter) -> tuple[Told, ...]:
    """Return every finding as a reader is told it, the gravest first."""
    known = _Known(
        {place.name: code for code, place in matter.places.items()},
        {(sheet, row.row): row for sheet, rows in matter.rows.items() for row in rows if row.row},
        {(sheet, row.key): row for sheet, rows in matter.rows.items() for row in rows},
        anchors(matter),
    )
    found = [_tell(finding, matter.kind, known) for finding in matter.findings]
    ranked = sorted(found, key=lambda one: GRAVE.index(one.severity))
    groups = {key: place for place, key in enumerate(dict.fromkeys(map(_sort, ranked)), 1)}
    return tuple(replace(one, number=groups[_sort(one)]) for one in ranked)


def _sort(one: Told) -> tuple[str, str, str]:
    return one.severity, one.text, one.spot[0]


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that say the same of several cells: the first of them, and how many more."""

    severity: str
    text: str
    number: int
    places: tuple[Told, ...]
    more: int
    missing: bool = False


def grouped(told: Iterable[Told]) -> tuple[Group, ...]:
    """Return findings, those with the same words as one, the gravest first."""
    found: dict[tuple[str, str, str], list[Told]] = {}
    for one in told:
        found.setdefault(_sort(one), []).append(one)
    return tuple(
        Group(
            same[0].severity, same[0].text, same[0].number, tuple(same[:SHOWN_PLACES]),
            max(len(same) - SHOWN_PLACES, 0), same[0].missing,
        )
        for same in found.values()
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    """Where rows stand: sheets by their tab, rows by their number and by their key, anchors."""

    tabs: Mapping[str, str]
    by_number: Mapping[tuple[str, int], SheetRow]
    by_key: Mapping[tuple[str, str], SheetRow]
    anchors: Mapping[tuple[str, str], str]


def _tell(finding: Finding, kind: ReturnKind, known: _Known) -> Told:
    lang, place = language.current(), finding.place
    sheets = {sheet.code: sheet for sheet in kind.sheets}
    code = finding.table if finding.table in sheets else known.tabs.get(place.sheet, place.sheet)
    sheet = sheets.get(code)
    row = known.by_number.get((code, place.row or 0))
    if row is None and finding.ids:
        row = known.by_key.get((code, finding.ids[0]))
    names = [column.name for column in sheet.columns] if sheet else []
    name = finding.field if sheet and finding.field in names else ""
    label = sheet.column(name).field.label(lang) if sheet and name else ""
    # What was typed in the browser stands below no heading of a file; units are told as in it.
    params = {"caption": label, **finding.params} if label else dict(finding.params)
    if "unit" in params:
        params["unit"] = values.unit_name(str(params["unit"])) or params["unit"]
    finding = replace(finding, params=params)
    key = row.key if row else ""
    anchor = known.anchors.get((code, key), "")
    return Told(
        finding.severity,
        finding.text(lang),
        (code if sheet else "", key, name),
        sheet.label(lang) if sheet else place.sheet,
        " ".join(filter(None, return_columns.title_of(sheet, row))) if sheet and row else "",
        label,
        f"{place.column}{place.row or ''}" if place.row else "",
        f"{anchor}-{names.index(name)}" if anchor and name else anchor,
        missing=finding.code in MISSING,
    )


def anchors(matter: Matter) -> dict[tuple[str, str], str]:
    """Return the anchor of every row by sheet and key; the cells of a row have its number added."""
    return {
        (sheet.code, row.key): f"r{place}-{number}"
        for place, sheet in enumerate(matter.kind.sheets)
        for number, row in enumerate(matter.rows.get(sheet.code, ()))
    }


def gravest(told: Iterable[Told]) -> str:
    """Return the gravest severity of some findings; empty if there are none."""
    there = {one.severity for one in told}
    return next((severity for severity in GRAVE if severity in there), "")
