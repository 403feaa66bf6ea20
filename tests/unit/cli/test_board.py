"""The board and the registry on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection

from zonewright.cli import zonewright
from zonewright.store import workspace as workspaces
from zonewright.store.models import Indicator, Observation, Target, Zone

HEAD = "code,zh,en,unit,nature,basis,rule,table,value,rollup,headline,of\n"
OWN = (
    "invested,工业投资,Industrial investment,亿元,flow,nominal,reported,observations,value,sum,1,\n"
)
TWICE = "twice,两倍,Twice,亿元,flow,nominal,formula,,,,,2 * invested\n"


def run(*args: object, lang: str = "zh") -> Result:
    return CliRunner().invoke(zonewright, ["--lang", lang, *map(str, args)])


@pytest.fixture
def workspace(tmp_path: Path, django_db_blocker: object) -> Iterator[Path]:
    """A workspace with a zone that reports an indicator of its own, and its target."""
    path, definitions = tmp_path / "w.sqlite", tmp_path / "own.csv"
    definitions.write_text(HEAD + OWN + TWICE, encoding="utf-8")
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        workspaces.create(path, title="测试", title_en="Test")
        assert run("indicators", path, "--define", definitions).exit_code == 0
        workspaces.connect(path)
        zone = Zone.objects.create(code="A", name="甲园", kind="park")
        known = Indicator.objects.get(code="invested")
        Observation.objects.create(indicator=known, zone=zone, period="2023-01..2023-06", value=3,
                                   unit="亿元")  # fmt: skip
        Target.objects.create(indicator=known, zone=zone, year=2023, value=10, unit="亿元")
        yield path
        connection.close()


def test_the_board_names_who_is_behind(workspace: Path) -> None:
    shown = run("board", workspace, "--behind")
    assert shown.exit_code == 0
    assert "2023年1—6月" in shown.output
    assert [word in shown.output for word in ("甲园", "工业投资", "滞后", "-20.00")] == [True] * 4
    given = json.loads(run("board", workspace, "--json", "--month", "2023-06").output)
    (cell,) = [cell for cell in given["cells"] if cell["indicator"] == "invested"]
    assert (cell["value"], cell["colour"], cell["ahead_pp"]) == (3.0, "red", -20.0)


def test_an_unknown_zone_or_an_empty_workspace_is_told(workspace: Path, tmp_path: Path) -> None:
    assert run("board", workspace, "--zone", "NONE", lang="en").exit_code == 2
    Observation.objects.all().delete()
    told = run("board", workspace, lang="en")
    assert (told.exit_code, "no month has been reported" in told.output) == (2, True)


def test_an_indicator_is_shown_with_what_uses_it(workspace: Path) -> None:
    shown = run("indicators", workspace, "--code", "invested", lang="en")
    assert "Changes with it: twice" in shown.output
    given = json.loads(run("indicators", workspace, "--code", "twice", "--json").output)
    assert [item["code"] for item in given["items"]] == ["invested", "twice"]


def test_a_definition_that_cannot_be_used_changes_nothing(workspace: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(HEAD + TWICE.replace("twice", "three") + TWICE.replace(
        "twice", "four").replace("2 *", "2 +"), encoding="utf-8")  # fmt: skip
    told = run("indicators", workspace, "--define", bad, lang="en")
    assert told.exit_code == 2
    assert "cannot join" in told.output
    assert not Indicator.objects.filter(code="three").exists()
