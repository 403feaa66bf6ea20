"""``zonewright doctor``: what is wrong with the machine or the workspace, and how to mend it."""

from __future__ import annotations

import click

from zonewright.cli import options
from zonewright.cli.terminal import out, print_findings, print_json
from zonewright.core.findings import has_errors
from zonewright.workflows.doctor import examine


@click.command("doctor")
@click.argument("workspace", required=False)
@options.as_json
@click.pass_obj
def command(lang: str, workspace: str | None, as_json: bool) -> None:
    """Examine the machine and, if named, a workspace; nothing is changed."""
    findings = examine(workspace)
    if as_json:
        print_json({"findings": [finding.as_dict(lang) for finding in findings]})
    else:
        print_findings(findings, lang=lang)
        if not has_errors(findings):
            out().print({"en": "Nothing stands in the way.", "zh": "未发现妨碍使用的问题。"}[lang])
    if has_errors(findings):
        raise click.exceptions.Exit(1)
