"""Tangents lie below the cut, chords above it: what the bound rests on."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.land.grading.ground import hills
from zonewright.land.grading import Pad
from zonewright.land.grading.ground import PadGround, grounds_of

level, rise = st.floats(-8, 8), st.floats(-3, 3)
surfaces = st.tuples(level, rise, rise).map(np.array)


def ground_of(seed: int) -> PadGround:
    terrain = hills(seed, 6, 6)
    (ground,) = grounds_of(terrain, (Pad("A", shapely.box(2, 3, 55, 59)),))
    return ground


@settings(deadline=None)
@given(st.integers(0, 20), surfaces, surfaces)
def test_a_tangent_is_nowhere_above_the_cut(seed: int, at: np.ndarray, other: np.ndarray) -> None:
    ground = ground_of(seed)
    cut, slopes = ground.tangent(at)
    assert cut == pytest.approx(ground.cut_fill(at)[0])
    assert cut + slopes @ (other - at) <= ground.cut_fill(other)[0] + 1e-6


@settings(deadline=None)
@given(st.integers(0, 20), surfaces, surfaces, st.tuples(*[st.floats(0, 1)] * 3).map(np.array))
def test_a_chord_is_nowhere_below_the_cut_in_its_box(
    seed: int, one: np.ndarray, other: np.ndarray, share: np.ndarray
) -> None:
    ground = ground_of(seed)
    low, high = np.minimum(one, other), np.maximum(one, other)
    constant, slopes = ground.chord(low, high)
    inside = low + share * (high - low)
    assert constant + slopes @ inside >= ground.cut_fill(inside)[0] - 1e-6
    constant, slopes = ground.chord(inside, inside)
    assert constant + slopes @ inside == pytest.approx(ground.cut_fill(inside)[0], abs=1e-6)


@settings(deadline=None)
@given(st.integers(0, 20), surfaces)
def test_the_plane_of_a_surface_has_its_volumes(seed: int, surface: np.ndarray) -> None:
    ground = ground_of(seed)
    volumes = ground.columns.cut_fill(ground.plane(surface))
    cut, fill = ground.cut_fill(surface)
    assert volumes == pytest.approx((cut, fill), abs=1e-6)
    net = ground.area_m2 * (ground.mean_m - surface[0])
    assert cut - fill == pytest.approx(net, abs=1e-5)
