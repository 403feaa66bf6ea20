"""``zonewright indicators``: the registry, what uses what, and the workspace's own definitions."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, print_table, say
from zonewright.core.texts import text_of
from zonewright.core.units import unit
from zonewright.steering.catalogue import Indicator
from zonewright.steering.registry import affected_by, rests_on, used_by, uses
from zonewright.store.access import operator
from zonewright.store.actions.indicators import define_indicators
from zonewright.store.selectors import catalogue
from zonewright.store.workspace import connect

_HEADINGS = {
    "en": ("Code", "Name", "Unit", "Nature", "Prices", "Rule", "Roll-up", "Department", "Made of"),
    "zh": ("代码", "名称", "单位", "性质", "口径", "规则", "汇总", "责任部门", "组成"),
}


@click.command("indicators", cls=Command)
@options.workspace
@click.option("--code", help="Only this indicator, with what it is made of and what uses it.")
@click.option(
    "--define", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Define the indicators of a CSV file; docs/reference/indicators.md shows one.",
)  # fmt: skip
@options.as_json
@click.pass_obj
def command(
    lang: str, workspace: str, code: str | None, define: Path | None, as_json: bool
) -> None:
    """List the indicators of a workspace, or define its own."""
    connect(workspace)
    before = set(catalogue())
    defined: tuple[Indicator, ...] = ()
    if define is not None:
        with define.open(encoding="utf-8-sig", newline="") as file:
            rows = [{key: value or "" for key, value in row.items() if key}
                    for row in csv.DictReader(file)]  # fmt: skip
        defined = define_indicators(rows, access=operator("cli"), origin="cli")
    known = catalogue()
    if code is not None:
        shown = [known[part] for part in _around(known, code)]
    else:
        shown = list(defined if define is not None else known.values())
    if as_json:
        print_json({"items": [_as_dict(item, known) for item in shown]})
        return
    if define is not None:
        _say_defined([item.code for item in defined], before, lang)
    print_table(
        [(heading, False) for heading in _HEADINGS[lang]],
        [
            (
                item.code, item.label(lang), unit(item.unit).label(lang) or item.unit, item.nature,
                item.basis, item.rule, item.rollup, item.department,
                item.formula or ", ".join(uses(known, item.code)),
            )
            for item in shown
        ],
        lead=2,
    )  # fmt: skip
    if code is not None:
        affected = ", ".join(affected_by(known, code)) or "—"
        say(f"{'影响' if lang == 'zh' else 'Changes with it'}: {affected}")


def _say_defined(codes: Sequence[str], before: Set[str], lang: str) -> None:
    """Say which indicators were added, and which were there and are defined anew."""
    added = [code for code in codes if code not in before]
    again = [code for code in codes if code in before]
    for text, found in (("indicators-added", added), ("indicators-again", again)):
        if found:
            say(text_of(text, {"count": len(found), "codes": ", ".join(found)}, lang))
    if not codes:
        say(text_of("indicators-no-rows", {}, lang))


def _around(known: Mapping[str, Indicator], code: str) -> tuple[str, ...]:
    return (*rests_on(known, code), code, *used_by(known, code))


def _as_dict(item: Indicator, known: Mapping[str, Indicator]) -> dict[str, object]:
    return {
        "code": item.code, "name": item.zh, "name_en": item.en, "unit": item.unit,
        "nature": item.nature, "basis": item.basis, "rule": item.rule, "rollup": item.rollup,
        "department": item.department, "direction": item.direction, "headline": item.headline,
        "formula": item.formula, "uses": list(uses(known, item.code)),
        "used_by": list(used_by(known, item.code)), "note": item.note_zh,
        "note_en": item.note_en,
    }  # fmt: skip
