"""Year-end forecasts of public monthly series: coverage of intervals, errors beside plain rules.

The last years of each series are told at the end of March to November, each from what was known
then: the method is chosen, and its interval set, by a back-test on the years before alone. Beside
it stand the pace rule (done times 12 over the months gone), the same months of last year, and each
single method.

    python -m benchmarks.forecast
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy
import statsmodels

from benchmarks._forecast_series import HELD_OUT, Series, read_series
from zonewright.steering.backtest import record_of
from zonewright.steering.forecast_year import LEVELS
from zonewright.steering.forecasts import Known, year_end

RESULTS = Path(__file__).parent / "results"
MONTHS = range(3, 12)
OURS, PACE, NAIVE = "chosen", "run_rate", "seasonal_naive"
# What is asked of the intervals, and of the errors beside either plain rule.
POINTS = 0.05
# The matrices are small.
THREADS = "OPENBLAS_NUM_THREADS"


@dataclass(frozen=True)
class Case:
    """A year's end told at the end of a month by a method, beside what came."""

    series: str
    year: int
    month: int
    method: str
    used: str
    told: float
    came: float
    bands: dict[str, tuple[float, float]]
    score: float

    @property
    def error(self) -> float:
        """How far off it was."""
        return abs(self.told - self.came)

    def holds(self, level: float) -> bool:
        """Return whether the interval of a level held what came."""
        low, high = self.bands[f"{level:g}"]
        return low <= self.came <= high


def tell(series: Series) -> list[Case]:
    """Return every forecast of a series' held-out years."""
    history = series.history
    found: list[Case] = []
    for year in series.held_out:
        came = float(history.of(year).sum())
        record = None
        for month in MONTHS:
            known = Known(
                series.name, series.name, "", "", "", year, month, history.until(year, month)
            )
            record = record or record_of(known)
            answer = year_end(known, record=record)
            for place, outlook in enumerate(answer.by_method):
                names = (OURS, outlook.method) if place == 0 else (outlook.method,)
                bands = {f"{level:g}": outlook.band(level) for level in LEVELS}
                score = outlook.spread.score(came - outlook.median)
                found.extend(
                    Case(series.name, year, month, name, outlook.method, outlook.median, came,
                         bands, score)
                    for name in names
                )  # fmt: skip
    return found


def beside(cases: Sequence[Case], method: str, rule: str) -> dict[str, float]:
    """Return errors and scores over a rule's: geometric mean and median over the series."""
    errors, scores = [], []
    for name in sorted({case.series for case in cases}):
        own = {(c.year, c.month): c for c in cases if (c.series, c.method) == (name, method)}
        other = {(c.year, c.month): c for c in cases if (c.series, c.method) == (name, rule)}
        both = own.keys() & other.keys()
        below = sum(other[key].error for key in both)
        if below <= 0:
            continue
        errors.append(sum(own[key].error for key in both) / below)
        scores.append(sum(own[key].score for key in both) / sum(other[key].score for key in both))
    return {
        "series": len(errors),
        "mean": _mean(errors),
        "median": statistics.median(errors),
        "better_on": sum(ratio <= 1 for ratio in errors) / len(errors),
        "score": _mean(scores),
    }


def _mean(ratios: Sequence[float]) -> float:
    return math.exp(statistics.fmean(math.log(max(ratio, 1e-6)) for ratio in ratios))


def coverage(cases: Iterable[Case], method: str, keep: Callable[[Case], bool]) -> dict[str, float]:
    """Return how often intervals held, each series counting the same, and how many cases."""
    own = [case for case in cases if case.method == method and keep(case)]
    names = sorted({case.series for case in own})
    found: dict[str, float] = {"cases": len(own)}
    for level in LEVELS:
        found[f"{level:g}"] = statistics.fmean(case.holds(level) for case in own)
        found[f"{level:g} by series"] = statistics.fmean(
            statistics.fmean(case.holds(level) for case in own if case.series == name)
            for name in names
        )
    return found


def by_series(cases: Sequence[Case], series: Series) -> dict[str, object]:
    """Return mean errors and coverage of one series, and which methods were chosen."""
    own = [case for case in cases if case.series == series.name]
    errors = {
        method: statistics.fmean(case.error for case in own if case.method == method)
        for method in (OURS, PACE, NAIVE)
    }
    chosen = [case for case in own if case.method == OURS]
    return {
        "series": series.name,
        "errors": errors,
        "coverage": {
            f"{level:g}": statistics.fmean(case.holds(level) for case in chosen)
            for level in LEVELS
        },
        "used": {name: sum(case.used == name for case in chosen)
                 for name in sorted({case.used for case in chosen})},
    }  # fmt: skip


def tell_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table."""
    lines = [list(heads), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    print(f"\n{title}")
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        print("  " + "  ".join(cells))


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def main() -> None:
    """Run the benchmark, print its tables and write its results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--limit", type=int, help="only so many series")
    parser.add_argument("--only", help="only the series whose name holds this")
    parser.add_argument("--out", type=Path, default=RESULTS / "forecast.json")
    given = parser.parse_args()
    chosen = [s for s in read_series() if not given.only or given.only in s.name][: given.limit]
    begun = time.perf_counter()
    cases = [case for series in chosen for case in tell(series)]
    took_s = time.perf_counter() - begun
    methods = sorted({case.method for case in cases} - {OURS})
    spans = {
        "all": lambda _case: True,
        "March-May": lambda case: case.month <= 5,
        "June-August": lambda case: 6 <= case.month <= 8,
        "September-November": lambda case: case.month >= 9,
    }
    covered = {name: coverage(cases, OURS, keep) for name, keep in spans.items()}
    errors = {
        name: {rule: beside(cases, name, rule) for rule in (PACE, NAIVE)}
        for name in (OURS, *methods)
    }
    tell_table(
        f"Coverage of the chosen method's intervals ({len(chosen)} series,"
        f" {len({(c.series, c.year) for c in cases})} held-out years)",
        ("told at the end of", "cases", *(f"{level:.0%}" for level in LEVELS)),
        [(name, int(row["cases"]), *(row[f"{level:g}"] for level in LEVELS))
         for name, row in covered.items()],
    )  # fmt: skip
    tell_table(
        "Error beside the plain rules (below 1 is better; geometric mean and median over series)",
        ("method", "pace rule", "median", "last year", "median", "CRPS/pace", "CRPS/last year"),
        [(name, row[PACE]["mean"], row[PACE]["median"], row[NAIVE]["mean"], row[NAIVE]["median"],
          row[PACE]["score"], row[NAIVE]["score"]) for name, row in errors.items()],
    )  # fmt: skip
    goals = [
        *((f"{level:.0%} interval within 5 points", abs(covered["all"][f"{level:g}"] - level)
           <= POINTS) for level in LEVELS),
        ("error not above the pace rule", errors[OURS][PACE]["mean"] <= 1),
        ("error not above the same months of last year", errors[OURS][NAIVE]["mean"] <= 1),
    ]  # fmt: skip
    tell_table("Goals", ("goal", "reached"), [(name, "yes" if ok else "NO") for name, ok in goals])
    print(f"\n{len(cases)} forecasts in {took_s:.1f} s")
    report = {
        "benchmark": "forecast",
        "machine": {
            "processor": platform.machine(),
            "system": platform.system(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "statsmodels": statsmodels.__version__,
        },
        "series": [
            {"name": s.name, "what": s.what, "source": s.source, "licence": s.licence,
             "years": [s.history.whole_years[0], s.history.whole_years[-1]],
             "held_out": list(s.held_out)}
            for s in chosen
        ],
        "held_out_share": HELD_OUT,
        "months": list(MONTHS),
        "seconds": round(took_s, 1),
        "coverage": covered,
        "errors": errors,
        "goals": dict(goals),
        "by_series": [by_series(cases, series) for series in chosen],
    }  # fmt: skip
    if not (given.limit or given.only):
        given.out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")


def with_one_thread() -> None:
    """Begin again with one thread for linear algebra: more only wait for one another.

    The library reads the setting when it is loaded.
    """
    if os.environ.get(THREADS) != "1":
        command = [sys.executable, "-m", "benchmarks.forecast", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, THREADS: "1"})  # noqa: S606


if __name__ == "__main__":
    with_one_thread()
    main()
