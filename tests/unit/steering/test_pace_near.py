"""Pace in floats says what exact pace says, or that it cannot tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zonewright.steering.curves import LINEAR, Stepped
from zonewright.steering.pace import WORDS, pace
from zonewright.steering.pace_near import Paces, paces_near


def near(done: float, target: float, expected: float) -> Paces:
    return paces_near(np.array([done]), np.array([target]), np.array([expected]))


@given(
    st.decimals(-50, 500, places=3).map(float), st.decimals("0.001", 300, places=3).map(float),
    st.integers(1, 12), st.sampled_from((LINEAR, Stepped(((6, 60),)))),
)  # fmt: skip
@example(53.001, 100.0, 6, LINEAR)
@example(47.001, 100.0, 6, LINEAR)
@example(46.999, 100.0, 6, LINEAR)
@example(39.999, 100.0, 6, LINEAR)
def test_both_give_one_verdict(done: float, target: float, month: int, curve: object) -> None:
    quick = near(done, target, float(curve.share(month)))  # type: ignore[attr-defined]
    exact = pace(done, target, month=month, curve=curve)  # type: ignore[arg-type]
    same = pytest.approx(
        [exact.completion_pct, exact.expected_pct, exact.ahead_pp, exact.remaining],
        rel=1e-9, abs=1e-9,
    )  # fmt: skip
    told = (quick.completion_pct, quick.expected_pct, quick.ahead_pp, quick.remaining)
    assert [float(values[0]) for values in told] == same
    if not quick.is_near[0]:
        words = (exact.word_zh, exact.word_en)
        assert (quick.colour[0], WORDS[quick.verdict[0]]) == (exact.colour, words)


@pytest.mark.parametrize("done", [100.0, 53.0, 50.0, 47.0, 40.0])
def test_what_stands_on_a_limit_is_left_to_exact_pace(done: float) -> None:
    assert near(done, 100.0, 0.5).is_near[0]
    assert not near(done + 0.001, 100.0, 0.5).is_near[0]


@pytest.mark.parametrize("target", [0.0, -1.0])
def test_a_target_not_above_0_is_left_to_exact_pace(target: float) -> None:
    assert near(1.0, target, 0.5).is_near[0]


def test_nothing_done_and_nothing_asked_stay_apart() -> None:
    unknown = paces_near(np.array([np.nan, 1.0]), np.array([5.0, np.nan]), np.array([0.5, 0.5]))
    assert np.isnan(unknown.completion_pct).all()
