"""Free rows of a return that name a record of another zone: they would write over it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from zonewright.core.findings import Finding
from zonewright.steering.returns.checking import Context, finding
from zonewright.steering.returns.kinds import ReturnKind
from zonewright.steering.returns.rows import RowsOf, SheetRow
from zonewright.store.actions._references import folded
from zonewright.store.mapping import ledger
from zonewright.store.selectors.return_rows import scope


def foreign_codes(kind: ReturnKind, zone: str, rows: RowsOf, context: Context) -> Iterator[Finding]:
    """Yield a fault for each free row whose code is that of a record outside the zone.

    As imports do, codes that differ by case, width or spaces alone are taken for the same.
    """
    for sheet in kind.sheets:
        if sheet.rows != "open" or not sheet.table:
            continue
        asked: dict[str, list[SheetRow]] = {}
        for row in rows.get(sheet.code, ()):
            asked.setdefault(folded(str(row.values.get(sheet.key) or "")), []).append(row)
        asked.pop("", None)
        if not asked:
            continue
        every: QuerySet[Any] = ledger(sheet.table).model._default_manager.order_by()
        there = {
            key: folded(code)
            for key, code in every.values_list("pk", "code")
            if folded(code) in asked
        }
        inside = set(scope(sheet, zone).order_by().values_list("pk", flat=True)) & there.keys()
        for key in sorted(there.keys() - inside):
            for row in asked[there[key]]:
                yield finding(
                    "return-wrong-zone", "error", sheet, sheet.key, row, context=context,
                    params={"key": str(row.values[sheet.key])},
                )  # fmt: skip
