"""A meeting list in words: the same tables for page, DOCX and PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zonewright.core.phrases import Lang
from zonewright.core.texts import text_of
from zonewright.report import numbers, theme
from zonewright.report.meeting_model import (
    BehindItem,
    DueItem,
    Meeting,
    MeetingZone,
    OrderItem,
)
from zonewright.report.words import require_language

SHOWN_CAUSES = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, a smaller line below, the role of its colour, a sign before it.

    `is_blank` marks the column in which the meeting writes.
    """

    text: str = ""
    below: str = ""
    colour: str = ""
    is_blank: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: caption, headings, shares of the width, which columns are numeric, rows."""

    name: str
    caption: str
    headings: tuple[str, ...]
    shares: tuple[float, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def labelled(self) -> tuple[tuple[tuple[str, bool, Cell], ...], ...]:
        """Each row's cells with their headings, and whether they are numeric."""
        return tuple(tuple(zip(self.headings, self.numeric, row, strict=True)) for row in self.rows)


@dataclass(frozen=True, slots=True)
class ZonePart:
    """What is heard of a zone: heading, one line, tables.

    The last part may be that of the missing returns of all zones; its code is empty.
    """

    code: str
    heading: str
    line: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class MeetingDocument:
    """A meeting list in a language.

    `blanks` are the lines to be filled in by hand at the top; `quiet` says of which zones there is
    nothing to hear, `notices` what is synthetic.
    """

    lang: Lang
    title: str
    subtitle: str
    product: str
    blanks: tuple[str, ...]
    summary: str
    overview: Sheet | None
    zones: tuple[ZonePart, ...]
    quiet: str
    notices: tuple[str, ...]
    synthetic: str
    stamp: str


def document(meeting: Meeting, lang: Lang) -> MeetingDocument:
    """Return a meeting list in words.

    Raises
    ------
    RangeError
        If `lang` is no language of the report.
    """
    require_language(lang)
    heard = meeting.heard
    orders = [order for zone in heard for order in zone.orders]
    counts = {
        "zones": len(heard),
        "behind": sum(len(zone.behind) for zone in heard),
        "orders": len(orders),
        "overdue": sum(order.overdue_days > 0 for order in orders),
        "returns": sum(zone.missing for zone in heard),
        "due": sum(len(zone.due) for zone in heard),
    }
    code = "meeting-summary" if heard else "meeting-nothing"
    separator = "、" if lang == "zh" else ", "
    names = separator.join(zone.name.of(lang) for zone in meeting.quiet)
    return MeetingDocument(
        lang=lang,
        title=_word("meeting-title", lang, title=meeting.title.of(lang)),
        subtitle=_word(
            "meeting-subtitle", lang, on=numbers.day(meeting.on, lang),
            period=meeting.period.of(lang),
        ),
        product=_word("meeting-product", lang),
        blanks=tuple(
            _word(name, lang) for name in ("meeting-chair", "meeting-present", "meeting-minutes")
        ),
        summary=_word(code, lang, period=meeting.period.of(lang), **counts),
        overview=_overview(heard, lang) if heard else None,
        zones=_parts(heard, meeting, lang),
        quiet=_word("meeting-quiet", lang, names=names) if names and heard else "",
        notices=tuple(_word("meeting-quote", lang, text=text) for text in meeting.notices),
        synthetic=_word("meeting-synthetic", lang) if meeting.notices else "",
        stamp=f"{meeting.generated_at:%Y-%m-%d %H:%M}",
    )  # fmt: skip


def _word(code: str, lang: Lang, **params: object) -> str:
    return text_of(code, params, lang)


def _days(days: int, lang: Lang) -> str:
    return _word("meeting-day" if days == 1 else "meeting-days", lang, days=days)


def _overview(zones: Sequence[MeetingZone], lang: Lang) -> Sheet:
    rows = []
    for zone in zones:
        red = sum(item.colour == "red" for item in zone.behind)
        rows.append(
            (
                Cell(zone.name.of(lang)),
                _count(len(zone.behind), "red" if red else "yellow"),
                _count(red, "red"),
                _count(len(zone.orders)),
                _count(zone.overdue, "red"),
                _count(zone.missing, "yellow"),
                _count(len(zone.due)),
            )
        )
    names = (
        "meeting-zone", "meeting-behind", "meeting-red", "meeting-orders", "meeting-overdue",
        "meeting-returns", "meeting-due",
    )  # fmt: skip
    return Sheet(
        name="overview",
        caption=_word("meeting-overview", lang),
        headings=tuple(_word(name, lang) for name in names),
        shares=(3.0, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2),
        numeric=(False, True, True, True, True, True, True),
        rows=tuple(rows),
    )


def _count(number: int, colour: str = "") -> Cell:
    return Cell(str(number) if number else "—", colour=colour if number else "")


def _parts(heard: Sequence[MeetingZone], meeting: Meeting, lang: Lang) -> tuple[ZonePart, ...]:
    """Return what is behind, open and to come zone by zone; the missing returns of all close."""
    called = [zone for zone in heard if zone.behind or zone.orders or zone.due]
    parts = [_zone(place, zone, meeting, lang) for place, zone in enumerate(called, start=1)]
    owing = [zone for zone in heard if zone.returns]
    if owing:
        heading = _word(
            "meeting-zone-heading", lang, number=len(parts) + 1,
            name=_word("meeting-returns-title", lang),
        )  # fmt: skip
        count = sum(zone.missing for zone in owing)
        line = _word("meeting-returns-line", lang, zones=len(owing), count=count)
        parts.append(ZonePart("", heading, line, (_returns(owing, lang),)))
    return tuple(parts)


def _zone(place: int, zone: MeetingZone, meeting: Meeting, lang: Lang) -> ZonePart:
    sheets = (
        _behind(zone.behind, lang),
        _orders(zone.orders, lang),
        _due(zone.due, numbers.day(meeting.due_until, lang), lang),
    )
    line = _word(
        "meeting-zone-line", lang, behind=len(zone.behind), orders=len(zone.orders),
        overdue=zone.overdue, returns=zone.missing, due=len(zone.due),
    )  # fmt: skip
    heading = _word("meeting-zone-heading", lang, number=place, name=zone.name.of(lang))
    return ZonePart(zone.code, heading, line, tuple(sheet for sheet in sheets if sheet.rows))


def _sheet(
    name: str,
    caption: str,
    columns: Sequence[tuple[str, float, bool]],
    rows: Sequence[tuple[Cell, ...]],
    lang: Lang,
) -> Sheet:
    """Return a table with the column of decisions at its end."""
    whole = (*columns, ("meeting-decision", 2.6, False))
    return Sheet(
        name=name,
        caption=caption,
        headings=tuple(_word(heading, lang) for heading, _, _ in whole),
        shares=tuple(share for _, share, _ in whole),
        numeric=tuple(numeric for _, _, numeric in whole),
        rows=tuple((*row, Cell(is_blank=True)) for row in rows),
    )


def _behind(items: Sequence[BehindItem], lang: Lang) -> Sheet:
    rows = []
    for item in items:
        causes = [cause.of(lang) for cause in item.causes[:SHOWN_CAUSES]]
        more = len(item.causes) - len(causes)
        below = _word("meeting-causes-more", lang, count=more) if more > 0 else ""
        target = numbers.computed(item.target, item.unit, lang)
        rows.append(
            (
                Cell(item.name.of(lang)),
                Cell(
                    numbers.computed(item.done, item.unit, lang),
                    below=_word("meeting-of-target", lang, target=target),
                ),
                Cell(f"{item.completion_pct:.2f}%"),
                Cell(
                    f"{theme.SIGNS[item.colour]} {numbers.points(item.ahead_pp, lang)}",
                    colour=item.colour,
                ),
                Cell("；".join(causes) if lang == "zh" else "; ".join(causes), below=below)
                if causes
                else Cell(_word("meeting-cause-unknown", lang)),
            )
        )
    columns = (
        ("meeting-figure", 1.9, False), ("meeting-done", 1.4, True),
        ("meeting-completion", 0.9, True), ("meeting-pace", 1.5, True),
        ("meeting-cause", 3.4, False),
    )  # fmt: skip
    return _sheet("behind", _word("meeting-behind-title", lang), columns, rows, lang)


def _orders(items: Sequence[OrderItem], lang: Lang) -> Sheet:
    rows = []
    for item in sorted(items, key=lambda one: (-one.level_rank, -one.overdue_days, one.code)):
        overdue = _days(item.overdue_days, lang) if item.overdue_days else "—"
        replied = numbers.day(item.replied_on, lang) if item.replied_on else ""
        waiting = _word("meeting-reply-waits", lang) if item.waits else ""
        separator = " · " if replied and waiting else ""
        rows.append(
            (
                Cell(item.code, below=item.level.of(lang) or _word("meeting-level-owner", lang)),
                Cell(item.text.of(lang)),
                Cell(item.owner.of(lang)),
                Cell(
                    numbers.day(item.due_on, lang),
                    below=overdue if item.overdue_days else "",
                    colour="red" if item.overdue_days else "",
                ),
                Cell(
                    item.reply or _word("meeting-no-reply", lang),
                    below=f"{replied}{separator}{waiting}",
                ),
            )
        )
    columns = (
        ("meeting-order", 1.6, False), ("meeting-matter", 3.4, False),
        ("meeting-owner", 1.1, False), ("meeting-deadline", 1.5, False),
        ("meeting-reply", 2.6, False),
    )  # fmt: skip
    return _sheet("orders", _word("meeting-orders-title", lang), columns, rows, lang)


def _returns(zones: Sequence[MeetingZone], lang: Lang) -> Sheet:
    separator = "、" if lang == "zh" else ", "
    rows = [
        (
            Cell(zone.name.of(lang)),
            Cell(separator.join(name.of(lang) for name in item.names)),
            Cell(item.month.of(lang)),
            Cell(str(item.count)),
            Cell(
                numbers.day(item.due_on, lang),
                below=_days(item.overdue_days, lang),
                colour="red",
            ),
        )
        for zone in zones
        for item in zone.returns
    ]
    columns = (
        ("meeting-zone", 2.0, False), ("meeting-return", 4.2, False),
        ("meeting-month", 1.3, False), ("meeting-count", 0.7, True),
        ("meeting-first-due", 1.6, False),
    )  # fmt: skip
    return _sheet("returns", _word("meeting-returns-sheet", lang), columns, rows, lang)


def _due(items: Sequence[DueItem], until: str, lang: Lang) -> Sheet:
    rows = [
        (
            Cell(item.code),
            Cell(item.name),
            Cell(item.gate.of(lang)),
            Cell(numbers.day(item.planned_on, lang)),
            Cell(item.owner or "—"),
        )
        for item in items
    ]
    columns = (
        ("meeting-code", 1.2, False), ("meeting-name", 3.0, False), ("meeting-gate", 1.4, False),
        ("meeting-planned", 1.5, False), ("meeting-owner", 1.2, False),
    )  # fmt: skip
    return _sheet("due", _word("meeting-due-title", lang, until=until), columns, rows, lang)
