"""What the reader of a request may see and do; every view asks here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from zonewright.store.access import Access, Permission, access_of
from zonewright.store.models import User
from zonewright.web import moment

Row = TypeVar("Row", bound=Model)
# What somebody may do rests on these.
_REACH = ("store_user", "store_grant", "store_membership", "store_zone")


class AccessOfReader:
    """Lay the reader's access beside the request; it is read when a view first asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        request.access = SimpleLazyObject(lambda: _read(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _read(request: HttpRequest) -> Access:
    user = request.user
    if not isinstance(user, User):
        return Access("")
    what = ("access", user.pk, timezone.localdate())
    return moment.kept(request, what, _REACH, lambda: access_of(user))


def of(request: HttpRequest) -> Access:
    """Return what the reader may do."""
    return cast(Access, request.access)  # type: ignore[attr-defined]


def origin(request: HttpRequest) -> str:
    """Return from where a request comes, for the audit trail."""
    return f"desk {request.META.get('REMOTE_ADDR', '')}".strip()


def require_zone(request: HttpRequest, code: str, permission: Permission = "view") -> None:
    """Refuse a zone: 404 to whoever may not see it, 403 to whoever may not do this there."""
    of(request).require(permission, code)


def require_everywhere(request: HttpRequest, permission: Permission = "view") -> None:
    """Refuse with 404 whoever may not do something in the whole workspace.

    Raises
    ------
    Http404
        So that nobody learns of what concerns others.
    """
    if not of(request).may(permission):
        raise Http404(request.path)


def visible(request: HttpRequest, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Return the records that the reader may see."""
    return of(request).narrow(rows)
