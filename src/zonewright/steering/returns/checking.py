"""What a return is checked against, and a rule together with the rows that it looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zonewright.core.findings import Finding, Severity
from zonewright.core.periods import Period
from zonewright.core.units import known_unit
from zonewright.core.units import unit as unit_of
from zonewright.steering.returns.kinds import ReturnColumn, ReturnKind, ReturnRule, ReturnSheet
from zonewright.steering.returns.rows import Places, RowsOf, SheetRow, place_of


@dataclass(frozen=True, slots=True)
class Context:
    """What a return is checked against.

    Parameters
    ----------
    period
        The month, as in ``2023-04``.
    last
        The month before, of the same zone and kind; a row that is not there is not compared.
    figures
        Indicator to what map and ledger give for the zone and month, in its base unit.
    spent
        Work to what it had spent by the end of the year before [元].
    earlier
        What to compare with where last month says nothing: the last month with a figure, and for
        the first month of a year the December before.
    places, file
        Where the rows stand.
    """

    period: str
    last: RowsOf = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    spent: Mapping[str, Decimal] = field(default_factory=dict)
    earlier: RowsOf = field(default_factory=dict)
    places: Places = field(default_factory=dict)
    file: str = ""

    @property
    def month(self) -> Period:
        """The month."""
        return Period.parse(self.period)


@dataclass(frozen=True, slots=True)
class Check:
    """A rule with the rows that it looks at."""

    kind: ReturnKind
    rule: ReturnRule
    sheet: ReturnSheet
    rows: Sequence[SheetRow]
    all_rows: RowsOf
    context: Context

    def __getitem__(self, name: str) -> Any:
        return self.rule.params[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a parameter of the rule, or a default."""
        return self.rule.params.get(name, default)

    def column(self, name: str) -> ReturnColumn:
        """Return a column of the sheet."""
        return self.sheet.column(name)

    def before(self, then: RowsOf | None = None) -> Callable[[SheetRow], SheetRow | None]:
        """Return what finds a row as it was the month before (or then); None if it was not."""
        rows = (self.context.last if then is None else then).get(self.sheet.code, ())
        known = {self._identity(row): row for row in rows}
        return lambda row: known.get(self._identity(row))

    def _unit(self, column: ReturnColumn, row: SheetRow | None) -> str:
        """Return the unit of a number whose column has none of its own."""
        if column.field.kind == "percent":
            return "%"
        return self.sheet.row_unit(column, row.key) if row else ""

    def _identity(self, row: SheetRow) -> str:
        """Return what a row is known by from month to month: a free row by its name."""
        if self.sheet.rows == "open" and self.sheet.key:
            return str(row.values.get(self.sheet.key) or "").strip().casefold()
        return row.key

    def noted(self, row: SheetRow) -> bool:
        """Return whether whoever filled in the row explained it."""
        note = self.get("note")
        return bool(note and str(row.values.get(note) or "").strip())

    def tell(
        self, code: str, name: str, row: SheetRow | None, excused: bool = False, /, **params: object
    ) -> Finding:
        """Return a finding about a field of a row; one that was explained is let pass."""
        column = self.column(name)
        labels = {"label_zh": column.field.zh, "label_en": column.field.en}
        note = self.get("note")
        if note:
            noted = self.column(note).field
            labels |= {"note_zh": noted.zh, "note_en": noted.en}
        severity: Severity = self.get("explained", "info") if excused else self.rule.severity
        if "unit" in params and not params["unit"]:
            params["unit"] = self._unit(column, row)
        return finding(
            code, severity, self.sheet, name, row, context=self.context, params={**labels, **params}
        )


def finding(
    code: str,
    severity: Severity,
    sheet: ReturnSheet,
    name: str,
    row: SheetRow | None,
    *,
    context: Context,
    params: Mapping[str, object],
) -> Finding:
    """Return a finding about a field of a row of a sheet, with its cell."""
    at = row or SheetRow(0, "", {})
    place = place_of(context.places, sheet.code, at, name, file=context.file)
    names = {"sheet_zh": sheet.zh, "sheet_en": sheet.en, "key": at.key}
    ids = (row.key,) if row else ()
    if "unit" in params:
        unit = str(params["unit"] or "")
        names["unit_zh"] = unit_label(unit, "zh")
        names["unit_en"] = f" {unit_label(unit, 'en')}" if unit else ""
    return Finding(code, severity, sheet.code, name, place, ids, {**names, **params})


def unit_label(code: str, lang: str) -> str:
    """Return a unit as a heading names it in a language."""
    return unit_of(code).label(lang) if known_unit(code) else code
