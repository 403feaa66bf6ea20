"""``zonewright returns``: a month's list, and a return's way on the command line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.unit.store.conftest import Made, embedded, embedded_template
from tests.unit.workflows.returning import APRIL, stock, write
from zonewright.cli import zonewright
from zonewright.store.access import operator
from zonewright.store.actions import create_user
from zonewright.store.actions.people import grant
from zonewright.store.models import User, WorkMonth

__all__ = ["embedded", "embedded_template"]


@pytest.fixture
def zone(embedded: Made) -> Made:
    stock()
    return embedded


def run(*args: object, lang: str = "zh") -> Result:
    words = ["--lang", lang, "returns", *map(str, args)]
    return CliRunner().invoke(zonewright, words, catch_exceptions=False)


def fill_in(zone: Made, folder: Path, cells: Any = APRIL) -> Path:
    path = folder / "四月.xlsx"
    made = run("blank", zone.path, "works", "A", "2023-04", "-o", path)
    assert made.exit_code == 0, made.output
    path.write_bytes(write(path.read_bytes(), "works", cells))
    return path


def test_a_month_is_listed_zone_by_kind(zone: Made) -> None:
    shown = run(zone.path, "--month", "2023-04", "--on", "2023-05-08")
    assert shown.exit_code == 0
    assert "基础设施月报" in shown.output
    assert "未填报" in shown.output
    found = json.loads(run(zone.path, "--month", "2023-04", "--json").output)
    assert found["counts"] == {"missing": 22}
    assert {item["zone"] for item in found["items"]} == {"A", "B"}


def test_a_return_goes_its_way(zone: Made, tmp_path: Path) -> None:
    path = fill_in(zone, tmp_path)
    handed = run("hand-in", zone.path, path, "--submit", "--json", "--at", "2023-05-04")
    assert handed.exit_code == 0, handed.output
    (answer,) = json.loads(handed.output)["items"]
    assert answer["submitted"]
    for step in ("check", "approve"):
        done = run(step, zone.path, answer["id"], "--at", "2023-05-04")
        assert done.exit_code == 0, done.output
    assert "已锁定" in done.output
    assert WorkMonth.objects.filter(month=date(2023, 4, 1)).count() == 2
    silent = run("reopen", zone.path, answer["id"])
    assert silent.exit_code == 2
    assert "请填写意见" in silent.stderr
    assert "已解锁" in run("reopen", zone.path, answer["id"], "--remark", "漏报").output
    listed = json.loads(run(zone.path, "--month", "2023-04", "--json").output)
    (mine,) = [item for item in listed["items"] if item["id"]]
    assert (mine["state"], mine["days_late"]) == ("reopened", 0)


def test_what_is_wrong_is_listed_and_marked(zone: Made, tmp_path: Path) -> None:
    path = fill_in(zone, tmp_path, {**APRIL, ("works", "W1", "invested"): 999})
    handed = run("hand-in", zone.path, path, "--submit")
    assert handed.exit_code == 1
    assert "当月数 999万元 大于年累计 420万元" in handed.stderr
    assert "1 · 草稿 · 未提交：2 处错误待更正" in handed.output
    assert "sent back" not in run("hand-in", zone.path, path, lang="en").output
    marked = tmp_path / "marked.xlsx"
    assert run("marked", zone.path, 1, "-o", marked).exit_code == 0
    assert marked.stat().st_size > 0


def test_a_checker_is_told_what_was_let_pass_with_a_note(zone: Made, tmp_path: Path) -> None:
    small = {
        **APRIL, ("works", "W1", "invested"): 0.01, ("works", "W1", "invested_ytd"): 300.01,
        ("works", "W1", "remark"): "监理尾款",
    }  # fmt: skip
    path = fill_in(zone, tmp_path, small)
    assert "草稿 · 尚未提交" in run("hand-in", zone.path, path).output
    assert run("submit", zone.path, 1).exit_code == 0
    assert "不到上一个有数月份 100万元 的 1/20" in run("check", zone.path, 1).stderr


@pytest.mark.parametrize("month", ["202401", "2024-13"])
def test_a_month_is_asked_for_as_a_month(zone: Made, tmp_path: Path, month: str) -> None:
    for args in ((zone.path, "--month", month),
                 ("blank", zone.path, "works", "A", month, "-o", tmp_path / "x.xlsx")):  # fmt: skip
        refused = run(*args, lang="en")
        assert refused.exit_code == 2
        assert "write it as 2023-04." in refused.stderr
        assert ".." not in refused.stderr.replace("...", "")


def test_an_account_may_what_it_may(zone: Made, tmp_path: Path) -> None:
    create_user("填报", "a-long-password-1", by="t")
    grant(User.objects.get(), "reporter", zone="A", access=operator("t"), origin="t")
    path = fill_in(zone, tmp_path)
    assert run("hand-in", zone.path, path, "--submit", "--as", "填报").exit_code == 0
    refused = run("check", zone.path, 1, "--as", "填报")
    assert refused.exit_code == 2
    assert run("check", zone.path, 1, "--as", "无人").exit_code == 2
    owed = run(zone.path, "--remind", "--on", "2023-05-08")
    assert "填报" in owed.output
    found = json.loads(run(zone.path, "--remind", "--json", "--on", "2023-05-08").output)
    assert found["items"][0]["people"] == ["填报"]


def test_an_empty_workspace_says_what_to_do(embedded: Made) -> None:
    assert "填报员" in run(embedded.path).output
