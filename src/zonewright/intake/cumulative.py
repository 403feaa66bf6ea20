"""Monthly figures out of cumulative ones, and the check of one against the other.

Offices report a month, the year to date, or both. Works are kept by month, firms' returns from
January; what a file did not give follows from the returns of the earlier months of the same set.
Where those are not in the set, a work's month is left open: the store derives it from the returns
that the workspace holds, or refuses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zonewright.core import units
from zonewright.core.findings import Severity
from zonewright.core.periods import Period
from zonewright.intake.drafts import Draft
from zonewright.intake.problems import Spot

Series = dict[int, tuple[Draft, int]]
_FIRM_MEASURES = ("output", "value_added", "tax", "power")


@dataclass(frozen=True, slots=True)
class _Where:
    draft: Draft
    position: int

    def add(self, code: str, severity: Severity, name: str, **params: object) -> None:
        draft = self.draft
        draft.problems.add(
            code,
            severity,
            Spot(
                table=draft.table,
                field=name,
                sheet=draft.sheet,
                row=draft.numbers[self.position],
                column=draft.column_of(self.position, name),
            ),
            **params,
        )


def complete_months(drafts: Sequence[Draft]) -> None:
    """Fill in each work's month and each firm's year to date; note what cannot be, or disagrees."""
    works = _series([draft for draft in drafts if draft.table == "work_months"], "work", "month")
    reported = sorted({month for series in works.values() for month in series})
    for (work, _), series in works.items():
        _complete_work(str(work), series, reported)
    firms = _series([draft for draft in drafts if draft.table == "firm_months"], "firm", "period")
    for (firm, _), series in firms.items():
        for name in _FIRM_MEASURES:
            _complete_firm(str(firm), series, name)


def _series(drafts: Sequence[Draft], link: str, when: str) -> dict[tuple[object, int], Series]:
    found: dict[tuple[object, int], Series] = defaultdict(dict)
    for draft in drafts:
        for position, row in enumerate(draft.rows):
            period = row.get(when)
            if isinstance(period, Period):
                found[row.get(link), period.year][period.last] = (draft, position)
    return found


def _complete_work(work: str, series: Series, reported: Sequence[int]) -> None:
    done: Decimal | None = Decimal(0)
    before: int | None = None
    for month in sorted(series):
        draft, position = series[month]
        row = draft.rows[position]
        since = before if before is not None else (month // 12) * 12 - 1
        if not _without_gap(since, month, before, reported):
            done = None
        alone, whole = row.get("invested"), row.get("invested_ytd")
        where = _Where(draft, position)
        if isinstance(whole, Decimal):
            if isinstance(alone, Decimal):
                if done is not None:
                    _compare(where, row, work, done)
            elif done is not None:
                row["invested"] = whole - done
                if "invested_ytd_unit" in row:
                    row["invested_unit"] = row["invested_ytd_unit"]
                draft.row_columns[position] = {
                    **draft.row_columns.get(position, {}),
                    "invested": draft.column_of(position, "invested_ytd"),
                }
            else:
                month_text = str(Period(month, month))
                where.add("intake-month-open", "info", "invested_ytd", key=work, month=month_text)
            done = whole
        elif isinstance(alone, Decimal):
            done = None if done is None else done + alone
        before = month


def _without_gap(since: int, month: int, before: int | None, reported: Sequence[int]) -> bool:
    """Return whether no month is unaccounted for between two returns of a work.

    A work that first appears now had nothing before, if returns of every earlier month are in the
    set.
    """
    if before is not None:
        return month - before == 1
    return all(index in reported for index in range(since + 1, month))


def _compare(
    where: _Where,
    row: Mapping[str, object],
    work: str,
    done: Decimal,
) -> None:
    alone, whole = row["invested"], row["invested_ytd"]
    if not isinstance(alone, Decimal) or not isinstance(whole, Decimal):
        return
    step = _step((alone, whole, done), str(row.get("invested_ytd_unit", "")))
    if abs(done + alone - whole) > step * 3 / 2:
        where.add(
            "intake-cumulative-differs",
            "warning",
            "invested_ytd",
            key=work,
            stated=f"{whole:,f}",
            expected=f"{done + alone:,f}",
            done=f"{done:,f}",
            alone=f"{alone:,f}",
        )


def _step(values: Sequence[Decimal], unit: str) -> Decimal:
    """Return the step to which amounts are given: the finest of theirs, at most one unit."""
    exponents = [value.normalize().as_tuple().exponent for value in values if value]
    found = [Decimal(1).scaleb(exponent) for exponent in exponents if isinstance(exponent, int)]
    size = Decimal(1)
    if unit:
        exact = units.unit(unit).factor
        size = Decimal(exact.numerator) / Decimal(exact.denominator)
    return min([*found, size])


def _complete_firm(firm: str, series: Series, name: str) -> None:
    done: Decimal | None = Decimal(0)
    before: int | None = None
    for month in sorted(series):
        draft, position = series[month]
        row = draft.rows[position]
        alone = draft.monthly.get(position, {}).get(name)
        whole = row.get(name)
        follows = month % 12 <= 1 if before is None else month - before == 1
        done = done if follows else None
        if isinstance(whole, Decimal):
            if isinstance(alone, Decimal) and done is not None:
                step = _step((alone, whole, done), str(row.get(f"{name}_unit", "")))
                if abs(done + alone - whole) > step * 3 / 2:
                    _Where(draft, position).add(
                        "intake-cumulative-differs",
                        "warning",
                        name,
                        key=firm,
                        stated=f"{whole:,f}",
                        expected=f"{done + alone:,f}",
                        done=f"{done:,f}",
                        alone=f"{alone:,f}",
                    )
            done = whole
        elif isinstance(alone, Decimal):
            if done is None:
                _Where(draft, position).add(
                    "intake-cumulative-not-derivable",
                    "error",
                    name,
                    key=firm,
                    month=str(Period(month, month)),
                )
                before = month
                continue
            done += alone
            row[name] = done
            unit = draft.monthly[position].get(f"{name}_unit")
            if unit:
                row[f"{name}_unit"] = unit
        before = month
