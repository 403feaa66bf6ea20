"""Readers who hold roles in some zones only."""

from __future__ import annotations

import re

from django.test import Client

from zonewright.store.models import Grant, User, Zone


def reader_with(
    role: str = "", *zones: str | None, hierarchy: str = "", language: str = "en"
) -> Client:
    """Return a signed-in client of a new account.

    Parameters
    ----------
    role
        The role that it holds; empty for none.
    zones
        Where; None means the whole workspace.
    hierarchy
        The hierarchy that says what lies in a zone; empty means every one.
    language
        Language that it reads.
    """
    user = User.objects.create(username=f"{role or 'nobody'}-{User.objects.count()}")
    for code in zones:
        zone = None if code is None else Zone.objects.get(code=code)
        Grant.objects.create(user=user, role=role, zone=zone, hierarchy=hierarchy)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    client.cookies["zonewright_language"] = language
    return client


def names(page: str, code: str) -> bool:
    """Tell whether a page holds a code as a word of its own.

    A short code also turns up by chance within the page's tokens, which are random letters
    without a break.
    """
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(code)}(?![0-9A-Za-z])", page) is not None
