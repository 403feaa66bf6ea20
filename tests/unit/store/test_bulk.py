"""What has changed since a layer was read, told by the database's own log."""

from __future__ import annotations

from datetime import date

import pytest
import shapely

from tests.unit.store.conftest import Made
from zonewright.store.models import Change, Parcel, ParcelEvent
from zonewright.store.selectors import bulk
from zonewright.store.selectors.bulk import LogMark

LOT = shapely.MultiPolygon([shapely.box(112.7, 22.4, 112.71, 22.41)])
NOW = 1000.0


def parcel(code: str) -> Parcel:
    return Parcel.objects.create(code=code, geometry=LOT.wkb, area_m2=5.0)


def test_parcels_come_as_columns_and_an_unknown_area_is_measured(workspace: Made) -> None:
    first, second = parcel("A"), parcel("B")
    Parcel.objects.create(code="C")  # not on the map
    Parcel.objects.filter(pk=second.pk).update(area_m2=None)
    (rows,) = bulk.parcel_rows()
    assert rows.ids.tolist() == [first.pk, second.pk]
    assert rows.codes == ("A", "B")
    assert rows.area_m2[0] == 5.0
    assert rows.area_m2[1] == pytest.approx(1.14e6, rel=0.02)
    assert shapely.from_wkb(rows.geometries[0]).equals(LOT)
    (only,) = bulk.parcel_rows([second.pk, 999])
    assert only.codes == ("B",)


def test_the_log_tells_which_parcels_were_written(workspace: Made) -> None:
    first, second = parcel("A"), parcel("B")
    mark = bulk.log_mark()
    nothing = bulk.changed_since("store_parcel", mark, NOW)
    assert nothing is not None
    assert (nothing.rows, nothing.others) == (frozenset(), frozenset())
    Parcel.objects.filter(pk=second.pk).update(town="x")
    told = bulk.changed_since("store_parcel", mark, NOW)
    assert told is not None
    assert told.rows == {second.pk}
    assert told.token != nothing.token
    gone = first.pk
    first.delete()
    later = bulk.changed_since("store_parcel", told.mark, NOW)
    assert later is not None
    assert later.rows == {gone}


@pytest.mark.parametrize("way", ["added", "moved", "deleted"])
def test_an_event_that_leaves_the_present_stage_is_told_too(workspace: Made, way: str) -> None:
    first, second = parcel("A"), parcel("B")
    ParcelEvent.objects.create(parcel=first, stage="L5", on=date(2023, 5, 1))
    early = ParcelEvent.objects.create(parcel=first, stage="L3", on=date(2023, 1, 1))
    mark = bulk.log_mark()
    if way == "added":
        ParcelEvent.objects.create(parcel=first, stage="L4", on=date(2023, 2, 1))
    elif way == "deleted":
        early.delete()
    else:
        ParcelEvent.objects.filter(pk=early.pk).update(parcel=second)
    told = bulk.changed_since("store_parcel", mark, NOW)
    assert told is not None
    assert told.others == ({first.pk, second.pk} if way == "moved" else {first.pk})


def test_a_number_that_comes_late_is_not_missed(workspace: Made) -> None:
    mark = LogMark(0)
    write(1, 11), write(4, 14)
    told = bulk.changed_since("store_parcel", mark, NOW)
    assert told is not None
    assert told.rows == {11, 14}
    assert [(span.first, span.last) for span in told.mark.missing] == [(2, 3)]
    write(3, 13)
    late = bulk.changed_since("store_parcel", told.mark, NOW + 1)
    assert late is not None
    assert late.rows == {13}
    assert [(span.first, span.last) for span in late.mark.missing] == [(2, 2)]
    # After ten minutes it belongs to a transaction that failed.
    long_after = bulk.changed_since("store_parcel", late.mark, NOW + 601)
    assert long_after is not None
    assert long_after.mark.missing == ()


def test_a_log_without_the_rows_that_were_not_seen_tells_nothing(workspace: Made) -> None:
    write(5, 1), write(9, 1)
    assert bulk.changed_since("store_parcel", LogMark(3), NOW) is None
    assert bulk.changed_since("store_parcel", LogMark(4), NOW) is not None
    assert bulk.changed_since("store_parcel", LogMark(10), NOW) is None


def write(number: int, row: int) -> None:
    Change.objects.create(pk=number, name="store_parcel", row=row)


def test_events_come_in_the_order_in_which_they_were_recorded(workspace: Made) -> None:
    first = parcel("A")
    for day in (3, 1, 2):
        ParcelEvent.objects.create(parcel=first, stage="L3", on=date(2023, 1, day))
    rows = bulk.event_rows()
    assert rows.days == ("2023-01-03", "2023-01-01", "2023-01-02")
    assert bulk.event_rows([999]).days == ()
