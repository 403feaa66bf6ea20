"""A worker process with jobs for the tests: run as ``python working.py WORKSPACE [--once]``.

Each job writes audit entries in the transaction that ends its run, so that they tell how often its
result was really written.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Mapping
from typing import cast

from zonewright.store import workspace

workspace.set_up()

from zonewright.store.actions import trail  # noqa: E402  (Django stands only now)
from zonewright.workflows import worker  # noqa: E402
from zonewright.workflows.job import Context, Job, Outcome  # noqa: E402
from zonewright.workflows.jobs import JOBS  # noqa: E402

LONG_S = 120.0


def noted(context: Context, action: str) -> Mapping[str, object]:
    """Write that a run's result was written."""
    trail.note(action, by=context.run.worker, code=str(context.run.pk))
    return {"attempt": context.run.attempts}


def count(context: Context) -> Outcome:
    """Do nothing for a moment and write that it was done."""
    context.progress(0.5, "half")
    return Outcome(write=lambda: noted(context, "counted"))


def stall(context: Context) -> Outcome:
    """Hang the first time, before anything is written."""
    context.progress(0.3, "stalled")
    if context.run.attempts == 1:
        time.sleep(LONG_S)
    return Outcome(write=lambda: noted(context, "counted"))


def half(context: Context) -> Outcome:
    """Hang the first time in the middle of what is written."""

    def write() -> Mapping[str, object]:
        found = noted(context, "counted")
        if context.run.attempts == 1:
            (context.folder / "writing").touch()
            time.sleep(LONG_S)
        return found

    context.progress(0.6, "writing")
    return Outcome(write=write)


def crawl(context: Context) -> Outcome:
    """Take many small steps."""
    for step in range(int(LONG_S / 0.05)):
        context.progress(step / 10_000, f"step {step}")
        time.sleep(0.05)
    return Outcome()


def stumble(context: Context) -> Outcome:
    """Fail in a way that nobody foresaw."""
    raise ZeroDivisionError


def register() -> None:
    """Make the jobs known to the worker of this process."""
    known = cast("dict[str, Job]", JOBS)
    for task in (count, stall, half, crawl, stumble):
        known[task.__name__] = Job(task.__name__, task.__name__, task.__name__, task)


def main() -> None:
    """Work until told to stop."""
    workspace.connect(sys.argv[1])
    register()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sys.stdout.write(f"{worker.run_worker(once='--once' in sys.argv, stop=stop)}\n")


if __name__ == "__main__":
    main()
