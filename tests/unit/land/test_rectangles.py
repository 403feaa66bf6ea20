"""The largest rectangle inside an outline of several parts."""

from __future__ import annotations

import pytest
import shapely

from zonewright.land.rectangles import inscribed_rectangle


def test_a_rectangle_lies_in_one_part() -> None:
    small, large = shapely.box(0, 0, 100, 100), shapely.box(120, 0, 320, 150)
    found = inscribed_rectangle(shapely.MultiPolygon([small, large]))
    assert found is not None
    assert found.area_m2 == pytest.approx(200 * 150, rel=1e-3)
    assert large.buffer(1e-6).contains(found.shape)
