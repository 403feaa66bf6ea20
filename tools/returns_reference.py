"""The reference page of the monthly returns: sheets, columns, rules and due days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from zonewright.core.schema import table
from zonewright.steering.returns.kinds import (
    Into,
    ReturnColumn,
    ReturnKind,
    ReturnRule,
    ReturnSheet,
    kinds,
    owing,
)
from zonewright.steering.returns.rules import RULES
from zonewright.steering.returns.showing import digits_of

_ROWS = {
    "records": "one row for each record of the zone; none may be added",
    "open": "free rows",
    "indicators": "one row for each indicator",
}
_SEVERITIES = {"error": "fault", "warning": "warning", "info": "notice"}
_INTRO = """# Monthly returns

The kinds of return: until when each is due, what each sheet asks for, and by which rules it is
checked. `zonewright returns blank WORKSPACE KIND ZONE MONTH -o FILE.xlsx` writes the workbook;
[how to collect them](../how-to/monthly-returns.md).

- **given**: filled in by the workspace and locked. **starts filled**: with the present value, which
  may be changed. **last month's beside it**: shown for comparison.
- **becomes**: the field of [tables.md](tables.md) that the value is written to once the return is
  locked; what becomes nothing stays in the return.
- A **fault** keeps a return from being submitted, a **warning** does not. *Unless explained
  under …*: with a remark there the return may be submitted all the same.
- Returns are owed by the zones for which somebody holds the role of a reporter; where nobody holds
  it for any zone, by every zone of these kinds: OWED_BY.

Written by `tools/make_reference.py` from `steering/data/returns.toml`.

"""


def _label(sheet: ReturnSheet, name: str) -> str:
    return f"“{sheet.column(name).field.en}”"


def _all(sheet: ReturnSheet, names: Sequence[str]) -> str:
    return ", ".join(_label(sheet, name) for name in names)


def _amount(sheet: ReturnSheet, name: str, number: object) -> str:
    """Return a limit of a column in the unit in which the column is shown."""
    column = sheet.column(name)
    unit = "%" if column.field.kind == "percent" else f" {column.unit}" if column.unit else ""
    return f"{digits_of(column, Fraction(str(number)))}{unit}"


def _range(sheet: ReturnSheet, rule: ReturnRule) -> str:
    said = {"min": "at least", "above": "more than", "max": "at most"}
    field = rule.params["field"]
    limits = [
        f"{word} {_amount(sheet, field, rule.params[name])}"
        for name, word in said.items()
        if name in rule.params
    ]
    return f"{_label(sheet, field)} is {' and '.join(limits)}"


def _required_if(sheet: ReturnSheet, rule: ReturnRule) -> str:
    given, when = rule.params, rule.params["when"]
    if "equals" in given:
        choices = sheet.column(when).field.choices
        what = " or ".join(choices.get(code, code) for code in given["equals"])
    else:
        name, word = ("below", "less than") if "below" in given else ("above", "more than")
        what = f"{word} {_amount(sheet, when, given[name])}"
    return f"{_label(sheet, given['field'])} is filled in where {_label(sheet, when)} is {what}"


def _compare(sheet: ReturnSheet, rule: ReturnRule) -> str:
    given = rule.params
    far = f" (here: up to {given['up_to_pct']:g}%)" if "up_to_pct" in given else ""
    return (
        f"{_label(sheet, given['field'])} is within {given['tolerance_pct']:g}% of "
        f"{_label(sheet, given['with'])}{far}"
    )


def _at_most(sheet: ReturnSheet, rule: ReturnRule) -> str:
    times = f"{rule.params['times']:g} times " if rule.params.get("times", 1) != 1 else ""
    field, limit = _label(sheet, rule.params["field"]), _label(sheet, rule.params["limit"])
    return f"{field} is at most {times}{limit}"


def _spent_within(sheet: ReturnSheet, rule: ReturnRule) -> str:
    given = rule.params
    times = f"{given['times']:g} times " if given["times"] != 1 else ""
    far = f" (here: up to {given['up_to']:g} times)" if "up_to" in given else ""
    return (
        f"{_label(sheet, given['ytd'])} with what was spent in earlier years is at most {times}"
        f"{_label(sheet, given['limit'])}{far}"
    )


def _no_jump(sheet: ReturnSheet, rule: ReturnRule) -> str:
    given, field = rule.params, rule.params["field"]
    of = "of an average month so far" if given.get("within") == "year" else "of last month's"
    text = (
        f"{_label(sheet, field)} is not more than {given['times']:g} times and not less than "
        f"1/{given['times']:g} {of}, where neither is 0"
    )
    if "large" in given:
        text += f"; a rise counts above {_amount(sheet, field, given['large'])}"
    if "small" in given:
        text += f"; a fall counts below {_amount(sheet, field, given['small'])}"
    return text


def _figure(sheet: ReturnSheet, rule: ReturnRule) -> str:
    given = rule.params
    return (
        f"{_label(sheet, given['field'])} of the rows of at least {given['atleast_mu']:g} mu whose "
        f"{_label(sheet, given['only_ready'])} has come adds up to within "
        f"{given['tolerance_pct']:g}% of `{given['indicator']}`, as the map gives it"
    )


def _adds_to_last(sheet: ReturnSheet, rule: ReturnRule) -> str:
    given = rule.params
    return (
        f"{_label(sheet, given['ytd'])} is last month's with {_label(sheet, given['month'])} "
        f"({_give(sheet, given['ytd'], given['tolerance'])})"
    )


def _sum_of(sheet: ReturnSheet, rule: ReturnRule) -> str:
    given = rule.params
    return (
        f"{_label(sheet, given['field'])} of all rows adds up to the total of the sheet "
        f"`{given['whole_sheet']}` ({_give(sheet, given['field'], given['tolerance'])})"
    )


def _adds_up(sheet: ReturnSheet, rule: ReturnRule) -> str:
    given = rule.params
    parts = " and ".join(_label(sheet, name) for name in given["parts"])
    return (
        f"{parts} make {_label(sheet, given['whole'])} "
        f"({_give(sheet, given['whole'], given['tolerance'])})"
    )


def _sum_is(sheet: ReturnSheet, rule: ReturnRule) -> str:
    given = rule.params
    return (
        f"{_label(sheet, given['field'])} of all rows adds up to {given['total']:g} "
        f"({_give(sheet, given['field'], given['tolerance'])})"
    )


def _give(sheet: ReturnSheet, name: str, tolerance: object) -> str:
    return f"give or take {_amount(sheet, name, tolerance)}"


def _not_falling(sheet: ReturnSheet, rule: ReturnRule) -> str:
    within = " within the year" if rule.params["within"] == "year" else ""
    return f"{_label(sheet, rule.params['field'])} never falls{within}"


_SENTENCES: Mapping[str, Callable[[ReturnSheet, ReturnRule], str]] = {
    "adds_to_last": _adds_to_last,
    "adds_up": _adds_up,
    "at_most": _at_most,
    "compare": _compare,
    "figure": _figure,
    "in_month": lambda sheet, rule: f"{_label(sheet, rule.params['field'])} lies in the month",
    "in_order": lambda sheet, rule: f"days in this order: {_all(sheet, rule.params['fields'])}",
    "month_within_ytd": lambda sheet, rule: (
        f"{_label(sheet, rule.params['month'])} is at most {_label(sheet, rule.params['ytd'])}"
    ),
    "no_jump": _no_jump,
    "not_after_month": lambda sheet, rule: (
        f"not after the month's end: {_all(sheet, rule.params['fields'])}"
    ),
    "not_falling": _not_falling,
    "range": _range,
    "required_if": _required_if,
    "spent_within": _spent_within,
    "stage_not_back": lambda sheet, rule: (
        f"{_label(sheet, rule.params['field'])} does not go back from last month's"
    ),
    "sum_is": _sum_is,
    "sum_of": _sum_of,
    "unique": lambda sheet, rule: f"no two rows alike: {_all(sheet, rule.params['fields'])}",
}


def _sentence(kind: ReturnKind, rule: ReturnRule) -> str:
    sheet = kind.sheet(rule.sheet)
    text = _SENTENCES[rule.rule](sheet, rule)
    note = rule.params.get("note")
    if note:
        kept = rule.params.get("explained")
        told = f" (then a {_SEVERITIES[kept]})" if kept else ""
        text += f"; unless explained under {_label(sheet, note)}{told}"
    return text[0].upper() + text[1:]


def _into(into: Into | None) -> str:
    if into is None:
        return ""
    fixed = ",".join(f"{name}={value}" for name, value in into.fixed)
    return f"`{into.table}{f'[{fixed}]' if fixed else ''}.{into.field}`"


def _filled(column: ReturnColumn) -> str:
    said = (
        (column.given, "given"),
        (column.field.required and not column.given, "required"),
        (column.carried, "starts filled"),
        (column.shows_last, "last month's beside it"),
        (bool(column.lapses), _lapses(column)),
    )
    return ", ".join(word for holds, word in said if holds)


def _lapses(column: ReturnColumn) -> str:
    what = "" if "*" in column.lapses else f" where it was {', '.join(column.lapses)}"
    return f"left open{what} once a year begins"


def _choices(column: ReturnColumn) -> str:
    return " · ".join(f"`{code}` {name}" for code, name in column.field.choices.items())


def _sheet_section(sheet: ReturnSheet) -> str:
    starts = ", starting with last month's" if sheet.carry and sheet.rows == "open" else ""
    orders = " and the orders of the zone" if sheet.starts == "orders" else ""
    of = f" of `{sheet.table}`" if sheet.table and sheet.rows == "records" else ""
    rows = _ROWS[sheet.rows].replace("record of the zone", f"record{of} of the zone")
    if sheet.rows == "records" and not sheet.table:
        rows = "one row for each choice of the first column; none may be added"
    text = (
        f"**Sheet {sheet.zh} ({sheet.en}, `{sheet.code}`)**: {rows}{starts}{orders}.\n\n"
        "| column | English | kind | unit | filled in | becomes | choices |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    for column in sheet.columns:
        into = "" if column.given else _into(column.into)
        cells = (
            column.field.zh, column.field.en, column.field.kind, column.unit, _filled(column),
            into, _choices(column).replace("|", "\\|"),
        )  # fmt: skip
        text += f"| {' | '.join(cells)} |\n"
    return text + "\n"


def _kind_section(kind: ReturnKind) -> str:
    months = (
        ""
        if len(kind.months) == 12
        else (f", for the months {', '.join(map(str, kind.months))} of the year")
    )
    text = (
        f"## {kind.zh} ({kind.en}): `{kind.code}`\n\n"
        f"Due by the {kind.due_day}th of the next month{months}.\n\n"
    )
    text += "".join(map(_sheet_section, kind.sheets))
    text += "| rule | |\n|---|---|\n"
    for rule in kind.rules:
        text += f"| {_sentence(kind, rule)}. | {_SEVERITIES[rule.severity]} |\n"
    return text


def returns_page() -> str:
    """Return the page of the monthly returns."""
    head = "| kind | | | due day | months | sheets | rules |\n|---|---|---|---|---|---|---|\n"
    for kind in kinds().values():
        months = "all" if len(kind.months) == 12 else ", ".join(map(str, kind.months))
        head += (
            f"| `{kind.code}` | {kind.zh} | {kind.en} | {kind.due_day} | {months} | "
            f"{len(kind.sheets)} | {len(kind.rules)} |\n"
        )
    names = table("zones")["kind"].choices
    intro = _INTRO.replace("OWED_BY", ", ".join(f"`{code}` {names[code]}" for code in owing()))
    return f"{intro}{head}\n" + "\n".join(map(_kind_section, kinds().values()))


def missing_sentences() -> frozenset[str]:
    """Return the rules that the page has no words for."""
    return frozenset(RULES) - frozenset(_SENTENCES)
