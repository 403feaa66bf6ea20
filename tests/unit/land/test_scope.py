"""Which records belong to which zone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from shapely import box

from zonewright.core.errors import InputError, UnknownReferenceError
from zonewright.land.scope import Scope

ON = date(2023, 10, 31)
# Two overlapping zones in a city; START is a collective zone of S1 and S2; LEAF has nothing.
BOUNDARIES = {
    "JM": (1, "city", box(112, 21, 114, 23)),
    "C": (2, "cluster", box(112.5, 22, 113.5, 22.5)),
    "PF": (3, "platform", box(113.4, 22, 113.8, 22.5)),
    "S1": (4, "startup", box(112.6, 22.1, 112.8, 22.2)),
    "S2": (5, "startup", box(112.7, 22.1, 112.9, 22.2)),
    "START": (None, "collective", None),
    "LEAF": (None, "park", None),
    "FAR": (6, "park", box(115, 25, 115.1, 25.1)),
}
LINKS = [
    ("JM", "C"), ("JM", "PF"), ("C", "START"), ("START", "S1"), ("START", "S2"), ("C", "LEAF"),
]  # fmt: skip


def memberships(*links: tuple[str, ...]) -> pd.DataFrame:
    rows = [(*link, *[None] * (4 - len(link))) for link in links]
    frame = pd.DataFrame(rows, columns=["parent", "child", "valid_from", "valid_to"])
    return frame.assign(hierarchy="group").astype(
        {"valid_from": "datetime64[ns]", "valid_to": "datetime64[ns]"}
    )


def scope(*links: tuple[str, ...], on: date = ON) -> Scope:
    versions = pd.DataFrame.from_dict(
        BOUNDARIES, orient="index", columns=["version", "kind", "geometry"]
    )
    return Scope(versions, memberships(*(links or LINKS)), on)


def records(*rows: tuple[float | None, float | None, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["lon", "lat", "zone"]).astype({"lon": float, "lat": float})


def test_the_map_decides_over_the_declared_zone() -> None:
    found = records((112.7, 22.4, "PF"), (113.7, 22.1, "C"))
    assert scope().mask(found, "C").tolist() == [True, False]
    assert scope().mask(found, "PF").tolist() == [False, True]


def test_a_record_in_two_overlapping_zones_is_in_both_and_once_in_the_city() -> None:
    found = records((113.45, 22.2, ""))
    zones = scope()
    assert [zones.mask(found, code).sum() for code in ("C", "PF", "JM")] == [1, 1, 1]


def test_without_coordinates_the_declared_zone_and_all_above_it_count() -> None:
    found = records((None, None, "S1"))
    within = [code for code in BOUNDARIES if scope().mask(found, code).any()]
    assert within == ["JM", "C", "S1", "START"]


def test_a_zone_without_boundary_is_the_union_of_its_members() -> None:
    found = records(
        (112.65, 22.15, ""), (112.75, 22.15, ""), (112.85, 22.15, ""), (112.95, 22.15, "START")
    )
    assert scope().mask(found, "START").tolist() == [True, True, True, False]


def test_a_zone_with_neither_boundary_nor_members_holds_what_is_declared_in_it() -> None:
    found = records((112.7, 22.15, "LEAF"), (None, None, "LEAF"), (112.7, 22.15, "S1"))
    assert scope().mask(found, "LEAF").tolist() == [True, True, False]


def test_a_point_on_the_border_lies_in_the_zone() -> None:
    assert scope().mask(records((112.5, 22.2, "")), "C").tolist() == [True]


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [
        (None, None, True),
        ("2023-10-31", None, True),
        ("2023-11-01", None, False),
        (None, "2023-10-31", False),  # the first day on which it no longer holds
        (None, "2023-11-01", True),
    ],
)
def test_memberships_hold_between_their_dates(
    since: str | None, until: str | None, holds: bool
) -> None:
    zones = scope(("JM", "C"), ("C", "LEAF", since, until))  # type: ignore[arg-type]
    assert zones.mask(records((None, None, "LEAF")), "C").tolist() == [holds]


def test_a_cycle_is_refused_and_named() -> None:
    with pytest.raises(InputError, match="member of itself") as caught:
        scope(("JM", "C"), ("C", "S1"), ("S1", "C"))
    assert "C" in caught.value.text("zh")


def test_a_cycle_that_has_ended_is_none() -> None:
    scope(("C", "S1"), ("S1", "C", None, "2023-01-01"))


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(UnknownReferenceError, match="no zone XX"):
        scope().mask(records((112.7, 22.2, "")), "XX")


def test_families() -> None:
    zones = scope()
    assert zones.descendants("C") == ("LEAF", "START", "S1", "S2")
    assert zones.ancestors("S1") == ("START", "C", "JM")
    assert zones.members("START") == ("S1", "S2")


def test_versions_that_decide() -> None:
    zones = scope()
    assert (zones.version_of("C"), zones.version_of("START")) == ("2", "")
    assert zones.versions_used("START") == ("4", "5")
    assert zones.versions_used("LEAF") == ()


def test_the_city_is_found_by_membership_or_by_the_map() -> None:
    assert scope().city_of("S1") == "JM"
    assert scope().city_of("JM") == "JM"
    assert scope(("C", "S1")).city_of("S1") == "JM"  # no membership leads there: the map does
    with pytest.raises(UnknownReferenceError, match="No city"):
        scope().city_of("FAR")


def test_the_area_of_a_union_counts_the_overlap_once() -> None:
    zones = scope()
    one, other, both = (zones.area_m2(code) for code in ("S1", "S2", "START"))
    assert one is not None
    assert other is not None
    assert both == pytest.approx(1.5 * one, rel=1e-4)
    assert zones.area_m2("LEAF") is None


def test_masks_are_kept_for_a_frame_and_cannot_be_changed() -> None:
    zones, found = scope(), records((112.7, 22.2, ""))
    mask = zones.mask(found, "C")
    assert zones.mask(found, "C") is mask
    with pytest.raises(ValueError, match="read-only"):
        mask[0] = False
    assert zones.mask(records((113.7, 22.2, "")), "C").tolist() == [False]


def test_a_dropped_frame_is_forgotten() -> None:
    zones = scope()
    for _ in range(20):
        zones.mask(records((112.7, 22.2, "")), "C")
    assert len(zones._kept) <= 1


def test_many_points_agree_with_a_plain_test_of_each() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(112, 114, 500), rng.uniform(21, 23, 500)
    found = pd.DataFrame({"lon": lon, "lat": lat, "zone": ""})
    west, south, east, north = BOUNDARIES["C"][2].bounds  # type: ignore[union-attr]
    plain = [(west <= x <= east) and (south <= y <= north) for x, y in zip(lon, lat, strict=True)]
    assert scope().mask(found, "C").tolist() == plain
