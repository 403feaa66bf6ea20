"""A report that cannot be laid out is refused when it is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from fractions import Fraction

import pytest

from zonewright.core.errors import RangeError
from zonewright.core.findings import Place
from zonewright.report.model import Derivation, Line, LookBack, PaceMark, Text


def test_a_time_without_zone_is_refused(lookback: LookBack) -> None:
    with pytest.raises(RangeError, match="time zone"):
        replace(lookback, generated_at=datetime(2023, 11, 23))


def test_a_repeated_code_is_refused(lookback: LookBack) -> None:
    chapter = lookback.chapters[0]
    doubled = replace(chapter, figures=(*chapter.figures, chapter.figures[0]))
    with pytest.raises(RangeError, match="more than once"):
        replace(lookback, chapters=(doubled,), headlines=())


@pytest.mark.parametrize("code", ["", "a b", "征地", 'x"y'])
def test_a_code_that_is_no_anchor_is_refused(lookback: LookBack, code: str) -> None:
    chapter = lookback.chapters[0]
    changed = replace(chapter, figures=(replace(chapter.figures[0], code=code),))
    with pytest.raises(RangeError, match="anchor"):
        replace(lookback, chapters=(changed,), headlines=())


def test_a_headline_of_no_chapter_is_refused(lookback: LookBack) -> None:
    with pytest.raises(RangeError, match="F999"):
        replace(lookback, headlines=("F999",))


def test_an_unknown_colour_is_refused() -> None:
    with pytest.raises(RangeError, match="purple"):
        PaceMark(80.0, 3.0, "purple")  # type: ignore[arg-type]


def lines(*given: float | None) -> tuple[Line, ...]:
    return tuple(Line("m:1", "c", "t", value, Place("f.xlsx")) for value in given)


def test_contributions_add_up_exactly_or_not_at_all() -> None:
    whole = Derivation(Text("", ""), Text("", ""), lines=lines(0.5, 0.25))
    assert whole.total == Fraction(3, 4)
    for gap in (None, float("nan")):
        part = Derivation(Text("", ""), Text("", ""), lines=lines(0.5, gap))
        assert part.total is None
    assert whole.files == ("f.xlsx",)
