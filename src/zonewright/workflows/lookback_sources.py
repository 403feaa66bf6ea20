"""The files that a look-back rests on."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count

from zonewright.report.model import SourceFile, Text
from zonewright.store import models
from zonewright.store.models.base import Sourced


def source_files() -> tuple[SourceFile, ...]:
    """Return every imported file: what it holds, its fingerprint, and how many records it gave."""
    records = _records_by_file()
    return tuple(
        SourceFile(
            name=source.name,
            holds=_holds(source),
            sha256=source.sha256,
            records=records[source.pk],
            taken_on=source.imported_at.date(),
        )
        for source in models.SourceFile.objects.all()
    )


def _records_by_file() -> Counter[int]:
    found: Counter[int] = Counter()
    for name in models.__all__:
        model = getattr(models, name)
        if issubclass(model, Sourced):
            rows = model.objects.order_by().values_list("source").annotate(Count("pk"))
            found.update({source: count for source, count in rows if source is not None})
    return found


def _holds(source: models.SourceFile) -> Text:
    tables = dict.fromkeys(name for sheet in source.columns.values() for name in sheet)
    zh = "、".join(_TABLES_ZH.get(name, name) for name in tables)
    return Text(zh, ", ".join(name.replace("_", " ") for name in tables))


_TABLES_ZH = {
    "zones": "片区",
    "memberships": "隶属关系",
    "plans": "规划",
    "parcels": "地块",
    "parcel_events": "地块阶段",
    "works": "工程",
    "work_months": "工程月报",
    "ventures": "产业项目",
    "milestones": "项目节点",
    "firms": "企业",
    "firm_months": "企业月报",
    "observations": "统计数据",
    "targets": "年度目标",
    "quota_entries": "用地指标台账",
    "fund_entries": "资金台账",
    "no_go": "管控区",
    "outline": "回头看提纲",
}
