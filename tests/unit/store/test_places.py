"""In which zones records lie, as SQL can ask it, and the stage that a parcel has reached."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
import shapely
from django.db import connection
from django.utils import timezone

from tests.unit.store.conftest import Made, square
from tests.web import sample
from zonewright.land.scope import Scope
from zonewright.store import selectors
from zonewright.store.indicators import sync_indicators
from zonewright.store.models import (
    Membership,
    NoGo,
    Parcel,
    ParcelEvent,
    Place,
    Work,
    Zone,
    ZoneVersion,
)
from zonewright.store.models.base import Placed
from zonewright.store.places import forget, locate
from zonewright.store.selectors.state import token

LONG_AGO = date(2020, 1, 1)


def run(sql: str, *params: object) -> None:
    """Run a statement as another program would, past the models."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def shape_sql() -> str:
    return "ST_GeomFromWKB(%s, 4490)" if connection.vendor == "postgresql" else "%s"


def zone(code: str, wkb: bytes | None = None, *, since: date = LONG_AGO) -> Zone:
    made, _ = Zone.objects.get_or_create(code=code, defaults={"name": code, "kind": "park"})
    if wkb is not None:
        ZoneVersion.objects.create(zone=made, valid_from=since, geometry=wkb)
    return made


def zones_of(record: Placed) -> set[str] | None:
    """Return the zones of a record's place; None if it was not found yet."""
    record.refresh_from_db()
    if record.place_id is None:
        return None
    return set(record.place.zones.values_list("code", flat=True))


def test_a_parcel_under_overlapping_zones_lies_in_both(workspace: Made) -> None:
    zone("A", square(112.0, 22.0, 0.2))
    zone("B", square(112.1, 22.0, 0.2))
    both = Parcel.objects.create(code="P1", geometry=square(112.15, 22.1))
    one = Parcel.objects.create(code="P2", geometry=square(112.05, 22.1))
    none = Parcel.objects.create(code="P3", geometry=square(113.0, 23.0))
    assert zones_of(both) is None
    assert locate() == 3
    assert [zones_of(parcel) for parcel in (both, one, none)] == [{"A", "B"}, {"A"}, set()]
    assert locate() == 0
    assert Place.objects.count() == 3


def test_records_of_one_place_share_it(workspace: Made) -> None:
    zone("A", square(112.0, 22.0, 0.2))
    for number in range(4):
        Parcel.objects.create(code=f"P{number}", geometry=square(112.01 + number / 50, 22.1))
    locate()
    assert Parcel.objects.values("place").distinct().count() == 1


def test_a_boundary_that_moves_takes_records_along(workspace: Made) -> None:
    zone("A", square(112.0, 22.0, 0.2))
    parcel = Parcel.objects.create(code="P1", geometry=square(112.15, 22.1))
    locate()
    run(f"UPDATE store_zoneversion SET geometry = {shape_sql()}", square(112.4, 22.0, 0.2))
    assert locate() == 1
    assert zones_of(parcel) == set()


def test_a_boundary_counts_from_the_day_on_which_it_begins(workspace: Made) -> None:
    today = timezone.localdate()
    version = ZoneVersion.objects.create(
        zone=zone("A"),
        valid_from=LONG_AGO,
        valid_to=today + timedelta(days=30),
        geometry=square(112.0, 22.0, 0.2),
    )
    zone("A", square(112.4, 22.0, 0.2), since=version.valid_to)
    old = Parcel.objects.create(code="P1", geometry=square(112.1, 22.1))
    new = Parcel.objects.create(code="P2", geometry=square(112.5, 22.1))
    locate()
    assert (zones_of(old), zones_of(new)) == ({"A"}, set())
    assert locate(on=version.valid_to - timedelta(days=1)) == 0
    assert locate(on=version.valid_to) == 2
    assert (zones_of(old), zones_of(new)) == (set(), {"A"})


def test_a_no_go_area_lies_in_every_zone_that_it_meets(workspace: Made) -> None:
    zone("A", square(112.0, 22.0, 0.1))
    zone("B", square(112.1, 22.0, 0.1))
    zone("C", square(112.5, 22.0, 0.1))
    # Its middle lies in B only.
    area = NoGo.objects.create(code="N1", kind="farmland", geometry=square(112.08, 22.02, 0.08))
    locate()
    assert zones_of(area) == {"A", "B"}


def test_a_geometry_changed_by_sql_is_found_again(workspace: Made) -> None:
    zone("A", square(112.0, 22.0, 0.2))
    zone("B", square(112.4, 22.0, 0.2))
    moved = Parcel.objects.create(code="P1", geometry=square(112.1, 22.1))
    other = Parcel.objects.create(code="P2", geometry=square(112.05, 22.1))
    locate()
    run(f"UPDATE store_parcel SET geometry = {shape_sql()} WHERE code = 'P1'", square(112.5, 22.1))
    assert zones_of(moved) is None
    assert locate() == 1
    assert (zones_of(moved), zones_of(other)) == ({"B"}, {"A"})


def test_what_another_program_adds_is_found(workspace: Made) -> None:
    zone("A", square(112.0, 22.0, 0.2))
    locate()
    run(
        f"INSERT INTO store_parcel (code, geometry) VALUES ('X1', {shape_sql()})",
        square(112.1, 22.1),
    )
    assert locate() == 1
    assert zones_of(Parcel.objects.get(code="X1")) == {"A"}


def test_a_work_off_the_map_lies_in_its_declared_zone(workspace: Made) -> None:
    first, second = zone("A", square(112.0, 22.0, 0.2)), zone("B")
    work = Work.objects.create(code="W1", name="路", kind="road", zone=first)
    nowhere = Work.objects.create(code="W2", name="桥", kind="road")
    locate()
    assert (zones_of(work), zones_of(nowhere)) == ({"A"}, set())
    run("UPDATE store_work SET zone_id = %s WHERE code = 'W1'", second.pk)
    locate()
    assert zones_of(work) == {"B"}


def test_the_map_goes_before_the_declared_zone_where_that_has_a_boundary(workspace: Made) -> None:
    bounded, open_zone = zone("A", square(112.0, 22.0, 0.2)), zone("B")
    drawn = square(112.5, 22.1)
    outside = Parcel.objects.create(code="P1", zone=bounded, geometry=drawn)
    declared = Parcel.objects.create(code="P2", zone=open_zone, geometry=drawn)
    locate()
    assert (zones_of(outside), zones_of(declared)) == (set(), {"B"})
    # A zone that has members is bounded by theirs.
    Membership.objects.create(parent=open_zone, child=bounded, hierarchy="admin")
    assert locate() == 1
    assert zones_of(declared) == set()


def test_a_drawn_record_declared_elsewhere_by_sql_is_found_again(workspace: Made) -> None:
    first, second = zone("A"), zone("B")
    parcel = Parcel.objects.create(code="P1", zone=first, geometry=square(112.5, 22.1))
    locate()
    run("UPDATE store_parcel SET zone_id = %s", second.pk)
    assert locate() == 1
    assert zones_of(parcel) == {"B"}


def test_what_is_forgotten_is_found_again(workspace: Made) -> None:
    zone("A", square(112.0, 22.0, 0.2))
    parcel = Parcel.objects.create(code="P1", geometry=square(112.1, 22.1))
    locate()
    forget(Parcel, [parcel.pk])
    assert zones_of(parcel) is None
    assert locate() == 1
    assert zones_of(parcel) == {"A"}


def test_places_agree_with_the_scope_of_every_zone(workspace: Made) -> None:
    """SQL must show a reader of a zone just what the zone's figures count."""
    sync_indicators()
    sample.fill(rows=9)
    outer = Zone.objects.get(code="D1")
    Work.objects.create(code="W8", name="管线", kind="pipe", zone=outer)
    Work.objects.create(code="W9", name="管线", kind="pipe", zone=Zone.objects.get(code="C1"))
    alone = Zone.objects.create(code="L1", name="无界园", kind="park")
    Parcel.objects.create(code="X1", zone=alone, geometry=square(112.9, 22.5))
    locate()
    today = timezone.localdate()
    scope = Scope(selectors.zone_versions(today), selectors.memberships(), today)
    facts = selectors.facts()
    counted = 0
    for name, model in (("parcels", Parcel), ("works", Work)):
        frame = facts[name]
        for code in Zone.objects.values_list("code", flat=True):
            inside = set(frame["record"][scope.mask(frame, code)])
            pks = _in_places(model, scope, code)
            assert {f"{name[:-1]}:{pk}" for pk in pks} == inside, (name, code)
            counted += len(inside)
    assert counted > 400


def _in_places(model: type[Placed], scope: Scope, code: str) -> list[int]:
    """Return the records whose place says what the scope of a zone says."""
    rows = model._default_manager.filter
    if scope.has_boundary(code):
        on_map = rows(place__zones__code=code, geometry__isnull=False)
        below = (code, *scope.descendants(code))
    else:
        below = (code, *scope.descendants(code))
        on_map = rows(place__zones__code__in=below, geometry__isnull=False)
    off_map = rows(place__zones__code__in=below, geometry__isnull=True)
    return [*on_map.values_list("pk", flat=True), *off_map.values_list("pk", flat=True)]


# ---- The stage of a parcel -----------------------------------------------------------------------


def stages() -> dict[str, str]:
    return dict(Parcel.objects.values_list("code", "stage"))


def reached() -> dict[str, str]:
    """Return the stages as the figures compute them from the events."""
    found = selectors.parcels(timezone.localdate())["stage"]
    return {str(code): str(stage) for code, stage in found.items()}


def _random_step(chance: random.Random, parcels: Sequence[Parcel]) -> None:
    today = timezone.localdate()
    events = list(ParcelEvent.objects.values_list("pk", flat=True))
    step = chance.choice(("add", "add", "add", "correct", "move", "restage", "delete"))
    on = today + timedelta(days=chance.randint(-400, 60))
    if step == "add" or not events:
        stage = f"L{chance.randint(0, 9)}"
        run(
            'INSERT INTO store_parcelevent (parcel_id, stage, "on") VALUES (%s, %s, %s)',
            chance.choice(parcels).pk,
            stage,
            on,
        )
    elif step == "correct":
        event = ParcelEvent.objects.get(pk=chance.choice(events))
        ParcelEvent.objects.create(parcel=event.parcel, stage=event.stage, on=on)
    elif step == "move":
        run(
            "UPDATE store_parcelevent SET parcel_id = %s WHERE id = %s",
            chance.choice(parcels).pk,
            chance.choice(events),
        )
    elif step == "restage":
        run(
            'UPDATE store_parcelevent SET stage = %s, "on" = %s WHERE id = %s',
            f"L{chance.randint(0, 9)}",
            on,
            chance.choice(events),
        )
    else:
        run("DELETE FROM store_parcelevent WHERE id = %s", chance.choice(events))


@pytest.mark.parametrize("seed", range(4))
def test_the_stage_follows_the_events_whoever_writes_them(workspace: Made, seed: int) -> None:
    chance = random.Random(seed)
    parcels = [Parcel.objects.create(code=f"P{number}") for number in range(5)]
    seen = set()
    for _ in range(60):
        _random_step(chance, parcels)
        assert stages() == reached()
        seen |= set(stages().values())
    assert len(seen) > 4


def test_a_day_to_come_does_not_count_yet(workspace: Made) -> None:
    parcel = Parcel.objects.create(code="P1")
    today = timezone.localdate()
    ParcelEvent.objects.create(parcel=parcel, stage="L3", on=today)
    ParcelEvent.objects.create(parcel=parcel, stage="L5", on=today + timedelta(days=1))
    assert stages() == {"P1": "L3"}
    # A correction that puts a stage off takes it back.
    ParcelEvent.objects.create(parcel=parcel, stage="L3", on=today + timedelta(days=9))
    assert stages() == {"P1": ""}


def test_many_events_at_once_count_like_one_by_one(workspace: Made) -> None:
    parcels = [Parcel.objects.create(code=f"P{number}") for number in range(6)]
    ParcelEvent.objects.bulk_create(
        ParcelEvent(parcel=parcel, stage=f"L{stage}", on=date(2023, 1 + stage, 1))
        for position, parcel in enumerate(parcels)
        for stage in range(position)
    )
    assert stages() == reached()
    assert set(stages().values()) == {"", "L0", "L1", "L2", "L3", "L4"}
    run("DELETE FROM store_parcelevent")
    assert set(stages().values()) == {""}


def test_an_event_that_changes_no_stage_changes_no_parcel(embedded: Made) -> None:
    parcel = Parcel.objects.create(code="P1")
    ParcelEvent.objects.create(parcel=parcel, stage="L5", on=LONG_AGO)
    before = token("store_parcel")
    ParcelEvent.objects.create(parcel=parcel, stage="L3", on=LONG_AGO)
    assert token("store_parcel") == before
    ParcelEvent.objects.create(parcel=parcel, stage="L6", on=LONG_AGO)
    assert token("store_parcel") != before


def test_lines_and_points_lie_where_they_are(workspace: Made) -> None:
    zone("A", square(112.0, 22.0, 0.2))
    line = shapely.LineString([(112.1, 22.1), (112.11, 22.1), (112.9, 22.1)])
    point = shapely.Point(112.1, 22.1)
    # The middle of the line lies beyond the zone.
    road = Work.objects.create(code="W1", name="路", kind="road", geometry=line.wkb)
    plant = Work.objects.create(code="W2", name="厂", kind="plant", geometry=point.wkb)
    locate()
    assert (zones_of(road), zones_of(plant)) == (set(), {"A"})
