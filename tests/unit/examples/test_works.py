from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest

MONTHS_2022 = range(7, 13)
MONTHS_2023 = range(1, 11)
START, END = dt.date(2023, 1, 1), dt.date(2023, 10, 31)
INVESTED, YEAR_TO_DATE = "完成投资/当月完成投资（万元）", "完成投资/年累完成投资（万元）"


@pytest.fixture(scope="module")
def returns(files: Any) -> dict[tuple[int, int], dict[str, dict[str, Any]]]:
    """Rows of each monthly return by work."""
    found = {}
    for year, months in ((2022, MONTHS_2022), (2023, MONTHS_2023)):
        for month in months:
            rows = files.rows(f"基础设施月报_{year}年{month:02d}月.xlsx", "项目编号")
            found[year, month] = {row["项目编号"]: row for row in rows}
    return found


@pytest.fixture(scope="module")
def places(files: Any) -> Any:
    """Return the works of the map in a zone, without and with standard factories."""
    frame = files.layer("works").set_index("项目编号")

    def within(zone: str, *, factories: bool = False) -> set[str]:
        inside = files.inside(frame.geometry, zone)
        factory = (frame["项目类型"] == "标准厂房").to_numpy()
        return set(frame.index[inside & (factory == factories)])

    return within


def invested(returns: Any, codes: set[str], years: tuple[int, ...]) -> float:
    return (
        sum(
            row[INVESTED] or 0
            for (year, _), rows in returns.items()
            if year in years
            for code, row in rows.items()
            if code in codes
        )
        / 1e4
    )


def test_works_started(returns: Any, places: Any, agrees: Any) -> None:
    last = returns[2023, 10]
    days = {code: last[code]["开工/实际开工"] for code in places("JM-JJ") if code in last}
    agrees("F022", sum(bool(day) and START <= day <= END for day in days.values()))


def test_works_under_way_in_the_startup_areas(returns: Any, places: Any, agrees: Any) -> None:
    sums: dict[str, float] = defaultdict(float)
    for (year, _), rows in returns.items():
        for code in places("JM-QD") & set(rows):
            sums[code] += (rows[code][INVESTED] or 0) if year == 2023 else 0
    agrees("F030", sum(value > 0 for value in sums.values()))


@pytest.mark.parametrize(
    ("figure", "zone", "years"),
    [("F023", "JM-JJ", (2023,)), ("F031", "JM-QD", (2023,)), ("F058", "JM-PT", (2022, 2023))],
)
def test_investment_adds_up(
    returns: Any, places: Any, agrees: Any, figure: str, zone: str, years: tuple[int, ...]
) -> None:
    agrees(figure, invested(returns, places(zone), years))


def test_the_platform_invested_in_both_years(returns: Any, places: Any) -> None:
    assert invested(returns, places("JM-PT"), (2022,)) > 1


def test_counting_factories_too_would_miss_the_figure(returns: Any, places: Any) -> None:
    assert invested(returns, places("JM-JJ", factories=True), (2023,)) > 0.1


def test_standard_factories(files: Any, places: Any, agrees: Any) -> None:
    rows = {row["项目编号"]: row for row in files.rows("标准厂房表.xlsx", "项目编号")}
    done = [rows[code] for code in places("JM-PT", factories=True)]
    area = sum(
        row["建筑面积（平方米）"]
        for row in done
        if row["完工/实际完工"] and START <= row["完工/实际完工"] <= END
    )
    agrees("F059", area / 1e4)


def test_completion_of_the_startup_areas(
    files: Any, returns: Any, places: Any, agrees: Any
) -> None:
    done = invested(returns, places("JM-QD"), (2023,))
    agrees("F032", 100 * done / files.targets["works_invested", "JM-QD"])


def test_targets_are_exceeded_or_ahead(
    files: Any, published: Any, returns: Any, places: Any
) -> None:
    """F024 and F062: the published flows over the targets of the year."""
    done = {
        ("land_acquired", "JM-JJ"): "F018",
        ("land_levelled", "JM-JJ"): "F019",
        ("ready_blocks", "JM-JJ"): "F020",
        ("works_started", "JM-JJ"): "F022",
        ("works_invested", "JM-JJ"): "F023",
        ("land_assembled", "JM-PT"): "F060",
        ("standard_factory_built", "JM-PT"): "F059",
    }
    least = {"JM-JJ": 100.0, "JM-PT": 83.34}
    for key, figure in done.items():
        assert 100 * float(published[figure]["value"]) / files.targets[key] > least[key[1]]
    platform = invested(returns, places("JM-PT"), (2023,))
    assert 100 * platform / files.targets["works_invested", "JM-PT"] > 83.34
    zones = {zone for _, zone in files.targets}
    assert {key for key in files.targets if key[1] in least} == {*done, ("works_invested", "JM-PT")}
    assert "JM-QD" in zones


def test_year_to_date_is_the_sum_of_the_months(returns: Any) -> None:
    sums: dict[tuple[int, str], float] = defaultdict(float)
    for (year, _), rows in sorted(returns.items()):
        for code, row in rows.items():
            sums[year, code] += row[INVESTED] or 0
            assert row[YEAR_TO_DATE] == sums[year, code]


def test_works_do_not_cross_a_zones_edge(files: Any) -> None:
    shapes = files.layer("works").geometry
    for zone in ("JM-JJ", "JM-PT", "JM-QD"):
        assert not shapes.intersects(files.boundaries[zone].boundary).any()
