"""An unlock plan as files: a workbook and a GeoPackage."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import geopandas as gpd
from django.utils.translation import gettext as _

from zonewright.store.models import Run
from zonewright.web.exports import Column, Sheet
from zonewright.web.unlock_view import lacks_of, list_of, rates_of
from zonewright.workflows.plan_runs import result_of

GPKG = "application/geopackage+sqlite3"
_MU_M2 = 2000 / 3


def sheets(run: Run, step: int) -> tuple[Sheet, ...]:
    """Return a plan at one of its budgets as the sheets of a workbook."""
    result = result_of(run)
    plan = result["plans"][step]
    amount, area, price = "#,##0", "#,##0.00", "#,##0.00"
    parcels = Sheet(
        _("Parcels in buying order"),
        (
            Column(_("No."), amount, 6),
            Column(_("Parcel"), width=22),
            Column(_("Stage")),
            Column(_("Lacks"), width=28),
            Column(_("Area (mu)"), area),
            Column(_("Approval and expropriation (yuan)"), price),
            Column(_("Compensation (yuan)"), price),
            Column(_("Levelling (yuan)"), price),
            Column(_("Road (yuan)"), price),
            Column(_("Cost (yuan)"), price),
            Column(_("Spent so far (yuan)"), price),
            Column(_("Quota (mu)"), area),
        ),
        [
            (
                row["place"], row["code"], row["stage"], lacks_of(row["item"]["lacks"]),
                row["item"]["area_m2"] / _MU_M2, row["item"]["acquire_cny"],
                row["item"]["compensate_cny"], row["item"]["level_cny"],
                row["item"]["connect_cny"], row["item"]["cost_cny"], row["spent_cny"],
                row["item"]["quota_m2"] / _MU_M2,
            )
            for row in list_of(result, step)
        ],
    )  # fmt: skip
    blocks = Sheet(
        _("Blocks"),
        (
            Column(_("Block"), width=22),
            Column(_("Area (mu)"), area),
            Column(_("Parcels"), amount),
            Column(_("To buy"), amount),
        ),
        [
            (block["id"], block["area_m2"] / _MU_M2, block["parcels"], block["bought"])
            for block in plan["blocks"]
        ],
    )
    budgets = Sheet(
        _("Budgets"),
        (
            Column(_("Budget (yuan)"), amount),
            Column(_("Cost (yuan)"), price),
            Column(_("Land gained (ha)"), area),
            Column(_("Blocks that count"), amount),
            Column(_("Gap to the bound"), "0.00%"),
        ),
        [
            (
                item["budget_cny"], item["cost_cny"], item["gain_m2"] / 1e4, len(item["blocks"]),
                item["gap"],
            )
            for item in result["plans"]
        ],
    )  # fmt: skip
    basis = Sheet(
        _("Basis"),
        (Column(_("Parameter"), width=28), Column(_("Value"), width=40)),
        [
            (_("Zone"), result["zone"]),
            (_("Day"), result["on"]),
            (_("Wanted by"), result.get("by") or "—"),
            (_("Size from which a block counts (mu)"), result["threshold_mu"]),
            (_("Budget (yuan)"), plan["budget_cny"]),
            (_("Found"), plan["value"]),
            (_("No plan exceeds"), plan["bound"]),
            (
                _("Checked independently"),
                _("agrees") if plan["verified"] else _("disagrees"),
            ),
            *((str(rate["name"]), str(rate["value"])) for rate in rates_of(result)),
            (_("Version of the default rates"), result["rates_version"]),
        ],
    )
    return (parcels, blocks, budgets, basis)


def geopackage(run: Run, step: int, shapes: bytes) -> bytes:
    """Return the parcels of a plan as a GeoPackage [EPSG:4490].

    Parameters
    ----------
    run, step
        The plan and which of its budgets.
    shapes
        GeoJSON that the run made.
    """
    result = result_of(run)
    order = {row["code"]: row for row in list_of(result, step)}
    features = [
        feature
        for feature in json.loads(shapes)["features"]
        if feature["properties"]["code"] in order
    ]
    rows = []
    for feature in features:
        row = order[feature["properties"]["code"]]
        item = row["item"]
        rows.append(
            {
                "type": "Feature",
                "geometry": feature["geometry"],
                "properties": {
                    "buying_order": row["place"],
                    "parcel": row["code"],
                    "stage": item["stage"],
                    "lacks": ",".join(item["lacks"]),
                    "area_mu": item["area_m2"] / _MU_M2,
                    "cost_cny": item["cost_cny"],
                    "spent_cny": row["spent_cny"],
                    "quota_mu": item["quota_m2"] / _MU_M2,
                },
            }
        )
    names = list(rows[0]["properties"]) if rows else ["parcel"]
    frame = gpd.GeoDataFrame.from_features(rows, columns=["geometry", *names], crs="EPSG:4490")
    with tempfile.TemporaryDirectory(prefix="zonewright-plan-") as folder:
        path = Path(folder) / "plan.gpkg"
        frame.sort_values(names[0]).to_file(path, layer="unlock_plan", driver="GPKG")
        return path.read_bytes()
