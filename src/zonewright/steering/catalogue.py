"""The dictionary of indicators, read from ``steering/data/indicators.csv``.

An indicator is a row: which rule, which table, which rows of it, which value, by which date. No
indicator is coded by hand; `zonewright.steering.rollup` knows only the rules.

Columns of the file
-------------------
``where``
    Conditions joined by ``;``: ``field=a|b``, ``field!=a``, ``field>0`` (and ``>= < <=``).
``value``, ``when``
    Columns to sum (or to tell apart) and to date by.
``of``
    What a derived figure is made of: ``a / b@city`` for a ratio, codes joined by ``;`` otherwise.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, get_args

from zonewright.core.errors import SchemaError
from zonewright.core.units import known_unit, unit

Rule = Literal[
    "sum", "count", "distinct", "ratio", "completion", "least_completion", "sum_firms", "sum_zones",
    "reported", "blocks", "block_area", "boundary_area", "attribute", "milestone",
]  # fmt: skip
RULES: tuple[str, ...] = get_args(Rule)
_CONDITION = re.compile(r"^(\w+)(!=|>=|<=|=|>|<)(.*)$")
_DIMENSION_OF_SUFFIX = {"_m2": "area", "_cny": "cny"}
_NEEDS_VALUE = ("sum", "distinct", "sum_firms", "sum_zones", "reported", "attribute", "milestone")


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

    def label(self, lang: str = "en") -> str:
        """Return the name in a language."""
        return self.zh if lang == "zh" else self.en

    def note(self, lang: str = "en") -> str:
        """Return the definition in a language."""
        return self.note_zh if lang == "zh" else self.note_en


@cache
def load() -> Mapping[str, Indicator]:
    """Return the indicators by code, in the order of the file.

    Examples
    --------
    >>> load()["land_levelled"].where
    (Condition(field='stage', op='=', values=('L5',)),)
    >>> load()["value_added_city_share"].of[1]
    Operand(indicator='value_added_published', at='city')
    """
    text = (files("zonewright.steering") / "data" / "indicators.csv").read_text(encoding="utf-8")
    return parse(csv.DictReader(text.splitlines()))


def parse(rows: Iterable[Mapping[str, str]]) -> Mapping[str, Indicator]:
    """Read the rows of a dictionary and check that it is sound.

    Raises
    ------
    SchemaError
        If a code occurs twice, a rule or unit is unknown, a condition cannot be read, a value's
        unit does not fit, or an indicator is made of itself or of one that is not there.
    """
    found: dict[str, Indicator] = {}
    for row in rows:
        indicator = _indicator(row)
        if indicator.code in found:
            raise SchemaError("catalogue-repeated", indicator=indicator.code)
        found[indicator.code] = indicator
    for indicator in found.values():
        _require_operands(indicator, found, ())
    return MappingProxyType(found)


def _indicator(row: Mapping[str, str]) -> Indicator:
    code, rule = row["code"], row["rule"]
    if rule not in RULES:
        raise SchemaError("catalogue-rule", indicator=code, rule=rule, known=", ".join(RULES))
    if not known_unit(row["unit"]):
        raise SchemaError("catalogue-unit", indicator=code, unit=row["unit"])
    if rule in _NEEDS_VALUE and not row["value"]:
        raise SchemaError("catalogue-value", indicator=code, rule=rule)
    dimension = unit(row["unit"]).dimension
    for suffix, wanted in _DIMENSION_OF_SUFFIX.items():
        if row["value"].endswith(suffix) and dimension != wanted:
            raise SchemaError(
                "catalogue-measure", indicator=code, value=row["value"], unit=row["unit"]
            )
    return Indicator(
        code=code,
        zh=row["zh"],
        en=row["en"],
        unit=unit(row["unit"]).code,
        nature=row["nature"],
        basis=row["basis"],
        rule=rule,  # type: ignore[arg-type]
        table=row["table"],
        where=tuple(_condition(code, item) for item in row["where"].split(";") if item),
        value=row["value"],
        when=row["when"],
        of=_operands(code, rule, row["of"]),
        note_zh=row["note_zh"],
        note_en=row["note_en"],
    )


def _condition(code: str, text: str) -> Condition:
    match = _CONDITION.match(text.strip())
    if match is None:
        raise SchemaError("catalogue-condition", indicator=code, text=text)
    return Condition(match[1], match[2], tuple(match[3].split("|")))


def _operands(code: str, rule: str, text: str) -> tuple[Operand, ...]:
    parts = [part.strip() for part in text.split("/" if rule == "ratio" else ";") if part.strip()]
    if rule == "ratio" and len(parts) != 2:
        raise SchemaError("catalogue-operands", indicator=code, rule=rule, text=text)
    if rule in ("completion", "least_completion") and not parts:
        raise SchemaError("catalogue-operands", indicator=code, rule=rule, text=text)
    pairs = [part.partition("@") for part in parts]
    if any(at not in ("", "city") for _, _, at in pairs):
        raise SchemaError("catalogue-operands", indicator=code, rule=rule, text=text)
    return tuple(Operand(name, "city" if at else "") for name, _, at in pairs)


def _require_operands(
    indicator: Indicator, known: Mapping[str, Indicator], above: tuple[str, ...]
) -> None:
    if indicator.code in above:
        raise SchemaError("catalogue-cycle", indicator=indicator.code)
    for operand in indicator.of:
        if operand.indicator not in known:
            raise SchemaError(
                "catalogue-unknown", indicator=indicator.code, operand=operand.indicator
            )
        _require_operands(known[operand.indicator], known, (*above, indicator.code))
