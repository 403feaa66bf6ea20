"""The audit trail: who changed what, when, from where, with the values before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zonewright.core.schema import all_tables
from zonewright.store.models import AuditEntry
from zonewright.store.selectors.audit import AuditFilter, audit_entries, in_chunks
from zonewright.web import access
from zonewright.web.differences import (
    ACTIONS,
    TABLES,
    action_name,
    codes_of,
    differences,
    table_name,
)
from zonewright.web.exports import (
    MAX_ROWS,
    MOMENT_FORMAT,
    Column,
    Sheet,
    Value,
    csv_response,
    xlsx_response,
)
from zonewright.web.page import page

PAGE_ENTRIES = 50
KINDS = ("csv", "xlsx")
_BATCH = 500


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Show the trail by a filter."""
    access.require_everywhere(request, "administer")
    asked = _asked(request)
    pages = Paginator(audit_entries(asked, access=access.of(request)), PAGE_ENTRIES)
    shown = pages.get_page(request.GET.get("page"))
    codes = codes_of(shown.object_list)
    entries = [
        {
            "entry": entry,
            "action": action_name(entry.action),
            "table": table_name(entry.table),
            "differences": differences(entry, codes),
        }
        for entry in shown
    ]
    context = {
        "asked": asked,
        "shown": shown,
        "entries": entries,
        "actions": sorted(((code, str(name)) for code, name in ACTIONS.items()), key=_by_name),
        "tables": sorted(
            ((code, table_name(code)) for code in (*all_tables(), *TABLES)), key=_by_name
        ),
        "most": MAX_ROWS,
    }
    return page(request, "audit.html", context)


@require_safe
def audit_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Return the trail as filtered, as a file."""
    access.require_everywhere(request, "administer")
    if kind not in KINDS:
        raise Http404(kind)
    found = audit_entries(_asked(request), access=access.of(request))
    columns = (
        Column(_("Time"), MOMENT_FORMAT, 17),
        Column(_("By")),
        Column(_("From where"), width=22),
        Column(_("What"), width=20),
        Column(_("Table"), width=20),
        Column(_("Record"), width=24),
        Column(_("Field"), width=20),
        Column(_("Before"), width=30),
        Column(_("After"), width=30),
        Column(_("Reason"), width=30),
    )
    sheet = Sheet(_("Audit trail"), columns, _rows(in_chunks(found, MAX_ROWS)))
    name = f"audit-{timezone.localdate():%Y%m%d}.{kind}"
    return csv_response(name, sheet) if kind == "csv" else xlsx_response(name, [sheet])


def _rows(entries: Iterable[AuditEntry]) -> Iterator[tuple[Value, ...]]:
    """Yield a row a changed field; one alone for an entry that changed none."""
    left = iter(entries)
    while batch := list(islice(left, _BATCH)):
        codes = codes_of(batch)
        for entry in batch:
            head = (
                entry.at,
                entry.by,
                entry.origin,
                action_name(entry.action),
                table_name(entry.table),
                entry.code,
            )
            changed = [(item.label, item.before, item.after) for item in differences(entry, codes)]
            for row in changed or [("", "", "")]:
                yield (*head, *row, entry.reason)


def _asked(request: HttpRequest) -> AuditFilter:
    def text(name: str) -> str:
        return request.GET.get(name, "").strip()[:200]

    return AuditFilter(
        by=text("by"),
        action=text("action"),
        table=text("table"),
        code=text("code"),
        since=_day(text("since")),
        until=_day(text("until")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1]
