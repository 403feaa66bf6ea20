"""How a return's workbook is laid out: what the blank writes and the reading looks for.

Each sheet carries its own signs, so that it is known again after it was renamed, sorted, or its
columns moved: a hidden row names the field of each column, a hidden column the key of each row.
The hidden sheet `META` says of which return the workbook is and what was filled in beforehand.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from zonewright.intake.faults import CellError
from zonewright.intake.return_sheets import clean
from zonewright.intake.wording import key_of, narrow
from zonewright.steering.returns.kinds import ReturnColumn, ReturnSheet
from zonewright.steering.returns.rows import Given

FORMAT = "1"
META, LISTS = "_zonewright", "_zonewright_lists"
SIGN = "zonewright-return"
SHEET_SIGN = "zonewright:"
FINDINGS_SIGN = "zonewright-findings"
LAST = "@last"
TITLE_ROW, ABOUT_ROW, HELP_ROW, KEYS_ROW, HEAD_ROW, SECOND_ROW = 1, 2, 3, 4, 5, 6
FIRST_ROW = 7
SPARE_ROWS = 30
FREE_KEY = re.compile(r"\+(\d{1,9})")
# A cell holds no more than 32 767 characters.
_PIECE = 30_000
_ROW = "row"


@dataclass(frozen=True, slots=True)
class Meta:
    """What the hidden sheet says.

    Parameters
    ----------
    kind, zone, zone_name, period
        Of which return the workbook is; the month as in ``2023-04``.
    lang
        Language of its words.
    given
        Sheet and key of a row to the plain values that stood in it when it was made.
    """

    kind: str
    zone: str
    zone_name: str
    period: str
    lang: str = "zh"
    given: Given = field(default_factory=lambda: MappingProxyType({}))

    def lines(self) -> list[list[str]]:
        """Return the cells of the hidden sheet; the second line is the digest of the others."""
        said = [
            [SIGN, FORMAT],
            ["kind", self.kind],
            ["zone", self.zone],
            ["zone_name", self.zone_name],
            ["period", self.period],
            ["lang", self.lang],
        ]
        head = [[clean(text) for text in line] for line in said]
        rows = [
            [_ROW, sheet, clean(key), *_pieces(json.dumps(values, sort_keys=True))]
            for (sheet, key), values in self.given.items()
        ]
        return [head[0], ["digest", _digest([*head, *rows])], *head[1:], *rows]


def read_meta(cells: Sequence[Sequence[object]]) -> Meta | None:
    """Return what a hidden sheet says; None if it is none of ours.

    Raises
    ------
    CellError
        If it was changed, or is of a later format.
    """
    lines = [[narrowed(cell) for cell in row] for row in cells]
    if not lines or lines[0][:1] != [SIGN]:
        return None
    lines = [_trimmed(line) for line in lines]
    if lines[0][1:] != [FORMAT]:
        raise CellError("return-book-format", format=" ".join(lines[0][1:]), known=FORMAT)
    heads = {line[0]: line[1] for line in lines if len(line) == 2}
    rest = [line for line in lines if line and line[0] != "digest"]
    if heads.get("digest") != _digest(rest):
        raise CellError("return-book-meta-changed")
    given: dict[tuple[str, str], Mapping[str, object]] = {}
    for line in lines:
        if line[:1] == [_ROW] and len(line) > 3:
            given[line[1], line[2]] = json.loads("".join(line[3:]))
    names = ("kind", "zone", "zone_name", "period", "lang")
    kind, zone, zone_name, period, lang = (heads.get(name, "") for name in names)
    return Meta(kind, zone, zone_name, period, lang, given)


def narrowed(cell: object) -> str:
    """Return a technical cell as text: a whole number without its ``.0``."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _trimmed(line: list[str]) -> list[str]:
    """Return a line without the empty cells at its end."""
    end = max((index for index, text in enumerate(line, 1) if text), default=0)
    return line[:end]


def _pieces(text: str) -> Iterator[str]:
    for at in range(0, len(text), _PIECE):
        yield text[at : at + _PIECE]


def _digest(lines: Sequence[Sequence[str]]) -> str:
    text = json.dumps([list(line) for line in lines])
    return hashlib.sha256(text.encode()).hexdigest()


# ---- Captions ---------------------------------------------------------------------------------


def unit_label(column: ReturnColumn, lang: str) -> str:
    """Return the unit that a caption shows, or an empty text."""
    shown = _UNIT_EN.get(column.unit, column.unit) if lang == "en" else column.unit
    named = column.field.label(lang)
    return "" if not shown or shown in named else _UNIT_ZH.get(shown, shown)


_UNIT_EN = {"亩": "mu", "万元": "CNY 10,000", "亿元": "CNY 100 million", "万m2": "10,000 m²"}
_UNIT_ZH = {"ha": "公顷", "m2": "平方米", "km2": "平方公里"}


def caption_of(column: ReturnColumn, lang: str, *, last: bool = False) -> str:
    """Return the caption of a column: its name and its unit in brackets.

    Examples
    --------
    >>> from zonewright.steering.returns.kinds import ReturnColumn
    >>> from zonewright.core.schema import table
    >>> caption_of(ReturnColumn(table("works")["total_cost"], unit="万元"), "zh")
    '总投资（万元）'
    """
    name, unit = column.field.label(lang), unit_label(column, lang)
    if lang == "zh":
        return f"{'上月' if last else ''}{name}{f'（{unit}）' if unit else ''}"
    return f"{'Last month: ' if last else ''}{name}{f' [{unit}]' if unit else ''}"


def marks_of(sheet: ReturnSheet) -> list[tuple[str, ReturnColumn]]:
    """Return the columns of a sheet in order, each with its sign, last month's before its own."""
    found: list[tuple[str, ReturnColumn]] = []
    for column in sheet.columns:
        if column.shows_last:
            found.append((column.name + LAST, column))
        found.append((column.name, column))
    return found


def captions_of(sheet: ReturnSheet) -> dict[str, str]:
    """Return every caption that our blanks give a sheet's columns, as names are compared."""
    found: dict[str, str] = {}
    for sign, column in marks_of(sheet):
        for lang in ("zh", "en"):
            text = caption_of(column, lang, last=sign.endswith(LAST))
            found.setdefault(key_of(text), sign)
    return found


def sheet_sign(code: str) -> str:
    """Return the text by which a sheet is known again."""
    return f"{SHEET_SIGN}{code}"


def code_of_sign(cell: object) -> str:
    """Return the code of the sheet of which a cell is the sign, or an empty text."""
    text = narrow(cell) if isinstance(cell, str) else ""
    return text.removeprefix(SHEET_SIGN) if text.startswith(SHEET_SIGN) else ""
