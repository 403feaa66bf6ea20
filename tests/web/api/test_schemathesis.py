"""Whatever a program sends, no operation fails or answers what its document does not declare."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.api.conftest import Program
from zonewright.store.access import operator
from zonewright.store.mapping import BY_RECORD, NAMES
from zonewright.store.models import AuditEntry, Order, Run
from zonewright.store.selectors.record import record_state
from zonewright.web.api.docs import document

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip
EXAMPLES = 3


def real_values(path: str, choose: random.Random) -> dict[str, str]:
    """Return parameters of an address that name something that is there."""
    found: dict[str, str] = {}
    head = path.removeprefix("/api/v1/").partition("/")[0]
    mapped = NAMES.get(head) or choose.choice(list(BY_RECORD.values()))
    keys = list(mapped.model._default_manager.values_list("pk", flat=True)[:20])
    if keys:
        found["record"] = f"{mapped.record}:{choose.choice(keys)}"
    found["change"] = str(AuditEntry.objects.values_list("pk", flat=True).first() or 1)
    numbered = Order if head == "orders" else Run
    found["number"] = str(numbered._default_manager.values_list("pk", flat=True).first() or 1)
    found["code"] = "F018"
    return found


def real_state(record: str) -> str:
    """Return the header that names the state of a record."""
    return f'"{record_state(record, operator("test")).token}"'


def name_what_is_there(case: Any, choose: random.Random) -> None:
    """Let a case ask for a record that exists, in the state in which it is."""
    places, there = case.path_parameters or {}, real_values(case.path, choose)
    for name in set(there) & set(places):
        places[name] = there[name]
    if case.method.upper() in ("PATCH", "DELETE") and set(there) & set(places) == {"record"}:
        case.headers = {**(case.headers or {}), "If-Match": real_state(there["record"])}


def exercise(operation: Any, token: str) -> list[int]:
    """Send what Schemathesis makes of an operation; return the status of every answer."""
    choose = random.Random(operation.label)
    sent: list[int] = []

    @seed(1)
    @settings(
        max_examples=EXAMPLES, phases=[Phase.generate], deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(), real=st.booleans())
    def send(case: Any, real: bool) -> None:
        if real:
            name_what_is_there(case, choose)
        with transaction.atomic():
            response = case.call(headers={"Authorization": token})
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)
        sent.append(response.status_code)

    send()
    return sent


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the connection, and with it the transaction of the test, from request to request."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def test_every_operation_keeps_to_its_document(everything: Program, one_connection: None) -> None:
    schema = schemathesis.openapi.from_dict(document())
    schema.app = WSGIHandler()
    token = str(everything.defaults["HTTP_AUTHORIZATION"])
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == sum(len(methods) for methods in document()["paths"].values())
    met: set[int] = set()
    for operation in operations:
        answers = exercise(operation, token)
        assert len(answers) >= EXAMPLES, operation.label
        met |= set(answers)
    # Guards against requests that are all turned away at the door.
    assert {200, 204, 404, 422} <= met
