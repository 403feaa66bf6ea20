"""The records behind a figure as a table: searched, sorted, cut into pages, written as CSV."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import ngettext

from zonewright.workflows.figures import DerivationLine

PAGE_ROWS = 200
SHOWN_DECIMALS = 4
GROUPS_SHOWN = 24
Order = Literal["source", "most", "least"]
ORDERS: tuple[Order, ...] = ("source", "most", "least")
CSV_HEADER = (
    "record", "code", "title", "contribution", "unit", "file", "sheet", "row", "column",
    "recorded_at",
)  # fmt: skip
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def search(lines: Sequence[DerivationLine], text: str) -> list[DerivationLine]:
    """Return the lines whose code, title, values or source contain every word of a text."""
    words = text.casefold().split()
    if not words:
        return list(lines)
    return [line for line in lines if all(word in _haystack(line) for word in words)]


def _haystack(line: DerivationLine) -> str:
    found = line.card
    parts = (found.code, found.title, *found.values.values(), str(found.place))
    return " ".join(parts).casefold()


def arrange(lines: Sequence[DerivationLine], order: Order) -> list[DerivationLine]:
    """Return the lines in an order; those without a contribution come last."""
    if order == "source":
        return list(lines)
    sign = -1.0 if order == "most" else 1.0

    def rank(line: DerivationLine) -> tuple[bool, float]:
        amount = line.contribution
        missing = amount is None or math.isnan(amount)
        return missing, 0.0 if missing or amount is None else sign * amount

    return sorted(lines, key=rank)


@dataclass(frozen=True, slots=True)
class Cut:
    """One page of lines: its rows and where it stands among all."""

    rows: tuple[DerivationLine, ...]
    number: int
    pages: int
    total: int
    first: int
    last: int

    @property
    def decimals(self) -> int:
        """Decimals that the contributions of this page need: none if all are whole."""
        given = (row.contribution for row in self.rows)
        whole = all(amount is None or float(amount).is_integer() for amount in given)
        return 0 if whole else SHOWN_DECIMALS


def cut(lines: Sequence[DerivationLine], number: int) -> Cut:
    """Return a page of lines; a number beyond the ends gives the nearest page."""
    pages = max(1, math.ceil(len(lines) / PAGE_ROWS))
    number = min(max(number, 1), pages)
    start = (number - 1) * PAGE_ROWS
    rows = tuple(lines[start : start + PAGE_ROWS])
    first = start + 1 if rows else 0
    return Cut(rows, number, pages, len(lines), first, start + len(rows))


def safe(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_SIGNS):
        return "'" + value
    return value


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Return the text."""
        return text


@dataclass(frozen=True, slots=True)
class Group:
    """What the records of one part, or of one source file, give together."""

    name: str
    count: int
    total: float


def groups(lines: Sequence[DerivationLine]) -> tuple[str, tuple[Group, ...]]:
    """Return how a figure adds up: by its parts (``part``) or by source file (``file``).

    Nothing if there is one group only, or too many to be read.
    """
    parts = {line.part for line in lines}
    own = sum(line.part in ("", line.card.code) for line in lines) > len(lines) / 2
    by, key = ("part", _part) if len(parts) > 1 and not own else ("file", _file)
    found: dict[str, list[float]] = {}
    for line in lines:
        amount = line.contribution
        given = 0.0 if amount is None or math.isnan(amount) else float(amount)
        found.setdefault(key(line), []).append(given)
    if not 1 < len(found) <= GROUPS_SHOWN or not any(any(given) for given in found.values()):
        return by, ()
    made = (Group(name, len(given), math.fsum(given)) for name, given in found.items())
    return by, tuple(sorted(made, key=lambda group: (-group.total, group.name)))


def _part(line: DerivationLine) -> str:
    return line.part


def _file(line: DerivationLine) -> str:
    return line.card.place.file


def hidden_text(count: int) -> str:
    """Return the sentence that says how many records the reader may not see."""
    return ngettext(
        "%(count)s further record lies outside your zones.",
        "%(count)s further records lie outside your zones.",
        count,
    ) % {"count": count}


def to_csv(lines: Iterable[DerivationLine], *, unit: str, note: str = "") -> Iterator[str]:
    """Yield the lines as CSV, with a byte order mark so that Excel reads it as UTF-8.

    Parameters
    ----------
    lines
        The lines.
    unit
        Unit of the contributions.
    note
        A last row that says what is left out; none if empty.
    """
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield str(writer.writerow(CSV_HEADER))
    for line in lines:
        found = line.card
        place = found.place
        amount = line.contribution
        cells = (
            found.record, found.code, found.title, "" if amount is None else amount,
            unit if amount is not None else "", place.file, place.sheet, place.row or "",
            place.column, found.recorded_at,
        )  # fmt: skip
        yield str(writer.writerow([safe(cell) for cell in cells]))
    if note:
        yield str(writer.writerow(["" if name != "title" else note for name in CSV_HEADER]))
