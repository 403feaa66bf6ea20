"""Figures, blocks and background runs."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.params.functions import Path, Query

from zonewright.core.errors import RangeError
from zonewright.steering.figure import Figure
from zonewright.store import actions
from zonewright.store.access import Access
from zonewright.store.models import Run
from zonewright.store.selectors import runs as stored
from zonewright.store.selectors.record import record_state
from zonewright.web import language
from zonewright.web.access import of
from zonewright.web.api import schemas
from zonewright.web.api.answers import (
    Cursor,
    Limit,
    Number,
    answer,
    answers,
    check_parameters,
    next_address,
    number_after,
    origin,
)
from zonewright.web.api.problems import ApiError
from zonewright.web.api.trail import as_file
from zonewright.workflows import jobs
from zonewright.workflows.blocks import MIN_BLOCK_MU, blocks_of
from zonewright.workflows.standing import standing

router = Router()
_FIRST, _LAST = date(1900, 1, 1), date(2100, 12, 31)
_DERIVED = ("derivation", "findings")


@router.get(
    "/figures",
    response=answers(200, schemas.Figures),
    operation_id="figures",
    summary="The figures of the outline",
    tags=["figures"],
)
def figure_list(request: HttpRequest) -> HttpResponse:
    """Give the figures of the outline in the zones of whoever asks."""
    check_parameters(request, ())
    found = standing().figures.within(of(request).zones())
    items = [
        {name: value for name, value in item.as_dict().items() if name not in _DERIVED}
        for item in found.items
    ]
    return answer({"items": items, "next": None})


@router.get(
    "/figures/{code}",
    response=answers(200, schemas.FigureOut),
    operation_id="figure",
    summary="A figure and what it rests on",
    tags=["figures"],
)
def figure(request: HttpRequest, code: Annotated[str, Path(max_length=100)]) -> HttpResponse:
    """Give a figure: its formula, its records and the figures that it is made of."""
    check_parameters(request, ())
    access = of(request)
    item = standing().figures.within(access.zones()).item(code)
    lang = language.current()
    derivation = {
        "formula": item.figure.formula_zh,
        "formula_en": item.figure.formula_en,
        "scope_versions": list(item.figure.versions),
        **_records(item.figure, access),
        "inputs": [_input(part, access) for part in item.figure.inputs],
    }
    findings = [finding.as_dict(lang) for finding in item.findings]
    return answer(item.as_dict() | {"derivation": derivation, "findings": findings})


def _records(of_figure: Figure, access: Access) -> dict[str, object]:
    """Return the records behind a figure that may be seen, and how many others there are."""
    names = list(of_figure.records)
    if access.zones() is not None:
        seen = access.seen(names)
        names = [name for name in names if name in seen]
    return {"records": names, "hidden_records": len(of_figure.records) - len(names)}


def _input(part: Figure, access: Access) -> dict[str, object]:
    """Return a figure that another is made of; of a zone that is not seen, its value only."""
    found: dict[str, object] = {
        "indicator": part.question.indicator,
        "zone": part.question.zone,
        "value": part.value,
        "unit": part.unit,
    }
    if access.may("view", part.question.zone):
        found["formula"] = part.formula_zh
        found["inputs"] = [_input(below, access) for below in part.inputs]
    return found


@router.get(
    "/zones/{record}/blocks",
    response=answers(200, schemas.Blocks),
    operation_id="blocks",
    summary="Contiguous ready land of a zone",
    tags=["zones"],
)
def blocks(
    request: HttpRequest,
    record: Annotated[str, Path(pattern="^zone:[0-9]{1,18}$")],
    on: Annotated[date | None, Query(description="Day of boundaries and stages; today")] = None,
    min_area_mu: Annotated[
        float, Query(gt=0, le=1e9, description="Smallest block [mu]")
    ] = MIN_BLOCK_MU,
) -> HttpResponse:
    """Give the blocks of ready parcels of a zone, the largest first."""
    check_parameters(request, ("on", "min_area_mu"))
    code = record_state(record, of(request)).code
    on = on or timezone.localdate()
    if not _FIRST <= on <= _LAST:
        raise RangeError("api-day", on=on.isoformat())
    found = blocks_of(code, on=on, min_area_mu=min_area_mu)
    body = {"zone": code, "on": on.isoformat(), "items": found.as_dicts(), "next": None}
    return answer(body)


@router.get(
    "/runs",
    response=answers(200, schemas.Runs),
    operation_id="runs",
    summary="Background runs",
    tags=["runs"],
)
def run_list(
    request: HttpRequest,
    question: Annotated[str, Query(max_length=100)] = "",
    status: Annotated[str, Query(max_length=20)] = "",
    limit: Limit = 50,
    after: Cursor = None,
) -> HttpResponse:
    """Give the runs that whoever asks may see, the latest first."""
    check_parameters(request, ("question", "status", "limit", "after"))
    rows = jobs.visible_runs(of(request)).order_by("-id")
    for name, value in (("question", question), ("status", status)):
        if value:
            rows = rows.filter(**{name: value})
    last = number_after(after)
    if last is not None:
        rows = rows.filter(pk__lt=last)
    found = list(rows[: limit + 1])
    cursor = str(found[limit - 1].pk) if len(found) > limit else None
    items = [_run(item) for item in found[:limit]]
    return answer({"items": items, "next": next_address(request, cursor)})


@router.get(
    "/runs/{number}",
    response=answers(200, schemas.RunOut),
    operation_id="run",
    summary="A background run",
    tags=["runs"],
)
def run(request: HttpRequest, number: Number) -> HttpResponse:
    """Give a run: how far it is and what came of it."""
    check_parameters(request, ())
    return answer(_run(jobs.visible_run(number, of(request))))


@router.get(
    "/runs/{number}/files/{name}",
    response=answers(200, None),
    operation_id="run_file",
    summary="A file of a run",
    tags=["runs"],
    openapi_extra={"responses": {200: {"content": {"application/octet-stream": {}}}}},
)
def run_file(
    request: HttpRequest,
    number: Number,
    name: Annotated[str, Path(max_length=200)],
) -> HttpResponse:
    """Give the bytes of a file that a run made or was given."""
    check_parameters(request, ())
    found = stored.run_file(jobs.visible_run(number, of(request)), name)
    return as_file(bytes(found.blob.content), found.name)


@router.post(
    "/runs",
    response=answers(202, schemas.RunOut, writing=True),
    operation_id="queue_run",
    summary="Ask for a background run",
    tags=["runs"],
)
def queue(request: HttpRequest, body: schemas.RunIn) -> HttpResponse:
    """Ask for a run, or give the one that answers the same question already."""
    if jobs.job_of(body.question).of_files:
        raise ApiError("api-run-of-files", status=422, question=body.question)
    made = jobs.ask(
        body.question, body.params, access=of(request), language=language.current(),
        origin=origin(request),
    )  # fmt: skip
    return answer(_run(made), 202, {"Location": f"/api/v1/runs/{made.pk}"})


@router.post(
    "/runs/{number}/cancel",
    response=answers(200, schemas.RunOut, writing=True),
    operation_id="cancel_run",
    summary="Cancel a background run",
    tags=["runs"],
)
def cancel(request: HttpRequest, number: Number) -> HttpResponse:
    """Cancel a run that waits; one that runs stops at its next step."""
    found = jobs.visible_run(number, of(request))
    return answer(_run(actions.cancel_run(found, access=of(request), origin=origin(request))))


def _run(item: Run) -> dict[str, object]:
    names = (
        "question", "params", "status", "progress", "message", "error", "result", "fingerprint",
        "engines", "by",
    )  # fmt: skip
    times = ("queued_at", "started_at", "finished_at")
    found: dict[str, object] = {name: getattr(item, name) for name in names}
    found |= {name: at.isoformat() if (at := getattr(item, name)) else None for name in times}
    return {"id": item.pk, **found}
