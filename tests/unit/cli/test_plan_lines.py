"""What the command says of a grading plan."""

from __future__ import annotations

import pytest

from zonewright.cli.plan_lines import grading_lines

FOUND = {
    "plan": {"cut_m3": 1200.4, "fill_m3": 1080.4, "imbalance": -3e-13, "prisms_by_grid": 0.9988},
    "single": {"cost": {"total_cny": 330_000.0}},
    "cost_cny": 259_800.0,
    "gap": 0.000412,
    "rates_version": "2023-1",
}


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "above the bound at most"), ("zh", "高出下界不超过")]
)
def test_shares_are_told_without_false_digits_and_the_gap_is_never_told_smaller(
    lang: str, words: str
) -> None:
    earth, cost, _rates = grading_lines(FOUND, lang)
    assert "0.00" in earth
    assert "e-" not in earth
    assert "-0.12" in earth
    assert "0.05" in cost
    assert words in cost
    assert "33.0" in cost


def test_without_a_single_plane_a_dash_stands() -> None:
    _earth, cost, _rates = grading_lines(FOUND | {"single": None, "gap": 0.0}, "en")
    assert "0.00 %" in cost
    assert cost.rstrip(".").endswith("-")
