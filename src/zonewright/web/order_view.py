"""What the pages of orders show: rows of the list, steps of one order, the records behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest

from zonewright.core.errors import InputError
from zonewright.core.periods import Period
from zonewright.steering.supervision.matters import Matter
from zonewright.steering.supervision.rules import book
from zonewright.store.models import Attachment
from zonewright.store.selectors import record_cards
from zonewright.web import language, ledgers, order_words
from zonewright.web.access import of
from zonewright.web.mapview import zones_of
from zonewright.web.views.attachments import IMAGES
from zonewright.workflows.supervision import OrderRow, OrderView, owner_name


@dataclass(frozen=True, slots=True)
class Row:
    """An order in a list, in the reader's language; `tone` is the role of its delay's colour."""

    number: int
    code: str
    text: str
    zone: str
    zone_name: str
    state: str
    state_name: str
    severity: str
    severity_name: str
    owner: str
    level: int
    level_name: str
    due_on: date
    overdue: int
    escalates_to: str
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class File:
    """A file of a reply."""

    number: int
    name: str
    size: int
    note: str
    is_image: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an order, in the reader's language."""

    action: str
    name: str
    by: str
    at: datetime
    text: str
    due_on: date | None
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class MatterRow:
    """A matter that needs an order, in the reader's language."""

    key: str
    rule: str
    text: str
    zone: str
    zone_name: str
    severity: str
    severity_name: str
    owner: str
    due_on: date
    may_give: bool


def zone_names(request: HttpRequest) -> Mapping[str, str]:
    """Return the names of all zones; they are no secret."""
    return {
        str(code): language.choose(str(row["name"]), str(row["name_en"]))
        for code, row in zones_of(request)[["name", "name_en"]].iterrows()
    }


def zone_choices(request: HttpRequest, permission: str = "view") -> list[tuple[str, str]]:
    """Return the zones in which the reader may do something, by name."""
    names = zone_names(request)
    own = of(request).among(names, permission)  # type: ignore[arg-type]
    return sorted(((code, names[code]) for code in own), key=lambda pair: pair[1])


def rows(found: Iterable[OrderRow], names: Mapping[str, str]) -> list[Row]:
    """Return orders as a list shows them."""
    lang = language.current()
    states, levels = order_words.state_names(), order_words.level_names()
    severities = order_words.severity_names()
    return [
        Row(
            number=item.order.pk,
            code=item.order.code,
            text=item.text(lang),
            zone=item.order.zone.code,
            zone_name=names.get(item.order.zone.code, item.order.zone.code),
            state=item.order.state,
            state_name=states[item.order.state],
            severity=item.rule.severity,
            severity_name=severities[item.rule.severity],
            owner=item.owner(lang),
            level=item.order.level,
            level_name=levels.get(item.order.level, ""),
            due_on=item.order.due_on,
            overdue=item.overdue,
            escalates_to=levels.get(item.level_due, "") if item.escalates else "",
            last_at=item.last.at if item.last else None,
        )
        for item in found
    ]


def steps(view: OrderView) -> list[Step]:
    """Return the steps of an order, the latest first."""
    names = order_words.step_names()
    return [
        Step(
            step.action, names.get(step.action, step.action), step.by, step.at, step.text,
            step.due_on, tuple(_file(file) for file in files),
        )
        for step, files in reversed(view.steps)
    ]  # fmt: skip


def _file(file: Attachment) -> File:
    return File(file.pk, file.name, file.blob.size, file.note, file.blob.media_type in IMAGES)


def records_behind(request: HttpRequest, view: OrderView) -> list[tuple[str, str]]:
    """Return title and address of the records behind an order that the reader may see."""
    seen = of(request).seen(view.cause.records)
    cards = record_cards([name for name in view.cause.records if name in seen])
    titles = [" ".join(dict.fromkeys(filter(None, (card.code, card.title)))) for card in cards]
    return [
        (title, ledgers.address(card.record)) for title, card in zip(titles, cards, strict=True)
    ]


def matters(request: HttpRequest, found: Iterable[Matter]) -> list[MatterRow]:
    """Return matters as the page of a month shows them."""
    lang, names = language.current(), zone_names(request)
    severities = order_words.severity_names()
    access = of(request)
    return [
        MatterRow(
            key=item.key,
            rule=book().rules[item.rule].name.label(lang),
            text=item.cause.text(book(), lang),
            zone=item.zone,
            zone_name=names.get(item.zone, item.zone),
            severity=item.severity,
            severity_name=severities[item.severity],
            owner=owner_name(item.owner, lang),
            due_on=item.due_on,
            may_give=access.may("approve", item.zone),
        )
        for item in found
    ]


def day_of(text: str, default: date) -> date:
    """Return a day that a form gives.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        return date.fromisoformat(text) if text else default
    except ValueError as error:
        raise InputError("day-bad", text=text) from error


def month_of(text: str, default: Period) -> Period:
    """Return a month that a form gives, as in ``2023-04``; raises `PeriodError` if it is none."""
    return Period.parse(text) if text else default
