"""The polygons of a GeoPackage's table, read page by page where nothing about it is unusual."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import at_once
from zonewright.intake import _pages
from zonewright.land.flat import STRANGE, Flat, flat_in, join_flats

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

_HEADER = b"SQLite format 3\0"
_PAGES_AT_ONCE = 256
# Fewer pages are not worth a second thread.
_FEW = 2_048
# Bytes after the last page that a damaged one may point to.
_MARGIN = 32
# Combinations of values that a condition is judged for, and the words of one.
_COMBINATIONS, _KEY_WORDS = 1_024, 32
# Rows whose records continue in further pages, of a hundred, before another way is faster.
_MOST_SPILT = 5
_SHAPES = re.compile(r"(?:(?:Multi)?Polygon|Unknown)\b")
_TOKEN = re.compile(
    r"""\s*(?:'(?:[^']|'')*'|-?\d+(?:\.\d+)?|<>|[<>!=]=|[<>=(),]
    |(?:"(?P<quoted>[^"]+)"(?!")|(?P<word>[^\W\d]\w*))(?P<call>\s*\()?)\s*""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "not", "in", "is", "null", "between"})


class UnusualError(Exception):
    """The file is none that is read here, which says nothing against it."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a table's rows lie.

    Parameters
    ----------
    name, number
        Names of the table and of its number column, as SQL.
    own, shape
        Positions of the columns of the number and of the polygon.
    asked
        Positions of the columns that the condition names, ascending.
    where
        The condition.
    """

    name: str
    number: str
    own: int
    shape: int
    asked: Ints
    where: str | None


def rows_in_pages(
    path: Path, info: dict[str, Any], *, layer: str, where: str | None
) -> tuple[Flat, Ints] | None:
    """Return the polygons of a layer and their numbers; None if it is not read here.

    Parameters
    ----------
    path, layer
        A file and its layer.
    info
        What `pyogrio.read_info` says of it.
    where
        Condition in SQL; None means all rows.

    Notes
    -----
    SQLite keeps the lock under which no one writes to the file, and judges the condition: for each
    combination of values that rows have in the columns that it names, at one row that has it. So
    only conditions are taken that compare columns with constants.
    """
    if info["driver"] != "GPKG" or not hasattr(os, "preadv"):
        return None
    if not _SHAPES.match(info["geometry_type"] or "") or not info["fid_column"]:
        return None
    try:
        with _locked(path) as (database, file):
            table, root = _table(database, info, layer, where)
            return _Reader(database, file, table).read(root)
    except (UnusualError, sqlite3.Error, OSError, IndexError, UnicodeDecodeError):
        return None


def load() -> None:
    """Load the compiled code, on a page without rows."""
    memory = np.zeros(512 + _MARGIN, np.uint8)
    memory[0] = 13
    cell = np.empty((_pages.count_cells(memory, 1, 512), 5), dtype=np.int64)
    _pages.cells_of(memory, 1, 512, 512, cell)
    table = _Table("", "", 0, 1, np.empty(0, dtype=np.int64), None)
    number, begin, end = _Judged(table, lambda rows: rows > 0).met(memory, cell)
    flat_in(memory, begin, end, end > number)


@contextmanager
def _locked(path: Path) -> Iterator[tuple[sqlite3.Connection, int]]:
    """Give a connection that keeps others from writing, and the file as it is on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        header = os.pread(file, 100, 0)
        # Bytes 18 and 19 tell whether changes go to a file of their own, in which rows may lie.
        if header[:16] != _HEADER or header[18:20] != b"\1\1":
            raise UnusualError
        uri = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, check_same_thread=False)) as database:
            database.isolation_level = None
            database.execute("BEGIN")
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            before = os.pread(file, 100, 0), os.fstat(file).st_mtime_ns
            yield database, file
            # Closing a file gives up all locks that its process has on it, another thread's too.
            if (os.pread(file, 100, 0), os.fstat(file).st_mtime_ns) != before:
                raise UnusualError
    finally:
        os.close(file)


def _table(
    database: sqlite3.Connection, info: dict[str, Any], layer: str, where: str | None
) -> tuple[_Table, int]:
    """Return a layer's table and its first page."""
    found = database.execute(
        "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?", (layer,)
    ).fetchall()
    name = _quoted(layer)
    columns = database.execute(f"PRAGMA table_xinfo({name})").fetchall()
    names = [str(column[1]) for column in columns]
    drawn = str(info.get("geometry_name"))
    keys = [names[column[0]] for column in columns if column[5]]
    if len(found) != 1 or not found[0][0] or keys != [info["fid_column"]]:
        raise UnusualError
    # A column that is computed has no place in the records.
    if any(column[6] for column in columns) or drawn not in names:
        raise UnusualError
    own, shape = names.index(keys[0]), names.index(drawn)
    asked = [] if where is None else _asked(where, names)
    if {own, shape} & set(asked) or (where is not None and not asked):
        raise UnusualError
    positions = np.array(asked, dtype=np.int64)
    return _Table(name, _quoted(keys[0]), own, shape, positions, where), int(found[0][0])


def _asked(where: str, names: list[str]) -> list[int]:
    """Return the positions of the columns that a condition of plain comparisons names."""
    place = {name.casefold(): position for position, name in enumerate(names)}
    found = set()
    at = 0
    while at < len(where):
        token = _TOKEN.match(where, at)
        if token is None:
            raise UnusualError
        at = token.end()
        word = token["quoted"] or token["word"]
        if word is None or (token["word"] and word.casefold() in _WORDS):
            continue
        if word.casefold() not in place or token["call"]:
            raise UnusualError
        found.add(place[word.casefold()])
    return sorted(found)


class _Reader:
    """Reads the pages of a table."""

    def __init__(self, database: sqlite3.Connection, file: int, table: _Table) -> None:
        header = os.pread(file, 100, 0)
        size = int.from_bytes(header[16:18], "big")
        self.database, self.file, self.table = database, file, table
        self.size = 65_536 if size == 1 else size
        self.usable = self.size - header[20]
        self.pages = os.fstat(file).st_size // self.size
        self.asking = threading.Lock()

    def read(self, root: int) -> tuple[Flat, Ints]:
        """Return the polygons of the rows that meet the condition, and their numbers."""
        leaves = self._leaves(root)
        middle = len(leaves) // 2 if len(leaves) >= _FEW else len(leaves)
        parts = [leaves[:middle], leaves[middle:]] if middle < len(leaves) else [leaves]
        found = at_once([partial(self._rows, part) for part in parts])
        flats = [flat for half, _ in found for flat in half]
        return join_flats(flats), np.concatenate([rows for _, half in found for rows in half])

    def _leaves(self, root: int) -> Ints:
        """Return the pages with the rows, in the order of their numbers."""
        level = np.array([root], dtype=np.int64)
        while self._page(level[0])[0] == 5:
            level = np.concatenate([_children(self._page(page)) for page in level])
            if len(level) > self.pages or level.min() < 1 or level.max() > self.pages:
                raise UnusualError
        return level

    def _page(self, number: int) -> Bytes:
        page = os.pread(self.file, self.size, (int(number) - 1) * self.size)
        return np.frombuffer(page, np.uint8)

    def _rows(self, leaves: Ints) -> tuple[list[Flat], list[Ints]]:
        """Return the rows of some pages, part by part."""
        memory = np.zeros(min(len(leaves), _PAGES_AT_ONCE) * self.size + _MARGIN, np.uint8)
        judged = _Judged(self.table, self._judge)
        flats, numbers = [], []
        for first in range(0, len(leaves), _PAGES_AT_ONCE):
            pages = leaves[first : first + _PAGES_AT_ONCE]
            self._load(pages, memory)
            cell, data = self._cells(memory, len(pages))
            number, begin, end = judged.met(data, cell)
            flat = flat_in(data, begin, end, end > 0)
            if (flat.state == STRANGE).any():
                raise UnusualError
            flats.append(flat)
            numbers.append(number)
        return flats, numbers

    def _judge(self, rows: Ints) -> Flags:
        """Return which of some rows meet the condition."""
        table, listed = self.table, ", ".join(str(row) for row in rows)
        # The condition is its user's own, on their own file, which is open for reading only.
        query = (
            f"SELECT {table.number} FROM (SELECT * FROM {table.name} "  # noqa: S608
            f"WHERE {table.number} IN ({listed})) WHERE {table.where}"
        )
        with self.asking:
            met = self.database.execute(query).fetchall()
        return np.isin(rows, [row for (row,) in met])

    def _load(self, pages: Ints, memory: Bytes) -> None:
        at = 0
        for run in np.split(pages, np.flatnonzero(np.diff(pages) != 1) + 1):
            size = len(run) * self.size
            begin = (int(run[0]) - 1) * self.size
            if os.preadv(self.file, [memory[at : at + size].data], begin) != size:
                raise UnusualError
            at += size

    def _cells(self, memory: Bytes, pages: int) -> tuple[Ints, Bytes]:
        """Return where the records of some pages lie, and in which memory."""
        count = _pages.count_cells(memory, pages, self.size)
        cell = np.empty((max(count, 0), 5), dtype=np.int64)
        if count < 0 or not _pages.cells_of(memory, pages, self.size, self.usable, cell):
            raise UnusualError
        spilt = np.flatnonzero(cell[:, _pages.SPILL])
        if not len(spilt):
            return cell, memory
        if 100 * len(spilt) > _MOST_SPILT * len(cell):
            raise UnusualError
        parts, at = [memory], len(memory)
        for place in spilt:
            record = self._record(memory, cell[place])
            parts.append(record)
            cell[place, _pages.BEGIN], cell[place, _pages.END] = at, at + len(record)
            at += len(record)
        # A whole number of words.
        return cell, np.concatenate([*parts, np.zeros(_MARGIN - at % 8, np.uint8)])

    def _record(self, memory: Bytes, cell: Ints) -> Bytes:
        """Return a record that continues in further pages."""
        _, begin, end, size, page = (int(value) for value in cell)
        if size > self.pages * self.size:
            raise UnusualError
        parts, left = [memory[begin:end]], size - (end - begin)
        while left > 0:
            if not 1 <= page <= self.pages:
                raise UnusualError
            data = self._page(page)
            page = int.from_bytes(data[:4].tobytes(), "big")
            parts.append(data[4 : min(self.usable, 4 + left)])
            left -= len(parts[-1])
        return np.concatenate(parts)


@dataclass(slots=True)
class _Judged:
    """Combinations of values, and which of them meet the condition."""

    table: _Table
    judge: Callable[[Ints], Flags]
    known: int = 0
    meets: Flags = field(default_factory=lambda: np.ones(_COMBINATIONS, np.bool_))
    seen: Words = field(
        default_factory=lambda: np.zeros((4 * _COMBINATIONS, _KEY_WORDS), np.uint64)
    )
    example: Ints = field(default_factory=lambda: np.empty(_COMBINATIONS, np.int64))

    def met(self, data: Bytes, cell: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the numbers of the rows that meet the condition, and where their WKB lies."""
        table = self.table
        code, begin, end = np.empty((3, len(cell)), dtype=np.int64)
        known = _pages.records_of(
            data, data.view(np.uint64), cell, table.own, table.shape, table.asked, code, begin,
            end, self.seen, self.example, self.known,
        )  # fmt: skip
        if known < 0:
            raise UnusualError
        if known > self.known and table.where is not None:
            self.meets[self.known : known] = self.judge(self.example[self.known : known])
        self.known = known
        number = cell[:, _pages.NUMBER].copy()
        count = _pages.keep(number, begin, end, code, self.meets)
        return number[:count], begin[:count], end[:count]


def _children(page: Bytes) -> Ints:
    """Return the pages below one, from the lowest numbers to the highest."""
    if page[0] != 5:
        raise UnusualError
    count = int(page[3]) << 8 | int(page[4])
    cells = page[12 : 12 + 2 * count].copy().view(">u2").astype(np.int64)
    place = np.append(cells, 8)
    return np.asarray(page[place[:, None] + np.arange(4)].view(">u4")[:, 0], dtype=np.int64)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
