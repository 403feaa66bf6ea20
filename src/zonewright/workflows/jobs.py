"""The jobs that a worker can do, by question; ask for one here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from zonewright.core.errors import InputError, UnknownReferenceError
from zonewright.store import actions, selectors
from zonewright.store.access import Access
from zonewright.store.models import Blob, Run
from zonewright.store.selectors import runs as run_selectors
from zonewright.workflows import (
    grading_question,
    lookback,
    tasks,
    tasks_land,
    unlock_question,
)
from zonewright.workflows.job import Job

CHECK_FILES, IMPORT_FILES = "check-files", "import-files"
EXPORT_GPKG, BLOCKS = "export-gpkg", "blocks"
UNLOCK, GRADE = "unlock", "grade"
FILES = ("files", "prefer")
_FIRST, _LAST = date(1900, 1, 1), date(2100, 12, 31)

JOBS: Mapping[str, Job] = {
    job.question: job
    for job in (
        Job(
            lookback.QUESTION, "编写回头看", "Make the look-back", tasks.look_back, params=("desk",)
        ),
        Job(CHECK_FILES, "检查文件", "Check files", tasks.check_files, of_files=True, params=FILES),
        Job(
            IMPORT_FILES,
            "导入文件",
            "Import files",
            tasks.import_files,
            of_files=True,
            params=FILES,
        ),
        Job(
            EXPORT_GPKG, "导出 GeoPackage", "Export a GeoPackage", tasks.export_gpkg, params=("on",)
        ),
        Job(
            BLOCKS,
            "计算各片区连片地块",
            "Compute the blocks of all zones",
            tasks.blocks,
            params=("on",),
        ),
        Job(
            UNLOCK,
            "征平方案",
            "Plan what to unlock",
            tasks_land.unlock,
            params=unlock_question.PARAMS,
        ),
        Job(
            GRADE,
            "竖向方案",
            "Plan the grading",
            tasks_land.grade,
            of_files=True,
            params=grading_question.PARAMS,
        ),
    )
}
# Everything that the desk makes of a look-back, so that one of the command line is another run.
LOOK_BACK_PARAMS: Mapping[str, object] = {"desk": True}


def job_of(question: str) -> Job:
    """Return a job.

    Raises
    ------
    UnknownReferenceError
        If there is none of that name.
    """
    if question not in JOBS:
        raise UnknownReferenceError("job-unknown", question=question, known=", ".join(JOBS))
    return JOBS[question]


def ask(
    question: str,
    params: Mapping[str, object],
    *,
    access: Access,
    zones: Collection[str] = (),
    files: Sequence[tuple[str, Blob]] = (),
    language: str = "zh",
    origin: str = "",
) -> Run:
    """Queue a job on the workspace as it is now, or return the run that answers it already.

    Parameters
    ----------
    question
        Name of the job.
    params
        Its parameters, as plain values.
    access
        Who asks.
    zones
        Where the job's permission is asked if it is not held in the whole workspace.
    files
        Names and bytes of the files that it works on.
    language, origin
        Of who asks.

    Raises
    ------
    InputError
        If a parameter is none of the job's, or no day.
    NotAllowedError
        If who asks may not.
    """
    job = job_of(question)
    params = _checked(job, params)
    return actions.queue_run(
        question,
        params,
        access=access,
        inputs=inputs_of(files),
        permission=job.permission,
        zones=zones,
        files=files,
        language=language,
        origin=origin,
    )


def ask_again(run: Run, *, access: Access, language: str = "zh", origin: str = "") -> Run:
    """Ask a run's question again, on the workspace as it is now.

    Raises
    ------
    UnknownReferenceError
        If the files that it worked on are no longer kept.
    """
    job = job_of(run.question)
    with transaction.atomic():
        given = run.files.filter(given=True).select_related("blob").defer("blob__content")
        files = [(file.name, file.blob) for file in given]
        if job.of_files and not files:
            raise UnknownReferenceError("run-files-gone")
        return ask(
            run.question, run.params, access=access, files=files, language=language, origin=origin
        )


def visible_runs(access: Access) -> QuerySet[Run]:
    """Return the runs that somebody may see, the latest first."""
    return run_selectors.runs(access, own=_own(access))


def visible_run(number: int, access: Access) -> Run:
    """Return a run.

    Raises
    ------
    UnknownReferenceError
        If there is none of that number, or they may not see it.
    """
    return run_selectors.run(number, access, own=_own(access))


def _own(access: Access) -> tuple[str, ...]:
    """Return the questions that may be asked without a view of everything: the look-back."""
    return (lookback.QUESTION,) if lookback.may(access) else ()


def _checked(job: Job, params: Mapping[str, object]) -> Mapping[str, object]:
    """Return a job's parameters; refuse those by which it would fail, or that it ignores."""
    for name in params:
        if name not in job.params:
            known = ", ".join(job.params)
            raise InputError("job-parameter", name=name, question=job.question, known=known)
    if "on" not in job.params:
        return params
    text = str(params.get("on", timezone.localdate().isoformat()))
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InputError("day-bad", text=text[:40]) from error
    if not _FIRST <= day <= _LAST:
        raise InputError("day-bad", text=text[:40])
    return {**params, "on": day.isoformat()}


def inputs_of(files: Sequence[tuple[str, Blob]] = ()) -> str:
    """Return the fingerprint of what a job works on: the workspace, and the files given."""
    return " ".join([selectors.fingerprint(), *(f"{name}:{blob.pk}" for name, blob in files)])
