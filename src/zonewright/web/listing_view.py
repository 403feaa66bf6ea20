"""What a reader asks of a ledger, by its address: columns, filters, order, units, page.

The query is read once into an `Asked`; every link of the page is made from it, so that an address
says all that is needed to see the same again, and nothing that was left empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from zonewright.core.errors import PeriodError
from zonewright.core.periods import Period
from zonewright.core.phrases import exact
from zonewright.core.schema import Field
from zonewright.core.units import convert
from zonewright.store.mapping import Mapped, name_of
from zonewright.store.selectors.listing import ColumnInfo, Condition, columns
from zonewright.web import inputs, language, values, words
from zonewright.web.values import HABIT, NUMERIC, SHAPES, UNITS_OF

SIZES = (25, 50, 100, 200)
SHOWN_AT_FIRST = 9
EMPTY = "-"
_RANGED = (*NUMERIC, "date", "month", "year")
_MOST_CHOICES = 100
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a column as it is drawn and as it was filled in.

    Parameters
    ----------
    info
        The column.
    label, unit
        Its name, and the unit in which its range is given.
    form
        ``range``, ``choices``, ``text`` or ``reference``.
    low, high, given
        What was filled in.
    options
        Choices, each with its name and whether it was chosen.
    state
        ``empty`` or ``filled`` if that is asked.
    fault
        What is wrong with it; it then does not count.
    """

    info: ColumnInfo
    label: str
    unit: str
    form: str
    low: str = ""
    high: str = ""
    given: str = ""
    options: tuple[tuple[str, str, bool], ...] = ()
    state: str = ""
    fault: str = ""

    @property
    def name(self) -> str:
        """Name of its inputs."""
        return f"f-{self.info.field}"

    @property
    def input_type(self) -> str:
        """Type of the browser's input for a bound of its range."""
        return {"date": "date", "month": "month"}.get(self.info.kind, "text")

    @property
    def chosen(self) -> tuple[str, ...]:
        """The codes that were chosen."""
        return tuple(code for code, _name, on in self.options if on)

    @property
    def is_set(self) -> bool:
        """Whether anything is asked of the column."""
        return bool(self.low or self.high or self.given or self.state or self.chosen)

    def said(self) -> str:
        """Return what is asked, in the reader's words."""
        if self.state:
            return _("empty") if self.state == "empty" else _("filled in")
        if self.form == "choices":
            return ", ".join(name for _code, name, on in self.options if on)
        if self.form == "range":
            unit = f" {self.unit}" if self.unit else ""
            return f"{self.low or '…'} – {self.high or '…'}{unit}"
        return self.given

    def pairs(self) -> list[tuple[str, str]]:
        """Return its part of an address."""
        found = [(f"{self.name}-min", self.low), (f"{self.name}-max", self.high)]
        found += [(self.name, self.given), (f"{self.name}-is", self.state)]
        found += [(self.name, code) for code in self.chosen]
        return [(name, text) for name, text in found if text]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks of a ledger."""

    mapped: Mapped
    every: tuple[ColumnInfo, ...]
    shown: tuple[ColumnInfo, ...]
    filters: tuple[Filter, ...]
    text: str
    sort: str
    down: bool
    size: int
    number: int
    units: Mapping[str, str]
    default: tuple[ColumnInfo, ...] = field(default=())

    @property
    def name(self) -> str:
        """The ledger's name."""
        return name_of(self.mapped)

    @property
    def active(self) -> tuple[Filter, ...]:
        """The filters of which something is asked."""
        return tuple(item for item in self.filters if item.is_set)

    def query(self, **changes: Any) -> str:
        """Return the address's query, with some of it changed: ``sort``, ``down``, ``number``."""
        other = replace(self, **changes)
        pairs: list[tuple[str, str]] = [("q", other.text)] if other.text else []
        for item in other.filters:
            pairs += item.pairs()
        if other.shown != other.default:
            pairs += [("col", info.field) for info in other.shown]
        pairs += [
            (f"unit-{kind}", code)
            for kind, code in other.units.items()
            if code != HABIT[language.current()][kind]
        ]
        if other.sort:
            pairs.append(("sort", f"-{other.sort}" if other.down else other.sort))
        if other.size != SIZES[0]:
            pairs.append(("size", str(other.size)))
        if other.number > 1:
            pairs.append(("page", str(other.number)))
        return f"?{urlencode(pairs)}" if pairs else "?"

    def without(self, item: Filter) -> str:
        """Return the query without one of its filters."""
        bare = replace(item, low="", high="", given="", state="", options=())
        kept = tuple(bare if other == item else other for other in self.filters)
        return self.query(filters=kept, number=1)

    def conditions(self) -> list[Condition]:
        """Return what the filters ask, in base units; those with a fault are left out."""
        return [
            condition for item in self.active if not item.fault for condition in _conditions(item)
        ]


def read(mapped: Mapped, given: QueryDict) -> Asked:
    """Return what an address asks of a ledger; what cannot be understood is left aside."""
    every = tuple(info for info in columns(mapped.record) if info.kind not in SHAPES)
    default = _at_first(every)
    wanted = given.getlist("col")
    shown = tuple(info for info in every if info.field in wanted) or default
    units = {kind: given.get(f"unit-{kind}", "") for kind in _kinds(every)}
    for kind, code in units.items():
        if code not in UNITS_OF[kind]:
            units[kind] = HABIT[language.current()][kind]
    sort = given.get("sort", "")
    sortable = {info.field for info in every if info.sortable}
    size, number = given.get("size", ""), given.get("page", "")
    return Asked(
        mapped=mapped,
        every=every,
        shown=shown,
        filters=tuple(_filter(mapped, info, given, units) for info in every if info.filterable),
        text=given.get("q", "").strip()[:200],
        sort=sort.removeprefix("-") if sort.removeprefix("-") in sortable else "",
        down=sort.startswith("-"),
        size=int(size) if size in map(str, SIZES) else SIZES[0],
        number=min(max(int(number), 1), 10**7) if number.isdecimal() and len(number) < 9 else 1,
        units=units,
        default=default,
    )


def field_of(info: ColumnInfo) -> Field:
    """Return a column as a field of the dictionary."""
    return Field(
        info.field, info.kind, info.unit, info.required, info.key,  # type: ignore[arg-type]
        info.zh, info.en, info.choices, info.note,
    )  # fmt: skip


def table_of(mapped: Mapped, info: ColumnInfo) -> str:
    """Return the table of whose dictionary a column's choices are."""
    return "parcel_events" if info.computed and info.kind == "choice" else mapped.table


def _at_first(every: Sequence[ColumnInfo]) -> tuple[ColumnInfo, ...]:
    """Return the columns shown if none are chosen: key, computed, then others, texts last."""
    order = {info.field: place for place, info in enumerate(every)}
    ranks = sorted(every, key=lambda info: (_rank(info), order[info.field]))
    return tuple(sorted(ranks[:SHOWN_AT_FIRST], key=lambda info: order[info.field]))


def _rank(info: ColumnInfo) -> int:
    if info.key or info.required:
        return 0
    if info.computed or info.refers:
        return 1
    return {"services": 4, "points": 4, "text": 3}.get(info.kind, 2)


def _kinds(every: Sequence[ColumnInfo]) -> list[str]:
    kinds = {info.kind for info in every}
    return [kind for kind in UNITS_OF if kind in kinds]


def _filter(mapped: Mapped, info: ColumnInfo, given: QueryDict, units: Mapping[str, str]) -> Filter:
    name = f"f-{info.field}"
    shown = values.unit_of(field_of(info), units)
    unit = values.unit_name(shown) if shown and info.kind in NUMERIC else ""
    unit = "" if info.kind == "percent" else unit
    state = given.get(f"{name}-is", "")
    made = Filter(info, info.label(language.current()), unit, "text")
    made = replace(made, state=state if state in ("empty", "filled") else "")
    if info.kind in _RANGED:
        low, high = (given.get(f"{name}-{end}", "").strip()[:40] for end in ("min", "max"))
        fault = _("This range cannot be read; it is left aside.")
        readable = all(_bound(info, text, shown) is not None for text in (low, high) if text)
        return replace(
            made, form="range", low=low, high=high, fault="" if readable else fault
        )  # fmt: skip
    if info.kind == "bool":
        return replace(made, form="choices", options=_yes_or_no(given.getlist(name)))
    if info.choices and info.kind == "choice":
        chosen, table = given.getlist(name), table_of(mapped, info)
        stage = info.field == "stage" and table == "parcel_events"
        options = tuple(
            (
                code,
                (f"{code} " if stage else "") + words.choice(code, f"{table}.{info.field}"),
                code in chosen,
            )
            for code in info.choices
        )
        return replace(made, form="choices", options=options)
    form = "reference" if info.refers else "text"
    return replace(made, form=form, given=given.get(name, "").strip()[:200])


def _yes_or_no(chosen: Sequence[str]) -> tuple[tuple[str, str, bool], ...]:
    return (("true", _("yes"), "true" in chosen), ("false", _("no"), "false" in chosen))


def _bound(info: ColumnInfo, text: str, shown: str) -> object | None:
    """Return an end of a range in the column's base unit; None if it cannot be read."""
    try:
        if info.kind == "date":
            return date.fromisoformat(text)
        if info.kind == "month":
            return Period.parse(text).start_on
        number = Decimal(inputs.plain(text))
    except (ValueError, InvalidOperation, PeriodError):
        return None
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return None
    if info.kind == "year":
        return int(number)
    if info.kind in UNITS_OF and shown != info.unit:
        return exact(convert(number, shown, info.unit))
    return number


def _conditions(item: Filter) -> Iterator[Condition]:
    name = item.info.field
    if item.state:
        yield Condition(name, "empty" if item.state == "empty" else "filled")
    elif item.form == "range":
        shown = _unit_code(item)
        low, high = (_bound(item.info, text, shown) if text else None for text in
                     (item.low, item.high))  # fmt: skip
        yield Condition(name, "between", (low, high))
    elif item.form == "choices":
        if item.info.kind == "bool":
            if len(item.chosen) == 1:
                yield Condition(name, "eq", item.chosen[0])
        else:
            yield Condition(name, "in", item.chosen[:_MOST_CHOICES])
    elif item.form == "reference":
        yield Condition(name, "in", tuple(part for part in _codes(item.given) if part))
    else:
        yield Condition(name, "contains", item.given)


def _codes(text: str) -> list[str]:
    """Return the codes of a reference filter: several may stand apart by commas."""
    return [part.strip() for part in text.replace("，", ",").split(",")][:_MOST_CHOICES]


def _unit_code(item: Filter) -> str:
    """Return the code of a filter's unit, by its name."""
    known = UNITS_OF.get(item.info.kind, ())
    return next((code for code in known if values.unit_name(code) == item.unit), item.info.unit)
