"""The headquarters' board, a figure of it, and what was given out."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from tests.web import sample
from tests.web.readers import names, reader_with
from zonewright.store.models import (
    AuditEntry,
    Indicator,
    Observation,
    Publication,
    SourceFile,
    Target,
    Work,
    WorkMonth,
    Zone,
)
from zonewright.store.places import locate
from zonewright.web import board_view
from zonewright.web.board_asked import as_of_asked, month_asked
from zonewright.workflows.board import BoardCell

pytestmark = pytest.mark.django_db


def rows_of(page: str) -> list[str]:
    return re.findall(r'<tr data-depth="\d+" data-zone="([^"]+)"', page)


def cell_of(page: str, zone: str, indicator: str) -> str:
    """Return the markup of a cell of the board; empty if it says nothing."""
    found = re.search(
        rf'<td class="[^"]*"><a data-label="[^"]*" href="/board/{zone}/{indicator}/.*?</td>', page
    )
    return found[0] if found else ""


@pytest.fixture
def behind(workspace: None) -> None:
    """A target of S1 that is far off: 2024 asks 50, and January to May bring 5.

    Work W2 was planned to bring more of it than it did.
    """
    zone, file = Zone.objects.get(code="S1"), SourceFile.objects.get(name="基础设施月报.xlsx")
    Target.objects.create(
        indicator=Indicator.objects.get(code="works_invested"), zone=zone, year=2024, value=50,
        unit="亿元", source=file, recorded_at=sample.NOW,
    )  # fmt: skip
    Work.objects.filter(code="W2").update(year_plan_cny=2_000_000_000)
    work = Work.objects.get(code="W2")
    for month in range(1, 6):
        WorkMonth.objects.create(
            work=work, month=f"2024-{month:02d}-01", invested_cny=100_000_000, source=file,
            sheet="月报", row=60 + month, recorded_at=sample.NOW,
        )  # fmt: skip
    locate()


def test_each_zone_has_a_row_and_each_headline_a_column(workspace: None, client: Client) -> None:
    page = client.get("/board/").content.decode()
    assert set(rows_of(page)) == set(sample.ZONES)
    assert "2023年1—10月" in page
    heads = re.findall(r'<th scope="col" aria-sort="none"><a href="[^"]*sort=(\w+)', page)
    headlines = [item.code for item in _headlines()]
    assert heads == headlines
    assert "works_invested" in heads


def _headlines() -> list[Indicator]:
    found = [item for item in Indicator.objects.all() if item.definition.get("headline")]
    return sorted(found, key=lambda item: item.definition["headline"])


def test_a_cell_tells_sign_share_word_and_points(workspace: None, client: Client) -> None:
    cell = cell_of(client.get("/board/").content.decode(), "Z1", "works_invested")
    # 15 亿元 of 18.1 are 82.9 %, and 83.3 % are due by October.
    assert 'class="paced pace-green"' in cell
    assert "●" in cell
    assert "82.9%" in cell
    assert "滞后" in cell
    assert "−0.5" in cell
    assert "15.00亿元 / 18.10亿元" in cell


def test_an_outsider_sees_their_own_zones_only(workspace: None) -> None:
    page = reader_with("viewer", "S1").get("/board/").content.decode()
    assert rows_of(page) == ["S1"]
    assert not names(page, "Z1")


def test_sorting_puts_the_furthest_behind_first_and_the_unpaced_last(
    behind: None, client: Client
) -> None:
    path = "/board/?month=2023-10&sort=works_invested"
    page = client.get(path).content.decode()
    assert rows_of(page)[:2] == ["S1", "Z1"] or rows_of(page)[:2] == ["Z1", "S1"]
    first = rows_of(page)[:2]
    assert 'aria-sort="ascending"' in page
    turned = client.get(path + "&best=1").content.decode()
    assert rows_of(turned)[:2] == first[::-1]
    assert 'aria-sort="descending"' in turned
    assert "fold" not in re.findall(r'<button[^>]*class="(\w+)"', page)


def test_only_who_is_behind(behind: None, client: Client) -> None:
    page = client.get("/board/?month=2024-05&only=behind").content.decode()
    assert rows_of(page) == ["S1"]
    assert "另有 10 个片区未显示" in page
    assert rows_of(client.get("/board/?month=2024-05&only=target").content.decode()) == ["S1"]
    empty = client.get("/board/?month=2022-05&only=behind").content.decode()
    assert "本月没有片区滞后" in empty


def test_the_legend_counts_the_cells(behind: None, client: Client) -> None:
    page = client.get("/board/?month=2024-05").content.decode()
    counts = dict(re.findall(r'<li class="pace-(\w+)">.*?<strong>(\d+)</strong>', page))
    assert counts == {"blue": "0", "green": "0", "yellow": "0", "red": "1"}


def test_what_cannot_be_read_is_said_and_the_usual_shown(workspace: None, client: Client) -> None:
    page = client.get("/board/?month=October&as_of=yesterday").content.decode()
    assert "月份无法识别" in page
    assert "时间无法识别" in page
    assert "2023年1—10月" in page


def test_as_of_shows_an_earlier_state(workspace: None, client: Client) -> None:
    work = Work.objects.get(code="W0")
    WorkMonth.objects.create(
        work=work, month="2023-10-01", invested_cny=510_000_000, recorded_at=timezone.now()
    )
    now = cell_of(client.get("/board/").content.decode(), "Z1", "works_invested")
    assert "20.00亿元" in now
    path = "/board/?as_of=" + (sample.NOW + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
    then = client.get(path).content.decode()
    assert "15.00亿元" in cell_of(then, "Z1", "works_invested")
    assert "数据截至 2023-11-03" in then


def test_an_empty_workspace_says_what_to_do(empty: None, client: Client) -> None:
    page = client.get("/board/").content.decode()
    assert "首张报表锁定后看板即开始显示" in page
    assert 'href="/import/"' in page


def test_the_files_hold_every_figure_with_its_standing(behind: None, client: Client) -> None:
    answer = client.get("/board/board.csv?month=2024-05")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row[0] == "S1"]
    (row,) = [row for row in rows if row[3] == "works_invested"]
    assert row[5:9] == ["2024-05", "5.0", "50.0", "亿元"]
    assert float(row[9]) == pytest.approx(10.0)
    assert row[12] == "滞后"
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.get("/board/board.xlsx?month=2024-05").streaming_content))
    )
    cells = {(row[0], row[3]): row for row in book.active.iter_rows(min_row=2, values_only=True)}
    assert cells["S1", "works_invested"][7] == 50
    assert cells["S1", "works_invested"][9] == pytest.approx(10.0)


def test_a_figure_tells_standing_cause_and_cells(behind: None, client: Client) -> None:
    page = client.get("/board/S1/works_invested/?month=2024-05").content.decode()
    assert "5.00亿元" in page
    assert "10.00%" in page  # done
    assert "41.67%" in page  # due
    cause = page[page.index('id="cause-title"') : page.index('id="year-title"')]
    assert "道路2" in cause
    key = Work.objects.get(code="W2").pk
    assert f'href="/records/works/{key}/"' in cause
    records = page[page.index('id="records"') :]
    assert records.count("<code>W2</code>") == 5
    assert "基础设施月报.xlsx" in records


def test_a_shortfall_that_no_plan_explains_is_said(behind: None, english: Client) -> None:
    address = "/board/S1/works_invested/?month=2024-05"
    page = english.get(address).content.decode()
    (hint,) = re.findall(r"By their own plans they owe[^<]*", page)
    assert "CNY 1.583 billion behind its curve" in hint
    Work.objects.filter(code="W2").update(year_plan_cny=6_000_000_000)
    assert "By their own plans" not in english.get(address).content.decode()


def test_a_sum_that_is_not_complete_is_marked(behind: None, client: Client) -> None:
    page = client.get("/board/?month=2024-05").content.decode()
    # Of the five works that report, four are silent since October.
    assert '<span class="part" title="已报 1/5 个项目">1/5</span>' in cell_of(
        page, "Z1", "works_invested"
    )
    assert "数据未报齐" in page
    assert (
        "已报 1/5 个项目" in client.get("/board/Z1/works_invested/?month=2024-05").content.decode()
    )
    whole = client.get("/board/?month=2023-10").content.decode()
    assert 'class="part"' not in cell_of(whole, "Z1", "works_invested")
    answer = client.get("/board/board.csv?month=2024-05")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = [row for row in csv.reader(io.StringIO(text)) if row[:1] + row[3:4] == [
        "Z1", "works_invested"]]  # fmt: skip
    assert row[-1] == "已报 1/5 个项目"


def test_what_lags_without_a_record_says_why(behind: None, english: Client) -> None:
    Work.objects.all().update(year_plan_cny=None)
    page = english.get("/board/S1/works_invested/?month=2024-05").content.decode()
    assert "It is not behind" not in page
    assert "No record carries a plan for it; the zone explains." in page


def test_the_overview_names_its_months(workspace: None, client: Client) -> None:
    head = client.get("/").content.decode().split('class="cards"')[0]
    assert "2023年1—10月" in head
    assert "最新月份见调度看板" in head


def test_colours_are_said_to_tell_no_forecast(workspace: None, english: Client) -> None:
    assert "never a forecast" in english.get("/board/").content.decode()


def test_a_computed_figure_shows_what_was_given_out(workspace: None, english: Client) -> None:
    english.post("/board/publish/", {"month": "2023-10", "title": "October"})
    page = english.get("/board/S1/works_invested/?month=2023-10").content.decode()
    assert "First given out" in page
    assert "First reported" not in page
    assert "First reported" in english.get("/board/Z1/output_growth/").content.decode()


def test_a_figure_without_a_target_offers_to_set_one(workspace: None, client: Client) -> None:
    address = "/board/P1/works_invested/"
    assert 'href="/targets/set/?zone=P1&amp;indicator=works_invested"' in (
        client.get(address).content.decode()
    )
    viewer = reader_with("viewer", None)
    assert "/targets/set/" not in viewer.get(address).content.decode()


def test_a_month_that_was_corrected_shows_both(workspace: None, client: Client) -> None:
    indicator, zone = Indicator.objects.get(code="output_growth"), Zone.objects.get(code="Z1")
    Observation.objects.create(
        indicator=indicator, zone=zone, period="2023-01..2023-10", value=9.1, unit="%",
        recorded_at=sample.NOW + timedelta(days=3),
    )  # fmt: skip
    page = client.get("/board/Z1/output_growth/").content.decode()
    assert "9.10%" in page[: page.index('id="how-title"')]
    (row,) = re.findall(r'<tr class="corrected">.*?</tr>', page)
    assert "8.70%" in row
    assert "+0.40%" in row


@pytest.mark.parametrize(
    "path",
    [
        "/board/NONE/works_invested/", "/board/Z1/nothing/", "/board/Z1/nothing/curve.json",
        "/publications/99/", "/indicators/nothing/",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(workspace: None, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_year_is_drawn_with_its_curve(behind: None, client: Client, theme: str) -> None:
    answer = client.get(f"/board/S1/works_invested/curve.json?month=2024-05&theme={theme}")
    spec = json.loads(answer.content)
    rows = [row for values in spec["datasets"].values() for row in values]
    done = [row["value"] for row in rows if row.get("series") == "累计完成"]
    due = [row["value"] for row in rows if row.get("series") == "目标进度"]
    assert done == pytest.approx([1, 2, 3, 4, 5])
    assert len(due) == 12
    assert due[-1] == pytest.approx(50)
    assert client.get("/board/S1/works_invested/curve.json?theme=pink").status_code == 400


def test_the_records_of_a_figure_as_a_file(behind: None, client: Client) -> None:
    answer = client.get("/board/S1/works_invested/records.csv?month=2024-05")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["code"] for row in rows] == ["W2"] * 5
    assert {row["contribution"] for row in rows} == {"1.0"}
    assert {row["file"] for row in rows} == {"基础设施月报.xlsx"}


# ---- What was given out -----------------------------------------------------------------------


def test_a_month_is_published_and_tells_what_came_since(workspace: None, english: Client) -> None:
    assert "No month was published yet" in english.get("/publications/").content.decode()
    answer = english.post("/board/publish/", {"month": "2023-10", "title": "Notice 10"})
    made = Publication.objects.get()
    assert answer["Location"] == f"/publications/{made.pk}/"
    assert AuditEntry.objects.filter(record=f"publication:{made.pk}").exists()
    page = english.get(answer["Location"]).content.decode()
    assert "Notice 10" in page
    assert "Nothing that came in since changes a figure." in page
    before = made.values
    WorkMonth.objects.create(
        work=Work.objects.get(code="W0"), month="2023-10-01", invested_cny=510_000_000,
        source=SourceFile.objects.get(name="基础设施月报.xlsx"), sheet="月报", row=10,
        recorded_at=timezone.now(),
    )  # fmt: skip
    page = english.get(answer["Location"]).content.decode()
    changed = re.findall(r'href="/board/(\w+)/works_invested/\?month=2023-10"', page)
    assert "Z1" in changed
    assert "CNY 1.500 billion" in page
    assert "CNY 2.000 billion" in page
    assert "+CNY 500" in page
    assert "基础设施月报.xlsx" in page
    cell = english.get("/board/Z1/works_invested/").content.decode()
    given = cell[cell.index('id="given-title"') :]
    assert "Notice 10" in given
    assert "CNY 1.500 billion" in given
    made.refresh_from_db()
    assert made.values == before
    file = english.get(f"/publications/{made.pk}/changes.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content)))
    rows = {row[0]: row for row in book.active.iter_rows(min_row=2, values_only=True)}
    assert rows["Z1"][4:7] == (15, 20, 5)


def test_who_may_not_approve_everywhere_may_not_publish(workspace: None) -> None:
    for role, zone in (("planner", None), ("approver", "S1"), ("viewer", None)):
        reader = reader_with(role, zone)
        assert "/board/publish/" not in reader.get("/board/").content.decode()
        assert reader.post("/board/publish/", {"month": "2023-10"}).status_code == 403
    assert not Publication.objects.exists()
    assert "/board/publish/" in reader_with("approver", None).get("/board/").content.decode()


@pytest.mark.parametrize("month", ["", "2023", "October"])
def test_a_month_that_is_none_is_not_published(workspace: None, client: Client, month: str) -> None:
    answer = client.post("/board/publish/", {"month": month}, follow=True)
    assert answer.redirect_chain == [("/board/", 302)]
    assert 'class="message error"' in answer.content.decode()
    assert not Publication.objects.exists()


# ---- Indicators -------------------------------------------------------------------------------


def test_the_registry_shows_definitions_in_names(workspace: None, client: Client) -> None:
    page = client.get("/indicators/").content.decode()
    assert len(re.findall(r'<a href="/indicators/\w+/">', page)) == Indicator.objects.count()
    first = re.findall(r'<a href="/indicators/(\w+)/">', page)
    headlines = [item.code for item in _headlines()]
    assert first[: len(headlines)] == headlines
    found = client.get("/indicators/?q=增加值率", headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r'<a href="/indicators/(\w+)/">', found) == ["value_added_rate"]
    assert "<html" not in found
    assert "没有符合条件的指标" in client.get("/indicators/?q=xyz").content.decode()


def test_what_uses_what(workspace: None, client: Client) -> None:
    page = client.get("/indicators/value_added_city_share/").content.decode()
    made_of = page[page.index('id="uses-title"') : page.index("<h3>")]
    assert set(re.findall(r'href="/indicators/(\w+)/"', made_of)) == {
        "value_added", "value_added_published",
    }  # fmt: skip
    page = client.get("/indicators/value_added/").content.decode()
    used = page[page.index("<h3>") :]
    assert {"value_added_city_share", "value_added_rate"} <= set(
        re.findall(r'href="/indicators/(\w+)/"', used)
    )


# ---- Without a browser ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ""), (0.0, "0.0"), (2.91, "+2.9"), (-0.02, "−0.02"), (-21.25, "−21.3")],
)
def test_points_never_round_to_nothing(value: float | None, said: str) -> None:
    assert board_view.ahead(value) == said


def test_a_cell_without_a_value_ranks_last() -> None:
    cells = [
        BoardCell("A", "x", None, "ha"), BoardCell("B", "x", 5.0, "ha"),
        BoardCell("C", "x", 1.0, "ha", 10.0, 10.0, 20.0, -10.0),
        BoardCell("D", "x", 9.0, "ha", 10.0, 90.0, 20.0, 70.0), BoardCell("E", "x", 7.0, "ha"),
    ]  # fmt: skip
    worst = sorted(cells, key=lambda cell: board_view._rank(cell, best=False))
    assert [cell.zone for cell in worst] == ["C", "D", "E", "B", "A"]
    best = sorted(cells, key=lambda cell: board_view._rank(cell, best=True))
    assert [cell.zone for cell in best] == ["D", "C", "E", "B", "A"]


def test_a_day_means_its_end(rf: pytest.FixtureRequest) -> None:
    request = rf.get("/board/?as_of=2023-11-05")  # type: ignore[attr-defined]
    found, faults = as_of_asked(request)
    assert found is not None
    assert (found.hour, found.minute, faults) == (23, 59, ())
    for wrong in ("0001-01-01", "9999-12-31T23:59:59", "2023-13-01", "now"):
        found, faults = as_of_asked(rf.get(f"/board/?as_of={wrong}"))  # type: ignore[attr-defined]
        assert found is None
        assert len(faults) == 1


def test_a_year_is_no_month() -> None:
    assert month_asked("2023", None)[0] is None
    found, faults = month_asked("2023-10", None)
    assert (str(found), faults) == ("2023-10", ())
