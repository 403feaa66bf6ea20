"""Widths and tests of the blocks of a list, measured when they are looked at, and kept."""

from __future__ import annotations

import time
from hashlib import blake2b
from typing import Any

import geopandas as gpd
import pandas as pd

from zonewright.land.measures import BlockTests, measures
from zonewright.workflows.kept import Kept

# A block is measured once, whichever day, size or zone is asked for.
MOST_KEPT = 5_000
_COLUMNS = ("min_width_m", "passed", "failed")
_UNKNOWN = {"min_width_m": float("nan"), "passed": (), "failed": (), "measured": False}
_measured: Kept[tuple[object, ...], dict[str, Any]] = Kept(MOST_KEPT)


def with_tests(
    blocks: gpd.GeoDataFrame, tests: BlockTests, *, within_s: float = float("inf")
) -> gpd.GeoDataFrame:
    """Return blocks with the tests that they pass.

    Parameters
    ----------
    blocks
        Shape (n,): ``area_m2`` [m²], ``geometry``.
    tests
        What they are tested for.
    within_s
        Time after which no further block is begun [s].

    Returns
    -------
    blocks
        The same, and ``min_width_m`` [m], ``passed``, ``failed`` (tuples of codes), ``measured``
        (bool); NaN and empty where a block is not measured yet.
    """
    end = time.monotonic() + within_s
    rows: list[dict[str, Any]] = []
    for place in range(len(blocks)):
        one = blocks.iloc[place : place + 1]
        if time.monotonic() < end:
            rows.append(_row(one, tests))
        else:
            rows.append(
                {"min_width_m": float("nan"), "passed": (), "failed": (), "measured": False}
            )
    columns = [*_COLUMNS, "measured"]
    found = pd.DataFrame(rows, columns=columns, index=blocks.index).astype(
        {"min_width_m": float, "measured": bool}
    )
    return blocks.assign(**{name: found[name] for name in columns})


def _row(one: gpd.GeoDataFrame, tests: BlockTests) -> dict[str, Any]:
    shape = one.geometry.iloc[0]
    drawn = blake2b(shape.wkb, digest_size=16).digest()
    key = (drawn, float(one["area_m2"].iloc[0]), tests)

    def make() -> dict[str, Any]:
        found = measures(one, tests, rectangles=any_rectangle(tests)).iloc[0]
        return {name: found[name] for name in _COLUMNS} | {"measured": True}

    return _measured.get(key, make)


def any_rectangle(tests: BlockTests) -> bool:
    """Return whether a test asks for the rectangle inside a block."""
    return any(test.measure.startswith("rectangle") for test in tests.tests)
