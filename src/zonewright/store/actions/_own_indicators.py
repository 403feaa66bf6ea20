"""Take the table of own indicators of an import: each fault at the cell that causes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from zonewright.core.errors import SchemaError
from zonewright.core.findings import Finding
from zonewright.core.records import Row, TableRead
from zonewright.steering.catalogue import COLUMNS, Indicator, load, parse, read_row
from zonewright.store.actions.indicators import write_definition
from zonewright.store.models import Indicator as Stored
from zonewright.store.selectors.indicators import OWN, own_rows

TABLE = "indicators"
_FIELD_OF: Mapping[str, str] = {
    "catalogue-code": "code", "catalogue-own": "code", "catalogue-repeated": "code",
    "catalogue-rule": "rule", "catalogue-unit": "unit", "catalogue-value": "value",
    "catalogue-measure": "value", "catalogue-condition": "where", "expression-unit": "unit",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """A row that defines an indicator: what it says, and where it stands."""

    row: Mapping[str, str]
    read: TableRead
    position: int

    def finding(self, error: SchemaError) -> Finding:
        """Return an error as a finding at the cell that causes it."""
        name = _FIELD_OF.get(error.code, "of")
        if error.code == "catalogue-choice":
            name = str(error.params["column"])
        place = self.read.place(self.position, name)
        return Finding(error.code, "error", TABLE, name, place, (self.row["code"],), error.params)


def definition_of(row: Row, before: Mapping[str, str]) -> dict[str, str]:
    """Return a row of the table as ``indicators.csv`` would have it.

    Parameters
    ----------
    before
        The definition as it is; what the row does not name stays. Empty if it is new.
    """
    found = {name: before.get(name, "") for name in COLUMNS}
    for name in COLUMNS:
        value = row.get(name, found[name])
        if isinstance(value, Decimal):
            value = f"{value.normalize():f}"
        found[name] = "" if value is None else str(value).strip()
    return {**found, "basis": found["basis"] or "none"}


def sound(given: Mapping[str, Given]) -> tuple[Mapping[str, Indicator], tuple[Finding, ...]]:
    """Return the registry with the rows that are sound, and what is wrong with the others.

    An indicator that is made of a refused one is left out too; the refused one alone is told.
    """
    findings: list[Finding] = []
    left: dict[str, Given] = {}
    for code, item in given.items():
        try:
            if code in load():
                raise SchemaError("catalogue-own", indicator=code)
            read_row(item.row)
        except SchemaError as error:
            findings.append(item.finding(error))
        else:
            left[code] = item
    kept = {row["code"]: row for row in own_rows() if row["code"] not in left}
    while True:
        try:
            return parse([*kept.values(), *(i.row for i in left.values())], known=load()), (
                *findings,
            )
        except SchemaError as error:
            code = str(error.params.get("indicator"))
            missing = str(error.params.get("operand", ""))
            if code in left:
                item = left.pop(code)
                if missing not in given or missing in left:
                    findings.append(item.finding(error))
            elif code in kept:  # it was sound, and is not with what is defined anew
                del kept[code]
                if missing not in given or missing in left:
                    findings.append(_of_kept(error, code, left or given))
            else:
                raise


def _of_kept(error: SchemaError, code: str, given: Mapping[str, Given]) -> Finding:
    """Return the fault of a definition that was there already, at the table that causes it."""
    first = next(iter(given.values()))
    place = first.read.place(first.position, "code")
    return Finding(error.code, "error", TABLE, "of", place, (code,), error.params)


def write(
    given: Mapping[str, Given],
    known: Mapping[str, Indicator],
    present: Mapping[str, Stored],
    *,
    by: str,
    origin: str,
) -> tuple[int, int, int]:
    """Write definitions that are sound; return how many are new, changed and unchanged.

    Parameters
    ----------
    given, known
        The rows, and the registry with those that are sound.
    present
        The indicators as they are (`present_rows`).
    by, origin
        Who, and from where, for the trail.
    """
    created = updated = unchanged = 0
    for code, item in given.items():
        if code not in known:
            continue
        before = present.get(code)
        if before is not None and before.definition.get(OWN) == item.row:
            unchanged += 1
            continue
        write_definition(item.row, known[code], before, by=by, origin=origin)
        created, updated = created + (before is None), updated + (before is not None)
    return created, updated, unchanged
