"""Find rows that stand twice in a table: equal ones are dropped, contradicting ones are refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from zonewright.core.schema import table
from zonewright.intake.drafts import Draft
from zonewright.intake.problems import Spot

# A zone has one row a boundary version, so the day from which it holds belongs to its key.
_KEYS = {"zones": ("code", "valid_from")}


def key_fields(name: str) -> tuple[str, ...]:
    """Return the fields that tell one row of a table from another in files."""
    return _KEYS.get(name, table(name).key)


def drop_repeated(draft: Draft, *, shared: bool = False) -> None:
    """Drop rows that repeat another, and note those that contradict another.

    Parameters
    ----------
    draft
        Table to tidy; changed in place.
    shared
        Whether repeats are expected, because a companion has one row a month of each.
    """
    names = key_fields(draft.table)
    first: dict[tuple[object, ...], int] = {}
    keep: list[int] = []
    for position, row in enumerate(draft.rows):
        key = tuple(_folded(row.get(name)) for name in names)
        if any(part is None for part in key):
            keep.append(position)
            continue
        earlier = first.setdefault(key, position)
        if earlier == position:
            keep.append(position)
            continue
        same = draft.rows[earlier] == row
        if same and shared:
            continue
        draft.problems.add(
            "intake-row-repeated" if same else "intake-key-repeated",
            "warning" if same else "error",
            Spot(
                table=draft.table,
                field=names[0],
                sheet=draft.sheet,
                row=draft.numbers[position],
                column=draft.column_of(position, names[0]),
                ids=(str(row[names[0]]),),
            ),
            key=" ".join(str(row[name]) for name in names),
            other=draft.numbers[earlier],
        )
    if len(keep) < len(draft.rows):
        draft.keep(keep)


def _folded(part: object) -> object:
    """Return part of a key so that codes which differ only in case or spaces are one."""
    return "".join(part.casefold().split()) if isinstance(part, str) else part


def note_across(drafts: Sequence[Draft]) -> None:
    """Note where two sheets of one file give different values for the same record."""
    seen: dict[tuple[object, ...], tuple[Draft, int]] = {}
    sheets = Counter((id(draft.problems), draft.table) for draft in drafts)
    for draft in drafts:
        if sheets[id(draft.problems), draft.table] == 1:
            continue
        names = key_fields(draft.table)
        for position, row in enumerate(draft.rows):
            key = (id(draft.problems), draft.table, *(row.get(name) for name in names))
            if any(part is None for part in key[2:]):
                continue
            other = seen.setdefault(key, (draft, position))
            if other[0] is draft:
                continue
            earlier = other[0].rows[other[1]]
            differing = [
                name
                for name in set(row) & set(earlier)
                if row[name] != earlier[name] and not isinstance(row[name], bytes)
            ]
            if differing:
                name = sorted(differing)[0]
                draft.problems.add(
                    "intake-sheets-disagree",
                    "warning",
                    Spot(
                        table=draft.table,
                        field=name,
                        sheet=draft.sheet,
                        row=draft.numbers[position],
                        column=draft.column_of(position, name),
                        ids=(str(key[2]),),
                    ),
                    key=str(key[2]),
                    other=f"{other[0].sheet} {other[0].numbers[other[1]]}",
                )
