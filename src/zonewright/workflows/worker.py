"""The worker: takes runs from the queue of the connected workspace and carries them out.

The job runs in a thread of its own; this one gives the signs of life, so that a long step is not
taken for a crash. Any number of workers may work on one workspace.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import tempfile
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic

from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from zonewright.core.errors import StateError, ZonewrightError
from zonewright.store import actions, selectors
from zonewright.store.actions.daily import turn_day
from zonewright.store.actions.queue import MOST_ATTEMPTS
from zonewright.store.models import Run
from zonewright.store.workspace import brief_waits
from zonewright.workflows.job import Context, Job, RunStoppedError
from zonewright.workflows.jobs import JOBS

log = logging.getLogger(__name__)

IDLE_S = 0.5
TIDY_S = 10.0
LOOK_S = 0.5
# Progress is told at most this often, a sign of life at least this often.
TOLD_S, BEAT_S = 1.0, 5.0
# How often a result is offered again to a workspace that another program is writing.
FINISHING_TRIES = 5


def run_worker(*, once: bool = False, stop: threading.Event | None = None, name: str = "") -> int:
    """Carry out queued runs until told to stop; return how many.

    Parameters
    ----------
    once
        Whether to end when nothing waits any more.
    stop
        Ends the work when set: the job at hand is given back at its next step.
    name
        Of the worker; made up if empty.
    """
    return _Worker(name or _name(), stop or threading.Event()).work(once=once)


def work_off() -> int:
    """Carry out everything that waits, in this thread; return how many runs that were."""
    count = 0
    worker = _name()
    while (run := actions.claim_run(worker)) is not None:
        carry_out(run, Context(run, Path()))
        count += 1
    return count


def carry_out(run: Run, context: Context) -> Run:
    """Carry out a run that was claimed, and keep its end: result, refusal or cancelling.

    Parameters
    ----------
    run
        As it was claimed.
    context
        Of the job; its folder is made here.

    Raises
    ------
    StateError
        If the run was given to another worker in the meantime; nothing of it is kept.
    """
    job = JOBS.get(run.question)
    if job is None:
        return actions.break_off(run, "run-question-unknown", {"question": run.question})
    try:
        with tempfile.TemporaryDirectory(prefix="zonewright-run-") as folder:
            context.folder = Path(folder)
            _lay_out_files(run, context.folder / "given")
            return _computed(run, job, context)
    except RunStoppedError as error:
        return _stopped(run, error)
    except ZonewrightError as error:
        if isinstance(error, StateError) and error.code == "run-not-running":
            raise
        return actions.break_off(run, error.code, error.params)


def _computed(run: Run, job: Job, context: Context) -> Run:
    before = selectors.fingerprint()
    outcome = job.run(context)
    after = selectors.fingerprint()
    # What was changed while it was computed answers no question that can be asked again.
    inputs = "" if job.of_files else before if before == after else f"{before} {after}"
    tries = 1 if outcome.write else FINISHING_TRIES
    while True:
        tries -= 1
        try:
            with transaction.atomic():
                first = outcome.write() if outcome.write else {}
                result = {**outcome.result, **first}
                return actions.end_run(run, result, files=outcome.files, inputs=inputs)
        except OperationalError:
            if not tries:
                raise


def _stopped(run: Run, error: RunStoppedError) -> Run:
    if error.why == "cancel":
        return actions.drop_run(run)
    if error.why == "release":
        actions.give_back(run, counts=False)
    return run


def _lay_out_files(run: Run, folder: Path) -> None:
    for file in run.files.filter(given=True).select_related("blob"):
        folder.mkdir(exist_ok=True)
        (folder / Path(file.name).name).write_bytes(bytes(file.blob.content))


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


@dataclass(slots=True)
class _Worker:
    name: str
    stop: threading.Event
    tidied: float = -TIDY_S
    done: int = 0
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "job"))

    def work(self, *, once: bool) -> int:
        """Take runs until told to stop, or with `once` until none waits."""
        try:
            while not self.stop.is_set():
                run = self.next_run()
                if run is not None:
                    self.attend(run)
                    self.done += 1
                elif once:
                    break
                else:
                    self.stop.wait(IDLE_S)
        finally:
            self.pool.shutdown()
            connection.close()
        return self.done

    def next_run(self) -> Run | None:
        """Tidy the queue if it is time, and take the next run."""
        try:
            if monotonic() - self.tidied >= TIDY_S:
                self.tidied = monotonic()
                self.tidy(timezone.now())
            return actions.claim_run(self.name)
        except OperationalError as error:
            # Another program writes, or the server is away: look again in a moment.
            log.info("the queue cannot be read now: %s", error)
            close_old_connections()
            return None

    def tidy(self, now: datetime) -> None:
        """Take runs from workers that are gone; begin the day."""
        with brief_waits(0.1):  # who waits long to write cannot tell silence from a locked file
            for number in actions.reclaim(now, repeatable=_repeatable()):
                log.warning("run %s was taken from a worker that gave no sign of life", number)
        if turn_day(now):
            log.info("places and stages were brought to %s", timezone.localdate(now))

    def attend(self, run: Run) -> None:
        """Have a run carried out, and give signs of life meanwhile."""
        context = Context(run, Path())
        log.info("run %s (%s) begins", run.pk, run.question)
        began = last = monotonic()
        told = context.seen()
        future = self.pool.submit(_in_thread, run, context)
        while not wait([future], timeout=LOOK_S).done:
            if self.stop.is_set():
                context.stop("release")
            if actions.cancel_asked(run):
                context.stop("cancel")
            now, seen = monotonic(), context.seen()
            if now - last >= BEAT_S or (seen != told and now - last >= TOLD_S):
                last, told = now, seen
                self.beat(run, context)
        self.close(run, future)
        log.info("run %s ended after %.1f s", run.pk, monotonic() - began)

    def beat(self, run: Run, context: Context) -> None:
        """Give a sign of life."""
        share, text = context.seen()
        try:
            # A write of the job's own may hold the file: the sign is then given later.
            with brief_waits(0.2):
                actions.beat(run, progress=share, message=text)
        except StateError:
            context.stop("lost")
        except OperationalError:
            log.debug("no sign of life of run %s: the workspace is being written", run.pk)

    def close(self, run: Run, future: Future[Run]) -> None:
        """Note a fault that the job did not foresee; the worker goes on."""
        fault = future.exception()
        if fault is None:
            return
        if isinstance(fault, StateError):
            log.warning("run %s is no longer this worker's: %s", run.pk, fault)
            return
        log.error("run %s (%s) broke off", run.pk, run.question, exc_info=fault)
        try:
            if isinstance(fault, OperationalError) and run.attempts < MOST_ATTEMPTS:
                actions.give_back(run, counts=True)
            else:
                actions.break_off(run, "run-broken", {"kind": type(fault).__name__})
        except (StateError, OperationalError):
            log.exception("run %s stays as it is; it is reclaimed after a silence", run.pk)


def _in_thread(run: Run, context: Context) -> Run:
    """Carry out a run on a connection of the thread's own."""
    try:
        return carry_out(run, context)
    finally:
        connection.close()


def _repeatable() -> frozenset[str]:
    return frozenset(job.question for job in JOBS.values() if job.repeatable)
