"""What the operations share: the answers that each may give, and how they are built."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router
from ninja.params.functions import Path, Query

from zonewright.web.access import of
from zonewright.web.api.problems import ApiError, plain
from zonewright.web.api.schemas import Problem

# Keys of the database, as names and numbers of records.
RecordName = Annotated[str, Path(pattern="^[a-z_]{1,20}:[0-9]{1,18}$", description="parcel:12")]
Number = Annotated[int, Path(ge=1, lt=10**18)]
Cursor = Annotated[str | None, Query(description="Cursor of the page; follow `next`")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many on a page")]
Why = Annotated[str, Query(max_length=2000, description="Why, for the audit trail")]
View = Callable[..., HttpResponse]
# Every operation may answer so; writes and those of one record add to it.
_ALWAYS = (400, 401, 403, 404, 422, 429)
_WRITING = (409, 413, 415)
_CHANGING = (412, 428)
MOST = 500


def answers(
    status: int, shape: Any, *, writing: bool = False, changing: bool = False
) -> dict[int, Any]:
    """Return every answer of an operation, for its declaration.

    Parameters
    ----------
    status, shape
        Of the answer if all goes well.
    writing, changing
        Whether it writes; whether it changes a record that somebody else may change.
    """
    codes = (*_ALWAYS, *(_WRITING if writing else ()), *(_CHANGING if changing else ()))
    return {status: shape, **dict.fromkeys(sorted(codes), Problem)}


def operate(
    router: Router,
    method: str,
    path: str,
    view: View,
    *,
    name: str,
    summary: str,
    response: Mapping[int, Any],
    parameters: Mapping[str, tuple[Any, Any]],
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Add an operation whose parameters are known only at run time.

    Parameters
    ----------
    parameters
        Name to annotation and default (``Path(...)``, ``Query(...)``, ``Body(...)``).
    """
    kind = inspect.Parameter.KEYWORD_ONLY
    signature = [inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    signature += [
        inspect.Parameter(key, kind, default=default, annotation=annotation)
        for key, (annotation, default) in parameters.items()
    ]

    def operation(request: HttpRequest, **given: Any) -> HttpResponse:
        return view(request, **given)

    operation.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    operation.__doc__ = view.__doc__
    router.api_operation(
        [method], path, response=dict(response), operation_id=name, url_name=name,
        summary=summary, description="", openapi_extra=dict(extra or {}),
    )(operation)  # fmt: skip


def answer(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """Return values as JSON."""
    options = {"ensure_ascii": False, "default": plain}
    return JsonResponse(body, status=status, headers=headers, safe=False, json_dumps_params=options)


def origin(request: HttpRequest) -> str:
    """Return from where a request comes, for the audit trail."""
    return f"api {request.META.get('REMOTE_ADDR', '')}".strip()


def check_parameters(request: HttpRequest, known: Sequence[str]) -> None:
    """Refuse a parameter that is not known: a filter with a slip would choose everything.

    Raises
    ------
    ApiError
        400, naming it.
    """
    for name in request.GET:
        if name not in known:
            shown = ", ".join(known)
            raise ApiError("api-parameter-unknown", status=400, name=name, known=shown)


def next_address(request: HttpRequest, cursor: str | None) -> str | None:
    """Return the address of the next page; None if there is none."""
    if cursor is None:
        return None
    kept = {name: value for name, value in request.GET.items() if name != "after"}
    return f"{request.path}?{urlencode({**kept, 'after': cursor})}"


def number_after(text: str | None) -> int | None:
    """Return the row number that a cursor stands for.

    Raises
    ------
    ApiError
        400, if it is none.
    """
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise ApiError("api-cursor", status=400, text=text)
    return int(text)


def require_viewer(request: HttpRequest) -> None:
    """Refuse who may see nothing at all."""
    if not of(request).may_anywhere("view"):
        of(request).require("view")
