"""An indicator: how it is named, measured and computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Rule = Literal[
    "sum", "count", "distinct", "ratio", "completion", "least_completion", "sum_firms", "sum_zones",
    "reported", "blocks", "block_area", "boundary_area", "attribute", "milestone", "formula",
]  # fmt: skip
Direction = Literal["up", "down", "none"]
RollUp = Literal["records", "sum", "max", "ratio-of-sums", "latest", "none"]
RULES: tuple[str, ...] = get_args(Rule)
DIRECTIONS: tuple[str, ...] = get_args(Direction)
ROLLUPS: tuple[str, ...] = get_args(RollUp)
NATURES = ("flow", "stock", "ratio", "rate", "rank")
BASES = ("nominal", "comparable", "cumulative", "none")
COLUMNS = (
    "code", "zh", "en", "unit", "nature", "basis", "rule", "table", "where", "value", "when", "of",
    "department", "direction", "rollup", "headline", "note_zh", "note_en",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the rows of a table.

    Parameters
    ----------
    field
        Column.
    op
        ``=``, ``!=``, ``>``, ``>=``, ``<`` or ``<=``.
    values
        Allowed (or, for ``!=``, excluded) values; a single number for the others.
    """

    field: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operand:
    """An indicator that another is made of, in the zone itself or in its city."""

    indicator: str
    at: Literal["", "city"] = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of the dictionary.

    Parameters
    ----------
    code
        Name in files and API.
    zh, en
        Names that readers see.
    unit
        Unit in which it is given [unit code].
    nature
        ``flow`` (of a period), ``stock`` (at its end), ``ratio``, ``rate`` or ``rank``.
    basis
        ``nominal``, ``comparable``, ``cumulative`` or ``none``.
    rule
        How it is computed.
    table, where, value, when
        What it is computed from.
    of
        The indicators that it is made of.
    note_zh, note_en
        Definition in words.
    department
        Who answers for it.
    direction
        ``up``, ``down`` or ``none``: which way is better.
    rollup
        How it comes from what lies below a zone.
    headline
        Place on the board, from 1; 0 if it is not on it.
    formula
        The expression of the rule ``formula``.
    """

    code: str
    zh: str
    en: str
    unit: str
    nature: str
    basis: str
    rule: Rule
    table: str = ""
    where: tuple[Condition, ...] = ()
    value: str = ""
    when: str = ""
    of: tuple[Operand, ...] = ()
    note_zh: str = ""
    note_en: str = ""
    department: str = ""
    direction: Direction = "none"
    rollup: RollUp = "none"
    headline: int = 0
    formula: str = ""

    @property
    def is_derived(self) -> bool:
        """Whether it is made of other indicators."""
        return bool(self.of)

    def label(self, lang: str = "en") -> str:
        """Return the name in a language."""
        return self.zh if lang == "zh" else self.en

    def note(self, lang: str = "en") -> str:
        """Return the definition in a language."""
        return self.note_zh if lang == "zh" else self.note_en
