"""The targets of a year: who is to bring what, whether it adds up, and how it came to be so."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zonewright.core.errors import EditConflictError, FindingsError, NotAllowedError
from zonewright.report import numbers
from zonewright.store import selectors
from zonewright.store.mapping import is_key
from zonewright.store.selectors.record import record_state
from zonewright.web import finding_names, language, ledgers, steering_charts, target_rows, words
from zonewright.web.access import of, origin, require_zone
from zonewright.web.exports import Column, Sheet, Value, xlsx_response
from zonewright.web.land_answers import books_now
from zonewright.web.page import page
from zonewright.web.steering_words import catalogue_of
from zonewright.web.target_forms import YEARS, TargetForm
from zonewright.web.theme import THEMES
from zonewright.web.views.land import zone_choices
from zonewright.workflows import targets as workflow

SHOWN_CHANGES = 60


def _asked(request: HttpRequest) -> tuple[int | None, str]:
    """Return the year and the zone that are asked for; a zone that may not be seen is a 404."""
    text = request.GET.get("year", "").strip()
    year = int(text) if is_key(text) and YEARS[0] <= int(text) <= YEARS[1] else None
    zone = request.GET.get("zone", "").strip()[:200]
    if zone:
        require_zone(request, zone)
    return year, zone


@require_safe
def targets(request: HttpRequest) -> HttpResponse:
    """Show the targets of a year as trees, and what was changed."""
    access = of(request)
    if not access.may_anywhere("view"):
        return page(request, "no-access.html", {})
    year, zone = _asked(request)
    book = workflow.targets(year, zone, access=access)
    books = books_now()
    changes = workflow.changes(book.year, access=access)
    if zone:
        within = {view.row.id for view in book.targets}
        changes = tuple(change for change in changes if change.target in within)
    lang = language.current()
    uneven = [found for one in book.cascades if (found := one.finding()) is not None]
    context = {
        "book": book,
        "years": sorted({*book.years, book.year, timezone.localdate().year}, reverse=True),
        "zones": zone_choices(request, access),
        "groups": target_rows.groups(book, access.zones("plan")),
        "uneven": [finding.text(lang) for finding in uneven],
        "changes": target_rows.change_rows(changes[:SHOWN_CHANGES], catalogue_of(books), books),
        "change_count": len(changes),
        "may_plan": access.may_anywhere("plan"),
        "planners": target_rows.planners(),
    }
    return page(request, "targets.html", context)


@require_safe
def targets_file(request: HttpRequest) -> HttpResponseBase:
    """Return the targets of a year and their changes as a workbook."""
    access = of(request)
    if not access.may_anywhere("view"):
        raise Http404(request.path)
    year, zone = _asked(request)
    book = workflow.targets(year, zone, access=access)
    columns = (
        Column(_("Measure"), width=26), Column(_("Zone"), width=14),
        Column(f"{_('Zone')} · {_('name')}", width=28), Column(_("Work or project"), width=28),
        Column(_("Year"), "0", 8), Column(_("Target of the year"), "#,##0.00"),
        Column(_("Unit"), width=12), Column(_("Curve"), width=12),
        *(Column(_("by the end of month %(month)s") % {"month": month} + " [%]", "0.00", 10)
          for month in range(1, 13)),
    )  # fmt: skip
    return xlsx_response(f"targets-{book.year}.xlsx", [Sheet(_("Targets"), columns, _cells(book))])


def _cells(book: workflow.TargetBook) -> Iterator[list[Value]]:
    lang = language.current()
    for view in book.targets:
        row = view.row
        value = float(row.value) if view.value is None else view.value
        unit = row.unit if view.value is None else view.indicator.unit
        shares: list[Value] = list(view.shares) or [None] * 12
        yield [
            view.indicator.label(lang), row.zone, view.zone_name(lang),
            view.name(lang) if row.subject else "", row.year, value,
            numbers.unit_label(unit, lang), words.choice(row.curve or "linear", "targets.curve"),
            *shares,
        ]  # fmt: skip


@require_safe
def target(request: HttpRequest, key: int) -> HttpResponse:
    """Show a target: its curve, its parts, and every version with its reason."""
    access = of(request)
    view = workflow.target(key, access=access)
    book = workflow.targets(view.row.year, view.zone, access=access)
    cascades = [one for one in book.cascades if one.whole.row.id == key]
    lang, books = language.current(), books_now()
    changes = workflow.changes(key=key, access=access)
    context = {
        "view": view,
        "row": target_rows.target_row(view, cascades, access.zones("plan")),
        "label": view.indicator.label(lang),
        "name": view.name(lang),
        "zone_name": view.zone_name(lang),
        "cascades": [_cascade_view(one) for one in cascades],
        "changes": target_rows.change_rows(changes, catalogue_of(books), books),
        "record_at": ledgers.address(view.row.record),
        "months": [
            {
                "month": month,
                "share": share,
                "value": ""
                if view.value is None
                else numbers.computed(share / 100 * view.value, view.indicator.unit, lang),
            }
            for month, share in enumerate(view.shares, 1)
        ],
    }
    return page(request, "target.html", context)


def _cascade_view(cascade: workflow.Cascade) -> dict[str, object]:
    lang, unit = language.current(), cascade.whole.indicator.unit
    rows = [
        {
            "name": part.name(lang),
            "code": part.code,
            "target": part.target,
            "value": "" if part.value is None else numbers.computed(part.value, unit, lang),
            "share": ""
            if part.value is None
            else f"{numbers.number(100 * part.value / cascade.check.whole, 1)}%",
        }
        for part in sorted(cascade.parts, key=lambda part: -(part.value or 0.0))
    ]
    return {
        "hierarchy": words.choice(cascade.hierarchy, "memberships.hierarchy")
        if cascade.hierarchy
        else _("works and projects"),
        "rows": rows,
        "sum": target_rows.sum_view(cascade, cascade.whole.indicator),
        "total": numbers.computed(cascade.check.total, unit, lang),
    }


@require_safe
def target_chart(request: HttpRequest, key: int) -> HttpResponse:
    """Return the chart of a target's curve as a Vega-Lite specification."""
    theme = next((known for known in THEMES if known == request.GET.get("theme", "light")), None)
    if theme is None:
        return HttpResponseBadRequest("theme: light or dark")
    view = workflow.target(key, access=of(request))
    return JsonResponse(steering_charts.target_curve(view, mode=theme))


@require_http_methods(["GET", "HEAD", "POST"])
def set_target(request: HttpRequest) -> HttpResponse:
    """Set a target, or change the one that is there, with a reason.

    Raises
    ------
    NotAllowedError
        If the reader may plan in no zone, or not in that of the target.
    """
    access = of(request)
    given = request.POST if request.method == "POST" else request.GET
    zone = given.get("zone", "").strip()[:200]
    if zone:
        access.require("plan", zone)
    elif not access.may_anywhere("plan"):
        raise NotAllowedError("not-allowed", permission="plan", zone="*")
    present = _present(request)
    planned = access.zones("plan")
    zones = [pair for _kind, members in zone_choices(request, access) for pair in members]
    form = TargetForm(
        request.POST if request.method == "POST" else None,
        present=present,
        zones=[pair for pair in zones if planned is None or pair[0] in planned],
        indicators=catalogue_of(books_now()),
        initial={
            "year": given.get("year", "") or timezone.localdate().year,
            "zone": zone,
            "indicator": given.get("indicator", ""),
            "subject": given.get("subject", ""),
            "curve": "linear",
        },
    )
    token = record_state(present.row.record, access).token if present else ""
    status = 200
    if request.method == "POST":
        answer, status = _save(request, form)
        if answer is not None:
            return answer
        # What was typed is kept; who saves again has seen that somebody changed it meanwhile.
        token = token if status == 409 else request.POST.get("token", "")
    context = {
        "form": form,
        "present": present,
        "label": present.indicator.label(language.current()) if present else "",
        "name": present.name(language.current()) if present else "",
        "now": target_rows.value_text(present) if present else "",
        "token": token,
        "back": reverse("target", args=[present.row.id]) if present else reverse("targets"),
        "conflict": status == 409,
    }
    return page(request, "target-form.html", context, status=status)


def _save(request: HttpRequest, form: TargetForm) -> tuple[HttpResponse | None, int]:
    """Return the answer to a form that was saved, or why it was not."""
    if not form.is_valid():
        return None, 422
    token = request.POST.get("token", "")
    if form.present is not None and not token:
        return None, 409  # set as a new one, but there it is already
    try:
        made = workflow.set_target(
            form.given(),
            access=of(request),
            origin=origin(request),
            reason=form.cleaned_data["reason"],
            token=token,
        )
    except FindingsError as error:
        form.take_findings(error.findings)
        return None, 422
    except EditConflictError:
        return None, 409
    messages.success(request, _("The target was saved."))
    for text in _uneven(request, made):
        messages.warning(request, text)
    return HttpResponseRedirect(reverse("target", args=[made.row.id])), 302


def _uneven(request: HttpRequest, made: workflow.TargetView) -> tuple[str, ...]:
    """Return which sums a target leaves that do not add up: of its parts, and with its like."""
    book = workflow.targets(made.row.year, access=of(request))
    found = [
        one.finding()
        for one in book.cascades
        if made.row.id in (one.whole.row.id, *(part.target for part in one.parts))
    ]
    return finding_names.told([one for one in found if one is not None], books_now())


def _present(request: HttpRequest) -> workflow.TargetView | None:
    """Return the target that a form is about; None if it was not set yet."""
    given = request.POST if request.method == "POST" else request.GET
    year = given.get("year", "").strip()
    zone, indicator = given.get("zone", "").strip(), given.get("indicator", "").strip()
    if not (is_key(year) and zone and indicator):
        return None
    access, subject = of(request), given.get("subject", "").strip()
    rows = selectors.target_rows(int(year), zone=zone, access=access)
    for row in rows:
        if (row.indicator, row.subject) == (indicator, subject):
            return workflow.target(row.id, access=access)
    return None
