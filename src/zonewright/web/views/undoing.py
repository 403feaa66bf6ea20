"""Taking a change back, after the reader has seen what it will change."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zonewright.core.errors import UnknownReferenceError
from zonewright.store import actions
from zonewright.store.access import Access
from zonewright.store.mapping import BY_RECORD, Mapped, name_of, writing
from zonewright.store.models import AuditEntry
from zonewright.store.selectors.history import by_field, history
from zonewright.web import access as reader
from zonewright.web import ledgers
from zonewright.web.differences import action_name
from zonewright.web.page import page
from zonewright.web.record_history import Line, changed_back, made_again
from zonewright.web.views.record_forms import saved_address


@dataclass(frozen=True, slots=True)
class _Change:
    """A change as the page that asks shows it."""

    mapped: Mapped
    lines: tuple[Line, ...]
    undoable: bool


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show what taking a change back will change, or take it back."""
    access = reader.of(request)
    entry = AuditEntry.objects.filter(pk=pk).first()
    if entry is None or entry.record.partition(":")[0] not in BY_RECORD:
        raise Http404(request.path)
    change = _seen(entry, access)
    name = name_of(change.mapped)
    if request.method != "POST":
        return _ask(request, entry, change)
    reason = request.POST.get("reason", "").strip()[:500]
    state = actions.undo(entry.pk, access=access, origin=reader.origin(request), reason=reason)
    if state is not None:
        return redirect(saved_address(request, state))
    messages.success(request, _("The change was taken back; the record is gone again."))
    return redirect(reverse("record-list", args=[name]))


def _ask(request: HttpRequest, entry: AuditEntry, change: _Change) -> HttpResponse:
    gone = entry.after is None
    back = reverse("record-list", args=[name_of(change.mapped)])
    context = {
        "section": "records",
        "entry": entry,
        "action": action_name(entry.action),
        "change": change,
        "ledger": ledgers.label(name_of(change.mapped)),
        "back": back if gone else ledgers.address(entry.record),
        "gone": gone,
        "made": entry.before is None,
    }
    return page(request, "record-undo.html", context)


def _seen(entry: AuditEntry, access: Access) -> _Change:
    """Return a change of a record that the reader sees, or once deleted or could have written.

    Raises
    ------
    Http404
        If the change is none of theirs to see.
    """
    mapped = BY_RECORD[entry.record.partition(":")[0]]
    try:
        told = history(entry.record, access)
    except UnknownReferenceError as error:
        if entry.after is None and (entry.by == access.name or access.may(writing(mapped))):
            return _Change(mapped, made_again(mapped, by_field(mapped, entry.before or {})), True)
        raise Http404(entry.record) from error
    item = next((item for item in told if item.id == entry.pk), None)
    if item is None:
        raise Http404(entry.record)
    return _Change(mapped, changed_back(mapped, item), item.undoable)
