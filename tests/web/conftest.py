"""A filled workspace and readers of the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from tests.web import sample
from zonewright.store.indicators import sync_indicators
from zonewright.store.models import User
from zonewright.store.selectors import _counts
from zonewright.web import tiles
from zonewright.web.tiles import cache as cache_of_tiles
from zonewright.workflows import standing

LANGUAGES = ("zh-hans", "en")
Reader = Callable[[str], Client]


@pytest.fixture(scope="session", autouse=True)
def _key() -> Iterator[None]:
    """Give the session a key; Django's own override cannot put an empty one back."""
    django_settings.SECRET_KEY = "for-the-tests-of-the-desk-only-" + "0" * 40
    yield
    django_settings.SECRET_KEY = ""


@pytest.fixture(autouse=True)
def _quick_hasher(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()
    tiles.forget()  # a test's changes are rolled back without a trace


@pytest.fixture(autouse=True)
def _figures_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute figures while the reader waits, however slow the machine is."""
    monkeypatch.setattr(standing._keeper, "_quick_s", float("inf"))
    monkeypatch.setattr(_counts, "QUICK_S", float("inf"))
    monkeypatch.setattr(cache_of_tiles, "LONG_S", float("inf"))


@pytest.fixture
def empty(db: None) -> None:
    """A workspace with an account and nothing else."""
    sync_indicators()
    sample.title()
    sample.user()


@pytest.fixture
def workspace(empty: None) -> None:
    """The small workspace of `sample`."""
    sample.fill(rows=6)


@pytest.fixture
def anonymous() -> Client:
    """Somebody who has not signed in."""
    return Client(headers={"accept-language": "zh-CN"})


@pytest.fixture
def reader() -> Reader:
    """Return a signed-in client that reads a language."""

    def sign_in(language: str) -> Client:
        client = Client(headers={"accept-language": "zh-CN"})
        client.force_login(User.objects.get(username=sample.USER))
        client.cookies["zonewright_language"] = language
        return client

    return sign_in


@pytest.fixture
def client(reader: Reader) -> Client:
    """A signed-in reader of Chinese."""
    return reader("zh-hans")


@pytest.fixture
def english(reader: Reader) -> Client:
    """A signed-in reader of English."""
    return reader("en")
