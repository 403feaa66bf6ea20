"""``zonewright serve``: the desk in the browser."""

from __future__ import annotations

import socket

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import quoted, say
from zonewright.core.errors import StorageError
from zonewright.store.workspace import connect
from zonewright.web.serve import serve


@click.command("serve", cls=Command)
@options.workspace
@options.host
@options.port
@click.pass_obj
def command(lang: str, workspace: str, host: str, port: int) -> None:
    """Serve the desk of a workspace until Ctrl-C."""
    require_free(host, port)
    connect(workspace)
    account = quoted("zonewright", "user", workspace)
    text = {
        "en": f"An account to sign in with, if there is none yet: {account} NAME",
        "zh": f"尚无登录账号时，先开设：{account} 用户名",
    }
    say(text[lang])
    run_desk(host=host, port=port, lang=lang)


def require_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened at, before any long work."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError("desk-address-taken", host=host, port=port, reason=reason) from error


def run_desk(*, host: str, port: int, lang: str) -> None:
    """Say where the desk of the connected workspace is, and serve it."""
    text = {
        "en": f"The desk is at http://{host}:{port}/  (Ctrl-C ends it)",
        "zh": f"工作台：http://{host}:{port}/ （Ctrl-C 结束）",
    }
    say(text[lang])
    serve(host, port)
