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
    What a derived figure is made of: ``a / b@city`` for a ratio, an expression for a formula (see
    `zonewright.steering.expressions`), codes joined by ``;`` otherwise.
``department``
    Who answers for it.
``direction``
    ``up`` if more is better, ``down`` if less is, ``none`` if neither.
``rollup``
    How the figure of a zone comes from what lies below it: ``records`` (those in the zone, each
    once), ``sum`` or ``max`` of the zones or firms that report, ``ratio-of-sums`` (its parts are
    rolled up, then joined), ``latest`` (the last reported by then; not rolled up), ``none``.
``headline``
    Place on the headquarters' board; empty if it is not on it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from keyword import iskeyword
from types import MappingProxyType

from zonewright.core.errors import SchemaError
from zonewright.core.units import known_unit, unit
from zonewright.steering import registry
from zonewright.steering.expressions import FUNCTIONS, names, parse_expression
from zonewright.steering.indicator import (
    BASES,
    COLUMNS,
    DIRECTIONS,
    NATURES,
    RULES,
    Condition,
    Indicator,
    Operand,
    RollUp,
    Rule,
)

__all__ = [
    "COLUMNS", "RULES", "Condition", "Indicator", "Operand", "Rule", "load", "parse", "read_row",
]  # fmt: skip

_CONDITION = re.compile(r"^(\w+)(!=|>=|<=|=|>|<)(.*)$")
_DIMENSION_OF_SUFFIX = {"_m2": "area", "_cny": "cny"}
_CODE = re.compile(r"^[a-z][a-z0-9_]{0,59}$")
# How each rule rolls up; the first where the row does not say.
_ROLLUP_OF: Mapping[str, tuple[RollUp, ...]] = {
    "sum": ("records",), "count": ("records",), "distinct": ("records",), "blocks": ("records",),
    "block_area": ("records",), "sum_firms": ("sum",), "sum_zones": ("sum",),
    "ratio": ("ratio-of-sums",), "completion": ("ratio-of-sums",),
    "least_completion": ("ratio-of-sums",), "formula": ("ratio-of-sums",),
    "reported": ("none", "sum", "max", "latest"),
    "boundary_area": ("none",), "attribute": ("none",), "milestone": ("none",),
}  # fmt: skip
_NEEDS_VALUE = ("sum", "distinct", "sum_firms", "sum_zones", "reported", "attribute", "milestone")


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


def parse(
    rows: Iterable[Mapping[str, str]], *, known: Mapping[str, Indicator] | None = None
) -> Mapping[str, Indicator]:
    """Read the rows of a dictionary and check that it is sound.

    Parameters
    ----------
    rows
        As ``indicators.csv`` has them.
    known
        Indicators that are there already and come first.

    Raises
    ------
    SchemaError
        If a code occurs twice, a rule or unit is unknown, a condition cannot be read, a value's
        unit does not fit, an indicator is made of itself or of one that is not there, or a formula
        cannot be computed.
    """
    found: dict[str, Indicator] = dict(known or {})
    for row in rows:
        indicator = read_row(row)
        if indicator.code in found:
            raise SchemaError("catalogue-repeated", indicator=indicator.code)
        found[indicator.code] = indicator
    registry.check(found)
    return MappingProxyType(found)


def read_row(row: Mapping[str, str]) -> Indicator:
    """Read one row of a dictionary by itself: what it is made of may be missing.

    Raises
    ------
    SchemaError
        As `parse` does, of what the row alone tells.
    """
    code, rule = row["code"], row["rule"]
    if not _CODE.match(code) or iskeyword(code) or code in FUNCTIONS:
        raise SchemaError("catalogue-code", indicator=code)
    if rule not in RULES:
        raise SchemaError("catalogue-rule", indicator=code, rule=rule, known=", ".join(RULES))
    if not known_unit(row["unit"]):
        raise SchemaError("catalogue-unit", indicator=code, unit=row["unit"])
    if rule in _NEEDS_VALUE and not row["value"]:
        raise SchemaError("catalogue-value", indicator=code, rule=rule)
    for column, allowed in (("nature", NATURES), ("basis", BASES)):
        _choice(row, column, allowed)
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
        department=row.get("department") or "",
        direction=_choice(row, "direction", DIRECTIONS) or "none",  # type: ignore[arg-type]
        rollup=_rollup(row),
        headline=_headline(row),
        formula=row["of"].strip() if rule == "formula" else "",
    )


def _choice(row: Mapping[str, str], column: str, known: Sequence[str]) -> str:
    given = (row.get(column) or "").strip()
    if given and given not in known:
        raise SchemaError(
            "catalogue-choice", indicator=row["code"], column=column, given=given,
            known=", ".join(known),
        )  # fmt: skip
    return given


def _rollup(row: Mapping[str, str]) -> RollUp:
    allowed = _ROLLUP_OF[row["rule"]]
    given = _choice(row, "rollup", allowed)
    return given or allowed[0]  # type: ignore[return-value]


def _headline(row: Mapping[str, str]) -> int:
    given = (row.get("headline") or "").strip()
    if given and not (given.isdecimal() and int(given) > 0):
        raise SchemaError(
            "catalogue-choice", indicator=row["code"], column="headline", given=given,
            known="1, 2, 3 …",
        )  # fmt: skip
    return int(given or 0)


def _condition(code: str, text: str) -> Condition:
    match = _CONDITION.match(text.strip())
    if match is None:
        raise SchemaError("catalogue-condition", indicator=code, text=text)
    return Condition(match[1], match[2], tuple(match[3].split("|")))


def _operands(code: str, rule: str, text: str) -> tuple[Operand, ...]:
    if rule == "formula":
        return tuple(Operand(name) for name in names(parse_expression(text)))
    parts = [part.strip() for part in text.split("/" if rule == "ratio" else ";") if part.strip()]
    if rule == "ratio" and len(parts) != 2:
        raise SchemaError("catalogue-operands", indicator=code, rule=rule, text=text)
    if rule in ("completion", "least_completion") and not parts:
        raise SchemaError("catalogue-operands", indicator=code, rule=rule, text=text)
    pairs = [part.partition("@") for part in parts]
    if any(at not in ("", "city") for _, _, at in pairs):
        raise SchemaError("catalogue-operands", indicator=code, rule=rule, text=text)
    return tuple(Operand(name, "city" if at else "") for name, _, at in pairs)
