"""Blocks and what keeps land from counting as files: Excel and GeoPackage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zonewright.core.units import convert
from zonewright.store import selectors
from zonewright.web import words
from zonewright.web.access import of
from zonewright.web.exports import Column, Sheet, Value, xlsx_response
from zonewright.web.land_answers import Found, books_now, found_of
from zonewright.web.land_asked import Asked, asked_of
from zonewright.web.land_rows import lack_rows, option_rows, tests_told
from zonewright.web.land_words import rule_words
from zonewright.workflows.land_files import write_gpkg
from zonewright.workflows.land_tested import with_tests

GPKG = "application/geopackage+sqlite3"
_MU_M2 = float(convert(1, "亩", "m2"))
_AREA = "#,##0.0"
# How long the blocks of a file are measured; the next file has more of them measured [s].
MEASURE_S = 10.0


@require_safe
def workbook(request: HttpRequest) -> HttpResponseBase:
    """Return blocks, groups that nearly count, and options as a workbook."""
    asked, found = _found(request)
    if found is None:
        return _later(request, asked)
    sheets = [
        _blocks(rule_words()[asked.rule].blocks, found, near=False),
        _blocks(_("Nearly blocks"), found, near=True),
        _options(found),
        _parcels(found),
    ]
    return xlsx_response(f"{_name(asked)}.xlsx", sheets)


@require_safe
def geopackage(request: HttpRequest) -> HttpResponseBase:
    """Return the same as a GeoPackage."""
    asked, found = _found(request)
    if found is None:
        return _later(request, asked)
    note = " · ".join(selectors.notices())
    with TemporaryDirectory(prefix="zonewright-") as folder:
        path = Path(folder) / "blocks.gpkg"
        write_gpkg(path, books_now(), found.land, measured(found), found.blockers, note=note)
        content = path.read_bytes()
    response = HttpResponse(content, content_type=GPKG)
    response["Content-Disposition"] = f'attachment; filename="{_name(asked)}.gpkg"'
    return response


def _found(request: HttpRequest) -> tuple[Asked, Found | None]:
    if not of(request).may_anywhere("view"):
        raise Http404(request.path)
    asked = asked_of(request)
    return asked, found_of(asked)


def _later(request: HttpRequest, asked: Asked) -> HttpResponse:
    messages.info(request, _("The land is still being computed; ask for the file again soon."))
    return redirect(reverse("land") + asked.whole_query)


def _name(asked: Asked) -> str:
    place = "".join(
        sign for sign in asked.place if (sign.isascii() and sign.isalnum()) or sign == "-"
    )
    return f"land-{place or 'zone'}-{asked.rule}-{asked.on.isoformat()}"


def _blocks(name: str, found: Found, *, near: bool) -> Sheet:
    tests = found.land.tests
    blocks = found.land.near if near else measured(found)
    columns = [
        Column(_("Block"), width=22),
        Column(_("Parcels"), "#,##0", 10),
        Column(f"{_('Area')} [{_('mu')}]", _AREA),
        Column(f"{_('Area')} [{_('ha')}]", "#,##0.00"),
    ]
    if not near:
        columns.append(Column(f"{_('Narrowest')} [m]", _AREA))
        columns += [Column(str(test["name"]), width=20) for test in tests_told(tests, ())]
    columns.append(Column(_("Parcels of the block"), width=60))

    def rows() -> Iterator[list[Value]]:
        listed: list[dict[Any, Any]] = pd.DataFrame(blocks.drop(columns="geometry")).to_dict(
            "records"
        )
        for code, row in zip(blocks.index.astype(str), listed, strict=True):
            made: list[Value] = [
                code,
                int(row["parcel_count"]),
                float(row["area_m2"]) / _MU_M2,
                float(row["area_m2"]) / 1e4,
            ]
            if not near:
                width = row["min_width_m"]
                known = bool(row["measured"])
                late = _("not yet measured")
                made.append((None if pd.isna(width) else float(width)) if known else late)
                made += [
                    (_("passed") if test["passed"] else _("not passed")) if known else late
                    for test in tests_told(tests, row["passed"])
                ]
            yield [*made, " ".join(row["members"])]

    return Sheet(name, tuple(columns), rows())


def measured(found: Found) -> gpd.GeoDataFrame:
    """Return the blocks with their tests, as many as can be measured while a reader waits."""
    return with_tests(found.land.blocks, found.land.tests, within_s=MEASURE_S)


def _options(found: Found) -> Sheet:
    columns = (
        Column(_("Near-block"), width=22),
        Column(_("Parcels to make ready"), width=40),
        Column(_("What they lack"), width=40),
        Column(_("Found by"), width=14),
        Column(f"{_('To make ready')} [{_('mu')}]", _AREA),
        Column(f"{_('Then counts')} [{_('mu')}]", _AREA),
        Column(_("Gained per mu"), "#,##0.00"),
        Column(f"{_('Cost, assumed')} [{_('10,000 yuan')}]", _AREA),
        Column(_("Gained mu per 10,000 yuan"), "#,##0.000"),
    )

    def rows() -> Iterator[list[Value]]:
        for row in option_rows(found.blockers, "mu"):
            item: dict[str, Any] = row
            lacks = {lack["name"]: None for parcel in item["blocking"] for lack in parcel["lacks"]}
            cost, gain = item["cost_cny"], item["gained_m2_per_cny"]
            yield [
                item["near_block"],
                " ".join(item["parcels"]),
                "; ".join(lacks),
                method_name(item["method"]),
                item["opened_m2"] / _MU_M2,
                item["gained_m2"] / _MU_M2,
                item["gained_per_m2"],
                None if pd.isna(cost) else cost / 1e4,
                None if pd.isna(gain) else gain / _MU_M2 * 1e4,
            ]

    return Sheet(_("What blocks"), columns, rows())


def method_name(method: str) -> str:
    """Return how an option was found."""
    return {"single": _("one parcel"), "pair": _("two parcels"), "chain": _("a chain")}[method]


def _parcels(found: Found) -> Sheet:
    columns = (
        Column(_("Parcel"), width=22),
        Column(_("Stage"), width=16),
        Column(f"{_('Area')} [{_('mu')}]", _AREA),
        Column(_("Lacks"), width=24),
        Column(_("Lacking since"), "yyyy-mm-dd", 12),
        Column(_("Near-block"), width=22),
    )

    def rows() -> Iterator[list[Value]]:
        listed: list[dict[Any, Any]] = found.blockers.parcels.to_dict("records")
        for code, row in zip(found.blockers.parcels.index.astype(str), listed, strict=True):
            stage = words.choice(row["stage"], "parcel_events.stage") if row["stage"] else ""
            for lack in lack_rows(row["lacks"], row["lacks_since"]):
                since: Any = lack["since"]
                yield [
                    code,
                    f"{row['stage']} {stage}".strip(),
                    row["area_m2"] / _MU_M2,
                    str(lack["name"]),
                    None if since is None else since.date(),
                    row["near_block"],
                ]

    return Sheet(_("Blocking parcels"), columns, rows())
