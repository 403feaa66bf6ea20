"""A record: its values, where it lies, what hangs on it, where it came from, and its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from zonewright.core.records import RecordCard
from zonewright.store import selectors
from zonewright.store.access import Access
from zonewright.store.mapping import SERIES, Mapped, name_of, writing
from zonewright.store.selectors.history import HistoryItem, history
from zonewright.store.selectors.listing import ColumnInfo, Condition, columns, listing
from zonewright.store.selectors.record import RecordState, may_write, record_state
from zonewright.web import access as reader
from zonewright.web import language, ledgers, sketch, values, words
from zonewright.web.listing_view import field_of, table_of
from zonewright.web.page import page
from zonewright.web.record_history import tell
from zonewright.web.values import SHAPES
from zonewright.web.views.attachments import IMAGES

HANGING = 12
HANGING_COLUMNS = 5


@require_safe
def record(request: HttpRequest, table: str, pk: int) -> HttpResponse:
    """Show a record."""
    mapped = ledgers.find(table)
    name = name_of(mapped)
    if table != name:
        return redirect("record", name, pk)
    access = reader.of(request)
    state = record_state(f"{mapped.record}:{pk}", access)
    (card,) = selectors.record_cards([state.record])
    told = history(state.record, access, state=state)
    may_edit = may_write(state.record, access)
    context = {
        "section": "records",
        "name": name,
        "pk": pk,
        "state": state,
        "ledger": ledgers.label(name),
        "title": title(mapped, state),
        "rows": list(rows_of(mapped, state, card)),
        "sketch": sketch.of(state.geometry, access),
        "hanging": list(_hanging(mapped, state, access)),
        "card": card,
        "history": tell(mapped, told),
        "series": mapped.record in SERIES,
        "saved": _saved(request, told),
        "attachments": list(_files(state, access)),
        "may_attach": any(access.sees(state.record, what) for what in ("report", "plan")),
        "may_edit": may_edit,
        "zones": sorted(values.names_of("zone", access.among(state.zones)).items()),
        "permission": writing(mapped),
    }
    return page(request, "record.html", context)


def title(mapped: Mapped, state: RecordState) -> str:
    """Return what a reader would call a record, in their language where it has a name in it."""
    if "name_en" in state.values:
        return language.choose(str(state.values["name"]), str(state.values["name_en"] or ""))
    return state.title


def _saved(request: HttpRequest, told: tuple[HistoryItem, ...]) -> HistoryItem | None:
    """Return the change that was just saved, if the address says so and it is the latest."""
    asked = request.GET.get("saved", "")
    latest = told[0] if told else None
    return latest if latest is not None and str(latest.id) == asked else None


def rows_of(mapped: Mapped, state: RecordState, card: RecordCard) -> Iterator[dict[str, Any]]:
    """Yield the values of a record as its page shows them, each with where it came from."""
    held = {**state.values, **state.computed}
    for info in columns(mapped.record):
        if info.kind in SHAPES:
            continue
        read = values.reading(field_of(info), table_of(mapped, info), held)
        code = str(held.get(info.field) or "") if info.refers else ""
        names = values.names_of(info.refers, [code]) if code else {}
        stage = info.field == "stage"
        yield {
            "info": info,
            "label": info.label(language.current()),
            "text": names.get(code, read.text),
            "beside": code if code in names else read.beside,
            "address": ledgers.address(state.refers.get(info.field, "")) if code else "",
            "stage": str(held.get("stage") or "") if stage else "",
            "cell": "" if info.computed else _cell(card, info.field),
        }


def _cell(card: RecordCard, name: str) -> str:
    """Return where a value came from: its cell, or file and cell if it is not the record's own."""
    found = card.columns.get(name, "")
    if found.isascii() and found.isalpha() and found.isupper():
        return f"{found}{card.place.row or ''}"
    # A layer's field has the name of the value itself: nothing is told by it.
    # What was written with the whole record is told once, below its values.
    return words.origin(found) if " " in found and found != str(card.place) else ""


def _files(state: RecordState, access: Access) -> Iterator[dict[str, Any]]:
    for file in selectors.attachments(state.record, access, state=state):
        yield {
            "id": file.pk,
            "name": file.name,
            "note": file.note,
            "added_by": file.added_by,
            "added_at": file.added_at,
            "size": file.blob.size,
            "is_image": file.blob.media_type in IMAGES,
        }


def _hanging(mapped: Mapped, state: RecordState, access: Access) -> Iterator[dict[str, Any]]:
    """Yield what hangs on a record: the first records of each ledger, and how many there are."""
    for other in ledgers.hanging(mapped):
        condition = Condition(other.column.field.name, "eq", state.code)
        order = _order(other.name)
        found = listing(
            other.name, access=access, conditions=[condition], order=order, limit=HANGING
        )
        shown = _short(other.name, other.column.field.name)
        inner = ledgers.find(other.name)
        query = f"?f-{other.column.field.name}={state.code}"
        yield {
            "ledger": other,
            "total": found.total,
            "heads": [info.label(language.current()) for info in shown],
            "rows": [(row, _texts(inner, row, shown)) for row in found.rows],
            "all": reverse("record-list", args=[other.name]) + query,
            "add": f"{reverse('record-new', args=[other.name])}?"
            f"{other.column.field.name}={state.code}",
            "may_add": access.may_anywhere(writing(inner)),
        }


def _order(name: str) -> list[tuple[str, bool]]:
    """Return the order in which what hangs on a record is read: by its dates, the latest first."""
    dated = (info for info in columns(name) if info.kind in ("date", "month", "year") and info.key)
    first = next(dated, None)
    return [(first.field, True)] if first else [("code", False)]


def _short(name: str, own: str) -> list[ColumnInfo]:
    """Return the first columns of a ledger, without the one that names the record itself."""
    shown = [
        info for info in columns(name) if info.field != own and info.kind not in (*SHAPES, "points")
    ]
    return shown[:HANGING_COLUMNS]


def _texts(mapped: Mapped, row: RecordState, shown: list[ColumnInfo]) -> list[tuple[str, str]]:
    held: Mapping[str, Any] = {**row.values, **row.computed}
    found = []
    for info in shown:
        read = values.reading(field_of(info), table_of(mapped, info), held)
        found.append((info.label(language.current()), read.text))
    return found
