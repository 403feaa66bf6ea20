"""The meeting list (调度会): zone by zone what is behind, open, missing and to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

from django.utils import timezone

from zonewright.core.errors import InputError
from zonewright.core.periods import Period
from zonewright.core.phrases import Lang
from zonewright.core.texts import text_of
from zonewright.land.hierarchy import Hierarchy
from zonewright.report import meeting_docx, meeting_pdf, numbers
from zonewright.report.meeting_model import (
    BehindItem,
    DueItem,
    Meeting,
    MeetingZone,
    OrderItem,
    ReturnItem,
)
from zonewright.report.model import Text
from zonewright.steering.catalogue import Indicator
from zonewright.steering.returns.kinds import kinds
from zonewright.steering.supervision.facts import Named
from zonewright.steering.supervision.rules import book
from zonewright.store import selectors
from zonewright.store.access import Access
from zonewright.store.models import Workspace
from zonewright.store.selectors.gates import gates
from zonewright.workflows.board import latest_month
from zonewright.workflows.board_parts import Part, Parts, unexplained
from zonewright.workflows.books import open_books
from zonewright.workflows.returns import completeness
from zonewright.workflows.returns_answers import Due
from zonewright.workflows.shortfalls import Cause
from zonewright.workflows.supervision import (
    OrderFilter,
    OrderRow,
    default_month,
    orders,
    owner_name,
)
from zonewright.workflows.supervision_facts import NOT_HANDED_IN, standings

FORMATS = ("docx", "pdf")
LANGUAGES: tuple[Lang, ...] = get_args(Lang)
# Months whose missing returns are still asked for.
MONTHS_BACK = 3
_WRITERS: Mapping[str, Callable[[Meeting, Path, Lang], None]] = {
    "docx": meeting_docx.write,
    "pdf": meeting_pdf.write,
}


def meeting(
    on: date,
    access: Access,
    *,
    zone: str | None = None,
    at: datetime | None = None,
) -> Meeting:
    """Return the meeting list of a day.

    Parameters
    ----------
    on
        Day of the meeting; the figures are those of the last month that is over by then.
    access
        Whose zones are called.
    zone
        Only this zone; None means all.
    at
        Time stamp of the list; None means now.

    Returns
    -------
    meeting
        Zones with something to hear: those with red figures first, then by overdue orders, orders
        and figures behind; those of which only returns are missing last. What is to come reaches to
        the end of the next month.

    Raises
    ------
    UnknownReferenceError
        If they may not see `zone`.
    """
    if zone is not None:
        access.require("view", zone)
    period, until = default_month(on), _end_of_next_month(on)
    books = open_books()
    seen = [zone] if zone is not None else sorted(access.among(books.zones))
    behind, missing = _behind(period, access), _missing(period, on, access)
    active, due = _orders(on, access), _due(on, until)
    zones = [
        MeetingZone(
            code,
            Text(books.zone_name(code, "zh"), books.zone_name(code, "en")),
            tuple(behind.get(code, ())),
            tuple(active.get(code, ())),
            tuple(missing.get(code, ())),
            tuple(due.get(code, ())),
        )
        for code in seen
        if code in books.zones
    ]
    workspace = Workspace.objects.get()
    return Meeting(
        title=Text(workspace.title, workspace.title_en or workspace.title),
        on=on,
        period=Text(period.label("zh"), period.label("en")),
        due_until=until,
        zones=tuple(sorted(zones, key=_urgency)),
        notices=tuple(selectors.notices()),
        generated_at=timezone.localtime(at or datetime.now(UTC)),
    )


def default_day(today: date) -> date:
    """Return the day whose list is shown where none is asked for.

    That is today. Where nothing was reported for `MONTHS_BACK` months (kept files, an example),
    today's list would be empty: then it is the last day on which the last month that was reported
    is called.
    """
    last = latest_month()
    if last is None or default_month(today).last - last.last < MONTHS_BACK:
        return today
    return Period(last.last + 1, last.last + 1).end_on


def write_meeting(found: Meeting, path: Path, kind: str, lang: Lang) -> None:
    """Write a meeting list as a file; an existing one is replaced once the new one is whole.

    Parameters
    ----------
    found
        As `meeting` gives it.
    path
        File to write.
    kind
        ``docx`` or ``pdf``.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    InputError
        If it is another kind of file.
    """
    if kind not in _WRITERS:
        raise InputError("meeting-format", kind=kind, known=", ".join(FORMATS))
    draft = path.with_name(f".{path.name}.part")
    _WRITERS[kind](found, draft, lang)
    draft.replace(path)


def _urgency(zone: MeetingZone) -> tuple[int, int, int, int, int, str]:
    red = sum(item.colour == "red" for item in zone.behind)
    # What is only to come, or only not reported, comes after what is behind or overdue.
    return (
        -red, -zone.overdue, -len(zone.orders), -len(zone.behind), -bool(zone.due), zone.code,
    )  # fmt: skip


def _end_of_next_month(on: date) -> date:
    month = on.year * 12 + on.month
    return Period(month, month).end_on


def _behind(period: Period, access: Access) -> Mapping[str, list[BehindItem]]:
    found: defaultdict[str, list[BehindItem]] = defaultdict(list)
    books = open_books()
    on = period.end_on
    parts = Parts(lambda: books, books.zones, Hierarchy.of(books.memberships, on), period, None)
    for row in standings(period, access):
        pace = row.pace
        if pace is None or pace.colour not in ("yellow", "red") or pace.completion_pct >= 100:
            continue
        found[row.zone].append(
            BehindItem(
                name=_on_board_or_not(row.indicator),
                done=pace.done,
                target=pace.target,
                unit=row.indicator.unit,
                completion_pct=pace.completion_pct,
                ahead_pp=pace.ahead_pp,
                colour=pace.colour,
                causes=tuple(_cause(cause, row.indicator.unit) for cause in row.causes)
                or _unexplained(parts.of(row.indicator).get(row.zone)),
            )
        )
    for items in found.values():
        items.sort(key=lambda item: item.ahead_pp)
    return found


def _on_board_or_not(indicator: Indicator) -> Text:
    """Return an indicator's name; the list has every target, the board its headline figures."""
    if indicator.headline:
        return Text(indicator.zh, indicator.en)
    names = {"zh": indicator.zh, "en": indicator.en}
    texts = {lang: text_of("meeting-off-board", {"name": name}, lang)
             for lang, name in names.items()}  # fmt: skip
    return Text(texts["zh"], texts["en"])


def _unexplained(part: Part | None) -> tuple[Text, ...]:
    """Return that not all is reported, where that is why no record tells of a shortfall."""
    return (Text(unexplained(part, "zh"), unexplained(part, "en")),) if part else ()


def _cause(cause: Cause, unit: str) -> Text:
    """Return who lacks what, and its share of all that is lacking."""
    texts = {
        lang: text_of(
            "meeting-lack",
            {
                "name": cause.label(lang),
                "missing": numbers.computed(cause.short, unit, lang),
                "share": f"{cause.share_pct:.0f}",
            },
            lang,
        )
        for lang in LANGUAGES
    }
    return Text(texts["zh"], texts["en"])


def _orders(on: date, access: Access) -> Mapping[str, list[OrderItem]]:
    found: defaultdict[str, list[OrderItem]] = defaultdict(list)
    for row in orders(access, OrderFilter(state="active"), on=on):
        found[row.order.zone.code].append(_order(row))
    return found


def _order(row: OrderRow) -> OrderItem:
    order, reply = row.order, row.replied
    return OrderItem(
        code=order.code,
        text=Text(row.text("zh"), row.text("en")),
        owner=Text(owner_name(order.owner, "zh"), owner_name(order.owner, "en")),
        level=Text(row.level_name("zh"), row.level_name("en")),
        level_rank=order.level,
        due_on=order.due_on,
        overdue_days=row.overdue,
        waits=order.state == "replied",
        reply=reply.text if reply else "",
        replied_on=timezone.localtime(reply.at).date() if reply else None,
    )


def _missing(period: Period, on: date, access: Access) -> Mapping[str, list[ReturnItem]]:
    """Return the returns that each zone owes: kinds missing for the same months stand together."""
    owed: defaultdict[tuple[str, str], list[Due]] = defaultdict(list)
    for last in range(period.last - MONTHS_BACK + 1, period.last + 1):
        for due in completeness(str(Period(last, last)), access, on=on).cells.values():
            if due.state in NOT_HANDED_IN and due.due_on < on:
                owed[due.zone, due.kind].append(due)
    alike: defaultdict[tuple[str, tuple[str, ...]], list[Due]] = defaultdict(list)
    for (zone, _), missing in owed.items():
        alike[zone, tuple(due.period for due in missing)].append(missing[0])
    found: defaultdict[str, list[ReturnItem]] = defaultdict(list)
    for (zone, months), first_of_each in alike.items():
        first_of_each.sort(key=lambda due: (due.due_on, due.kind))
        first = first_of_each[0].due_on
        found[zone].append(
            ReturnItem(
                _label([Period.parse(month).last for month in months]),
                tuple(Text(kinds()[due.kind].zh, kinds()[due.kind].en) for due in first_of_each),
                first,
                (on - first).days,
                months=len(months),
            )
        )
    for items in found.values():
        items.sort(key=lambda item: (-item.count, item.due_on))
    return found


def _label(months: Sequence[int]) -> Text:
    """Return months in words, those that follow one another as a span."""
    spans: list[Period] = []
    for month in months:
        if spans and spans[-1].last == month - 1:
            spans[-1] = Period(spans[-1].first, month)
        else:
            spans.append(Period(month, month))
    return Text(
        "、".join(span.label("zh") for span in spans), ", ".join(span.label("en") for span in spans)
    )


def _due(on: date, until: date) -> Mapping[str, list[DueItem]]:
    found: defaultdict[str, list[DueItem]] = defaultdict(list)
    names = book().gates
    for item in gates(on, since=on + timedelta(days=1), until=until):
        name = names.get(item.gate, Named(item.gate, item.gate))
        found[item.zone].append(
            DueItem(item.code, item.name, Text(name.zh, name.en), item.planned_on, item.owner)
        )
    return found
