from __future__ import annotations

import csv
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import zonewright.intake
from zonewright.core.schema import all_tables
from zonewright.intake.aliases import column_names, known_captions
from zonewright.intake.captions import Caption
from zonewright.intake.context import Context
from zonewright.intake.layouts import layouts_of
from zonewright.intake.wording import key_of


def rows() -> list[dict[str, str]]:
    text = (files("zonewright.intake") / "data" / "aliases.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_every_alias_names_something_of_the_schema() -> None:
    tables = all_tables()
    for row in rows():
        table, target = row["table"], row["field"]
        if table == "*" or target == "!title":
            continue
        name, choice = re.split(r"[@=~?]", target)[0], target.partition("=")[2]
        fields = {field.name: field for field in tables[table].fields}
        assert name in fields, (table, target)
        if choice:
            assert choice in fields[name].choices, (table, target)


@pytest.mark.parametrize("name", sorted(all_tables()))
def test_every_table_is_recognised_by_its_own_chinese_captions(name: str) -> None:
    fields = [
        field for field in all_tables()[name].fields
        if field.kind not in ("geometry", "multipolygon", "points", "services")
    ]  # fmt: skip
    captions = [Caption((field.zh,)) for field in fields]
    located = all_tables()[name].geometry is not None
    best = layouts_of(captions, Context(), geometry=located or None)[0]
    roles = {role.field for role in best.roles if role.table == name}
    assert name in best.tables
    assert {field.name for field in fields if field.key} <= roles | {"code"}


@pytest.mark.parametrize("name", sorted(all_tables()))
def test_own_names_win_over_aliases(name: str) -> None:
    for field in all_tables()[name].fields:
        if field.kind not in ("geometry", "multipolygon"):
            assert column_names(name)[key_of(field.name)] == (field.name, 0)
            assert key_of(field.zh) in known_captions()


def test_every_finding_has_both_texts() -> None:
    texts = tomllib.loads(
        (files("zonewright.core") / "texts" / "intake.toml").read_text(encoding="utf-8")
    )
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in Path(zonewright.intake.__file__).parent.glob("*.py")
    )
    used = set(re.findall(r'"(intake-[a-z0-9-]+)"', source))
    assert used | {"intake-choice-unknown-near"} == set(texts)
    assert all(set(text) == {"en", "zh"} for text in texts.values())
