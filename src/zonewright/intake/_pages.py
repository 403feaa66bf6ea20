"""Rows in the pages of a SQLite file: compiled, without a copy of them.

References
----------
SQLite, Database File Format, 1.6 B-tree Pages and 2.1 Record Format; OGC 12-128r18 GeoPackage,
2.1.3 Geometry Encoding.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

# Columns of `cells_of`: the row's number, where its record begins and ends in memory, how many
# bytes it has, and the first page of what the cell has no room for (0: it is whole).
NUMBER, BEGIN, END, SIZE, SPILL = range(5)
# What `records_of` tells of a row instead of the code of its values.
STRANGE, TOO_MANY = -1, -2

_LEAF = 13
_ODD = np.uint64(0x9E3779B97F4A7C15)


@compiled
def _u16(data: Bytes, at: int) -> Whole:
    return np.int64(data[at]) << 8 | np.int64(data[at + 1])


@compiled
def _varint(data: Bytes, at: int) -> tuple[Whole, Whole]:
    """Return a number of one to nine bytes, and where it ends."""
    value = np.int64(data[at])
    if value < 128:
        return value, at + 1
    value &= 127
    for i in range(1, 8):
        byte = np.int64(data[at + i])
        value = value << 7 | (byte & 127)
        if byte < 128:
            return value, at + i + 1
    return value << 8 | np.int64(data[at + 8]), at + 9


@compiled
def count_cells(data: Bytes, pages: int, size: int) -> Whole:
    """Return how many rows some pages have; -1 if one is no leaf of a table."""
    count: Whole = 0
    for page in range(pages):
        if data[page * size] != _LEAF:
            return -1
        count += _u16(data, page * size + 3)
    return count


@compiled
def cells_of(data: Bytes, pages: int, size: int, usable: int, cell: Ints) -> bool:
    """Write where the record of each row lies; return whether all lie within their pages.

    Parameters
    ----------
    data
        Pages one after another, and some bytes more.
    pages, size, usable
        How many there are, their bytes, and those of them that are used.
    cell
        Shape (`count_cells`, 5).
    """
    most = usable - 35
    least = (usable - 12) * 32 // 255 - 23
    i = 0
    for page in range(pages):
        zero = page * size
        count = _u16(data, zero + 3)
        if 8 + 2 * count > usable:
            return False
        for k in range(count):
            at = zero + _u16(data, zero + 8 + 2 * k)
            if at >= zero + usable:
                return False
            length, at = _varint(data, at)
            number, at = _varint(data, at)
            here = length
            if length > most:
                here = least + (length - least) % (usable - 4)
                if here > most:
                    here = least
            spills = length > here
            if length < 0 or at + here + 4 * spills > zero + usable:
                return False
            cell[i, 0], cell[i, 1], cell[i, 2], cell[i, 3] = number, at, at + here, length
            cell[i, 4] = 0
            if spills:
                at += here
                cell[i, 4] = _u16(data, at) << 16 | _u16(data, at + 2)
            i += 1
    return True


@compiled
def records_of(
    data: Bytes, words: Words, cell: Ints, own: int, shape: int, asked: Ints, code: Ints,
    begin: Ints, end: Ints, table: Words, example: Ints, known: int,
) -> Whole:  # fmt: skip
    """Write of each row which values it has in some columns, and where its WKB lies.

    Parameters
    ----------
    data, words, cell
        What `cells_of` has written, and the same bytes by eight.
    own, shape
        Columns of the row's number and of the polygon.
    asked
        Shape (c,): columns whose values tell the rows apart, ascending.
    code, begin, end
        Shape (n,): number of the row's combination of values; where its WKB begins and ends, 0 if
        it has none.
    table, example
        The combinations that are known: a hash table, a power of two large, of the number of each
        (0: the place is free), how many words it has, and these; and the number of a row of each.
    known
        How many are.

    Returns
    -------
    known
        How many combinations are known by now; or `STRANGE` for a record that is not understood,
        `TOO_MANY` if there is no room for the combinations.
    """
    last = shape if not len(asked) else max(shape, asked[-1])
    one = np.empty(table.shape[1] - 2, dtype=np.uint64)
    for i in range(len(cell)):
        at, record_end = cell[i, 1], cell[i, 2]
        length, body = _varint(data, at)
        at, head_end, body = body, at + length, at + length
        if length < 1 or head_end > record_end:
            return STRANGE
        column, place, used = 0, 0, 0
        mixed = np.uint64(0)
        begin[i], end[i] = -1, 0
        while at < head_end and column <= last:
            kind: Whole = np.int64(data[at])
            at += 1
            if kind >= 128:
                kind, at = _varint(data, at - 1)
            size: Whole = (kind - 12) >> 1 if kind >= 12 else _size(kind)
            if size < 0 or at > head_end or body + size > record_end:
                return STRANGE
            if column == own:
                if kind != 0:
                    return STRANGE
            elif column == shape:
                begin[i] = 0
                if kind != 0:
                    begin[i], end[i] = _wkb_begin(data, body, size), body + size
                    if kind < 12 or kind & 1 or begin[i] == 0:
                        return STRANGE
            elif place < len(asked) and asked[place] == column:
                place += 1
                if used + 1 + ((size + 7) >> 3) > len(one):
                    return TOO_MANY
                one[used] = kind
                mixed = (mixed ^ one[used]) * _ODD
                used += 1
                for k in range(0, size, 8):
                    one[used] = _word(words, body + k, size - k)
                    mixed = (mixed ^ one[used]) * _ODD
                    used += 1
            body += size
            column += 1
        if begin[i] < 0:
            return STRANGE
        found = _look_up(one, used, mixed, table, known)
        if found == known:
            if known == len(example):
                return TOO_MANY
            example[known] = cell[i, 0]
            known += 1
        code[i] = found
    return known


@compiled
def _size(kind: int) -> Whole:
    """Return the bytes of a value that is no text; -1 for a kind that there is not."""
    if kind <= 4:
        return kind
    if kind <= 7:
        return 6 if kind == 5 else 8
    return 0 if kind <= 9 else -1


@compiled
def _word(words: Words, at: int, size: int) -> Whole:
    """Return up to eight bytes that begin somewhere as one number."""
    place, shift = at >> 3, np.uint64(8 * (at & 7))
    word = words[place] >> shift
    if shift:
        word |= words[place + 1] << (np.uint64(64) - shift)
    if size < 8:
        word &= (np.uint64(1) << np.uint64(8 * size)) - np.uint64(1)
    return word


@compiled
def _look_up(one: Words, used: int, mixed: Whole, table: Words, known: int) -> Whole:
    """Return the number of a combination of values; a new one is put in the table."""
    at, size = np.int64(mixed >> np.uint64(32)) & (len(table) - 1), np.uint64(used)
    while table[at, 0]:
        same = table[at, 1] == size
        for k in range(used):
            same = same and table[at, k + 2] == one[k]
        if same:
            return np.int64(table[at, 0]) - 1
        at = (at + 1) & (len(table) - 1)
    table[at, 0], table[at, 1] = known + 1, size
    table[at, 2 : used + 2] = one[:used]
    return known


@compiled
def keep(number: Ints, begin: Ints, end: Ints, code: Ints, meets: Flags) -> Whole:
    """Move the rows whose combination of values meets a condition to the front; return how many."""
    count: Whole = 0
    for i in range(len(code)):
        number[count], begin[count], end[count] = number[i], begin[i], end[i]
        count += meets[code[i]]
    return count


@compiled
def _wkb_begin(data: Bytes, at: int, size: int) -> Whole:
    """Return where the WKB of a GeoPackage's geometry begins; 0 if it is none."""
    if size < 8 or data[at] != 71 or data[at + 1] != 80 or data[at + 2] != 0:
        return 0
    flags = np.int64(data[at + 3])
    envelope = (flags >> 1) & 7
    # The sixth bit marks a geometry of an extension.
    if flags & 32 or envelope > 4:
        return 0
    head = 8
    if envelope > 0:
        # Of two, three (Z or M) or four dimensions.
        head += 32 if envelope == 1 else (64 if envelope == 4 else 48)
    return at + head if head < size else 0
