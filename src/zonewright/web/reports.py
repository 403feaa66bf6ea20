"""The look-back as the desk keeps it: made by a worker, once for each state of the workspace."""

from __future__ import annotations

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.phrases import Lang
from zonewright.store.models import Run, RunFile
from zonewright.store.selectors import runs as selectors
from zonewright.workflows import jobs
from zonewright.workflows.lookback import FORMATS, QUESTION, file_name
from zonewright.workflows.tasks import fragment_name

KINDS = FORMATS


def made_run() -> Run | None:
    """Return the run that made the look-back of the workspace as it is now, if there is one."""
    return selectors.answer(QUESTION, jobs.LOOK_BACK_PARAMS, inputs=jobs.inputs_of())


def last_run() -> Run | None:
    """Return the latest run that made a look-back, of whatever state, whose files are kept."""
    done = Run.objects.filter(question=QUESTION, status=selectors.DONE, files__isnull=False)
    return done.order_by("-finished_at").first()


def was_made_before() -> bool:
    """Return whether a look-back of an earlier state was made."""
    return Run.objects.filter(question=QUESTION, finished_at__isnull=False).exists()


def run_at_work() -> Run | None:
    """Return the run that makes a look-back just now, if there is one."""
    return selectors.active_run(QUESTION)


def run_of(number: int) -> Run:
    """Return a run that makes or made a look-back.

    Raises
    ------
    UnknownReferenceError
        If there is none of that number.
    """
    found = Run.objects.filter(question=QUESTION, pk=number).first()
    if found is None:
        raise UnknownReferenceError("run-unknown", run=number)
    return found


def fragment(run: Run, lang: Lang) -> str:
    """Return the report as markup for the desk's page, as it was made."""
    return bytes(selectors.run_file(run, fragment_name(lang)).blob.content).decode()


def file_of(run: Run, lang: Lang, kind: str) -> RunFile:
    """Return a file of the report: ``html``, ``docx`` or ``pdf``."""
    return selectors.run_file(run, file_name(kind, lang))
