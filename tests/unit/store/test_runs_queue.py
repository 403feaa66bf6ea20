"""The queue of runs: asking, taking, signs of life, ending, and runs whose worker is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.unit.store.conftest import Made as Workspace
from zonewright.core.errors import NotAllowedError, StateError, UnknownReferenceError
from zonewright.core.texts import text_of
from zonewright.store import actions
from zonewright.store.access import Access, operator
from zonewright.store.actions import Made
from zonewright.store.actions.blobs import keep
from zonewright.store.actions.run_files import forget_old_files
from zonewright.store.models import Attachment, AuditEntry, Blob, Run, RunFile
from zonewright.store.selectors import runs as selectors

PLANNER = operator("chen")
VIEWER = Access("li", frozenset({"view"}))
STRANGER = Access("wu", by_zone={"A": frozenset({"view", "plan"})})
AGAIN = frozenset({"blocks"})


def ask(question: str = "blocks", access: Access = PLANNER, **more: Any) -> Run:
    return actions.queue_run(question, {"on": "2023-10-31"}, access=access, inputs="x", **more)


def claimed(worker: str = "w1") -> Run:
    run = actions.claim_run(worker)
    assert run is not None
    return run


def silent(run: Run) -> None:
    """Let 31 seconds pass since the last sign of life."""
    Run.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=31))


def test_a_run_is_queued_with_who_asked_and_an_audit_entry(workspace: Workspace) -> None:
    run = ask(language="en", origin="desk 10.0.0.7", files=[("a.csv", keep(b"a", "text/csv"))])
    assert (run.status, run.by, run.language, run.attempts) == ("queued", "chen", "en", 0)
    assert len(run.fingerprint) == 64
    assert set(run.engines) >= {"zonewright", "shapely"}
    entry = AuditEntry.objects.get(action="queue")
    assert (entry.by, entry.origin, entry.table, entry.code) == (
        "chen", "desk 10.0.0.7", "runs", str(run.pk),
    )  # fmt: skip
    assert entry.after == {
        "question": "blocks", "params": {"on": "2023-10-31"}, "files": ["a.csv"],
    }  # fmt: skip


def test_the_same_question_is_asked_once(workspace: Workspace) -> None:
    first = ask()
    assert ask(access=operator("huang")).pk == first.pk
    run = claimed()
    assert ask().pk == first.pk
    actions.end_run(run, {"zones": []})
    assert ask().pk == first.pk
    assert ask(reuse=False).pk != first.pk
    assert AuditEntry.objects.filter(action="queue").count() == 2


def test_other_params_inputs_and_refusals_are_other_runs(workspace: Workspace) -> None:
    first = ask()
    other = actions.queue_run("blocks", {"on": "2023-11-30"}, access=PLANNER, inputs="x")
    later = actions.queue_run("blocks", {"on": "2023-10-31"}, access=PLANNER, inputs="y")
    assert len({first.pk, other.pk, later.pk}) == 3
    actions.break_off(claimed(), "run-broken", {"kind": "X"})
    assert ask().pk not in {first.pk, other.pk, later.pk}


def test_a_run_that_is_being_cancelled_answers_nobody_else(workspace: Workspace) -> None:
    first = ask()
    run = claimed()
    actions.cancel_run(run, access=PLANNER)
    assert ask().pk != first.pk


def test_a_run_that_who_asks_may_not_open_is_no_answer(workspace: Workspace) -> None:
    first = ask()
    theirs = ask(access=STRANGER, zones=["A"])
    assert theirs.pk != first.pk
    assert ask(access=STRANGER, zones=["A"]).pk == theirs.pk


def test_an_answer_whose_files_are_gone_is_made_anew(workspace: Workspace) -> None:
    first = ask()
    actions.end_run(claimed(), {}, files=[Made("a.txt", "text/plain", b"1")])
    assert ask().pk == first.pk
    RunFile.objects.all().delete()
    assert ask().pk != first.pk


def test_who_may_not_plan_queues_nothing(workspace: Workspace) -> None:
    for refused, zones in ((VIEWER, ()), (STRANGER, ()), (Access(""), ()), (VIEWER, ("A",))):
        with pytest.raises(NotAllowedError):
            ask(access=refused, zones=zones)
    with pytest.raises(UnknownReferenceError):
        ask(access=STRANGER, zones=["A", "B"])
    assert not Run.objects.exists()
    assert not AuditEntry.objects.exists()


def test_workers_take_the_oldest_first_and_none_twice(workspace: Workspace) -> None:
    numbers = [ask(question).pk for question in ("a", "b", "c")]
    assert [claimed(f"w{n}").pk for n in range(3)] == numbers
    assert actions.claim_run("w4") is None
    run = Run.objects.get(pk=numbers[0])
    assert (run.status, run.worker, run.attempts) == ("running", "w0", 1)
    assert run.heartbeat_at == run.started_at


def test_a_sign_of_life_keeps_progress_and_brings_the_wish_to_cancel(workspace: Workspace) -> None:
    ask()
    run = claimed()
    assert not actions.beat(run, progress=0.4, message="G1")
    seen = Run.objects.get()
    assert (seen.progress, seen.message) == (0.4, "G1")
    actions.cancel_run(run, access=PLANNER)
    assert actions.beat(run, progress=0.5, message="G2")
    actions.drop_run(run)
    ended = Run.objects.get()
    assert (ended.status, ended.result) == ("cancelled", None)
    assert ended.finished_at is not None


def test_a_waiting_run_is_cancelled_at_once_and_never_taken(workspace: Workspace) -> None:
    run = ask()
    assert actions.cancel_run(run, access=PLANNER, origin="desk").status == "cancelled"
    assert actions.claim_run("w") is None
    with pytest.raises(StateError):
        actions.cancel_run(run, access=PLANNER)
    assert AuditEntry.objects.filter(action="cancel").count() == 1


def test_only_who_asked_or_an_administrator_cancels(workspace: Workspace) -> None:
    run = ask()
    planner = Access("zhao", frozenset({"view", "plan"}))
    with pytest.raises(NotAllowedError):
        actions.cancel_run(run, access=planner)
    assert Run.objects.get().status == "queued"
    own = ask("export-gpkg", access=planner)
    assert actions.cancel_run(own, access=planner).status == "cancelled"
    assert actions.cancel_run(run, access=operator("admin")).status == "cancelled"


def test_cancelling_a_running_one_twice_is_one_wish(workspace: Workspace) -> None:
    ask()
    run = claimed()
    actions.cancel_run(run, access=PLANNER)
    actions.cancel_run(run, access=PLANNER)
    assert AuditEntry.objects.filter(action="cancel").count() == 1


def test_an_answer_that_a_page_keeps_cannot_be_cancelled(workspace: Workspace) -> None:
    run = actions.start_run("figures", {}, inputs="x", by="chen")
    with pytest.raises(StateError):
        actions.cancel_run(run, access=PLANNER)


def test_the_result_names_its_files_and_its_true_inputs(workspace: Workspace) -> None:
    ask()
    run = claimed()
    made = [Made("b.geojson", "application/geo+json", b"{}")]
    done = actions.end_run(run, {"zones": 3}, files=made, inputs="y")
    assert (done.status, done.progress) == ("done", 1.0)
    assert done.result == {"zones": 3, "files": ["b.geojson"]}
    file = selectors.run_file(done, "b.geojson")
    assert (bytes(file.blob.content), file.blob.size, file.given) == (b"{}", 2, False)
    assert selectors.answer("blocks", {"on": "2023-10-31"}, inputs="x") is None
    assert selectors.answer("blocks", {"on": "2023-10-31"}, inputs="y") == done
    with pytest.raises(UnknownReferenceError):
        selectors.run_file(done, "c.geojson")


def test_a_failure_is_told_in_the_words_of_who_asked(workspace: Workspace) -> None:
    ask(language="en")
    failed = actions.break_off(claimed(), "run-broken", {"kind": "MemoryError"})
    assert failed.error == text_of("run-broken", {"kind": "MemoryError"}, "en")
    assert failed.result == {"error": {"code": "run-broken", "params": {"kind": "MemoryError"}}}


def test_a_run_of_a_silent_worker_is_queued_again_and_then_fails(workspace: Workspace) -> None:
    ask()
    first = claimed("w1")
    assert actions.reclaim(timezone.now(), repeatable=AGAIN) == []
    silent(first)
    assert actions.reclaim(timezone.now(), repeatable=AGAIN) == [first.pk]
    second = claimed("w2")
    assert (second.pk, second.attempts) == (first.pk, 2)
    silent(second)
    assert actions.reclaim(timezone.now(), repeatable=AGAIN) == [first.pk]
    lost = Run.objects.get()
    assert (lost.status, lost.result["error"]["code"]) == ("failed", "run-lost")
    assert lost.error == text_of("run-lost", {}, "zh")
    assert lost.finished_at is not None
    assert actions.reclaim(timezone.now(), repeatable=AGAIN) == []


def test_a_run_that_may_not_be_repeated_fails_at_once(workspace: Workspace) -> None:
    ask("dangerous")
    silent(claimed())
    actions.reclaim(timezone.now(), repeatable=AGAIN)
    assert Run.objects.get().status == "failed"


def test_a_silent_run_that_was_to_be_cancelled_is(workspace: Workspace) -> None:
    ask()
    run = claimed()
    actions.cancel_run(run, access=PLANNER)
    silent(run)
    actions.reclaim(timezone.now(), repeatable=AGAIN)
    assert Run.objects.get().status == "cancelled"


def test_whoever_lost_a_run_can_write_nothing_of_it(workspace: Workspace) -> None:
    ask()
    lost = claimed("w1")
    silent(lost)
    actions.reclaim(timezone.now(), repeatable=AGAIN)
    for late in (
        lambda: actions.beat(lost, progress=0.9, message=""),
        lambda: actions.end_run(lost, {"late": 1}, files=[Made("a", "text/plain", b"a")]),
        lambda: actions.break_off(lost, "run-broken", {"kind": "X"}),
        lambda: actions.give_back(lost, counts=True),
    ):
        with pytest.raises(StateError):
            late()
    again = claimed("w1")  # the same worker, another attempt
    with pytest.raises(StateError):
        actions.end_run(lost, {"late": 1})
    assert actions.end_run(again, {"right": 1}).result == {"right": 1, "files": []}
    assert not RunFile.objects.exists()


def test_a_run_that_is_given_back_waits_again(workspace: Workspace) -> None:
    ask()
    actions.give_back(claimed(), counts=False)
    assert Run.objects.get().attempts == 0
    actions.give_back(claimed(), counts=True)
    run = Run.objects.get()
    assert (run.status, run.attempts, run.worker, run.heartbeat_at) == ("queued", 1, "", None)


def test_an_answer_that_a_page_never_kept_is_given_up_after_an_hour(workspace: Workspace) -> None:
    run = actions.start_run("figures", {}, inputs="x")
    actions.reclaim(timezone.now() + timedelta(minutes=59), repeatable=AGAIN)
    assert Run.objects.get().status == "running"
    assert actions.reclaim(timezone.now() + timedelta(minutes=61), repeatable=AGAIN) == [run.pk]
    assert Run.objects.get().status == "failed"


def test_one_sees_ones_own_runs_and_all_with_a_view_of_everything(workspace: Workspace) -> None:
    mine = ask(access=STRANGER, zones=["A"])
    other = ask("export-gpkg")
    assert set(selectors.runs(VIEWER)) == {mine, other}
    assert list(selectors.runs(STRANGER, own=["blocks", "export-gpkg"])) == [mine]
    assert not selectors.runs(Access(""), own=["blocks"]).exists()
    assert selectors.run(mine.pk, STRANGER, own=["blocks"]) == mine
    with pytest.raises(UnknownReferenceError):
        selectors.run(other.pk, STRANGER, own=["blocks", "export-gpkg"])
    # Asked when they saw everything: what it tells is no longer theirs to see.
    assert not selectors.runs(STRANGER).exists()


def test_files_of_old_runs_are_forgotten_but_no_attachment_and_no_active_run(
    workspace: Workspace,
) -> None:
    for number in range(4):
        ask(f"q{number}", files=[("in.csv", keep(b"in%d" % number, "text/csv"))])
    for _ in range(4):
        run = claimed()
        Run.objects.filter(pk=run.pk).update(question="q")
        actions.end_run(run, {}, files=[Made("o.txt", "text/plain", b"o%d" % run.pk)])
    waiting = ask("q", files=[("in.csv", keep(b"in0", "text/csv"))])
    Attachment.objects.create(
        record="parcel:1", blob=keep(b"in1", "text/csv"), name="a.csv", added_by="chen"
    )
    assert forget_old_files("q", keep_runs=2) == 4
    kept = set(RunFile.objects.values_list("run", flat=True))
    latest = list(Run.objects.exclude(pk=waiting.pk).order_by("-id").values_list("pk", flat=True))
    assert kept == {waiting.pk, *latest[:2]}
    contents = {bytes(content) for content in Blob.objects.values_list("content", flat=True)}
    assert {b"in0", b"in1", b"in2", b"in3"} <= contents  # asked of, attached, of the latest two
    assert len(contents) == 6
    assert forget_old_files("q", keep_runs=2) == 0
