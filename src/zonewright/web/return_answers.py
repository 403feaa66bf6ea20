"""What came of a step with returns, as pages tell it: files handed in, months locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from zonewright.core.errors import FindingsError, ZonewrightError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.schema import all_tables, table
from zonewright.report import numbers
from zonewright.steering.catalogue import load
from zonewright.steering.returns.kinds import kinds
from zonewright.store.models import Return, Zone
from zonewright.web import language, return_words, values
from zonewright.web.return_told import GRAVE
from zonewright.workflows.returns_answers import HandedIn, Locked

SHOWN_FINDINGS, SHOWN_CHANGES = 100, 60
# States in which a return is with its reporter.
OPEN_STATES = ("draft", "sent_back", "reopened")


@dataclass(frozen=True, slots=True)
class Line:
    """A finding of a file, with its place."""

    severity: str
    text: str
    sheet: str
    cell: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a workbook that was handed in.

    Parameters
    ----------
    id
        The return; None if the file was refused as a whole.
    errors, warnings
        How many findings are faults, and how many are doubts.
    may_submit
        Whether it can be submitted now: it has no fault, and is not with somebody else or locked.
    """

    name: str
    id: int | None
    version: int | None
    kind: str
    zone: str
    month: str
    lines: tuple[Line, ...]
    errors: int
    warnings: int
    more: int
    unchanged: bool = False
    address: str = ""
    may_submit: bool = False

    @classmethod
    def refused_by(cls, name: str, error: ZonewrightError) -> Answer:
        """Return the answer to a file that an error refused."""
        if isinstance(error, FindingsError):
            return cls(name, None, None, "", "", "", *_lines(error.findings))
        line = Line("error", error.text(language.current()), "", "")
        return cls(name, None, None, "", "", "", (line,), 1, 0, 0)


def answer_of(handed: HandedIn) -> Answer:
    """Return what became of a workbook, in the reader's language."""
    lang = language.current()
    kind = kinds().get(handed.kind)
    zone = Zone.objects.filter(code=handed.zone).first() if handed.zone else None
    return Answer(
        handed.name,
        handed.id,
        handed.version,
        kind.label(lang) if kind else handed.kind,
        language.choose(zone.name, zone.name_en) if zone else handed.zone,
        return_words.month_name(handed.period) if handed.period else "",
        *_lines(handed.findings),
        handed.unchanged,
        reverse("return", args=[handed.id]) if handed.id is not None else "",
        _may_submit(handed),
    )


def _may_submit(handed: HandedIn) -> bool:
    """Tell whether a return that was handed in can be submitted now."""
    if handed.id is None or any(finding.severity == "error" for finding in handed.findings):
        return False
    return Return.objects.filter(pk=handed.id, state__in=OPEN_STATES).exists()


def _lines(findings: tuple[Finding, ...]) -> tuple[tuple[Line, ...], int, int, int]:
    ranked = sorted(findings, key=lambda finding: GRAVE.index(finding.severity))
    lines = tuple(
        Line(
            finding.severity,
            finding.text(language.current()),
            finding.place.sheet,
            f"{finding.place.column}{finding.place.row or ''}",
        )
        for finding in ranked[:SHOWN_FINDINGS]
    )
    return (
        lines,
        sum(finding.severity == "error" for finding in findings),
        sum(finding.severity == "warning" for finding in findings),
        max(len(findings) - SHOWN_FINDINGS, 0),
    )


# ---- What locking did ----------------------------------------------------------------------------


def kept_of(locked: Locked) -> dict[str, Any]:
    """Return what locking did as plain values, to be told on the next page."""
    return {
        "id": locked.id,
        "version": locked.version,
        "correction": locked.correction,
        "counts": {name: dict(counts) for name, counts in locked.counts.items()},
        "notices": [
            {lang: finding.text(lang) for lang in ("zh", "en")}
            for finding in locked.findings[:SHOWN_FINDINGS]
        ],
        "changes": [
            {
                "title": change.title,
                "period": change.period,
                "zone": change.zone,
                "indicator": change.indicator,
                "given_out": _plain(change.given_out),
                "now": _plain(change.now),
                "unit": change.unit,
            }
            for change in locked.changes[:SHOWN_CHANGES]
        ],
        "change_count": len(locked.changes),
    }


def _plain(value: object) -> str | None:
    return None if value is None else str(value)


def told_of(kept: Mapping[str, Any]) -> dict[str, object]:
    """Return what locking did, in the reader's language."""
    lang = language.current()
    zones = values.names_of("zone", [change["zone"] for change in kept["changes"]])
    return {
        "version": kept["version"],
        "correction": kept["correction"],
        "counts": [
            {"name": table(name).label(lang) if name in all_tables() else name, **counts}
            for name, counts in kept["counts"].items()
        ],
        "notices": [notice[lang] for notice in kept["notices"]],
        "change_count": kept["change_count"],
        "changes": [
            {
                "title": change["title"],
                "month": _month(change["period"]),
                "zone": zones.get(change["zone"], change["zone"]),
                "indicator": _indicator(change["indicator"]),
                "given_out": _amount(change["given_out"], change["unit"]),
                "now": _amount(change["now"], change["unit"]),
            }
            for change in kept["changes"]
        ],
    }


def _month(period: str) -> str:
    return Period.parse(period).label(language.current())


def _indicator(code: str) -> str:
    found = load().get(code)
    return language.choose(found.zh, found.en) if found else code


def _amount(text: str | None, unit: str) -> str:
    if text is None:
        return "—"
    try:
        return numbers.quantity(numbers.exact(float(text)), unit, language.current())
    except ValueError:
        return text
