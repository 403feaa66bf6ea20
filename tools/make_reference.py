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


def _indicator_row(item: Indicator) -> str:
    return (
        f"| `{item.code}` | {item.zh} | {item.en} | {item.unit} | {item.nature} | {item.basis} "
        f"| {item.rule} | {_cell(item.note_en or item.note_zh)} |"
    )


def indicators_page() -> str:
    """Return the page of the indicators."""
    intro = (
        "# Indicators\n\nEvery indicator, with the rule by which it is computed. `reported` "
        "figures are quoted from their source and never recomputed.\n\nWritten by "
        "`tools/make_reference.py` from `steering/data/indicators.csv`.\n\n"
        "| code | 中文 | English | unit | nature | prices | rule | definition |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    return intro + "\n".join(_indicator_row(item) for item in load().values()) + "\n"


PAGES = {"tables.md": tables_page, "indicators.md": indicators_page}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")


if __name__ == "__main__":
    main()
