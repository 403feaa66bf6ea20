"""The ledger of land quota: what is left of each source on a day, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zonewright.core.units import convert
from zonewright.web import language, ledgers, words
from zonewright.web.access import of
from zonewright.web.exports import Column, Sheet, Value, xlsx_response
from zonewright.web.land_answers import books_now
from zonewright.web.land_asked import Asked, asked_of
from zonewright.web.mapview import zones_of
from zonewright.web.page import page
from zonewright.web.views.land import zone_choices
from zonewright.workflows.land_quota import AMOUNTS, Quota, quota_of

SHOWN_LOTS, SHOWN_FINDINGS = 200, 100
_MU_M2 = float(convert(1, "亩", "m2"))


@require_safe
def quota(request: HttpRequest) -> HttpResponse:
    """Show where the quota of a zone, or of all that the reader sees, stands on a day."""
    if not of(request).may_anywhere("view"):
        return page(request, "no-access.html", {})
    asked = asked_of(request)
    found = _quota(request, asked)
    names = zone_names(request)
    context = {
        "asked": asked,
        "zones": zone_choices(request, of(request)),
        "address": reverse("land-quota"),
        "quota": found,
        "categories": category_rows(found),
        "balance": balance_rows(found, names),
        "totals": found.totals,
        "lots": lot_rows(found, names)[:SHOWN_LOTS],
        "lot_count": len(found.lots),
        "findings": finding_rows(found)[:SHOWN_FINDINGS],
        "finding_count": len(found.findings),
        "entry_count": len(found.entries),
    }
    return page(request, "land-quota.html", context)


def _quota(request: HttpRequest, asked: Asked) -> Quota:
    """Return the quota of the zone asked for and of the zones in it that the reader sees."""
    access = of(request)
    if not asked.zone:
        return quota_of(asked.zones, asked.on)
    books = books_now()
    inside = {asked.zone}
    if asked.zone in books.zones:
        inside |= set(books.scope(asked.on).descendants(asked.zone))
    return quota_of(access.among(inside), asked.on)


def zone_names(request: HttpRequest) -> Mapping[str, str]:
    """Return the names of all zones; they are no secret."""
    zones = zones_of(request)
    return {
        str(code): language.choose(str(row["name"]), str(row["name_en"]))
        for code, row in zones[["name", "name_en"]].iterrows()
    }


def category_rows(found: Quota) -> list[dict[str, object]]:
    """Return the balance by source, zones added up."""
    rows: list[dict[Any, Any]] = found.by_category().reset_index().to_dict("records")
    return [
        {**row, "name": words.choice(str(row["category"]), "quota_entries.category")}
        for row in rows
    ]


def balance_rows(found: Quota, names: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the balance by zone and source."""
    rows: list[dict[Any, Any]] = found.balance.reset_index().to_dict("records")
    return [
        {
            **row,
            "zone_name": names.get(str(row["zone"]), str(row["zone"])),
            "name": words.choice(str(row["category"]), "quota_entries.category"),
        }
        for row in rows
    ]


def lot_rows(found: Quota, names: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the grants, the first to lapse first, each with the address of its entry."""
    listed = found.lots.sort_values("expires_on", kind="stable", na_position="last")
    rows: list[dict[Any, Any]] = listed.reset_index().to_dict("records")
    return [
        {
            **row,
            "address": ledgers.address(str(row["record"])),
            "zone_name": names.get(str(row["zone"]), str(row["zone"])),
            "name": words.choice(str(row["category"]), "quota_entries.category"),
            "granted_on": _day(row["granted_on"]),
            "expires_on": _day(row["expires_on"]),
            "is_lapsed": row["lapsed_m2"] > 0,
        }
        for row in rows
    ]


def _day(value: Any) -> Any:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def finding_rows(found: Quota) -> list[dict[str, object]]:
    """Return what is wrong, each with the address of its entry."""
    lang = language.current()
    return [
        {
            "text": finding.text(lang),
            "entries": [(code, ledgers.address(found.record_of(code))) for code in finding.ids],
        }
        for finding in found.told(source_names())
    ]


def source_names() -> Mapping[str, str]:
    """Return the sources of quota, in the reader's language."""
    field = "quota_entries.category"
    return {code: words.choice(code, field) for code in words.order(field)}


def amount_names() -> Mapping[str, str]:
    """Return what the amounts of a balance are called."""
    return {
        "granted_m2": _("Granted"),
        "allocated_m2": _("Allocated"),
        "used_m2": _("Used"),
        "returned_m2": _("Returned"),
        "expired_m2": _("Expired"),
        "held_m2": _("Held, not allocated"),
        "pending_m2": _("Allocated, not used"),
        "lapsed_m2": _("Of these lapsed"),
        "short_m2": _("Overdrawn"),
        "available_m2": _("Still to allocate"),
    }


@require_safe
def workbook(request: HttpRequest) -> HttpResponseBase:
    """Return balance, grants and findings as a workbook."""
    if not of(request).may_anywhere("view"):
        raise Http404(request.path)
    asked = asked_of(request)
    found, names = _quota(request, asked), zone_names(request)
    amounts = [Column(f"{name} [{_('mu')}]", "#,##0.0") for name in amount_names().values()]
    head = (Column(_("Zone"), width=24), Column(_("Source"), width=16))
    faults = (Column(_("Entry"), width=18), Column(_("Finding"), width=90))
    sheets = [
        Sheet(_("Balance"), (*head, *amounts), _balance_cells(found, names)),
        Sheet(
            _("Findings"),
            faults,
            (
                [" ".join(item.ids), item.text(language.current())]
                for item in found.told(source_names())
            ),
        ),
    ]
    return xlsx_response(f"quota-{asked.on.isoformat()}.xlsx", sheets)


def _balance_cells(found: Quota, names: Mapping[str, str]) -> Iterator[list[Value]]:
    for row in balance_rows(found, names):
        amounts: list[Value] = [float(str(row[name])) / _MU_M2 for name in AMOUNTS]
        yield [str(row["zone_name"]), str(row["name"]), *amounts]
