"""Year-end forecasts: chosen and bounded by how forecasts of earlier years did, or not at all."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from zonewright.core.errors import RangeError
from zonewright.steering._statsmodels import fit_smoothing
from zonewright.steering.backtest import Known, back_test, judged, record_of
from zonewright.steering.forecast_methods import Carrier, History
from zonewright.steering.forecast_works import WorkState
from zonewright.steering.forecast_year import LEVELS, Track, methods
from zonewright.steering.forecasts import year_end

SEASON = np.array([2, 3, 9, 8, 9, 15, 6, 7, 10, 9, 10, 12.0])


def history(years: int, *, noise: float = 0.1, seed: int = 1, months: int = 0) -> History:
    """Return years of a growing seasonal flow, and some months more."""
    random = np.random.default_rng(seed)
    count = 12 * years + months
    growth = 1.05 ** (np.arange(count) / 12)
    amounts = np.resize(SEASON, count) * growth * np.exp(noise * random.standard_normal(count))
    return History(2010, tuple(float(amount) for amount in amounts))


def known(past: History, *, target: float | None = None) -> Known:
    year, month = past.last
    return Known("Z", "works_invested", "投资", "Investment", "亿元", year, month, past,
                 target=target)  # fmt: skip


def test_a_long_history_gives_a_forecast_with_its_track_record() -> None:
    past = history(10)
    came = past.done(2019, 12)
    found = year_end(known(past.until(2019, 8), target=came))
    assert found.median is not None
    assert found.low is not None
    assert found.high is not None
    assert found.done == pytest.approx(past.done(2019, 8))
    assert found.low < came < found.high
    assert abs(found.median / came - 1) < 0.05
    assert found.track is not None
    assert found.track.basis == "years"
    assert 2019 not in found.track.years
    assert found.track.against_pace is not None
    assert found.track.against_pace < 0.6
    assert [point.month for point in found.path] == [9, 10, 11, 12]
    assert found.path[-1].median == found.median


def test_nothing_later_than_the_month_is_looked_at() -> None:
    past = history(10)
    cut = past.until(2019, 8)
    spoilt = History(2010, (*cut.amounts, 1e6, 1e6, 1e6, 1e6))
    carrier = Carrier(spoilt)
    for code, path in Carrier(cut).paths(2019, 8).items():
        np.testing.assert_array_equal(path, carrier.paths(2019, 8)[code])
    told = back_test(known(past.until(2019, 8)))
    longer = back_test(known(past.until(2019, 11)))
    assert told.trials == longer.trials


def test_a_trial_is_bounded_by_what_was_known_when_it_was_made() -> None:
    first = back_test(known(history(6, months=5))).trials
    later = back_test(known(history(9, months=5))).trials
    early = [repr(trial) for trial in first if trial.year <= 2013]
    assert early == [repr(trial) for trial in later if trial.year <= 2013]
    assert any(trial.bands for trial in first)


def test_without_a_record_there_is_no_forecast_but_the_reason() -> None:
    found = year_end(known(History(2023, (1.0, 2.0, 3.0)), target=40.0))
    assert not found.is_told
    assert found.median is None
    assert found.done == 6.0
    assert [finding.code for finding in found.findings] == ["forecast-no-track"]
    assert back_test(known(History(2023, (1.0,) * 5))).tracks == ()
    nothing = replace(known(History(2023, (1.0,))), history=None)
    assert [f.code for f in year_end(nothing).findings] == ["forecast-no-data"]
    late = replace(known(History(2023, (1.0,) * 4)), month=6)
    assert year_end(late).done is None


def test_ten_months_are_judged_within_the_year_and_said_to_be_few() -> None:
    past = History(2023, (8.0, 9.0, 12.0, 9.0, 11.0, 10.0, 8.0, 12.0, 9.0, 11.0))
    found = year_end(known(past, target=110.0))
    assert found.track is not None
    assert found.track.basis == "months"
    assert [finding.code for finding in found.findings][:1] == ["forecast-short"]
    assert found.low is not None
    assert found.low >= past.done(2023, 10)
    assert all(trial.upto <= 10 for trial in back_test(known(past)).trials)


def test_december_needs_no_forecast() -> None:
    found = year_end(known(history(5)))
    assert [finding.code for finding in found.findings] == ["forecast-year-over"]
    assert (found.is_told, found.done) == (False, pytest.approx(history(5).done(2014, 12)))


def test_works_tell_a_year_that_months_cannot() -> None:
    """A plan that is nearly used up ends the year's run, whatever the rate was."""
    months = {2023 * 12 + month: 10.0 for month in range(10)}
    works = (WorkState("W1", months, year_plan=104.0, started=2023 * 12),)
    past = History(2023, (10.0,) * 10)
    found = year_end(replace(known(past, target=110.0), works=works))
    told = {outlook.method: outlook.median for outlook in found.by_method}
    assert told["project_list"] == pytest.approx(104.0)
    assert told["run_rate"] == pytest.approx(120.0)


def test_negative_months_do_not_hold_the_year_up() -> None:
    past = history(8, months=6)
    amounts = [*past.amounts[:-1], -past.amounts[-1]]
    found = year_end(known(History(2010, tuple(amounts)), target=1.0))
    assert found.best is not None
    assert found.best.floor == -np.inf


def test_zeros_and_constants_are_no_trouble() -> None:
    assert not year_end(known(History(2015, (0.0,) * 100))).is_told
    found = year_end(known(History(2015, (5.0,) * 100), target=60.0))
    assert found.median == pytest.approx(60.0)


def test_the_level_is_a_share() -> None:
    with pytest.raises(RangeError):
        year_end(known(history(5, months=3)), level=80)
    with pytest.raises(RangeError):
        History(2020, (1.0, float("nan")))


@pytest.mark.parametrize(
    ("share", "banded", "standing", "codes"),
    [
        (0.65, 20, "right", []),
        (0.64, 25, "narrow", ["forecast-interval-narrow"]),
        (0.96, 25, "wide", ["forecast-interval-wide"]),
        (0.2, 9, "few", ["forecast-interval-few"]),
        (None, 0, "few", ["forecast-interval-few"]),
        (0.2, 10, "narrow", ["forecast-interval-narrow"]),
    ],
)
def test_an_interval_that_held_too_little_or_too_much_is_called_so(
    share: float | None, banded: int, standing: str, codes: list[str]
) -> None:
    past = known(history(5, months=6))
    held = {} if share is None else {0.8: share}
    track = Track("theta", "years", (2014,), 30, 1.0, None, 1.0, None, None, held, banded)
    assert track.standing(0.8) == standing
    found = judged(past, track, 0.8)
    assert [finding.code for finding in found] == codes
    said = str(banded) if standing == "few" else f"{share:.0%}"
    assert all(said in finding.text(lang) for finding in found for lang in ("zh", "en"))
    assert judged(past, track, 0.9) == ()


def test_a_forecast_and_its_back_test_judge_the_interval_alike() -> None:
    codes = set()
    for seed in range(3):
        past = known(history(7, noise=0.4, seed=seed, months=6))
        told = [f for f in year_end(past).findings if f.code.startswith("forecast-interval")]
        tested = back_test(past).findings
        assert [f.params for f in told] == [f.params for f in tested]
        codes |= {finding.code for finding in told}
    assert codes  # noise of this size is too much for some of them


def test_models_warn_nobody_in_threads() -> None:
    """Years that repeat themselves are fitted without an error, of which no logarithm is."""
    years = np.tile(SEASON, 6)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with ThreadPoolExecutor(4) as pool:
            tasks = [pool.submit(fit_smoothing, years * (1 + part)) for part in range(8)]
            assert all(np.shape(task.result()) for task in tasks)
    assert not [str(warning.message) for warning in caught]


def test_every_method_of_the_table_is_used() -> None:
    past = known(history(8, months=6))
    months = {2018 * 12 + month: 3.0 for month in range(6)}
    works = (WorkState("W1", months, total=90.0, started=2018 * 12),)
    told = set(Carrier(history(8, months=6)).paths(2018, 6)) | {"project_list"}
    assert told == set(methods())
    assert record_of(replace(past, works=works)).tracks.keys() == set(methods()) - {"project_list"}


def test_coverage_on_many_simulated_zones_is_near_its_level() -> None:
    held = dict.fromkeys(LEVELS, 0)
    cases = 0
    for seed in range(40):
        past = history(9, noise=0.25, seed=seed)
        for month in (4, 8):
            best = year_end(known(past.until(2018, month))).best
            assert best is not None
            cases += 1
            for level in LEVELS:
                low, high = best.band(level)
                held[level] += low <= past.done(2018, 12) <= high
    assert held[0.5] / cases == pytest.approx(0.5, abs=0.17)
    assert held[0.8] / cases == pytest.approx(0.8, abs=0.13)
    assert held[0.95] / cases >= 0.87
