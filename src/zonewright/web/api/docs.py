"""The document of the API, and a page that lists its operations for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zonewright.store.selectors.listing import columns, ledgers
from zonewright.web import language
from zonewright.web.api.api import api
from zonewright.web.page import page

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.1"
PREFIX = "/api/v1/"


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document as plain values."""
    found = api.get_openapi_schema(path_prefix=PREFIX.removeprefix("/"))
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


@cache
def _text() -> bytes:
    return json.dumps(document(), ensure_ascii=False).encode()


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document."""
    return HttpResponse(_text(), content_type=MEDIA_TYPE)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show what can be asked of the API."""
    lang = language.current()
    groups: dict[str, list[dict[str, object]]] = {}
    for tag, entry in _operations():
        groups.setdefault(tag, []).append(entry)
    tables = {info.name: info for info in ledgers()}
    shown = [
        {
            "name": tag,
            "title": tables[tag].label(lang) if tag in tables else _titles().get(tag, tag),
            "operations": entries,
            "fields": [
                {"name": item.field, "label": item.label(lang), "kind": item.kind,
                 "unit": item.unit, "choices": ", ".join(item.choices)}
                for item in columns(tag)
            ] if tag in tables else [],
        }
        for tag, entries in groups.items()
    ]  # fmt: skip
    return page(request, "api-docs.html", {"groups": shown, "prefix": PREFIX})


def _operations() -> Iterator[tuple[str, dict[str, object]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            entry: dict[str, object] = {
                "method": method.upper(),
                "path": path,
                "does": _does(name, operation),
            }
            yield operation["tags"][0], entry


def _does(name: str, operation: Mapping[str, Any]) -> str:
    """Return what an operation does, in the reader's language."""
    told = {
        "list": _("List, filter and page"),
        "get": _("Read one"),
        "add": _("Add one"),
        "change": _("Change one"),
        "delete": _("Delete one"),
    }
    others = {
        "me": _("Who asks, and what they may do"),
        "schema": _("The dictionary of tables"),
        "figures": _("The figures of the outline"),
        "figure": _("A figure and what it rests on"),
        "blocks": _("Contiguous ready land of a zone"),
        "runs": _("Background runs"),
        "run": _("One background run"),
        "run_file": _("A file of a run"),
        "queue_run": _("Ask for a background run"),
        "cancel_run": _("Cancel a background run"),
        "history": _("Changes of a record"),
        "undo": _("Take a change back"),
        "attachments": _("Files of a record"),
        "attach": _("Attach a file"),
        "download": _("The bytes of a file"),
        "detach": _("Take a file off its record"),
        "audit": _("The audit trail"),
    }
    return others.get(name) or told.get(name.partition("_")[0]) or str(operation["summary"])


def _titles() -> dict[str, str]:
    return {
        "about": _("About the API"),
        "figures": _("Figures"),
        "runs": _("Runs"),
        "changes": _("Changes"),
        "attachments": _("Attachments"),
        "audit": _("Audit trail"),
    }
