"""The charts beside ledgers, of the rows that are asked for, and the table of the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils.translation import gettext as _

from zonewright.report import charts, numbers
from zonewright.report.model import Bar, Bars, Text
from zonewright.store.access import Access
from zonewright.store.selectors.listing import matching
from zonewright.web import language, values, words
from zonewright.web.listing_view import Asked
from zonewright.web.theme import THEMES
from zonewright.web.values import HABIT, unit_name

MONTHS = 24
READY = ("L5", "L6", "L7")


@dataclass(frozen=True, slots=True)
class Row:
    """A bar of a chart and the row of its table: name, how many records, and the amount."""

    label: str
    count: int
    amount: float
    said: str
    stressed: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a chart says: its title, what is counted, the unit of the amounts, and its rows."""

    title: str
    first: str
    unit: str
    unit_name: str
    rows: tuple[Row, ...]
    stressed: str = ""
    other: str = ""


def has_chart(name: str) -> bool:
    """Return whether a ledger has a chart."""
    return name in _MAKERS


def rows(asked: Asked, access: Access) -> Shown | None:
    """Return the numbers of a ledger's chart; None if it has none."""
    make = _MAKERS.get(asked.name)
    if make is None:
        return None
    found = matching(
        asked.name, access=access, conditions=asked.conditions(), text=asked.text
    )  # fmt: skip
    return make(found)


def answer(request: HttpRequest, asked: Asked, access: Access) -> HttpResponse:
    """Return the chart as a Vega-Lite specification."""
    theme = next((known for known in THEMES if known == request.GET.get("theme", "light")), None)
    shown = rows(asked, access)
    if theme is None or shown is None:
        return HttpResponseBadRequest("theme: light or dark")
    chart = Bars(
        title=Text.same(shown.title),
        unit=shown.unit,
        bars=tuple(
            Bar(Text.same(row.label), row.amount, stressed=row.stressed)
            for row in shown.rows
            if row.amount
        ),
        stressed=Text.same(shown.stressed),
        other=Text.same(shown.other),
    )
    return JsonResponse(charts.spec(chart, language.current(), mode=theme))


def _amount(value: Any, base: str, unit: str) -> tuple[float, str]:
    number = values.convert_amount(value or 0, base, unit)
    return float(number), numbers.number(number, numbers.decimals_of(number, unit))


def _by_stage(found: QuerySet[Any]) -> Shown:
    unit = HABIT[language.current()]["area"]
    made = []
    groups = found.values("stage").annotate(count=Count("pk"), area=Sum("area_m2"))
    by_stage = {row["stage"]: row for row in groups}
    for stage in ("", *words.order("parcel_events.stage")):
        if stage in by_stage:
            name = words.choice(stage, "parcel_events.stage") if stage else _("no stage yet")
            amount, said = _amount(by_stage[stage]["area"], "m2", unit)
            count = by_stage[stage]["count"]
            made.append(Row(f"{stage} {name}".strip(), count, amount, said, stage in READY))
    return Shown(
        title=_("Land by the stage that it has reached"),
        first=_("Stage"),
        unit=unit,
        unit_name=unit_name(unit),
        rows=tuple(made),
        stressed=_("levelled land"),
        other=_("other stages"),
    )


def _by_month(found: QuerySet[Any]) -> Shown:
    """Add up what was invested in each month; what was corrected does not count."""
    unit = HABIT[language.current()]["money"]
    groups = (
        found.values(when=F("month"))
        .annotate(count=Count("pk"), money=Sum("invested_cny"))
        .order_by("-when")
    )
    made = []
    for row in reversed(list(groups[:MONTHS])):
        amount, said = _amount(row["money"], "元", unit)
        made.append(Row(_month(row["when"]), row["count"], amount, said))
    return Shown(
        title=_("Invested by month"),
        first=_("Month"),
        unit=unit,
        unit_name=unit_name(unit),
        rows=tuple(made),
    )


def _month(when: date) -> str:
    return values.day(when, "m")


_MAKERS: Mapping[str, Callable[[QuerySet[Any]], Shown]] = {
    "parcels": _by_stage,
    "work_months": _by_month,
}
