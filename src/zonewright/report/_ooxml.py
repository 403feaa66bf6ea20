"""What Word needs and python-docx does not offer: fonts of two scripts, fields, marks, shading.

Everything here touches the XML of a document that python-docx opened.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime

from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt, RGBColor
from docx.styles.style import BaseStyle, ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

LATIN, EAST_ASIAN = "Arial", "Microsoft YaHei"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def clean(text: str) -> str:
    """Return a text without the control signs that XML forbids."""
    return _CONTROL.sub("", text)


def element(name: str, /, **attributes: str) -> BaseOxmlElement:
    """Return a new element ``w:name`` with attributes in the same namespace."""
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def style(
    document: Document, name: str, *, size: float, bold: bool | None = None, colour: str = ""
) -> ParagraphStyle:
    """Set a paragraph style's fonts of both scripts, its size [pt], weight and colour."""
    found: BaseStyle = document.styles[name]
    if not isinstance(found, ParagraphStyle):
        raise TypeError(name)
    found.font.name = LATIN
    found.font.size = Pt(size)
    found.font.bold = bold
    if colour:
        found.font.color.rgb = rgb(colour)
    fonts = found.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), EAST_ASIAN)
    return found


def language(document: Document, tag: str, east_asian: str) -> None:
    """Set the language of the text, for spelling and line breaks."""
    properties = document.styles["Normal"].element.get_or_add_rPr()
    properties.append(element("lang", val=tag, eastAsia=east_asian))


def styled(paragraph: Paragraph, style_id: str | None) -> Paragraph:
    """Give a paragraph a style by its id; python-docx would search all styles each time."""
    paragraph._p.style = style_id
    return paragraph


def rgb(colour: str) -> RGBColor:
    """Return ``#rrggbb`` as Word's colour."""
    return RGBColor.from_string(colour.removeprefix("#").upper())


def shade(paragraph: Paragraph, fill: str, bar: str) -> None:
    """Give a paragraph a ground and a bar at its left."""
    properties = paragraph._p.get_or_add_pPr()
    borders = element("pBdr")
    borders.append(element("left", val="single", sz="24", space="8", color=bar.removeprefix("#")))
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
    ground = element("shd", val="clear", color="auto", fill=fill.removeprefix("#"))
    properties.insert_element_before(ground, "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def add_field(paragraph: Paragraph, code: str, shown: str = "1") -> None:
    """Append a field (``PAGE``, ``NUMPAGES``, ``SEQ``) with the text shown until it is updated."""
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", shown), ("end", "")):
        run = paragraph.add_run()
        if kind == "shown":
            run.text = text
        elif kind:
            run._r.append(element("fldChar", fldCharType=kind))
        else:
            instruction = element("instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {text} "
            run._r.append(instruction)


def add_bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """Put a bookmark around what a paragraph holds."""
    start = element("bookmarkStart", id=str(number), name=name)
    place = 1 if paragraph._p.pPr is not None else 0
    paragraph._p.insert(place, start)
    paragraph._p.append(element("bookmarkEnd", id=str(number)))


def add_link(paragraph: Paragraph, text: str, bookmark: str, colour: str) -> Run:
    """Append a text that leads to a bookmark of the same document."""
    link = element("hyperlink", anchor=bookmark, history="1")
    run = paragraph.add_run(clean(text))
    run.font.color.rgb = rgb(colour)
    link.append(run._r)
    paragraph._p.append(link)
    return run


def describe_picture(run: Run, text: str, title: str, number: int) -> None:
    """Give the picture of a run its description for readers who cannot see it, and a number."""
    for properties in run._r.iter(qn("wp:docPr")):
        properties.set("id", str(number))
        properties.set("name", clean(title))
        properties.set("descr", clean(text))


def dress_table(table: Table, *, widths: Sequence[float], line: str, headed: bool = True) -> None:
    """Give a table thin lines between rows, fixed widths [twips] and a heading that repeats.

    Rows are kept on one page each.
    """
    properties = table._tbl.tblPr
    borders = element("tblBorders")
    for side, size in (("top", "8"), ("bottom", "4"), ("insideH", "4")):
        borders.append(
            element(side, val="single", sz=size, space="0", color=line.removeprefix("#"))
        )
    properties.append(borders)
    margins = element("tblCellMar")
    for side, size in (("top", "40"), ("left", "60"), ("bottom", "40"), ("right", "60")):
        margins.append(element(side, w=size, type="dxa"))
    properties.append(margins)
    table.autofit = False
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.set(qn("w:w"), str(round(width)))
    for place, row in enumerate(table._tbl.tr_lst):
        kept = row.get_or_add_trPr()
        kept.append(element("cantSplit"))
        if headed and place == 0:
            kept.append(element("tblHeader"))
        for cell, width in zip(row.tc_lst, widths, strict=True):
            cell.get_or_add_tcPr().get_or_add_tcW().set(qn("w:w"), str(round(width)))
            cell.get_or_add_tcPr().get_or_add_tcW().set(qn("w:type"), "dxa")


def cells(table: Table) -> list[list[_Cell]]:
    """Return the cells of a table by row; python-docx walks the whole table for every cell."""
    return [[_Cell(cell, table) for cell in row.tc_lst] for row in table._tbl.tr_lst]


def repack(data: bytes, moment: datetime) -> bytes:
    """Return an archive with every member stamped alike, so that equal content is equal bytes."""
    stamp = moment.timetuple()[:6]
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            member = zipfile.ZipInfo(name, date_time=stamp)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            archive.writestr(member, source.read(name))
    return target.getvalue()
