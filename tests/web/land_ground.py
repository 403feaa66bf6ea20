"""What the land pages are shown in tests: parcels in a row, and grants of quota."""

from __future__ import annotations

from datetime import date

import shapely

from tests.web.sample import NOW
from zonewright.store.models import NoGo, Parcel, ParcelEvent, QuotaEntry, Zone
from zonewright.store.places import locate

MU = 2000 / 3


def row() -> None:
    """Draw four parcels of about 340 mu in a row: A and C ready, B waits, D is in a no-go area."""
    west, south, step = 113.12, 22.5, 0.005
    for place, (code, stage, on) in enumerate(
        (
            ("ROW-A", "L5", date(2023, 3, 1)),
            ("ROW-B", "L3", date(2023, 4, 5)),
            ("ROW-C", "L7", date(2023, 6, 1)),
            ("ROW-D", "L5", date(2023, 6, 1)),
        )
    ):
        box = shapely.box(west + place * step, south, west + (place + 1) * step, south + 0.004)
        parcel = Parcel.objects.create(
            code=code,
            zone=Zone.objects.get(code="D2"),
            geometry=shapely.MultiPolygon([box]).wkb,
            recorded_at=NOW,
        )
        ParcelEvent.objects.create(parcel=parcel, stage=stage, on=on, recorded_at=NOW)
    inside = shapely.box(west + 3.4 * step, south + 0.001, west + 3.6 * step, south + 0.002)
    NoGo.objects.create(
        code="N-ROW", kind="ecology", geometry=shapely.MultiPolygon([inside]).wkb, recorded_at=NOW
    )
    locate()


def quota() -> None:
    """Grant 600 mu in S1, of which 450 are allocated and 300 used; another in P1, lapsed."""
    for code, zone, entry, area_mu, on, project, last in (
        ("Q1", "S1", "granted", 600, date(2023, 1, 5), "", None),
        ("Q2", "S1", "allocated", 450, date(2023, 2, 1), "一批", None),
        ("Q3", "S1", "used", 300, date(2023, 3, 1), "一批", None),
        ("Q4", "P1", "granted", 90, date(2022, 1, 5), "", date(2022, 12, 31)),
    ):
        QuotaEntry.objects.create(
            code=code, zone=Zone.objects.get(code=zone), entry=entry, category="city", on=on,
            area_m2=area_mu * MU, project=project, expires_on=last, document="=文号", debit="a",
            credit="b", recorded_at=NOW,
        )  # fmt: skip
