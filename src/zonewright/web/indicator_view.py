"""An indicator of the registry in the reader's language: what it is, and what it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from zonewright.core.schema import all_tables
from zonewright.report import numbers
from zonewright.steering import registry
from zonewright.steering.indicator import Condition, Indicator
from zonewright.web import language, words

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_OPS = {"=": "=", "!=": "≠", ">": ">", ">=": "≥", "<": "<", "<=": "≤"}


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator in a list.

    Parameters
    ----------
    code, label, address
        Code, name, and page.
    unit, nature, source, department, direction
        In words.
    headline
        Place on the board; 0 if it is not on it.
    formula
        How it is computed, in a line.
    """

    code: str
    label: str
    address: str
    unit: str
    nature: str
    source: str
    department: str
    direction: str
    headline: int
    formula: str


def row(indicator: Indicator, known: Mapping[str, Indicator]) -> IndicatorRow:
    """Return an indicator as a row of the registry."""
    lang = language.current()
    return IndicatorRow(
        code=indicator.code,
        label=indicator.label(lang),
        address=reverse("indicator", args=[indicator.code]),
        unit=numbers.unit_label(indicator.unit, lang),
        nature=natures().get(indicator.nature, indicator.nature),
        source=kind_of(indicator),
        department=indicator.department,
        direction=directions()[indicator.direction],
        headline=indicator.headline,
        formula=formula(indicator, known),
    )


def kind_of(indicator: Indicator) -> str:
    """Return whether an indicator is reported, counted from records, or made of others."""
    if indicator.is_derived or indicator.rule in ("completion", "least_completion"):
        return _("made of other indicators")
    if indicator.rule in ("reported", "sum_firms", "sum_zones"):
        return _("reported")
    return _("counted from records")


def natures() -> Mapping[str, str]:
    """Return what the natures of indicators are called."""
    return {
        "flow": _("flow: of a period"),
        "stock": _("stock: at a period's end"),
        "ratio": _("ratio"),
        "rate": _("rate of growth"),
        "rank": _("rank"),
    }


def bases() -> Mapping[str, str]:
    """Return what the price bases are called."""
    return {
        "nominal": _("current prices"),
        "comparable": _("comparable prices, as published"),
        "cumulative": _("cumulative"),
        "none": _("no prices"),
    }


def directions() -> Mapping[str, str]:
    """Return which way is better."""
    return {"up": _("more is better"), "down": _("less is better"), "none": _("neither")}


def rollups() -> Mapping[str, str]:
    """Return how a zone's figure comes from what lies below it."""
    return {
        "records": _("from the records in the zone, each once"),
        "sum": _("sum of who reports"),
        "max": _("largest of who reports"),
        "ratio-of-sums": _("its parts are rolled up, then joined"),
        "latest": _("the last reported; not rolled up"),
        "none": _("not rolled up"),
    }


def rules() -> Mapping[str, str]:
    """Return what the rules compute."""
    return {
        "sum": _("sum of %(what)s"),
        "count": _("number of %(what)s"),
        "distinct": _("number of different %(what)s"),
        "sum_firms": _("sum of what the firms report: %(what)s"),
        "sum_zones": _("sum of what the zones report: %(what)s"),
        "reported": _("as reported"),
        "blocks": _("number of contiguous ready blocks"),
        "block_area": _("area of contiguous ready blocks"),
        "boundary_area": _("area of the boundary on the map"),
        "attribute": _("%(what)s of the project"),
        "milestone": _("day of the step"),
    }


def formula(indicator: Indicator, known: Mapping[str, Indicator]) -> str:
    """Return how an indicator is computed, with names in place of codes."""
    lang = language.current()
    if indicator.formula:
        return named(indicator.formula, known)
    operands = [_operand(part.indicator, part.at, known) for part in indicator.of]
    if indicator.rule == "ratio":
        return " ÷ ".join(operands)
    if indicator.rule == "completion":
        return _("%(what)s ÷ its target of the year") % {"what": ", ".join(operands)}
    if indicator.rule == "least_completion":
        joined = ("、" if lang == "zh" else ", ").join(operands)
        return _("lowest completion among: %(what)s") % {"what": joined}
    text = rules().get(indicator.rule, indicator.rule)
    if indicator.table == "observations":
        return text % {"what": _reported(indicator, known)} if "%(what)s" in text else text
    what = _measured(indicator)
    text = text % {"what": what} if "%(what)s" in text else text
    limits = [_condition(indicator.table, one) for one in indicator.where]
    if limits:
        text += ("；" if lang == "zh" else "; ") + ("，" if lang == "zh" else ", ").join(limits)
    return text


def _operand(code: str, at: str, known: Mapping[str, Indicator]) -> str:
    name = known[code].label(language.current()) if code in known else code
    return _("%(name)s of the city") % {"name": name} if at == "city" else name


def named(expression: str, known: Mapping[str, Indicator]) -> str:
    """Return an expression with the names of indicators in place of their codes."""
    lang = language.current()

    def name(match: re.Match[str]) -> str:
        code = match[0]
        return f"[{known[code].label(lang)}]" if code in known else code

    return _CODE.sub(name, expression)


def _reported(indicator: Indicator, known: Mapping[str, Indicator]) -> str:
    """Return the name of what is reported."""
    codes = [code for one in indicator.where if one.field == "indicator" for code in one.values]
    names = [known[code].label(language.current()) for code in codes if code in known]
    return ", ".join(names) or indicator.label(language.current())


def _measured(indicator: Indicator) -> str:
    """Return what is summed or counted: a field of a table, or its records."""
    lang = language.current()
    field = _field(indicator.table, indicator.value)
    if indicator.value:
        return field
    known = all_tables().get(indicator.table)
    return indicator.table if known is None else known.label(lang)


def _field(name: str, column: str) -> str:
    """Return a column's name; facts call a quantity by its unit, tables do not."""
    lang = language.current()
    plain = re.sub(r"_(m2|cny)$", "", column)
    for wanted in _TABLES.get(name, (name,)):
        known = all_tables().get(wanted)
        for field in known.fields if known is not None else ():
            if field.name == plain:
                return field.label(lang)
    # What facts alone know, or tables by another name.
    others = {"area": _("area"), "planned": _("has a unified plan"), "currency": _("currency")}
    return others.get(plain, column)


# Facts read events and months beside the records that they belong to.
_TABLES: Mapping[str, tuple[str, ...]] = {
    "parcel_events": ("parcel_events", "parcels"),
    "work_months": ("work_months", "works"),
    "quota": ("quota_entries",),
    "funds": ("fund_entries",),
}


def _condition(name: str, condition: Condition) -> str:
    texts = " / ".join(_value(name, condition.field, value) for value in condition.values)
    return f"{_field(name, condition.field)} {_OPS[condition.op]} {texts}"


def _value(name: str, column: str, value: str) -> str:
    """Return a choice in words; what is none as it is written."""
    for wanted in _TABLES.get(name, (name,)):
        known = all_tables().get(wanted)
        fields = {field.name: field for field in known.fields} if known is not None else {}
        if column in fields and value in fields[column].choices:
            return words.choice(value, f"{wanted}.{column}")
    return value


def links(codes: Iterable[str], known: Mapping[str, Indicator]) -> list[IndicatorRow]:
    """Return indicators by code."""
    return [row(known[code], known) for code in codes if code in known]


def tree(code: str, known: Mapping[str, Indicator], *, depth: int = 0) -> list[dict[str, object]]:
    """Return what an indicator is made of, and what that is made of in turn."""
    lang = language.current()
    found: list[dict[str, object]] = []
    for part in registry.uses(known, code):
        found.append(
            {
                "code": part,
                "label": known[part].label(lang),
                "address": reverse("indicator", args=[part]),
                "source": kind_of(known[part]),
                "parts": tree(part, known, depth=depth + 1) if depth < _DEEPEST else [],
            }
        )
    return found


_DEEPEST = 8
