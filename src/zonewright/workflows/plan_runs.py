"""The runs that plan land: who may ask for one, and who may see what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from zonewright.core.errors import UnknownReferenceError
from zonewright.store.access import Access
from zonewright.store.models import Blob, Run
from zonewright.workflows import jobs


def plan_runs(question: str, access: Access) -> QuerySet[Run]:
    """Return the plans of the zones that somebody sees, the latest first."""
    found = Run.objects.filter(question=question).order_by("-id")
    zones = access.zones()
    return found if zones is None else found.filter(params__zone__in=sorted(zones))


def plan_run(question: str, number: int, access: Access) -> Run:
    """Return a plan.

    Raises
    ------
    UnknownReferenceError
        If there is none of that number, or its zone is not theirs to see.
    """
    found = plan_runs(question, access).filter(pk=number).first()
    if found is None:
        raise UnknownReferenceError("plan-run-unknown", run=number)
    return found


def ask_plan(
    question: str,
    params: Mapping[str, object],
    *,
    access: Access,
    files: Sequence[tuple[str, Blob]] = (),
    language: str = "zh",
    origin: str = "",
) -> Run:
    """Queue a plan of a zone, or return the run that answers it already.

    Raises
    ------
    UnknownReferenceError, NotAllowedError
        If who asks does not see the zone, or may not plan there.
    InputError
        If a parameter is none of the plan's.
    """
    zone = str(params.get("zone", ""))
    access.require("plan", zone)
    return jobs.ask(
        question,
        params,
        access=access,
        zones=(zone,),
        files=files,
        language=language,
        origin=origin,
    )


def result_of(run: Run) -> dict[str, Any]:
    """Return what came of a plan, as plain values; empty while there is nothing."""
    return run.result if isinstance(run.result, dict) else {}
