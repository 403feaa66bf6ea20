"""A meeting list as PDF (A4 landscape), typeset with the report's own fonts."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from zonewright.core.errors import EngineError
from zonewright.core.phrases import Lang
from zonewright.report import fontbook, theme
from zonewright.report.meeting_model import Meeting
from zonewright.report.meeting_view import document
from zonewright.report.pdf import drawable


def write(meeting: Meeting, path: Path, lang: Lang) -> None:
    """Write a meeting list as PDF/A; the same list gives the same bytes.

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
    EngineError
        If the typesetter fails or warns.
    RangeError
        If `lang` is no language of the report.
    """
    content = drawable(asdict(document(meeting, lang)))
    data = {"font": theme.FONT, "colours": dict(theme.colours("light")), "doc": content}
    template = files("zonewright.report") / "templates" / "meeting.typ"
    with TemporaryDirectory() as name:
        folder = Path(name)
        main = folder / "meeting.typ"
        main.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        text = json.dumps(data, ensure_ascii=False)
        (folder / "meeting.json").write_text(text, encoding="utf-8")
        try:
            made, warnings = typst.compile_with_warnings(
                str(main),
                root=str(folder),
                font_paths=[str(fontbook.folder())],
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=["a-2b"],
                timestamp=int(meeting.generated_at.timestamp()),
            )
        except typst.TypstError as error:
            raise EngineError("report-typst", cause=error.message) from error
    if warnings:
        raise EngineError("report-typst", cause="; ".join(item.message for item in warnings))
    path.write_bytes(made)
