"""The PDF is whole, archivable, and the same for the same report."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from zonewright.core.errors import EngineError
from zonewright.core.phrases import Lang
from zonewright.report import fontbook, pdf, view
from zonewright.report.model import LookBack, Text

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request: pytest.FixtureRequest) -> Lang:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def data(lookback: LookBack, lang: Lang, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("pdf") / "x.pdf"
    pdf.write(lookback, target, lang)
    return target.read_bytes()


def test_it_is_for_the_archive_and_carries_our_fonts(data: bytes) -> None:
    assert data.startswith(b"%PDF-")
    assert b"<pdfaid:part>2</pdfaid:part>" in data
    fonts = set(re.findall(rb"/FontName/[A-Z]{6}\+([\w-]+)", data.replace(b" ", b"")))
    assert fonts == {b"NotoSansSC-Regular", b"NotoSansSC-Bold"}


def test_the_same_report_is_the_same_bytes(
    lookback: LookBack, lang: Lang, data: bytes, tmp_path: Path
) -> None:
    pdf.write(lookback, tmp_path / "again.pdf", lang)
    assert (tmp_path / "again.pdf").read_bytes() == data


def test_every_sign_can_be_drawn(lookback: LookBack, lang: Lang) -> None:
    content = pdf.content(view.document(lookback, lang))
    assert fontbook.missing(json.dumps(content, ensure_ascii=False)) == ""
    assert content["glyphs"] == ""


def test_a_rare_sign_is_replaced_and_told(bare: LookBack, tmp_path: Path) -> None:
    rare = replace(bare, title=Text.same("𠮷村"))
    content = pdf.content(view.document(rare, "zh"))
    assert content["title"] == "〓村"
    assert "U+20BB7" in str(content["glyphs"])
    pdf.write(rare, tmp_path / "x.pdf", "zh")


def test_every_figure_has_its_derivation(lookback: LookBack, lang: Lang) -> None:
    content = pdf.content(view.document(lookback, lang))
    derivations = content["derivations"]
    assert isinstance(derivations, list)
    assert [item["code"] for item in derivations] == [item.code for item in lookback.figures]
    assert all(item["formula"] and item["facts"] for item in derivations)


def test_a_warning_of_the_typesetter_is_an_error(
    bare: LookBack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fontbook.code_points()
    monkeypatch.setattr(fontbook, "folder", lambda: tmp_path)
    with pytest.raises(EngineError, match="font"):
        pdf.write(bare, tmp_path / "x.pdf", "zh")
    assert not (tmp_path / "x.pdf").exists()


def test_markup_in_names_is_text(hostile: LookBack, lang: Lang, tmp_path: Path) -> None:
    pdf.write(hostile, tmp_path / "x.pdf", lang)
    assert (tmp_path / "x.pdf").stat().st_size > 10_000


def test_many_zones_take_a_line_of_their_own(bare: LookBack, tmp_path: Path) -> None:
    zones = tuple(Text(f"特色产业园之{n}", f"Specialised park number {n}") for n in range(30))
    pdf.write(replace(bare, zones=zones, run="R-1"), tmp_path / "x.pdf", "en")
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")


def test_english_has_no_chinese_of_ours(latin: LookBack) -> None:
    content = pdf.content(view.document(latin, "en"))
    assert CHINESE.findall(json.dumps(content, ensure_ascii=False)) == []


def test_the_least_report_is_a_report(bare: LookBack, lang: Lang, tmp_path: Path) -> None:
    pdf.write(bare, tmp_path / "x.pdf", lang)
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")
