"""Define the workspace's own indicators, beside those that come with the program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from zonewright.core.errors import SchemaError
from zonewright.steering.catalogue import COLUMNS, Indicator, load, parse
from zonewright.steering.registry import used_by
from zonewright.store.access import Access
from zonewright.store.actions import trail
from zonewright.store.indicators import values_of
from zonewright.store.models import Indicator as Row
from zonewright.store.models import Observation, OutlineItem, Target
from zonewright.store.selectors.indicators import OWN, own_rows

_NEEDED = ("code", "zh", "en", "unit", "nature", "rule")


def define_indicators(
    rows: Sequence[Mapping[str, str]], *, access: Access, origin: str = ""
) -> tuple[Indicator, ...]:
    """Add indicators to the workspace, or change those that it added; all of them or none.

    Parameters
    ----------
    rows
        As ``steering/data/indicators.csv`` has them; what is left out is empty.
    access
        Who does it; needs the permission to administer the whole workspace.
    origin
        From where, for the trail.

    Raises
    ------
    NotAllowedError
        If that is not allowed.
    SchemaError
        If a column is missing, a code belongs to the program, or the registry would not be sound:
        nothing is changed then.
    """
    access.require("administer")
    given = {row["code"]: row for row in map(_complete, rows)}
    for code in given:
        if code in load():
            raise SchemaError("catalogue-own", indicator=code)
    with transaction.atomic():
        present = present_rows()
        kept = [row for row in own_rows() if row["code"] not in given]
        known = parse([*kept, *given.values()], known=load())
        for code, row in given.items():
            write_definition(row, known[code], present.get(code), by=access.name, origin=origin)
    return tuple(known[code] for code in given)


def present_rows() -> Mapping[str, Row]:
    """Return the indicators of the workspace by code, kept from other writers.

    Whoever else defines meanwhile waits: two sound changes may not be sound together.
    """
    return {row.code: row for row in Row.objects.select_for_update()}


def write_definition(
    row: Mapping[str, str], indicator: Indicator, before: Row | None, *, by: str, origin: str
) -> int:
    """Write the definition of an own indicator, and the trail; return its primary key.

    Parameters
    ----------
    row
        As ``indicators.csv`` has it, complete.
    indicator
        What it says.
    before
        The indicator as it is; None if it is new.
    """
    values = values_of(indicator)
    definition = {**_mapping(values["definition"]), OWN: dict(row)}
    made, _ = Row.objects.update_or_create(
        code=indicator.code, defaults={**values, "definition": definition}
    )
    trail.note(
        "update" if before else "create", by=by, origin=origin, table="indicators",
        code=indicator.code, record=f"indicator:{made.pk}",
        before=_mapping(before.definition.get(OWN)) if before else None, after=row,
    )  # fmt: skip
    return int(made.pk)


def remove_indicator(code: str, *, access: Access, origin: str = "") -> None:
    """Take an indicator of the workspace away again.

    Raises
    ------
    SchemaError
        If it comes with the program, or others, observations, targets or the outline use it.
    """
    access.require("administer")
    with transaction.atomic():
        row = Row.objects.select_for_update().filter(code=code).first()
        if row is None or OWN not in row.definition:
            raise SchemaError("catalogue-own", indicator=code)
        users = [*used_by(parse(own_rows(), known=load()), code)]
        for model in (Observation, Target, OutlineItem):
            if model._default_manager.filter(indicator=row).exists():
                users.append(str(model._meta.verbose_name_plural))
        if users:
            raise SchemaError("catalogue-in-use", indicator=code, used_by=", ".join(users))
        trail.note(
            "delete", by=access.name, origin=origin, table="indicators", code=code,
            record=f"indicator:{row.pk}", before=_mapping(row.definition[OWN]),
        )  # fmt: skip
        row.delete()


def _complete(row: Mapping[str, str]) -> dict[str, str]:
    for column in _NEEDED:
        if not (row.get(column) or "").strip():
            raise SchemaError("catalogue-column", column=column, known=", ".join(COLUMNS))
    return {column: (row.get(column) or "").strip() for column in COLUMNS}


def _mapping(given: object) -> dict[str, object]:
    return dict(given) if isinstance(given, Mapping) else {}
