"""Runs as a reader may see them: what one tells is of the whole workspace, with few exceptions."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from hashlib import sha256
from importlib.metadata import version

from django.db.models import QuerySet

from zonewright.core.errors import UnknownReferenceError
from zonewright.store.access import Access
from zonewright.store.models import Run, RunFile

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)
ACTIVE = (QUEUED, RUNNING)
_ENGINES = ("zonewright", "shapely", "pyproj", "pandas", "numpy")


def engine_versions() -> dict[str, str]:
    """Return the versions of what computes."""
    return {name: version(name) for name in _ENGINES}


def run_fingerprint(question: str, params: Mapping[str, object], inputs: str) -> str:
    """Return the fingerprint of an analysis: question, parameters, inputs and engine versions."""
    text = json.dumps(
        [question, dict(params), inputs, engine_versions()], sort_keys=True, ensure_ascii=False
    )
    return sha256(text.encode()).hexdigest()


def runs(access: Access, *, own: Collection[str] = ()) -> QuerySet[Run]:
    """Return the runs that somebody may see, the latest first.

    Whoever lost the view of the whole workspace, or comes with a token of one zone, sees no more of
    what they asked for when they had it.

    Parameters
    ----------
    own
        Questions of which they see the runs that they asked for themselves all the same.
    """
    if access.may("view"):
        return Run.objects.all()
    return Run.objects.filter(by=access.name, question__in=own if access.name else ())


def run(number: int, access: Access, *, own: Collection[str] = ()) -> Run:
    """Return a run; `own` as in `runs`.

    Raises
    ------
    UnknownReferenceError
        If there is none of that number, or they may not see it.
    """
    found = runs(access, own=own).filter(pk=number).first()
    if found is None:
        raise UnknownReferenceError("run-unknown", run=number)
    return found


def run_files(run: Run) -> QuerySet[RunFile]:
    """Return the files of a run with their sizes, but without their bytes."""
    return run.files.select_related("blob").defer("blob__content")


def run_file(run: Run, name: str) -> RunFile:
    """Return a file of a run with its bytes.

    Raises
    ------
    UnknownReferenceError
        If the run has none of that name, or no longer.
    """
    found = run.files.select_related("blob").filter(name=name).first()
    if found is None:
        raise UnknownReferenceError("run-file-unknown", run=run.pk, name=name)
    return found


def answer(question: str, params: Mapping[str, object], *, inputs: str) -> Run | None:
    """Return the finished run of a question whose files are still kept, if there is one.

    Parameters
    ----------
    inputs
        Fingerprint of what it is computed from (`selectors.fingerprint`).
    """
    same = Run.objects.filter(fingerprint=run_fingerprint(question, params, inputs), status=DONE)
    found = same.order_by("-finished_at").first()
    return found if found is not None and has_its_files(found) else None


def active_run(question: str) -> Run | None:
    """Return the run of a question that waits or runs, if there is one."""
    return Run.objects.filter(question=question, status__in=ACTIVE).order_by("-id").first()


def has_its_files(run: Run) -> bool:
    """Return whether the files that a run made are still kept."""
    made = run.result.get("files", ()) if isinstance(run.result, dict) else ()
    return run.files.filter(given=False).count() == len(made)
