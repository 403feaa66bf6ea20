"""Programs that bring a token, each with what its holder was granted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from tests.web import sample
from zonewright.store import places
from zonewright.store.access import access_of
from zonewright.store.actions import tokens
from zonewright.store.models import Grant, User, Zone

Holder = Callable[..., "Program"]


class Program(Client):
    """A client that sends a token and reads JSON."""

    def __init__(self, token: str = "", language: str = "en") -> None:
        headers = {"accept-language": language}
        if token:
            headers["authorization"] = f"Bearer {token}"
        super().__init__(headers=headers)

    def send(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> HttpResponse | Any:
        """Send JSON."""
        text = "" if body is None else json.dumps(body)
        return self.generic(
            method, path, text, content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )  # fmt: skip


def token_of(user: User, **limits: Any) -> str:
    """Return the text of a new token."""
    text, _ = tokens.issue(user, "test", access=access_of(user), **limits)
    return text


def account(name: str, *grants: tuple[str, str | None]) -> User:
    """Return a new account with roles in zones; None is the whole workspace."""
    user = User.objects.create_user(name, password=sample.PASSWORD)
    for role, code in grants:
        zone = None if code is None else Zone.objects.get(code=code)
        Grant.objects.create(user=user, role=role, zone=zone)
    return user


@pytest.fixture(autouse=True)
def _unhurried(settings: Settings) -> None:
    settings.API_RATES = dict.fromkeys(("read", "write", "refused"), 1_000_000)
    caches["rates"].clear()


@pytest.fixture
def land(workspace: None) -> None:
    """The small workspace, every record in its place."""
    administrator = User.objects.get(username=sample.USER)
    administrator.is_superuser = True
    administrator.save()
    places.locate()


@pytest.fixture
def everything(land: None) -> Program:
    """A program that may do everything."""
    return Program(token_of(User.objects.get(username=sample.USER)))


@pytest.fixture
def holder(land: None) -> Holder:
    """Return a program of a new account with roles in zones."""

    def make(*grants: tuple[str, str | None], language: str = "en", **limits: Any) -> Program:
        user = account(f"user{User.objects.count()}", *grants)
        return Program(token_of(user, **limits), language)

    return make
