"""Signing in and out; guessing is slowed down by `zonewright.web.throttle`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from zonewright.web import throttle


class SignInForm(AuthenticationForm):
    """Name and password; refuses to look at them while the name must wait."""

    error_messages = {
        "invalid_login": _(
            "This name and password do not belong together. Both distinguish capital letters."
        ),
        "inactive": _("This account is switched off. Ask whoever keeps the workspace."),
        "locked": _(
            "Too many failed attempts. Wait 15 minutes, then try again, or ask whoever keeps the "
            "workspace for a new password."
        ),
    }

    def clean(self) -> dict[str, Any]:
        """Check the pair, counting failures by name and address."""
        username = self.cleaned_data.get("username", "")
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        if throttle.is_locked(username, address):
            raise ValidationError(self.error_messages["locked"], code="locked")
        try:
            cleaned = super().clean()
        except ValidationError:
            throttle.note_failure(username, address)
            raise
        if self.get_user() is not None:
            throttle.forget(username, address)
        return cleaned or {}


class SignIn(LoginView):
    """The sign-in page."""

    template_name = "desk/sign-in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Sign out (POST) and return to the sign-in page."""
