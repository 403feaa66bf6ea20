"""What was computed, in words and symbols, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable

from zonewright.core.schema import Table, all_tables
from zonewright.core.units import unit
from zonewright.steering.catalogue import Condition, Indicator
from zonewright.steering.figure import Question

_TABLES = {
    "parcel_events": ("地块阶段记录", "parcel stage events"),
    "parcels": ("地块", "parcels"),
    "works": ("工程项目", "works"),
    "work_months": ("工程月报", "monthly returns of works"),
    "ventures": ("产业项目", "industrial projects"),
    "milestones": ("项目节点", "milestones of projects"),
    "plans": ("规划", "plans"),
    "zones": ("片区", "zones"),
    "quota": ("用地指标台账", "quota ledger"),
    "funds": ("资金台账", "funds ledger"),
    "observations": ("填报数", "observations"),
}
# Tables of facts whose fields the dictionary keeps under another table's name.
_FIELDS_OF = {"quota": ("quota_entries",), "funds": ("fund_entries",), "work_months": ("works",)}
_COLUMNS = {
    "area_m2": ("面积", "area"),
    "planned": ("已编统一规划", "has a unified plan"),
    "signed_on": ("签约日期", "signed on"),
    "currency": ("币种", "currency"),
    "indicator": ("指标", "indicator"),
}
_OPERATORS = {"=": "=", "!=": "≠", ">": ">", ">=": "≥", "<": "<", "<=": "≤"}
_LANGS = ("zh", "en")


def table_name(name: str, lang: str) -> str:
    """Return what a reader calls a table of facts."""
    return _TABLES.get(name, (name, name))[_LANGS.index(lang)]


def column_name(table: str, name: str, lang: str) -> str:
    """Return what a reader calls a column of a table of facts.

    Examples
    --------
    >>> column_name("work_months", "invested_cny", "zh")
    '当月完成投资'
    """
    if name in _COLUMNS:
        return _COLUMNS[name][_LANGS.index(lang)]
    plain = name.removesuffix("_m2").removesuffix("_cny")
    for known in _dictionaries(table):
        for field in known.fields:
            if field.name == plain:
                return field.label(lang)
    return name


def selection(indicator: Indicator, question: Question, lang: str) -> str:
    """Return which rows were read, in words.

    Examples
    --------
    >>> from zonewright.core.periods import Period
    >>> from zonewright.steering.catalogue import load
    >>> asked = Question("land_levelled", "JM", Period.parse("2023"))
    >>> selection(load()["land_levelled"], asked, "en")
    'parcel stage events: Stage = L5; Date in 2023; in zone JM'
    """
    parts = [_condition(indicator.table, condition, lang) for condition in indicator.where]
    if indicator.when:
        column = column_name(indicator.table, indicator.when, lang)
        span = question.period.label(lang)
        if indicator.nature == "stock":
            span = str(question.period.end_on)
            parts.append(f"{column}不晚于{span}" if lang == "zh" else f"{column} by {span}")
        elif question.period.first is None:
            parts.append(f"{column}{span}" if lang == "zh" else f"{column} {span}")
        else:
            parts.append(f"{column}在{span}" if lang == "zh" else f"{column} in {span}")
    parts.append(f"位于片区 {question.zone}" if lang == "zh" else f"in zone {question.zone}")
    name = table_name(indicator.table, lang)
    return f"{name}：{'；'.join(parts)}" if lang == "zh" else f"{name}: {'; '.join(parts)}"


def summed(indicator: Indicator, question: Question) -> tuple[str, str]:
    """Return the formula of a sum."""
    zh = f"Σ {column_name(indicator.table, indicator.value, 'zh')}"
    en = f"Σ {column_name(indicator.table, indicator.value, 'en')}"
    return (
        f"{zh}（{selection(indicator, question, 'zh')}），以{_unit(indicator, 'zh')}计",
        f"{en} ({selection(indicator, question, 'en')}), in {_unit(indicator, 'en')}",
    )


def counted(indicator: Indicator, question: Question) -> tuple[str, str]:
    """Return the formula of a count, or of a count of different values."""
    zh, en = selection(indicator, question, "zh"), selection(indicator, question, "en")
    if indicator.rule == "count":
        return f"计数（{zh}）", f"number of rows ({en})"
    value_zh = column_name(indicator.table, indicator.value, "zh")
    value_en = column_name(indicator.table, indicator.value, "en")
    return f"不同{value_zh}的个数（{zh}）", f"number of different values of {value_en} ({en})"


def quotient(
    indicator: Indicator, upper: Indicator, lower: Indicator, *, zones: Iterable[str]
) -> tuple[str, str]:
    """Return the formula of a ratio; `zones` are those of its two parts."""
    first, second = zones
    return (
        f"{upper.zh}（{first}）÷ {lower.zh}（{second}），以{_unit(indicator, 'zh')}计",
        f"{upper.en} ({first}) ÷ {lower.en} ({second}), in {_unit(indicator, 'en')}",
    )


def _unit(indicator: Indicator, lang: str) -> str:
    label = unit(indicator.unit).label(lang)
    return label or ("个数" if lang == "zh" else "number")


def _condition(table: str, condition: Condition, lang: str) -> str:
    choices = _choices(table, condition.field) if lang == "zh" else {}
    names = [choices.get(value, value) for value in condition.values]
    values = "、".join(names) if lang == "zh" else " or ".join(names)
    name = column_name(table, condition.field, lang)
    return f"{name} {_OPERATORS[condition.op]} {values}"


def _choices(table: str, name: str) -> dict[str, str]:
    for known in _dictionaries(table):
        for field in known.fields:
            if field.name == name and field.choices:
                return dict(field.choices)
    return {}


def _dictionaries(table: str) -> tuple[Table, ...]:
    known = all_tables()
    names = (table, *_FIELDS_OF.get(table, ()))
    return tuple(known[name] for name in names if name in known)
