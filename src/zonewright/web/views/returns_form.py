"""The form of a return in the browser: saved cell by cell as it is typed, or by its button."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zonewright.core.errors import (
    EditConflictError,
    NotAllowedError,
    StateError,
    ZonewrightError,
)
from zonewright.core.findings import Finding
from zonewright.steering.returns.showing import shown
from zonewright.web import language, return_columns, return_tables, return_told
from zonewright.web.access import of, origin
from zonewright.web.middleware import status_of
from zonewright.web.page import page
from zonewright.web.return_tables import spot_of
from zonewright.web.return_told import Matter, Told
from zonewright.web.views.returns_page import asked_rows, head, opened, severities
from zonewright.workflows import returns as workflow
from zonewright.workflows.returns_answers import CellChange, ReturnView, Saved

# Free rows that stand empty at the end of a sheet, to be typed into.
EMPTY_ROWS = 3
MOST_CHANGES, LONGEST_TEXT = 5_000, 4_000


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, number: int) -> HttpResponse:
    """Show the form of a return, or save what was typed into it (a browser without scripts)."""
    if request.method != "POST":
        try:
            return _page(request, writable(request, number))
        except StateError as error:  # a link from when it was open: where it stands says the rest
            messages.info(request, error.text(language.current()))
            return redirect("return", number)
    writable(request, number)
    changes = changed(request)
    if not changes:
        if not {"submit", "remove"} & set(request.POST):
            messages.info(request, _("Nothing was changed."))
        return _onward(request, number)
    try:
        saved = workflow.save_cells(number, changes, of(request), origin=origin(request))
    except EditConflictError as error:
        return _page(request, writable(request, number), typed=changes, error=error, status=409)
    if saved.refused:
        view = writable(request, number)
        return _page(request, view, typed=changes, refused=saved.refused, status=422)
    messages.success(request, _("Saved."))
    return _onward(request, number)


def _onward(request: HttpRequest, number: int) -> HttpResponse:
    """Return to where the pressed button leads: the next step, a row to take out, or the form."""
    if "submit" in request.POST:
        return redirect("return-step", number, "submit")
    sheet, bar, key = request.POST.get("remove", "").partition("|")
    if bar:
        address = reverse("return-row-remove", args=[number])
        return redirect(f"{address}?{urlencode({'sheet': sheet, 'key': key})}")
    return redirect(_here(request, number))


def writable(request: HttpRequest, number: int) -> ReturnView:
    """Return a return that the reader may fill in now.

    Raises
    ------
    NotAllowedError
        If they may not report for its zone.
    StateError
        If it is with the checker or approver, or locked.
    """
    view = opened(request, number, of(request))
    if "save" in view.may:
        return view
    if not of(request).may("report", view.due.zone):
        raise NotAllowedError("not-allowed", permission="report", zone=view.due.zone)
    raise StateError("return-page-not-open", number=number)


def _here(request: HttpRequest, number: int) -> str:
    query = request.GET.urlencode()
    return reverse("return-form", args=[number]) + (f"?{query}" if query else "")


def changed(request: HttpRequest) -> list[CellChange]:
    """Return the cells whose text differs from what the form held when it was opened."""
    opened_with = _unsealed(request.POST.get("opened", ""))
    found = []
    for name, text in request.POST.items():
        spot = spot_of(name)
        if spot is None:
            continue
        seen, now = opened_with.get(name, ""), str(text).replace("\r\n", "\n")
        if now.strip() != seen.strip():
            found.append(CellChange(spot[0], spot[1], spot[2], now[:LONGEST_TEXT], seen))
    return found


def _unsealed(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): str(value) for name, value in found.items()}


def _page(
    request: HttpRequest,
    view: ReturnView,
    *,
    typed: Sequence[CellChange] = (),
    refused: Sequence[Finding] = (),
    error: EditConflictError | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = return_tables.with_empty(view.rows, view.kind, EMPTY_ROWS)
    matter = Matter(view.kind, rows, view.last, (*refused, *view.findings), view.places)
    told = return_told.tell_all(matter)
    made = return_tables.tables(matter, told, asked_rows(request, matter))
    held = _held(made)
    if typed:
        texts = {return_tables.input_name(one.sheet, one.key, one.field): one for one in typed}
        theirs = {
            name: held.get(name, "")
            for name, one in texts.items()
            if held.get(name, "") not in (one.seen, one.text)
        }
        made = return_tables.overlaid(made, {name: one.text for name, one in texts.items()}, theirs)
    groups = return_told.grouped(one for one in told if one.severity != "info")
    context = {
        **head(view),
        "tables": made,
        "groups": groups,
        "told_open": any(not group.missing for group in groups),
        "severities": severities(told),
        "opened": json.dumps(held, ensure_ascii=False),
        "conflict": error.text(language.current()) if error else "",
        "refused": bool(refused),
    }
    return page(request, "return-form.html", context, status=status)


def _held(made: Sequence[return_tables.SheetTable]) -> dict[str, str]:
    """Return what the inputs of a page hold; empty ones are left out."""
    return {
        cell.name: cell.typed
        for table in made
        for line in table.lines
        for cell in line.cells
        if cell.typed and not cell.column.fixed
    }


# ---- As it is typed ------------------------------------------------------------------------------


@require_POST
def cells(request: HttpRequest, number: int) -> JsonResponse:
    """Save cells as they are typed.

    Takes ``changes``: a list of ``[name of the input, text, what it held before]``. Answers with
    what is saved, what could not be read, and what is now wrong with the return.
    """
    try:
        changes = _changes(request.POST.get("changes", ""))
        saved = workflow.save_cells(number, changes, of(request), origin=origin(request))
    except EditConflictError as error:
        return _conflict(request, number, error)
    except ZonewrightError as error:
        if error.code == "return-step":  # with the checker or approver meanwhile, or locked
            error = StateError("return-page-not-open", number=number)
        return JsonResponse({"message": error.text(language.current())}, status=status_of(error))
    return _saved(saved, changes)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Ask whether to take a free row out of the form, or take it out."""
    view = writable(request, number)
    given = request.POST if request.method == "POST" else request.GET
    code, key = given.get("sheet", ""), given.get("key", "")
    sheet = next((one for one in view.kind.sheets if one.code == code), None)
    row = next((one for one in view.rows.get(code, ()) if one.key == key), None)
    back = f"{reverse('return-form', args=[number])}#sheet-{code}"
    if sheet is None or sheet.rows != "open":
        raise Http404(code)
    if row is None:  # nothing was typed into it, or it is gone already
        return redirect(back)
    if request.method == "POST":
        workflow.remove_row(number, code, key, of(request), origin=origin(request))
        return redirect(back)
    texts = [
        (column.field.label(language.current()), return_columns.told(sheet, column, row.values))
        for column in sheet.columns
    ]
    context = {
        **head(view),
        "sheet": code,
        "key": key,
        "values": [(label, text) for label, text in texts if text],
        "back": back,
    }
    return page(request, "return-row.html", context)


def _changes(text: str) -> list[CellChange]:
    try:
        given = json.loads(text or "[]")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list) or len(given) > MOST_CHANGES:
        raise StateError("return-page-unreadable")
    return [_change(one) for one in given]


def _change(given: Any) -> CellChange:
    if not isinstance(given, list) or len(given) != 3 or not all(isinstance(x, str) for x in given):
        raise StateError("return-page-unreadable")
    spot = spot_of(given[0])
    if spot is None:
        raise StateError("return-page-unreadable")
    return CellChange(spot[0], spot[1], spot[2], given[1][:LONGEST_TEXT], given[2])


def _saved(saved: Saved, changes: Sequence[CellChange]) -> JsonResponse:
    matter = Matter(saved.kind, saved.rows, saved.last, saved.findings, {})
    told = return_told.tell_all(matter)
    unread = {one.spot: one for one in _tell_refused(matter, saved.refused)}
    held = _values(matter, changes)
    return JsonResponse(
        {
            "at": timezone.localtime(saved.at).strftime("%H:%M:%S"),
            "cells": {name: text for name, text in held.items() if spot_of(name) not in unread},
            "refused": {
                return_tables.input_name(spot[0], spot[1], spot[2]): one.text
                for spot, one in unread.items()
            },
            "told": [_plain(one) for one in told if one.spot[1] and one.severity != "info"],
            "groups": [
                _plain_group(group)
                for group in return_told.grouped(one for one in told if one.severity != "info")
            ],
            "counts": severities(told),
        }
    )


def _tell_refused(matter: Matter, refused: Sequence[Finding]) -> tuple[Told, ...]:
    return return_told.tell_all(
        Matter(matter.kind, matter.rows, matter.last, refused, matter.places)
    )


def _values(matter: Matter, changes: Sequence[CellChange]) -> dict[str, str]:
    """Return what the changed cells now hold, by the name of their input."""
    rows = {(sheet, row.key): row for sheet, lines in matter.rows.items() for row in lines}
    found = {}
    for one in changes:
        row = rows.get((one.sheet, one.key))
        if row is not None:
            column = matter.kind.sheet(one.sheet).column(one.field)
            name = return_tables.input_name(one.sheet, one.key, one.field)
            found[name] = shown(column, row.values.get(one.field))
    return found


def _plain(one: Told) -> Mapping[str, object]:
    sheet, key, name = one.spot
    return {
        "name": return_tables.input_name(sheet, key, name) if name else "",
        "severity": one.severity,
        "text": one.text,
        "missing": one.missing,
    }


def _plain_group(group: return_told.Group) -> Mapping[str, object]:
    return {
        "severity": group.severity,
        "text": group.text,
        "more": group.more,
        "missing": group.missing,
        "places": [[one.where, one.anchor] for one in group.places],
    }


def _conflict(request: HttpRequest, number: int, error: EditConflictError) -> JsonResponse:
    view = opened(request, number, of(request))
    matter = Matter(view.kind, view.rows, view.last, (), view.places)
    try:
        asked = _changes(request.POST.get("changes", ""))
    except StateError:
        asked = []
    theirs = _values(matter, asked)
    return JsonResponse({"message": error.text(language.current()), "theirs": theirs}, status=409)
