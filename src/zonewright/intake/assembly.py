"""Put the columns of a block together into rows of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from zonewright.core.periods import Period
from zonewright.core.schema import Field, table
from zonewright.intake.blocks import Block
from zonewright.intake.columns import ColumnRead, as_percent, read_column
from zonewright.intake.drafts import Draft, Values
from zonewright.intake.faults import CellError
from zonewright.intake.layouts import COMPANIONS, Layout, of_year_to_date
from zonewright.intake.numbers import Number, read_number
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.roles import Role
from zonewright.intake.values import DIMENSIONS, in_unit_beside, read_service
from zonewright.intake.wide import is_wide, unpivot
from zonewright.intake.wording import is_empty

_OVERSIGHT = 0.05  # share of empty cells up to which a zone column counts as filled
# Checked while reading and never stored.
NOT_KEPT = frozenset({("quota_entries", "balance"), ("fund_entries", "balance")})


def assemble(
    block: Block, layout: Layout, problems: Problems
) -> tuple[list[Draft], list[ColumnRead]]:
    """Return the tables of a block, and its columns as read (for the checks of sums)."""
    plain = [role for role in layout.roles if not role.tag]
    reads = [read for role in plain if (read := read_column(block, role, problems)) is not None]
    tagged = [role for role in layout.roles if role.tag]
    main = _main_rows(block, layout, reads, tagged, problems)
    drafts = [main]
    if layout.main in _LONG:
        drafts = [_of_standalone(block, layout, reads, tagged, problems, main)]
    elif is_wide(layout.main, layout.roles):
        amounts = [
            read for role in tagged if (read := read_column(block, role, problems)) is not None
        ]
        drafts = [unpivot(block, main, reads, amounts, problems)]
        reads = [*reads, *amounts]
    elif layout.companion:
        companion = _companion(block, layout, reads, tagged, main, problems)
        if companion.rows:
            drafts.append(companion)
    return drafts, reads


_LONG = frozenset(name for name, _ in COMPANIONS.values())


def _main_rows(
    block: Block,
    layout: Layout,
    reads: Sequence[ColumnRead],
    tagged: Sequence[Role],
    problems: Problems,
) -> Draft:
    own = [read for read in reads if read.role.table == layout.main and not _is_measure(read.role)]
    columns = {read.field.name: block.labels[read.role.column] for read in own}
    spec = table(layout.main)
    if block.geometries is not None and spec.geometry:
        columns[spec.geometry.name] = "geometry"
    draft = Draft(layout.main, block.file, block.sheet, columns, problems)
    services = [role for role in tagged if role.field == "services" and role.table == layout.main]
    points = [role for role in tagged if role.field == "points" and role.table == layout.main]
    if services:
        columns["services"] = block.labels[services[0].column]
    if points:
        columns["points"] = block.labels[points[0].column]
    kept = [read for read in own if (layout.main, read.field.name) not in NOT_KEPT]
    required = [read for read in own if read.field.required or _is_gap(block, read)]
    for position, number in enumerate(block.numbers):
        row: Values = dict(layout.defaults)
        for read in kept:
            reading = read.readings[position]
            if reading is not None:
                row[read.field.name] = reading.value
                if reading.extras:
                    row.update(reading.extras)
        if "unit" in row and "value" in row:
            _settle_unit(block, position, kept, row, problems)
        if block.geometries is not None and spec.geometry:
            row[spec.geometry.name] = block.geometries[position]
        if services:
            row["services"] = _services(block, position, services, problems)
        if points:
            row["points"] = _points(block, position, points, row, problems)
        if not block.exchange:
            _require(block, position, required, row, problems)
        draft.add(row, number)
    return draft


def _settle_unit(
    block: Block, position: int, reads: Sequence[ColumnRead], row: Values, problems: Problems
) -> None:
    try:
        in_unit_beside(row)
    except CellError as fault:
        role = next(read.role for read in reads if read.field.name == "value")
        problems.add(
            fault.code, "error", _place(block, position, role), **_shown(fault, block, role)
        )


def _is_gap(block: Block, read: ColumnRead) -> bool:
    """Return whether an empty cell of a ledger's zone column is an oversight.

    A sheet has no map to say where a record lies, so a few empty cells among many full ones would
    drop records out of every figure by zone.
    """
    if read.field.name != "zone" or block.geometries is not None:
        return False
    empty = sum(reading is not None and reading.value is None for reading in read.readings)
    return 0 < empty <= _OVERSIGHT * len(read.readings) or empty == 1 < len(read.readings)


def _is_measure(role: Role) -> bool:
    return bool(role.basis) and role.table in ("work_months", "firm_months")


def _require(
    block: Block, position: int, required: Sequence[ColumnRead], row: Values, problems: Problems
) -> None:
    for read in required:
        reading = read.readings[position]
        if reading is None or reading.value is not None:
            continue
        if row.get(read.field.name) is not None:
            continue
        code = "intake-key-empty" if read.field.key else "intake-required-empty"
        problems.add(
            code,
            "error",
            Spot(
                table=read.role.table,
                field=read.field.name,
                sheet=block.sheet,
                row=block.numbers[position],
                column=block.labels[read.role.column],
            ),
            caption=block.captions[read.role.column].text,
        )


def _place(block: Block, position: int, role: Role) -> Spot:
    return Spot(
        table=role.table,
        field=role.field,
        sheet=block.sheet,
        row=block.numbers[position],
        column=block.labels[role.column],
    )


def _cell(block: Block, position: int, role: Role, problems: Problems) -> object:
    """Return a cell, or None if it says nothing or holds an Excel error (which is noted)."""
    fault = block.faults.get((position, role.column))
    if fault is not None:
        code = "intake-formula-unread" if fault == "=" else "intake-excel-error"
        problems.add(code, "error", _place(block, position, role), text=fault)
        return None
    cell = block.columns[role.column][position]
    return as_percent(block, position, role.column, cell)


def _shown(fault: CellError, block: Block, role: Role) -> dict[str, object]:
    return {"caption": block.captions[role.column].text, **fault.params}


def _services(
    block: Block, position: int, roles: Sequence[Role], problems: Problems
) -> dict[str, int] | None:
    states: dict[str, int] = {}
    for role in roles:
        cell = _cell(block, position, role, problems)
        if cell is None or (is_empty(cell) and cell != "无"):
            continue
        try:
            states[role.tag] = read_service(cell)
        except CellError as fault:
            problems.add(
                fault.code, "error", _place(block, position, role), **_shown(fault, block, role)
            )
    return states or None


def _points(
    block: Block, position: int, roles: Sequence[Role], row: Values, problems: Problems
) -> dict[int, float] | None:
    """Return the required shares in percent; amounts become shares of the row's target."""
    numbers: dict[int, Number] = {}
    signed = False
    for role in roles:
        cell = _cell(block, position, role, problems)
        if cell is None or is_empty(cell):
            continue
        try:
            numbers[int(role.tag)] = read_number(cell)
        except CellError as fault:
            problems.add(
                fault.code, "error", _place(block, position, role), **_shown(fault, block, role)
            )
            continue
        signed = signed or role.unit == "%" or "%" in block.captions[role.column].text
    if not numbers:
        return None
    values = {month: number.value for month, number in numbers.items()}
    if signed or any(number.unit == "%" for number in numbers.values()):
        return {month: float(value) for month, value in values.items()}
    target = row.get("value")
    if isinstance(target, Decimal) and target and _are_amounts(values, target):
        return {month: float(value / target * 100) for month, value in values.items()}
    scale = 100 if max(values.values()) <= 1 else 1
    problems.add("intake-points-assumed", "warning", _place(block, position, roles[0]), scale=scale)
    return {month: float(value * scale) for month, value in values.items()}


def _are_amounts(values: Mapping[int, Decimal], target: Decimal) -> bool:
    return values.get(12) == target != 100 or max(values.values()) > 100


def _companion(
    block: Block,
    layout: Layout,
    reads: Sequence[ColumnRead],
    tagged: Sequence[Role],
    main: Draft,
    problems: Problems,
) -> Draft:
    link = COMPANIONS[layout.main][1]
    own = [read for read in reads if read.role.table == layout.companion]
    links = [row.get("code") for row in main.rows]
    columns = {link: main.columns.get("code", "")}
    draft = Draft(layout.companion, block.file, block.sheet, columns, problems)
    if layout.companion == "parcel_events":
        _events(block, _dates(block, tagged, layout.companion, problems), links, link, draft)
    elif layout.companion == "milestones":
        _steps(block, _dates(block, tagged, layout.companion, problems), links, link, draft)
    else:
        _months(block, own, links, link, draft, problems)
    return draft


def _of_standalone(
    block: Block,
    layout: Layout,
    reads: Sequence[ColumnRead],
    tagged: Sequence[Role],
    problems: Problems,
    main: Draft,
) -> Draft:
    """Return a table that usually accompanies another but here stands alone."""
    link = table(layout.main).key[0]
    links = [row.get(link) for row in main.rows]
    columns = {link: main.columns.get(link, "")}
    draft = Draft(layout.main, block.file, block.sheet, columns, problems)
    if layout.main in ("work_months", "firm_months"):
        own = [read for read in reads if read.field.name != link]
        _months(block, own, links, link, draft, problems)
        return draft
    if not tagged:
        return main
    dates = _dates(block, tagged, layout.main, problems)
    if layout.main == "parcel_events":
        _events(block, dates, links, link, draft)
    else:
        _steps(block, dates, links, link, draft)
    return draft


def _dates(block: Block, tagged: Sequence[Role], name: str, problems: Problems) -> list[ColumnRead]:
    roles = [role for role in tagged if role.table == name]
    return [read for role in roles if (read := read_column(block, role, problems)) is not None]


def _events(
    block: Block, reads: Sequence[ColumnRead], links: Sequence[object], link: str, draft: Draft
) -> None:
    places = {
        read.role.tag: {"stage": label, "on": label}
        for read in reads
        for label in [block.labels[read.role.column]]
    }
    for position, number in enumerate(block.numbers):
        code = links[position]
        if code is None:
            continue
        for read in reads:
            reading = read.readings[position]
            if reading is None or reading.value is None:
                continue
            stage = read.role.tag
            row: Values = {link: code, "stage": stage, "on": reading.value, **reading.extras}
            draft.add(row, number, places[stage])


def _steps(
    block: Block, reads: Sequence[ColumnRead], links: Sequence[object], link: str, draft: Draft
) -> None:
    steps = list(dict.fromkeys(read.role.tag for read in reads))
    places: dict[str, dict[str, str]] = {}
    for read in reads:
        label = block.labels[read.role.column]
        places.setdefault(read.role.tag, {}).setdefault("step", label)
        places[read.role.tag][read.field.name] = label
    for position, number in enumerate(block.numbers):
        if links[position] is None:
            continue
        for step in steps:
            row: Values = {link: links[position], "step": step}
            for read in reads:
                reading = read.readings[position]
                if read.role.tag == step and reading is not None:
                    row[read.field.name] = reading.value
                    row.update(reading.extras)
            if any(row.get(name) is not None for name in ("planned_on", "actual_on")):
                draft.add(row, number, places[step])


def _months(
    block: Block,
    reads: Sequence[ColumnRead],
    links: Sequence[object],
    link: str,
    draft: Draft,
    problems: Problems,
) -> None:
    """Group a record's measures by the month to which they belong, one row a month."""
    spec = table(draft.table)
    when = next(field for field in spec.fields if field.kind in ("month", "period"))
    dated = next((read for read in reads if read.field.name == when.name), None)
    others = [read for read in reads if read is not dated and read.field.name != link]
    places: dict[tuple[str, ...], dict[str, str]] = {}
    for position, number in enumerate(block.numbers):
        if links[position] is None:
            continue
        own = _own_period(block, dated, position)
        groups: dict[int | None, Values] = {}
        apart: dict[int | None, Values] = {}
        used: dict[int | None, dict[str, str]] = {}
        for read in others:
            reading = read.readings[position]
            if reading is None or reading.value is None:
                continue
            period = read.role.period or own
            last = period.last if period else None
            label = block.labels[read.role.column]
            alone = draft.table == "firm_months" and read.role.basis == "month"
            target = apart if alone else groups
            target.setdefault(last, {}).update({read.field.name: reading.value, **reading.extras})
            groups.setdefault(last, {})
            used.setdefault(last, {})[read.field.name] = label
        if None in groups:
            problems.add(
                "intake-period-missing",
                "error",
                Spot(
                    table=draft.table,
                    field=when.name,
                    sheet=block.sheet,
                    row=block.header_row or number,
                ),
            )
            return
        for last, values in groups.items():
            if last is None or not _has_measure(spec.fields, {**values, **apart.get(last, {})}):
                continue
            if dated:
                used[last][when.name] = block.labels[dated.role.column]
            place = places.setdefault((*used[last], *used[last].values()), used[last])
            month = Period(last, last)
            period = of_year_to_date(draft.table, month)
            if last in apart:
                draft.monthly[len(draft.rows)] = apart[last]
            draft.add({link: links[position], when.name: period, **values}, number, place)


def _own_period(block: Block, dated: ColumnRead | None, position: int) -> Period | None:
    if dated is None:
        return block.context.period
    reading = dated.readings[position]
    value = reading.value if reading else None
    return value if isinstance(value, Period) else None


def _has_measure(fields: Sequence[Field], values: Values) -> bool:
    kinds = {field.name: field.kind for field in fields}
    return any(
        kinds.get(name) in (*DIMENSIONS, "percent", "text") and value is not None
        for name, value in values.items()
    )
