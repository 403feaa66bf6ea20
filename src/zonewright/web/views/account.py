"""A reader's own account: who they are, password, language, second factor, tokens."""

from __future__ import annotations

import io
from base64 import b32encode
from binascii import unhexlify
from typing import cast

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from django_otp.plugins.otp_totp.models import TOTPDevice

from zonewright.core.errors import (
    InputError,
    RangeError,
    StateError,
    UnknownReferenceError,
    ZonewrightError,
)
from zonewright.core.schema import table
from zonewright.store.access import roles
from zonewright.store.actions import second_factor, tokens, users
from zonewright.store.mapping import is_key
from zonewright.store.models import ApiToken, User, Zone
from zonewright.web import access, language, lockout, sessions, words
from zonewright.web.middleware import status_of
from zonewright.web.page import page
from zonewright.web.views.sign_in import keep_language

ISSUER = "Zonewright"
DAYS = (30, 90, 180, 365)


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show the reader's account."""
    return _shown(request)


@sensitive_post_parameters("old", "new", "again")
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the reader's password; their other sessions end."""
    user = _user(request)
    try:
        _require_password(request, request.POST.get("old", ""))
        new = request.POST.get("new", "")
        if new != request.POST.get("again", ""):
            raise InputError("password-again-differs")
        changed = users.set_password(
            user.get_username(), new, by=user.get_username(), origin=access.origin(request)
        )
    except (InputError, StateError) as error:
        return _shown(request, error=error, part="password")
    update_session_auth_hash(request, changed)
    messages.success(request, _("Password changed. Your other sessions have ended."))
    return _back()


@require_POST
def change_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in which the reader sees the desk, also in other browsers."""
    wanted = request.POST.get("language", "")
    if wanted not in dict(settings.LANGUAGES):
        raise Http404(wanted)
    users.set_language(_user(request), wanted, origin=access.origin(request))
    response = _back()
    keep_language(response, wanted)
    return response


@never_cache
@require_POST
def begin_second_factor(request: HttpRequest) -> HttpResponse:
    """Begin a second factor: the page shows its code to be scanned until it is confirmed."""
    try:
        second_factor.begin(_user(request))
    except StateError as error:
        return _shown(request, error=error, part="second-factor")
    return HttpResponseRedirect(reverse("account") + "#second-factor")


@never_cache
@require_safe
def second_factor_image(request: HttpRequest) -> HttpResponse:
    """Return the QR code of a second factor that waits to be confirmed."""
    device = _waiting(_user(request))
    if device is None:
        raise Http404(request.path)
    file = io.BytesIO()
    segno.make(_config_url(device), error="m").save(
        file,
        kind="svg",
        scale=5,
        border=4,
        dark="#000",
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    response = HttpResponse(file.getvalue(), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "no-store, private"
    return response


@never_cache
@sensitive_post_parameters("code")
@require_POST
def confirm_second_factor(request: HttpRequest) -> HttpResponse:
    """Turn the second factor on by its first code, and show the recovery codes once."""
    try:
        device, codes = second_factor.confirm(
            _user(request), request.POST.get("code", ""), origin=access.origin(request)
        )
    except (InputError, StateError) as error:
        return _shown(request, error=error, part="second-factor")
    sessions.accept(request, device.pk)
    return _shown(request, codes=codes)


@never_cache
@sensitive_post_parameters("old")
@require_POST
def renew_recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, and show them once."""
    try:
        _require_password(request, request.POST.get("old", ""))
        codes = second_factor.renew_codes(_user(request), origin=access.origin(request))
    except (InputError, StateError) as error:
        return _shown(request, error=error, part="second-factor")
    return _shown(request, codes=codes)


@sensitive_post_parameters("old")
@require_POST
def turn_off_second_factor(request: HttpRequest) -> HttpResponse:
    """Turn the reader's second factor off; needs their password."""
    try:
        _require_password(request, request.POST.get("old", ""))
        second_factor.turn_off(_user(request), origin=access.origin(request))
    except (InputError, StateError) as error:
        return _shown(request, error=error, part="second-factor")
    messages.success(request, _("Second factor turned off."))
    return _back()


@never_cache
@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a token for a program of the reader, and show it once."""
    given = {
        name: request.POST.get(name, "").strip()
        for name in ("name", "role", "zone", "hierarchy", "days")
    }
    try:
        text, token = tokens.issue(
            _user(request),
            given["name"],
            role=given["role"],
            zone=_zone(request, given["zone"]),
            hierarchy=_hierarchy(given["hierarchy"]),
            days=_days(given["days"]),
            access=access.of(request),
            origin=access.origin(request),
        )
    except InputError as error:
        return _shown(request, error=error, part="tokens", given=given)
    return _shown(request, made=(text, token))


@require_POST
def end_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of the reader's tokens."""
    token = ApiToken.objects.filter(user=_user(request), pk=token_id).first()
    if token is None:
        raise Http404(request.path)
    if tokens.revoke(token, access=access.of(request), origin=access.origin(request)):
        messages.success(request, _("Token ended."))
    return HttpResponseRedirect(reverse("account") + "#tokens")


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("account"))


def _require_password(request: HttpRequest, password: str) -> None:
    if lockout.is_password(request, _user(request), password):
        return
    if lockout.was_refused(request):
        raise StateError("password-locked")
    if lockout.has_begun(request):
        name = _user(request).get_username()
        users.note_session("lock out", name, origin=access.origin(request))
    raise InputError("password-old-wrong")


def _waiting(user: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


def _config_url(device: TOTPDevice) -> str:
    return str(device.config_url)


def _secret(device: TOTPDevice) -> str:
    """Return the secret as apps take it by hand, in groups of four."""
    text = b32encode(unhexlify(device.key)).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _zone(request: HttpRequest, code: str) -> Zone | None:
    if not code:
        return None
    zone = Zone.objects.filter(code=code).first()
    if zone is None or not access.of(request).may("view", code):
        raise UnknownReferenceError("zone-not-seen", zone=code)
    return zone


def _hierarchy(code: str) -> str:
    known = table("memberships")["hierarchy"].choices
    if code and code not in known:
        raise UnknownReferenceError("hierarchy-unknown", name=code, known=", ".join(known))
    return code


def _days(text: str) -> int:
    if not is_key(text):
        raise RangeError("token-days", days=text, most=tokens.MOST_DAYS)
    return int(text)


def _shown(
    request: HttpRequest,
    *,
    error: ZonewrightError | None = None,
    part: str = "",
    codes: tuple[str, ...] = (),
    made: tuple[str, ApiToken] | None = None,
    given: dict[str, str] | None = None,
) -> HttpResponse:
    """Return the account page; a fault stands beside the part that it concerns."""
    user, lang = _user(request), language.current()
    reader = access.of(request)
    own = reader.zones()
    zones = Zone.objects.all() if own is None else Zone.objects.filter(code__in=own)
    waiting = _waiting(user)
    context = {
        "grants": user.grants.select_related("zone"),
        "languages": settings.LANGUAGES,
        "language_kept": user.language or get_language(),
        "has_second_factor": second_factor.device_of(user) is not None,
        "codes_left": second_factor.codes_left(user),
        "secret": _secret(waiting) if waiting else "",
        "codes": codes,
        "tokens": user.tokens.filter(revoked_at=None).select_related("zone"),
        "made": made,
        "days": DAYS,
        "given": given or {"days": str(tokens.DEFAULT_DAYS)},
        "roles": [(role.code, role.label(lang)) for role in roles().values()],
        "zones": [(zone.code, language.choose(zone.name, zone.name_en)) for zone in zones],
        "hierarchies": [
            (code, words.choice(code, "memberships.hierarchy"))
            for code in words.order("memberships.hierarchy")
        ],
        "error": error.text(lang) if error else "",
        "part": part,
    }
    return page(request, "account.html", context, status=status_of(error) if error else 200)
