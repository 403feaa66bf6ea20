"""The colours can be read, and told apart, in both modes."""

from __future__ import annotations

import pytest

from zonewright.core.schema import table
from zonewright.report import theme
from zonewright.report.model import COLOURS
from zonewright.report.theme import Mode


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("role", ["ink", "muted", "accent", *COLOURS])
def test_text_stands_out_on_ground_and_panel(mode: Mode, role: str) -> None:
    tint = theme.colours(mode)
    assert contrast(tint[role], tint["ground"]) >= 4.5
    assert contrast(tint[role], tint["panel"]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_notice_stands_out(mode: Mode) -> None:
    tint = theme.colours(mode)
    assert contrast(tint["notice_ink"], tint["notice"]) >= 4.5


def test_both_modes_have_the_same_roles() -> None:
    assert theme.colours("light").keys() == theme.colours("dark").keys()


def test_each_pace_has_a_sign_of_its_own() -> None:
    assert len(set(theme.SIGNS.values())) == len(COLOURS) == len(theme.SIGNS)


def test_every_kind_of_zone_is_drawn_in_its_own_way() -> None:
    styles = theme.zone_styles()
    assert set(table("zones")["kind"].choices) == set(styles)
    assert len(set(styles.values())) == len(styles)
