"""Findings: what is wrong with an input, where, and how to mend it.

A finding is a value, not an exception. Checks return tuples of them, all faults at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from zonewright.core.texts import text_of

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands.

    Parameters
    ----------
    file
        Name of the file, without folders.
    sheet
        Sheet of a workbook or layer of a data set.
    row
        Row of the sheet as a spreadsheet counts (1 is the first), or feature id of the layer.
    column
        Column letter of the sheet (``"N"``), or field name of the layer.
    """

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        cell = f"{self.column}{self.row or ''}"
        return " ".join(
            part for part in (self.file, f"[{self.sheet}]" * bool(self.sheet), cell) if part
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or notice.

    Parameters
    ----------
    code
        Key of its text in ``core/texts``.
    severity
        ``error`` stops an import; ``warning`` and ``info`` do not.
    table, field
        Table and field of ``core.schema`` that it concerns.
    place
        File, sheet, row and column.
    ids
        Codes of the records concerned.
    params
        Values that the text names.
    """

    code: str
    severity: Severity = "error"
    table: str = ""
    field: str = ""
    place: Place = dataclasses.field(default_factory=Place)
    ids: tuple[str, ...] = ()
    params: Mapping[str, object] = dataclasses.field(default_factory=lambda: MappingProxyType({}))

    def text(self, lang: str = "en") -> str:
        """Return the message in a language (``en`` or ``zh``), without the place."""
        known = {"table": self.table, "field": self.field, "ids": ", ".join(self.ids[:5])}
        # What is called otherwise in each language: ``caption_en`` is the ``caption`` in English.
        own = {
            name.removesuffix(f"_{lang}"): value
            for name, value in self.params.items()
            if name.endswith(f"_{lang}")
        }
        return text_of(self.code, {**known, **own, **self.params}, lang)

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        """Return the finding as plain values, for JSON and templates."""
        return {
            "code": self.code,
            "severity": self.severity,
            "table": self.table,
            "field": self.field,
            "file": self.place.file,
            "sheet": self.place.sheet,
            "row": self.place.row,
            "column": self.place.column,
            "ids": list(self.ids),
            "text": self.text(lang),
        }


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether any finding stops the work."""
    return any(finding.severity == "error" for finding in findings)
