"""Indicators, targets and forecasts on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection
from django.utils import timezone

from zonewright.cli import zonewright
from zonewright.store import workspace as workspaces
from zonewright.store.models import Indicator, Target, Work, WorkMonth, Zone
from zonewright.store.places import locate

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "indicators.md"


def run(*args: object, lang: str = "en") -> Result:
    return CliRunner().invoke(zonewright, ["--lang", lang, *map(str, args)])


@pytest.fixture
def workspace(tmp_path: Path, django_db_blocker: object) -> Iterator[Path]:
    """A workspace of one zone with a work that brings something each month of 2015 to 2023."""
    path = tmp_path / "w.sqlite"
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        workspaces.create(path, title="测试", title_en="Test")
        workspaces.connect(path)
        zone = Zone.objects.create(code="A", name="甲园", kind="park")
        known, _ = Indicator.objects.get_or_create(code="works_invested")
        Target.objects.create(indicator=known, zone=zone, year=2023, value=20, unit="亿元")
        work = Work.objects.create(code="W1", name="一号路", kind="road", zone=zone)
        WorkMonth.objects.bulk_create(
            WorkMonth(
                work=work, month=date(year, month, 1), recorded_at=timezone.now(),
                invested_cny=100_000_000 + 10_000_000 * (year * month % 7),
            )
            for year in range(2015, 2024) for month in range(1, 13)
        )  # fmt: skip
        locate()
        yield path
        connection.close()


def example() -> str:
    """Return the file that the reference page shows."""
    found = re.search(r"```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)
    assert found is not None
    return found[1]


def test_the_example_of_the_page_defines_an_indicator(workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(example(), encoding="utf-8")
    added = run("indicators", workspace, "--define", path)
    assert added.exit_code == 0, added.output
    assert "Added 1: invest_per_work." in added.output
    assert "land_levelled" not in added.output  # what the program brings is not listed again
    assert (
        "重新定义 1 个：invest_per_work。"
        in run("indicators", workspace, "--define", path, lang="zh").output
    )
    path.write_text(example().splitlines()[0] + "\n", encoding="utf-8")
    assert "no row below its headings" in run("indicators", workspace, "--define", path).output


def test_a_year_without_targets_names_those_that_have_some(workspace: Path) -> None:
    said = run("targets", workspace, "--year", "2025").output
    assert "no target of 2025" in said
    assert "(--year): 2023" in said
    assert "--month" not in said


def test_the_interval_is_named_with_how_often_it_held(workspace: Path) -> None:
    said = run("forecast", workspace, "--month", "2023-08").output
    assert re.findall("80% (?:low|high|held)", said) == ["80% low", "80% high", "80% held"]
    (item,) = json.loads(run("forecast", workspace, "--month", "2023-08", "--json").output)["items"]
    track = item["by_method"][0]["track"]
    assert f"{track['coverage']['0.8']:.0%} of {track['banded']}" in said


def test_a_year_that_is_complete_has_a_reason_for_its_dashes(workspace: Path) -> None:
    said = run("forecast", workspace, "--month", "2023-12").output
    assert "—" in said
    assert "every month of 2023 is reported" in said
