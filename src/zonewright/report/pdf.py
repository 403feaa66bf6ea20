"""The look-back report as PDF, typeset by Typst with the report's own fonts.

The document is PDF/A-2b for the archive. Its time stamp is that of the report, so that the same
report gives the same bytes. A warning of the typesetter is an error: a report with a hole in it
must not leave the house.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from zonewright.core.errors import EngineError
from zonewright.core.phrases import Lang
from zonewright.report import fontbook, theme, view
from zonewright.report.model import LookBack
from zonewright.report.view import DerivationView, Document, Picture, TableView

LINES_SHOWN = 5
_CUT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write(lookback: LookBack, path: Path, lang: Lang) -> None:
    """Write the report as PDF.

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
    EngineError
        If the typesetter fails or warns.
    RangeError
        If `lang` is no language of the report.
    """
    document = view.document(lookback, lang)
    template = files("zonewright.report") / "templates"
    with TemporaryDirectory() as name:
        folder = Path(name)
        main = folder / "report.typ"
        main.write_text((template / "report.typ").read_text(encoding="utf-8"), encoding="utf-8")
        data = json.dumps(content(document), ensure_ascii=False)
        (folder / "report.json").write_text(data, encoding="utf-8")
        try:
            made, warnings = typst.compile_with_warnings(
                str(main),
                root=str(folder),
                font_paths=[str(fontbook.folder())],
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=["a-2b"],
                timestamp=int(lookback.generated_at.timestamp()),
            )
        except typst.TypstError as error:
            raise EngineError("report-typst", cause=error.message) from error
    if warnings:
        raise EngineError("report-typst", cause="; ".join(item.message for item in warnings))
    path.write_bytes(made)


def content(document: Document) -> dict[str, object]:
    """Return what the template needs, every text drawable by the font."""
    words = (
        "product", "kind", "contents", "page", "page-of", "page-end", "synthetic-title",
        "synthetic-lead", "synthetic-running", "summary", "achieved", "standing", "watch",
        "headlines", "col-code", "col-label", "col-zone", "col-stated", "col-computed",
        "col-target", "col-completion", "col-pace", "method", "method-lead", "sources",
        "findings", "derivations", "derivation-formula", "derivation-inputs", "derivation-sum",
        "line-code", "line-title", "line-contribution", "line-file", "line-cell",
    )  # fmt: skip
    made: dict[str, object] = {
        "lang": document.lang,
        "font": theme.FONT,
        "colours": dict(theme.colours("light")),
        "words": {name: document.word(name) for name in words},
        "title": document.title,
        "subtitle": document.subtitle,
        "facts": document.facts,
        "identity": document.identity,
        "stamp": document.stamp,
        "notices": [document.word("quote", text=notice) for notice in document.notices],
        "headlines": [asdict(item) for item in document.headlines],
        "summary": asdict(document.summary),
        "pictures": [_picture(item) for item in document.pictures],
        "map": _picture(document.map) if document.map else None,
        "chapters": [
            {
                "heading": chapter.heading,
                "intro": chapter.intro,
                "figures": [asdict(item) for item in chapter.figures],
                "tables": [_table(item) for item in chapter.tables],
                "pictures": [_picture(item) for item in chapter.pictures],
            }
            for chapter in document.chapters
        ],
        "legend": document.legend,
        "glossary": document.glossary,
        "sources": _table(document.sources) if document.sources else None,
        "findings": _table(document.findings) if document.findings else None,
        "lead": document.word(
            "derivations-lead-paper",
            figures=len(document.derivations),
            lines=document.line_count,
        ),
        "derivations": [_derivation(item, document) for item in document.derivations],
    }
    lacking = fontbook.missing("".join(_texts(made)))
    codes = ", ".join(f"U+{ord(sign):04X}" for sign in lacking)
    made["glyphs"] = document.word("glyphs", codes=codes) if lacking else ""
    return {key: drawable(value) for key, value in made.items()}


def _picture(picture: Picture) -> dict[str, object]:
    drawing = picture.drawing
    return {
        "svg": drawing.svg,
        "caption": picture.caption,
        "alt": drawing.description,
        "width": drawing.size[0],
    }


def _table(table: TableView) -> dict[str, object]:
    return asdict(table)


def _derivation(item: DerivationView, document: Document) -> dict[str, object]:
    shown = item.lines[:LINES_SHOWN]
    first = ""
    if len(item.lines) > len(shown):
        first = document.word("derivation-first", shown=len(shown), count=len(item.lines))
    return {
        "code": item.figure.code,
        "title": item.figure.label,
        "figure": asdict(item.figure),
        "formula": item.formula,
        "facts": item.facts,
        "inputs": [[label, value] for label, value, _ in item.inputs],
        "lines": [asdict(line) for line in shown],
        "unit": item.unit,
        "total": item.total,
        "first": first,
    }


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts(item)]
    return []


def drawable(value: object) -> object:
    """Return the value with control signs cut and signs that the font lacks replaced."""
    if isinstance(value, str):
        return fontbook.drawable(_CUT.sub("", value))
    if isinstance(value, dict):
        return {key: drawable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [drawable(item) for item in value]
    return value
