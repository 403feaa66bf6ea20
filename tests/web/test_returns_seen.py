"""A checker passes the version that they looked at, and no other that came meanwhile."""

from __future__ import annotations

import re

import pytest

from tests.web import return_ground as ground
from tests.web.test_returns import sign_in, told
from zonewright.store.models import Return
from zonewright.workflows import returns

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people(workspace: None) -> None:
    ground.people()


def seen(page: str) -> str:
    match = re.search(r'name="seen" value="(\d+)"', page)
    assert match is not None
    return match[1]


def test_a_version_that_nobody_looked_at_is_not_passed() -> None:
    number, client = ground.submitted(), sign_in("chen")
    address = f"/returns/{number}/step/check/"
    opened = seen(client.get(address).content.decode())
    assert opened == "1"
    # Another checker sends it back meanwhile, and the zone hands in again.
    returns.send_back(number, ground.access("chen"), origin="test", remark="核对")
    ground.typed(number, [("works", "W1", "physical_pct", "62")])
    returns.submit(number, ground.access("rui"), origin="test")
    refused = client.post(address, {"seen": opened})
    assert refused.status_code == 409
    assert "Version 2 came meanwhile" in told(refused.content.decode())
    assert Return.objects.get(pk=number).state == "submitted"
    now = seen(client.get(address).content.decode())
    assert client.post(address, {"seen": now}).status_code == 302
    approver, last = sign_in("anna"), f"/returns/{number}/step/approve/"
    assert approver.post(last, {"seen": "1"}).status_code == 409
    assert approver.post(last, {"seen": "2"}).status_code == 302
    assert Return.objects.get(pk=number).state == "locked"
