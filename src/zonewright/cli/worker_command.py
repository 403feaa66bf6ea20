"""``zonewright worker``: carry out the runs that wait in a workspace."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import say
from zonewright.store.workspace import connect
from zonewright.workflows.worker import run_worker


@click.command("worker", cls=Command)
@options.workspace
@click.option("--once", is_flag=True, help="End when nothing waits any more.")
@click.pass_obj
def command(lang: str, workspace: str, once: bool) -> None:
    """Carry out what waits in the queue of a workspace until Ctrl-C.

    ``zonewright serve`` starts one by itself; more may run at once, also on other machines.
    """
    connect(workspace)
    logging.getLogger("zonewright.workflows").setLevel(logging.INFO)
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if not once:
            say({"en": "Waiting for runs (Ctrl-C ends it)", "zh": "等待任务（Ctrl-C 结束）"}[lang])
        count = run_worker(once=once, stop=stop)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    say({"en": f"{count} runs carried out", "zh": f"已执行 {count} 项"}[lang])
