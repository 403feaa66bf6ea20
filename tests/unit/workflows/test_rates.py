"""Rates that a headquarters puts in the place of the assumed ones, in every plan."""

from __future__ import annotations

import json

import pytest

from zonewright.core.errors import InputError, RangeError
from zonewright.workflows import grading_question, unlock_question
from zonewright.workflows.land_blockers import changed_rates, standard_rates
from zonewright.workflows.rates import default_rates

UNLOCK = {"zone": "Z", "on": "2023-10-31", "budget_wan": 100}
OURS = {"level_cny_mu": 52_000, "cut_cny_m3": 11.5}


@pytest.mark.parametrize("given", [OURS, json.dumps(OURS)])
def test_one_set_of_rates_serves_every_plan(given: object) -> None:
    unlock = unlock_question.question_of({**UNLOCK, "rates": given}).rates
    assert (unlock.level_cny_mu, unlock.acquire_cny_mu) == (52_000, 90_000)
    grading = grading_question.question_of({**UNLOCK, "rates": given}).rates
    assert grading.cut_cny_m3 == 11.5
    assert grading.fill_cny_m3 == default_rates()["grading"]["fill_cny_m3"]
    assert changed_rates(OURS) == unlock


def test_a_rate_that_is_given_singly_goes_before() -> None:
    params = {**UNLOCK, "rates": OURS, "level_cny_mu": 1}
    assert unlock_question.question_of(params).rates.level_cny_mu == 1


@pytest.mark.parametrize("none", [None, "", {}])
def test_without_changes_the_assumed_rates_hold(none: object) -> None:
    assert unlock_question.question_of({**UNLOCK, "rates": none}).rates == standard_rates()
    assert changed_rates({}) == standard_rates()


@pytest.mark.parametrize(
    ("rates", "kind", "said"),
    [
        ({"level": 1}, InputError, "level_cny_mu"),
        ({"level_cny_mu": "dear"}, InputError, "level_cny_mu"),
        ({"level_cny_mu": -1}, RangeError, "level_cny_mu"),
        ("{", InputError, "{"),
        ([1], InputError, "1"),
    ],
)
def test_rates_that_make_no_sense(rates: object, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind) as told:
        unlock_question.question_of({**UNLOCK, "rates": rates})
    assert said in str(told.value)


def test_both_kinds_of_run_may_be_given_rates() -> None:
    assert "rates" in unlock_question.PARAMS
    assert "rates" in grading_question.PARAMS
