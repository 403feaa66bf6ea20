"""The year of the example: played twice from the same files, it says the same; and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from zonewright.cli import demo_year
from zonewright.cli.demo_year import BEGINNING, Played
from zonewright.core.periods import Period
from zonewright.examples.jiangmen.build import build_start
from zonewright.examples.jiangmen.year import ZONES, Year
from zonewright.examples.jiangmen.year_books import keys
from zonewright.examples.jiangmen.year_script import (
    CORRECTED,
    LATE,
    SENT_BACK,
    TOO_MUCH,
    Step,
    script,
)
from zonewright.store import workspace as workspaces
from zonewright.store.access import operator
from zonewright.store.models import Attachment, Order, Publication, Return, ReturnStep
from zonewright.store.selectors.returns import rows_before
from zonewright.workflows import board, returns
from zonewright.workflows.digest import content_digests, differing
from zonewright.workflows.importing import import_files

pytestmark = pytest.mark.slow

PASSWORD = "zephyr-plum-4471"


@dataclass(frozen=True)
class Ground:
    """The year, and a folder with the workspace before it and the workbooks of a play."""

    year: Year
    files: tuple[Path, ...]
    folder: Path


def begin(ground: Ground, name: str) -> Path:
    """Make a workspace with the registers and connect to it."""
    path = ground.folder / name
    workspaces.create(path, title="年", title_en="Year")
    import_files(ground.files, by="demo", origin="demo", at=BEGINNING)
    return path


def play(ground: Ground, books: Path, steps: tuple[Step, ...]) -> Played:
    people = demo_year.make_people(PASSWORD)
    return demo_year.play(ground.year, books, people, steps=steps)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("year")
    year, files = build_start(folder / "files")
    with django_db_blocker.unblock():
        yield Ground(year, files, folder)
        connection.close()


@pytest.fixture(scope="module")
def whole(ground: Ground) -> tuple[Played, Path]:
    """Play the whole year once; tests read it."""
    path = begin(ground, "whole.sqlite")
    return play(ground, ground.folder / "books", script()), path


def test_every_return_is_locked_and_what_went_wrong_is_told(
    whole: tuple[Played, Path],
) -> None:
    played, _ = whole
    # Works report twelve months, firms eleven: January comes with February.
    assert Return.objects.count() == len(ZONES) * (12 + 11)
    assert set(Return.objects.values_list("state", flat=True)) == {"locked"}
    assert (played.late, played.done["send_back"], played.done["reopen"]) == (1, 1, 1)
    late = returns.completeness(f"2023-{LATE[2]:02d}", operator("t")).cells[LATE[1], LATE[0]]
    assert late.days_late == 5
    sent_back = ReturnStep.objects.filter(remark__contains="形象进度").get()
    assert (sent_back.of.zone.code, sent_back.of.period) == (SENT_BACK[1], "2023-03")
    order = Order.objects.get()
    assert order.state == "closed"
    assert [step.action for step in order.steps.order_by("id")][-2:] == ["replied", "accepted"]


def test_the_correction_is_told_against_what_was_given_out(whole: tuple[Played, Path]) -> None:
    played, _ = whole
    changed = {change.zone: change for change in played.changes}
    given_out = changed[CORRECTED[1]]
    assert given_out.indicator == "works_invested"
    assert given_out.title == "2023年1—4月调度通报（示例）"
    assert given_out.given_out is not None
    assert given_out.now is not None
    scale = {"元": 10_000.0, "万元": 1.0, "亿元": 1e-4}[given_out.unit]
    assert given_out.given_out - given_out.now == pytest.approx(TOO_MUCH * scale)
    assert given_out.records
    # Those above it change by the same, and nobody else.
    assert all(
        change.given_out - change.now == pytest.approx(TOO_MUCH * scale)  # type: ignore[operator]
        for change in played.changes
    )


def test_as_of_the_publication_it_is_as_it_was_given_out(whole: tuple[Played, Path]) -> None:
    del whole
    given_out = Publication.objects.get(period="2023-04")
    figures = given_out.values
    seen = board.board(Period.parse("2023-04"), as_of=given_out.as_of, access=operator("t"))
    for zone in ZONES:
        cell = seen.cell(zone, "works_invested")
        assert cell is not None
        assert cell.value == pytest.approx(figures[zone]["works_invested"]["value"])


def test_every_number_of_the_board_is_explained_down_to_its_cells(
    whole: tuple[Played, Path],
) -> None:
    del whole
    explained = 0
    found = board.board(Period.parse("2023-12"), access=operator("t"))
    for cell in found.cells:
        if cell.zone not in ZONES or cell.value is None or cell.indicator != "works_invested":
            continue
        told = board.explain(cell.zone, cell.indicator, found.period)
        assert sum(line.contribution or 0 for line in told.lines) == pytest.approx(cell.value)
        # Each record leads to a cell of a workbook that a zone handed in.
        files = {line.card.place.file for line in told.lines}
        assert all(line.card.place.row and line.card.place.column for line in told.lines)
        assert all(f"{cell.zone} works" in file or "基础设施月报" in file for file in files)
        explained += len(told.lines)
    assert explained > 12 * len(ZONES)


def test_what_is_replayed_carries_the_clock_of_its_course(whole: tuple[Played, Path]) -> None:
    del whole
    steps = [step for step in script() if step.deed in ("order", "reply", "accept")]
    order = Order.objects.get()
    assert [step.at for step in order.steps.order_by("id")] == [step.at for step in steps]
    (evidence,) = Attachment.objects.all()
    assert evidence.added_at == steps[1].at
    given_out = [step.at for step in script() if step.deed == "publish"]
    assert list(Publication.objects.order_by("id").values_list("at", flat=True)) == given_out


def test_published_growth_is_in_the_returns_of_the_firms(whole: tuple[Played, Path]) -> None:
    del whole
    for zone in ZONES:
        told = board.explain(zone, "value_added_growth", Period.parse("2023-12"))
        (line,) = told.lines
        assert told.figure.value == line.contribution
        assert f"{zone} firms" in line.card.place.file


def test_a_zone_reports_what_its_works_of_the_example_invested(
    ground: Ground, whole: tuple[Played, Path]
) -> None:
    del whole
    for zone in ZONES:
        _, blank = returns.blank_workbook("works", zone, "2023-12", operator("t"))
        codes = keys(blank)
        assert codes
        published = sum(int(ground.year.works[code].invested[6:].sum()) for code in codes)
        before = rows_before("works", zone, "2023-11")
        assert before is not None
        rows = before.rows["works"]
        assert {row.key for row in rows} == set(codes)
        assert sum(float(str(row.values["invested_ytd"])) for row in rows) == pytest.approx(
            published * 10_000
        )


def test_the_same_files_from_scratch_give_the_same_digest(
    ground: Ground, whole: tuple[Played, Path]
) -> None:
    _, path = whole
    first = content_digests()
    connection.close()
    books = ground.folder / "books"
    before = {book.name: book.stat().st_mtime_ns for book in books.iterdir()}
    begin(ground, "again.sqlite")
    play(ground, books, script())
    assert differing(first, content_digests()) == ()
    assert {book.name: book.stat().st_mtime_ns for book in books.iterdir()} == before
    connection.close()
    workspaces.connect(path)


def test_another_value_is_another_digest(ground: Ground, tmp_path: Path) -> None:
    steps, found = script(1, ZONES[:1]), []
    dearer = {code: months + 1 for code, months in ground.year.invested.items()}
    for number, year in enumerate((ground.year, replace(ground.year, invested=dearer))):
        connection.close()
        begin(ground, f"value{number}.sqlite")
        people = demo_year.make_people(PASSWORD)
        demo_year.play(year, tmp_path / str(number), people, steps=steps)
        found.append(content_digests())
    connection.close()
    assert "workmonth" in differing(*found)
    assert "work" not in differing(*found)
