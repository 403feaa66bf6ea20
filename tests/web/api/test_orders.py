"""Supervision orders through the API: listed, chosen, read with steps and evidence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.web.api.conftest import Holder, Program
from zonewright.store.models import Attachment, Blob, Order, OrderStep, Zone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def orders(workspace: None) -> dict[str, Order]:
    """An overdue one of S1, one replied with a file, a closed one, and one of P1."""
    late = timezone.localdate() - timedelta(days=5)
    far = late + timedelta(days=90)
    made = {
        "late": given("DB-2023-0001", "S1", due=late),
        "replied": given("DB-2023-0002", "S1", due=far, state="replied", owner="李工"),
        "closed": given("DB-2023-0003", "S1", due=late, state="closed", closed=late),
        "other": given("DB-2023-0004", "P1", due=far),
    }
    step = OrderStep.objects.create(
        of=made["replied"], action="replied", by="李工", text="已开工，附照片"
    )
    blob = Blob.objects.create(sha256="0" * 64, size=3, media_type="image/png", content=b"abc")
    Attachment.objects.create(
        record=f"order_step:{step.pk}", name="现场.png", blob=blob, added_by="李工"
    )
    return made


def given(
    code: str, zone: str, *, due: date, state: str = "open", owner: str = "",
    closed: date | None = None,
) -> Order:  # fmt: skip
    found = Order.objects.create(
        code=code, matter=code, zone=Zone.objects.get(code=zone), period="2023-10", title="事项",
        owner=owner, due_on=due, state=state, raised_on=date(2023, 11, 8), raised_by="吴",
        closed_on=closed,
    )  # fmt: skip
    OrderStep.objects.create(of=found, action="raised", by="吴")
    return found


def codes(program: Program, query: str = "") -> list[str]:
    answer = program.get(f"/api/v1/orders{query}")
    assert answer.status_code == 200, answer.content
    return [item["code"][-1] for item in answer.json()["items"]]


def test_orders_are_listed_and_chosen(everything: Program) -> None:
    assert codes(everything) == ["4", "3", "2", "1"]
    assert codes(everything, "?zone=S1") == ["3", "2", "1"]
    assert codes(everything, "?state=active&zone=S1") == ["2", "1"]
    assert codes(everything, "?state=closed") == ["3"]
    assert codes(everything, "?overdue=true") == ["1"]
    assert codes(everything, "?owner=李工") == ["2"]
    assert codes(everything, "?zone=none") == []


def test_pages_follow_one_another(everything: Program) -> None:
    seen: list[str] = []
    address: str | None = "/api/v1/orders?limit=3"
    while address:
        page = everything.get(address).json()
        seen += [item["code"][-1] for item in page["items"]]
        address = page["next"]
    assert seen == ["4", "3", "2", "1"]


def test_an_order_is_read_with_its_steps_and_evidence(
    everything: Program, orders: dict[str, Order]
) -> None:
    found = everything.get(f"/api/v1/orders/{orders['replied'].pk}").json()
    assert (found["code"], found["state"], found["last_reply"]) == (
        "DB-2023-0002", "replied", "已开工，附照片",
    )  # fmt: skip
    assert [step["action"] for step in found["steps"]] == ["raised", "replied"]
    (proof,) = found["steps"][1]["evidence"]
    assert everything.get(proof["href"]).content == b"abc"
    late = everything.get(f"/api/v1/orders/{orders['late'].pk}").json()
    assert late["overdue_days"] == 5


def test_a_reader_of_one_zone_sees_its_orders_only(
    holder: Holder, orders: dict[str, Order]
) -> None:
    program = holder(("viewer", "P1"))
    assert codes(program) == ["4"]
    assert program.get(f"/api/v1/orders/{orders['late'].pk}").status_code == 404


def test_what_cannot_be_asked_is_told(everything: Program) -> None:
    for query, status in {"state=gone": 422, "nope=1": 400, "after=x": 400, "limit=0": 422}.items():
        assert everything.get(f"/api/v1/orders?{query}").status_code == status, query
    assert everything.send("POST", "/api/v1/orders", {}).status_code == 405
