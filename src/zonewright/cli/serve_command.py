"""``zonewright serve``: the desk in the browser."""

from __future__ import annotations

import click

from zonewright.cli import options
from zonewright.cli.terminal import out
from zonewright.store.workspace import connect
from zonewright.web.serve import serve


@click.command("serve")
@options.workspace
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.pass_obj
def command(lang: str, workspace: str, host: str, port: int) -> None:
    """Serve the desk of a workspace until Ctrl-C."""
    connect(workspace)
    run_desk(host=host, port=port, lang=lang)


def run_desk(*, host: str, port: int, lang: str) -> None:
    """Say where the desk of the connected workspace is, and serve it."""
    text = {
        "en": f"The desk is at http://{host}:{port}/  (Ctrl-C ends it)",
        "zh": f"工作台：http://{host}:{port}/ （Ctrl-C 结束）",
    }
    out().print(text[lang], markup=False)
    serve(host, port)
