"""Days and spans of days as programs write them (RFC 3339)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from zonewright.web.api.problems import ApiError

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$")


@dataclass(frozen=True, slots=True)
class Span:
    """A span of days, both ends included; None is open."""

    first: date | None
    last: date | None


def day(text: str, *, name: str) -> date:
    """Return the day of a date, or of a time in the desk's time zone.

    Raises
    ------
    ApiError
        400, if it is neither.
    """
    try:
        if _DAY.match(text):
            return date.fromisoformat(text)
        if _TIME.match(text):
            moment = datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
            return timezone.localtime(moment).date()
    except (ValueError, OverflowError):
        pass  # the 30th of February
    raise _unreadable(text, name)


def span(text: str, *, name: str = "datetime") -> Span:
    """Return the span that a time, or an interval ``FROM/TO`` with ``..`` for open, stands for.

    Raises
    ------
    ApiError
        400, if it is neither, or ends before it begins.
    """
    head, slash, tail = text.partition("/")
    if not slash:
        at = day(head, name=name)
        return Span(at, at)
    return between(head, tail, name=name)


def between(head: str, tail: str, *, name: str) -> Span:
    """Return the span between two times; ``..`` or nothing is open."""
    first = None if head in ("", "..") else day(head, name=name)
    last = None if tail in ("", "..") else day(tail, name=name)
    if first is not None and last is not None and first > last:
        raise _unreadable(f"{head}/{tail}", name)
    return Span(first, last)


def _unreadable(text: str, name: str) -> ApiError:
    return ApiError(
        "api-parameter-value", status=400, name=name, text=text,
        wanted="a date such as 2023-10-31, a time with its zone, or an interval FROM/TO",
        wanted_zh="日期（如 2023-10-31）、带时区的时间或区间 起/止",
    )  # fmt: skip
