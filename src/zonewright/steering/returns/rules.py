"""Check a return's rows by its kind's rules (``steering/data/returns.toml``).

Every rule is looked up by name and told by its parameters what to look at; each fault is a finding
that names the sheet (`Finding.table`), the field, the row's key (`Finding.ids`) and the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from zonewright.core.findings import Finding
from zonewright.steering.returns import rules_of_numbers as of_numbers
from zonewright.steering.returns import rules_of_order as of_order
from zonewright.steering.returns import rules_of_size as of_size
from zonewright.steering.returns.checking import Check, Context, finding
from zonewright.steering.returns.kinds import ReturnKind, ReturnSheet
from zonewright.steering.returns.rows import RowsOf, SheetRow

__all__ = ["RULES", "Context", "check"]

RULES: Mapping[str, Callable[[Check], Iterator[Finding]]] = {
    "adds_to_last": of_numbers.adds_to_last,
    "adds_up": of_numbers.adds_up,
    "at_most": of_numbers.at_most,
    "compare": of_numbers.compare,
    "figure": of_numbers.figure,
    "in_month": of_order.in_month,
    "in_order": of_order.in_order,
    "month_within_ytd": of_numbers.month_within_ytd,
    "no_jump": of_size.no_jump,
    "not_after_month": of_order.not_after_month,
    "not_falling": of_numbers.not_falling,
    "range": of_numbers.in_range,
    "required_if": of_order.required_if,
    "spent_within": of_size.spent_within,
    "stage_not_back": of_order.stage_not_back,
    "sum_is": of_numbers.sum_is,
    "sum_of": of_numbers.sum_of,
    "unique": of_order.unique,
}


def check(kind: ReturnKind, rows: RowsOf, context: Context) -> tuple[Finding, ...]:
    """Return what is wrong with a return's rows, sheet by sheet, rule by rule.

    Parameters
    ----------
    kind
        What is returned.
    rows
        The rows by sheet.
    context
        What they are checked against.

    Returns
    -------
    findings
        Faults (``error``) keep the return from being submitted. Where a rule allows it, a note in
        the row turns its fault into a notice (``info``), or into what a checker should look at
        (``warning``).
    """
    found: list[Finding] = []
    for sheet in kind.sheets:
        found += _missing(sheet, rows.get(sheet.code, ()), context)
    for rule in kind.rules:
        sheet = kind.sheet(rule.sheet)
        work = Check(kind, rule, sheet, rows.get(sheet.code, ()), rows, context)
        found += RULES[rule.rule](work)
    return tuple(found)


def _missing(sheet: ReturnSheet, rows: Sequence[SheetRow], context: Context) -> Iterator[Finding]:
    """Yield what must be filled in and is not."""
    wanted = [column for column in sheet.columns if column.field.required and not column.given]
    for row in rows:
        for column in wanted:
            if row.values.get(column.name) in (None, ""):
                labels = {"label_zh": column.field.zh, "label_en": column.field.en}
                yield finding(
                    "return-required", "error", sheet, column.name, row, context=context,
                    params=labels,
                )  # fmt: skip
