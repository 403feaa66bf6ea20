"""The look-back as the desk keeps it: made once for each state of the workspace."""

from __future__ import annotations

import tempfile
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from zonewright.core.phrases import Lang
from zonewright.report import docx, html, pdf
from zonewright.report.model import LookBack
from zonewright.store import actions, selectors
from zonewright.store.models import Run
from zonewright.workflows.lookback import QUESTION, keep_look_back, look_back

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
_WRITERS = {"docx": docx.write, "pdf": pdf.write}


def made_run() -> Run | None:
    """Return the run that made the look-back of the workspace as it is now, if there is one."""
    return actions.find_run(QUESTION, {}, inputs=selectors.fingerprint())


def was_made_before() -> bool:
    """Return whether a look-back of an earlier state was made."""
    return Run.objects.filter(question=QUESTION, finished_at__isnull=False).exists()


def make(*, by: str) -> Run:
    """Compute the look-back and keep it as a run; a state that has one keeps that one.

    Parameters
    ----------
    by
        Who asked.

    Raises
    ------
    InputError
        If the workspace has no outline.
    """
    return made_run() or keep_look_back(look_back(), by=by)


@lru_cache(maxsize=2)
def _report(state: str, at: datetime) -> LookBack:
    return look_back(at=at)


@lru_cache(maxsize=4)
def fragment(state: str, at: datetime, lang: Lang) -> str:
    """Return the report as markup for the desk's page.

    Parameters
    ----------
    state
        Fingerprint of the workspace.
    at
        When it was made.
    lang
        Language of the reader.
    """
    return html.render_fragment(_report(state, at), lang)


@lru_cache(maxsize=6)
def content(state: str, at: datetime, lang: Lang, kind: str) -> bytes:
    """Return the report as the bytes of a file: ``html``, ``docx`` or ``pdf``."""
    report = _report(state, at)
    if kind == "html":
        return html.render(report, lang).encode()
    with tempfile.TemporaryDirectory(prefix="zonewright-report-") as folder:
        path = Path(folder) / f"report.{kind}"
        _WRITERS[kind](report, path, lang)
        return path.read_bytes()
