"""The commands of supervision."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection

from tests.unit.store.conftest import Made, embedded, embedded_template
from tests.unit.store.desk import fill
from zonewright.cli import zonewright
from zonewright.store.models import Order, Work

__all__ = ["embedded", "embedded_template"]


@pytest.fixture
def land(embedded: Made) -> Made:
    fill()
    Work.objects.filter(code="W1").update(planned_start=date(2023, 9, 1), owner="李工")
    connection.close()
    return embedded


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(zonewright, ["--lang", "zh", *arguments])
    assert result.exit_code == code, result.output
    return result


def asked(land: Made, *more: str) -> list[str]:
    return ["orders", land.target, "--month", "2023-10", "--on", "2023-11-08", *more]


def test_orders_are_found_given_once_and_listed(land: Made) -> None:
    assert "用 --find 可筛查" in run("orders", land.target).output
    assert "已逾期68天" in run(*asked(land, "--find")).output
    assert not Order.objects.exists()
    made = json.loads(run(*asked(land, "--raise", "--json")).output)
    assert "W1" in made["raised"][0]["text"]
    codes = [item["code"] for item in made["raised"]]
    assert json.loads(run(*asked(land, "--raise", "--json")).output)["raised"] == []
    listed = json.loads(run("orders", land.target, "--json").output)["items"]
    assert {item["code"] for item in listed} == set(codes)
    assert codes[0] in run("orders", land.target, "--zone", "A").output
    late = ["orders", land.target, "--escalate", "--on", "2024-03-01", "--json"]
    assert json.loads(run(*late).output)["escalated"][0]["level"] == 3


def test_a_meeting_list_is_written_and_printed(land: Made, tmp_path: Path) -> None:
    run(*asked(land, "--raise"))
    meeting = ["meeting", land.target, "--on", "2023-11-08"]
    assert "调度会议题清单" in run(*meeting).output
    for name in ("m.docx", "m.pdf"):
        run(*meeting, "-o", str(tmp_path / name))
        assert (tmp_path / name).stat().st_size > 5_000
    given = json.loads(run(*meeting, "--json").output)
    assert given["zones"][0]["orders"]
    run(*meeting, "-o", str(tmp_path / "m.txt"), code=2)
    assert not (tmp_path / "m.txt").exists()


def test_an_old_month_is_judged_on_the_last_day_on_which_it_was_called(land: Made) -> None:
    asked_now = ["orders", land.target, "--month", "2023-10", "--find"]
    assert "已逾期90天" in run(*asked_now).output
    assert "不分月份" in run("orders", land.target, "--month", "2023-10").output
    assert "不分月份" not in run("orders", land.target).output


def test_orders_of_one_zone_leave_the_others_alone(land: Made) -> None:
    made = json.loads(run(*asked(land, "--raise", "--zone", "B", "--json")).output)["raised"]
    assert {item["zone"] for item in made} <= {"B"}
    assert not Order.objects.exclude(zone__code="B").exists()
    run(*asked(land, "--raise", "--zone", "A"))
    assert Order.objects.filter(zone__code="A").exists()


def test_a_code_that_is_not_known_is_answered_with_those_like_it(
    land: Made, tmp_path: Path
) -> None:
    blank = ["returns", "blank", land.target, "works", "AA", "2023-10"]
    assert "没有片区 AA。请改用编号，可能是：A " in run(
        *blank, "-o", str(tmp_path / "x.xlsx"), code=2
    ).output.replace("\n", "")
    said = run("forecast", land.target, "--indicator", "work_invested", code=2).output
    assert "works_invested（基础设施完成投资）" in said
    strange = run("forecast", land.target, "--indicator", "zzzz", code=2).output
    assert "请使用指标字典中的代码" in strange
