"""A meeting list as a Word document: landscape, with a column in which the meeting writes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from zonewright.core.phrases import Lang
from zonewright.report import _ooxml, theme
from zonewright.report.meeting_model import Meeting
from zonewright.report.meeting_view import Cell, MeetingDocument, Sheet, document

WIDTH_CM = 26.1
_TWIPS = 566.93
_BLANK = "＿" * 14
_MINOR = "Zonewright Minor"


def write(meeting: Meeting, path: Path, lang: Lang) -> None:
    """Write a meeting list as DOCX; the same list gives the same bytes.

    Parameters
    ----------
    meeting
        The list.
    path
        File to write; an existing one is replaced.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    RangeError
        If `lang` is no language of the report.
    """
    writer = _Writer(document(meeting, lang))
    writer.head()
    writer.zones()
    moment = meeting.generated_at.astimezone(UTC).replace(tzinfo=None)
    core = writer.out.core_properties
    core.title = _ooxml.clean(writer.doc.title)[:255]
    core.subject = _ooxml.clean(writer.doc.subtitle)[:255]
    core.author = core.last_modified_by = writer.doc.product
    core.language = "zh-CN" if lang == "zh" else "en-GB"
    core.created = core.modified = core.last_printed = moment
    core.revision, core.comments = 1, writer.doc.synthetic
    memory = io.BytesIO()
    writer.out.save(memory)
    path.write_bytes(_ooxml.repack(memory.getvalue(), meeting.generated_at))


class _Writer:
    """One document under way."""

    def __init__(self, doc: MeetingDocument) -> None:
        self.doc = doc
        self.out = docx.Document()
        self._tint = theme.colours("light")
        self._set_styles()
        self._set_page()

    def head(self) -> None:
        """Write title, what is filled in by hand, notices, summary and overview."""
        doc = self.doc
        self._say(doc.title, "Title")
        self._say(doc.subtitle, "Subtitle")
        blanks = self._say("")
        for label in doc.blanks:
            blanks.add_run(label).bold = True
            blanks.add_run(f" {_BLANK}    ")
        for notice in doc.notices:
            paragraph = self._say(notice)
            _ooxml.shade(paragraph, self._tint["notice"], self._tint["yellow"])
            for run in paragraph.runs:
                run.font.color.rgb = _ooxml.rgb(self._tint["notice_ink"])
        self._say(doc.summary)
        if doc.overview:
            self._sheet(doc.overview)

    def zones(self) -> None:
        """Write what is heard of each zone, and of which there is nothing."""
        for zone in self.doc.zones:
            self._say(zone.heading, "Heading 1")
            self._say(zone.line, _MINOR).paragraph_format.keep_with_next = True
            for sheet in zone.sheets:
                self._sheet(sheet)
        if self.doc.quiet:
            self._say(self.doc.quiet)

    def _say(self, text: str, style: str = "") -> Paragraph:
        paragraph = self.out.add_paragraph(_ooxml.clean(text))
        return _ooxml.styled(paragraph, self._styles.get(style))

    def _sheet(self, sheet: Sheet) -> None:
        self._say(sheet.caption, "Caption").paragraph_format.keep_with_next = True
        table = self.out.add_table(rows=len(sheet.rows) + 1, cols=len(sheet.shares))
        widths = [WIDTH_CM * _TWIPS * share / sum(sheet.shares) for share in sheet.shares]
        _ooxml.dress_table(table, widths=widths, line=self._tint["soft"])
        head, *rows = _ooxml.cells(table)
        self._fill(head, [Cell(name) for name in sheet.headings], sheet.numeric, head=True)
        for cells, row in zip(rows, sheet.rows, strict=True):
            self._fill(cells, row, sheet.numeric)
        self._say("", _MINOR)

    def _fill(
        self,
        cells: Sequence[_Cell],
        row: Sequence[Cell],
        numeric: Sequence[bool],
        *,
        head: bool = False,
    ) -> None:
        for cell, given, right in zip(cells, row, numeric, strict=True):
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(_ooxml.clean(given.text))
            run.font.size = Pt(9)
            run.bold = True if head or given.colour else None
            if given.is_blank:
                ground = self._tint["panel"].removeprefix("#")
                shade = _ooxml.element("shd", val="clear", color="auto", fill=ground)
                cell._tc.get_or_add_tcPr().append(shade)
            if given.colour:
                run.font.color.rgb = _ooxml.rgb(self._tint[given.colour])
            parts = [paragraph]
            if given.below:
                below = cell.add_paragraph(_ooxml.clean(given.below))
                parts.append(_ooxml.styled(below, self._styles[_MINOR]))
            for part in parts:
                part.paragraph_format.space_after = Pt(0)
                part.paragraph_format.keep_with_next = True if head else None
                if right:
                    part.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def _set_styles(self) -> None:
        tint, out = self._tint, self.out
        minor = out.styles.add_style(_MINOR, 1)
        minor.base_style = out.styles["Normal"]
        normal = _ooxml.style(out, "Normal", size=10, colour=tint["ink"])
        normal.paragraph_format.space_after = Pt(5)
        _ooxml.style(out, _MINOR, size=8, colour=tint["muted"])
        _ooxml.style(out, "Title", size=20, bold=True, colour=tint["ink"])
        _ooxml.style(out, "Subtitle", size=11, bold=False, colour=tint["muted"]).font.italic = False
        heading = _ooxml.style(out, "Heading 1", size=14, bold=True, colour=tint["accent"])
        heading.paragraph_format.space_after = Pt(2)
        _ooxml.style(out, "Caption", size=9.5, bold=True, colour=tint["ink"])
        for name in ("Header", "Footer"):
            _ooxml.style(out, name, size=8, colour=tint["muted"])
        # Latin signs are English in both editions: as Chinese, numbers would break at line ends.
        _ooxml.language(out, "en-GB", "zh-CN")
        self._styles = {style.name or "": style.style_id for style in out.styles}

    def _set_page(self) -> None:
        section, doc = self.out.sections[0], self.doc
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Cm(29.7), Cm(21.0)
        section.left_margin = section.right_margin = Cm(1.8)
        section.top_margin, section.bottom_margin = Cm(1.9), Cm(1.7)
        mark = f"  |  {doc.synthetic}" if doc.synthetic else ""
        section.header.paragraphs[0].add_run(f"{doc.title}{mark}")
        footer = section.footer.paragraphs[0]
        footer.add_run(f"{doc.product} · {doc.stamp} · ")
        _ooxml.add_field(footer, "PAGE")
        footer.add_run(" / ")
        _ooxml.add_field(footer, "NUMPAGES")
