"""Sentences follow from the figures."""

from __future__ import annotations

from dataclasses import replace

from zonewright.report import prose
from zonewright.report.model import CHAPTERS, LookBack


def test_the_summary_states_what_was_achieved(lookback: LookBack) -> None:
    first = prose.summary(lookback, "zh").achieved[0]
    assert first.startswith("2023年1—10月，江门大型产业集聚区：征地面积超1,100公顷（16,500亩）")
    assert "基础设施完成投资143.74亿元，完成年度目标的106.32%" in first
    first = prose.summary(lookback, "en").achieved[0]
    assert "land acquired: more than 1,100 ha (16,500 mu)" in first
    assert "CNY 14.374 billion, 106.32% of the year's target" in first


def test_ahead_and_behind_are_counted_and_named(lookback: LookBack) -> None:
    standing = prose.summary(lookback, "zh").standing
    assert standing[0] == "列有年度目标的11项数据中，超时序10项，达到时序0项，滞后1项。"
    assert standing[1] == "其中5项已完成全年任务。"
    assert (
        standing[3]
        == "进度最慢：征地面积（3个先行启动区），完成71.25%，时序83.33%，−12.08个百分点。"
    )


def test_what_is_behind_is_watched_with_the_rate_it_needs(lookback: LookBack) -> None:
    watch = prose.summary(lookback, "en").watch
    assert watch[0] == (
        "Land acquired (Three start-up areas) is behind pace by 12.08 pp. "
        "It needs 44.57 ha a month until December; so far it was 22.09 ha a month."
    )
    assert any("has CNY 415 million left to the year's target" in item for item in watch)
    assert any("cannot be recomputed from levels" in item for item in watch)
    assert not any("Standard factory floor area built" in item for item in watch)


def test_without_targets_and_faults_there_is_nothing_to_watch(bare: LookBack) -> None:
    summary = prose.summary(bare, "en")
    assert summary.achieved == ()
    assert summary.standing == ("No figure of this report has a target for the year.",)
    assert summary.watch == ("No target is behind pace, and the checks left nothing open.",)


def test_the_slowest_that_is_not_late_is_not_called_behind(lookback: LookBack) -> None:
    on_time = [item for item in lookback.figures if not item.pace or item.pace.ahead_pp > 0]
    chapter = replace(lookback.chapters[0], figures=tuple(on_time))
    summary = prose.summary(replace(lookback, chapters=(chapter,)), "en")
    assert summary.standing[-1].startswith("Least ahead: ")


def test_each_chapter_opens_with_its_purpose(lookback: LookBack) -> None:
    openings = [prose.chapter(chapter, "zh") for chapter in lookback.chapters]
    assert len({opening[0] for opening in openings}) == len(CHAPTERS)
    assert all(len(opening) > 1 for opening in openings)
