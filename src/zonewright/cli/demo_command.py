"""``zonewright demo``: Jiangmen's programme, from files to the desk."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.demo_accounts import USER, ZONE_OF_ROLE, make_accounts
from zonewright.cli.demo_year import BEGINNING, make_people, names_of_year, play, summary
from zonewright.cli.serve_command import run_desk
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_findings, progress, quoted, say
from zonewright.core.errors import InputError
from zonewright.core.texts import text_of
from zonewright.examples import jiangmen
from zonewright.examples.jiangmen.build import year_of
from zonewright.store import workspace as workspaces
from zonewright.web.serve import require_free
from zonewright.workflows.figures import figure_set
from zonewright.workflows.importing import import_files
from zonewright.workflows.lookback import FORMATS, LANGUAGES, write_reports

TITLE = ("江门市园区再造（示例）", "Jiangmen park rebuilding (example)")
_STEPS = {
    "en": (
        "Writing the files",
        "Importing them",
        "Computing the figures",
        "Writing the report",
        "Playing the year",
    ),
    "zh": ("生成文件", "导入", "计算指标", "编写回头看", "逐月填报"),
}
_PARTS: dict[str, dict[str, str]] = {
    "en": {},
    "zh": {"zones": "片区", "parcels": "地块", "stages": "地块阶段", "layers": "图层"},
}


@click.command("demo", cls=Command)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Folder of the demo's files, workspace and report.",
)
@click.option("--no-serve", is_flag=True, help="Stop before the desk is served.")
@click.option(
    "--fresh", is_flag=True, help="Begin with a new workspace, in place of an earlier one."
)
@click.option(
    "--year",
    is_flag=True,
    help="Also play a year of monthly returns by five zones; their workbooks are kept in a folder.",
)
@click.option("--seed", default=2023, show_default=True, help="Seed of the synthetic data.")
@options.host
@options.port
@click.pass_obj
def command(
    lang: str,
    folder: Path,
    no_serve: bool,
    fresh: bool,
    year: bool,
    seed: int,
    host: str,
    port: int,
) -> None:
    """Build the example's files, import them, compute, write the report, and serve the desk.

    Totals are those published for Jiangmen in 2023; parcels, firms and works are synthetic.
    """
    workspace = folder / "jiangmen.sqlite"
    if not no_serve:
        require_free(host, port)
    if fresh:
        remove_demo(folder)
    folder.mkdir(parents=True, exist_ok=True)
    steps = _STEPS[lang]
    with progress(steps[0]) as report:
        files = jiangmen.build(
            folder / "files",
            seed=seed,
            progress=lambda share, part: report(share, _PARTS[lang].get(part, part)),
            returned=year,
        )
    written = {"en": "{} files in {}", "zh": "{} 个，在 {}"}[lang]
    done(steps[0], written.format(len(files), folder / "files"))

    if year and workspace.exists():
        raise InputError("demo-year-exists", path=str(workspace))
    if not workspace.exists():
        workspaces.create(str(workspace), title=TITLE[0], title_en=TITLE[1])
    workspaces.connect(str(workspace))
    with progress(steps[1]) as report:
        imported = import_files(
            files, by=USER, origin="demo", progress=report, at=BEGINNING if year else None
        )
    print_findings(imported.findings, lang=lang, limit=8, has_json=False)
    records = sum(count.created for count in imported.counts.values())
    taken = {"en": "{:,} new records in {}", "zh": "新增 {:,} 条记录，在 {}"}[lang]
    done(steps[1], taken.format(records, workspace))

    password = make_accounts()
    if year:
        with progress(steps[4]) as report:
            told = play(
                year_of(seed=seed), folder / "returns", make_people(password), progress=report
            )
        done(steps[4], summary(told, lang))

    figures = figure_set()
    done(steps[2], {"en": "{} figures", "zh": "{} 项"}[lang].format(len(figures.items)))

    with progress(steps[3]) as report:
        paths = write_reports(folder, formats=FORMATS, languages=LANGUAGES, progress=report)
    done(steps[3], ", ".join(path.name for path in paths))
    say(text_of("demo-synthetic", {}, lang))

    texts = {
        "en": f"Sign in as {USER} with the password {password}",
        "zh": f"登录账号 {USER}，密码 {password}",
    }
    say(texts[lang], style="bold")
    named = ", ".join(ZONE_OF_ROLE)
    others = {
        "en": f"With the same password, each in a zone of its own: {named}",
        "zh": f"密码相同、各管一个片区的账号：{named}",
    }
    say(others[lang])
    if year:
        played_by = {"en": f"Those of the year: {', '.join(names_of_year())}",
                     "zh": f"全年填报的账号：{'、'.join(names_of_year())}"}  # fmt: skip
        say(played_by[lang])
    if no_serve:
        again = quoted(called(), "serve", workspace)
        say({"en": f"The desk: {again}", "zh": f"打开工作台：{again}"}[lang])
        return
    run_desk(host=host, port=port, lang=lang)


def called() -> str:
    """Return how the command was called, so that what is printed can be typed again."""
    return sys.argv[0] if Path(sys.argv[0]).name == "zonewright" else "zonewright"


def remove_demo(folder: Path) -> None:
    """Remove an earlier demo's workspace, and nothing else: its files and report are rewritten."""
    for end in ("", "-wal", "-shm", ".key"):
        (folder / f"jiangmen.sqlite{end}").unlink(missing_ok=True)


def done(step: str, result: str) -> None:
    """Say that a step is done and what came of it."""
    say(f"✓ {step} · {result}")
