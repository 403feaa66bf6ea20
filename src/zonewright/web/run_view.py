"""A run as its page and the list of runs show it: in words, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from zonewright.core.schema import all_tables, table
from zonewright.core.texts import text_of
from zonewright.store.models import Run
from zonewright.store.selectors.runs import ACTIVE, CANCELLED, DONE, FAILED, QUEUED, RUNNING
from zonewright.web import language, plan_words
from zonewright.workflows.jobs import CHECK_FILES, IMPORT_FILES, JOBS

# A run that waits longer than this seems to have no worker.
LONG_WAIT_S = 10
SEVERITIES = ("error", "warning", "info")


def question_name(question: str) -> str:
    """Return what a reader calls a kind of run."""
    if question in JOBS:
        return JOBS[question].label(language.current())
    return _("Figures") if question == "figures" else question


def state_names() -> dict[str, str]:
    """Return the names of the states of runs."""
    return {
        QUEUED: _("waiting"),
        RUNNING: _("running"),
        DONE: _("finished"),
        FAILED: _("failed"),
        CANCELLED: _("cancelled"),
    }


def state_name(run: Run) -> str:
    """Return in a word how a run stands; an import that was refused has found faults."""
    if is_refused(run):
        return _("faults found")
    if run.cancel_requested and run.status == RUNNING:
        return _("being cancelled")
    return state_names().get(run.status, run.status)


def is_refused(run: Run) -> bool:
    """Return whether a run of files found that they cannot be taken in."""
    if run.status != DONE or not isinstance(run.result, dict):
        return False
    return run.result.get("refused") is True or run.result.get("taken") is False


def is_active(run: Run) -> bool:
    """Return whether a run waits or runs."""
    return run.status in ACTIVE


def waits_long(run: Run, now: datetime) -> bool:
    """Return whether no worker has taken a run for so long that there may be none."""
    return run.status == QUEUED and (now - run.queued_at).total_seconds() > LONG_WAIT_S


def before(run: Run) -> int:
    """Return how many runs are carried out before one that waits; 0 for any other."""
    if run.status != QUEUED:
        return 0
    return Run.objects.filter(status__in=ACTIVE, pk__lt=run.pk).count()


def error_text(run: Run) -> str:
    """Return why a run failed, in the reader's language if the run kept what is needed for it."""
    kept = run.result.get("error") if isinstance(run.result, dict) else None
    if isinstance(kept, dict) and isinstance(kept.get("params"), dict):
        return text_of(str(kept.get("code", "")), kept["params"], language.current())
    return str(run.error)


def seconds(value: float) -> str:
    """Return a duration as people say it."""
    whole = max(value, 0.0)
    zh = language.current() == "zh"
    if whole < 10:
        return f"{whole:.1f} 秒" if zh else f"{whole:.1f} s"
    minutes, rest = divmod(round(whole), 60)
    if not minutes:
        return f"{rest} 秒" if zh else f"{rest} s"
    return f"{minutes:,} 分 {rest} 秒" if zh else f"{minutes:,} min {rest} s"


def waited(run: Run, now: datetime) -> str:
    """Return how long a run waited, or has waited, for a worker."""
    end = run.started_at or run.finished_at or now
    return seconds((end - run.queued_at).total_seconds())


def lasted(run: Run, now: datetime) -> str:
    """Return how long a run ran, or has run; empty if it never began."""
    if run.started_at is None or run.status == QUEUED:
        return ""
    return seconds(((run.finished_at or now) - run.started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Row:
    """A run in the list."""

    run: Run
    question: str
    state: str
    mark: str
    active: bool
    percent: int
    lasted: str
    error: str


def row(run: Run) -> Row:
    """Return a run as the list shows it."""
    return Row(
        run,
        question_name(run.question),
        state_name(run),
        "refused" if is_refused(run) else run.status,
        is_active(run),
        percent(run),
        lasted(run, timezone.now()),
        error_text(run) if run.status == FAILED else "",
    )


def percent(run: Run) -> int:
    """Return how far a run has come, in whole percent."""
    return round(100 * min(max(run.progress, 0.0), 1.0))


def parameters(run: Run) -> list[tuple[str, str]]:
    """Return what was asked beside the question, as names and values."""
    if run.question in plan_words.PAGES:
        return plan_words.parameters(run.question, run.params)
    names = {"on": _("Day"), "files": _("Files"), "as_of": _("As known on"), "prefer": _("Prefers")}
    shown = []
    for name, value in run.params.items():
        if value in (None, "", True):
            continue
        if name == "prefer":
            text = _("the file's values") if value == "file" else _("the workspace's values")
        elif isinstance(value, list):
            text = "、".join(map(str, value)) if language.current() == "zh" else ", ".join(value)
        else:
            text = str(value)
        shown.append((names.get(name, name), text))
    return shown


def counts(run: Run) -> list[dict[str, object]]:
    """Return how many records of each table an import makes or changes."""
    found = run.result.get("counts", {}) if isinstance(run.result, dict) else {}
    lang = language.current()
    return [
        {"name": table(name).label(lang) if name in all_tables() else name, **numbers}
        for name, numbers in found.items()
    ]


def read_files(run: Run) -> list[dict[str, object]]:
    """Return what was read of each file: its sheets, as which tables, and how many rows."""
    found = run.result.get("read", ()) if isinstance(run.result, dict) else ()
    lang = language.current()
    return [
        {
            **file,
            "tables": [
                {**part, "name": table(part["table"]).label(lang)} for part in file["tables"]
            ],
        }
        for file in found
    ]


def severities(run: Run) -> dict[str, int]:
    """Return how many findings of each severity there are."""
    found = run.result.get("severities", {}) if isinstance(run.result, dict) else {}
    return {name: int(found.get(name, 0)) for name in SEVERITIES}


def findings(run: Run, severity: str = "") -> list[dict[str, object]]:
    """Return the kept findings, with their texts in the reader's language."""
    kept: Sequence[Mapping[str, object]] = (
        run.result.get("findings", ()) if isinstance(run.result, dict) else ()
    )
    return [_finding(found) for found in kept if severity in ("", found.get("severity"))]


def has_conflicts(run: Run) -> bool:
    """Return whether file and workspace both changed a value since the file was exported."""
    kept = run.result.get("findings", ()) if isinstance(run.result, dict) else ()
    return any(found.get("code") == "merge-conflict" for found in kept)


def _finding(found: Mapping[str, object]) -> dict[str, object]:
    params, ids = found.get("params"), found.get("ids")
    known = {
        "table": found.get("table", ""),
        "field": found.get("field", ""),
        "ids": ", ".join(ids[:5]) if isinstance(ids, list) else "",
    }
    named = {**known, **(params if isinstance(params, dict) else {})}
    text = text_of(str(found.get("code", "")), named, language.current())
    cell = f"{found.get('column') or ''}{found.get('row') or ''}"
    return {**found, "text": text, "cell": cell}


def is_of_files(run: Run) -> bool:
    """Return whether a run checks or imports files."""
    return run.question in (CHECK_FILES, IMPORT_FILES)


def progress(run: Run) -> dict[str, object]:
    """Return what the progress of a run is drawn of."""
    now = timezone.now()
    return {
        "run": run,
        "row": row(run),
        "active": is_active(run),
        "waits_long": waits_long(run, now),
        "before": before(run),
        "plan_page": plan_words.PAGES.get(run.question, ""),
        "waited": waited(run, now),
    }
