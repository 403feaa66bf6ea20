"""Whoever holds a role in one zone reads nothing of the others, not even beside their own."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web.readers import names, reader_with
from zonewright.store.models import Parcel, ZoneVersion

pytestmark = pytest.mark.django_db
OTHERS = ("Z1", "D1", "E1")


@pytest.fixture
def parcel(workspace: None) -> Parcel:
    """A parcel in G1 and in the zones that lie across it."""
    inside = Parcel.objects.filter(place__zones__code="G1").filter(place__zones__code="E1")
    found = inside.first()
    assert found is not None
    return found


def page(client: Client, parcel: Parcel) -> str:
    return client.get(f"/records/parcels/{parcel.pk}/").content.decode()


def outlines(text: str) -> int:
    return text.count('<path class="boundary"')


def test_a_record_names_only_the_zones_that_are_seen(parcel: Parcel, english: Client) -> None:
    text = page(reader_with("viewer", "G1"), parcel)
    assert "/zones/G1/" in text
    assert not [code for code in OTHERS if f"/zones/{code}/" in text]
    assert [code for code in OTHERS if f"/zones/{code}/" in page(english, parcel)]


def test_a_program_is_told_no_other_zones_of_a_record(parcel: Parcel, english: Client) -> None:
    address = f"/api/v1/parcels/parcel:{parcel.pk}"
    viewer = reader_with("viewer", "G1")
    assert viewer.get(address).json()["zones"] == ["G1"]
    assert viewer.get("/api/v1/parcels").json()["items"][0]["zones"] == ["G1"]
    assert set(OTHERS) <= set(english.get(address).json()["zones"])


def test_the_sketch_of_a_viewer_is_the_one_without_others(parcel: Parcel, english: Client) -> None:
    mine = outlines(page(reader_with("viewer", "G1"), parcel))
    assert mine < outlines(page(english, parcel))
    ZoneVersion.objects.exclude(zone__code__in=("G1", "CITY", "D1", "D2")).delete()
    assert mine == outlines(page(english, parcel))


def test_a_refusal_names_no_zone_that_is_not_seen(parcel: Parcel) -> None:
    answer = reader_with("viewer", "G1").get(f"/records/parcels/{parcel.pk}/edit/")
    assert answer.status_code == 403
    text = answer.content.decode()
    assert names(text, "G1")
    assert not [code for code in OTHERS if names(text, code)]
