"""Read a cell as what its field holds (`zonewright.core.records` says how each kind looks)."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache

from zonewright.core import units
from zonewright.core.errors import UnitError
from zonewright.core.schema import Field
from zonewright.intake import dates
from zonewright.intake.aliases import choice_names, service_states
from zonewright.intake.context import Context
from zonewright.intake.faults import CellError
from zonewright.intake.numbers import Number, read_number
from zonewright.intake.wording import is_empty, key_of, narrow, text_of_cell

DIMENSIONS = {"area": "area", "money": "cny", "energy": "energy"}
TRUE = frozenset({"是", "√", "✓", "✔", "有", "y", "yes", "true", "t", "1", "占用", "对"})
FALSE = frozenset(
    {"否", "×", "✗", "✕", "x", "无", "n", "no", "false", "f", "0", "不占用", "未占用", "没有"}
)
MONEY_IN_USD = frozenset({"investment", "fixed_investment"})
SCALE = "value_scale"
WITHIN_100 = frozenset({"acquired_pct", "physical_pct"})
_DATES_PLANNED = frozenset({"planned_on", "planned_start", "planned_finish", "available_on"})
_NOT_REACHED = frozenset({
    "未签约", "未供地", "未开工", "未封顶", "未投产", "未达产", "未完成", "未完工", "未竣工",
    "未征", "未平整", "未供应", "尚未", "未", "未定", "否", "×", "长期", "至今",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says: the value, fields beside it (bound, unit, precision), and a warning."""

    value: object
    extras: dict[str, object] = field(default_factory=dict)
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """How to read the cells of one column.

    Parameters
    ----------
    table
        Table to which the field belongs.
    field
        Field of the schema.
    unit
        Unit of the caption or of the 单位 line; empty if neither gives one.
    context
        What stands around the table.
    fraction
        Whether the column's bare numbers are shares of 1 that must become percent.
    """

    table: str
    field: Field
    unit: str
    context: Context
    fraction: bool = False


def reader_of(column: Column) -> Callable[[object], Reading]:
    """Return the function that reads one cell of a column, or raises `CellError`."""
    kind = column.field.kind
    if kind in DIMENSIONS:
        return lambda cell: _quantity(cell, column)
    plain: dict[str, Callable[[object], Reading]] = {
        "code": _code,
        "text": _text,
        "number": lambda cell: _number(cell, column),
        "percent": lambda cell: _percent(cell, column),
        "date": lambda cell: _date(cell, column),
        "month": lambda cell: Reading(dates.read_month(cell, year=column.context.year)),
        "period": lambda cell: Reading(dates.read_period(cell, year=column.context.year)),
        "year": lambda cell: Reading(dates.read_year(cell)),
        "bool": _bool,
        "choice": lambda cell: _choice(cell, column),
        "unit": _unit,
        "points": _points,
        "services": _services,
    }
    return plain[kind]


def says_nothing(cell: object, kind: str) -> bool:
    """Return whether a cell counts as empty in a column of a kind."""
    if kind == "bool":
        return cell is None or (isinstance(cell, str) and narrow(cell) in ("", "/", "—", "-"))
    if not isinstance(cell, str):
        return is_empty(cell)
    if not is_empty(cell):
        return kind == "date" and narrow(cell) in _NOT_REACHED
    return kind not in ("choice", "services") or narrow(cell) != "无"


def _code(cell: object) -> Reading:
    return Reading(narrow(text_of_cell(cell)))


def _text(cell: object) -> Reading:
    return Reading(text_of_cell(cell).strip())


def _bound(number: Number, column: Column) -> dict[str, object]:
    return {f"{column.field.name}_bound": number.bound} if number.bound else {}


def _quantity(cell: object, column: Column) -> Reading:
    number = read_number(cell)
    kind, name = column.field.kind, column.field.name
    unit, scale = (number.unit, 0) if number.unit else _scaled_unit(number, column)
    if not unit:
        raise CellError("intake-unit-missing-cell", text=text_of_cell(cell))
    dimension = units.unit(unit).dimension
    wanted = column.field.unit
    if kind == "money" and dimension == "usd" and name in MONEY_IN_USD:
        wanted = "美元"
    try:
        factor = _factor(unit, wanted)
    except UnitError:
        raise CellError(
            "intake-unit-wrong", text=text_of_cell(cell), unit=unit, wanted=column.field.unit
        ) from None
    exact = _product(number.value, factor, scale)
    if exact < 0 and kind == "area":
        raise CellError("intake-number-negative", text=text_of_cell(cell))
    value: object = float(exact) if kind == "area" else decimal_of(exact)
    if kind == "area" and factor == 1 and isinstance(cell, float):
        value = cell  # as exported, to the last digit
    return Reading(value, {f"{name}_unit": unit, **_bound(number, column)})


@cache
def _factor(unit: str, wanted: str) -> Fraction:
    return units.factor(unit, wanted)


def _scaled_unit(number: Number, column: Column) -> tuple[str, int]:
    """Return the unit of a bare number, and the power of ten that stays with the number.

    A 万 or 亿 behind it counts the plain unit, whatever multiple of it the caption names: 300万 in
    a column (万元) is 300 万元.
    """
    if not number.scale or (not column.unit and column.field.kind != "money"):
        return column.unit, 0
    if column.field.kind == "money":
        in_usd = column.unit and units.unit(column.unit).dimension == "usd"
        base = "美元" if in_usd else "元"
    else:
        base = column.unit.removeprefix("万")
    name = {3: "千", 4: "万", 6: "百万", 8: "亿"}.get(number.scale, "?") + base
    return (units.unit(name).code, 0) if units.known_unit(name) else (base, number.scale)


def _product(value: Decimal, factor: Fraction, scale: int) -> Fraction | Decimal:
    """Return a number in another unit, exactly: by a whole factor decimals are exact, and fast."""
    if factor.denominator == 1:
        return (value * factor.numerator).scaleb(scale)
    return Fraction(value) * factor * Fraction(10) ** scale


def decimal_of(exact: Fraction | Decimal) -> Decimal:
    """Return a fraction as a decimal: exactly if it ends, else to 28 digits."""
    if isinstance(exact, Decimal):
        return exact
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _number(cell: object, column: Column) -> Reading:
    number = read_number(cell)
    extras = _bound(number, column)
    if number.unit:
        extras[f"{column.field.name}_unit"] = number.unit
    if number.scale and column.field.name == "value":
        # Of what the 万 or 亿 counts, the unit beside it says.
        return Reading(number.value, {**extras, SCALE: number.scale})
    return Reading(number.value.scaleb(number.scale), extras)


def in_unit_beside(row: dict[str, object]) -> None:
    """Bring a row's value to the unit of the column beside it, if the cell named its own.

    Raises
    ------
    CellError
        If the two are no units of the same thing.
    """
    scale, own = row.pop(SCALE, 0), row.pop("value_unit", None)
    value, beside = row.get("value"), row.get("unit")
    if not isinstance(value, Decimal) or not isinstance(scale, int):
        return
    if scale and isinstance(beside, str):
        own, plain = _plain_of(beside), value.scaleb(scale)
        row["value"] = decimal_of(Fraction(plain) * _factor(own, beside))
    elif scale:
        row["value"] = value.scaleb(scale)
    elif isinstance(own, str) and not beside:
        row["unit"] = own
    elif isinstance(own, str) and isinstance(beside, str) and own != beside:
        try:
            row["value"] = decimal_of(Fraction(value) * _factor(own, beside))
        except UnitError:
            raise CellError(
                "intake-unit-wrong", text=f"{value:f}{own}", unit=own, wanted=beside
            ) from None


def _plain_of(unit: str) -> str:
    """Return the unit that a multiple such as 亿元 or 万亩 is of."""
    dimension = units.unit(unit).dimension
    if dimension in ("cny", "usd"):
        return "元" if dimension == "cny" else "美元"
    plain = unit.removeprefix("万")
    return plain if units.known_unit(plain) else unit


def _percent(cell: object, column: Column) -> Reading:
    number = read_number(cell)
    if number.unit not in ("", "%"):
        raise CellError("intake-unit-wrong", text=text_of_cell(cell), unit=number.unit, wanted="%")
    value = number.value
    if column.fraction and not number.unit:
        value = (value * 100).normalize()
    if column.field.name in WITHIN_100 and not 0 <= value <= 100:
        raise CellError("intake-percent-range", text=text_of_cell(cell))
    return Reading(value, _bound(number, column))


def _date(cell: object, column: Column) -> Reading:
    name = column.field.name
    day = dates.read_date(cell, year=column.context.year, planned=name in _DATES_PLANNED)
    extras: dict[str, object] = {f"{name}_precision": day.precision} if day.precision else {}
    return Reading(day.on, extras, day.warning)


def _bool(cell: object) -> Reading:
    if isinstance(cell, bool):
        return Reading(cell)
    text = narrow(text_of_cell(cell)).casefold()
    if text in TRUE:
        return Reading(True)
    if text in FALSE:
        return Reading(False)
    raise CellError("intake-bool-unknown", text=text_of_cell(cell))


def _choice(cell: object, column: Column) -> Reading:
    names = choice_names(column.table, column.field.name)
    text = text_of_cell(cell)
    key = key_of(text)
    found = names.get(key)
    if found is None:
        near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
        suggestion = column.field.choices[names[near[0]]] if near else ""
        known = "、".join(dict.fromkeys(column.field.choices.values()))
        raise CellError(
            "intake-choice-unknown" + ("-near" if suggestion else ""),
            text=text.strip(),
            known=known,
            near=suggestion,
        )
    return Reading(found)


def _unit(cell: object) -> Reading:
    text = narrow(text_of_cell(cell))
    if not units.known_unit(text):
        raise CellError("intake-unit-unknown", text=text, unit=text)
    return Reading(units.unit(text).code)


def _points(cell: object) -> Reading:
    try:
        loaded = json.loads(text_of_cell(cell))
        return Reading({int(month): float(share) for month, share in loaded.items()})
    except (ValueError, AttributeError, TypeError):
        raise CellError("intake-points-unreadable", text=text_of_cell(cell)) from None


def _services(cell: object) -> Reading:
    try:
        loaded = json.loads(text_of_cell(cell))
        return Reading({str(name): int(state) for name, state in loaded.items()})
    except (ValueError, AttributeError, TypeError):
        raise CellError("intake-service-unknown", text=text_of_cell(cell)) from None


def read_service(cell: object) -> int:
    """Read the state of one service: 0–5, or a word such as 在建 or 已通.

    Raises
    ------
    CellError
        If it is neither.
    """
    if isinstance(cell, float) and cell in (0, 1, 2, 3, 4, 5):
        return int(cell)
    found = service_states().get(key_of(text_of_cell(cell)) or narrow(text_of_cell(cell)))
    if found is None:
        raise CellError("intake-service-unknown", text=text_of_cell(cell))
    return found
