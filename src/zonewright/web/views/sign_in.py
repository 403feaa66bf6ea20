"""Signing in, by password and second factor, and signing out.

Guessing is slowed down by `zonewright.web.lockout` and, for codes, by the second factor itself.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zonewright.store.actions import second_factor
from zonewright.store.actions.users import note_session
from zonewright.store.models import User
from zonewright.web import access, lockout, sessions
from zonewright.web.page import page

TOO_OFTEN = _(
    "Too many failed attempts. Wait 15 minutes, then try again, or ask whoever keeps the "
    "workspace for a new password."
)


class SignInForm(AuthenticationForm):
    """Name and password; says whether they were not looked at because the name must wait."""

    error_messages = {
        "invalid_login": _(
            "This name and password do not belong together. Both distinguish capital letters."
        ),
    }

    def clean(self) -> dict[str, Any]:
        """Check the pair; failures are counted by `zonewright.web.lockout`."""
        try:
            return super().clean() or {}
        except ValidationError as error:
            request = cast(HttpRequest, self.request)
            if lockout.was_refused(request):
                raise ValidationError(TOO_OFTEN, code="locked") from error
            self._note(request)
            raise

    def _note(self, request: HttpRequest) -> None:
        name, where = self.cleaned_data.get("username", ""), access.origin(request)
        note_session("fail to sign in", name, origin=where)
        if lockout.has_begun(request):
            note_session("lock out", name, origin=where)


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """The sign-in page."""

    template_name = "desk/sign-in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        """Add why an earlier session ended, once."""
        ended = self.request.session.pop(sessions.ENDED, "") if self.request.method == "GET" else ""
        return super().get_context_data(
            ended=ended, idle_minutes=settings.SESSION_IDLE_S // 60, **given
        )

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, or ask for the second factor first."""
        user = form.get_user()
        response = super().form_valid(form)
        self.request.session.clear_expired()
        if second_factor.device_of(user) is not None:
            onward = urlencode({"next": self.get_success_url()})
            return HttpResponseRedirect(f"{reverse('second-factor')}?{onward}")
        return welcome(self.request, user, response)


@method_decorator(login_not_required, name="dispatch")
class SignOut(LogoutView):
    """Sign out (POST) and return to the sign-in page."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Note it and end the session."""
        if request.user.is_authenticated:
            note_session("sign out", request.user.get_username(), origin=access.origin(request))
        return super().post(request, *args, **kwargs)


@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def ask_second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of whoever gave a right password."""
    user = sessions.pending(request)
    onward = _onward(request)
    if user is None:
        return HttpResponseRedirect(onward if request.user.is_authenticated else _sign_in(onward))
    context: dict[str, object] = {"next": onward, "name": user.get_username()}
    if request.method != "POST":
        return page(request, "second-factor.html", context)
    verdict = second_factor.verify(user, request.POST.get("code", ""))
    if not verdict.kind:
        return _refuse(request, user, verdict, context)
    device = second_factor.device_of(user)
    sessions.accept(request, device.pk if device else 0)
    if verdict.kind == "recovery":
        left = second_factor.codes_left(user)
        text = _("Signed in with a recovery code; it is used up, %(left)s are left.")
        messages.warning(request, text % {"left": left})
    return welcome(request, user, HttpResponseRedirect(onward))


def _refuse(
    request: HttpRequest, user: User, verdict: second_factor.Verdict, context: dict[str, object]
) -> HttpResponse:
    if verdict.wait_s:
        text = _("Too many wrong codes. Wait %(seconds)s seconds, then enter the present code.")
        context["error"] = text % {"seconds": verdict.wait_s}
        response = page(request, "second-factor.html", context, status=429)
        response.headers["Retry-After"] = str(verdict.wait_s)
        return response
    name, where = user.get_username(), access.origin(request)
    note_session("fail to sign in", name, origin=where, reason="second factor")
    context["error"] = _("This code is wrong, or was used already. Enter the one shown now.")
    return page(request, "second-factor.html", context)


def welcome(request: HttpRequest, user: User, response: HttpResponse) -> HttpResponse:
    """Note a sign-in and give the browser the person's language, unless it has one."""
    note_session("sign in", user.get_username(), origin=access.origin(request))
    if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        keep_language(response, user.language)
    return response


def keep_language(response: HttpResponse, language: str) -> None:
    """Let the browser ask in a language from now on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def _onward(request: HttpRequest) -> str:
    """Return the page that was asked for, if it is one of the desk."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_own = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_own else reverse(settings.LOGIN_REDIRECT_URL)


def _sign_in(onward: str) -> str:
    return f"{reverse('sign-in')}?{urlencode({'next': onward})}"
