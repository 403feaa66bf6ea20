"""The first acceptance test: the figures published for Jiangmen, out of the records."""

from __future__ import annotations

import csv
import sqlite3
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import zonewright

BOUNDS = {"exact": "exact", "lower": "ge", "upper": "le", "approx": "approx"}
# A bound says on which side the value lies; it must also lie near what was published.
NEAR = 0.2


def published() -> list[dict[str, str]]:
    text = (files("zonewright.examples.jiangmen") / "data" / "published_figures.csv").read_text(
        encoding="utf-8"
    )
    return [row for row in csv.DictReader(text.splitlines()) if row["basis"] != "context"]


@pytest.fixture(scope="module")
def items(demo: Path) -> dict[str, dict[str, Any]]:
    answer = zonewright("figures", demo / "jiangmen.sqlite", "--json")
    assert answer.code == 0, answer.err
    return {item["id"]: item for item in answer.json["items"]}


@pytest.mark.parametrize("row", published(), ids=lambda row: row["id"])
def test_a_figure_agrees_with_the_publication(
    row: dict[str, str], items: dict[str, dict[str, Any]]
) -> None:
    item = items[row["id"]]
    assert item["unit"] == row["unit"]
    assert item["bound"] == BOUNDS[row["bound"]]
    assert item["kind"] == row["basis"]
    assert item["records"] > 0
    if row["unit"] == "date":
        assert item["value"] == row["value"]
        return
    value, told = Decimal(str(item["value"])), Decimal(row["value"])
    if row["bound"] == "exact":
        assert value.quantize(told, ROUND_HALF_UP) == told
    elif row["bound"] == "lower":
        assert value > told
        # 均超额完成 (F024) and 均超时序 (F062) say only on which side it lies.
        assert row["id"] in ("F024", "F062") or value < told * Decimal(1 + NEAR)
    elif row["bound"] == "upper":
        assert told * Decimal(1 - NEAR) < value <= told
    else:
        assert abs(value - told) < told * Decimal("0.01")


def test_every_figure_leads_to_its_records(items: dict[str, dict[str, Any]]) -> None:
    for item in items.values():
        derivation = item["derivation"]
        assert derivation["formula"]
        assert len(derivation["records"]) == item["records"]


def test_no_derived_figure_is_read_from_a_stored_copy(
    demo: Path, items: dict[str, dict[str, Any]]
) -> None:
    """Observations of a zone hold only what is reported, and what parks and the bureau return."""
    with sqlite3.connect(demo / "jiangmen.sqlite") as database:
        rows = database.execute(
            "SELECT i.code, z.code FROM store_observation o"
            " JOIN store_indicator i ON i.id = o.indicator_id JOIN store_zone z ON z.id = o.zone_id"
        ).fetchall()
    database.close()
    reported = {
        (item["indicator"], item["zone"]) for item in items.values() if item["kind"] == "reported"
    }
    inputs = {"value_added_published", "title_application"}
    assert {row for row in rows if row[0] not in inputs} <= reported


def test_deleting_a_levelled_event_changes_the_levelled_area(
    workspace: Path, items: dict[str, dict[str, Any]]
) -> None:
    record = items["F019"]["derivation"]["records"][0]
    number = int(record.removeprefix("parcel_event:"))
    with sqlite3.connect(workspace) as database:
        (area,) = database.execute(
            "SELECT p.area_m2 FROM store_parcel p JOIN store_parcelevent e ON e.parcel_id = p.id"
            " WHERE e.id = ?",
            (number,),
        ).fetchone()
        database.execute("DELETE FROM store_parcelevent WHERE id = ?", (number,))
    database.close()
    after = {item["id"]: item for item in zonewright("figures", workspace, "--json").json["items"]}
    assert after["F019"]["value"] == pytest.approx(items["F019"]["value"] - area / 10_000)
    assert after["F019"]["records"] == items["F019"]["records"] - 1


def test_it_is_quick_and_leaves_what_it_promises(demo: Path) -> None:
    assert (demo / "jiangmen.sqlite").stat().st_size > 1_000_000
    assert len(list((demo / "files").iterdir())) > 20
    for kind in ("html", "docx", "pdf"):
        for name in (f"look-back.{kind}", f"look-back.en.{kind}"):
            assert (demo / name).stat().st_size > 20_000, name
