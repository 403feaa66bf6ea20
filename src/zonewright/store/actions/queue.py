"""The queue of runs, kept in the workspace's own database.

Somebody asks (`queue_run`), a worker takes the run (`claim_run`), gives signs of life (`beat`) and
ends it (`end_run`, `break_off`, `give_back`). A run belongs to the worker that took it last: one
that was given up for lost, because nothing was heard of it, can no longer write its result.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from zonewright.core.errors import NotAllowedError, StateError
from zonewright.core.texts import text_of
from zonewright.store.access import Access, Permission
from zonewright.store.actions import trail
from zonewright.store.actions.run_files import Made, add_files, forget_old_files
from zonewright.store.models import Blob, Run
from zonewright.store.selectors.runs import (
    ACTIVE,
    CANCELLED,
    DONE,
    FAILED,
    QUEUED,
    RUNNING,
    engine_versions,
    has_its_files,
    run_fingerprint,
)

# No sign of life for this long means that the worker is gone.
SILENCE = timedelta(seconds=30)
# A run that needs no worker (an answer that a page keeps) is over in seconds.
_INLINE = timedelta(hours=1)
MOST_ATTEMPTS = 2


def queue_run(
    question: str,
    params: Mapping[str, object],
    *,
    access: Access,
    inputs: str,
    permission: Permission = "plan",
    zones: Collection[str] = (),
    files: Sequence[tuple[str, Blob]] = (),
    reuse: bool = True,
    language: str = "zh",
    origin: str = "",
) -> Run:
    """Ask for a run, or return the one that answers the same question already.

    Parameters
    ----------
    question
        Name of the analysis.
    params
        Its parameters, as plain values.
    access
        Who asks.
    inputs
        Fingerprint of what it is computed from (`selectors.fingerprint`).
    permission, zones
        What who asks must be allowed in the whole workspace, or in every one of some zones.
    files
        Names and bytes of the files that it works on.
    reuse
        Whether a finished run of the same inputs is returned; one that waits or runs always is.
    language
        Language of who asks, for what is told on the way.
    origin
        From where it is asked, for the audit trail.

    Raises
    ------
    NotAllowedError
        If who asks may not.
    """
    _require(access, permission, zones)
    fingerprint = run_fingerprint(question, params, inputs)
    with transaction.atomic():
        _one_at_a_time(fingerprint)
        found = _answer(fingerprint, access, reuse=reuse)
        if found is not None:
            return found
        run = Run.objects.create(
            question=question,
            params=dict(params),
            fingerprint=fingerprint,
            engines=engine_versions(),
            status=QUEUED,
            queued_at=timezone.now(),
            by=access.name,
            language=language,
        )
        add_files(run, given=files)
        trail.note(
            "queue",
            by=access.name,
            origin=origin,
            table="runs",
            code=str(run.pk),
            after={"question": question, "params": dict(params), "files": [n for n, _ in files]},
        )
    return run


def claim_run(worker: str) -> Run | None:
    """Take the run that has waited longest; no two workers ever take the same.

    Parameters
    ----------
    worker
        Name of the worker, unlike that of any other.
    """
    # A look that locks nothing: an idle worker must not stand in a writer's way.
    if not Run.objects.filter(status=QUEUED).exists():
        return None
    now = timezone.now()
    with transaction.atomic():
        # SQLite has begun to write here and is alone; PostgreSQL locks the row.
        waiting = Run.objects.select_for_update(skip_locked=True).filter(status=QUEUED)
        run = waiting.order_by("id").first()
        if run is None:
            return None
        run.status, run.worker = RUNNING, worker
        run.started_at = run.heartbeat_at = now
        run.attempts += 1
        run.progress, run.message = 0.0, ""
        run.engines = engine_versions()
        run.save()
    return run


def beat(run: Run, *, progress: float, message: str) -> bool:
    """Give a sign of life, with how far a run has come; return whether it shall be cancelled.

    Raises
    ------
    StateError
        If the run was given to another worker, or has ended.
    """
    values = {"progress": progress, "message": message, "heartbeat_at": timezone.now()}
    if not _held(run).update(**values):
        raise _lost(run)
    return cancel_asked(run)


def cancel_asked(run: Run) -> bool:
    """Return whether somebody asked to cancel a run."""
    return Run.objects.filter(pk=run.pk, cancel_requested=True).exists()


def end_run(
    run: Run, result: Mapping[str, object], *, files: Sequence[Made] = (), inputs: str = ""
) -> Run:
    """Keep a run's result and the files that it made.

    Parameters
    ----------
    run
        As it was claimed.
    result
        Plain values.
    files
        What it made.
    inputs
        Fingerprint of what it was really computed from, if that may differ from when it was asked.

    Raises
    ------
    StateError
        If the run was given to another worker, or has ended; nothing is kept then.
    """
    values: dict[str, object] = {"result": {**result, "files": [file.name for file in files]}}
    if inputs:
        values["fingerprint"] = run_fingerprint(run.question, run.params, inputs)
    with transaction.atomic():
        _end(run, DONE, progress=1.0, message="", **values)
        add_files(run, made=files)
        forget_old_files(run.question)
    run.refresh_from_db()
    return run


def break_off(run: Run, code: str, params: Mapping[str, object]) -> Run:
    """Note that a run could not finish, and why.

    Parameters
    ----------
    run
        As it was claimed.
    code, params
        Of the text that says why (``core/texts``).
    """
    _end(run, FAILED, **_failure(run, code, params))
    run.refresh_from_db()
    return run


def drop_run(run: Run) -> Run:
    """Note that a run was cancelled while it ran; what it wrote was taken back."""
    _end(run, CANCELLED, message="")
    run.refresh_from_db()
    return run


def give_back(run: Run, *, counts: bool) -> None:
    """Put a run that was begun back into the queue.

    Parameters
    ----------
    run
        As it was claimed.
    counts
        Whether this was an attempt; it was none if its worker was told to stop.
    """
    attempts = run.attempts if counts else run.attempts - 1
    if not _held(run).update(**_waiting(attempts)):
        raise _lost(run)


def cancel_run(run: Run, *, access: Access, origin: str = "") -> Run:
    """Cancel a run: at once if it waits, at its next step if it runs.

    Raises
    ------
    NotAllowedError
        If it is another's, and who asks is no administrator.
    StateError
        If it has ended, or was begun without a worker.
    """
    if access.name != run.by and not access.may("administer"):
        raise NotAllowedError("run-of-another", by=run.by or "-")
    with transaction.atomic():
        found = Run.objects.select_for_update().get(pk=run.pk)
        if found.status not in ACTIVE or (found.status == RUNNING and not found.worker):
            raise StateError("run-not-cancellable", run=run.pk, state=found.status)
        if found.cancel_requested:
            return found
        found.cancel_requested = True
        if found.status == QUEUED:
            found.status, found.finished_at = CANCELLED, timezone.now()
        found.save(update_fields=["cancel_requested", "status", "finished_at"])
        trail.note(
            "cancel", by=access.name, origin=origin, table="runs", code=str(found.pk),
            before={"status": run.status}, after={"question": run.question},
        )  # fmt: skip
    return found


def reclaim(now: datetime, *, repeatable: Collection[str]) -> list[int]:
    """Take runs from workers that have given no sign of life; none is ever lost.

    A run is queued again if it may be begun twice and was begun once; otherwise it has failed.

    Parameters
    ----------
    now
        The time.
    repeatable
        Questions whose runs may be begun again.

    Returns
    -------
    numbers
        Of the runs that were taken.
    """
    silent = Run.objects.filter(status=RUNNING).filter(
        Q(heartbeat_at__lt=now - SILENCE)
        | Q(heartbeat_at__isnull=True, worker="", started_at__lt=now - _INLINE)
    )
    taken = []
    for run in silent:
        again = run.question in repeatable and run.attempts < MOST_ATTEMPTS and bool(run.worker)
        if run.cancel_requested:
            values: dict[str, object] = {"status": CANCELLED, "finished_at": now}
        elif again:
            values = _waiting(run.attempts)
        else:
            code = "run-lost" if run.worker else "run-lost-inline"
            values = {"status": FAILED, "finished_at": now, **_failure(run, code, {})}
        # Only as it was seen: the worker may have given a sign since, or another taken it.
        if _held(run).filter(heartbeat_at=run.heartbeat_at).update(**values):
            taken.append(run.pk)
    return taken


def _require(access: Access, permission: Permission, zones: Collection[str]) -> None:
    if access.may(permission) or not zones:
        access.require(permission)
        return
    for zone in zones:
        access.require(permission, zone)


def _one_at_a_time(fingerprint: str) -> None:
    """Let the same question be asked by one at a time; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        number = int.from_bytes(sha256(fingerprint.encode()).digest()[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _answer(fingerprint: str, access: Access, *, reuse: bool) -> Run | None:
    same = Run.objects.filter(fingerprint=fingerprint)
    if not access.may("view"):  # a run that they could not open is no answer to them
        same = same.filter(by=access.name)
    active = same.filter(status__in=ACTIVE, cancel_requested=False).first()
    if active is not None or not reuse:
        return active
    done = same.filter(status=DONE).order_by("-finished_at").first()
    return done if done is not None and has_its_files(done) else None


def _held(run: Run) -> QuerySet[Run]:
    """Return the run as long as it is the worker's that claimed it."""
    return Run.objects.filter(pk=run.pk, status=RUNNING, worker=run.worker, attempts=run.attempts)


def _end(run: Run, status: str, **values: object) -> None:
    if not _held(run).update(status=status, finished_at=timezone.now(), **values):
        raise _lost(run)


def _lost(run: Run) -> StateError:
    state = Run.objects.filter(pk=run.pk).values_list("status", flat=True).first() or "missing"
    return StateError("run-not-running", run=run.pk, state=state)


def _waiting(attempts: int) -> dict[str, object]:
    return {
        "status": QUEUED, "worker": "", "heartbeat_at": None, "attempts": attempts,
        "progress": 0.0, "message": "",
    }  # fmt: skip


def _failure(run: Run, code: str, params: Mapping[str, object]) -> dict[str, object]:
    """Return what is kept of a failure: for programs the code, for people who asked the text."""
    plain = {name: value if _is_plain(value) else str(value) for name, value in params.items()}
    text = text_of(code, plain, run.language or "zh")
    return {"error": text, "message": "", "result": {"error": {"code": code, "params": plain}}}


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
