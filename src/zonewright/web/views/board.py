"""The headquarters' board: all zones by headline indicators, on one screen."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zonewright.report import numbers
from zonewright.web import board_view, language, words
from zonewright.web.access import of
from zonewright.web.board_asked import Asked, asked_of
from zonewright.web.exports import Column, Sheet, Value, csv_response, xlsx_response
from zonewright.web.page import page
from zonewright.workflows import board as workflow

_POINTS = "+0.00;-0.00;0.00"


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the board of a month as it is known at a time."""
    access = of(request)
    if not access.may_anywhere("view"):
        return page(request, "no-access.html", {})
    asked = asked_of(request, workflow.latest_month())
    if asked.period is None:
        return page(request, "board-empty.html", {"may_import": access.may("plan")})
    shown = workflow.board(asked.period, as_of=asked.as_of, access=access)
    found = board_view.rows(shown, asked)
    context = {
        "asked": asked,
        "shown": shown,
        "period": asked.period.label(language.current()),
        "heads": board_view.heads(shown, asked),
        "rows": found,
        "left_out": len(shown.zones) - len(found),
        "legend": board_view.legend(shown),
        "has_parts": any(cell.part for cell in shown.cells),
        "is_flat": bool(asked.sort or asked.only),
        "folded": len(found) > board_view.FOLDED_FROM,
        "unsorted": reverse("board") + asked.in_hierarchy().whole_query,
        "may_publish": access.may("approve"),
        "published": workflow.published(asked.month),
    }
    return page(request, "board.html", context)


@require_safe
def board_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Return the board as a workbook or as CSV: a row for each figure.

    Raises
    ------
    Http404
        If the reader may see no zone, or nothing was reported yet.
    """
    access = of(request)
    asked = asked_of(request, workflow.latest_month())
    if asked.period is None or not access.may_anywhere("view"):
        raise Http404(request.path)
    shown = workflow.board(asked.period, as_of=asked.as_of, access=access)
    sheet = Sheet(_("Board"), _columns(), _cells(shown, asked))
    name = f"board-{asked.month}.{kind}"
    if kind == "csv":
        return csv_response(name, sheet)
    return xlsx_response(name, [sheet])


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("Zone"), width=14),
        Column(f"{_('Zone')} · {_('name')}", width=30),
        Column(_("Kind"), width=14),
        Column(_("Measure"), width=24),
        Column(f"{_('Measure')} · {_('name')}", width=26),
        Column(_("Month"), width=10),
        Column(_("Value"), "#,##0.00"),
        Column(_("Target of the year"), "#,##0.00"),
        Column(_("Unit"), width=12),
        Column(f"{_('Done')} [%]", "0.00"),
        Column(f"{_('Expected by now')} [%]", "0.00"),
        Column(_("Points ahead"), _POINTS),
        Column(_("Standing"), width=16),
        Column(_("Needed a month"), "#,##0.00"),
        Column(_("Cause"), width=60),
        Column(_("Reported"), width=24),
    )


def _cells(shown: workflow.Board, asked: Asked) -> Iterator[list[Value]]:
    lang = language.current()
    zones = {zone.code: zone for zone in shown.zones}
    for indicator in shown.indicators:
        for zone in zones.values():
            cell = shown.cell(zone.code, indicator.code)
            if cell is None or (cell.value is None and cell.target is None):
                continue
            yield [
                zone.code, zone.label(lang), words.choice(zone.kind, "zones.kind"),
                indicator.code, indicator.label(lang), str(asked.month),
                cell.value, cell.target, numbers.unit_label(cell.unit, lang),
                cell.completion_pct, cell.expected_pct, cell.ahead_pp, cell.word(lang),
                cell.rate_needed,
                _cause_text(cell), cell.part.label(lang) if cell.part else "",
            ]  # fmt: skip


def _cause_text(cell: workflow.BoardCell) -> str:
    """Return what carries a shortfall in one line."""
    lang = language.current()
    parts = (
        f"{cause.label(lang)} {numbers.computed(cause.short, cell.unit, lang)}"
        for cause in cell.cause
    )
    return ("；" if lang == "zh" else "; ").join(parts) or cell.unexplained(lang)
