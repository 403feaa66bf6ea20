"""What the desk keeps as long as the tables that it rests on stay as they are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web import sample
from zonewright.store.access import access_of
from zonewright.store.models import Grant, Parcel, Place, User, Workspace, Zone
from zonewright.store.places import locate
from zonewright.store.selectors.sessions import all_tokens, session

pytestmark = pytest.mark.django_db

TILE = "/tiles/zones/8/208/111.mvt"


@pytest.fixture
def signed_in(workspace: None, client: Client) -> Client:
    client.force_login(User.objects.get(username=sample.USER))
    return client


def asked(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in queries]


def test_a_tile_asked_again_takes_one_query(signed_in: Client) -> None:
    signed_in.get(TILE)
    (sql,) = asked(signed_in, TILE)
    assert "django_session" in sql


def test_who_is_switched_off_is_out_with_the_next_request(signed_in: Client) -> None:
    assert signed_in.get("/").status_code == 200
    User.objects.filter(username=sample.USER).update(is_active=False)
    assert signed_in.get("/").status_code == 302


def test_another_password_ends_what_was_signed_in_before(signed_in: Client) -> None:
    assert signed_in.get("/").status_code == 200
    user = User.objects.get(username=sample.USER)
    user.set_password("another-long-password")
    user.save()
    assert signed_in.get("/").status_code == 302


def test_a_grant_shows_with_the_next_request(workspace: None, client: Client) -> None:
    user = User.objects.create(username="new")
    client.force_login(user)
    zone = Zone.objects.first()
    assert zone is not None
    path = f"/zones/{zone.code}/"
    assert client.get(path).status_code == 404
    grant = Grant.objects.create(user=user, role="viewer", zone=zone)
    assert client.get(path).status_code == 200
    grant.delete()
    assert client.get(path).status_code == 404


def test_what_a_reader_is_given_is_their_own_copy(signed_in: Client) -> None:
    first = signed_in.get("/").wsgi_request.user
    first.username = "somebody else"
    assert signed_in.get("/").wsgi_request.user.username == sample.USER


def test_the_title_of_the_workspace_is_that_of_now(signed_in: Client) -> None:
    signed_in.get("/")
    Workspace.objects.update(title="另一个名字", title_en="Another name")
    page = signed_in.get("/").content.decode()
    assert "另一个名字" in page or "Another name" in page


def test_a_session_comes_with_every_token(signed_in: Client) -> None:
    key = signed_in.session.session_key
    found = session(key, User.objects.get(username=sample.USER).date_joined)
    assert found is not None
    assert dict(found.tokens) == all_tokens()


def test_more_places_than_a_list_may_hold_are_asked_for_by_a_subquery(
    workspace: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    locate()
    user = User.objects.create(username="new")
    for zone in Zone.objects.all():
        Grant.objects.create(user=user, role="viewer", zone=zone)
    access = access_of(user)
    few = set(access.narrow(Parcel.objects.all()).values_list("pk", flat=True))
    assert few
    assert Place.objects.count() > 1
    monkeypatch.setattr("zonewright.store.access._MOST_PLACES", 1)
    assert set(access.narrow(Parcel.objects.all()).values_list("pk", flat=True)) == few
