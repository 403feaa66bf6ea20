"""What a block of ready land measures, and which tests it passes."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeGuard

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zonewright.core.errors import CRSError, GeometryError, InputError
from zonewright.core.schema import require_columns
from zonewright.core.units import convert, known_unit, unit
from zonewright.land.area import geodesic_area_m2
from zonewright.land.frame import EPSG_4490, MetricFrame
from zonewright.land.rectangles import inscribed_rectangle
from zonewright.land.widths import hull_width_m, wide_part, widths

Floats = NDArray[np.float64]
MEASURES: Mapping[str, float] = {
    "area_m2": 1e-6, "min_width_m": 0.1, "passage_m": 0.1, "arm_m": 0.1, "hull_width_m": 0.01,
    "compactness": 1e-6, "rectangle_m2": 0.1, "rectangle_width_m": 0.01,
    "rectangle_length_m": 0.01, "wide_m2": 0.1, "wide_share": 1e-6,
}  # fmt: skip
"""What may be tested, and how fine it is: a block this little below a limit passes."""
_WIDE = ("wide_m2", "wide_share")
_KEYS = {"code", "measure", "at_least", "unit", "wide_m", "zh", "en"}
_MU_M2 = float(convert(1, "亩", "m2"))


@dataclass(frozen=True, slots=True)
class BlockTest:
    """A limit that a block reaches or not.

    Parameters
    ----------
    code
        Name of the test.
    measure
        What is measured, one of ``MEASURES``.
    at_least
        Limit, in the measure's own unit, itself allowed.
    wide_m
        Width that ``wide_m2`` and ``wide_share`` ask for [m]; 0 for the others.
    zh, en
        What a reader sees.
    """

    code: str
    measure: str
    at_least: float
    wide_m: float
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class BlockTests:
    """The tests of blocks, with the version of the document that sets them."""

    version: str
    tests: tuple[BlockTest, ...]


def read_tests(text: str) -> BlockTests:
    """Return the tests of a TOML text, written as ``land/data/block_tests.toml``.

    Raises
    ------
    InputError
        If the text is no TOML, or a test is incomplete; the message names the test.

    Examples
    --------
    >>> read_tests('''
    ... version = "own"
    ... [[test]]
    ... code = "half"
    ... measure = "area_m2"
    ... at_least = 250
    ... unit = "亩"
    ... zh = "250亩"
    ... en = "250 mu"
    ... ''').tests[0].at_least
    166666.66666666666
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise InputError("block-tests-unreadable", cause=str(fault)) from fault
    rows = given.get("test", [])
    tests = tuple(_test(place, row) for place, row in enumerate(rows, start=1))
    codes = [test.code for test in tests]
    for place, code in enumerate(codes):
        if code in codes[:place]:
            raise InputError("block-tests-code-repeated", test=code)
    return BlockTests(str(given.get("version", "")), tests)


@cache
def standard_tests() -> BlockTests:
    """Return the tests that Zonewright brings: 500 and 10,000 mu, 100 m wide, compact."""
    source = files("zonewright.land") / "data" / "block_tests.toml"
    return read_tests(source.read_text(encoding="utf-8"))


def measures(
    blocks: gpd.GeoDataFrame, tests: BlockTests, *, rectangles: bool = True
) -> gpd.GeoDataFrame:
    """Return the measures of each block's outline, and the tests that it passes.

    Parameters
    ----------
    blocks
        Shape (n,): ``geometry`` (valid polygons or multipolygons, in any known frame) and, if
        there, ``area_m2`` [m²]; where it is absent the area on the ellipsoid is taken.
    tests
        What a block is tested for.
    rectangles
        Whether to look for the largest rectangle, about half of the work; without, its columns are
        NaN and a test of it is an error.

    Returns
    -------
    measured
        Index as `blocks`; EPSG:4490, geometry ``rectangle``, None where there is none.

        - ``area_m2`` [m²], ``area_mu`` [mu].
        - ``min_width_m``: the smaller of ``passage_m`` and ``arm_m``. ``passage_m``: the narrowest
          passage between two wider parts. ``arm_m``: the narrowest dead end longer than one and a
          half times its width. ``widest_m``: the widest disc that fits. `widths` defines them.
        - ``hull_width_m``: the smallest distance of two parallel lines around the block.
        - ``compactness`` [-]: 4π area / perimeter², holes' edges too; 1 for a disc.
        - ``rectangle_m2``, ``rectangle_width_m``, ``rectangle_length_m``: a rectangle inside, a
          lower bound of the largest.
        - ``passed``, ``failed``: tuples of codes of tests.

    Raises
    ------
    CRSError, GeometryError, InputError
        If the frame is unknown, an outline is empty or no polygon, or a rectangle is tested that
        was not asked for.

    Notes
    -----
    Lengths are measured in a transverse Mercator on the middle meridian of each block.

    Examples
    --------
    >>> blocks = gpd.GeoDataFrame(geometry=[shapely.box(113, 22.5, 113.01, 22.505)], crs=4490)
    >>> row = measures(blocks, standard_tests()).iloc[0]
    >>> round(row["area_mu"]), round(row["min_width_m"]), row["passed"]
    (855, 554, ('area_500_mu', 'width_100_m', 'wide_500_mu', 'compact'))
    """
    _require(blocks, tests, rectangles=rectangles)
    outlines = blocks.geometry if blocks.crs == EPSG_4490 else blocks.geometry.to_crs(EPSG_4490)
    shapes = outlines.to_numpy()
    area_m2 = geodesic_area_m2(shapes)
    if "area_m2" in blocks:
        given = blocks["area_m2"].to_numpy(dtype=float, na_value=np.nan)
        area_m2 = np.where(np.isnan(given), area_m2, given)
    rows = [
        _measured(shape, float(area), tests, rectangles=rectangles)
        for shape, area in zip(shapes, area_m2, strict=True)
    ]
    columns = [
        "area_m2", "area_mu", "min_width_m", "passage_m", "arm_m", "widest_m", "hull_width_m",
        "compactness", "rectangle_m2", "rectangle_width_m", "rectangle_length_m", "rectangle",
        "passed", "failed",
    ]  # fmt: skip
    return gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=columns, index=blocks.index),
        geometry="rectangle",
        crs=EPSG_4490,
    )


def _measured(
    shape: shapely.Geometry, area_m2: float, tests: BlockTests, *, rectangles: bool
) -> dict[str, object]:
    frame = MetricFrame.around(shapely.bounds(shape)[[0, 2]])
    metric = shapely.transform(shape, frame.to_metric)
    found = widths(metric)
    row: dict[str, Any] = {
        "area_m2": area_m2,
        "area_mu": area_m2 / _MU_M2,
        "min_width_m": found.min_width_m,
        "passage_m": found.passage_m,
        "arm_m": found.arm_m,
        "widest_m": found.widest_m,
        "hull_width_m": hull_width_m(metric),
        "compactness": 4 * math.pi * metric.area / metric.length**2,
        "rectangle": None,
    }
    inside = inscribed_rectangle(metric) if rectangles else None
    names = ("rectangle_m2", "rectangle_width_m", "rectangle_length_m")
    row |= dict.fromkeys(names, math.nan if not rectangles else 0.0)
    if inside is not None:
        sizes = (inside.area_m2, inside.width_m, inside.length_m)
        row |= dict(zip(names, sizes, strict=True))
        row["rectangle"] = shapely.transform(inside.shape, frame.to_degrees)
    parts = {
        wide_m: wide_part(metric, wide_m=wide_m).area
        for wide_m in {test.wide_m for test in tests.tests if test.wide_m}
    }
    passes = {test.code: _passes(test, row, parts, metric.area) for test in tests.tests}
    row["passed"] = tuple(code for code, good in passes.items() if good)
    row["failed"] = tuple(code for code, good in passes.items() if not good)
    return row


def _passes(
    test: BlockTest, row: Mapping[str, Any], parts: Mapping[float, float], metric_m2: float
) -> bool:
    if test.measure in _WIDE:
        share = parts[test.wide_m] / metric_m2
        value = share if test.measure == "wide_share" else share * row["area_m2"]
    else:
        value = row[test.measure]
    return bool(value >= test.at_least - MEASURES[test.measure] / 2)


def _require(blocks: gpd.GeoDataFrame, tests: BlockTests, *, rectangles: bool) -> None:
    require_columns(blocks, blocks.geometry.name, of="blocks")
    if blocks.crs is None:
        raise CRSError("measures-no-crs")
    shapes = blocks.geometry.to_numpy()
    polygonal = np.isin(shapely.get_type_id(shapes), [3, 6])
    wrong = shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~polygonal
    if wrong.any():
        raise GeometryError("measures-no-outline", block=blocks.index[wrong][0])
    asked = [test.code for test in tests.tests if test.measure.startswith("rectangle")]
    if asked and not rectangles:
        raise InputError("measures-no-rectangle", test=asked[0])


def _test(place: int, row: Mapping[str, Any]) -> BlockTest:
    strange = sorted(set(row) - _KEYS)
    if strange:
        raise InputError("block-tests-key-unknown", place=place, key=strange[0])
    for key in ("code", "zh", "en"):
        if not isinstance(row.get(key), str) or not row[key]:
            raise InputError("block-tests-key-missing", place=place, key=key)
    measure, limit, wide_m = row.get("measure"), row.get("at_least"), row.get("wide_m", 0)
    if measure not in MEASURES:
        raise InputError("block-tests-key-missing", place=place, key="measure")
    if not _is_number(limit):
        raise InputError("block-tests-key-missing", place=place, key="at_least")
    if not _is_number(wide_m) or (wide_m > 0) != (measure in _WIDE):
        raise InputError("block-tests-key-missing", place=place, key="wide_m")
    written = row.get("unit")
    if written is not None:
        is_area = known_unit(str(written)) and unit(str(written)).dimension == "area"
        if not is_area or not str(measure).endswith("_m2"):
            raise InputError("block-tests-key-missing", place=place, key="unit")
        limit = float(convert(limit, str(written), "m2"))
    return BlockTest(row["code"], str(measure), float(limit), float(wide_m), row["zh"], row["en"])


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
