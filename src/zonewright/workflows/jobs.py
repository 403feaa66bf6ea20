"""The jobs that a worker can do, by question; ask for one here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction

from zonewright.core.errors import UnknownReferenceError
from zonewright.store import actions, selectors
from zonewright.store.access import Access
from zonewright.store.models import Blob, Run
from zonewright.workflows import tasks
from zonewright.workflows.job import Job
from zonewright.workflows.lookback import QUESTION as LOOK_BACK

CHECK_FILES, IMPORT_FILES = "check-files", "import-files"
EXPORT_GPKG, BLOCKS = "export-gpkg", "blocks"

JOBS: Mapping[str, Job] = {
    job.question: job
    for job in (
        Job(LOOK_BACK, "编写回头看", "Make the look-back", tasks.look_back),
        Job(CHECK_FILES, "检查文件", "Check files", tasks.check_files, of_files=True),
        Job(IMPORT_FILES, "导入文件", "Import files", tasks.import_files, of_files=True),
        Job(EXPORT_GPKG, "导出 GeoPackage", "Export a GeoPackage", tasks.export_gpkg),
        Job(BLOCKS, "计算各片区连片地块", "Compute the blocks of all zones", tasks.blocks),
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
    NotAllowedError
        If who asks may not.
    """
    job = job_of(question)
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


def inputs_of(files: Sequence[tuple[str, Blob]] = ()) -> str:
    """Return the fingerprint of what a job works on: the workspace, and the files given."""
    return " ".join([selectors.fingerprint(), *(f"{name}:{blob.pk}" for name, blob in files)])
