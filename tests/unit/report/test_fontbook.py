"""The fonts draw what the report says."""

from __future__ import annotations

from pathlib import Path

import pytest

from zonewright.core.errors import StorageError
from zonewright.core.texts import all_texts
from zonewright.report import fontbook, theme


def test_the_font_draws_every_word_of_ours() -> None:
    ours = "".join(text for entry in all_texts().values() for text in entry.values())
    assert len(ours) > 1_000
    assert fontbook.missing(ours + "".join(theme.SIGNS.values())) == ""


def test_a_sign_outside_the_font_is_told_and_replaced() -> None:
    assert fontbook.missing("江门𠮷𠮷") == "𠮷"
    assert fontbook.drawable("江门𠮷") == "江门〓"
    assert fontbook.missing(fontbook.SUBSTITUTE) == ""


def test_lost_fonts_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fontbook.folder.cache_clear()
    monkeypatch.setattr(fontbook, "files", lambda _: tmp_path)
    with pytest.raises(StorageError, match="reinstall"):
        fontbook.folder()
