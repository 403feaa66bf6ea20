"""Supervision orders and the meeting list on the desk: from a matter to a closed order."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.web.readers import reader_with
from tests.web.test_every_page import (
    ENGLISH,
    check_nothing_inline,
    check_structure,
    chinese_headings,
)
from zonewright.store.access import operator
from zonewright.store.actions import orders as actions
from zonewright.store.models import Attachment, AuditEntry, Order, Work, Zone
from zonewright.workflows import supervision

pytestmark = pytest.mark.django_db
MACHINE = operator("machine")
PDF = b"%PDF-1.7 a photo of the site"
PICTURE = b"\x89PNG\r\n\x1a\n...."


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def late(workspace: None, today: date) -> Work:
    """A work of S1 that should have started eighty days ago."""
    work = Work.objects.get(code="W0")
    planned = today - timedelta(days=80)
    Work.objects.filter(pk=work.pk).update(planned_start=planned, started_on=None, owner="李工")
    return work


@pytest.fixture
def order(workspace: None, today: date) -> Order:
    """An order to S1 that is five days overdue."""
    made = actions.give(
        "S1", "三季度盘活方案", due_on=today + timedelta(days=1), owner="李工", on=today,
        access=MACHINE, origin="",
    )  # fmt: skip
    Order.objects.filter(pk=made.pk).update(due_on=today - timedelta(days=5))
    return Order.objects.get(pk=made.pk)


@pytest.fixture
def proven(late: Work, today: date) -> Order:
    """An order of a rule that asks for evidence."""
    month = supervision.default_month(today)
    made = supervision.raise_orders(month, today, MACHINE, origin="")
    return next(item for item in made if item.subject == f"work:{late.pk}")


def text_of(client: Client, path: str) -> str:
    return html.unescape(client.get(path).content.decode())


def codes(page: str) -> set[str]:
    return set(re.findall(r"DB-\d{4}-\d{4}", page))


def file(name: str = "现场.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def answer(client: Client, number: int, **more: Any) -> int:
    form = {"text": "已进场施工，下月完成清表", "files": [file()], **more}
    return int(client.post(f"/orders/{number}/reply/", form).status_code)


# ---- The list -----------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do_next(workspace: None) -> None:
    assert 'href="/orders/month/"' in text_of(reader_with("approver", "S1"), "/orders/")
    page = text_of(reader_with("viewer", "S1"), "/orders/")
    assert "/orders/month/" not in page
    assert "Whoever approves for your zones gives orders" in page


def test_the_list_shows_the_order_with_its_delay(order: Order, client: Client) -> None:
    page = text_of(client, "/orders/")
    assert order.code in page
    assert "三季度盘活方案" in page
    assert "逾期 5 天" in page
    assert "应升级至园区主要负责人" in page


def test_the_list_is_filtered(order: Order, client: Client, today: date) -> None:
    other = actions.give("P1", "另一件", due_on=today, on=today, access=MACHINE, origin="")
    for query, expected in (
        ("", {order.code, other.code}),
        ("zone=S1", {order.code}),
        ("overdue=1", {order.code}),
        ("owner=李工", {order.code}),
        ("owner=role:reporter", {other.code}),
        ("state=closed", set()),
        ("state=strange", {order.code, other.code}),
    ):
        assert codes(text_of(client, f"/orders/?{query}")) == expected, query
    assert "没有符合条件的督办单" in text_of(client, "/orders/?state=closed")


def test_a_reader_of_one_zone_sees_its_orders_only(order: Order, today: date) -> None:
    actions.give("P1", "另一件", due_on=today, on=today, access=MACHINE, origin="")
    assert codes(text_of(reader_with("viewer", "P1"), "/orders/")).isdisjoint({order.code})
    assert codes(text_of(reader_with("viewer", "S1"), "/orders/")) == {order.code}


def test_a_long_list_takes_no_more_queries(
    order: Order, client: Client, today: date, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for number in range(30):
        actions.give("S1", f"事项{number}", due_on=today, on=today, access=MACHINE, origin="")
    with django_assert_max_num_queries(16):
        client.get("/orders/")


# ---- Strangers and other zones ------------------------------------------------------------------


PATHS = ("", "reply/", "evidence/", "accept/", "refuse/", "extend/", "escalate/", "withdraw/")


def test_an_order_of_another_zone_is_not_there(order: Order) -> None:
    for role in ("viewer", "reporter", "checker", "approver", "planner"):
        other = reader_with(role, "P1")
        for path in PATHS:
            address = f"/orders/{order.pk}/{path}"
            assert other.post(address, {"text": "x", "reason": "x"}).status_code in (404, 405)
            assert other.get(address).status_code in (404, 405), address
    assert Order.objects.get(pk=order.pk).state == "open"


def test_strangers_are_sent_to_sign_in(order: Order, anonymous: Client) -> None:
    for path in ("/orders/", f"/orders/{order.pk}/", "/orders/meeting/", "/orders/new/"):
        assert anonymous.get(path)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("role", ["viewer", "reporter", "checker", "planner"])
def test_only_who_approves_gives_orders(late: Work, role: str) -> None:
    reader = reader_with(role, "S1")
    for path in ("/orders/new/", "/orders/month/"):
        assert reader.get(path).status_code == 404
    for path in ("/orders/new/", "/orders/month/raise/", "/orders/month/escalate/"):
        assert reader.post(path, {"zone": "S1", "title": "x", "matter": "x"}).status_code == 404
    assert not Order.objects.exists()


# ---- Giving -------------------------------------------------------------------------------------


def test_what_the_rules_find_is_given_only_when_ticked(late: Work, today: date) -> None:
    head, on = reader_with("approver", "S1"), today.isoformat()
    page = text_of(head, f"/orders/month/?on={on}")
    key = f"gate|S1|start|work:{late.pk}"
    assert f'value="{key}" data-severity="high" checked' in page
    assert "80 days overdue" in page
    assert key in text_of(head, f"/orders/month/?on={on}&zone=S1")
    assert key not in text_of(head, f"/orders/month/?on={on}&zone=S2")
    assert not Order.objects.exists()
    assert head.post("/orders/month/raise/", {})["Location"].startswith("/orders/month/")
    assert not Order.objects.exists()
    head.post("/orders/month/raise/", {"on": on, "matter": [key, "made|up||"]})
    order = Order.objects.get()
    assert (order.matter, order.owner, order.rule) == (key, "李工", "gate-long-overdue")
    head.post("/orders/month/raise/", {"on": on, "matter": [key]})
    assert Order.objects.count() == 1
    assert order.code in text_of(head, f"/orders/month/?on={on}")


def test_only_grave_matters_are_ticked_at_first(late: Work, today: date) -> None:
    Work.objects.filter(pk=late.pk).update(planned_start=today - timedelta(days=20))
    page = text_of(reader_with("approver", "S1"), f"/orders/month/?on={today}")
    box = re.search(rf'<input[^>]*value="gate\|S1\|start\|work:{late.pk}"[^>]*>', page)
    assert box
    assert 'data-severity="middle"' in box[0]
    assert "checked" not in box[0]


def test_an_old_month_is_judged_as_of_a_day_that_can_be_chosen(late: Work) -> None:
    head = reader_with("approver", "S1")
    Work.objects.filter(pk=late.pk).update(planned_start=date(2023, 9, 1))
    path = "/orders/month/?month=2023-10"
    page = text_of(head, path)
    assert 'name="on" value="2023-11-30"' in page
    assert "90 days overdue" in page
    assert "Orders given here carry the day" in page
    assert "68 days overdue" in text_of(head, f"{path}&on=2023-11-08")
    # The day that was shown with another month does not stay when the month is changed.
    changed = text_of(head, f"{path}&on=2026-11-24&was=2026-10+2026-11-24")
    assert 'name="on" value="2023-11-30"' in changed
    assert head.get(f"{path}&on=soon").status_code == 422
    key = f"gate|S1|start|work:{late.pk}"
    given = {"month": "2023-10", "on": "2023-11-08", "matter": key}
    head.post("/orders/month/raise/", given)
    order = Order.objects.get()
    assert (order.raised_on, order.due_on) == (date(2023, 11, 8), date(2023, 11, 18))
    assert order.cause["params"]["overdue_days"] == 68


@pytest.mark.parametrize(
    "asked",
    ["on=0001-01-01", "on=0001-02-10", "month=0001-01", "month=9999-12", "was=+&month=2023"],
)
def test_the_ends_of_the_calendar_do_no_harm(workspace: None, asked: str) -> None:
    head = reader_with("approver", "S1")
    assert head.get(f"/orders/month/?{asked}").status_code in (200, 422)


def test_nothing_is_judged_as_of_a_day_to_come(late: Work, today: date) -> None:
    page = text_of(reader_with("approver", "S1"), f"/orders/month/?on={today.year + 9}-01-01")
    assert f'name="on" value="{today}"' in page
    assert "80 days overdue" in page


def test_a_cause_that_is_gone_is_proposed_and_nothing_is_closed(
    proven: Order, late: Work, client: Client
) -> None:
    Work.objects.filter(pk=late.pk).update(started_on=timezone.localdate())
    page = text_of(client, f"/orders/month/?on={timezone.localdate()}")
    assert "督办原因已消除" in page
    assert proven.code in page
    assert "督办原因已消除" in text_of(client, f"/orders/{proven.pk}/")
    assert "no longer holds" not in text_of(reader_with("viewer", "S1"), f"/orders/{proven.pk}/")
    assert Order.objects.get(pk=proven.pk).state == "open"


def test_a_month_that_is_none_is_refused(workspace: None, client: Client) -> None:
    assert client.get("/orders/month/?month=2023-13").status_code == 422
    assert client.get("/orders/month/?month=soon").status_code == 422


def test_an_order_is_given_by_hand(workspace: None, today: date) -> None:
    head = reader_with("approver", "S1")
    form = {
        "zone": "S1",
        "title": "报送盘活方案",
        "due_on": (today + timedelta(days=3)).isoformat(),
    }
    made = head.post("/orders/new/", {**form, "owner": "role:planner", "person": ""})
    order = Order.objects.get()
    assert made["Location"] == f"/orders/{order.pk}/"
    assert (order.title, order.owner, order.raised_on) == ("报送盘活方案", "role:planner", today)
    again = head.post("/orders/new/", {**form, "person": "王工"})
    assert again.status_code == 409
    assert "报送盘活方案" in again.content.decode()
    assert head.post("/orders/new/", {**form, "title": " "}).status_code == 422
    assert head.post("/orders/new/", {**form, "due_on": "soon"}).status_code == 422
    assert head.post("/orders/new/", {**form, "zone": "P1"}).status_code == 404
    assert Order.objects.count() == 1


def test_overdue_orders_are_escalated_together(order: Order, today: date) -> None:
    head = reader_with("approver", "S1")
    assert "head of the park" in text_of(head, f"/orders/month/?on={today}")
    head.post("/orders/month/escalate/", {"on": today.isoformat()})
    assert Order.objects.get(pk=order.pk).level == 1
    head.post("/orders/month/escalate/", {"on": today.isoformat()})
    assert Order.objects.get(pk=order.pk).level == 1


# ---- From the order to its end ------------------------------------------------------------------


def test_the_whole_way_from_the_order_to_its_end(proven: Order) -> None:
    number = proven.pk
    maker, checker = reader_with("reporter", "S1"), reader_with("checker", "S1")
    assert "Without evidence this order cannot be closed" in text_of(maker, f"/orders/{number}/")
    assert answer(maker, number) == 302
    page = text_of(checker, f"/orders/{number}/")
    assert "已进场施工，下月完成清表" in page
    assert "现场.pdf" in page
    question = text_of(checker, f"/orders/{number}/refuse/")
    assert "已进场施工，下月完成清表" in question
    assert Order.objects.get(pk=number).state == "replied"
    assert checker.post(f"/orders/{number}/refuse/", {"reason": ""}).status_code == 422
    checker.post(f"/orders/{number}/refuse/", {"reason": "照片无日期"})
    assert "照片无日期" in text_of(maker, f"/orders/{number}/")
    assert answer(maker, number, files=[file("一.pdf"), file("二.png", PICTURE)]) == 302
    checker.post(f"/orders/{number}/accept/", {"reason": ""})
    order = Order.objects.get(pk=number)
    assert (order.state, order.closed_on) == ("closed", timezone.localdate())
    told = AuditEntry.objects.filter(table="orders", code=order.code)
    assert {"raise", "reply", "refuse", "accept", "attach"} == set(
        told.values_list("action", flat=True)
    )
    page = text_of(maker, f"/orders/{number}/")
    assert "<form" not in page[page.index("<main") : page.index("</main>")]


def test_a_reply_without_evidence_is_not_accepted_and_the_page_says_why(proven: Order) -> None:
    number = proven.pk
    maker, checker = reader_with("reporter", "S1"), reader_with("checker", "S1")
    answer(maker, number, files=[])
    refused = checker.post(f"/orders/{number}/accept/", {"reason": ""})
    assert refused.status_code == 409
    assert "cannot be closed without evidence" in refused.content.decode()
    maker.post(f"/orders/{number}/evidence/", {"file": file(), "note": "监理签字"})
    assert Attachment.objects.get().note == "监理签字"
    assert checker.post(f"/orders/{number}/accept/", {"reason": ""}).status_code == 302


def test_a_bad_file_is_refused_and_the_reply_is_still_there(order: Order) -> None:
    maker = reader_with("reporter", "S1")
    form = {"text": "已办理", "files": [file("a.exe", b"MZ\x90\x00")]}
    refused = maker.post(f"/orders/{order.pk}/reply/", form)
    assert refused.status_code == 422
    assert ">已办理</textarea>" in refused.content.decode()
    assert Order.objects.get(pk=order.pk).state == "open"


def test_evidence_is_read_and_taken_off_until_it_is_judged(order: Order) -> None:
    maker, viewer, other = (
        reader_with("reporter", "S1"), reader_with("viewer", "S1"), reader_with("viewer", "P1"),
    )  # fmt: skip
    answer(maker, order.pk)
    kept = Attachment.objects.get()
    assert viewer.get(f"/attachments/{kept.pk}/").content == PDF
    assert other.get(f"/attachments/{kept.pk}/").status_code == 404
    remove = f"/orders/{order.pk}/evidence/{kept.pk}/remove/"
    assert other.post(remove).status_code == 404
    assert viewer.post(remove).status_code == 403
    assert maker.post(remove).status_code == 302
    assert Attachment.objects.get().removed_at is not None


def test_roles_get_what_they_may_do(order: Order) -> None:
    def buttons(role: str) -> str:
        page = text_of(reader_with(role, "S1"), f"/orders/{order.pk}/")
        return page[page.index("<main") : page.index("</main>")]

    reply, decide = f"/orders/{order.pk}/reply/", f"/orders/{order.pk}/withdraw/"
    assert reply in buttons("reporter")
    assert decide not in buttons("reporter")
    assert decide in buttons("approver")
    assert reply not in buttons("approver")
    assert reply not in buttons("viewer")
    for role, path, status in (
        ("viewer", "reply/", 403), ("checker", "withdraw/", 403), ("reporter", "accept/", 403),
        ("checker", "accept/", 409), ("approver", "strange/", 404),
    ):  # fmt: skip
        sent = {"text": "x", "reason": "x"}
        asked = reader_with(role, "S1").post(f"/orders/{order.pk}/{path}", sent)
        assert asked.status_code == status, (role, path)


def test_decisions_change_the_order_after_they_were_confirmed(order: Order, today: date) -> None:
    head = reader_with("approver", "S1")
    address = f"/orders/{order.pk}/"
    for deed in ("extend", "escalate", "withdraw"):
        assert head.get(f"{address}{deed}/").status_code == 200
    assert Order.objects.get(pk=order.pk).level == 0
    head.post(f"{address}escalate/", {"level": "2"})
    assert Order.objects.get(pk=order.pk).level == 2
    assert head.post(f"{address}escalate/", {"level": "x"}).status_code == 422
    later = (today + timedelta(days=9)).isoformat()
    assert head.post(f"{address}extend/", {"due_on": later, "reason": ""}).status_code == 422
    head.post(f"{address}extend/", {"due_on": later, "reason": "台风停工"})
    assert Order.objects.get(pk=order.pk).due_on.isoformat() == later
    head.post(f"{address}withdraw/", {"reason": "并入另一单"})
    assert Order.objects.get(pk=order.pk).state == "withdrawn"
    assert head.get(f"{address}extend/").status_code == 409


# ---- The meeting list ---------------------------------------------------------------------------


def test_the_meeting_list_tells_what_is_behind_open_and_missing(
    order: Order, client: Client
) -> None:
    page = text_of(client, "/orders/meeting/?on=2023-11-08")
    assert "江门园区再造调度会议题清单" in page
    assert "数据截至2023年10月" in page
    assert "与时序相差" in page
    assert "▼" in page
    assert order.code in text_of(client, "/orders/meeting/")


def test_the_meeting_list_of_a_zone_is_for_who_sees_it(order: Order) -> None:
    reader = reader_with("viewer", "P1")
    assert reader.get("/orders/meeting/?zone=S1").status_code == 404
    assert reader.get("/orders/meeting.pdf?zone=S1").status_code == 404
    page = text_of(reader, "/orders/meeting/")
    assert order.code not in page
    assert codes(text_of(reader_with("viewer", "S1"), "/orders/meeting/?zone=S1")) == {order.code}


@pytest.mark.parametrize(("kind", "head"), [("docx", b"PK\x03\x04"), ("pdf", b"%PDF-")])
def test_the_meeting_list_is_a_file(order: Order, client: Client, kind: str, head: bytes) -> None:
    made = client.get(f"/orders/meeting.{kind}?on=2023-11-08")
    assert made.status_code == 200
    assert made.content.startswith(head)
    assert "meeting-20231108" in made["Content-Disposition"]


def test_a_bad_day_or_kind_is_refused(workspace: None, client: Client) -> None:
    assert client.get("/orders/meeting/?on=yesterday").status_code == 422
    assert client.get("/orders/meeting.xlsx").status_code == 404


# ---- Every page ---------------------------------------------------------------------------------


def test_every_page_of_orders_holds_what_every_page_holds(
    order: Order, proven: Order, reader: Callable[[str], Client]
) -> None:
    answer(reader("en"), proven.pk, files=[file("site.pdf")])
    paths = (
        "/orders/", "/orders/?state=closed", "/orders/new/", "/orders/month/", "/orders/meeting/",
        "/orders/meeting/?on=2023-11-08", f"/orders/{order.pk}/", f"/orders/{proven.pk}/",
        f"/orders/{proven.pk}/accept/", f"/orders/{proven.pk}/refuse/",
        f"/orders/{order.pk}/extend/", f"/orders/{order.pk}/escalate/",
        f"/orders/{order.pk}/withdraw/",
    )  # fmt: skip
    for path in paths:
        for language, code in (("zh-hans", "zh-CN"), ("en", "en")):
            page = reader(language).get(path)
            text = page.content.decode()
            assert page.status_code == 200, path
            assert f'<html lang="{code}"' in text
            check_nothing_inline(text)
            check_structure(text)
            if code == "en":
                assert not [head for head in chinese_headings(text) if "三季度" not in head], path
            else:
                told = re.sub(r"<[^>]*>", " ", text[text.index("<main") : text.index("</main>")])
                named = told
                for zone in Zone.objects.all():
                    named = named.replace(zone.name, " ")
                assert not ENGLISH.findall(html.unescape(named)), path


def test_the_word_file_opens_and_holds_the_same_texts(order: Order, client: Client) -> None:
    import docx

    made = docx.Document(BytesIO(client.get("/orders/meeting.docx").content))
    cells = {cell.text for table in made.tables for row in table.rows for cell in row.cells}
    assert any(order.code in text for text in cells)
