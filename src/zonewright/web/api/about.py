"""Who asks, what the tables are, and the document of the API."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from zonewright.store.selectors.listing import ColumnInfo, LedgerInfo, columns, ledgers
from zonewright.web.access import of
from zonewright.web.api import schemas
from zonewright.web.api.answers import answer, answers, check_parameters

router = Router()


@router.get(
    "/me",
    response=answers(200, schemas.Me),
    operation_id="me",
    summary="Who asks, and what they may do",
    tags=["about"],
)
def me(request: HttpRequest) -> HttpResponse:
    """Give the name of whoever asks, and what they may do where."""
    check_parameters(request, ())
    access = of(request)
    token = getattr(request, "api_token", None)
    body = {
        "name": access.name,
        "token": token.name if token is not None else None,
        "everywhere": sorted(access.everywhere),
        "by_zone": {code: sorted(allowed) for code, allowed in sorted(access.by_zone.items())},
    }
    return answer(body)


@router.get(
    "/schema",
    response=answers(200, schemas.Tables),
    operation_id="schema",
    summary="The dictionary of tables",
    tags=["about"],
)
def schema(request: HttpRequest) -> HttpResponse:
    """Give every table with its fields: kinds, units, choices and names in both languages."""
    check_parameters(request, ())
    return answer({"items": [_table(info) for info in ledgers()], "next": None})


def _table(info: LedgerInfo) -> dict[str, object]:
    names = ("name", "record", "zh", "en", "permission", "located")
    found: dict[str, object] = {name: getattr(info, name) for name in names}
    return {**found, "fields": [_field(item) for item in columns(info.name)]}


def _field(item: ColumnInfo) -> dict[str, object]:
    names = ("kind", "unit", "zh", "en", "required", "key", "computed", "refers", "note")
    found: dict[str, object] = {name: getattr(item, name) for name in names}
    return {"name": item.field, **found, "choices": dict(item.choices)}
