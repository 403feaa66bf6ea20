"""Read a column's caption: its words, unit and period, and whether it is of a month or a year.

A caption may stand in several rows (完成投资 over 当月 and 年累). `Caption.variants` gives the
texts under which a column may be known, best first.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from zonewright.core import units
from zonewright.core.periods import Period
from zonewright.intake.dates import find_period
from zonewright.intake.wording import key_of

_BRACKETS = re.compile(r"[(\[{【〔<《（]([^()\[\]{}【】〔〕<>《》（）]*)[)\]}】〕>》）]")
_SUFFIX_UNITS = sorted(
    {
        name
        for unit in units.UNITS.values()
        if unit.dimension in ("area", "cny", "usd", "energy")
        for name in (unit.code, *unit.aliases)
        if len(name) > 1 or name in ("亩", "元")
    },
    key=len,
    reverse=True,
)
_LATIN_UNITS = re.compile(r"[_\s](mu|ha|km2|m2|kwh|cny|usd)$", re.IGNORECASE)
_SPAN = re.compile(
    r"(?:\d{4}年)?0?1月?[-—–~～―至到](?:\d{1,2}月份?|本月|当月)(?:止)?(?:累计)?|年初至今|年初累计|自年初累计"
    r"|(?:本年度?|今年|年度)累计|年累计?"
)
_ONE_MONTH = re.compile(r"(?:\d{4}年)?\d{1,2}月份?(?:当月)?|当月|本月")
_PLAIN_AMOUNT = re.compile(r"^(?:金额|数额)(?:\((.*)\))?$")
_YEAR = re.compile(r"\d{4}年度?")


@dataclass(frozen=True, slots=True)
class Variant:
    """One reading of a caption: the key to look up, its unit, its basis and period."""

    key: str
    unit: str = ""
    basis: str = ""
    period: Period | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption of one or more rows, outermost group first."""

    parts: tuple[str, ...]
    year: int | None = None

    @property
    def text(self) -> str:
        """The caption on one line, as a reader would quote it."""
        return " ".join(re.sub(r"\s+", "", part) for part in self.parts)

    def variants(self) -> tuple[Variant, ...]:
        """Return the texts under which the column may be known, best first."""
        parts = [_half(part) for part in self.parts]
        unit = ""
        if len(parts) > 1 and units.known_unit(_bare_brackets(parts[-1])):
            unit = units.unit(_bare_brackets(parts.pop())).code
        joined = ["".join(parts)]
        if len(parts) > 1:
            joined += ["".join(reversed(parts)), parts[-2] + parts[-1], parts[-1] + parts[-2]]
            joined.append(parts[-1])
        found: dict[tuple[str, str], Variant] = {}
        for order, text in enumerate(joined):
            for variant in _readings(text, self.year):
                ranked = Variant(
                    variant.key,
                    variant.unit or unit,
                    variant.basis,
                    variant.period,
                    variant.rank + 2 * order,
                )
                found.setdefault((ranked.key, ranked.basis), ranked)
        if len(self.parts) > 1 and (match := _PLAIN_AMOUNT.match(parts[-1])):
            # 年累 over 金额 and 完成率: the amount is that of the caption above it.
            inner = match[1] if match[1] and units.known_unit(match[1]) else ""
            for variant in Caption(self.parts[:-1], self.year).variants():
                own = units.unit(inner).code if inner else variant.unit
                ranked = replace(variant, unit=own, rank=variant.rank + 3)
                found.setdefault((ranked.key, ranked.basis), ranked)
        return tuple(found.values())


def _half(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).strip("*")


def _bare_brackets(text: str) -> str:
    return re.sub(r"^(?:单位)?[:：]?", "", text.strip("()[]（）【】"))


def _readings(text: str, year: int | None) -> list[Variant]:
    """Return the readings of one line: as it stands, without its unit, without its period."""
    found = []
    for body, unit, rank in _without_unit(text):
        found.append(Variant(key_of(body), unit, "", None, rank))
        if match := _SPAN.search(body):
            rest = body[: match.start()] + body[match.end() :]
            # "To this month" names no month: that of the row or of the title counts.
            open_end = any(word in match[0] for word in ("本月", "当月"))
            period = None if open_end else find_period(match[0], year=year)
            found.append(Variant(key_of(rest), unit, "ytd", period, rank + 1))
        elif match := _ONE_MONTH.search(body):
            rest = body[: match.start()] + body[match.end() :]
            period = find_period(match[0], year=year)
            found.append(Variant(key_of(rest), unit, "month", period, rank + 1))
        if match := _YEAR.search(body):
            rest = body[: match.start()] + body[match.end() :]
            found.append(Variant(key_of("年度" + rest), unit, "", None, rank + 1))
            found.append(Variant(key_of(rest), unit, "", None, rank + 1))
    return found


def _without_unit(text: str) -> list[tuple[str, str, int]]:
    found = []
    unit, notes = "", []
    for content in _BRACKETS.findall(text):
        inner = content.removeprefix("单位").lstrip(":：")
        named = [part for part in re.split(r"[,，;；、]", inner) if units.known_unit(part)]
        if named and not unit:
            unit = units.unit(named[0]).code
        elif not named:
            notes.append(content)
    bare = _BRACKETS.sub("", text)
    if notes or unit == "%":
        kept = bare + "".join(notes) + ("%" if unit == "%" else "")
        found.append((kept, unit, 0))
    found.append((bare, unit, 0 if not notes else 1))
    if not unit:
        folded = bare.casefold()
        for name in _SUFFIX_UNITS:
            if folded.endswith(name.casefold()) and len(bare) > len(name):
                body = bare[: -len(name)].rstrip("_:：/")
                found.append((body, units.unit(name).code, 2))
                break
        if match := _LATIN_UNITS.search(bare):
            found.append((bare[: match.start()], units.unit(match[1]).code, 1))
    return found
