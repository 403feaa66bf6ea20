"""The kinds of monthly return as data: what each asks for, of whom, until when, by which rules.

``steering/data/returns.toml`` holds them. A sheet's columns are fields of the exchanged tables
(`core.schema`) or fields of the return alone; where a column's values become records, `Into` says
of which table and field.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from zonewright.core.errors import SchemaError, UnknownReferenceError
from zonewright.core.findings import Severity
from zonewright.core.periods import Period
from zonewright.core.schema import Field, all_tables
from zonewright.steering.catalogue import load

RowKind = Literal["records", "open", "indicators"]
_INTO = re.compile(r"^(\w+)(?:\[(\w+)=([\w{}]+)\])?\.(\w+)$")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Into:
    """What a column's values become once the return is locked.

    Parameters
    ----------
    table, field
        Table and field of ``core.schema``.
    fixed
        Other fields of the record's key and their values: ``{"stage": "L3"}``; a ``period`` is
        ``month`` or ``ytd``. ``{service}`` in a value stands for what a row's key column
        ``service`` says.
    """

    table: str
    field: str
    fixed: tuple[tuple[str, str], ...] = ()

    def of_row(self, key_column: str, key: str) -> Mapping[str, str]:
        """Return `fixed` as it is for a row.

        Examples
        --------
        >>> into = Into("observations", "value", (("indicator", "{service}_demand"),))
        >>> into.of_row("service", "water")["indicator"]
        'water_demand'
        """
        return {name: said.replace(f"{{{key_column}}}", key) for name, said in self.fixed}


@dataclass(frozen=True, slots=True)
class ReturnColumn:
    """A column of a return's sheet.

    Parameters
    ----------
    field
        Name, kind, base unit, choices and whether it must be filled in.
    given
        Whether the workspace fills it in and whoever reports may not change it.
    carried
        Whether it starts with the present value and may be changed.
    shows_last
        Whether last month's value is shown beside it.
    lapses
        Values that hold for one year (``*``: all): once a new year begins, one that the ledger
        still says is left open.
    unit
        Unit in which it is shown and filled in (亩, 万元); empty for a field without unit.
    into
        What its values become; None if they stay in the return.
    reads
        Where its value is read that the workspace fills in; None if it is computed.
    """

    field: Field
    given: bool = False
    carried: bool = False
    shows_last: bool = False
    lapses: tuple[str, ...] = ()
    unit: str = ""
    into: Into | None = None
    reads: Into | None = None

    @property
    def name(self) -> str:
        """Name of the field."""
        return self.field.name


@dataclass(frozen=True, slots=True)
class ReturnSheet:
    """A sheet of a return.

    Parameters
    ----------
    table
        Table of ``core.schema`` whose records the rows are of; empty if the rows stay in the
        return.
    rows
        ``records``: one row a record of the zone (or, without a table, one for each choice of the
        key column), none may be added; ``open``: free rows; ``indicators``: one row an indicator of
        `indicators`, with its unit.
    key
        Name of the column that names what a row is of; empty for free rows without a key.
    indicators
        Codes of the indicators of an ``indicators`` sheet.
    where
        Field to value that a record must have, ``!value`` must not have.
    carry
        Whether it starts with last month's rows; of rows that stay in the return alone.
    starts
        ``orders`` if it also starts with the orders of the zone; else empty.
    """

    code: str
    zh: str
    en: str
    table: str
    rows: RowKind
    columns: tuple[ReturnColumn, ...]
    key: str = ""
    indicators: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    carry: bool = False
    starts: str = ""

    def label(self, lang: str = "en") -> str:
        """Return the sheet's name in a language."""
        return self.zh if lang == "zh" else self.en

    def reports(self, into: Into) -> tuple[str, ...]:
        """Return the indicators to which its rows report by one of its columns."""
        if self.rows == "indicators" or "indicator" not in dict(into.fixed):
            return self.indicators
        keys = self.column(self.key).field.choices
        return tuple(into.of_row(self.key, key)["indicator"] for key in keys)

    def row_unit(self, column: ReturnColumn, key: str) -> str:
        """Return the unit of a number in a row that reports to indicators; empty if none does.

        All numbers of such a row are in one unit, also those that stay in the return.

        Examples
        --------
        >>> sheet = kind("supply").sheet("supply")
        >>> [sheet.row_unit(sheet.column("spare"), key) for key in ("power", "heat")]
        ['MW', 't/h']
        """
        if self.rows == "indicators" or column.field.kind != "number":
            return ""
        for other in self.columns:
            if other.into is not None and "indicator" in dict(other.into.fixed):
                found = load().get(other.into.of_row(self.key, key)["indicator"])
                return found.unit if found else ""
        return ""

    def column(self, name: str) -> ReturnColumn:
        """Return a column by its field's name.

        Raises
        ------
        UnknownReferenceError
            If there is none.
        """
        for column in self.columns:
            if column.field.name == name:
                return column
        known = ", ".join(column.field.name for column in self.columns)
        raise UnknownReferenceError("return-column-unknown", name=name, sheet=self.zh, known=known)


@dataclass(frozen=True, slots=True)
class ReturnRule:
    """A rule that a return's rows are checked by (`steering.returns.rules`).

    Parameters
    ----------
    rule
        Name of the check.
    sheet
        Code of the sheet whose rows it looks at.
    severity
        ``error`` keeps the return from being submitted; ``warning`` and ``info`` do not.
    params
        What the check is told: names of fields, limits, tolerances.
    """

    rule: str
    sheet: str
    severity: Severity
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReturnKind:
    """A kind of return.

    Parameters
    ----------
    due_day
        Day of the next month by which it is to be submitted.
    months
        Months of the year for which it is asked.
    """

    code: str
    zh: str
    en: str
    due_day: int
    sheets: tuple[ReturnSheet, ...]
    rules: tuple[ReturnRule, ...]
    months: tuple[int, ...] = tuple(range(1, 13))

    def label(self, lang: str = "en") -> str:
        """Return the kind's name in a language."""
        return self.zh if lang == "zh" else self.en

    def sheet(self, code: str) -> ReturnSheet:
        """Return a sheet by its code.

        Raises
        ------
        UnknownReferenceError
            If there is none.
        """
        for sheet in self.sheets:
            if sheet.code == code:
                return sheet
        known = ", ".join(sheet.code for sheet in self.sheets)
        raise UnknownReferenceError("return-sheet-unknown", name=code, kind=self.zh, known=known)

    def due_on(self, period: str) -> date:
        """Return the day by which the return of a month (``2023-04``) is to be submitted.

        Examples
        --------
        >>> kind("works").due_on("2023-12")
        datetime.date(2024, 1, 5)
        """
        first = Period.parse(period).last + 1
        return date(first // 12, first % 12 + 1, self.due_day)

    def asked(self, period: str) -> bool:
        """Return whether it is asked for a month."""
        return Period.parse(period).last_month in self.months


@cache
def kinds() -> Mapping[str, ReturnKind]:
    """Return every kind of return by code, in the order of the exchanged tables."""
    return MappingProxyType({item["code"]: _kind(item) for item in _data()["kinds"]})


@cache
def owing() -> tuple[str, ...]:
    """Return the kinds of zone that owe returns where nobody was granted to report for a zone."""
    return tuple(_data()["owed_by"])


@cache
def separate() -> bool:
    """Return whether who makes, checks and approves a return must be different people."""
    return bool(_data()["separate"])


def kind(code: str) -> ReturnKind:
    """Return a kind of return.

    Raises
    ------
    UnknownReferenceError
        If there is none of that code.
    """
    found = kinds().get(code)
    if found is None:
        raise UnknownReferenceError("return-kind-unknown", kind=code, known=", ".join(kinds()))
    return found


@cache
def _data() -> Mapping[str, Any]:
    text = (files("zonewright.steering") / "data" / "returns.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _kind(item: Mapping[str, Any]) -> ReturnKind:
    sheets = tuple(_sheet(sheet) for sheet in item["sheets"])
    known = {sheet.code for sheet in sheets}
    rules = tuple(_rule(rule, sheets[0].code) for rule in item.get("rules", ()))
    for rule in rules:
        if rule.sheet not in known:
            raise SchemaError("return-data", where=item["code"], what=rule.sheet)
    months = tuple(item.get("months", range(1, 13)))
    return ReturnKind(item["code"], item["zh"], item["en"], item["due_day"], sheets, rules, months)


def _rule(item: Mapping[str, Any], sheet: str) -> ReturnRule:
    params = {name: value for name, value in item.items() if name not in ("rule", "severity")}
    return ReturnRule(item["rule"], params.pop("sheet", sheet), item["severity"], params)


def _sheet(item: Mapping[str, Any]) -> ReturnSheet:
    table = item.get("table", "")
    columns = tuple(_column(column, table) for column in item["columns"])
    names = [column.field.name for column in columns]
    key = item.get("key", next((c.field.name for c in columns if c.field.key), ""))
    if len(set(names)) < len(names) or (key and key not in names):
        raise SchemaError("return-data", where=item["code"], what=key or str(names))
    return ReturnSheet(
        item["code"], item["zh"], item["en"], table, item["rows"], columns, key,
        tuple(item.get("indicators", ())), MappingProxyType(item.get("where", {})),
        bool(item.get("carry")), item.get("starts", ""),
    )  # fmt: skip


def _column(item: Mapping[str, Any], table: str) -> ReturnColumn:
    """Return a column: a field of a table, or one described here; what it says itself counts."""
    into = _into(item, table)
    known = all_tables()[into.table][into.field] if into else None
    base = known or Field(
        item["name"], item["kind"], item.get("unit", ""), False, False, "", "", {}
    )
    choices = _choices(item["choices"]) if "choices" in item else base.choices
    own = replace(
        base,
        name=item["name"],
        zh=item.get("zh", base.zh),
        en=item.get("en", base.en),
        kind=item.get("kind", base.kind),
        required=item.get("required", False),
        key=item.get("key", False),
        choices=choices,
        note=item.get("note", ""),
    )
    if not own.zh or not own.en:
        raise SchemaError("return-data", where=item["name"], what="zh, en")
    return ReturnColumn(
        own,
        given=item.get("given", False),
        carried=item.get("carried", False),
        shows_last=item.get("last", False),
        lapses=tuple(item.get("lapses", ())),
        unit=item.get("shown", own.unit),
        into=None if item.get("given", False) and not own.key else into,
        reads=into,
    )


def _choices(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split("|"))
    return {code: label or code for code, _, label in pairs}


def _into(item: Mapping[str, Any], table: str) -> Into | None:
    said = item.get("into", "")
    if match := _INTO.match(said):
        name, key, value, target = match.groups()
        if target not in {column.name for column in all_tables()[name].fields}:
            raise SchemaError("return-data", where=item["name"], what=said)
        return Into(name, target, ((key, value),) if key else ())
    if table and not said and "kind" not in item:
        return Into(table, item["name"])
    return None
