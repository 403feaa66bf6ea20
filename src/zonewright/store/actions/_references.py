"""From the codes and names in files to the records that they mean."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from zonewright.core.findings import Finding, Place
from zonewright.store import models as store

_MODELS: dict[str, Any] = {
    "zone": store.Zone,
    "parcel": store.Parcel,
    "work": store.Work,
    "venture": store.Venture,
    "firm": store.Firm,
    "indicator": store.Indicator,
}
# Comparing a wrong code with every code of a province costs time; the first ones are enough.
_MAX_PROPOSALS = 30


_SPELT_ALIKE = str.maketrans(
    {"—": "-", "–": "-", "−": "-", "―": "-", "・": "·", "•": "·", "‧": "·"}
)


def folded(text: str) -> str:
    """Return a code or name without what offices spell differently: case, width, spaces, dashes.

    Examples
    --------
    >>> folded("p－1 ") == folded("P-1")
    True
    """
    half = unicodedata.normalize("NFKC", text).casefold()
    return "".join(half.split()).translate(_SPELT_ALIKE)


@dataclass(slots=True)
class _Known:
    codes: dict[str, int]
    names: dict[str, int]
    twice: frozenset[str]
    alike: dict[str, set[str]] | None = None

    def spelt_otherwise(self, text: str) -> str:
        """Return the one code or name that is spelt like a text but for case, width or spaces."""
        if self.alike is None:
            self.alike = {}
            for known in (*self.codes, *self.names):
                self.alike.setdefault(folded(known), set()).add(known)
        found = self.alike.get(folded(text), set())
        meant = {self.codes.get(known, self.names.get(known)) for known in found - self.twice}
        return next(iter(found)) if len(meant) == 1 and not found & self.twice else ""


@dataclass(slots=True)
class References:
    """Looks up records by code, or by a name that only one record has.

    A kind is read from the workspace when it is first asked for: the tables are taken in the order
    in which they refer to one another.
    """

    known: dict[str, _Known] = field(default_factory=dict)
    refused: dict[str, set[str]] = field(default_factory=dict)
    proposals: int = 0
    told: set[tuple[str, str]] = field(default_factory=set)

    def find(self, kind: str, text: str) -> int | None:
        """Return the primary key; None if no record is meant."""
        known = self.of(kind)
        found = known.codes.get(text)
        if found is None and text not in known.twice:
            found = known.names.get(text)
        if found is None and text not in known.twice:
            other = known.spelt_otherwise(text)
            found = known.codes.get(other, known.names.get(other))
        return found

    def spelling(
        self, kind: str, text: str, *, table: str, name: str, place: Place
    ) -> list[Finding]:
        """Return a warning, once, if a code was found only because case or spaces were left out."""
        known = self.of(kind)
        if text in known.codes or text in known.names or (kind, text) in self.told:
            return []
        other = known.spelt_otherwise(text)
        if other not in known.codes:
            return []
        self.told.add((kind, text))
        return [respelt(text, other, table=table, name=name, place=place)]

    def once(self, about: str, finding: Finding) -> list[Finding]:
        """Return a finding the first time that it is about something, then none."""
        if ("", about) in self.told:
            return []
        self.told.add(("", about))
        return [finding]

    def of(self, kind: str) -> _Known:
        """Return the codes and names of a kind."""
        if kind not in self.known:
            self.known[kind] = _read(kind)
        return self.known[kind]

    def code(self, kind: str, key: int | None) -> str:
        """Return the code of a record; empty if there is none."""
        codes = self.of(kind).codes
        return next((code for code, number in codes.items() if number == key), "")

    def refuse(self, kind: str, code: str) -> None:
        """Note a record that is refused, so that what refers to it adds no finding."""
        self.refused.setdefault(kind, set()).add(code)

    def complaint(self, kind: str, text: str, *, table: str, name: str, place: Place) -> Finding:
        """Return the finding that a code is unknown, with what may have been meant."""
        known = self.of(kind)
        near: list[str] = []
        if self.proposals < _MAX_PROPOSALS:
            self.proposals += 1
            near = _near(text, [*known.codes, *known.names])
        params: dict[str, object] = {"value": text, "near": ", ".join(near) or "—"}
        if text in known.twice:
            return Finding("take-name-ambiguous", "error", table, name, place, params=params)
        return Finding(f"take-{kind}-unknown", "error", table, name, place, params=params)


def respelt(text: str, code: str, *, table: str, name: str, place: Place) -> Finding:
    """Return the finding that a code was taken as another that is spelt alike."""
    params = {"value": text, "known": code}
    return Finding("take-code-respelt", "warning", table, name, place, params=params)


def _near(text: str, known: list[str]) -> list[str]:
    """Return what may have been meant: what is spelt alike, or what a short name abbreviates."""
    near = get_close_matches(text, known, n=3, cutoff=0.5)
    shape = ".*".join(map(re.escape, text))
    longer = [other for other in known if len(text) > 1 and re.search(shape, other)]
    return list(dict.fromkeys([*near, *sorted(longer, key=len)]))[:3]


def _read(kind: str) -> _Known:
    model = _MODELS[kind]
    if kind == "parcel":
        return _Known(dict(model.objects.order_by().values_list("code", "pk")), {}, frozenset())
    codes: dict[str, int] = {}
    names: dict[str, int] = {}
    twice: set[str] = set()
    for code, name, key in model.objects.order_by("code").values_list("code", "name", "pk"):
        codes[code] = key
        if name in names:
            twice.add(name)
        names[name] = key
    return _Known(codes, names, frozenset(twice))
