"""Works' months out of cumulative returns, by the earlier returns that the workspace holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from zonewright.core.findings import Finding, Place
from zonewright.store.actions._pool import Pool, Record
from zonewright.store.actions._references import References

# Two returns in 万元, each rounded, may differ by this from their sum.
_ROUNDING = Decimal(15_000)


class Months:
    """The returns of works by month: those of the workspace and those of the import.

    Parameters
    ----------
    pool
        Monthly returns by work and month; where there are several, the latest.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    @staticmethod
    def is_open(values: Mapping[str, object]) -> bool:
        """Return whether a row gives the year to date alone."""
        return values.get("invested_cny") is None and values.get("invested_ytd_cny") is not None

    def alone(self, values: Mapping[str, object]) -> Decimal | None:
        """Return what was invested in the month of a cumulative row [元].

        None if a return between it and January is neither in the workspace nor in the import. A
        work that first appears had nothing before, if the months before were reported for others;
        January and February may come as one.
        """
        work, month = values["work_id"], values["month"]
        whole = values["invested_ytd_cny"]
        if not isinstance(month, date) or not isinstance(whole, Decimal):
            return None
        done = self._done_before(work, month)
        return None if done is None else whole - done

    def _done_before(self, work: object, month: date) -> Decimal | None:
        if month.month == 1:
            return Decimal(0)
        before = month.replace(month=month.month - 1)
        record = self.pool.records.get((work, before))
        if record is not None:
            return self._done(work, before, record)
        earlier = [month.replace(month=number) for number in range(1, month.month)]
        if any((work, other) in self.pool.records for other in earlier):
            return None
        missing = [other for other in earlier if other not in self._reported]
        return Decimal(0) if all(other.month == 1 for other in missing) else None

    def _done(self, work: object, month: date, record: Record) -> Decimal | None:
        whole = record.values["invested_ytd_cny"]
        if isinstance(whole, Decimal):
            return whole
        alone = record.values["invested_cny"]
        done = self._done_before(work, month)
        return done + alone if isinstance(alone, Decimal) and done is not None else None

    @cached_property
    def _reported(self) -> frozenset[object]:
        return frozenset(month for _, month in self.pool.records)

    def disagreements(self, references: References) -> list[Finding]:
        """Return a warning for each month that disagrees with one that was there before."""
        found = []
        for work, month in self.pool.touched:
            if not isinstance(month, date):
                continue
            months = [
                month.replace(month=number)
                for number in range(max(1, month.month - 1), min(12, month.month + 1) + 1)
            ]
            for pair in pairwise(months):
                if not all((work, other) in self.pool.touched for other in pair):
                    found += self._compare(work, *pair, at=month)
        return [
            replace(finding, ids=(references.code("work", work),))  # type: ignore[arg-type]
            for work, finding in found
        ]

    def _compare(
        self, work: object, first: date, second: date, *, at: date
    ) -> list[tuple[object, Finding]]:
        records = self.pool.records
        one, two = records.get((work, first)), records.get((work, second))
        if one is None or two is None:
            return []
        done, alone = one.values["invested_ytd_cny"], two.values["invested_cny"]
        whole = two.values["invested_ytd_cny"]
        amounts = (done, alone, whole)
        if not all(isinstance(amount, Decimal) for amount in amounts):
            return []
        gap = done + alone - whole  # type: ignore[operator]
        if abs(gap) <= _ROUNDING:
            return []
        params = {
            "month": f"{second:%Y-%m}",
            "before": f"{first:%Y-%m}",
            "stated": f"{whole:,f}",
            "done": f"{done:,f}",
            "alone": f"{alone:,f}",
        }
        place = records[work, at].place
        finding = Finding(
            "take-cumulative-differs",
            "warning",
            "work_months",
            "invested_ytd",
            place,
            params=params,
        )
        return [(work, finding)]


def not_derivable(work: str, values: Mapping[str, object], place: Place) -> Finding:
    """Return the finding that a month cannot be told from a cumulative figure."""
    month = values["month"]
    params = {"month": f"{month:%Y-%m}" if isinstance(month, date) else str(month)}
    return Finding(
        "take-month-not-derivable", "error", "work_months", "invested_ytd", place, (work,), params
    )
