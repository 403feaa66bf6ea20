"""From rows of files to values of records: references resolved, units and bounds beside them."""

from __future__ import annotations

from collections.abc import Mapping

from zonewright.core.findings import Finding
from zonewright.core.records import Row, TableRead
from zonewright.core.units import known_unit, unit
from zonewright.store.actions._references import References
from zonewright.store.mapping import Column, Mapped, kept

_KEPT_BESIDE = ("unit", "bound", "precision")
_NUMERIC = frozenset({"area", "money", "energy", "number", "percent"})
_DEFAULTS = {"bound": "exact", "precision": "d"}


def values_of(
    mapped: Mapped,
    row: Row,
    *,
    read: TableRead,
    position: int,
    references: References,
    findings: list[Finding],
    clear: bool = False,
) -> dict[str, object] | None:
    """Return attribute to value for the fields that a row gives; None if a code is unknown.

    Parameters
    ----------
    mapped
        Where the fields stand.
    row
        Field to value, as in ``core.records``.
    read, position
        Where the row was read, for findings.
    references
        Looks up the codes that the row names.
    findings
        Receives what is wrong.
    clear
        Whether an empty cell empties the field (an edited exchange copy); if not, it says nothing
        and what another file said stays.
    """
    values: dict[str, object] = {}
    sound = True
    for column in mapped.columns:
        name = column.field.name
        if name not in row or (row[name] is None and not clear):
            continue
        value = row[name]
        if column.refers and value is not None:
            key = references.find(column.refers, str(value))
            if key is None:
                sound = False
                _complain(column, str(value), read, position, references, findings)
                continue
            values[column.attr] = key
            findings += references.spelling(
                column.refers, str(value), table=read.table, name=name,
                place=read.place(position, name),
            )  # fmt: skip
            continue
        values[column.attr] = kept(mapped.field(column.attr), value)
        if column.unit or column.bound or column.precision:
            values.update(_beside(column, row))
        if not column.bound and column.field.kind in _NUMERIC and row.get(f"{name}_bound"):
            findings += references.once(
                f"bound {read.file} {read.table} {name}",
                Finding(
                    "take-bound-not-kept", "info", read.table, name, read.place(position, name),
                    params={"label_en": column.field.en, "label_zh": column.field.zh},
                ),
            )  # fmt: skip
    if not sound:
        return None
    return _with_currency(values, row) if mapped.table == "ventures" else values


def _complain(
    column: Column,
    value: str,
    read: TableRead,
    position: int,
    references: References,
    findings: list[Finding],
) -> None:
    if value in references.refused.get(column.refers, ()):
        return
    name = column.field.name
    place = read.place(position, name)
    findings.append(
        references.complaint(column.refers, value, table=read.table, name=name, place=place)
    )


def _beside(column: Column, row: Row) -> dict[str, object]:
    """Return the unit, bound and precision in which a value was written."""
    found: dict[str, object] = {}
    for kind in _KEPT_BESIDE:
        attr = getattr(column, kind)
        said = row.get(f"{column.field.name}_{kind}")
        if attr and (said or kind in _DEFAULTS):
            found[attr] = said or _DEFAULTS[kind]
    return found


def _with_currency(values: dict[str, object], row: Row) -> dict[str, object]:
    units = (row.get("investment_unit"), row.get("fixed_investment_unit"))
    said = [unit(str(name)).dimension for name in units if name and known_unit(str(name))]
    if said:
        values["currency"] = said[0].upper()
    elif "investment" in values:
        values["currency"] = "CNY"
    return values


def names_of(mapped: Mapped, values: Mapping[str, object]) -> dict[str, str]:
    """Return attribute to field for the values of a row."""
    return {
        column.attr: column.field.name for column in mapped.columns if column.attr in values
    }  # fmt: skip


def missing_fields(mapped: Mapped, values: Mapping[str, object]) -> list[Column]:
    """Return the required fields that a new record lacks."""
    return [
        column
        for column in mapped.columns
        if column.field.required and values.get(column.attr) in (None, "")
    ]
