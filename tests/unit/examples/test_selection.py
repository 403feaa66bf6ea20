from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonewright.core.errors import EngineError
from zonewright.examples.jiangmen.selection import choose_sum, split_sum


def test_a_sum_of_many_sizes_is_met_to_the_tolerance() -> None:
    rng = np.random.default_rng(5)
    sizes = rng.uniform(4_000.0, 40_000.0, 300)
    chosen = choose_sum(sizes, 1_234_567.8, tolerance=25.0, rng=rng)
    assert abs(sizes[chosen].sum() - 1_234_567.8) <= 25.0
    assert len(set(chosen.tolist())) == len(chosen)


def test_too_few_sizes_are_refused() -> None:
    with pytest.raises(EngineError, match="cannot add up to 10"):
        choose_sum(np.array([1.0, 2.0]), 10.0, tolerance=0.1, rng=np.random.default_rng(1))


def test_an_unreachable_sum_is_refused() -> None:
    with pytest.raises(EngineError, match="off by"):
        choose_sum(np.full(10, 4.0), 10.0, tolerance=0.5, rng=np.random.default_rng(1))


@given(
    st.integers(0, 10**7), st.lists(st.floats(0.01, 100.0), min_size=1, max_size=40).map(np.array)
)
def test_parts_add_up_to_the_whole(total: int, weights: np.ndarray) -> None:
    parts = split_sum(total, weights)
    assert parts.sum() == total
    assert (np.abs(parts - weights / weights.sum() * total) < 1.0 + 1e-6).all()
