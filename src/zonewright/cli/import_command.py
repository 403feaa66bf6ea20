"""``zonewright import``: take files into a workspace, whole or not at all."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_findings, print_json, print_table, progress, say
from zonewright.core.errors import FindingsError
from zonewright.core.findings import Finding
from zonewright.core.schema import table
from zonewright.store.workspace import connect
from zonewright.workflows.importing import Imported, Prefer, import_files

_HEADINGS = {
    "en": ("Table", "new", "changed", "as before"),
    "zh": ("表", "新增", "更改", "未变"),
}


@click.command("import", cls=Command)
@options.workspace
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--prefer",
    type=click.Choice(["file", "workspace"]),
    help="Whose value wins where file and workspace both changed since the export.",
)
@options.as_json
@click.pass_obj
def command(
    lang: str, workspace: str, files: tuple[Path, ...], prefer: Prefer | None, as_json: bool
) -> None:
    """Read FILES (or folders of files), check them, and take them in as one step.

    Nothing is written unless every file passes. Importing the same file again changes nothing.
    """
    connect(workspace)
    try:
        with progress("", quiet=as_json) as report:
            imported = import_files(
                files, by=getpass.getuser(), origin="cli", prefer=prefer, progress=report
            )
    except FindingsError as error:
        show_refusal(error.findings, lang=lang, as_json=as_json)
        raise click.exceptions.Exit(1) from None
    show(imported, lang=lang, as_json=as_json)


def show_refusal(findings: tuple[Finding, ...], *, lang: str, as_json: bool) -> None:
    """Print why an import was refused."""
    if as_json:
        print_json({"taken": False, "findings": [finding.as_dict(lang) for finding in findings]})
        return
    print_findings(findings, lang=lang)
    faults = sum(finding.severity == "error" for finding in findings)
    some = "1 fault" if faults == 1 else f"{faults} faults"
    text = {
        "en": f"Nothing was imported: mend {some} first.",
        "zh": f"未导入任何内容：请先处理 {faults} 个错误。",
    }
    say(text[lang])


def show(imported: Imported, *, lang: str, as_json: bool) -> None:
    """Print what an import did."""
    if as_json:
        print_json(imported.as_dict(lang))
        return
    print_findings(imported.findings, lang=lang)
    if not imported.counts:
        say({"en": "Nothing to take in.", "zh": "没有需要导入的内容。"}[lang])
        return
    what, *numbers = _HEADINGS[lang]
    print_table(
        [(what, False), *((heading, True) for heading in numbers)],
        [
            (
                table(name).label(lang),
                f"{count.created:,}",
                f"{count.updated:,}",
                f"{count.unchanged:,}",
            )
            for name, count in imported.counts.items()
        ],
    )
