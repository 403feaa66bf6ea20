"""Adding, editing and deleting a record, and what to do when two people edit the same one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zonewright.core.errors import EditConflictError, FindingsError, NotAllowedError
from zonewright.store import actions
from zonewright.store.access import Access
from zonewright.store.mapping import SERIES, Mapped, editable, name_of, writing
from zonewright.store.models import AuditEntry
from zonewright.store.selectors.record import RecordState, may_write, record_state
from zonewright.web import access as reader
from zonewright.web import conflict, language, ledgers
from zonewright.web.forms import RecordForm, sealed, texts_of, unsealed
from zonewright.web.page import page
from zonewright.web.views.record_page import title

# Forms that were sent, by the mark each carries: a form sent twice makes one record.
SENT = "records-made"
MOST_SENT = 30
LONGEST_REASON = 500


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, table: str) -> HttpResponseBase:
    """Show the form of a new record, or make it."""
    mapped = ledgers.find(table)
    access = reader.of(request)
    if not access.may_anywhere(writing(mapped)):
        raise NotAllowedError("not-allowed", permission=writing(mapped), zone="*")
    if request.method != "POST":
        given = {name: request.GET.get(name, "") for name in _input_names(mapped)}
        return _form_page(request, mapped, _new_form(mapped, None, given))
    made = request.session.get(SENT, {}).get(request.POST.get("once", ""))
    if made:
        return redirect(made)
    form = _new_form(mapped, request.POST, {})
    if form.is_valid():
        try:
            state = actions.add(
                name_of(mapped), form.changes(), access=access, origin=reader.origin(request),
                reason=_reason(request),
            )  # fmt: skip
        except FindingsError as error:
            form.take_findings(error.findings)
        else:
            address = saved_address(request, state)
            _remember(request, address)
            return redirect(address)
    return _form_page(request, mapped, form, status=422)


def _new_form(mapped: Mapped, data: Any, given: Mapping[str, str]) -> RecordForm:
    form = RecordForm(mapped, data, opened={})
    form.initial = {**texts_of(mapped, {}, None), **{k: v for k, v in given.items() if v}}
    return form


def _input_names(mapped: Mapped) -> list[str]:
    return [column.field.name for column in editable(mapped.record)]


def _remember(request: HttpRequest, address: str) -> None:
    sent = dict(request.session.get(SENT, {}))
    sent[request.POST.get("once", "")] = address
    request.session[SENT] = dict(list(sent.items())[-MOST_SENT:])


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, table: str, pk: int) -> HttpResponseBase:
    """Show the form of a record, or change it; if somebody else did meanwhile, show both."""
    mapped, access, state = _open(request, table, pk)
    if request.method != "POST":
        texts = texts_of(mapped, state.values, state.geometry)
        form = RecordForm(mapped, opened=texts)
        return _form_page(request, mapped, form, state=state, texts=texts, token=state.token)
    opened = unsealed(request.POST.get("opened", ""))
    data = conflict.picked(mapped, request.POST, texts_of(mapped, state.values, state.geometry))
    form = RecordForm(mapped, data, opened=opened)
    if form.is_valid():
        changes = form.changes()
        if not changes:
            messages.info(request, _("Nothing was changed."))
            return redirect(ledgers.address(state.record))
        try:
            after = actions.edit(
                state.record, changes, token=request.POST.get("token", ""), access=access,
                origin=reader.origin(request), reason=_reason(request),
            )  # fmt: skip
        except EditConflictError as error:
            return _conflict_page(request, mapped, error, form)
        except FindingsError as error:
            form.take_findings(error.findings)
        else:
            return redirect(saved_address(request, after))
    return _form_page(
        request, mapped, form, state=state, token=request.POST.get("token", ""), status=422
    )


def _open(request: HttpRequest, table: str, pk: int) -> tuple[Mapped, Access, RecordState]:
    """Return a record that the reader may write; 404 if they do not see it, 403 if they may not."""
    mapped = ledgers.find(table)
    access = reader.of(request)
    state = record_state(f"{mapped.record}:{pk}", access)
    if not may_write(state.record, access):
        zone = ", ".join(sorted(access.among(state.zones))) or "*"
        raise NotAllowedError("not-allowed", permission=writing(mapped), zone=zone)
    return mapped, access, state


def _form_page(
    request: HttpRequest,
    mapped: Mapped,
    form: RecordForm,
    *,
    state: RecordState | None = None,
    texts: Mapping[str, str] | None = None,
    token: str = "",
    status: int = 200,
) -> HttpResponse:
    name = name_of(mapped)
    west, south, east, north = ledgers.district()
    entries = form.entries()
    context = {
        "section": "records",
        "form": form,
        "entries": entries,
        "wrong": [entry for entry in entries if entry.errors],
        "name": name,
        "ledger": ledgers.label(name),
        "state": state,
        "title": title(mapped, state) if state else "",
        "series": mapped.record in SERIES,
        "token": token,
        "opened": sealed(mapped, texts) if texts is not None else request.POST.get("opened", ""),
        "once": request.POST.get("once") or token_urlsafe(12),
        "reason": _reason(request),
        "bounds": json.dumps([[west, south], [east, north]]),
        "has_shape": any(entry.is_shape for entry in entries),
        "back": ledgers.address(state.record) if state else reverse("record-list", args=[name]),
    }
    return page(request, "record-form.html", context, status=status)


def _conflict_page(
    request: HttpRequest, mapped: Mapped, error: EditConflictError, form: RecordForm
) -> HttpResponse:
    """Return the page that shows what it was, what theirs is and what yours is."""
    record = str(error.params.get("record", ""))
    shape = error.theirs.get("geometry")
    theirs = texts_of(mapped, error.theirs, shape if isinstance(shape, bytes) else None)
    yours = {name: str(form.data.get(name, "")) for name in form.fields}
    rows = conflict.disputed(mapped, opened=form.opened, theirs=theirs, yours=yours)
    _kind, _colon, number = record.partition(":")
    context = {
        "section": "records",
        "rows": rows,
        "message": error.text(language.current()),
        "by": error.params.get("by", ""),
        "at": error.params.get("at", ""),
        "name": name_of(mapped),
        "ledger": ledgers.label(name_of(mapped)),
        "action": reverse("record-edit", args=[name_of(mapped), int(number)]),
        "address": ledgers.address(record),
        "token": error.params.get("token", ""),
        "opened": sealed(mapped, theirs),
        "yours": list(yours.items()),
        "reason": _reason(request),
    }
    return page(request, "record-conflict.html", context, status=409)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, table: str, pk: int) -> HttpResponseBase:
    """Ask whether to delete a record and why, or delete it."""
    mapped, access, state = _open(request, table, pk)
    reason = _reason(request)
    context: dict[str, object] = {
        "section": "records",
        "state": state,
        "title": title(mapped, state),
        "ledger": ledgers.label(name_of(mapped)),
        "name": name_of(mapped),
        "hanging": [other.label for other in ledgers.hanging(mapped)],
        "series": mapped.record in SERIES,
        "address": ledgers.address(state.record),
        "reason": reason,
    }
    if request.method != "POST" or not reason:
        context["missing"] = request.method == "POST"
        status = 422 if request.method == "POST" else 200
        return page(request, "record-delete.html", context, status=status)
    actions.delete(
        state.record, token=request.POST.get("token", ""), access=access,
        origin=reader.origin(request), reason=reason,
    )  # fmt: skip
    entry = AuditEntry.objects.filter(record=state.record).values_list("pk", flat=True).first()
    return redirect(f"{reverse('record-list', args=[name_of(mapped)])}?deleted={entry}")


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:LONGEST_REASON]


def saved_address(request: HttpRequest, state: RecordState) -> str:
    """Return the address of a record just written; it offers to take the change back."""
    for finding in state.findings:
        messages.warning(request, finding.text(language.current()))
    entry = AuditEntry.objects.filter(record=state.record).values_list("pk", flat=True).first()
    return f"{ledgers.address(state.record)}?saved={entry}"
