"""Setting a password by an administrator's link: the first one, or a new one for who forgot it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zonewright.core.errors import InputError, StateError, ZonewrightError
from zonewright.store.actions import people as actions
from zonewright.store.models import User
from zonewright.web import access, language
from zonewright.web.middleware import status_of
from zonewright.web.page import page

# The secret leaves the address at once, so that it stands in no history, log or referrer after.
_HIDDEN = "set"
_KEPT = "reset"


@login_not_required
@never_cache
@sensitive_post_parameters("new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, key: str, secret: str) -> HttpResponse:
    """Let the holder of an account set its password by a link."""
    user = _user(key)
    if secret != _HIDDEN:
        if user is None or not actions.opens(user, secret):
            return _answer(request, user=None, error=StateError("link-outdated"))
        request.session[_KEPT] = secret
        return HttpResponseRedirect(reverse("reset", args=[key, _HIDDEN]))
    kept = str(request.session.get(_KEPT, ""))
    if user is None or not actions.opens(user, kept):
        return _answer(request, user=None, error=StateError("link-outdated"))
    if request.method != "POST":
        return _answer(request, user=user)
    try:
        new = request.POST.get("new", "")
        if new != request.POST.get("again", ""):
            raise InputError("password-again-differs")
        actions.set_password_by_link(user, kept, new, origin=access.origin(request))
    except InputError as error:
        return _answer(request, user=user, error=error)
    request.session.flush()
    messages.success(request, _("Password set. Sign in with it."))
    return HttpResponseRedirect(reverse("sign-in"))


def _user(key: str) -> User | None:
    try:
        number = int(urlsafe_base64_decode(key).decode("ascii"))
    except ValueError:
        return None
    return User.objects.filter(pk=number).first()


def _answer(
    request: HttpRequest, *, user: User | None, error: ZonewrightError | None = None
) -> HttpResponse:
    context = {
        "name": user.get_username() if user else "",
        "error": error.text(language.current()) if error else "",
    }
    status = status_of(error) if error else 200
    return page(request, "reset.html", context, status=status)
