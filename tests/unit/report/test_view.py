"""What the three editions say: tables without empty columns, dates as known, files counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from zonewright.core.findings import Place
from zonewright.core.phrases import Lang
from zonewright.report import view
from zonewright.report.model import Line, LookBack, ReportFigure, Text


@pytest.fixture(params=["zh", "en"])
def lang(request: pytest.FixtureRequest) -> Lang:
    """The two languages."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def document(lookback: LookBack, lang: Lang) -> view.Document:
    """The report, ready to be laid out."""
    return view.document(lookback, lang)


def test_no_table_of_figures_has_columns_that_stay_empty(document: view.Document) -> None:
    for chapter in document.chapters:
        for table in chapter.figures:
            assert table.has_targets == all(figure.target for figure in table.figures)
            assert table.has_targets == any(figure.target for figure in table.figures)


def test_every_figure_stands_in_one_table(document: view.Document, lookback: LookBack) -> None:
    shown = [
        figure.code
        for chapter in document.chapters
        for table in chapter.figures
        for figure in table.figures
    ]
    assert sorted(shown) == sorted(figure.code for figure in lookback.figures)


def test_tables_are_numbered_through(document: view.Document) -> None:
    captions = [
        table.caption
        for chapter in document.chapters
        for table in (*chapter.figures, *chapter.tables)
    ]
    numbers = [int("".join(sign for sign in text[:8] if sign.isdigit())) for text in captions]
    assert numbers == sorted(set(numbers))


def known_by_month(figure: ReportFigure) -> ReportFigure:
    wording = Text("2023年6月", "June 2023")
    return replace(figure, value=date(2023, 6, 30), stated=None, unit="date", wording=wording)


def test_a_date_is_no_more_precise_than_it_is_known(lookback: LookBack, lang: Lang) -> None:
    found = view.figure_view(known_by_month(lookback.figures[0]), lang)
    assert found.stated == found.computed == ("2023年6月" if lang == "zh" else "June 2023")


def test_many_files_are_counted_and_few_are_named(lookback: LookBack, lang: Lang) -> None:
    def files_of(count: int) -> str:
        lines = tuple(
            Line(f"r:{n}", f"R{n}", "", 1.0, Place(f"月报_{n}.xlsx", "", n, "A"))
            for n in range(1, count + 1)
        )
        first = lookback.figures[0]
        figure = replace(first, derivation=replace(first.derivation, lines=lines))
        chapter = replace(lookback.chapters[0], figures=(figure,))
        document = view.document(replace(lookback, chapters=(chapter,), headlines=()), lang)
        return dict(document.derivations[0].facts)[document.word("derivation-files")]

    assert "月报_2.xlsx" in files_of(3)
    assert "月报_2.xlsx" not in files_of(9)
    assert "9" in files_of(9)


def test_identities_are_kept_off_the_first_page(
    document: view.Document, lookback: LookBack
) -> None:
    assert lookback.run not in [text for _, text in document.facts]
    assert {lookback.run, lookback.workspace} <= {text for _, text in document.identity}


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("a.xlsx", "月报", 128, "N"), "[月报] N128"),
        (Place("a.gpkg", "parcels", 128, "geometry"), "[parcels] geometry #128"),
        (Place("a.gpkg", "zones", 3, "片区编号"), "[zones] 片区编号 #3"),
        (Place("a.xlsx", "月报", None, "N"), "[月报] N"),
        (Place("a.xlsx", "", None, ""), ""),
    ],
)
def test_a_cell_and_a_feature_are_told_apart(place: Place, text: str) -> None:
    assert view.cell_of(place) == text
