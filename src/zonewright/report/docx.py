"""The look-back report as a Word document that its readers can go on working with.

Headings, captions and lists are Word's own styles, table headings repeat on each page, pictures
carry descriptions, and a figure leads to its derivation by a link. The same report gives the same
bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import UTC
from itertools import count
from pathlib import Path

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.shared import Cm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from zonewright.core.phrases import Lang
from zonewright.report import _ooxml, theme, view
from zonewright.report.model import LookBack
from zonewright.report.view import (
    ChapterView,
    DerivationView,
    Document,
    FigureTable,
    FigureView,
    Picture,
)

LINES_SHOWN = 5
WIDTH_CM = 17.0
_TWIPS = 566.93
_FOUR, _SEVEN = (2.6, 2.4, 1.6, 1.6), (1.9, 1.6, 1.4, 1.45, 1.2, 1.0, 1.7)


def write(lookback: LookBack, path: Path, lang: Lang) -> None:
    """Write the report as DOCX.

    Parameters
    ----------
    lookback
        The report.
    path
        File to write; an existing one is replaced.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    RangeError
        If `lang` is no language of the report.
    """
    document = view.document(lookback, lang)
    writer = _Writer(document)
    writer.first_page()
    for chapter in document.chapters:
        writer.chapter(chapter)
    writer.method()
    writer.derivations()
    writer.properties(lookback)
    memory = io.BytesIO()
    writer.out.save(memory)
    path.write_bytes(_ooxml.repack(memory.getvalue(), lookback.generated_at))


class _Writer:
    """One document under way: python-docx's object, the texts, and counters for marks."""

    def __init__(self, document: Document) -> None:
        self.doc = document
        self.out = docx.Document()
        self._tint = theme.colours("light")
        self._marks: Iterator[int] = count(1)
        self._pictures: Iterator[int] = count(1)
        self._colon = "：" if document.lang == "zh" else ": "
        self._set_styles()
        self._set_page()

    # ---- Parts of the report --------------------------------------------------------------------

    def first_page(self) -> None:
        """Write title, banner, facts, headline figures and summary."""
        doc = self.doc
        self._say(f"{doc.word('product')} · {doc.word('kind')}", "Zonewright Minor")
        self._say(doc.title, "Title")
        self._say(doc.subtitle, "Subtitle")
        self._banner()
        self._rows(
            [("", ""), *doc.facts], (1.0, 3.6), numeric=(False, False), headed=False, size=9.5
        )
        self._heading(doc.word("summary"), 1)
        self._headlines()
        for name, sentences in (
            ("achieved", doc.summary.achieved),
            ("standing", doc.summary.standing),
            ("watch", doc.summary.watch),
        ):
            self._heading(doc.word(name), 2)
            for sentence in sentences:
                self._say(sentence, "List Bullet")
        for picture in doc.pictures:
            self._picture(picture, 10.5)
        if doc.map:
            self._picture(doc.map, 13.5)

    def chapter(self, chapter: ChapterView) -> None:
        """Write a chapter: sentences, figures, tables, pictures."""
        self._heading(chapter.heading, 1)
        for sentence in chapter.intro:
            self._say(sentence)
        for figures in chapter.figures:
            self._caption(figures.caption)
            self._figures(figures)
        for item in chapter.tables:
            self._caption(item.caption)
            shares = [1.0 if numeric else 1.7 for numeric in item.numeric]
            self._rows([item.headings, *item.rows], shares, item.numeric)
            if item.note:
                self._say(item.note, "Zonewright Minor")
        for picture in chapter.pictures:
            self._picture(picture, 11.5)

    def method(self) -> None:
        """Write the appendices of method with glossary, and of sources with findings."""
        doc = self.doc
        self._new_page()
        self._heading(doc.word("method"), 1)
        self._say(doc.word("method-lead"))
        self._say(doc.legend)
        for label, text in doc.identity:
            self._pair(label, text)
        for term, meaning in doc.glossary:
            self._pair(term, meaning)
        if doc.sources:
            self._heading(doc.word("sources"), 1)
        for table, widths in (
            (doc.sources, (2.6, 2.0, 0.9, 1.4, 1.7)),
            (doc.findings, (0.6, 2.2, 3.8)),
        ):
            if table:
                self._caption(table.caption)
                self._rows([table.headings, *table.rows], widths, table.numeric)

    def derivations(self) -> None:
        """Write the appendix: each figure's formula, files and first records."""
        doc = self.doc
        self._new_page()
        self._heading(doc.word("derivations"), 1)
        self._say(
            doc.word("derivations-lead-paper", figures=len(doc.derivations), lines=doc.line_count)
        )
        for item in doc.derivations:
            self._derivation(item)

    def properties(self, lookback: LookBack) -> None:
        """Set what Word shows of the file; times are the report's, not the clock's."""
        moment = lookback.generated_at.astimezone(UTC).replace(tzinfo=None)
        core = self.out.core_properties
        core.title = _ooxml.clean(self.doc.title)[:255]
        core.subject = _ooxml.clean(self.doc.subtitle)[:255]
        core.author = core.last_modified_by = self.doc.word("product")
        core.comments = self.doc.word("synthetic-running") if self.doc.notices else ""
        core.language = "zh-CN" if self.doc.lang == "zh" else "en-GB"
        core.created = core.modified = core.last_printed = moment
        core.revision = 1

    # ---- Blocks ---------------------------------------------------------------------------------

    def _banner(self) -> None:
        if not self.doc.notices:
            return
        lines = (
            self.doc.word("synthetic-lead"),
            *(self.doc.word("quote", text=notice) for notice in self.doc.notices),
        )
        title = self._say(self.doc.word("synthetic-title"))
        title.runs[0].bold = True
        for paragraph in (title, *(self._say(line) for line in lines)):
            paragraph.paragraph_format.space_after = Pt(0)
            _ooxml.shade(paragraph, self._tint["notice"], self._tint["yellow"])
            for run in paragraph.runs:
                run.font.color.rgb = _ooxml.rgb(self._tint["notice_ink"])
        self._say("", "Zonewright Minor")

    def _headlines(self) -> None:
        doc = self.doc
        self._caption(doc.word("headlines"))
        names = ("col-label", "col-stated", "col-completion", "col-pace")
        rows: list[Sequence[str]] = [tuple(doc.word(name) for name in names)]
        rows += [
            (
                f"{item.label}\n{item.zone} · {item.period}",
                item.stated,
                item.completion or "—",
                item.pace,
            )
            for item in doc.headlines
        ]
        table = self._rows(rows, (3.0, 2.0, 1.0, 1.6), (False, True, True, False))
        for row, item in zip(table[1:], doc.headlines, strict=True):
            self._link_cell(row[1], item)
            self._pace_cell(row[3], item)

    def _figures(self, table: FigureTable) -> None:
        doc, targets = self.doc, table.has_targets
        names = ["col-label", "col-zone", "col-stated", "col-computed"]
        names += ["col-target", "col-completion", "col-pace"] if targets else []
        rows: list[Sequence[str]] = [tuple(doc.word(name) for name in names)]
        for item in table.figures:
            marks = " · ".join(part for part in (item.code, item.kind, item.basis) if part)
            note = f"\n{item.note}" if item.note else ""
            texts = [
                f"{item.label}\n{marks}{note}",
                f"{item.zone}\n{item.period}",
                "",
                item.computed,
            ]
            texts += [item.target or "—", item.completion or "—", "—"] if targets else []
            rows.append(texts)
        numeric = (False, False, True, True, True, True, False)[: len(names)]
        cells = self._rows(rows, _SEVEN if targets else _FOUR, numeric)
        for row, item in zip(cells[1:], table.figures, strict=True):
            self._link_cell(row[2], item)
            if targets:
                self._pace_cell(row[6], item)

    def _derivation(self, item: DerivationView) -> None:
        doc, figure = self.doc, item.figure
        heading = self._heading(f"{figure.code} {figure.label}{self._colon}{figure.stated}", 3)
        _ooxml.add_bookmark(heading, _mark(figure), next(self._marks))
        kind = " · ".join(part for part in (figure.kind, figure.basis) if part)
        computed = f"{doc.word('col-computed')} {figure.computed}"
        scope = f"{figure.zone} · {figure.period} · {kind} · {computed}"
        self._say(scope, "Zonewright Minor")
        self._pair(doc.word("derivation-formula"), item.formula)
        for label, text in item.facts:
            self._pair(label, text)
        for label, text, _ in item.inputs:
            self._pair(doc.word("derivation-inputs"), f"{label} {text}")
        if item.total:
            self._pair(doc.word("derivation-sum"), f"{item.total} {item.unit}".strip())
        shown = item.lines[:LINES_SHOWN]
        if not shown:
            return
        contribution = doc.word("line-contribution") + (f" [{item.unit}]" if item.unit else "")
        headings = (
            doc.word("line-code"), doc.word("line-title"), contribution,
            doc.word("line-file"), doc.word("line-cell"),
        )  # fmt: skip
        lines = [(ln.code, ln.title, ln.contribution, ln.file, ln.cell) for ln in shown]
        numeric = (False, False, True, False, False)
        self._rows([headings, *lines], (1.2, 2.4, 1.3, 2.4, 1.4), numeric, size=8)
        if len(item.lines) > len(shown):
            text = doc.word("derivation-first", shown=len(shown), count=len(item.lines))
            self._say(text, "Zonewright Minor")

    # ---- Smallest parts -------------------------------------------------------------------------

    def _new_page(self) -> None:
        self._say("", "Zonewright Minor").add_run().add_break(WD_BREAK.PAGE)

    def _say(self, text: str, style: str = "") -> Paragraph:
        return _ooxml.styled(self.out.add_paragraph(_ooxml.clean(text)), self._styles.get(style))

    def _heading(self, text: str, level: int) -> Paragraph:
        return self._say(text, f"Heading {level}")

    def _pair(self, label: str, text: str) -> None:
        paragraph = self._say("")
        paragraph.paragraph_format.space_after = Pt(1)
        paragraph.add_run(_ooxml.clean(label + self._colon)).bold = True
        paragraph.add_run(_ooxml.clean(text))

    def _caption(self, text: str) -> None:
        paragraph = self._say(text, "Caption")
        paragraph.paragraph_format.keep_with_next = True

    def _picture(self, picture: Picture, width_cm: float) -> None:
        paragraph = self.out.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        run = paragraph.add_run()
        run.add_picture(io.BytesIO(picture.drawing.png()), width=Cm(width_cm))
        number = next(self._pictures)
        _ooxml.describe_picture(run, picture.drawing.description, picture.drawing.title, number)
        caption = self._say(picture.caption, "Caption")
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _rows(
        self,
        rows: Sequence[Sequence[str]],
        shares: Sequence[float],
        numeric: Sequence[bool],
        *,
        headed: bool = True,
        size: float = 9,
    ) -> list[list[_Cell]]:
        """Write a table whose first row is its heading; a cell's further lines are set small."""
        rows = rows if headed else rows[1:]
        table = self.out.add_table(rows=len(rows), cols=len(shares))
        widths = [WIDTH_CM * _TWIPS * share / sum(shares) for share in shares]
        _ooxml.dress_table(table, widths=widths, line=self._tint["soft"], headed=headed)
        found = _ooxml.cells(table)
        for place, (texts, row) in enumerate(zip(rows, found, strict=True)):
            for text, cell, right in zip(texts, row, numeric, strict=True):
                self._fill(cell, text, right=right, head=headed and place == 0, size=size)
        self._say("", "Zonewright Minor")
        return found

    def _fill(self, cell: _Cell, text: str, *, right: bool, head: bool, size: float) -> None:
        first, *others = _ooxml.clean(text).split("\n")
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(first)
        run.font.size = Pt(size)
        run.bold = True if head else None
        for other in others:
            self._small(cell, other, right=right)

    def _small(self, cell: _Cell, text: str, *, right: bool = False) -> None:
        paragraph = cell.add_paragraph(_ooxml.clean(text))
        _ooxml.styled(paragraph, self._styles["Zonewright Minor"])
        paragraph.paragraph_format.space_after = Pt(0)
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def _link_cell(self, cell: _Cell, item: FigureView) -> None:
        paragraph = cell.paragraphs[0]
        for run in list(paragraph.runs):
            run._r.getparent().remove(run._r)
        run = _ooxml.add_link(paragraph, item.stated, _mark(item), self._tint["accent"])
        run.bold = True
        run.font.size = Pt(9)
        if item.beside:
            self._small(cell, item.beside, right=True)

    def _pace_cell(self, cell: _Cell, item: FigureView) -> None:
        if not item.pace:
            cell.paragraphs[0].runs[0].text = "—"
            return
        run = cell.paragraphs[0].runs[0]
        run.text = f"{item.sign} {item.pace}"
        run.bold = True
        run.font.color.rgb = _ooxml.rgb(self._tint[item.colour])
        self._small(cell, item.ahead)

    def _set_styles(self) -> None:
        tint, out = self._tint, self.out
        minor = out.styles.add_style("Zonewright Minor", 1)
        minor.base_style = out.styles["Normal"]
        _ooxml.style(out, "Normal", size=10, colour=tint["ink"]).paragraph_format.space_after = Pt(
            5
        )
        _ooxml.style(out, "Zonewright Minor", size=8, colour=tint["muted"])
        _ooxml.style(out, "Title", size=22, bold=True, colour=tint["ink"])
        _ooxml.style(out, "Subtitle", size=12, bold=False, colour=tint["muted"]).font.italic = False
        _ooxml.style(out, "Heading 1", size=15, bold=True, colour=tint["accent"])
        _ooxml.style(out, "Heading 2", size=12, bold=True, colour=tint["ink"])
        _ooxml.style(out, "Heading 3", size=10.5, bold=True, colour=tint["ink"])
        _ooxml.style(out, "Caption", size=9.5, bold=True, colour=tint["ink"])
        _ooxml.style(out, "List Bullet", size=10)
        for name in ("Header", "Footer"):
            _ooxml.style(out, name, size=8, colour=tint["muted"])
        # Latin signs are English in both editions: as Chinese, numbers would break at line ends.
        _ooxml.language(out, "en-GB", "zh-CN")
        self._styles = {style.name or "": style.style_id for style in out.styles}

    def _set_page(self) -> None:
        section, doc = self.out.sections[0], self.doc
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.0)
        section.top_margin, section.bottom_margin = Cm(2.3), Cm(2.1)
        warning = f"\n{doc.word('synthetic-running')}" if doc.notices else ""
        head, *below = f"{_ooxml.clean(doc.title)}{warning}".split("\n")
        header = section.header.paragraphs[0]
        header.add_run(head)
        for text in below:
            run = header.add_run(f"  |  {text}")
            run.bold = True
            run.font.color.rgb = _ooxml.rgb(self._tint["notice_ink"])
        footer = section.footer.paragraphs[0]
        footer.add_run(f"{doc.word('product')} · {doc.stamp}\t\t{doc.word('page')} ")
        _ooxml.add_field(footer, "PAGE")
        footer.add_run(f" {doc.word('page-of')} ")
        _ooxml.add_field(footer, "NUMPAGES")
        footer.add_run(f" {doc.word('page-end')}".rstrip())


def _mark(item: FigureView) -> str:
    """Return the bookmark of a figure's derivation; Word allows letters, digits and ``_``."""
    return "d_" + "".join(sign if sign.isalnum() else "_" for sign in item.code)
