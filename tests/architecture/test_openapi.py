"""The OpenAPI document is checked in, complete, and says of every operation what may come back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tools.make_openapi import FILE, text
from zonewright.store.mapping import NAMES
from zonewright.web.api.docs import document


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_document_is_in_step_with_the_code() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run: python -m tools.make_openapi"


def test_every_table_can_be_listed_read_added_changed_and_deleted() -> None:
    found = {(path, method) for path, method, _ in operations()}
    for name in NAMES:
        for method in ("get", "post"):
            assert (f"/api/v1/{name}", method) in found
        for method in ("get", "patch", "delete"):
            assert (f"/api/v1/{name}/{{record}}", method) in found


def test_every_operation_declares_its_refusals_as_problems() -> None:
    for path, method, operation in operations():
        answers = operation["responses"]
        wanted = {"400", "401", "403", "404", "422", "429"}
        if method != "get":
            wanted |= {"409", "415"}
        if method in ("patch", "delete") and "{record}" in path:
            wanted |= {"412", "428"}
        assert wanted <= set(answers), (path, method)
        for status, answer in answers.items():
            if int(status) >= 400:
                (name,) = re.findall(r"^#/components/responses/(\w+)$", answer["$ref"])
                refused = document()["components"]["responses"][name]
                assert list(refused["content"]) == ["application/problem+json"], (path, status)


def test_names_of_operations_are_told_apart() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))


def test_units_stand_beside_numbers() -> None:
    values = document()["components"]["schemas"]["ParcelValues"]["properties"]
    assert "[m2]" in values["reported_area"]["description"]
    assert "Reported area" in values["reported_area"]["description"]


def test_references_lead_somewhere() -> None:
    whole = json.dumps(document())
    for kind, name in re.findall(r'"\$ref": "#/components/(\w+)/(\w+)"', whole):
        assert name in document()["components"][kind]
