"""Blocks of a workspace: overlaps once, gaps over its roads, barriers, no-go areas of a time."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.unit.store.conftest import Made
from zonewright.cli import zonewright
from zonewright.land.area import geodesic_area_m2
from zonewright.store.models import (
    MapFeature,
    MapLayer,
    NoGo,
    Parcel,
    ParcelEvent,
    Work,
    Zone,
    ZoneVersion,
)
from zonewright.store.places import locate
from zonewright.workflows import land as land_workflow
from zonewright.workflows import land_ground
from zonewright.workflows.between import Between
from zonewright.workflows.books import Books, open_books
from zonewright.workflows.land import Land, Question, changes_of, land_of
from zonewright.workflows.land_block import block_of
from zonewright.workflows.land_blockers import blockers_of
from zonewright.workflows.land_ground import ground_of

WEST, SOUTH = 113.0, 22.4
# A metre in degrees there, nearly.
X, Y = 1 / 102_970, 1 / 110_740
Shapes = NDArray[np.object_]
ON, BEFORE = date(2023, 10, 31), date(2022, 12, 31)


def at(*box: float) -> shapely.Geometry:
    """Return a box in metres from the corner."""
    west, south, east, north = box
    return shapely.box(WEST + west * X, SOUTH + south * Y, WEST + east * X, SOUTH + north * Y)


def line(*points: tuple[float, float]) -> shapely.Geometry:
    return shapely.LineString([(WEST + x * X, SOUTH + y * Y) for x, y in points])


def lot(code: str, *box: float, stage: str = "L5", on: date = date(2023, 2, 1)) -> None:
    shape = shapely.MultiPolygon([at(*box)])
    area_m2 = float(geodesic_area_m2([shape])[0])
    parcel = Parcel.objects.create(code=code, geometry=shape.wkb, area_m2=area_m2)
    ParcelEvent.objects.create(parcel=parcel, stage=stage, on=on)


def layer(name: str, *shapes: shapely.Geometry, **properties: object) -> None:
    made = MapLayer.objects.create(code=f"layer-{MapLayer.objects.count()}", name=name,
                                   kind="features")  # fmt: skip
    for shape in shapes:
        MapFeature.objects.create(layer=made, geometry=shape.wkb, properties=properties)


def land(gap_m: float = 0.0, min_mu: float = 1.0) -> Land:
    return land_of(open_books(), Question(None, ON, min_mu, gap_m=gap_m))


def members(found: Land) -> list[tuple[str, ...]]:
    return sorted(found.blocks["members"])


@pytest.mark.usefixtures("embedded")
def test_land_that_two_parcels_cover_counts_once() -> None:
    lot("A", 0, 0, 100, 100)
    lot("B", 90, 0, 200, 100)
    found = land()
    whole = geodesic_area_m2([shapely.union(at(0, 0, 100, 100), at(90, 0, 200, 100))])[0]
    assert members(found) == [("A", "B")]
    assert found.block_m2 == pytest.approx(whole, rel=1e-6)
    assert found.ready_m2 == pytest.approx(whole, rel=1e-6)
    twice = geodesic_area_m2([at(90, 0, 100, 100)])[0]
    assert found.overlaps[["first", "second"]].to_numpy().tolist() == [["A", "B"]]
    assert found.overlaps["area_m2"].tolist() == pytest.approx([twice], rel=1e-4)
    (finding,) = found.findings
    assert (finding.code, set(finding.ids)) == ("parcel-overlap", {"A", "B"})
    detail = block_of(open_books(), Question(None, ON, 1.0), "A")
    assert detail is not None
    assert len(detail.overlaps) == 1
    own = detail.parcels["area_m2"] - detail.parcels["twofold_m2"]
    assert own.sum() == pytest.approx(detail.row["area_m2"])


@pytest.mark.usefixtures("embedded")
def test_land_that_an_unready_parcel_covers_too_still_counts() -> None:
    lot("A", 0, 0, 100, 100, stage="L1")
    lot("B", 90, 0, 200, 100)
    found = land()
    assert found.block_m2 == pytest.approx(geodesic_area_m2([at(90, 0, 200, 100)])[0])
    # What A would add is what B does not cover.
    blocking = blockers_of(open_books(), Question(None, ON, 25.0)).options
    (opened,) = blocking["opened_m2"]
    assert opened == pytest.approx(geodesic_area_m2([at(0, 0, 90, 100)])[0], rel=1e-4)


@pytest.mark.usefixtures("embedded")
def test_a_gap_is_bridged_over_a_road_of_the_works_and_nothing_else() -> None:
    lot("A", 0, 0, 100, 100)
    lot("B", 115, 0, 215, 100)
    lot("C", 230, 0, 330, 100)
    assert members(land()) == [("A",), ("B",), ("C",)]
    found = land(gap_m=20)
    assert members(found) == [("A",), ("B",), ("C",)]
    assert [finding.code for finding in found.findings] == ["blocks-gap-no-strips"]
    road = line((107.5, -20), (107.5, 120))
    Work.objects.create(code="W1", name="路", kind="road", geometry=road.wkb)
    found = land(gap_m=20)
    assert (members(found), found.findings) == ([("A", "B"), ("C",)], ())
    assert members(land(gap_m=12)) == [("A",), ("B",), ("C",)]
    detail = block_of(open_books(), Question(None, ON, 1.0, gap_m=20), "A")
    assert detail is not None
    assert list(detail.parcels.index) == ["A", "B"]


@pytest.mark.usefixtures("embedded")
def test_a_reference_layer_is_a_strip_or_a_barrier_by_its_name() -> None:
    lot("A", 0, 0, 100, 100)
    lot("B", 115, 0, 215, 100)
    lot("C", 215, 0, 315, 100)
    layer("渠道", at(100, -20, 115, 120))
    assert members(land(gap_m=20)) == [("A", "B", "C")]
    layer("铁路", line((215, -20), (215, 120)))
    assert members(land(gap_m=20)) == [("A", "B"), ("C",)]
    assert members(land()) == [("A",), ("B",), ("C",)]
    # What counts by the stage alone is as published figures are: it knows of no barriers.
    by_stage = land_of(open_books(), Question(None, ON, 1.0, "levelled"))
    assert members(by_stage) == [("A",), ("B", "C")]


@pytest.mark.usefixtures("embedded")
def test_a_feature_tells_its_kind_and_width_itself() -> None:
    lot("A", 0, 0, 100, 100)
    lot("B", 115, 0, 215, 100)
    layer("地形图", line((107.5, -20), (107.5, 120)), highway="residential", width_m=8)
    assert members(land(gap_m=20)) == [("A",), ("B",)]
    MapFeature.objects.update(properties={"highway": "residential", "width_m": 16})
    assert members(land(gap_m=20)) == [("A", "B")]
    MapFeature.objects.update(properties={"highway": "motorway", "width_m": 16})
    assert members(land(gap_m=20)) == [("A",), ("B",)]


@pytest.mark.usefixtures("embedded")
def test_a_gap_is_not_bridged_across_a_no_go_area() -> None:
    lot("A", 0, 0, 100, 100)
    lot("B", 115, 0, 215, 100)
    layer("道路", at(100, -20, 115, 120))
    assert members(land(gap_m=20)) == [("A", "B")]
    NoGo.objects.create(code="N1", kind="water", geometry=at(105, -50, 108, 160).wkb)
    assert members(land(gap_m=20)) == [("A",), ("B",)]


@pytest.mark.usefixtures("embedded")
def test_what_would_join_over_a_road_is_a_blocker_as_well() -> None:
    lot("A", 0, 0, 100, 100)
    lot("B", 115, 0, 215, 100, stage="L4")
    layer("道路", at(100, -20, 115, 120))
    assert not len(blockers_of(open_books(), Question(None, ON, 25.0)).options)
    (joined,) = blockers_of(open_books(), Question(None, ON, 25.0, gap_m=20)).options["joins"]
    assert joined == ("A",)


@pytest.mark.usefixtures("embedded")
def test_a_no_go_area_counts_from_when_it_was_recorded() -> None:
    lot("A", 0, 0, 100, 100)
    Parcel.objects.update(recorded_at=datetime(2023, 1, 1, tzinfo=UTC))
    ParcelEvent.objects.update(recorded_at=datetime(2023, 1, 1, tzinfo=UTC))
    area = NoGo.objects.create(code="N1", kind="water", geometry=at(50, 0, 60, 100).wkb)
    NoGo.objects.filter(pk=area.pk).update(recorded_at=datetime(2023, 6, 1, tzinfo=UTC))
    for when, ready in ((datetime(2023, 5, 1, tzinfo=UTC), True), (None, False)):
        ground = ground_of(open_books(when))
        assert bool(ground.judged(ON)["ready"].iloc[0]) is ready
        assert bool(ground.fields["no_go_m2"].iloc[0] == 0) is ready


Rows = list[tuple[str, str, float]]


def row_of_lots(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> tuple[Books, Shapes]:
    """Draw lots of 100 m side by side, some over their neighbour, without any database."""
    shapes, events, east = [], [], 0.0
    for place, (first, then, shift) in enumerate(rows):
        west = east + shift * (place > 0)
        shapes.append(at(west, 0, west + 100, 100))
        east = west + 100
        for stage, day in ((first, "2022-05-01"), (then, "2023-05-01")):
            if stage:
                events.append((f"P{place}", stage, pd.Timestamp(day)))
    codes = [f"P{place}" for place in range(len(rows))]
    parcels = gpd.GeoDataFrame(
        {"record": codes, "use": "", "area_m2": geodesic_area_m2(shapes)},
        geometry=shapes, index=pd.Index(codes, dtype=object), crs="EPSG:4490",
    )  # fmt: skip
    dated = pd.DataFrame(events, columns=["parcel", "stage", "on"])
    dated["on"] = pd.to_datetime(dated["on"]).astype("datetime64[ns]")
    books = SimpleNamespace(
        as_of=None, fingerprint="", tables={"parcel_events": dated},
        reporting_period=lambda: None, parcels=lambda _on: parcels,
    )  # fmt: skip
    columns = {"acquired_pct": np.nan, "basic_farmland": None, "services": None}
    known = pd.DataFrame(columns, index=parcels.index)
    nothing = np.empty(0, dtype=object)
    monkeypatch.setattr(land_ground, "ledger", lambda _as_of: known)
    monkeypatch.setattr(land_ground, "no_go_shapes", lambda _as_of: nothing)
    monkeypatch.setattr(land_ground, "between_of_workspace", lambda *_given: Between())
    ground = land_ground.Ground(cast(Books, books))
    monkeypatch.setattr(land_workflow, "ground_of", lambda *_given: ground)
    return cast(Books, books), np.array(shapes, dtype=object)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "L3", "L5", "L7"]),
            st.sampled_from(["", "L5", "L6", "L8"]),
            st.sampled_from([0.0, 0.0, -5.0, -12.0]),
        ),
        min_size=2,
        max_size=7,
    ),
    st.sampled_from([1.0, 20.0]),
)
def test_the_sums_of_what_changed_close(
    monkeypatch: pytest.MonkeyPatch, rows: Rows, min_mu: float
) -> None:
    """Area before + joined - left + remeasured is area after, and all is what is drawn, once."""
    books, shapes = row_of_lots(rows, monkeypatch)
    found = changes_of(books, Question(None, ON, min_mu), BEFORE)
    each = found.blocks
    closed = each["before_m2"] + each["joined_m2"] - each["left_m2"] + each["remeasured_m2"]
    assert np.allclose(closed, each["after_m2"], rtol=1e-9, atol=1e-3)
    for column, name in (("before_m2", "before"), ("after_m2", "after")):
        inside = found.parcels.index[found.parcels[name].notna()]
        drawn = shapely.union_all([shapes[int(str(code)[1:])] for code in inside])
        expected = float(geodesic_area_m2(shapely.get_parts(drawn)).sum())
        assert each[column].sum() == pytest.approx(expected, rel=1e-4)
    joined = found.parcels[found.parcels["kind"] == "joined"]
    assert joined["after_m2"].sum() == pytest.approx(each["joined_m2"].sum())
    assert set(joined["why"]) <= {"became_ready", "group_counts"}
    left = found.parcels[found.parcels["kind"] == "left"]
    assert set(left["why"]) <= {"supplied", "no_longer_ready", "group_too_small"}


def test_both_databases_tell_the_same(workspace: Made) -> None:
    assert workspace
    lot("A", 0, 0, 100, 100)
    lot("B", 115, 0, 215, 100)
    Work.objects.create(code="W1", name="路", kind="road",
                        geometry=line((107.5, -20), (107.5, 120)).wkb)  # fmt: skip
    NoGo.objects.create(code="N1", kind="water", geometry=at(300, 0, 310, 100).wkb)
    assert members(land(gap_m=20)) == [("A", "B")]


def test_the_commands_know_rules_gaps_and_rates(embedded: Made) -> None:
    zone = Zone.objects.create(code="Z", name="东园", kind="park")
    shape = shapely.MultiPolygon([at(-500, -500, 1_000, 1_000)])
    ZoneVersion.objects.create(zone=zone, valid_from=date(2023, 1, 1), geometry=shape.wkb)
    lot("A", 0, 0, 100, 100)
    lot("B", 115, 0, 215, 100)
    lot("C", 215, 0, 315, 100, stage="L4")
    layer("道路", at(100, -20, 115, 120))
    locate()

    def told(command: str, *args: object) -> dict[str, Any]:
        given = (command, embedded.target, "--zone", "Z", "--on", "2023-10-31", "--json", *args)
        result = CliRunner().invoke(zonewright, [*map(str, given)])
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    for rule in ("levelled", "supply"):
        bridged = told("blocks", "--min-mu", 1, "--gap-m", 20, "--rule", rule)
        assert [item["members"] for item in bridged["items"]] == [["A", "B"]]
        assert (bridged["rule"], bridged["gap_m"], bridged["findings"]) == (rule, 20, [])
    assert len(told("blocks", "--min-mu", 1)["items"]) == 2
    (usual,) = told("blockers", "--min-mu", 25)["items"]
    (dear,) = told("blockers", "--min-mu", 25, "--rate", "level_cny_mu=90000")["items"]
    assert dear["cost_cny"] == pytest.approx(2 * usual["cost_cny"])
    (joined,) = told("blockers", "--min-mu", 40, "--gap-m", 20)["items"]
    assert joined["merged_mu"] == pytest.approx(45, rel=1e-2)
    wrong = CliRunner().invoke(
        zonewright, ["blockers", embedded.target, "--zone", "Z", "--rate", "level_cny_mu"]
    )
    assert (wrong.exit_code, "level_cny_mu" in wrong.output) == (2, True)
