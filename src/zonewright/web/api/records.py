"""The records of every table: list, read, add, change, delete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, cast

import numpy as np
import shapely
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.params.functions import Body, Header, Path, Query

from zonewright.core.errors import EditConflictError, UnknownReferenceError
from zonewright.store import actions
from zonewright.store.access import Access
from zonewright.store.selectors._conditions import Op
from zonewright.store.selectors.listing import Condition, LedgerInfo, columns, ledgers, listing
from zonewright.store.selectors.record import RecordState, record_state
from zonewright.web import language
from zonewright.web.access import of
from zonewright.web.api import problems, shapes
from zonewright.web.api.answers import (
    MOST,
    answer,
    answers,
    check_parameters,
    next_address,
    operate,
    origin,
)
from zonewright.web.api.problems import ApiError, plain

_IF_MATCH = (str | None, Header(None, alias="If-Match", description="ETag of the record as read"))
_REASON = (str, Query("", max_length=2000, description="Why, for the audit trail"))
_DIGITS = 9


def add_operations(router: Router) -> None:
    """Add the operations of every table."""
    for info in ledgers():
        _add_reads(router, info)
        _add_writes(router, info)


def record_parameter(info: LedgerInfo) -> tuple[Any, Any]:
    """Return the parameter that names a record of a table in an address."""
    pattern = f"^{info.record}:[0-9]{{1,18}}$"
    return (str, Path(..., pattern=pattern, description=f"As in {info.record}:12"))


def _add_reads(router: Router, info: LedgerInfo) -> None:
    operate(
        router, "GET", f"/{info.name}", partial(_list, info), name=f"list_{info.name}",
        summary=f"List {info.en}", response=answers(200, shapes.listed(info)),
        parameters={"query": (shapes.asked(info), Query(...))},
        extra={"tags": [info.name]},
    )  # fmt: skip
    operate(
        router, "GET", f"/{info.name}/{{record}}", partial(_get, info), name=f"get_{info.name}",
        summary=f"One of the {info.en}", response=answers(200, shapes.given(info)),
        parameters={"record": record_parameter(info)},
        extra={"tags": [info.name]},
    )  # fmt: skip


def _add_writes(router: Router, info: LedgerInfo) -> None:
    record = record_parameter(info)
    operate(
        router, "POST", f"/{info.name}", partial(_post, info), name=f"add_{info.name}",
        summary=f"Add to the {info.en}",
        response=answers(201, shapes.given(info), writing=True),
        parameters={"body": (shapes.sent(info, new=True), Body(...))},
        extra={"tags": [info.name]},
    )  # fmt: skip
    operate(
        router, "PATCH", f"/{info.name}/{{record}}", partial(_patch, info),
        name=f"change_{info.name}", summary=f"Change one of the {info.en}",
        response=answers(200, shapes.given(info), writing=True, changing=True),
        parameters={
            "record": record, "body": (shapes.sent(info, new=False), Body(...)),
            "if_match": _IF_MATCH,
        },
        extra={"tags": [info.name]},
    )  # fmt: skip
    operate(
        router, "DELETE", f"/{info.name}/{{record}}", partial(_delete, info),
        name=f"delete_{info.name}", summary=f"Delete one of the {info.en}",
        response=answers(204, None, writing=True, changing=True),
        parameters={"record": record, "if_match": _IF_MATCH, "reason": _REASON},
        extra={"tags": [info.name]},
    )  # fmt: skip


def _list(info: LedgerInfo, request: HttpRequest, *, query: Schema) -> HttpResponse:
    known = shapes.asked(info).model_fields
    check_parameters(request, tuple(known))
    given = query.model_dump(exclude_unset=True)
    found = listing(
        info.name,
        access=of(request),
        conditions=_conditions(given),
        text=given.get("text", ""),
        order=_order(given.get("order", "")),
        limit=min(given.get("limit", 50), MOST),
        after=given.get("after"),
        bbox=_box(given["bbox"]) if given.get("bbox") is not None else None,
        with_total=given.get("total", False),
    )
    with_shapes = given.get("shapes", True)
    return answer(
        {
            "items": bodies(found.rows, of(request), with_shapes=with_shapes),
            "next": next_address(request, found.next),
            "total": found.total,
        }
    )


def _get(info: LedgerInfo, request: HttpRequest, *, record: str) -> HttpResponse:
    return _one(record_state(record, of(request)), request)


def _post(info: LedgerInfo, request: HttpRequest, *, body: Schema) -> HttpResponse:
    values, reason = _sent(body)
    state = actions.add(
        info.name, values, access=of(request), origin=origin(request), reason=reason
    )
    return _one(state, request, status=201, headers={"Location": f"{request.path}/{state.record}"})


def _patch(
    info: LedgerInfo, request: HttpRequest, *, record: str, body: Schema, if_match: str | None
) -> HttpResponse:
    values, reason = _sent(body)
    try:
        state = actions.edit(
            record, values, token=_token(record, request, if_match), access=of(request),
            origin=origin(request), reason=reason,
        )  # fmt: skip
    except EditConflictError as error:
        return _conflict(error, body.model_dump(exclude_unset=True, mode="json"))
    return _one(state, request)


def _delete(
    info: LedgerInfo, request: HttpRequest, *, record: str, if_match: str | None, reason: str
) -> HttpResponse:
    check_parameters(request, ("reason",))
    try:
        actions.delete(
            record, token=_token(record, request, if_match), access=of(request),
            origin=origin(request), reason=reason,
        )  # fmt: skip
    except EditConflictError as error:
        return _conflict(error, {})
    return HttpResponse(status=204)


def _conflict(error: EditConflictError, yours: Mapping[str, object]) -> HttpResponse:
    return problems.of_error(error, yours=dict(yours))


def _token(record: str, request: HttpRequest, if_match: str | None) -> str:
    """Return the state of the record that is to be changed.

    Raises
    ------
    UnknownReferenceError
        If there is no such record for them: that goes before all else.
    ApiError
        428, if the state is not named.
    """
    if not of(request).sees(record):
        raise UnknownReferenceError("record-unknown", record=record)
    if not if_match:
        raise ApiError("api-state-missing", status=428)
    return if_match.strip().removeprefix("W/").strip('"')


def _sent(body: Schema) -> tuple[dict[str, object], str]:
    """Return what is to be written, by field, and why."""
    given = body.model_dump(exclude_unset=True)
    values = dict(given.get("values", {}))
    if "geometry" in given:
        values["geometry"] = _shape(given["geometry"])
    return values, given.get("reason", "")


def _shape(given: Mapping[str, Any] | None) -> shapely.Geometry | None:
    if given is None:
        return None
    try:
        shape = shapely.from_geojson(json.dumps(given))
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise _unreadable(str(error)) from error
    # A coordinate that is no number would be no fault of any one field.
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise _unreadable("coordinates")
    return shape


def _unreadable(reason: str) -> ApiError:
    return ApiError("api-geometry", status=422, reason=reason[:120])


def _conditions(given: Mapping[str, Any]) -> list[Condition]:
    found = []
    for key, value in given.items():
        name, _, op = key.partition("__")
        if value is None or (not op and key in _OWN):
            continue
        if op == "empty":
            found.append(Condition(name, "empty" if value else "filled"))
        elif op == "in":
            found.append(Condition(name, "in", [part for part in value.split(",") if part]))
        else:
            found.append(Condition(name, cast(Op, op or "eq"), value))
    return found


_OWN = ("limit", "after", "order", "text", "total", "shapes", "bbox")


def _order(text: str) -> tuple[tuple[str, bool], ...]:
    names = [part.strip() for part in text.split(",") if part.strip()]
    return tuple((name.removeprefix("-"), name.startswith("-")) for name in names) or (
        ("code", False),
    )


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise _wrong_box(text) from None
    if not (west <= east and south <= north and max(map(abs, (west, south, east, north))) < 1e6):
        raise _wrong_box(text)
    return west, south, east, north


def _wrong_box(text: str) -> ApiError:
    return ApiError(
        "api-parameter-value", status=400, name="bbox", text=text,
        wanted="west,south,east,north in degrees", wanted_zh=" 西,南,东,北（度）",
    )  # fmt: skip


def _one(
    state: RecordState,
    request: HttpRequest,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    body = one_body(state, of(request))
    return answer(body, status, {"ETag": f'"{state.token}"', **(headers or {})})


def one_body(state: RecordState, access: Access) -> dict[str, object]:
    """Return a record as it is given to somebody."""
    (body,) = bodies([state], access)
    return body


def bodies(
    states: list[RecordState], access: Access, *, with_shapes: bool = True
) -> list[dict[str, object]]:
    """Return records as they are given to somebody: of their zones those that are seen."""
    drawn = _geojson([state.geometry for state in states]) if with_shapes else [None] * len(states)
    return [_body(state, shape, access) for state, shape in zip(states, drawn, strict=True)]


def _body(state: RecordState, shape: object, access: Access) -> dict[str, object]:
    lang = language.current()
    kinds = {item.field: item.kind for item in columns(state.table)}
    return {
        "id": state.record,
        "table": state.table,
        "code": state.code,
        "title": state.title,
        "etag": state.token,
        "zones": sorted(access.among(state.zones)),
        "refers": dict(state.refers),
        "recorded_at": state.recorded_at.isoformat(),
        "values": {name: _plain(value, kinds.get(name)) for name, value in state.values.items()},
        "computed": {name: plain(value) for name, value in state.computed.items()},
        "geometry": shape,
        "findings": [problems.finding_body(item, lang) for item in state.findings],
    }


def _plain(value: object, kind: str | None) -> object:
    if kind == "month" and isinstance(value, date):
        return f"{value:%Y-%m}"
    return plain(value)


def _geojson(values: list[bytes | None]) -> list[object]:
    """Return geometries as GeoJSON, longitude first, rounded to a tenth of a millimetre."""
    shapes_ = shapely.from_wkb(np.array(values, dtype=object), on_invalid="ignore")
    rounded = shapely.transform(shapes_, partial(np.round, decimals=_DIGITS))
    texts = shapely.to_geojson(rounded)
    return [None if text is None else json.loads(text) for text in texts]
