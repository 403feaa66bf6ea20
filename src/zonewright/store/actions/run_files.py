"""The files of runs: what they were given to work on, and what they made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zonewright.store.actions.blobs import WKB, keep
from zonewright.store.models import Attachment, Blob, Run, RunFile

# Of each question the files of so many runs are kept; the runs themselves stay.
KEPT_RUNS = 20


@dataclass(frozen=True, slots=True)
class Made:
    """A file that a run made."""

    name: str
    media_type: str
    content: bytes


def add_files(
    run: Run, *, given: Sequence[tuple[str, Blob]] = (), made: Sequence[Made] = ()
) -> None:
    """Keep the files of a run; call it in the transaction of the write."""
    rows = [RunFile(run=run, blob=blob, name=name, given=True) for name, blob in given]
    rows += [
        RunFile(run=run, blob=keep(file.content, file.media_type), name=file.name) for file in made
    ]
    RunFile.objects.bulk_create(rows)


def forget_old_files(question: str, *, keep_runs: int = KEPT_RUNS) -> int:
    """Forget the files of all but the latest runs of a question; return how many.

    Files of runs that wait or run are never forgotten, nor bytes that serve for something else.
    """
    ended = Run.objects.filter(question=question, finished_at__isnull=False)
    with_files = ended.filter(files__isnull=False).distinct().order_by("-id")
    old = list(with_files.values_list("pk", flat=True)[keep_runs:])
    if not old:
        return 0
    files = RunFile.objects.filter(run__in=old)
    digests = set(files.values_list("blob", flat=True))
    count, _ = files.delete()
    used = set(RunFile.objects.filter(blob__in=digests).values_list("blob", flat=True))
    used |= set(Attachment.objects.filter(blob__in=digests).values_list("blob", flat=True))
    # Shapes are named by the audit trail alone.
    Blob.objects.filter(pk__in=digests - used).exclude(media_type=WKB).delete()
    return count
