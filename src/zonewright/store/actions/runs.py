"""Runs: analyses that are kept, and reused while their inputs stay the same."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from zonewright.core.errors import RangeError, StateError
from zonewright.store.models import Run
from zonewright.store.selectors.runs import (
    DONE,
    FAILED,
    RUNNING,
    engine_versions,
    run_fingerprint,
)


def find_run(question: str, params: Mapping[str, object], *, inputs: str) -> Run | None:
    """Return the latest finished run of the same question, parameters and inputs, if there is one.

    Parameters
    ----------
    inputs
        Fingerprint of what it is computed from (`selectors.fingerprint`).
    """
    wanted = run_fingerprint(question, params, inputs)
    return Run.objects.filter(fingerprint=wanted, status=DONE).order_by("-finished_at").first()


def start_run(
    question: str,
    params: Mapping[str, object],
    *,
    inputs: str,
    by: str = "",
    seed: int | None = None,
    reuse: bool = True,
) -> Run:
    """Begin a run, or return the finished one of the same inputs.

    Parameters
    ----------
    question
        Name of the analysis.
    params
        Its parameters, as plain values.
    inputs
        Fingerprint of what it is computed from (`selectors.fingerprint`).
    by
        Who asks.
    seed
        Seed of its random numbers, if it has any.
    reuse
        Whether a finished run with the same fingerprint is returned (its status is ``done``).
    """
    done = find_run(question, params, inputs=inputs) if reuse else None
    if done is not None:
        return done
    return Run.objects.create(
        question=question,
        params=dict(params),
        fingerprint=run_fingerprint(question, params, inputs),
        engines=engine_versions(),
        seed=seed,
        status=RUNNING,
        started_at=timezone.now(),
        by=by,
    )


def update_run(run: Run | int, *, progress: float) -> None:
    """Note how far a run has come (0 to 1).

    Raises
    ------
    RangeError
        If the progress is not between 0 and 1.
    StateError
        If the run does not run.
    """
    if not 0 <= progress <= 1:
        raise RangeError("run-progress", value=progress)
    _change(run, progress=progress)


def finish_run(run: Run | int, result: object) -> Run:
    """Keep a run's result, as plain values.

    Raises
    ------
    StateError
        If the run does not run.
    """
    return _change(run, status=DONE, progress=1.0, result=result, finished_at=timezone.now())


def fail_run(run: Run | int, error: str) -> Run:
    """Note that a run could not finish, and why.

    Raises
    ------
    StateError
        If the run does not run.
    """
    return _change(run, status=FAILED, error=error, finished_at=timezone.now())


def _change(run: Run | int, **values: object) -> Run:
    number = run.pk if isinstance(run, Run) else run
    with transaction.atomic():
        found = Run.objects.select_for_update().filter(pk=number).first()
        if found is None or found.status != RUNNING:
            state = found.status if found else "missing"
            raise StateError("run-not-running", run=number, state=state)
        for name, value in values.items():
            setattr(found, name, value)
        found.save(update_fields=list(values))
    return found
