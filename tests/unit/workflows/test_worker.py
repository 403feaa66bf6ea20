"""Workers as processes of their own: exactly once, killed midway, told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.unit.store.conftest import Made, drawing, ledger, register
from zonewright.store import actions
from zonewright.store.access import operator
from zonewright.store.actions.daily import turn_day
from zonewright.store.models import AuditEntry, Parcel, ParcelEvent, Revision, Run

HERE = Path(__file__).with_name("working.py")
CHEN = operator("chen")
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(workspace: Made) -> Iterator[Start]:
    """Return a function that starts a worker of the tests."""
    workers: list[subprocess.Popen[str]] = []

    def begin(*options: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(HERE), workspace.target, *options]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        worker = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        workers.append(worker)
        return worker

    yield begin
    for worker in workers:
        worker.kill()
        worker.communicate()


def ask(question: str, number: int = 0) -> Run:
    return actions.queue_run(question, {"number": number}, access=CHEN, inputs="x")


def until(condition: Callable[[], bool], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "never came true"
        time.sleep(0.05)


def state(run: Run) -> str:
    return Run.objects.values_list("status", flat=True).get(pk=run.pk)


def fall_silent() -> None:
    """Let 31 seconds pass, as after the worker's last sign of life."""
    Run.objects.filter(status="running").update(heartbeat_at=timezone.now() - timedelta(seconds=31))


def counted() -> Counter[str]:
    return Counter(AuditEntry.objects.filter(action="counted").values_list("code", flat=True))


@pytest.mark.slow
def test_many_workers_do_each_run_exactly_once(start: Start) -> None:
    runs = [ask("count", number) for number in range(60)]
    workers = [start("--once") for _ in range(4)]
    done = [int(worker.communicate(timeout=120)[0]) for worker in workers]
    assert sum(done) == 60
    assert counted() == {str(run.pk): 1 for run in runs}
    assert set(Run.objects.values_list("status", "attempts")) == {("done", 1)}


@pytest.mark.slow
@pytest.mark.parametrize(("question", "mark"), [("stall", "stalled"), ("half", "writing")])
def test_a_run_whose_worker_was_killed_is_done_by_another_and_written_once(
    start: Start, question: str, mark: str
) -> None:
    run = ask(question)
    first = start()
    until(lambda: Run.objects.get(pk=run.pk).message == mark or state(run) == "running")
    time.sleep(2.0)  # into the long step
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert state(run) == "running"
    assert not counted()
    fall_silent()
    start("--once").communicate(timeout=60)
    ended = Run.objects.get(pk=run.pk)
    assert (ended.status, ended.attempts) == ("done", 2)
    assert counted() == {str(run.pk): 1}


@pytest.mark.slow
def test_a_worker_that_is_told_to_stop_gives_its_run_back(start: Start) -> None:
    run = ask("crawl")
    worker = start()
    until(lambda: state(run) == "running" and Run.objects.get(pk=run.pk).message != "")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0
    ended = Run.objects.get(pk=run.pk)
    assert (ended.status, ended.attempts, ended.worker) == ("queued", 0, "")


@pytest.mark.slow
def test_a_running_run_is_cancelled_and_a_fault_ends_no_worker(start: Start) -> None:
    crawling, faulty, good = ask("crawl"), ask("stumble"), ask("count")
    worker = start("--once")
    until(lambda: Run.objects.get(pk=crawling.pk).message != "")
    actions.cancel_run(Run.objects.get(pk=crawling.pk), access=CHEN)
    assert int(worker.communicate(timeout=60)[0]) == 3
    assert [state(run) for run in (crawling, faulty, good)] == ["cancelled", "failed", "done"]
    error = Run.objects.get(pk=faulty.pk).result["error"]
    assert error == {"code": "run-broken", "params": {"kind": "ZeroDivisionError"}}


def test_a_day_is_begun_once_and_brings_its_stages(workspace: Made) -> None:
    actions.take([register(), ledger(), drawing()], by="t")
    assert turn_day(timezone.now())
    assert not turn_day(timezone.now())
    parcel = Parcel.objects.get(code="P1")
    event = ParcelEvent.objects.create(
        parcel=parcel, stage="L8", on=date.today() + timedelta(days=2), recorded_at=timezone.now()
    )
    parcel.refresh_from_db()
    before = parcel.stage
    # Time cannot be moved, so the event is: as it stands when its day has come.
    triggers_asleep = ParcelEvent.objects.filter(pk=event.pk)
    triggers_asleep.update(on=date.today() - timedelta(days=1))
    Parcel.objects.filter(pk=parcel.pk).update(stage=before)
    assert not turn_day(timezone.now())
    Revision.objects.filter(name="day").update(token="yesterday")
    assert turn_day(timezone.now())
    parcel.refresh_from_db()
    assert (before, parcel.stage) == ("L5", "L8")
