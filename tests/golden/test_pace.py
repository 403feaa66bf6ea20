"""The pace of published notices comes out to the printed decimal."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from zonewright.steering.pace import Pace, pace

VECTORS = json.loads((Path(__file__).parent / "pace" / "vectors.json").read_text(encoding="utf-8"))


def pace_of(case: dict[str, str]) -> Pace:
    """Return the pace of a notice; where it gives no target, that follows from its percentage."""
    month = int(case["month"])
    if "target" in case:
        return pace(Decimal(case["done"]), Decimal(case["target"]), month=month)
    done = Fraction(case.get("done", case["done_pct"]))
    return pace(done, done / Fraction(case["done_pct"]) * 100, month=month)


def rounded(value: float, as_printed: str) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(as_printed), ROUND_HALF_UP)


def test_there_are_six() -> None:
    assert len(VECTORS) == 6


@pytest.mark.parametrize("case", VECTORS, ids=[case["source"] for case in VECTORS])
def test_the_printed_decimals_come_out(case: dict[str, str]) -> None:
    found = pace_of(case)
    ahead = case.get("published_ahead_pp") or case["derived_ahead_pp"]
    printed = case["published_done_pct"]
    assert rounded(found.ahead_pp, ahead) == Decimal(ahead)
    assert rounded(found.completion_pct, printed) == Decimal(printed)


def test_the_three_start_up_areas() -> None:
    """26.03亿元 are 86.24 % of the year: a target of 30.18, 4.15 left, 2.08 a month needed."""
    case = next(case for case in VECTORS if case.get("done") == "26.03")
    found = pace_of(case)
    figures = (found.target, found.remaining, found.rate_needed, found.rate_so_far)
    assert [round(value or 0, 2) for value in figures] == [30.18, 4.15, 2.08, 2.60]
    assert (found.colour, found.word_zh) == ("green", "超时序")
