"""The files that a look-back rests on."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from django.db.models import Count
from django.utils import timezone

from zonewright.core.schema import table
from zonewright.report.model import SourceFile, Text
from zonewright.store import models
from zonewright.store.models.base import Sourced


def source_files(as_of: datetime | None = None) -> tuple[SourceFile, ...]:
    """Return every imported file: what it holds, its fingerprint, and how many records it gave.

    Parameters
    ----------
    as_of
        Time at which the workspace is seen; None means now.
    """
    seen = as_of or datetime(9999, 1, 1, tzinfo=UTC)
    records = _records_by_file(seen)
    return tuple(
        SourceFile(
            name=source.name,
            holds=_holds(source),
            sha256=source.sha256,
            records=records[source.pk],
            taken_on=timezone.localtime(source.imported_at).date(),
        )
        for source in models.SourceFile.objects.filter(imported_at__lte=seen)
    )


def _records_by_file(seen: datetime) -> Counter[int]:
    found: Counter[int] = Counter()
    for name in models.__all__:
        model = getattr(models, name)
        if issubclass(model, Sourced):
            known = model.objects.filter(recorded_at__lte=seen).order_by()
            rows = known.values_list("source").annotate(Count("pk"))
            found.update({source: count for source, count in rows if source is not None})
    return found


def _holds(source: models.SourceFile) -> Text:
    names = dict.fromkeys(name for sheet in source.columns.values() for name in sheet)
    tables = [table(name) for name in names]
    return Text(
        "、".join(held.label("zh") for held in tables),
        ", ".join(held.label("en") for held in tables),
    )
