"""Addresses of the desk: people, the reader's own account, and the audit trail."""

from __future__ import annotations

from django.urls import URLPattern, path

from zonewright.web.views import account, audit, people, reset, sign_in

urlpatterns: list[URLPattern] = [
    path("sign-in/second-factor/", sign_in.ask_second_factor, name="second-factor"),
    path("reset/<str:key>/<str:secret>/", reset.reset, name="reset"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new, name="person-new"),
    path("people/<str:username>/", people.person, name="person"),
    path("people/<str:username>/roles/", people.grant, name="person-grant"),
    path("people/<str:username>/roles/<int:grant_id>/end/", people.revoke, name="person-revoke"),
    path("people/<str:username>/roles/everything/end/", people.demote, name="person-demote"),
    path("people/<str:username>/state/", people.switch, name="person-switch"),
    path("people/<str:username>/link/", people.link, name="person-link"),
    path(
        "people/<str:username>/second-factor/end/",
        people.remove_second_factor,
        name="person-second-factor-end",
    ),
    path("people/<str:username>/tokens/end/", people.revoke_tokens, name="person-tokens-end"),
    path("account/", account.account, name="account"),
    path("account/password/", account.change_password, name="account-password"),
    path("account/language/", account.change_language, name="account-language"),
    path("account/second-factor/", account.begin_second_factor, name="account-second-factor"),
    path(
        "account/second-factor/code.svg",
        account.second_factor_image,
        name="account-second-factor-image",
    ),
    path(
        "account/second-factor/confirm/",
        account.confirm_second_factor,
        name="account-second-factor-confirm",
    ),
    path(
        "account/second-factor/codes/",
        account.renew_recovery_codes,
        name="account-second-factor-codes",
    ),
    path(
        "account/second-factor/end/",
        account.turn_off_second_factor,
        name="account-second-factor-end",
    ),
    path("account/tokens/", account.make_token, name="account-tokens"),
    path("account/tokens/<int:token_id>/end/", account.end_token, name="account-token-end"),
    path("audit/", audit.audit, name="audit"),
    path("audit/audit.<str:kind>", audit.audit_file, name="audit-file"),
]
