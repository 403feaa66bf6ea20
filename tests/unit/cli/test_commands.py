"""Commands say what is wrong and how to mend it, in both languages, and never with a traceback."""

from __future__ import annotations

import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from csv import DictReader
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection

from zonewright.cli import COMMANDS, zonewright
from zonewright.cli.chinese import HELP
from zonewright.cli.demo_command import remove_demo

ROOT = Path(__file__).parents[3]
ZONES = ROOT / "src/zonewright/examples/jiangmen/data/zones.csv"


def run(*args: object, lang: str = "zh") -> Result:
    return CliRunner().invoke(zonewright, ["--lang", lang, *map(str, args)])


def commands() -> list[click.Command]:
    context = click.Context(zonewright)
    found = [zonewright, *(zonewright.get_command(context, name) for name in COMMANDS)]
    steps = [group.commands.values() for group in found[1:] if isinstance(group, click.Group)]
    return [*found, *(step for group in steps for step in group)]  # type: ignore[list-item]


def test_every_help_text_has_a_chinese_one_and_none_is_left_over() -> None:
    used = {"Show this message and exit."}
    for command in commands():
        used.add(cleandoc(command.help or ""))
        options = [param for param in command.params if isinstance(param, click.Option)]
        assert all(option.help for option in options), command.name
        used.update(cleandoc(option.help or "") for option in options)
    assert used == set(HELP)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_speaks_chinese(name: str) -> None:
    shown = run(*filter(None, [name]), "--help").output
    assert shown.startswith("用法：")
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", shown), shown
    assert run(*filter(None, [name]), "--help", lang="en").output.startswith("Usage:")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["frob"], "没有命令“frob”"),
        (["figures"], "缺少参数 WORKSPACE"),
        (["blocks", "w.sqlite"], "缺少选项 --zone"),
        (["figures", "w.sqlite", "--titel"], "没有选项 --titel"),
        (["check", "没有.xlsx"], "“没有.xlsx”不存在"),
        (["blocks", "w.sqlite", "--zone", "A", "--on", "昨天"], "“昨天”不是日期"),
        (["blocks", "w.sqlite", "--zone", "A", "--min-mu", "多"], "--min-mu：“多”不是数字"),
        (["serve", "w.sqlite", "--port", "99999"], "--port：99999 不在范围"),
        (["report", "w.sqlite", "--format", "xls"], "--format：“xls”不在可选值"),
    ],
)
def test_a_wrong_call_is_explained_in_chinese(args: list[str], said: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "--help" in result.stderr


def test_a_workspace_is_never_replaced_by_an_exchange_copy(tmp_path: Path) -> None:
    file = tmp_path / "w.sqlite"
    file.write_bytes(b"records")
    result = run("export", file, "--gpkg", file, "--overwrite")
    assert result.exit_code == 2
    assert ".gpkg" in result.stderr
    assert file.read_bytes() == b"records"


@pytest.mark.parametrize("name", ["zone", "zone.gpkg", "zone.xlsx"])
def test_a_workspace_is_not_named_like_another_file(name: str, tmp_path: Path) -> None:
    result = run("init", tmp_path / name)
    assert result.exit_code == 2
    assert ".sqlite" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (KeyboardInterrupt(), "已中断"),
        (OperationalError("database is locked"), "其他程序"),
        (PermissionError(13, "Permission denied", "ro/a.docx"), "“ro/a.docx”"),
        (ImproperlyConfigured("set ZONEWRIGHT_SECRET_KEY"), "ZONEWRIGHT_SECRET_KEY"),
    ],
)
def test_what_stops_a_command_is_said_and_the_code_is_2(
    failure: BaseException, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr("zonewright.cli.check_command.check_files", fail)
    result = run("check", tmp_path)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_taken_port_is_said_before_the_demo_is_built(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = run("demo", "--dir", tmp_path / "demo", "--port", other.getsockname()[1])
    assert result.exit_code == 2
    assert "--port" in result.stderr
    assert not (tmp_path / "demo").exists()


def test_a_fresh_demo_leaves_the_users_own_files(tmp_path: Path) -> None:
    for name in ("jiangmen.sqlite", "jiangmen.sqlite-wal", "look-back-notes.docx", "files/my.xlsx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    remove_demo(tmp_path)
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"look-back-notes.docx", "my.xlsx"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Path]:
    """A workspace without records."""
    path = tmp_path_factory.mktemp("empty") / "e.sqlite"
    with django_db_blocker.unblock():
        assert "zonewright user" in run("init", path).output
        yield path
        connection.close()


@pytest.fixture(scope="module")
def zoned(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Path]:
    """A workspace with one zone and nothing else."""
    folder = tmp_path_factory.mktemp("中 文")
    file = folder / "片区 名录.csv"
    file.write_text(
        "片区编号,片区名称,片区类型,边界生效日期\nYQ-01,东园区,园区,2023-01-01\n", encoding="utf-8"
    )
    with django_db_blocker.unblock():
        path = folder / "园 区.sqlite"
        run("init", path)
        taken = run("import", path, file)
        assert taken.exit_code == 0, taken.stderr
        assert "片区" in taken.output
        yield path
        connection.close()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["figures"], 0, "尚无提纲"),
        (["pace", "--month", "2023-10"], 0, "没有目标"),
        (["pace"], 2, "尚无月报"),
        (["blocks", "--zone", "A"], 2, "尚无片区"),
        (["blocks", "--zone", "A", "--min-mu", "-5"], 2, "尚无片区"),
        (["report", "--out", "."], 2, "尚无提纲"),
    ],
)
def test_an_empty_workspace_says_what_to_import(
    args: list[str], code: int, said: str, empty: Path
) -> None:
    result = run(args[0], empty, *args[1:])
    assert (result.exit_code, said in result.output) == (code, True), result.output


@pytest.mark.parametrize("command", ["figures", "pace", "blocks"])
@pytest.mark.parametrize("code", ["YQ-1", "东园"])
def test_an_unknown_zone_names_the_code_that_was_meant(
    command: str, code: str, zoned: Path
) -> None:
    result = run(command, zoned, "--zone", code)
    assert result.exit_code == 2
    assert "YQ-01 东园区" in result.stderr


@pytest.mark.parametrize("args", [["figures"], ["pace"], ["blocks", "--zone", "YQ-01"], ["report"]])
def test_a_day_before_the_first_import_is_said_to_be_too_early(
    args: list[str], zoned: Path
) -> None:
    result = run(args[0], zoned, *args[1:], "--as-of", "2001-01-01")
    assert result.exit_code == 2
    assert "--as-of" in result.stderr


def test_a_block_size_is_named_as_it_was_typed(zoned: Path) -> None:
    result = run("blocks", zoned, "--zone", "YQ-01", "--min-mu", "-5")
    assert result.exit_code == 2
    assert "--min-mu" in result.stderr
    assert "-5" in result.stderr


def test_an_exchange_copy_that_exists_is_kept(zoned: Path, tmp_path: Path) -> None:
    copy = tmp_path / "副 本.gpkg"
    copy.write_bytes(b"mine")
    result = run("export", zoned, "--gpkg", copy)
    assert result.exit_code == 2
    assert "--overwrite" in result.stderr
    assert copy.read_bytes() == b"mine"


def test_a_weak_password_is_explained_in_chinese(zoned: Path) -> None:
    result = CliRunner().invoke(
        zonewright, ["--lang", "zh", "user", str(zoned), "li", "--password-stdin"], input="1\n"
    )
    assert result.exit_code == 2
    assert "密码只包含数字" in result.stderr


@pytest.mark.parametrize(
    "page",
    ["README.md", "README.zh.md", "docs/tutorials/first-look-back.md",
     "docs/tutorials/first-look-back.zh.md"],
)  # fmt: skip
def test_the_zones_that_the_pages_name_are_in_the_example(page: str) -> None:
    with ZONES.open(encoding="utf-8") as lines:
        known = {row["code"] for row in DictReader(lines)}
    named = set(re.findall(r"--zone (JM-\S+)", (ROOT / page).read_text(encoding="utf-8")))
    assert named
    assert named <= known


def test_the_doctor_names_the_command_that_upgrades_and_it_does(
    zoned: Path, tmp_path: Path
) -> None:
    aged = tmp_path / "老 工作区.sqlite"
    with closing(sqlite3.connect(zoned)) as source, closing(sqlite3.connect(aged)) as target:
        source.backup(target)
        name = target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchone()[0]
        target.execute(f'DROP TRIGGER "{name}"')
        target.commit()
    ill = run("doctor", aged)
    assert ill.exit_code == 1
    assert f"zonewright doctor '{aged}' --upgrade" in ill.output
    mended = run("doctor", aged, "--upgrade")
    assert mended.exit_code == 0, mended.output
    assert run("doctor", "--upgrade").exit_code == 2
