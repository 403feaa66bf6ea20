"""Options that several commands share."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from zonewright.core.errors import InputError, UnknownReferenceError
from zonewright.steering.registry import unknown_indicator

if TYPE_CHECKING:
    from zonewright.workflows.books import Books


class _Moment(click.ParamType[datetime]):
    """A day or a time, read as UTC."""

    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is not a date; write 2023-11-30", param, ctx)
        if len(str(value)) == len("2023-11-30"):
            moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class _Day(_Moment):
    """A day, as a time that begins it."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        return super().convert(value, param, ctx).replace(hour=0, minute=0, second=0, microsecond=0)


DAY = _Day()

workspace = click.argument("workspace")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
as_of = click.option(
    "--as-of", type=_Moment(), help="Show what the workspace knew on that day (or time, UTC)."
)
host = click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address that the desk listens at."
)
port = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Port that the desk listens at.",
)


def require_zone(zone: str, *, as_of: datetime | None, lang: str) -> None:
    """Refuse a zone code that the connected workspace does not know, naming those like it."""
    require_records(as_of)
    books = _books(as_of)
    if not books.zones:
        raise InputError("zone-none")
    if zone in books.zones:
        return
    like = get_close_matches(zone, books.zones, n=5, cutoff=0.5)
    like += [code for code in books.zones if zone in books.zone_name(code, lang)]
    near = ", ".join(f"{code} {books.zone_name(code, lang)}" for code in like or books.zones)
    raise UnknownReferenceError("zone-unknown-near", zone=zone, near=near)


def require_indicator(indicator: str, *, as_of: datetime | None) -> None:
    """Refuse an indicator that the connected workspace does not know, naming those like it."""
    known = _books(as_of).catalogue
    if indicator not in known:
        raise unknown_indicator(indicator, known)


def require_records(as_of: datetime | None) -> None:
    """Refuse a time before anything was imported into the connected workspace."""
    if as_of is not None and not _books(as_of).zones and _books(None).zones:
        raise InputError("as-of-early", as_of=f"{as_of:%Y-%m-%d %H:%M} UTC")


def _books(as_of: datetime | None) -> Books:
    """Return the connected workspace's books; what reads them is loaded only now."""
    found: Books = importlib.import_module("zonewright.workflows.books").open_books(as_of)
    return found
