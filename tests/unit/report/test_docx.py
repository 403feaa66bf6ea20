"""The Word document has real structure, both fonts, descriptions and stable bytes."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import docx as python_docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn

from zonewright.core.phrases import Lang
from zonewright.report import docx
from zonewright.report.model import LookBack, Text

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request: pytest.FixtureRequest) -> Lang:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def path(lookback: LookBack, lang: Lang, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("docx") / f"{lang}.docx"
    docx.write(lookback, target, lang)
    return target


@pytest.fixture(scope="module")
def document(path: Path) -> Document:
    return python_docx.Document(str(path))


def headings(document: Document, level: int) -> list[str]:
    return [p.text for p in document.paragraphs if p.style and p.style.name == f"Heading {level}"]


def test_headings_are_headings(document: Document, lookback: LookBack, lang: Lang) -> None:
    first = headings(document, 1)
    chapter = "四、强保障" if lang == "zh" else "4. Guarantees"
    assert chapter in first
    assert len(first) == 8
    derived = headings(document, 3)
    assert [text.split()[0] for text in derived] == [figure.code for figure in lookback.figures]


def test_tables_repeat_their_heading_and_keep_rows_whole(document: Document) -> None:
    assert len(document.tables) > 60
    for table in document.tables[1:]:
        first = table._tbl.tr_lst[0].trPr
        assert first is not None
        assert first.find(qn("w:tblHeader")) is not None
    rows = [row for table in document.tables for row in table._tbl.tr_lst]
    assert all(
        row.trPr is not None and row.trPr.find(qn("w:cantSplit")) is not None for row in rows
    )


def test_both_scripts_have_a_font(document: Document) -> None:
    for name in ("Normal", "Title", "Heading 1", "Caption", "List Bullet"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "Microsoft YaHei"
        assert fonts.get(qn("w:ascii")) == "Arial"
        assert fonts.get(qn("w:eastAsiaTheme")) is None


def test_pictures_are_described(document: Document) -> None:
    found = list(document.element.iter(qn("wp:docPr")))
    assert len(found) == 5
    assert all(len(node.get("descr", "")) > 20 for node in found)
    assert len({node.get("id") for node in found}) == 5


def test_every_figure_links_to_its_derivation(document: Document, lookback: LookBack) -> None:
    marks = {node.get(qn("w:name")) for node in document.element.iter(qn("w:bookmarkStart"))}
    links = {node.get(qn("w:anchor")) for node in document.element.iter(qn("w:hyperlink"))}
    assert links == marks == {f"d_{figure.code}" for figure in lookback.figures}


def test_header_and_footer_warn_and_count(document: Document, path: Path, lang: Lang) -> None:
    section = document.sections[0]
    warning = "模拟" if lang == "zh" else "synthetic"
    assert warning in section.header.paragraphs[0].text
    footer = section.footer._element.xml
    assert " PAGE " in footer
    assert " NUMPAGES " in footer


def test_properties_are_the_reports(document: Document, lookback: LookBack, lang: Lang) -> None:
    core = document.core_properties
    assert core.title == lookback.title.of(lang)
    assert core.created is not None
    assert core.created.timestamp() == lookback.generated_at.timestamp()
    assert core.language == ("zh-CN" if lang == "zh" else "en-GB")


def test_the_same_report_is_the_same_bytes(
    lookback: LookBack, path: Path, lang: Lang, tmp_path: Path
) -> None:
    docx.write(lookback, tmp_path / "again.docx", lang)
    assert (tmp_path / "again.docx").read_bytes() == path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert {item.date_time for item in archive.infolist()} == {(2023, 11, 23, 9, 30, 0)}


def test_english_has_no_chinese_of_ours(latin: LookBack, tmp_path: Path) -> None:
    docx.write(latin, tmp_path / "en.docx", "en")
    with zipfile.ZipFile(tmp_path / "en.docx") as archive:
        texts = [
            archive.read(name).decode()
            for name in archive.namelist()
            if name.startswith("word/")
            and name.endswith(".xml")
            and name not in ("word/fontTable.xml", "word/theme/theme1.xml")
        ]
    assert [sign for text in texts for sign in CHINESE.findall(text)] == []


def test_markup_in_names_is_text(hostile: LookBack, tmp_path: Path) -> None:
    docx.write(hostile, tmp_path / "x.docx", "en")
    document = python_docx.Document(str(tmp_path / "x.docx"))
    assert any('<script>alert("x")</script>' in p.text for p in document.paragraphs)


def test_control_signs_are_cut(bare: LookBack, tmp_path: Path) -> None:
    docx.write(replace(bare, title=Text.same("a\x0bb\x00c")), tmp_path / "x.docx", "zh")
    assert python_docx.Document(str(tmp_path / "x.docx")).core_properties.title == "abc"
