"""Pace in floats says what exact pace says."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zonewright.core.errors import RangeError
from zonewright.steering.curves import LINEAR, Stepped
from zonewright.steering.pace import pace
from zonewright.steering.pace_near import pace_near


@given(
    st.decimals(-50, 500, places=3).map(float), st.decimals("0.001", 300, places=3).map(float),
    st.integers(1, 12), st.sampled_from((LINEAR, Stepped(((6, 60),)))),
)  # fmt: skip
@example(100.0, 100.0, 12, LINEAR)
@example(50.0, 100.0, 6, LINEAR)
@example(53.0, 100.0, 6, LINEAR)
@example(47.0, 100.0, 6, LINEAR)
@example(40.0, 100.0, 6, LINEAR)
@example(39.999, 100.0, 6, LINEAR)
def test_both_give_one_verdict(done: float, target: float, month: int, curve: object) -> None:
    expected = float(curve.share(month))  # type: ignore[attr-defined]
    quick = pace_near(done, target, month=month, curve=curve, expected=expected)  # type: ignore[arg-type]
    exact = pace(done, target, month=month, curve=curve)  # type: ignore[arg-type]
    assert (quick.colour, quick.word_zh) == (exact.colour, exact.word_zh)
    assert quick.ahead_pp == pytest.approx(exact.ahead_pp, rel=1e-9, abs=1e-9)
    assert quick.remaining == pytest.approx(exact.remaining, rel=1e-9, abs=1e-9)
    if month == 12:
        assert quick.rate_needed is exact.rate_needed is None
    else:
        assert quick.rate_needed == pytest.approx(exact.rate_needed, rel=1e-9, abs=1e-9)


def test_both_refuse_alike() -> None:
    for done, target, month in ((1.0, 0.0, 6), (1.0, 1.0, 13), (1.0, -1.0, 1)):
        with pytest.raises(RangeError):
            pace_near(done, target, month=month, expected=0.5)
