"""How a return's workbook looks: nothing that it says is cut off, on the screen or on paper."""

from __future__ import annotations

import pytest
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from tests.unit.intake.return_samples import blank_of, column_of, opened, tab, whole
from zonewright.intake import return_looks as looks
from zonewright.intake.return_layout import FIRST_ROW, HEAD_ROW, HELP_ROW
from zonewright.steering.returns.kinds import ReturnKind, kinds

KINDS = list(kinds().values())


def widths_of(made: Worksheet) -> list[float]:
    return [
        made.column_dimensions[get_column_letter(index)].width
        for index in range(2, made.max_column + 1)
        if made.cell(HEAD_ROW, index).value
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS, ids=[kind.code for kind in KINDS])
def test_captions_and_rows_are_high_enough_for_what_they_say(kind: ReturnKind, lang: str) -> None:
    book = opened(blank_of(kind, whole(kind), lang=lang))
    for sheet in kind.sheets:
        made = tab(book, sheet)
        for number in (HEAD_ROW, FIRST_ROW):
            height = made.row_dimensions[number].height
            for index, width in enumerate(widths_of(made), 2):
                value = made.cell(number, index).value
                text = value if isinstance(value, str) else ""
                assert height >= 14 * looks.lines_of(text, width), (sheet.code, text)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.code for kind in KINDS])
def test_titles_lie_within_what_is_printed(kind: ReturnKind) -> None:
    book = opened(blank_of(kind))
    for sheet in kind.sheets:
        made = tab(book, sheet)
        *_, right, _ = range_boundaries(made.print_area.rpartition("!")[2])
        help_cells = next(one for one in made.merged_cells.ranges if one.min_row == HELP_ROW)
        assert help_cells.max_col <= right
        wide = widths_of(made)
        assert sum(wide) + 9.0 * max(right - 1 - len(wide), 0) >= looks.TITLES
        assert made.page_setup.orientation == "landscape"
        assert made.page_setup.fitToWidth == 1
        assert made.page_setup.paperSize == (8 if sum(wide) > looks.WIDE else 9)


def test_a_unit_stands_below_its_name_and_is_read_all_the_same() -> None:
    kind = kinds()["works"]
    made = tab(opened(blank_of(kind)), kind.sheet("works"))
    assert made.cell(HEAD_ROW, column_of(made, "total_cost")).value == "总投资\n（万元）"
    assert made.cell(HEAD_ROW, column_of(made, "invested")).value == "当月完成投资*\n（万元）"


def test_a_long_name_gets_a_wide_column_and_a_very_long_one_more_lines() -> None:
    name = "示例拓辰安全应急装备1212有限公司（虚构）"
    width = looks.width_of("name", "text", "企业名称", [name])
    assert looks.lines_of(name, width) == 1
    assert looks.width_of("name", "text", "企业名称", [name * 4]) < 50
    assert looks.row_height([name * 4], [width]) >= 4 * 14
