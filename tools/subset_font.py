"""Make the fonts of the reports from Noto Sans SC.

Usage: ``python tools/subset_font.py SOURCE TARGET_FOLDER``. SOURCE is the variable font
``NotoSansSC[wght].ttf``. Needs fontTools (``pip install fonttools``), which nothing else here uses.
The result is static, a Regular and a Bold: the chart renderer cannot pick a weight out of a
variable font and would draw every bold title as regular.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

BLOCKS = [
    (0x0020, 0x007E),  # Latin
    (0x00A0, 0x00FF),  # Latin-1, with ² ³ · × °
    (0x0100, 0x017F),  # Latin Extended-A, with the vowels of pinyin
    (0x01CD, 0x01DC),  # the other vowels of pinyin
    (0x0391, 0x03C9),  # Greek
    (0x2010, 0x205E),  # general punctuation, with – — … ″ ′
    (0x2070, 0x209C),  # superscripts and subscripts
    (0x20A0, 0x20BF),  # currency
    (0x2100, 0x214F),  # letter-like signs, with ℃ №
    (0x2150, 0x218B),  # fractions and Roman numerals
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematics, with ≥ ≤ ≈ ≠ −
    (0x2460, 0x24FF),  # enclosed numbers
    (0x2500, 0x257F),  # box drawing
    (0x25A0, 0x26FF),  # shapes and signs
    (0x2713, 0x2718),  # check marks
    (0x3000, 0x303F),  # Chinese punctuation
    (0x3220, 0x33FF),  # enclosed and square forms, with ㎡ ㎞
    (0xFF00, 0xFFEF),  # full-width forms
]


def main() -> None:
    """Read the arguments and write the fonts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    for name, weight in (("Regular", 400), ("Bold", 700)):
        font = _subset(arguments.source)
        font = instantiateVariableFont(font, {"wght": weight}, updateFontNames=True)
        _save(font, arguments.target / f"NotoSansSC-{name}.ttf")


def code_points() -> Iterator[int]:
    """Yield every code point to keep: the blocks above and all that GBK can write."""
    for first, last in BLOCKS:
        yield from range(first, last + 1)
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            text = bytes([lead, trail]).decode("gbk", errors="ignore")
            if len(text) == 1:
                yield ord(text)


def _subset(source: Path) -> TTFont:
    """Return the source with only the code points to keep, its names and metrics unchanged."""
    options = Options()
    options.layout_features = [
        "kern",
        "locl",
        "mark",
        "mkmk",
        "vert",
        "vrt2",
        "palt",
        "tnum",
        "halt",
    ]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.hinting = False
    font = TTFont(source)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=code_points())
    subsetter.subset(font)
    memory = io.BytesIO()
    font.save(memory)
    return TTFont(io.BytesIO(memory.getvalue()))


def _save(font: TTFont, path: Path) -> None:
    """Write a font with the date of its source, so that the same source gives the same file."""
    font.recalcTimestamp = False
    font.save(path)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {len(font.getBestCmap())} characters")


if __name__ == "__main__":
    main()
