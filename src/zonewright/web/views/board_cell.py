"""A figure of the board: its standing, its year, its cause, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zonewright.core.errors import UnknownReferenceError
from zonewright.report import numbers
from zonewright.steering.catalogue import Indicator
from zonewright.web import board_view, derivation_view, language, ledgers, lines, steering_charts
from zonewright.web.access import of, require_zone
from zonewright.web.board_asked import Asked, asked_of
from zonewright.web.cards import BULLET_MAX_PCT, BULLET_WIDTH, Bullet
from zonewright.web.land_answers import books_now
from zonewright.web.page import page
from zonewright.web.steering_words import catalogue_of, zone_name
from zonewright.web.theme import THEMES
from zonewright.web.views.publications import difference
from zonewright.workflows import board as workflow
from zonewright.workflows.figures import Derivation
from zonewright.workflows.year_course import course_of

# Publications whose figure is compared with the present one.
SHOWN_PUBLICATIONS = 12
# Below this part of a shortfall, what is owed by plan does not explain it.
_MOST_OF = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """A figure of the board and what is needed to explain it."""

    asked: Asked
    zone: str
    indicator: Indicator
    cell: workflow.BoardCell | None
    derived: Derivation


def find(request: HttpRequest, zone: str, indicator: str) -> Found:
    """Return a figure of the board in the month and at the time that are asked for.

    Raises
    ------
    Http404
        If there is no such zone or indicator, the zone may not be seen, or nothing was reported.
    """
    require_zone(request, zone)
    books = books_now()
    known = catalogue_of(books)
    asked = asked_of(request, workflow.latest_month())
    if asked.period is None or zone not in books.zones or indicator not in known:
        raise Http404(request.path)
    access = of(request)
    try:
        derived = workflow.explain(zone, indicator, asked.period, asked.as_of, access=access)
    except UnknownReferenceError as error:
        raise Http404(request.path) from error
    shown = workflow.board(asked.period, as_of=asked.as_of, access=access)
    return Found(asked, zone, known[indicator], shown.cell(zone, indicator), derived)


@require_safe
def cell(request: HttpRequest, zone: str, indicator: str) -> HttpResponse:
    """Show where a figure stands, what carries its shortfall, and what it rests on."""
    found = find(request, zone, indicator)
    asked, lang = found.asked, language.current()
    books = books_now()
    period = found.derived.figure.question.period
    here = reverse("board-cell", args=[zone, indicator])
    series = [
        point
        for point in workflow.series_of(zone, indicator, period.year, as_of=asked.as_of)
        if point.period.last <= period.last
    ]
    context = {
        **derivation_view.context(request, found.derived, books, found.derived.figure.unit),
        "asked": asked,
        "zone": zone,
        "zone_name": zone_name(books, zone),
        "indicator": found.indicator,
        "label": found.indicator.label(lang),
        "period": period.label(lang),
        "value": numbers.computed(found.derived.figure.value, found.derived.figure.unit, lang),
        "beside": beside(found),
        "cell": cell_card(found),
        "card": cell_card(found),
        "causes": cause_rows(found.cell),
        "uncarried": uncarried(found.cell),
        "unexplained": found.cell.unexplained(lang) if found.cell else "",
        "part": found.cell.part.label(lang) if found.cell and found.cell.part else "",
        "told_by_zone": _is_told_by_zone(found),
        "series": series_rows(series) if any(one.reported is not None for one in series) else [],
        "corrected": any(point.is_corrected for point in series),
        "given_out": given_out(request, found),
        "target_at": f"{reverse('targets')}?{urlencode({'year': period.year, 'zone': zone})}",
        "may_plan": of(request).may("plan", zone),
        "records_at": here,
        "records_csv": reverse("board-records", args=[zone, indicator]),
        "records_kept": asked.moment,
    }
    return page(request, "board-cell.html", context, partial="partials/records.html")


def beside(found: Found) -> str:
    """Return land in mu, as it stands beside hectares; empty for others."""
    figure = found.derived.figure
    if figure.number is None:
        return ""
    return numbers.beside(figure.number, figure.unit, language.current())


def cell_card(found: Found) -> dict[str, object] | None:
    """Return a cell's standing as the partials of a pace take it; None without a target."""
    cell = found.cell
    if cell is None or cell.target is None:
        return None
    lang = language.current()
    shown = board_view.cell_view(cell, found.indicator.label(lang))
    done, expected = cell.completion_pct, cell.expected_pct
    return {
        "target": shown.target,
        "colour": shown.colour,
        "completion": "" if done is None else numbers.quantity(done, "%", lang, decimals=2),
        "remaining": numbers.computed(cell.remaining, cell.unit, lang) if cell.remaining else "",
        "pace": None
        if cell.ahead_pp is None or expected is None
        else {
            "colour": shown.colour,
            "sign": shown.sign,
            "word": shown.word,
            "ahead": numbers.points(cell.ahead_pp, lang),
            "expected": numbers.quantity(expected, "%", lang, decimals=2),
            "needed": numbers.computed(cell.rate_needed, cell.unit, lang)
            if cell.rate_needed
            else "",
        },
        "bullet": None if done is None or expected is None else bullet(done, expected),
    }


def bullet(done_pct: float, expected_pct: float) -> Bullet:
    """Return completion against what the curve expects, as positions on a bar."""
    scale = BULLET_WIDTH / BULLET_MAX_PCT
    done, expected = (
        min(max(value, 0.0), BULLET_MAX_PCT) * scale for value in (done_pct, expected_pct)
    )
    return Bullet(round(done, 1), round(expected, 1), round(100 * scale, 1))


def cause_rows(cell: workflow.BoardCell | None) -> list[dict[str, object]]:
    """Return what carries a shortfall, each with the address of its record or zone."""
    if cell is None:
        return []
    lang, books = language.current(), books_now()
    return [
        {
            "name": cause.label(lang),
            "code": cause.code,
            "kind": cause.kind,
            "address": reverse("board-cell", args=[cause.code, cell.indicator])
            if cause.kind == "zone"
            else ledgers.address(cause.record),
            "zone": zone_name(books, cause.zone) if cause.zone else "",
            "short": numbers.computed(cause.short, cell.unit, lang),
            "share": board_view.percent(cause.share_pct),
            "width": round(min(max(cause.share_pct, 0.0), 100.0), 1),
            "due_on": cause.due_on,
            "owner": cause.owner,
        }
        for cause in cell.cause
    ]


def uncarried(cell: workflow.BoardCell | None) -> str:
    """Return how far a zone is behind its curve where its parts' own plans owe far less.

    Works, projects and parcels owe what their own plans say. Where those plans do not add up to the
    target, a zone lags although nearly nothing is late; that must be read beside them.
    """
    if cell is None or not cell.cause or cell.target is None or cell.ahead_pp is None:
        return ""
    first = cell.cause[0]
    owed = 100 * first.short / first.share_pct if first.share_pct else 0.0
    gap = -cell.ahead_pp / 100 * cell.target
    if owed > _MOST_OF * gap:
        return ""
    lang = language.current()
    return _(
        "By their own plans they owe %(owed)s together; the zone is %(gap)s behind its curve. "
        "The rest is in no plan yet."
    ) % {
        "owed": numbers.computed(owed, cell.unit, lang),
        "gap": numbers.computed(gap, cell.unit, lang),
    }


def _is_told_by_zone(found: Found) -> bool:
    """Tell whether the figure is what the zone itself reported, not made of others."""
    lines = found.derived.lines
    return found.indicator.rule == "reported" and any(
        line.card.values.get("zone") == found.zone for line in lines
    )


def series_rows(series: Sequence[workflow.SeriesPoint]) -> list[dict[str, object]]:
    """Return the months of an indicator as first reported and as corrected."""
    lang = language.current()
    return [
        {
            "month": point.period.label(lang),
            "reported": _value(point.reported, point.unit),
            "corrected": _value(point.corrected, point.unit),
            "difference": _gap(point),
            "is_corrected": point.is_corrected,
            "reported_at": point.reported_at,
            "changed_at": point.changed_at if point.versions > 1 else None,
            "versions": point.versions,
        }
        for point in series
    ]


def _value(value: float | None, unit: str) -> str:
    return "—" if value is None else numbers.computed(value, unit, language.current())


def _gap(point: workflow.SeriesPoint) -> str:
    if not point.is_corrected or point.reported is None or point.corrected is None:
        return ""
    return difference(point.corrected - point.reported, point.unit)


def given_out(request: HttpRequest, found: Found) -> list[dict[str, object]]:
    """Return the publications of the month, and what each said where it is another now."""
    lang = language.current()
    rows = []
    for item in workflow.published(found.asked.month)[:SHOWN_PUBLICATIONS]:
        changes = workflow.changes_since(item.key, access=of(request))
        change = next(
            (
                one
                for one in changes
                if (one.zone, one.indicator) == (found.zone, found.indicator.code)
            ),
            None,
        )
        rows.append(
            {
                "publication": item,
                "title": item.title or item.period.label(lang),
                "old": "" if change is None else _value(change.old, change.unit),
                "new": "" if change is None else _value(change.new, change.unit),
                "difference": "" if change is None else difference(change.difference, change.unit),
            }
        )
    return rows


@require_safe
def curve(request: HttpRequest, zone: str, indicator: str) -> HttpResponse:
    """Return the chart of a figure's year as a Vega-Lite specification."""
    theme = next((known for known in THEMES if known == request.GET.get("theme", "light")), None)
    if theme is None:
        return HttpResponseBadRequest("theme: light or dark")
    require_zone(request, zone)
    asked = asked_of(request, workflow.latest_month())
    if asked.period is None or indicator not in catalogue_of(books_now()):
        raise Http404(request.path)
    course = course_of(zone, indicator, asked.period, access=of(request), as_of=asked.as_of)
    return JsonResponse(steering_charts.year(course, mode=theme))


@require_safe
def records_csv(request: HttpRequest, zone: str, indicator: str) -> StreamingHttpResponse:
    """Return the records behind a figure as CSV, as searched and sorted on its page."""
    found = find(request, zone, indicator)
    listed = derivation_view.found_lines(request, found.derived)
    hidden = found.derived.hidden
    unit = found.derived.figure.unit
    response = StreamingHttpResponse(
        lines.to_csv(listed, unit=unit, note=lines.hidden_text(hidden) if hidden else ""),
        content_type="text/csv; charset=utf-8",
    )
    name = slugify(f"{zone}-{indicator}-{found.asked.month}") or "figure"
    response["Content-Disposition"] = f'attachment; filename="{name}-records.csv"'
    return response
