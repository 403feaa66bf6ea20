"""The jobs: asked, carried out step by step, stopped, and kept with their true inputs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.unit.store.conftest import Made, drawing, ledger, register
from zonewright.core.errors import NotAllowedError, RangeError, UnknownReferenceError
from zonewright.store import actions, selectors
from zonewright.store.access import Access, operator
from zonewright.store.actions.blobs import keep
from zonewright.store.models import AuditEntry, Blob, Run, Zone
from zonewright.store.selectors import runs as run_selectors
from zonewright.workflows import jobs, tasks, worker
from zonewright.workflows.job import Context, Job, Outcome, RunStoppedError

CHEN = operator("chen")
ZONES = "片区编号,片区名称,片区类型,边界生效日期\nN1,新片区,园区,2023-01-01\n"
Define = Callable[[Callable[[Context], Outcome]], str]


@pytest.fixture
def define(monkeypatch: pytest.MonkeyPatch) -> Define:
    """Return a function that makes a job known for a test."""

    def known(run: Callable[[Context], Outcome]) -> str:
        job = Job("test", "试验", "Test", run)
        monkeypatch.setattr(worker, "JOBS", {**jobs.JOBS, "test": job})
        monkeypatch.setattr(jobs, "JOBS", {**jobs.JOBS, "test": job})
        return job.question

    return known


@pytest.fixture
def filled(workspace: Made) -> None:
    actions.take([register(), ledger(), drawing()], by="t")


def ask(question: str, **params: object) -> Run:
    return jobs.ask(question, params, access=CHEN, language="en")


def given(**files: str) -> list[tuple[str, Blob]]:
    return [(f"{name}.csv", keep(text.encode(), "text/csv")) for name, text in files.items()]


def carried_out(run: Run) -> Run:
    claimed = actions.claim_run("w")
    assert claimed is not None
    assert claimed.pk == run.pk
    worker.carry_out(claimed, Context(claimed, Path()))
    run.refresh_from_db()
    return run


def test_every_job_has_names_and_a_permission() -> None:
    for question, job in jobs.JOBS.items():
        assert job.question == question
        assert job.label("zh") != job.label("en")
        assert job.permission == "plan"


def test_who_may_not_plan_asks_for_nothing(workspace: Made) -> None:
    with pytest.raises(NotAllowedError):
        jobs.ask("blocks", {"on": "2023-10-31"}, access=Access("li", frozenset({"view"})))
    with pytest.raises(UnknownReferenceError):
        jobs.ask("nonsense", {}, access=CHEN)
    assert not Run.objects.exists()


def test_a_run_is_kept_with_the_inputs_that_it_was_computed_from(filled: None) -> None:
    run = ask("blocks", on="2023-10-31")
    actions.take([register()], by="t")
    done = carried_out(run)
    assert done.status == "done"
    now = selectors.fingerprint()
    assert run_selectors.answer("blocks", {"on": "2023-10-31"}, inputs=now) == done
    assert ask("blocks", on="2023-10-31").pk == done.pk


def test_one_whose_inputs_changed_while_it_ran_answers_no_later_question(
    filled: None, define: Define
) -> None:
    def change(context: Context) -> Outcome:
        Zone.objects.filter(code="A").update(name="乙园")
        return Outcome({"answer": 1})

    before = selectors.fingerprint()
    done = carried_out(ask(define(change)))
    assert done.result == {"answer": 1, "files": []}
    for inputs in (before, selectors.fingerprint()):
        assert run_selectors.answer("test", {}, inputs=inputs) is None


def test_a_job_that_is_told_to_stop_ends_at_its_next_step(filled: None, define: Define) -> None:
    steps = []

    def walk(context: Context) -> Outcome:
        for step in range(3):
            context.progress(step / 3, str(step))
            steps.append(step)
            context.stop("cancel")
        return Outcome()

    run = carried_out(ask(define(walk)))
    assert (run.status, steps) == ("cancelled", [0])


@pytest.mark.parametrize("why", ["cancel", "release"])
def test_what_was_being_written_is_taken_back(filled: None, define: Define, why: str) -> None:
    def begin(context: Context) -> Outcome:
        def write() -> dict[str, object]:
            Zone.objects.filter(code="A").update(name="乙园")
            context.stop(why)  # type: ignore[arg-type]
            context.progress(0.9, "")
            return {}

        return Outcome(write=write)

    run = carried_out(ask(define(begin)))
    assert run.status == ("cancelled" if why == "cancel" else "queued")
    assert run.attempts == (1 if why == "cancel" else 0)
    assert Zone.objects.get(code="A").name == "甲园"


def test_what_was_told_first_counts() -> None:
    context = Context(Run(), Path())
    context.stop("release")
    context.stop("cancel")
    with pytest.raises(RunStoppedError) as caught:
        context.progress(2.0, "")
    assert caught.value.why == "release"
    assert context.seen() == (1.0, "")


def test_a_refusal_of_the_library_is_told_in_the_words_of_who_asked(
    filled: None, define: Define
) -> None:
    def refuse(context: Context) -> Outcome:
        raise RangeError("run-progress", value=7)

    run = carried_out(ask(define(refuse)))
    assert (run.status, run.error) == ("failed", "Progress must be between 0 and 1, not 7.")


def test_a_job_that_a_worker_does_not_know_fails_with_a_sentence(workspace: Made) -> None:
    run = actions.queue_run("of-tomorrow", {}, access=CHEN, inputs="x")
    assert carried_out(run).result["error"]["code"] == "run-question-unknown"


def test_a_worker_that_lost_its_run_writes_nothing(filled: None, define: Define) -> None:
    def lose(context: Context) -> Outcome:
        Run.objects.update(worker="another")

        def write() -> dict[str, object]:
            Zone.objects.filter(code="A").update(name="乙园")
            return {}

        return Outcome(write=write)

    ask(define(lose))
    run = actions.claim_run("w")
    assert run is not None
    with pytest.raises(Exception, match="not under way"):
        worker.carry_out(run, Context(run, Path()))
    assert Zone.objects.get(code="A").name == "甲园"
    assert Run.objects.get().status == "running"


def test_files_are_checked_without_a_trace_and_imported_once(filled: None) -> None:
    files = given(zones=ZONES)
    params: dict[str, object] = {"files": ["zones.csv"]}
    check = carried_out(jobs.ask("check-files", params, access=CHEN, files=files))
    assert check.result["refused"] is False
    assert check.result["counts"]["zones"] == {"created": 1, "updated": 0, "unchanged": 0}
    assert not Zone.objects.filter(code="N1").exists()
    entries = AuditEntry.objects.filter(action="import").count()
    taken = carried_out(jobs.ask("import-files", params, access=CHEN, files=files))
    assert taken.result["taken"] is True
    assert Zone.objects.get(code="N1").name == "新片区"
    assert AuditEntry.objects.filter(action="import").count() == entries + 1
    again = carried_out(jobs.ask_again(taken, access=CHEN))
    assert again.pk != taken.pk
    assert again.result["counts"] == {}


def test_faults_are_the_answer_of_an_import_and_nothing_is_written(filled: None) -> None:
    files = given(zones=ZONES + "N2,没有类型,,2023-01-01\n")
    run = carried_out(jobs.ask("import-files", {}, access=CHEN, files=files))
    assert (run.status, run.result["taken"]) == ("done", False)
    finding = run.result["findings"][0]
    assert (finding["severity"], finding["file"], finding["row"]) == ("error", "zones.csv", 3)
    assert run.result["severities"]["error"] == 1
    assert not Zone.objects.filter(code="N1").exists()


def test_findings_are_kept_up_to_a_limit_the_gravest_first(
    filled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "MAX_FINDINGS", 2)
    rows = "".join(f"N{number},片区{number},,2023-01-01\n" for number in range(5))
    files = given(zones=ZONES + rows)
    run = carried_out(jobs.ask("check-files", {}, access=CHEN, files=files))
    assert len(run.result["findings"]) == 2
    assert run.result["severities"]["error"] >= 5


def test_an_import_whose_files_are_gone_says_so(filled: None) -> None:
    run = ask("import-files")
    assert carried_out(run).result["error"]["code"] == "run-files-gone"
    with pytest.raises(UnknownReferenceError):
        jobs.ask_again(run, access=CHEN)


def test_the_exchange_copy_is_of_the_day_that_was_asked(filled: None) -> None:
    run = carried_out(ask("export-gpkg", on=date(2023, 6, 30).isoformat()))
    assert run.result["on"] == "2023-06-30"
    assert run.result["files"] == ["zonewright-2023-06-30.gpkg"]
    file = run_selectors.run_file(run, "zonewright-2023-06-30.gpkg")
    assert file.blob.size == run.result["size"]
