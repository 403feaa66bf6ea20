"""What the browser finds on the land pages: six plots of 2,000 mu in a corner of their own."""

from __future__ import annotations

from datetime import date

import shapely

from zonewright.store.models import Parcel, ParcelEvent
from zonewright.store.places import locate

# Q00 to Q02 in the south, Q10 to Q12 north of them; L3 is acquired only, L8 supplied.
STAGES = (("L5", "L5", "L3"), ("L5", "L7", "L8"))
WEST, SOUTH, WIDE, HIGH = 113.12, 22.5, 0.012, 0.0098


def make() -> None:
    """Draw the plots in the connected workspace, east of the cluster."""
    for row, stages in enumerate(STAGES):
        for column, stage in enumerate(stages):
            x, y = WEST + WIDE * column, SOUTH + HIGH * row
            shape = shapely.MultiPolygon([shapely.box(x, y, x + WIDE, y + HIGH)])
            plot = Parcel.objects.create(code=f"Q{row}{column}", geometry=shape.wkb)
            ParcelEvent.objects.create(parcel=plot, stage=stage, on=date(2023, 2, 1))
    locate()
