"""Figures of an outline: what one bad row, an early time or a busy workspace may not spoil."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.unit.store.conftest import (
    Made,
    drawing,
    ledger,
    observation,
    read_file,
    read_table,
    register,
    square,
)
from zonewright.core.errors import InputError
from zonewright.core.periods import Period
from zonewright.store import selectors
from zonewright.store.actions import take
from zonewright.store.models import ParcelEvent, Run
from zonewright.workflows import books as books_module
from zonewright.workflows.blocks import blocks_of
from zonewright.workflows.books import KEPT_DAYS, KEPT_PARCELS, open_books
from zonewright.workflows.figures import figure_set
from zonewright.workflows.lookback import look_back
from zonewright.workflows.pace import pace_of_targets
from zonewright.workflows.zones import zone_summary

TO_OCTOBER = Period.year_to_date(2023, 10)
TARGET = {
    "indicator": "land_levelled", "zone": "JM", "year": 2023, "value": Decimal(400), "unit": "ha",
}  # fmt: skip


def entry(code: str = "F1", **more: object) -> dict[str, object]:
    return {
        "code": code, "chapter": "guarantees", "indicator": "land_levelled", "zone": "JM",
        "period": TO_OCTOBER, "unit": "ha", "bound": "exact", "step": Decimal("0.01"), **more,
    }  # fmt: skip


def filled(*entries: dict[str, object], **target: object) -> None:
    """Fill a workspace with two levelled parcels, an outline and a target."""
    lone = read_table("zones", [{"code": "B", "name": "乙园", "kind": "park"}], file="b.xlsx")
    take([register(), ledger(), drawing(), read_file(lone, name="b.xlsx")], by="t")
    tables = [
        read_table("outline", entries or (entry(),), file="o.xlsx", sheet="outline"),
        read_table("targets", [{**TARGET, **target}], file="o.xlsx", sheet="targets"),
    ]
    take([read_file(*tables, name="o.xlsx")], by="t")


def test_a_figure_stands_against_its_target(workspace: Made) -> None:
    filled()
    (item,) = figure_set().items
    assert item.pace is not None
    assert item.target == 400
    assert item.pace.completion_pct == pytest.approx(100 * item.figure.number / 400)
    assert item.findings == ()


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({"unit": "项"}, "unit-dimension"),
        ({"value": Decimal(0)}, "range-positive"),
        ({"curve": "stepped", "points": {6: 60.0, 9: 50.0}}, "curve-points"),
        ({"curve": "seasonal"}, "curve-profile"),
        ({"curve": "milestone"}, "curve-due"),
    ],
)
def test_a_target_that_cannot_be_compared_is_a_finding(
    embedded: Made, target: dict[str, object], code: str
) -> None:
    filled(entry("F1"), entry("F2", indicator="land_acquired"), **target)
    bad, good = figure_set().items
    assert bad.pace is None
    assert [finding.code for finding in bad.findings] == [code]
    assert bad.findings[0].ids[0].startswith("target:")
    assert bad.value is not None
    assert good.findings == ()
    assert len(pace_of_targets(month=TO_OCTOBER)) == (0 if "unit" in target else 1)


def test_a_figure_stated_in_a_unit_that_does_not_fit_is_stated_in_its_own(embedded: Made) -> None:
    filled(entry(unit="项"))
    (item,) = figure_set().items
    assert item.stated.unit == "ha"
    assert [(finding.table, finding.ids) for finding in item.findings] == [("outline", ("F1",))]
    assert item.as_dict()["findings"]


def test_a_share_of_the_city_without_a_city_is_not_told(embedded: Made) -> None:
    filled(entry("F1"), entry("F2", indicator="value_added_city_share", unit="%", zone="B"))
    known, share = figure_set().items
    assert known.value is not None
    assert share.value is None
    assert [finding.code for finding in share.findings] == ["scope-no-city"]


def test_an_empty_workspace_has_no_figures_and_says_so(workspace: Made) -> None:
    assert figure_set().items == ()
    with pytest.raises(InputError):
        pace_of_targets()
    with pytest.raises(InputError):
        look_back()


def test_a_zone_without_records_has_a_page_and_no_figures_of_zero(workspace: Made) -> None:
    indicators = {"land_levelled": "ha", "ready_blocks": "块", "works_invested": "亿元",
                  "output": "亿元", "eu_source_countries": "个"}  # fmt: skip
    rows = [
        entry(f"F{place}", zone="A", indicator=code, unit=given)
        for place, (code, given) in enumerate(indicators.items())
    ]
    take([register(), read_file(read_table("outline", rows, file="o"), name="o")], by="t")
    assert [(item.value, len(item.findings)) for item in figure_set().items] == [(None, 1)] * 5
    summary = zone_summary("A")
    assert (summary.works, summary.ventures, len(summary.blocks)) == (0, 0, 0)
    assert summary.stages["stock_parcel_count"].sum() == 0
    assert blocks_of("A", on=date(2023, 10, 31)).rows == ()
    assert len(look_back().figures) == 5


def test_before_anything_was_known_there_are_no_figures(workspace: Made) -> None:
    filled()
    early = datetime(2020, 1, 1, tzinfo=UTC)
    assert figure_set(early).items == ()
    assert len(figure_set(datetime(2100, 1, 1, tzinfo=UTC)).items) == 1


def test_an_event_deleted_by_another_program_leaves_the_figure(embedded: Made) -> None:
    filled()
    before = figure_set().items[0].figure
    with closing(sqlite3.connect(embedded.path)) as other:
        other.execute("DELETE FROM store_parcelevent WHERE stage = 'L5' AND id = 3")
        other.commit()
    after = figure_set().items[0].figure
    assert (len(before.records), len(after.records)) == (2, 1)
    assert after.number is not None
    assert before.number is not None
    assert after.number == pytest.approx(before.number / 2, rel=0.01)


def test_figures_are_shown_while_another_program_writes(embedded: Made) -> None:
    filled()
    with closing(sqlite3.connect(embedded.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        found = figure_set()
        other.execute("ROLLBACK")
    assert (found.items[0].value is not None, found.run) == (True, "")
    ParcelEvent.objects.filter(stage="L3").delete()
    assert Run.objects.get(pk=figure_set().run).question == "figures"


def test_books_hold_one_moment_whatever_is_written_meanwhile(
    embedded: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled()
    before = selectors.fingerprint()
    read = selectors.facts

    def slow(as_of: datetime | None = None) -> object:
        with closing(sqlite3.connect(embedded.path, isolation_level=None)) as other:
            other.execute("DELETE FROM store_parcelevent WHERE stage = 'L5'")
        return read(as_of)

    monkeypatch.setattr(books_module.selectors, "facts", slow)
    books = open_books()
    assert books.fingerprint == before
    assert set(books.tables["parcel_events"]["stage"]) == {"L3", "L5"}
    monkeypatch.setattr(books_module.selectors, "facts", read)
    assert open_books().fingerprint == selectors.fingerprint() != before
    assert set(open_books().tables["parcel_events"]["stage"]) == {"L3"}


def test_books_do_not_grow_with_the_days_that_are_asked_for(embedded: Made) -> None:
    filled()
    books = open_books()
    for day in range(1, 29):
        books.facts(date(2023, 2, day))
        books.parcels(date(2023, 2, day))
    assert len(books._facts.keys()) == KEPT_DAYS
    assert len(books._parcels.keys()) == KEPT_PARCELS
    assert books.facts(date(2023, 2, 28)) is books.facts(date(2023, 2, 28))


def test_a_zones_area_as_published_is_that_of_the_latest_period(embedded: Made) -> None:
    filled()
    take([observation(Decimal(1395), period=Period.whole_year(2023))], by="t")
    take([observation(Decimal(1000), period=Period.whole_year(2019))], by="t")
    assert zone_summary("JM").reported_area_m2 == 1395e6


def test_a_zones_boundaries_are_those_known_at_the_time(embedded: Made) -> None:
    filled()
    then = datetime.now(UTC)
    rows = [{"code": "JM", "name": "江门市", "kind": "city", "valid_from": date(2024, 1, 1),
             "geometry": square(112.0, 22.0, 0.5)}]  # fmt: skip
    take([read_file(read_table("zones", rows, file="n"), name="n")], by="t")
    assert len(zone_summary("JM").versions) == 2
    assert len(zone_summary("JM", as_of=then).versions) == 1


def test_a_report_of_a_time_names_the_files_known_then(embedded: Made) -> None:
    filled()
    then = datetime.now(UTC)
    take([observation(Decimal(1395))], by="t")
    now, before = look_back().sources, look_back(as_of=then).sources
    assert len(now) == len(before) + 1
    assert sum(file.records for file in now) == sum(file.records for file in before) + 1


def test_a_report_dates_itself_where_the_headquarters_is(embedded: Made) -> None:
    filled()
    evening = datetime(2023, 11, 23, 20, 0, tzinfo=UTC)
    assert look_back(at=evening).as_of == date(2023, 11, 24)


def test_a_boundary_without_a_date_is_not_said_to_hold_since_1970(embedded: Made) -> None:
    filled()
    (figure,) = look_back().figures
    assert figure.derivation is not None
    assert figure.derivation.scope.en == "江门市; boundary: 江门市"
