"""``zonewright doctor``: what is wrong with the machine or the workspace, and how to mend it."""

from __future__ import annotations

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_findings, print_json, quoted, say
from zonewright.core.errors import InputError
from zonewright.core.findings import has_errors
from zonewright.store import workspace as workspaces
from zonewright.workflows.doctor import examine


@click.command("doctor", cls=Command)
@click.argument("workspace", required=False)
@click.option(
    "--upgrade",
    is_flag=True,
    help="First bring the workspace up to this version; make a backup before.",
)
@options.as_json
@click.pass_obj
def command(lang: str, workspace: str | None, upgrade: bool, as_json: bool) -> None:
    """Examine the machine and, if named, a workspace; nothing is changed without --upgrade."""
    if upgrade and not workspace:
        raise InputError("upgrade-what")
    if upgrade and workspace:
        workspaces.upgrade(workspace)
    findings = examine(workspace)
    if as_json:
        print_json({"findings": [finding.as_dict(lang) for finding in findings]})
    else:
        print_findings(findings, lang=lang)
        if workspace and any("upgrade" in finding.text("en") for finding in findings):
            again = quoted("zonewright", "doctor", workspace, "--upgrade")
            say({"en": f"To upgrade: {again}", "zh": f"升级：{again}"}[lang])
        if not has_errors(findings):
            say({"en": "Nothing stands in the way.", "zh": "未发现妨碍使用的问题。"}[lang])
    if has_errors(findings):
        raise click.exceptions.Exit(1)
