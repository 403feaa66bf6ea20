"""Write the reference pages that follow from data: tables, indicators, monthly returns, roles.

Run as ``python -m tools.make_reference``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from tools.returns_reference import returns_page
from tools.roles_reference import roles_page
from zonewright.core.schema import Table, all_tables
from zonewright.steering.catalogue import Indicator, load
from zonewright.steering.indicator import BASES, DIRECTIONS, NATURES, ROLLUPS, RULES

FOLDER = Path(__file__).parent.parent / "docs" / "reference"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _table_section(table: Table) -> str:
    head = (
        f"## {table.name}\n\n| field | 中文列名 | kind | unit | | values, notes |\n"
        "|---|---|---|---|---|---|\n"
    )
    rows = []
    for field in table.fields:
        mark = "key" if field.key else "required" if field.required else ""
        choices = " · ".join(f"`{code}` {name}" for code, name in field.choices.items())
        notes = _cell("; ".join(part for part in (choices, field.note) if part))
        rows.append(
            f"| `{field.name}` | {field.zh} | {field.kind} | {field.unit} | {mark} | {notes} |"
        )
    return head + "\n".join(rows) + "\n"


def tables_page() -> str:
    """Return the page of the tables that files are read into."""
    intro = (
        "# Tables\n\nThe tables that Zonewright exchanges. A column of a file is recognised by its "
        "Chinese or English name or a synonym; units stand in the heading, in a line above, or in "
        "the cell.\n\nWritten by `tools/make_reference.py` from `core/data/tables.csv`.\n\n"
    )
    return intro + "\n".join(_table_section(table) for table in all_tables().values())


_DIRECTIONS = {"up": "more", "down": "less", "none": ""}
_LANGUAGE = """A workspace adds its own by importing the table `indicators` of
[tables.md](tables.md), by `zonewright import` or in the desk (a workbook or CSV), or by
`zonewright indicators WORKSPACE --define FILE.csv`. Every fault names its cell: an unknown code, a
circle, a unit that the formula does not measure. What comes with the program cannot be redefined;
a code that the workspace has is changed in the columns that the file holds. The rule `formula`
computes an expression of others:

- codes, numbers, `+ - * / ( )`; what is added or compared must measure the same, and units of one
  dimension convert (亩, ha, km²; 亿, 万);
- `ytd(x)` from January, `month(x)` the month alone, `prev_year(x)`, `prev_month(x)`;
- `growth(x)`, nominal, against the same months a year before; what is published at comparable
  prices is refused, and a change of boundary or sample between the two is a finding;
- `share_of(x, 'city')` or of a zone by its code, `at(x, 'ZONE')`, `min`, `max`, `abs`,
  `if_known(x, y)`, `quantity(500, '亩')`.

What is divided by 0, or rests on what cannot be told, has no value and says why. Roll-up: `records`
are those in the zone, each once; `sum` and `max` join what the topmost zones below reported where
the zone itself did not; `ratio-of-sums` rolls the parts up first; `latest` carries the last value
on.

"""


def _indicator_row(item: Indicator) -> str:
    named = ", ".join(f"`{operand.indicator}`" for operand in item.of)
    parts = (
        f"`{item.code}`", item.zh, item.en, item.unit, item.nature, item.basis, item.rule,
        item.rollup, _DIRECTIONS[item.direction], str(item.headline or ""), item.department,
        f"`{item.formula}`" if item.formula else named, _cell(item.note_en or item.note_zh),
    )  # fmt: skip
    return f"| {' | '.join(parts)} |"


def _codes(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


# An indicator of one's own, as a row of the file that defines it.
_EXAMPLE = {
    "code": "invest_per_work",
    "zh": "项目平均完成投资",
    "en": "Investment per work",
    "unit": "亿元/项",
    "nature": "ratio",
    "basis": "nominal",
    "rule": "formula",
    "of": "ytd(works_invested) / works_under_way",
    "department": "发展和改革局",
    "direction": "up",
    "headline": "12",
}
_COLUMNS = (
    ("`code`", "required: small letters, digits and `_`; what formulas call it"),
    ("`zh`, `en`", "required: its names"),
    ("`unit`", "required: what the formula measures, or what that converts to"),
    ("`nature`", f"required: {_codes(NATURES)}"),
    ("`basis`", f"prices: {_codes(BASES)}"),
    ("`rule`", f"required: {_codes(RULES)}; one's own are mostly `formula` or `reported`"),
    (
        "`table`, `where`, `value`, `when`",
        "of `sum`, `count`, `distinct`: from which table, which rows, what is summed, by which "
        "date; as the program's own have them in `steering/data/indicators.csv`",
    ),
    ("`of`", "the formula; `a / b` for `ratio`; codes joined by `;` where others are joined"),
    ("`department`", "who answers for it"),
    ("`direction`", f"which way is better: {_codes(DIRECTIONS)}"),
    ("`rollup`", f"{_codes(ROLLUPS)}, as far as the rule allows; left out, the rule's own"),
    ("`headline`", "its place on the board; left out, it is not on it"),
    ("`note_zh`, `note_en`", "its definition in words"),
)


def _file_section() -> str:
    """Return how the file looks from which a workspace's own indicators are defined."""
    example = f"```csv\n{','.join(_EXAMPLE)}\n{','.join(_EXAMPLE.values())}\n```\n\n"
    rows = "".join(f"| {column} | {_cell(text)} |\n" for column, text in _COLUMNS)
    return (
        "## The file of `--define`\n\n"
        "A CSV in UTF-8, one row an indicator; the formula stands in the column `of`:\n\n"
        f"{example}| column | what it holds |\n|---|---|\n{rows}\n"
        "A column that is not needed may be left out. The command says what was added and what was "
        "defined anew, and lists it. With one fault nothing is changed.\n\n"
        "## The indicators\n\n"
    )


def indicators_page() -> str:
    """Return the page of the indicators."""
    intro = (
        "# Indicators\n\nEvery indicator, with the rule by which it is computed. `reported` "
        "figures are quoted from their source and never recomputed.\n\nWritten by "
        "`tools/make_reference.py` from `steering/data/indicators.csv`.\n\n"
    )
    head = (
        "| code | 中文 | English | unit | nature | prices | rule | roll-up | better | board "
        f"| department | made of | definition |\n|{'---|' * 13}\n"
    )
    rows = "\n".join(map(_indicator_row, load().values()))
    return f"{intro}{_LANGUAGE}{_file_section()}{head}{rows}\n"


PAGES = {
    "tables.md": tables_page,
    "indicators.md": indicators_page,
    "returns.md": returns_page,
    "roles.md": roles_page,
}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")


if __name__ == "__main__":
    main()
