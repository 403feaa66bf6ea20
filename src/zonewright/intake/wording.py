"""Text as offices type it, brought to one form for comparison."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

EMPTY = frozenset({
    "", "-", "--", "---", "—", "——", "–", "―", "_", "/", "//", "\\", "...", "…", "……", "*",
    "无", "暂无", "待定", "未定", "待补充", "不详", "n/a", "na", "nan", "nat", "null", "none",
    "nil",
})  # fmt: skip
_LONGEST = 20  # spaces around a dash are allowed for
_PUNCTUATION = re.compile(r"[\s_\-—–~:：、,，.。;；/\\()\[\]{}【】〔〕<>《》\"'“”‘’·*#|]+")


@lru_cache(maxsize=20_000)
def narrow(text: str) -> str:
    """Return text in half width (NFKC) without spaces at its ends.

    Examples
    --------
    >>> narrow("　１，３２８亩 ")
    '1,328亩'
    """
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=20_000)
def key_of(text: str) -> str:
    r"""Return text as names are compared: half width, lower case, no spaces, no punctuation.

    Examples
    --------
    >>> key_of("总投资\n（万元）")
    '总投资万元'
    """
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).casefold())


def is_empty(value: object) -> bool:
    """Return whether a cell says nothing: no value, or a dash, a slash, 无."""
    if isinstance(value, str):
        return len(value) <= _LONGEST and narrow(value).casefold() in EMPTY
    return value is None or value != value


def text_of_cell(value: object) -> str:
    """Return a cell as the text that a reader sees; whole numbers without ``.0``."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value)
