"""Files that were filled in before an indicator got its present name are still read."""

from __future__ import annotations

import pytest

from zonewright.intake.references import _FORMER_NAMES, _indicator_codes
from zonewright.intake.wording import key_of
from zonewright.steering import catalogue


@pytest.mark.parametrize("name", _FORMER_NAMES)
def test_a_former_name_gives_the_same_indicator_as_the_present_one(name: str) -> None:
    codes, indicator = _indicator_codes(), catalogue.load()[_FORMER_NAMES[name]]
    assert codes[key_of(name)] == codes[key_of(indicator.zh)] == indicator.code
    assert name not in (indicator.zh, indicator.en)
