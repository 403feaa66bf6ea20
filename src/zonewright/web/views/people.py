"""Managing people: the list, an account, the roles it holds, and what brings somebody back in."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zonewright.core.errors import InputError, NotAllowedError, StateError, ZonewrightError
from zonewright.store.access import Access, roles
from zonewright.store.actions import people as actions
from zonewright.store.models import User
from zonewright.store.selectors import people as selectors
from zonewright.web import access, language, words
from zonewright.web.middleware import status_of
from zonewright.web.page import page

PAGE_PEOPLE = 50
STATES = ("on", "off", "new")


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Show the accounts that the reader manages, by a filter."""
    reader = _manager(request)
    asked = {
        "text": request.GET.get("q", "").strip()[:150],
        "role": _one_of(request.GET.get("role", ""), roles()),
        "zone": request.GET.get("zone", "")[:200],
        "state": _one_of(request.GET.get("state", ""), STATES),
    }
    pages = Paginator(selectors.sought(reader, **asked), PAGE_PEOPLE)
    shown = pages.get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "shown": shown,
        "people": selectors.people(reader, shown.object_list),
        "is_filtered": any(asked.values()),
        **_choices(reader),
    }
    return page(request, "people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Show the form of a new account; make it and lead to its page."""
    reader = _manager(request)
    given = {name: request.POST.get(name, "").strip() for name in ("username", "name", *_ROLE)}
    context: dict[str, object] = {"given": given, **_choices(reader)}
    if request.method != "POST":
        return page(request, "person-new.html", context)
    role = given["role"]
    try:
        user = actions.create_person(
            given["username"],
            name=given["name"],
            role=role,
            zone=given["zone"].removeprefix("*"),
            hierarchy=given["hierarchy"],
            access=reader,
            origin=access.origin(request),
        )
    except (InputError, NotAllowedError) as error:
        context["error"] = error.text(language.current())
        return page(request, "person-new.html", context, status=status_of(error))
    messages.success(request, _("Account made. Make a link, and give it to its holder."))
    return HttpResponseRedirect(reverse("person", args=[user.get_username()]))


_ROLE = ("role", "zone", "hierarchy")


@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    """Show an account, its roles, and what the reader may do with it."""
    return _shown(request, _found(request, username))


@require_POST
def grant(request: HttpRequest, username: str) -> HttpResponse:
    """Give somebody a role."""
    user = _found(request, username)
    given = {name: request.POST.get(name, "") for name in _ROLE}

    def give() -> None:
        actions.grant(
            user,
            given["role"],
            zone=given["zone"].removeprefix("*"),
            hierarchy=given["hierarchy"],
            access=access.of(request),
            origin=access.origin(request),
        )

    return _done(request, user, give, _("Role given."), given=given)


@require_POST
def revoke(request: HttpRequest, username: str, grant_id: int) -> HttpResponse:
    """Take a role away from somebody."""
    user = _found(request, username)
    held = next(
        (
            item.grant
            for item in selectors.people(access.of(request), [user])[0].held
            if item.grant.pk == grant_id
        ),
        None,
    )

    def take() -> None:
        if held is not None:
            reader, origin = access.of(request), access.origin(request)
            actions.revoke(held, access=reader, origin=origin)

    return _done(request, user, take, _("Role taken away."))


@require_POST
def demote(request: HttpRequest, username: str) -> HttpResponse:
    """Take the whole workspace away from an account that was made on the machine."""
    user = _found(request, username)
    reader, origin = access.of(request), access.origin(request)
    return _done(
        request,
        user,
        lambda: actions.demote(user, access=reader, origin=origin),
        _("Role taken away."),
    )


@require_POST
def switch(request: HttpRequest, username: str) -> HttpResponse:
    """Switch an account off, or on again."""
    user = _found(request, username)
    on = request.POST.get("on") == "1"
    reader, origin = access.of(request), access.origin(request)
    return _done(
        request,
        user,
        lambda: actions.switch(user, on=on, access=reader, origin=origin),
        _("Account switched on.") if on else _("Account switched off; its sessions have ended."),
    )


@never_cache
@require_POST
def link(request: HttpRequest, username: str) -> HttpResponse:
    """Make a link by which somebody sets a new password, and show it once."""
    user = _found(request, username)
    try:
        secret = actions.make_link(user, access=access.of(request), origin=access.origin(request))
    except StateError as error:
        return _shown(request, user, error=error)
    key = urlsafe_base64_encode(force_bytes(user.pk))
    scheme = "https" if settings.HTTPS else request.scheme
    path = reverse("reset", args=[key, secret])
    return _shown(request, user, link=f"{scheme}://{request.get_host()}{path}")


@require_POST
def remove_second_factor(request: HttpRequest, username: str) -> HttpResponse:
    """Remove the second factor of somebody who lost it."""
    user = _found(request, username)
    reader, origin = access.of(request), access.origin(request)
    return _done(
        request,
        user,
        lambda: actions.remove_second_factor(user, access=reader, origin=origin),
        _("Second factor removed."),
    )


@require_POST
def revoke_tokens(request: HttpRequest, username: str) -> HttpResponse:
    """End every token of somebody."""
    user = _found(request, username)
    reader, origin = access.of(request), access.origin(request)
    return _done(
        request,
        user,
        lambda: actions.revoke_tokens(user, access=reader, origin=origin),
        _("Tokens ended."),
    )


def _manager(request: HttpRequest) -> Access:
    """Return the reader's access; to whoever administers nothing there are no people (404)."""
    reader = access.of(request)
    if not reader.may_anywhere("administer"):
        raise Http404(request.path)
    return reader


def _found(request: HttpRequest, username: str) -> User:
    return selectors.found(access.of(request), username)


def _done(
    request: HttpRequest,
    user: User,
    act: Callable[[], object],
    said: object,
    *,
    given: dict[str, str] | None = None,
) -> HttpResponse:
    """Do something to an account and show it again; what cannot be done is said on its page."""
    try:
        act()
    except (InputError, NotAllowedError, StateError) as error:
        return _shown(request, user, error=error, given=given)
    messages.success(request, str(said))
    if not selectors.visible(access.of(request)).filter(pk=user.pk).exists():
        return HttpResponseRedirect(reverse("people"))
    return HttpResponseRedirect(reverse("person", args=[user.get_username()]))


def _shown(
    request: HttpRequest,
    user: User,
    *,
    error: ZonewrightError | None = None,
    given: dict[str, str] | None = None,
    link: str = "",
) -> HttpResponse:
    reader = access.of(request)
    user.refresh_from_db()
    context = {
        "person": selectors.people(reader, [user])[0],
        "tokens": user.tokens.filter(revoked_at=None).select_related("zone"),
        "is_keeper": selectors.keeps(reader, user),
        "is_oneself": user == request.user,
        "given": given or {},
        "error": error.text(language.current()) if error else "",
        "link": link,
        **_choices(reader),
    }
    return page(request, "person.html", context, status=status_of(error) if error else 200)


def _choices(reader: Access) -> dict[str, object]:
    """Return what forms offer: roles, the reader's zones, hierarchies."""
    lang = language.current()
    return {
        "roles": [(role.code, role.label(lang)) for role in roles().values()],
        "zones": [
            (zone.code, language.choose(zone.name, zone.name_en))
            for zone in selectors.zones_to_grant(reader)
        ],
        "hierarchies": [
            (code, words.choice(code, "memberships.hierarchy"))
            for code in words.order("memberships.hierarchy")
        ],
        "is_everywhere": reader.may("administer"),
    }


def _one_of(given: str, known: object) -> str:
    return given if given in known else ""  # type: ignore[operator]
