"""``zonewright serve``: the desk in the browser."""

from __future__ import annotations

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import quoted, say
from zonewright.store.workspace import connect
from zonewright.web.serve import require_free, serve


@click.command("serve", cls=Command)
@options.workspace
@options.host
@options.port
@click.option("--no-worker", is_flag=True, help="Leave background runs to `zonewright worker`.")
@click.pass_obj
def command(lang: str, workspace: str, host: str, port: int, no_worker: bool) -> None:
    """Serve the desk of a workspace until Ctrl-C."""
    require_free(host, port)
    connect(workspace)
    account = quoted("zonewright", "user", workspace)
    text = {
        "en": f"An account to sign in with, if there is none yet: {account} NAME",
        "zh": f"尚无登录账号时，先开设：{account} 用户名",
    }
    say(text[lang])
    run_desk(host=host, port=port, lang=lang, worker=not no_worker)


def run_desk(*, host: str, port: int, lang: str, worker: bool = True) -> None:
    """Say where the desk of the connected workspace is, and serve it."""
    text = {
        "en": f"The desk opens at http://{host}:{port}/ in some seconds (Ctrl-C ends it)",
        "zh": f"工作台数秒后在 http://{host}:{port}/ 打开（Ctrl-C 结束）",
    }
    say(text[lang])
    serve(host, port, worker=worker)
