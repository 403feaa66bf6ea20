"""Read a number with its bound and its own unit out of a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from zonewright.core import units
from zonewright.intake.faults import CellError
from zonewright.intake.wording import narrow, text_of_cell

_GE = "超过|超出|超|逾|突破|高于|多于|大于|不少于|不低于|不小于|至少|最少|>=|≥|>"
_LE = "接近|将近|近|不足|不到|不超过|不高于|不大于|不多于|少于|小于|低于|至多|最多|<=|≤|<"
_APPROX = "大约|约为|大致|约|≈|~"
_SHAPE = re.compile(
    rf"^(?:(?P<ge>{_GE})|(?P<le>{_LE})|(?P<approx>{_APPROX})|共|计|第|累计|合计)?\s*"
    r"(?P<currency>us\$|\$|¥|usd|rmb|cny)?\s*"
    r"(?P<open>\()?(?P<sign>[-+−])?(?P<digits>\d[\d,， ]*(?:\.\d+)?|\.\d+)(?P<close>\))?"
    r"(?:e(?P<exponent>[-+]?\d{1,2}))?\s*"
    r"(?P<few>多|余)?\s*(?P<unit>[^\d\s.,，以左上余多()]{0,6}?\d?)\s*(?P<few2>多|余)?\s*"
    r"(?P<after>以上|以下|以内|左右|上下)?$",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\d[^\d\s]{0,3}\s*(?:[-—–~―]|至|到)\s*\d")
_GROUPED = re.compile(r"^\d{1,3}(?:[,， ]\d{3})+(?:\.\d+)?$|^\d*\.?\d+$|^\d+(?:\.\d+)?$")
_SCALES = {"百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
_CURRENCY = {"us$": "美元", "$": "美元", "usd": "美元", "¥": "元", "rmb": "元", "cny": "元"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: its value, its bound (``ge``, ``le``, ``approx`` or empty), its unit.

    `scale` is the power of ten of a bare 万 or 亿 behind it; `percent` says that it had a percent
    sign.
    """

    value: Decimal
    bound: str = ""
    unit: str = ""
    scale: int = 0

    @property
    def percent(self) -> bool:
        """Whether it was written with a percent sign."""
        return self.unit == "%"


def decimal_of(value: float) -> Decimal:
    """Return what a spreadsheet shows of a binary number: 15 significant digits."""
    return Decimal(f"{value:.15g}")


def read_number(cell: object) -> Number:
    """Read a number; a text may carry 超/约/近, separators, a currency sign and a unit.

    Raises
    ------
    CellError
        If the cell holds something else.

    Examples
    --------
    >>> read_number("超1,328亩")
    Number(value=Decimal('1328'), bound='ge', unit='亩', scale=0)
    >>> read_number("约 12.5")
    Number(value=Decimal('12.5'), bound='approx', unit='', scale=0)
    """
    if isinstance(cell, bool):
        raise CellError("intake-number-text", text=text_of_cell(cell))
    if isinstance(cell, int):
        return Number(Decimal(cell))
    if isinstance(cell, float):
        if cell in (float("inf"), float("-inf")):
            raise CellError("intake-number-text", text=str(cell))
        return Number(decimal_of(cell))
    if isinstance(cell, Decimal):
        return Number(cell)
    if not isinstance(cell, str):
        raise CellError("intake-number-text", text=text_of_cell(cell))
    return _read_text(cell)


def _read_text(cell: str) -> Number:
    text = narrow(cell).lstrip("'").strip()
    match = _SHAPE.match(text)
    if match is None:
        code = "intake-number-range" if _RANGE.search(text) else "intake-number-text"
        raise CellError(code, text=cell.strip())
    digits = match["digits"].strip()
    if not _GROUPED.match(digits) or bool(match["open"]) != bool(match["close"]):
        raise CellError("intake-number-text", text=cell.strip())
    value = Decimal(re.sub(r"[,， ]", "", digits))
    if match["exponent"]:
        value = value.scaleb(int(match["exponent"]))
    if match["sign"] in ("-", "−") or match["open"]:
        value = -value
    unit, scale = _unit_of(match["unit"], cell)
    if match["currency"]:
        unit = _with_currency(match["currency"].casefold(), unit, scale)
        scale = 0
    return Number(value, _bound_of(match), unit, scale)


def _bound_of(match: re.Match[str]) -> str:
    if match["ge"] or match["few"] or match["few2"] or match["after"] == "以上":
        return "ge"
    if match["le"] or match["after"] in ("以下", "以内"):
        return "le"
    if match["approx"] or match["after"] in ("左右", "上下"):
        return "approx"
    return ""


def _unit_of(text: str, cell: str) -> tuple[str, int]:
    name = text.strip()
    if not name:
        return "", 0
    if name in _SCALES:
        return "", _SCALES[name]
    if units.known_unit(name):
        return units.unit(name).code, 0
    raise CellError("intake-unit-unknown", text=cell.strip(), unit=name)


def _with_currency(sign: str, unit: str, scale: int) -> str:
    base = _CURRENCY[sign]
    prefix = {0: "", 3: "千", 4: "万", 6: "百万", 8: "亿"}.get(scale, "")
    if unit and units.unit(unit).dimension == "cny" and base == "美元":
        candidate = unit.replace("元", "美元")
        return candidate if units.known_unit(candidate) else base
    if unit:
        return unit
    candidate = f"{prefix}{base}"
    return candidate if units.known_unit(candidate) else base
