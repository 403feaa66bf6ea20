"""From the codes and names in files to the records that they mean."""

from __future__ import annotations

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


@dataclass(slots=True)
class _Known:
    codes: dict[str, int]
    names: dict[str, int]
    twice: frozenset[str]


@dataclass(slots=True)
class References:
    """Looks up records by code, or by a name that only one record has.

    A kind is read from the workspace when it is first asked for: the tables are taken in the order
    in which they refer to one another.
    """

    known: dict[str, _Known] = field(default_factory=dict)
    refused: dict[str, set[str]] = field(default_factory=dict)
    proposals: int = 0

    def find(self, kind: str, text: str) -> int | None:
        """Return the primary key; None if no record is meant."""
        known = self.of(kind)
        found = known.codes.get(text)
        if found is None and text not in known.twice:
            found = known.names.get(text)
        return found

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
            near = get_close_matches(text, [*known.codes, *known.names], n=3, cutoff=0.5)
        params: dict[str, object] = {"value": text, "near": ", ".join(near) or "—"}
        if text in known.twice:
            return Finding("take-name-ambiguous", "error", table, name, place, params=params)
        return Finding(f"take-{kind}-unknown", "error", table, name, place, params=params)


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
