"""What is said of a dirty layer: each fault with its rows and its place, the gravest first."""

from __future__ import annotations

import numpy as np
from pyproj import CRS
from shapely import Polygon, box

from zonewright.core.findings import Finding
from zonewright.land.flat import flat_of_shapes
from zonewright.land.scale import Scale
from zonewright.land.topology.exact import match_edges
from zonewright.land.topology.findings import Faults, RowNames, findings_of
from zonewright.land.topology.near_survey import survey
from zonewright.land.topology.repair import repaired, repeated_rows

PLANE = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=0 +ellps=GRS80 +units=m")


def found(*shapes: Polygon, most: int = 1_000) -> tuple[Finding, ...]:
    drawn = flat_of_shapes(shapes)
    scale = Scale.of(drawn, PLANE)
    flat, repairs = repaired(drawn, scale)
    seen = survey(flat, scale, match_edges(flat), slit_m=0.5)
    faults = Faults(repairs, *repeated_rows(flat), seen.overlaps, seen.slits)
    names = RowNames(
        [f"P{row}" for row in range(len(shapes))],
        np.arange(1, len(shapes) + 1),
        "lots.gpkg",
        "lots",
    )
    return findings_of(faults, names, most=most)


def test_a_clean_layer_has_no_findings() -> None:
    assert found(box(0, 0, 50, 50), box(50, 0, 90, 50), box(0, 58, 50, 90)) == ()


def test_each_fault_has_its_rows_and_its_place() -> None:
    findings = found(
        box(0, 0, 50, 50),
        box(48, 0, 90, 50),  # over the first by 2 m
        box(0, 50.3, 50, 90),  # 0.3 m away from the first
        Polygon([(200, 0), (210, 10), (210, 0), (200, 10)]),
        box(0, 0, 50, 50),  # the first again
        Polygon([(300, 0), (310, 0), (320, 0)]),
    )
    told = [(one.code, one.severity, one.ids, one.place.row) for one in findings]
    assert told == [
        ("parcel-ring-crossing", "warning", ("P3",), 4),
        ("parcel-no-area", "warning", ("P5",), 6),
        ("parcel-repeated", "warning", ("P4", "P0"), 5),
        ("parcel-overlap", "warning", ("P1", "P0"), 2),
        ("parcel-slit", "info", ("P2", "P0"), 3),
        ("parcel-slit", "info", ("P2", "P1"), 3),
    ]
    assert str(findings[0].place) == "lots.gpkg [lots] 4"
    assert findings[3].params == {"x": 49.0, "y": 25.0, "area": "100.00"}
    assert findings[4].params == {"x": 25.0, "y": 50.15, "width": "0.30", "length": "50.0"}


def test_every_text_names_its_values_in_both_languages() -> None:
    for finding in found(
        box(0, 0, 50, 50), box(48, 0, 90, 50), box(0, 0, 50, 50), box(0, 50.3, 50, 90),
        Polygon([(200, 0), (210, 10), (210, 0), (200, 10)]), most=1,
    ):  # fmt: skip
        for language in ("en", "zh"):
            assert "?" not in finding.text(language)
            assert finding.code not in finding.text(language)


def test_the_gravest_are_listed_and_the_rest_counted() -> None:
    rows = [box(100 * k, 0, 100 * k + 52 + k, 50) for k in range(4)]
    beside = [box(100 * k + 50, 0, 100 * k + 90, 50) for k in range(4)]
    findings = found(*rows, *beside, most=2)
    assert [(one.code, one.ids) for one in findings] == [
        ("parcel-overlap", ("P7", "P3")),
        ("parcel-overlap", ("P6", "P2")),
        ("parcel-more", ()),
    ]
    assert findings[-1].params["count"] == 2


def test_places_in_degrees_are_told_to_a_centimetre() -> None:
    names = RowNames(["A"], [1], degrees=True)
    assert names.spot(113.123456789, 22.5) == {"x": 113.1234568, "y": 22.5}
