"""Tell the records of a sheet from its totals, headings, repeated captions and footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from zonewright.intake.blocks import TotalRow
from zonewright.intake.grids import Cell
from zonewright.intake.headers import Header
from zonewright.intake.wording import key_of, narrow

_TOTAL = re.compile(r"(?:合计|总计|共计|总和|全市|全区)$|^(?:合计|总计|共计|total|grandtotal|sum)")
_SUBTOTAL = re.compile(r"小计$|^小计|subtotal|(?:镇|街道|园区|组团|片区|类)合计$|本页合计|本页小计")
_PART = re.compile(r"^其中")
_HEADING = re.compile(r"^[(（]?[一二三四五六七八九十百]+[)）、.．]")
_FOOT = re.compile(
    r"^(?:注|说明|备注|填报|填表|制表|审核|复核|单位负责人|分管领导|联系人|联系电话|数据来源|报送|附注|note)"
    r"\s*(?:单位|人|日期|时间)?\s*\d*\s*[:：.．、]?"
)
_CODE = re.compile(r"^[A-Za-z0-9][\w.·/#-]*$", re.ASCII)


@dataclass(slots=True)
class Sorted:
    """The rows of a sheet below its captions, by what they are (indices of the grid's rows).

    `aside` holds headings, parts and remarks among the records, with their first text.
    """

    records: list[int] = field(default_factory=list)
    totals: list[TotalRow] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    blanks: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    aside: list[tuple[int, str]] = field(default_factory=list)


def sort_rows(rows: Sequence[Sequence[Cell]], header: Header, *, key: int | None) -> Sorted:
    """Sort the rows below the captions.

    Parameters
    ----------
    rows
        Every row of the sheet.
    header
        Where its captions stand.
    key
        Position of the column that identifies a record, or None.
    """
    found = Sorted()
    blanks: list[int] = []
    aside: list[tuple[int, str]] = []
    captions = {key_of(part) for caption in header.captions for part in caption.parts}
    marks: list[tuple[str, TotalRow, int]] = []
    for index in range(header.bottom + 1, len(rows)):
        row = rows[index]
        texts = [(column, cell) for column, cell in enumerate(row) if cell is not None]
        if not texts:
            blanks.append(index)
            continue
        kind, label = _kind(texts, key, captions)
        if kind in ("part", "note"):
            aside.append((index, label))
        else:
            found.aside += aside
            aside = []
        if kind != "note":
            if found.records or marks:
                found.blanks += blanks
            blanks = []
        if kind == "record":
            found.records.append(index)
        elif kind in ("total", "subtotal"):
            marks.append((kind, TotalRow(index + 1, label, row), len(found.records)))
        elif kind == "caption":
            found.repeated.append(index)
        elif kind == "note":
            found.notes += [cell for _, cell in texts if isinstance(cell, str)]
    found.aside += [item for item in aside if not _FOOT.match(narrow(item[1]))]
    found.totals = _covered(marks, len(found.records))
    return found


def _kind(
    cells: Sequence[tuple[int, Cell]], key: int | None, captions: set[str]
) -> tuple[str, str]:
    first = next((cell for _, cell in cells if isinstance(cell, str)), "")
    if len(cells) >= 3 and all(isinstance(cell, str) for _, cell in cells):
        known = sum(key_of(str(cell)) in captions for _, cell in cells)
        if known >= 0.6 * len(cells):
            return "caption", ""
    texts = [cell for column, cell in cells[:4] if isinstance(cell, str)]
    identified = key is not None and any(
        column == key and not _is_label(cell) for column, cell in cells
    )
    if not identified:
        for text in texts:
            name = key_of(text)
            if _SUBTOTAL.search(name):
                return "subtotal", text.strip()
            if _TOTAL.search(name):
                return "total", text.strip()
            if _PART.search(name) or _HEADING.search(narrow(text)):
                return "part", text.strip()
    if cells[0][1] == first and _is_remark(narrow(first), alone=len(cells) == 1 or not identified):
        return "note", first.strip()
    # A code alone is a record of which nothing else is known yet.
    is_code = cells[0][0] == key and _CODE.match(narrow(first))
    if len(cells) == 1 and isinstance(cells[0][1], str) and not is_code:
        return "part", first.strip()
    return "record", ""


def _is_remark(text: str, *, alone: bool) -> bool:
    """Return whether a row that begins with a text is a remark: 注：…, 填报人：…, 说明."""
    match = _FOOT.match(text)
    return match is not None and (alone or match[0].rstrip().endswith((":", "：")))


def _is_label(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return False
    name = key_of(cell)
    return bool(
        _SUBTOTAL.search(name)
        or _TOTAL.search(name)
        or _PART.search(name)
        or _HEADING.search(narrow(cell))
    )


def _covered(marks: Sequence[tuple[str, TotalRow, int]], count: int) -> list[TotalRow]:
    """Give each total the records that it sums: those of its group, above it or below it."""
    subtotals = [mark for mark in marks if mark[0] == "subtotal"]
    leading = bool(subtotals) and subtotals[0][2] == 0
    starts = [at for _, _, at in subtotals]
    found = []
    for kind, total, at in marks:
        if kind == "total":
            covers = range(count)
        elif leading:
            following = [start for start in starts if start > at]
            covers = range(at, following[0] if following else count)
        else:
            before = [start for start in starts if start < at]
            covers = range(before[-1] if before else 0, at)
        found.append(replace(total, covers=tuple(covers)))
    return found
