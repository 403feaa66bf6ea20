"""The board as the desk draws it: rows of zones, cells with colour, sign, word and numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from zonewright.report import numbers
from zonewright.report.theme import SIGNS
from zonewright.steering.pace import DEFAULT_THRESHOLDS, Colour
from zonewright.web import language
from zonewright.web.board_asked import Asked
from zonewright.workflows.board import Board, BoardCell, BoardZone

# From this many zones on the board opens with the zones below the first ones folded away.
FOLDED_FROM = 60
COLOURS: tuple[Colour, ...] = ("blue", "green", "yellow", "red")


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell as it is drawn; without a target only its value, without a value nothing.

    Parameters
    ----------
    indicator, label
        Code and name of the indicator.
    address
        Where the cell is explained.
    colour, sign, word
        Standing; empty without a target.
    completion, ahead
        Done of the target, and the points ahead of its curve.
    value, target
        With their unit.
    number
        The value without it: the head of its column says the unit.
    short
        The standing in a word or two.
    part, part_label
        How many have reported, in figures and in words; empty where all have.
    """

    indicator: str
    label: str
    address: str
    colour: str = ""
    sign: str = ""
    word: str = ""
    completion: str = ""
    ahead: str = ""
    value: str = ""
    target: str = ""
    number: str = ""
    short: str = ""
    part: str = ""
    part_label: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not self.value and not self.target


@dataclass(frozen=True, slots=True)
class RowView:
    """A zone of the board; `has_below` tells whether the rows after it lie in it."""

    code: str
    name: str
    depth: int
    has_below: bool
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class HeadView:
    """The head of a column; `order` is what ``aria-sort`` says."""

    code: str
    label: str
    unit: str
    address: str
    order: str


@dataclass(frozen=True, slots=True)
class KeyView:
    """An entry of the legend: colour, sign, what it means, and how many cells have it."""

    colour: str
    sign: str
    meaning: str
    count: int


def heads(shown: Board, asked: Asked) -> list[HeadView]:
    """Return the heads of the indicators' columns."""
    lang = language.current()
    found = []
    for item in shown.indicators:
        order = "none"
        if asked.sort == item.code:
            order = "descending" if asked.best else "ascending"
        address = reverse("board") + asked.sorted_by(item.code).whole_query
        unit = numbers.unit_label(item.unit, lang)
        found.append(HeadView(item.code, item.label(lang), unit, address, order))
    return found


def rows(shown: Board, asked: Asked) -> list[RowView]:
    """Return the zones that are asked for, in the order that is asked for."""
    zones = [zone for zone in shown.zones if _is_wanted(shown.row(zone.code), asked.only)]
    column = next((item.code for item in shown.indicators if item.code == asked.sort), "")
    if column:
        zones.sort(key=lambda zone: _rank(shown.cell(zone.code, column), best=asked.best))
    flat = bool(column or asked.only)
    lang = language.current()
    labels = {item.code: item.label(lang) for item in shown.indicators}
    return [
        RowView(
            code=zone.code,
            name=zone.label(lang),
            depth=0 if flat else zone.depth,
            has_below=not flat and _has_below(zones, place),
            cells=tuple(
                cell_view(cell, labels[cell.indicator], asked.query)
                for cell in shown.row(zone.code)
            ),
        )
        for place, zone in enumerate(zones)
    ]


def _is_wanted(cells: Iterable[BoardCell], only: str) -> bool:
    if only == "behind":
        return any(cell.is_behind for cell in cells)
    return not only or any(cell.target is not None for cell in cells)


def _rank(cell: BoardCell | None, *, best: bool) -> tuple[int, float]:
    """Rank by the points ahead; after those without a pace by value, the largest first."""
    if cell is not None and cell.ahead_pp is not None:
        return 0, -cell.ahead_pp if best else cell.ahead_pp
    if cell is not None and cell.value is not None:
        return 1, -cell.value
    return 2, 0.0


def _has_below(zones: Sequence[BoardZone], place: int) -> bool:
    return place + 1 < len(zones) and zones[place + 1].depth > zones[place].depth


def cell_view(cell: BoardCell, label: str, query: str = "") -> CellView:
    """Return a cell in the reader's language."""
    lang = language.current()
    colour = cell.colour
    return CellView(
        indicator=cell.indicator,
        label=label,
        address=reverse("board-cell", args=[cell.zone, cell.indicator]) + query,
        colour=colour,
        sign=SIGNS[colour] if colour else "",
        word=cell.word(lang),
        completion=percent(cell.completion_pct),
        ahead=ahead(cell.ahead_pp),
        value="" if cell.value is None else numbers.computed(cell.value, cell.unit, lang),
        target="" if cell.target is None else numbers.computed(cell.target, cell.unit, lang),
        short=short_word(cell),
        part=cell.part.short(lang) if cell.part else "",
        part_label=cell.part.label(lang) if cell.part else "",
        number=""
        if cell.value is None
        else numbers.number(cell.value, numbers.decimals_of(cell.value, cell.unit)),
    )


def short_word(cell: BoardCell) -> str:
    """Return a standing as short as a cell of the board needs it; empty without one."""
    if cell.completion_pct is None or cell.ahead_pp is None:
        return ""
    if cell.completion_pct >= 100:
        return _("met")
    if cell.ahead_pp == 0:
        return _("on pace")
    return _("ahead") if cell.ahead_pp > 0 else _("behind")


def percent(value: float | None) -> str:
    """Return a share with one decimal; empty for none."""
    return "" if value is None else f"{numbers.number(value, 1)}%"


def ahead(value: float | None) -> str:
    """Return points ahead with their sign, to a tenth, or finer where a tenth would say 0."""
    if value is None:
        return ""
    decimals = 1 if abs(value) >= 0.05 or value == 0 else 2
    return f"{'+' if value > 0 else ''}{numbers.number(value, decimals)}"


def legend(shown: Board) -> list[KeyView]:
    """Return what colours and signs mean, and how many cells have each."""
    count = Counter(cell.colour for cell in shown.cells)
    words = meanings()
    return [KeyView(colour, SIGNS[colour], words[colour], count[colour]) for colour in COLOURS]


def meanings() -> Mapping[Colour, str]:
    """Return what each colour says of the points ahead of the target's curve."""
    bounds = DEFAULT_THRESHOLDS
    blue, green, yellow = (
        numbers.number(abs(value)) for value in (bounds.blue, bounds.green, bounds.yellow)
    )
    return {
        "blue": _("%(blue)s points or more ahead of the curve") % {"blue": blue},
        "green": _("within %(green)s points of the curve") % {"green": green},
        "yellow": _("%(green)s to %(yellow)s points behind") % {"green": green, "yellow": yellow},
        "red": _("more than %(yellow)s points behind") % {"yellow": yellow},
    }
