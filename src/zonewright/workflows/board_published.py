"""What was given out of a board, and how it differs from what is known now."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.steering.figure import Question
from zonewright.steering.rollup import evaluate
from zonewright.store import selectors
from zonewright.store.access import Access
from zonewright.store.actions.publications import give_out
from zonewright.store.models import Publication
from zonewright.store.selectors.publications import defined_after, publications, recorded_after
from zonewright.store.selectors.publications import publication as publication_of
from zonewright.store.workspace import one_moment
from zonewright.workflows.board_cells import kept_board
from zonewright.workflows.board_model import Board, FigureChange, Published
from zonewright.workflows.books import open_books

# Two values that differ by less are the same: sums of floats end in noise.
_SAME = 1e-9


def published(period: Period | None = None) -> tuple[Published, ...]:
    """Return what was given out for a month (None: for any), the latest first."""
    month = "" if period is None else f"{period.year:04d}-{period.last_month:02d}"
    return tuple(map(_published, publications(month)))


def publish(
    period: Period, access: Access, title: str = "", *, origin: str = "",
    at: datetime | None = None,
) -> Published:  # fmt: skip
    """Keep the board's values of all zones as they are given out.

    Parameters
    ----------
    period
        Any span that ends with the month.
    access
        Needs the permission to approve in the whole workspace.
    title
        What it was given out as, such as a number of the bulletin.
    origin
        From where, for the trail.
    at
        When it was given out, where kept files are replayed; None means now.

    Raises
    ------
    NotAllowedError
        If that is not allowed.
    InputError
        If the board shows no value.
    """
    access.require("approve")
    upto = Period.year_to_date(period.year, period.last_month)
    with one_moment():
        as_of = at or timezone.now()
        fingerprint = selectors.fingerprint()
        found = kept_board(upto, None)
    made = give_out(
        upto, _values_of(found), title=title, as_of=as_of, fingerprint=fingerprint, access=access,
        origin=origin, at=at,
    )  # fmt: skip
    return _published(made)


def changes_since(publication: int, *, access: Access | None = None) -> tuple[FigureChange, ...]:
    """Return the figures of a publication that differ now, and which records came in since.

    Parameters
    ----------
    publication
        Key of the publication.
    access
        Whose zones are looked at; None means all.

    Raises
    ------
    UnknownReferenceError
        If there is no such publication.
    """
    with one_moment():
        given_out = publication_of(publication)
        if given_out.fingerprint == selectors.fingerprint():
            return ()
        last = Period.parse(given_out.period)
        period = Period.year_to_date(last.year, last.last_month)
        now = kept_board(period, None)
        seen = None if access is None else access.zones()
        return tuple(
            _with_records(change, given_out.as_of, access)
            for change in _changes(given_out, now, period)
            if seen is None or change.zone in seen
        )


def _changes(given_out: Publication, now: Board, period: Period) -> list[FigureChange]:
    found = []
    shown = {code for figures in given_out.values.values() for code in figures}
    # An indicator that was defined since was not given out: that it is there now corrects nothing.
    added = {item.code for item in now.indicators if item.code not in shown}
    added &= defined_after(given_out.at) if added else set()
    for zone, figures in given_out.values.items():
        for indicator, given in figures.items():
            cell = now.cell(zone, indicator)
            old, new = _number(given), None if cell is None else cell.value
            unit = cell.unit if cell is not None else str(given["unit"])
            if not _is_same(old, new):
                found.append(FigureChange(given_out.pk, zone, indicator, period, unit, old, new))
    for cell in now.cells:
        if cell.value is None or cell.indicator in added:
            continue
        if cell.indicator not in given_out.values.get(cell.zone, {}):
            found.append(
                FigureChange(given_out.pk, cell.zone, cell.indicator, period, cell.unit, None,
                             cell.value)
            )  # fmt: skip
    return found


def _with_records(change: FigureChange, as_of: datetime, access: Access | None) -> FigureChange:
    """Return a change with the records behind it that came in since."""
    facts = open_books().facts(change.period.end_on)
    try:
        figure = evaluate(Question(change.indicator, change.zone, change.period), facts)
    except UnknownReferenceError:  # the zone or the indicator is no longer there
        return change
    late = recorded_after(figure.records, as_of)
    if access is not None:
        seen = access.seen(late)
        late = tuple(record for record in late if record in seen)
    return FigureChange(
        change.publication, change.zone, change.indicator, change.period, change.unit, change.old,
        change.new, late,
    )  # fmt: skip


def _values_of(found: Board) -> dict[str, dict[str, dict[str, object]]]:
    values: dict[str, dict[str, dict[str, object]]] = {}
    for cell in found.cells:
        if cell.value is not None:
            given = {"value": cell.value, "unit": cell.unit}
            values.setdefault(cell.zone, {})[cell.indicator] = given
    return values


def _number(given: Mapping[str, object]) -> float | None:
    value = given.get("value")
    return float(value) if isinstance(value, int | float) else None


def _is_same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return math.isclose(old, new, rel_tol=_SAME, abs_tol=1e-12)


def _published(made: Publication) -> Published:
    last = Period.parse(made.period)
    return Published(
        key=made.pk,
        period=Period.year_to_date(last.year, last.last_month),
        title=made.title,
        as_of=made.as_of,
        by=made.by,
        at=made.at,
        figures=sum(len(given) for given in made.values.values()),
    )
