"""What is asked, what it is computed from, and the figure that answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.errors import SchemaError
from zonewright.core.findings import Finding, Severity
from zonewright.core.periods import Period
from zonewright.steering.catalogue import Indicator, load

Bound = Literal["exact", "ge", "le", "approx"]
BlocksOf = Callable[[str, date], pd.DataFrame]


class ZoneScope(Protocol):
    """The zones of a day, as `zonewright.land.scope.Scope` gives them."""

    def mask(self, frame: pd.DataFrame, zone: str) -> NDArray[np.bool_]:
        """Return which rows of a frame lie in a zone."""
        ...

    def descendants(self, zone: str) -> tuple[str, ...]:
        """Return every zone below a zone."""
        ...

    def city_of(self, zone: str) -> str:
        """Return the city of a zone."""
        ...

    def versions_used(self, zone: str) -> tuple[str, ...]:
        """Return the ids of the boundary versions that decide what lies in a zone."""
        ...

    def area_m2(self, zone: str) -> float | None:
        """Return the area of a zone's boundary [m²]; None without a boundary."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """One indicator of one zone in one period.

    Parameters
    ----------
    indicator
        Code in the dictionary.
    zone
        Zone code.
    period
        Months that count; of a stock, its end.
    subject
        Code of the project, where the figure is of one.
    """

    indicator: str
    zone: str
    period: Period
    subject: str = ""


@dataclass(frozen=True, eq=False)
class Facts:
    """What figures are computed from: nothing in it is changed.

    Parameters
    ----------
    tables
        Frames by name, with the columns that ``docs/explanation/architecture.md`` lists.
    scope
        The zones of the day.
    targets
        Targets of one or more years: ``indicator``, ``zone``, ``value``, ``unit`` and, if there,
        ``record``, ``year``, ``curve``, ``points``.
    blocks
        Gives the contiguous ready blocks of a zone on a day: index block id, ``area_m2`` [m²] and
        ``members`` (parcel codes). `zonewright.land.blocks.ready_blocks` makes such a frame.
    catalogue
        Indicators by code.
    observed
        Gives the observations of some indicators, as the table ``observations`` has them, where
        there are too many to hold them all; None means that the table does.
    versions_on
        Gives the ids of the boundary versions that decide what lies in a zone on another day; None
        means that nobody knows, and no change of boundary is told.
    """

    tables: Mapping[str, pd.DataFrame]
    scope: ZoneScope
    targets: pd.DataFrame
    blocks: BlocksOf
    catalogue: Mapping[str, Indicator] = field(default_factory=load)
    observed: Callable[[tuple[str, ...]], pd.DataFrame] | None = None
    versions_on: Callable[[str, date], tuple[str, ...]] | None = None
    _kept: dict[object, pd.DataFrame] = field(default_factory=dict, init=False, repr=False)

    def blocks_of(self, zone: str, on: date) -> pd.DataFrame:
        """Return the blocks of a zone on a day, computed once."""
        return self.keep(("blocks", zone, on), lambda: self.blocks(zone, on))

    def observations(self, indicators: tuple[str, ...]) -> pd.DataFrame:
        """Return observations; those of some indicators are among them, others may be.

        Raises
        ------
        SchemaError
            If the facts have none.
        """
        if self.observed is not None:
            return self.observed(indicators)
        if "observations" not in self.tables:
            raise SchemaError("table-unknown", table="observations")
        return self.tables["observations"]

    def keep(self, key: object, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return a derived frame, made once for these facts."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A computed or reported figure and everything that it rests on.

    Parameters
    ----------
    question
        What was asked.
    indicator
        Its definition.
    value
        In `unit`; a date for a milestone; None if it cannot be told, and `findings` say why.
    exact
        The value as an exact fraction, before it became a float; None for a date.
    bound
        ``exact``; ``ge`` (at least), ``le`` (at most) or ``approx``.
    basis
        Price basis.
    precision
        Of a date: ``d`` day, ``m`` month, ``y`` year.
    terms
        What each record gave: ``record``, ``contribution`` [unit; NaN where it only takes part, as
        in a denominator], ``part`` (what is counted: a block, a country). The contributions add up
        to the value, except where the figure is a date.
    records
        Every record that was read, each once.
    inputs
        The figures that it is made of.
    formula_zh, formula_en
        What was computed, in words and symbols.
    versions
        Ids of the boundary versions that decided what lies in the zone.
    findings
        What is missing or odd.
    """

    question: Question
    indicator: Indicator
    value: float | date | None
    exact: Fraction | None
    bound: Bound
    basis: str
    terms: pd.DataFrame
    records: tuple[str, ...]
    inputs: tuple[Figure, ...] = ()
    formula_zh: str = ""
    formula_en: str = ""
    versions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    precision: str = "d"

    @property
    def unit(self) -> str:
        """Unit of the value [unit code]."""
        return self.indicator.unit

    @property
    def number(self) -> float | None:
        """The value if it is a number, else None."""
        return self.value if isinstance(self.value, float) else None

    def formula(self, lang: str = "en") -> str:
        """Return what was computed, in a language."""
        return self.formula_zh if lang == "zh" else self.formula_en


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a rule found; `zonewright.steering.rollup.evaluate` makes the figure of it.

    Parameters
    ----------
    exact
        In the indicator's unit; None if it cannot be told.
    terms
        As in `Figure`.
    extra_records
        Records read besides those of the terms.
    """

    exact: Fraction | None
    terms: pd.DataFrame
    formula_zh: str
    formula_en: str
    findings: tuple[Finding, ...] = ()
    inputs: tuple[Figure, ...] = ()
    bound: Bound = "exact"
    basis: str = ""
    on: date | None = None
    precision: str = "d"
    extra_records: tuple[str, ...] = ()


def new_terms(
    records: Iterable[object] = (),
    contributions: Iterable[float] = (),
    parts: Iterable[object] | None = None,
) -> pd.DataFrame:
    """Return a frame of terms."""
    terms = pd.DataFrame({"record": pd.Series(list(records), dtype="object")})
    terms["contribution"] = np.fromiter(contributions, dtype=float)
    terms["part"] = pd.Series([""] * len(terms) if parts is None else list(parts), dtype="object")
    return terms


def finding_of(
    code: str,
    question: Question,
    indicator: Indicator,
    *,
    severity: Severity = "warning",
    ids: tuple[str, ...] = (),
    **params: object,
) -> Finding:
    """Return a finding on a figure; its text may name the question's parts."""
    known: dict[str, object] = {
        "indicator": indicator.code,
        "name": indicator.zh,
        "name_en": indicator.en,
        "zone": question.zone,
        "period": str(question.period),
        "subject": question.subject,
    }
    return Finding(code, severity, table=indicator.table, ids=ids, params={**known, **params})


def as_bound(value: object) -> Bound:
    """Return a bound as a table holds it; what is no bound is exact."""
    return value if value in ("ge", "le", "approx") else "exact"


def joint_bound(bounds: Iterable[Bound]) -> Bound:
    """Return the bound of a sum whose parts have these bounds.

    Examples
    --------
    >>> joint_bound(["exact", "ge"]), joint_bound(["ge", "le"]), joint_bound([])
    ('ge', 'approx', 'exact')
    """
    found = set(bounds) - {"exact"}
    return found.pop() if len(found) == 1 else "approx" if found else "exact"
