"""What offices do to a return's workbook before they hand it in, at random.

Each mutation changes a sheet in place; where it changes what the sheet says, it changes the truth
as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.unit.intake.return_samples import whole
from zonewright.core.units import convert
from zonewright.intake.return_layout import FIRST_ROW, HEAD_ROW, KEYS_ROW, SECOND_ROW
from zonewright.steering.returns.kinds import ReturnColumn, ReturnKind, ReturnSheet

Truth = dict[tuple[str, str, str], object]
UNITS = {
    "area": ("亩", "公顷", "平方米"),
    "money": ("万元", "元", "亿元"),
    "energy": ("万kWh", "kWh"),
}
FULL = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@dataclass
class Scene:
    """A workbook that is being changed, one of its sheets, and what it should say."""

    book: Workbook
    made: Worksheet
    sheet: ReturnSheet
    truth: Truth
    rnd: random.Random

    def columns(self) -> dict[str, int]:
        """Return field to number of its column, by the signs."""
        return {
            str(cell.value): int(cell.column)
            for row in self.made.iter_rows(min_row=1, max_row=30)
            for cell in row
            if cell.value in {column.name for column in self.sheet.columns}
        }

    def rows(self) -> dict[str, int]:
        """Return key to number of its row, by the hidden column."""
        keys = {key for sheet, key, _ in self.truth if sheet == self.sheet.code}
        found: dict[str, int] = {}
        for row in self.made.iter_rows(min_row=1):
            for cell in row[:12]:
                if cell.value in keys and str(cell.value) not in found:
                    found[str(cell.value)] = cell.row
        return found

    def pick(self, *kinds: str) -> tuple[ReturnColumn, str, int, int] | None:
        """Return a column that is filled in, of some kinds, and one of its cells."""
        columns, rows = self.columns(), self.rows()
        fit = [
            column
            for column in self.sheet.columns
            if not column.given
            and column.name in columns
            and column.name != self.sheet.key
            and (not kinds or column.field.kind in kinds)
        ]
        if not fit or not rows:
            return None
        column = self.rnd.choice(fit)
        key = self.rnd.choice(sorted(rows))
        return column, key, rows[key], columns[column.name]


Mutation = Callable[[Scene], None]


def _number(scene: Scene) -> tuple[ReturnColumn, str, int, int, Decimal] | None:
    found = scene.pick("money", "area", "energy", "number", "percent")
    if found is None:
        return None
    value = scene.made.cell(found[2], found[3]).value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return (*found, Decimal(repr(value)))


def text_number(scene: Scene) -> None:
    if found := _number(scene):
        _write(scene, found[2], found[3], format(found[4], "f"))


def thousands(scene: Scene) -> None:
    if found := _number(scene):
        _write(scene, found[2], found[3], f"{found[4]:,f}")


def full_width(scene: Scene) -> None:
    if found := _number(scene):
        _write(scene, found[2], found[3], f" {found[4]:,f} ".translate(FULL))


def own_unit(scene: Scene) -> None:
    found = _number(scene)
    if not found or found[0].field.kind not in UNITS:
        return
    unit = scene.rnd.choice(UNITS[found[0].field.kind])
    amount: Fraction = convert(found[4], found[0].unit, unit)
    decimal = Decimal(amount.numerator) / Decimal(amount.denominator)
    _write(scene, found[2], found[3], f"{decimal:f}{unit}")


def bound(scene: Scene) -> None:
    if found := _number(scene):
        _write(scene, found[2], found[3], f"{scene.rnd.choice('超近约')}{found[4]:f}")


def percent_format(scene: Scene) -> None:
    found = _number(scene)
    if found and found[0].field.kind == "percent":
        cell = scene.made.cell(found[2], found[3])
        cell.value, cell.number_format = float(found[4] / 100), "0.00%"


def words(scene: Scene) -> None:
    if found := _number(scene):
        _write(
            scene,
            found[2],
            found[3],
            scene.rnd.choice(
                [
                    "完成过半",
                    "1,23",
                    "3—5",
                    "12.5.6",
                    "#DIV/0!",
                    "约十",
                    "2023年",
                    "=1+1",
                    "1.234,5",
                ]
            ),
        )


def text_date(scene: Scene) -> None:
    if found := scene.pick("date"):
        cell = scene.made.cell(found[2], found[3])
        if isinstance(cell, Cell) and isinstance(cell.value, date):
            form = scene.rnd.choice(["%Y-%m-%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y/%m/%d"])
            cell.value = cell.value.strftime(form)


def vague_date(scene: Scene) -> None:
    if found := scene.pick("date"):
        _write(
            scene,
            found[2],
            found[3],
            scene.rnd.choice(
                ["2023.4", "4月中旬", "2023年三季度", 2023.1, "下个月", "13月", "2023-02-30"]
            ),
        )


def emptied(scene: Scene) -> None:
    if found := scene.pick():
        _write(scene, found[2], found[3], None)
        scene.truth[scene.sheet.code, found[1], found[0].name] = None


def dashed(scene: Scene) -> None:
    if found := scene.pick():
        _write(scene, found[2], found[3], scene.rnd.choice(["-", "/", "无", "—"]))


def number_in_text(scene: Scene) -> None:
    if found := scene.pick("text", "code", "choice"):
        _write(scene, found[2], found[3], scene.rnd.choice([12.0, 3.14159, True]))


def locked_changed(scene: Scene) -> None:
    columns, rows = scene.columns(), scene.rows()
    names = [column.name for column in scene.sheet.columns if column.given]
    if names and rows:
        name, key = scene.rnd.choice(names), scene.rnd.choice(sorted(rows))
        if name in columns:
            scene.made.cell(rows[key], columns[name]).value = scene.rnd.choice(
                ["X-9", 7, None, "合计"]
            )


def merged(scene: Scene) -> None:
    if found := scene.pick():
        _, _, row, column = found
        down, right = scene.rnd.choice([(1, 0), (2, 0), (0, 1), (1, 1)])
        scene.made.merge_cells(
            start_row=row, start_column=column, end_row=row + down, end_column=column + right
        )


Look = tuple[object, str]


def _take(scene: Scene, first: int, last: int, left: int) -> list[list[Look]]:
    """Return the values and formats of a range."""
    width = scene.made.max_column
    return [
        [
            (cell.value, cell.number_format)
            for cell in (scene.made.cell(row, column) for column in range(left, width + 1))
        ]
        for row in range(first, last + 1)
    ]


def _lay(scene: Scene, first: int, left: int, lines: list[list[Look]]) -> None:
    for row, line in enumerate(lines, first):
        for column, (value, form) in enumerate(line, left):
            _write(scene, row, column, value)
            scene.made.cell(row, column).number_format = form


def _write(scene: Scene, row: int, column: int, value: object) -> None:
    """Write a cell, unless a merged cell covers it."""
    cell = scene.made.cell(row, column)
    if isinstance(cell, Cell):
        cell.value = value  # type: ignore[assignment]


def rows_shuffled(scene: Scene) -> None:
    """Sort the rows some other way, with the hidden column or without it."""
    if scene.made.merged_cells.ranges and len(scene.made.merged_cells.ranges) > 1:
        return
    rows = sorted(scene.rows().values())
    if len(rows) < 2 or rows != list(range(rows[0], rows[-1] + 1)):
        return
    left = scene.rnd.choice([1, 1, 2]) if scene.sheet.rows != "open" else 1
    lines = _take(scene, rows[0], rows[-1], left)
    scene.rnd.shuffle(lines)
    _lay(scene, rows[0], left, lines)


def columns_shuffled(scene: Scene) -> None:
    """Move whole columns, with their signs or without them."""
    if len(scene.made.merged_cells.ranges) > 1:
        return
    first = scene.rnd.choice([KEYS_ROW, HEAD_ROW])
    lines = _take(scene, first, scene.made.max_row, 2)
    order = list(range(len(lines[0])))
    scene.rnd.shuffle(order)
    _lay(scene, first, 2, [[line[at] for at in order] for line in lines])


def row_inserted(scene: Scene) -> None:
    at = scene.rnd.randint(1, scene.made.max_row)
    scene.made.insert_rows(at)


def column_inserted(scene: Scene) -> None:
    if len(scene.made.merged_cells.ranges) > 1:
        return
    at = scene.rnd.randint(1, scene.made.max_column)
    scene.made.insert_cols(at)
    if scene.rnd.random() < 0.5:
        scene.made.cell(FIRST_ROW + 1, at).value = "内部备注"


def subtotal(scene: Scene) -> None:
    rows = scene.rows()
    if not rows:
        return
    at = scene.rnd.choice(sorted(rows.values())) + scene.rnd.choice([0, 1])
    if any(area.min_row < at <= area.max_row for area in scene.made.merged_cells.ranges):
        return
    scene.made.insert_rows(at)
    columns = scene.columns()
    texts = [c.name for c in scene.sheet.columns if c.field.kind in ("text", "code")]
    numbers = [c.name for c in scene.sheet.columns if c.field.kind in ("money", "area")]
    name = scene.rnd.choice(texts) if texts else ""
    if name in columns:
        scene.made.cell(at, columns[name]).value = scene.rnd.choice(
            ["小计", "合计", "总计", "园区小计"]
        )
    for number in numbers:
        if number in columns:
            scene.made.cell(at, columns[number]).value = 99_999


def row_deleted(scene: Scene) -> None:
    rows = scene.rows()
    if rows and len(scene.made.merged_cells.ranges) < 2:
        key = scene.rnd.choice(sorted(rows))
        scene.made.delete_rows(rows[key])
        if scene.sheet.rows == "open" and key not in scene.rows():
            for name in list(scene.truth):
                if name[:2] == (scene.sheet.code, key):
                    del scene.truth[name]


def row_copied(scene: Scene) -> None:
    rows = scene.rows()
    if rows:
        source = rows[scene.rnd.choice(sorted(rows))]
        to = scene.made.max_row + 1
        for column in range(1, scene.made.max_column + 1):
            cell = scene.made.cell(source, column)
            _write(scene, to, column, cell.value)
            scene.made.cell(to, column).number_format = cell.number_format


def caption_unit(scene: Scene) -> None:
    row = scene.made[HEAD_ROW]
    cells = [cell for cell in row if isinstance(cell.value, str) and "（亩" in cell.value]
    if cells:
        cell = scene.rnd.choice(cells)
        cell.value = str(cell.value).replace("（亩", "（公顷")


def captions_swapped(scene: Scene) -> None:
    cells = [cell for cell in scene.made[HEAD_ROW] if cell.column > 1 and cell.value]
    if len(cells) > 1:
        one, two = scene.rnd.sample(cells, 2)
        one.value, two.value = two.value, one.value


def captions_gone(scene: Scene) -> None:
    for row in scene.rnd.choice([(HEAD_ROW,), (SECOND_ROW,), (HEAD_ROW, SECOND_ROW), (KEYS_ROW,)]):
        for cell in scene.made[row]:
            if row != KEYS_ROW or cell.column > 1:
                _write(scene, row, cell.column, None)


def hidden(scene: Scene) -> None:
    choice = scene.rnd.choice(["rows", "columns", "sheet", "name"])
    if choice == "rows" and scene.rows():
        scene.made.row_dimensions[scene.rnd.choice(list(scene.rows().values()))].hidden = True
    elif choice == "columns":
        scene.made.column_dimensions["D"].hidden = True
    elif choice == "sheet":
        scene.book.create_sheet("附表").append(["说明", 1])
        scene.made.sheet_state = "hidden"
    else:
        scene.made.title = "我的表"


MUTATIONS: tuple[Mutation, ...] = (
    text_number, thousands, full_width, own_unit, bound, percent_format, words, text_date,
    vague_date, emptied, dashed, number_in_text, locked_changed, merged, rows_shuffled,
    columns_shuffled, row_inserted, column_inserted, subtotal, row_deleted, row_copied,
    caption_unit, captions_swapped, captions_gone, hidden,
)  # fmt: skip


def truth_of(kind: ReturnKind, count: int) -> Truth:
    """Return what a reporter says, by sheet, key and field."""
    return {
        (sheet, row.key, name): value
        for sheet, rows in whole(kind, count).items()
        for row in rows
        for name, value in copy(dict(row.values)).items()
        if not name.endswith("_unit")
    }
