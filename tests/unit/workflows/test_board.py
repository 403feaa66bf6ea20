"""The headquarters' board: who is behind, by what, and what was given out and changed since."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.unit.store.conftest import Made, read_file, read_table
from zonewright.core.errors import NotAllowedError, SchemaError, UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.steering.figure import Question
from zonewright.steering.rollup import evaluate
from zonewright.store import selectors
from zonewright.store.access import Access, operator
from zonewright.store.actions import take
from zonewright.store.actions.indicators import define_indicators, remove_indicator
from zonewright.store.models import Indicator, Observation, Publication, Target, Zone
from zonewright.workflows import board_cells
from zonewright.workflows.board import (
    board,
    changes_since,
    explain,
    latest_month,
    publish,
    published,
    series_of,
    warm,
)
from zonewright.workflows.books import open_books

ME = operator("t")
JUNE = Period.year_to_date(2023, 6)
ZONES = {"JM": "city", "D1": "district", "A": "park", "B": "park", "C": "park"}
LINKS = (("JM", "D1"), ("D1", "A"), ("D1", "B"), ("JM", "C"))
OWN = {
    "zh": "工业投资", "en": "Industrial investment", "unit": "亿元", "nature": "flow",
    "basis": "nominal", "rule": "reported", "table": "observations", "value": "value",
    "rollup": "sum",
}  # fmt: skip


def define(**changes: str) -> None:
    define_indicators([{"code": "invested", "headline": "1", **OWN, **changes}], access=ME)


def reported(
    zone: str, period: str, value: float, unit: str = "亿元", **more: object
) -> Observation:
    return Observation.objects.create(
        indicator=Indicator.objects.get(code="invested"), zone=Zone.objects.get(code=zone),
        period=period, value=Decimal(str(value)), unit=unit, basis="nominal", **more,
    )  # fmt: skip


def target(
    zone: str, value: float, unit: str = "亿元", code: str = "invested", **more: object
) -> None:
    Target.objects.create(
        indicator=Indicator.objects.get(code=code), zone=Zone.objects.get(code=zone), year=2023,
        value=Decimal(str(value)), unit=unit, **more,
    )  # fmt: skip


@pytest.fixture
def filled(workspace: Made) -> None:
    """A city with a district of two parks, and a park of its own; three of them report months."""
    zones = [{"code": code, "name": f"{code}区", "kind": kind} for code, kind in ZONES.items()]
    links = [{"parent": above, "child": below, "hierarchy": "admin"} for above, below in LINKS]
    tables = (
        read_table("zones", zones, file="z.xlsx", sheet="zones"),
        read_table("memberships", links, file="z.xlsx", sheet="memberships"),
    )
    take([read_file(*tables, name="z.xlsx")], by="t")
    define()
    for month in range(1, 7):
        reported("A", f"2023-{month:02}", 1.0)
        reported("B", f"2023-{month:02}", 20_000, "万元")
        reported("C", f"2023-{month:02}", 3.0)


@pytest.mark.usefixtures("filled")
def test_zones_are_rolled_up_and_set_against_their_targets() -> None:
    target("JM", 60)
    target("D1", 50)
    target("A", 10)
    target("B", 40)
    shown = board(Period.parse("2023-06"), access=ME)
    assert [zone.code for zone in shown.zones] == ["JM", "C", "D1", "A", "B"]
    assert [zone.depth for zone in shown.zones] == [0, 1, 1, 2, 2]
    values = {cell.zone: cell.value for cell in shown.cells if cell.indicator == "invested"}
    assert values == {"JM": 36.0, "D1": 18.0, "A": 6.0, "B": 12.0, "C": 18.0}
    city, district = shown.cell("JM", "invested"), shown.cell("D1", "invested")
    assert city is not None
    assert district is not None
    assert (city.completion_pct, city.ahead_pp, city.colour) == (60.0, 10.0, "blue")
    assert (district.ahead_pp, district.colour) == (-14.0, "red")
    # A is ahead of its own target; what D1 lacks is B's.
    assert [(cause.code, cause.short, cause.share_pct) for cause in district.cause] == [
        ("B", pytest.approx(8.0), pytest.approx(100.0))
    ]  # fmt: skip
    assert [cell.zone for cell in shown.behind()] == ["B", "D1"]


@pytest.mark.usefixtures("filled")
def test_every_cell_is_the_figure_that_is_explained() -> None:
    define_indicators(
        [
            {**OWN, "code": "doubled", "rule": "formula", "table": "", "value": "", "rollup": "",
             "of": "2 * invested", "headline": "2"},
            {**OWN, "code": "share", "unit": "%", "nature": "ratio", "rule": "formula",
             "table": "", "value": "", "rollup": "", "of": "share_of(month(invested), 'city')",
             "headline": "3"},
        ],
        access=ME,
    )  # fmt: skip
    shown = board(JUNE, access=ME)
    facts = open_books().facts(JUNE.end_on)
    for cell in shown.cells:
        number = evaluate(Question(cell.indicator, cell.zone, JUNE), facts).number
        assert cell.value == (None if number is None else pytest.approx(number)), cell
    assert {cell.value for cell in shown.row("D1") if cell.indicator == "share"} == {50.0}
    found = explain("JM", "doubled", JUNE, access=ME)
    assert found.figure.number == 72.0
    lines = [line.card.record for line in found.inputs[0].lines]
    assert len(lines) == 18
    assert all(record.startswith("observation:") for record in lines)


def not_again(*_given: object) -> None:
    raise LookupError


@pytest.mark.usefixtures("filled")
def test_a_warmed_board_is_there_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    board_cells.forget()
    warm()
    with monkeypatch.context() as closed:
        closed.setattr(board_cells, "make_board", not_again)
        assert board(JUNE, access=ME).cell("A", "invested").value == 6.0  # type: ignore[union-attr]
        with pytest.raises(LookupError):
            board(Period.year_to_date(2023, 5), access=ME)
    reported("A", "2023-06", 5.0)  # what was kept is no longer so
    assert board(JUNE, access=ME).cell("A", "invested").value == 10.0  # type: ignore[union-attr]


@pytest.mark.usefixtures("workspace")
def test_nothing_is_warmed_where_nothing_was_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_cells, "make_board", not_again)
    warm()


@pytest.mark.usefixtures("filled")
def test_a_correction_is_seen_from_when_it_came() -> None:
    before = timezone.now()
    first = Observation.objects.get(zone__code="A", period="2023-06")
    reported("A", "2023-06", 2.5, supersedes=first, recorded_at=before + timedelta(hours=1))
    cells = [board(JUNE, as_of=at, access=ME).cell("JM", "invested")
             for at in (before, before + timedelta(hours=2), None)]  # fmt: skip
    assert [cell.value for cell in cells if cell] == [36.0, 37.5, 37.5]
    points = {point.period: point for point in series_of("A", "invested", 2023)}
    june = points[JUNE]
    assert (june.reported, june.corrected, june.versions, june.is_corrected) == (6.0, 7.5, 2, True)
    assert not points[Period.year_to_date(2023, 5)].is_corrected
    assert points[Period.year_to_date(2023, 7)].corrected is None


@pytest.mark.usefixtures("filled")
def test_what_was_given_out_and_differs_now_is_told_with_its_records() -> None:
    made = publish(Period.parse("2023-06"), ME, "第6期通报")
    assert (made.title, made.period, made.figures) == ("第6期通报", JUNE, 5)
    assert [item.key for item in published(JUNE)] == [made.key]
    assert published(Period.parse("2023-05")) == ()
    assert changes_since(made.key) == ()
    later = reported("A", "2023-05", 1.5, recorded_at=made.as_of + timedelta(minutes=1))
    changes = changes_since(made.key)
    assert {(change.zone, change.old, change.new) for change in changes} == {
        ("JM", 36.0, 36.5), ("D1", 18.0, 18.5), ("A", 6.0, 6.5),
    }  # fmt: skip
    assert {change.records for change in changes} == {(f"observation:{later.pk}",)}
    only_a = Access("a", by_zone={"A": frozenset({"view"})})
    assert [change.zone for change in changes_since(made.key, access=only_a)] == ["A"]
    # What was given out is kept as it was.
    assert Publication.objects.get(pk=made.key).values["A"]["invested"]["value"] == 6.0
    as_given = board(JUNE, as_of=made.as_of, access=ME).cell("A", "invested")
    assert as_given is not None
    assert as_given.value == 6.0


@pytest.mark.usefixtures("filled")
def test_a_late_value_changes_what_could_not_be_told() -> None:
    define_indicators([{**OWN, "code": "other", "headline": "2"}], access=ME)
    made = publish(JUNE, ME)
    Observation.objects.create(
        indicator=Indicator.objects.get(code="other"), zone=Zone.objects.get(code="C"),
        period="2023-01..2023-06", value=4, unit="亿元",
    )  # fmt: skip
    found = {change.zone: (change.old, change.new) for change in changes_since(made.key)}
    assert found == {"JM": (None, 4.0), "C": (None, 4.0)}


@pytest.mark.usefixtures("filled")
def test_a_reader_sees_the_zones_that_are_granted_and_no_causes_beyond() -> None:
    target("D1", 90)
    target("B", 90)
    target("A", 90)
    reader = Access("r", by_zone={"D1": frozenset({"view"}), "A": frozenset({"view"})})
    shown = board(JUNE, access=reader)
    assert [zone.code for zone in shown.zones] == ["D1", "A"]
    cell = shown.cell("D1", "invested")
    assert cell is not None
    assert [cause.code for cause in cell.cause] == ["A"]
    assert shown.cell("B", "invested") is None
    with pytest.raises(UnknownReferenceError):
        explain("B", "invested", JUNE, access=reader)
    with pytest.raises(NotAllowedError):
        publish(JUNE, reader)
    assert not Publication.objects.exists()


@pytest.mark.usefixtures("filled")
def test_a_target_that_cannot_be_compared_is_a_finding_on_its_cell() -> None:
    target("A", 10, "ha")
    target("B", 0)
    shown = board(JUNE, access=ME)
    cells = [shown.cell(zone, "invested") for zone in ("A", "B", "C")]
    assert [[found.code for found in cell.findings] for cell in cells if cell] == [
        ["unit-dimension"], ["range-positive"], [],
    ]  # fmt: skip
    assert [cell.colour for cell in cells if cell] == ["", "", ""]
    assert [cell.value for cell in cells if cell] == [6.0, 12.0, 18.0]


@pytest.mark.usefixtures("filled")
def test_a_value_in_a_wrong_unit_cannot_be_told() -> None:
    reported("A", "2023-06", 1, "亩")
    values = {cell.zone: cell.value for cell in board(JUNE, access=ME).cells
              if cell.indicator == "invested"}  # fmt: skip
    assert values == {"JM": None, "D1": None, "A": None, "B": 12.0, "C": 18.0}


@pytest.mark.usefixtures("filled")
def test_a_seasonal_target_follows_earlier_years() -> None:
    for month in range(1, 13):
        reported("A", f"2022-{month:02}", 9.0 if month == 1 else 1.0)
    target("A", 12, curve="seasonal")
    cell = board(JUNE, access=ME).cell("A", "invested")
    assert cell is not None
    assert cell.expected_pct == pytest.approx(70.0)
    assert cell.completion_pct == pytest.approx(50.0)


@pytest.mark.usefixtures("filled")
def test_many_observations_are_read_when_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = evaluate(Question("invested", "JM", JUNE), open_books().facts(JUNE.end_on))
    for module in ("facts", "observations"):
        name = f"zonewright.store.selectors.{module}"
        monkeypatch.setattr(sys.modules[name], "MANY_OBSERVATIONS", 3)
    reported("A", "2022-06", 1.0)
    books = open_books()
    assert books.tables["observations"].empty
    many = evaluate(Question("invested", "JM", JUNE), books.facts(JUNE.end_on))
    assert (many.number, many.records) == (few.number, few.records)
    # What came in later is not in books that were opened before.
    reported("A", "2023-01", 5.0)
    assert len(books.observations(("invested",))) == 19


def test_an_empty_workspace_has_an_empty_board(workspace: Made) -> None:
    assert latest_month() is None
    shown = board(JUNE, access=ME)
    assert (shown.zones, shown.cells) == ((), ())
    assert shown.indicators
    with pytest.raises(UnknownReferenceError):
        changes_since(1)


def test_the_last_month_is_that_of_any_return(workspace: Made) -> None:
    take([read_file(read_table("zones", [{"code": "A", "name": "甲", "kind": "park"}]))], by="t")
    define()
    reported("A", "2022", 1.0)
    assert latest_month() is None
    reported("A", "2023-01..2023-10", 1.0, recorded_at=datetime(2023, 11, 5, tzinfo=UTC))
    reported("A", "2023-04", 1.0)
    assert latest_month() == Period.parse("2023-10")
    assert latest_month(datetime(2023, 11, 1, tzinfo=UTC)) is None


def test_definitions_are_checked_as_a_whole_and_kept(workspace: Made) -> None:
    define()
    assert selectors.catalogue()["invested"].rollup == "sum"
    with pytest.raises(SchemaError, match="dictionary does not list"):
        define_indicators(
            [{**OWN, "code": "fine"},
             {**OWN, "code": "bad", "rule": "formula", "rollup": "", "of": "2 * none"}],
            access=ME,
        )  # fmt: skip
    assert "fine" not in selectors.catalogue()
    with pytest.raises(SchemaError, match="comes with the program"):
        define_indicators([{**OWN, "code": "output"}], access=ME)
    with pytest.raises(NotAllowedError):
        define_indicators([{**OWN, "code": "mine"}], access=Access("r", frozenset({"view"})))
    more: Mapping[str, str] = {**OWN, "code": "twice", "rule": "formula", "table": "",
                               "value": "", "rollup": "", "of": "2 * invested"}  # fmt: skip
    define_indicators([more], access=ME)
    with pytest.raises(SchemaError, match="twice"):
        remove_indicator("invested", access=ME)
    remove_indicator("twice", access=ME)
    remove_indicator("invested", access=ME)
    assert "invested" not in selectors.catalogue()


def test_works_that_are_late_carry_the_shortfall(workspace: Made) -> None:
    works = [
        {"code": f"W{number}", "name": f"工程{number}", "kind": "road", "zone": "A",
         "planned_start": date(2023, number, 1), "started_on": started, "owner": "建设科"}
        for number, started in ((2, date(2023, 2, 9)), (3, None), (9, None))
    ]  # fmt: skip
    tables = (
        read_table("zones", [{"code": "A", "name": "甲园", "kind": "park"}], file="w.xlsx",
                   sheet="z"),
        read_table("works", works, file="w.xlsx", sheet="works"),
        read_table("targets", [{"indicator": "works_started", "zone": "A", "year": 2023,
                                "value": Decimal(10), "unit": "项"}], file="w.xlsx", sheet="t"),
    )  # fmt: skip
    take([read_file(*tables, name="w.xlsx")], by="t")
    cell = board(JUNE, access=ME).cell("A", "works_started")
    assert cell is not None
    assert (cell.value, cell.colour) == (1.0, "red")
    (cause,) = cell.cause
    assert (cause.kind, cause.code, cause.short) == ("work", "W3", 1.0)
    assert (cause.due_on, cause.owner) == (date(2023, 3, 1), "建设科")
