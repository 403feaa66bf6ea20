"""Degrees, and the frame of metres."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from zonewright.land.frame import MetricFrame
from zonewright.land.segments import degree_lengths_m

GEOD = Geod(a=6_378_137.0, rf=298.257222101)


@pytest.mark.parametrize("latitude", [-54.0, 0.0, 22.5, 43.0])
def test_the_lengths_of_degrees_agree_with_geodesics(latitude: float) -> None:
    east, north = degree_lengths_m(latitude)
    assert GEOD.line_length([113, 113.001], [latitude] * 2) * 1e3 == pytest.approx(east, rel=1e-8)
    along = GEOD.line_length([113] * 2, [latitude - 5e-4, latitude + 5e-4])
    assert along * 1e3 == pytest.approx(north, rel=1e-8)


def test_the_metric_frame_keeps_lengths_and_comes_back() -> None:
    frame = MetricFrame.around([112.5, 113.0])
    points = np.array([[112.6, 22.5], [112.601, 22.5]])
    metric = frame.to_metric(points)
    _, _, expected = GEOD.inv(*points[0], *points[1])
    assert np.hypot(*(metric[1] - metric[0])) == pytest.approx(expected, rel=1e-5)
    assert frame.to_degrees(metric) == pytest.approx(points, abs=1e-10)
