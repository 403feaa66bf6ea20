"""How wide the columns and how high the rows of a return's workbook are: by what stands in them.

Widths are in characters as spreadsheets count them: a Chinese character takes two.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence

# Width that an empty column of a kind gets, and what is typed into it needs.
_LEAST = {"text": 12.0, "code": 11.0, "date": 12.0, "choice": 10.0, "bool": 8.0, "percent": 9.0}
_OTHER, _SENTENCE, _NAME = 11.0, 24.0, 18.0
_MOST, _MOST_NAME = 30.0, 44.0
_BESIDE = 2.0  # room at both edges of a cell
_LINE, _SMALL_LINE, _EDGE = 14.0, 11.0, 6.0  # [pt]
_LEAST_HEAD, _LEAST_SECOND = 32.0, 24.0
_ROW = 16.0
# Above this width a sheet cannot be read on A4; A3 is what such ledgers are printed on.
WIDE = 190.0
# Width of the lines above a table, whatever its columns are.
TITLES = 100.0
_SENTENCES = frozenset({"remark", "issue", "progress", "measure", "next_step", "blocker", "task"})
_NAMES = frozenset({"name", "firm", "lead", "indicator"})


def wide(text: str) -> int:
    """Return how wide a line is.

    Examples
    --------
    >>> wide("JM-W-1"), wide("道路")
    (6, 4)
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def width_of(name: str, kind: str, caption: str, texts: Iterable[str]) -> float:
    """Return the width of a column.

    Parameters
    ----------
    name, kind
        Of its field.
    caption
        Its caption, the unit on a line of its own; names wrap once.
    texts
        What stands in it.
    """
    least = _LEAST.get(kind, _OTHER)
    if kind == "text":
        least = _SENTENCE if name in _SENTENCES else _NAME if name in _NAMES else least
    first, _, unit = caption.partition("\n")
    head = max(math.ceil(wide(first) / 2) + 3, wide(unit))
    most = _MOST_NAME if name in _NAMES else _MOST
    inside = min(max((wide(text) for text in texts), default=0), most)
    return max(least, head + _BESIDE, inside + _BESIDE)


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column."""
    room = max(width - _BESIDE / 2, 1.0)
    return sum(max(math.ceil(wide(line) / room), 1) for line in text.split("\n"))


def head_height(captions: Sequence[str], widths: Sequence[float]) -> float:
    """Return the height of the row of captions [pt]."""
    most = max(map(lines_of, captions, widths), default=1)
    return max(most * _LINE + _EDGE, _LEAST_HEAD)


def second_height(captions: Sequence[str], widths: Sequence[float]) -> float:
    """Return the height of the captions in the other language, which are smaller [pt]."""
    most = max((lines_of(text, 1.3 * width) for text, width in _pairs(captions, widths)), default=1)
    return max(most * _SMALL_LINE + _EDGE / 2, _LEAST_SECOND)


def row_height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """Return the height of a row whose texts wrap [pt]."""
    most = max((lines_of(text, width) for text, width in _pairs(texts, widths)), default=1)
    return max(most * _LINE, _ROW)


def reach(widths: Sequence[float], wanted: float, beyond: float = 9.0) -> int:
    """Return how many columns, with empty ones to the right, are at least so wide together.

    Examples
    --------
    >>> reach([50.0, 60.0, 70.0], 100.0), reach([20.0], 38.0)
    (2, 3)
    """
    total, count = 0.0, 0
    while total < wanted:
        total += widths[count] if count < len(widths) else beyond
        count += 1
    return count


def _pairs(texts: Sequence[str], widths: Sequence[float]) -> Iterable[tuple[str, float]]:
    return zip(texts, widths, strict=True)
