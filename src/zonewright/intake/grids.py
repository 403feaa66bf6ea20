"""A sheet as a grid of cells, whatever kind of file it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Cell = object
Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of one sheet.

    Parameters
    ----------
    name
        Name of the sheet; empty for a CSV file.
    rows
        Cells by row and column, from A1; every row is equally long; None is an empty cell.
    merges
        Merged ranges: first row, first column, last row, last column, from 0.
    percents
        Cells that are formatted as a percentage; None if the file does not say.
    faults
        Cells that hold an Excel error (its text), or a formula without its result (``"="``).
    hidden, hidden_rows, hidden_columns
        Whether the sheet is hidden, and which of its rows and columns are.
    """

    name: str
    rows: list[list[Cell]]
    merges: tuple[tuple[int, int, int, int], ...] = ()
    percents: frozenset[Position] | None = None
    faults: Mapping[Position, str] = field(default_factory=dict)
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.rows[0]) if self.rows else 0


def letter_of(index: int) -> str:
    """Return the letter of a column, counted from 0.

    Examples
    --------
    >>> letter_of(0), letter_of(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def index_of(letters: str) -> int:
    """Return the index of a column letter, counted from 0.

    Examples
    --------
    >>> index_of("AB")
    27
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
