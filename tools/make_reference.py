"""Write the reference pages that follow from the dictionaries: tables and indicators."""

from __future__ import annotations

import sys
from pathlib import Path

from zonewright.core.schema import Table, all_tables
from zonewright.steering.catalogue import Indicator, load

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
_LANGUAGE = """A workspace adds its own with `zonewright indicators WORKSPACE --define FILE.csv`;
its columns are those of `indicators.csv`. The rule `formula` computes an expression of others:

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
    return intro + _LANGUAGE + head + "\n".join(map(_indicator_row, load().values())) + "\n"


PAGES = {"tables.md": tables_page, "indicators.md": indicators_page}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")


if __name__ == "__main__":
    main()
