"""The year's targets: who is to bring which part of them, and whether the parts add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from zonewright.core.errors import InputError, UnknownReferenceError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.units import convert, unit
from zonewright.steering.catalogue import Indicator
from zonewright.steering.figure import Question
from zonewright.steering.targets import Part, PartKind, SumCheck, check_sum
from zonewright.store import actions, selectors
from zonewright.store.access import Access
from zonewright.store.actions import TargetInput
from zonewright.store.selectors import Subject, TargetChange, TargetRow
from zonewright.workflows.books import Books, open_books
from zonewright.workflows.curves import curve_for

# Share of a zone's area from which on the zones in it are taken for all of it.
_COVERED = 0.95

__all__ = ["TargetBook", "TargetChange", "TargetInput", "TargetView", "set_target", "targets"]


@dataclass(frozen=True, slots=True, eq=False)
class TargetView:
    """A target as a reader sees it.

    Parameters
    ----------
    row
        As the ledger holds it; ``row.id`` and ``row.record`` name it.
    indicator
        What is asked.
    zone_name_zh, zone_name_en
        Name of its zone.
    subject
        The work or project that brings it; None for the zone's own.
    value
        The year's target in the indicator's unit; None if its unit does not fit.
    shares
        What share of it is due by the end of January … December [%]; empty if the curve cannot be
        told.
    findings
        Why value or curve cannot be told.
    """

    row: TargetRow
    indicator: Indicator
    zone_name_zh: str
    zone_name_en: str
    subject: Subject | None
    value: float | None
    shares: tuple[float, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def zone(self) -> str:
        """Code of its zone."""
        return self.row.zone

    def zone_name(self, lang: str = "en") -> str:
        """Return the zone's name in a language."""
        return self.zone_name_zh if lang == "zh" else self.zone_name_en

    def name(self, lang: str = "en") -> str:
        """Return the name of who is to bring it: the project, or the zone."""
        return self.subject.name if self.subject is not None else self.zone_name(lang)

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "record": self.row.record,
            "indicator": self.row.indicator,
            "zone": self.row.zone,
            "subject": self.row.subject or None,
            "year": self.row.year,
            "value": float(self.row.value),
            "unit": self.row.unit,
            "curve": self.row.curve,
            "shares": list(self.shares),
            "findings": [finding.as_dict() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class CascadePart:
    """A part of a target: who is to bring it, and what they were given.

    Parameters
    ----------
    kind, code
        ``zone``, ``work`` or ``venture``, and its code.
    name_zh, name_en
        Its name.
    value
        Its target [the whole's unit]; None if none was set.
    target
        Primary key of its target; None if none was set.
    """

    kind: PartKind
    code: str
    name_zh: str
    name_en: str
    value: float | None
    target: int | None

    def name(self, lang: str = "en") -> str:
        """Return its name in a language."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True, slots=True, eq=False)
class Cascade:
    """A target beside the parts of it on one level.

    Parameters
    ----------
    whole
        The target.
    hierarchy
        In which the zones are parts of the whole; empty where works and projects are.
    parts
        Every part, with a target or without. Projects without a target are not listed.
    check
        Their sum beside the whole.
    """

    whole: TargetView
    hierarchy: str
    parts: tuple[CascadePart, ...]
    check: SumCheck

    @property
    def lacking(self) -> tuple[CascadePart, ...]:
        """The parts without a target."""
        return tuple(part for part in self.parts if part.value is None)

    def finding(self) -> Finding | None:
        """Return what does not add up; None if it does."""
        if self.check.verdict in ("equal", "within"):
            return None
        own = self.whole.indicator
        params: dict[str, object] = {
            "name": own.zh,
            "name_en": own.en,
            "zone": self.whole.zone,
            "unit_zh": unit(own.unit).label("zh"),
            "unit_en": unit(own.unit).label("en"),
            "total": f"{self.check.total:,.2f}",
            "whole": f"{self.check.whole:,.2f}",
            "difference": f"{self.check.difference:+,.2f}",
        }
        ids = tuple(part.code for part in self.lacking)
        return Finding("cascade-uneven", "warning", "targets", ids=ids, params=params)

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "zone": self.whole.zone,
            "indicator": self.whole.indicator.code,
            "year": self.whole.row.year,
            "unit": self.whole.indicator.unit,
            "hierarchy": self.hierarchy or None,
            "whole": self.check.whole,
            "total": self.check.total,
            "difference": self.check.difference,
            "verdict": self.check.verdict,
            "parts": [
                {"kind": part.kind, "code": part.code, "value": part.value} for part in self.parts
            ],
        }


@dataclass(frozen=True, slots=True, eq=False)
class TargetBook:
    """The targets of a year.

    Parameters
    ----------
    year
        The year.
    years
        Every year that has targets, ascending.
    zone
        Only of this zone and what lies below it; empty for all.
    targets
        The zones' own and those of works and projects, by zone, indicator and subject.
    cascades
        Each target that has parts with a target of their own, beside them.
    """

    year: int
    years: tuple[int, ...]
    zone: str
    targets: tuple[TargetView, ...]
    cascades: tuple[Cascade, ...]

    def of(self, zone: str, indicator: str, subject: str = "") -> TargetView | None:
        """Return one of the targets; None if it was not set."""
        keys = ((view.row.zone, view.row.indicator, view.row.subject) for view in self.targets)
        wanted = (zone, indicator, subject)
        return next((v for v, key in zip(self.targets, keys, strict=True) if key == wanted), None)


def targets(
    year: int | None = None,
    zone: str = "",
    *,
    access: Access | None = None,
    as_of: datetime | None = None,
) -> TargetBook:
    """Return the targets of a year with their curves and sums.

    Parameters
    ----------
    year
        The year; None means the latest that has targets.
    zone
        Only this zone and what lies below it; empty means all.
    access
        Whose targets are left out that may not be seen; None leaves out none.
    as_of
        Time at which the workspace is seen; None means now.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone.
    """
    books = open_books(as_of)
    if zone:
        books.require_zone(zone)
    rows = selectors.target_rows(access=access, as_of=as_of)
    years = tuple(sorted({row.year for row in rows}))
    asked = year if year is not None else years[-1] if years else datetime.now().astimezone().year
    rows = tuple(row for row in rows if row.year == asked)
    if zone:
        on = Period.whole_year(asked).end_on
        within = {zone, *books.scope(on).descendants(zone)}
        rows = tuple(row for row in rows if row.zone in within)
    views = _views(books, rows, access)
    return TargetBook(asked, years, zone, views, _cascades(books, views, asked, access))


def target(key: int, *, access: Access | None = None, as_of: datetime | None = None) -> TargetView:
    """Return one target.

    Raises
    ------
    UnknownReferenceError
        If there is none, or they may not see it.
    """
    rows = selectors.target_rows(ids=(key,), access=access, as_of=as_of)
    if not rows:
        raise UnknownReferenceError("target-unknown")
    (view,) = _views(open_books(as_of), rows, access)
    return view


def changes(
    year: int | None = None, *, key: int | None = None, access: Access | None = None
) -> tuple[TargetChange, ...]:
    """Return how targets came to be what they are, the latest change first.

    Parameters
    ----------
    year
        Only targets of this year.
    key
        Only this target.
    access
        As in `targets`.
    """
    ids = None if key is None else (key,)
    return selectors.target_changes(ids, year=year, access=access)


def set_target(
    given: TargetInput,
    *,
    access: Access,
    origin: str,
    reason: str = "",
    token: str = "",
) -> TargetView:
    """Set a target, or change it with a reason; parameters and errors as the action's."""
    state = actions.set_target(given, access=access, origin=origin, reason=reason, token=token)
    return target(int(state.record.partition(":")[2]), access=access)


def _views(
    books: Books, rows: Sequence[TargetRow], access: Access | None
) -> tuple[TargetView, ...]:
    codes = {row.subject for row in rows if row.subject}
    known = {found.code: found for found in selectors.subjects(codes, access=access)}
    return tuple(_view(books, row, known) for row in rows)


def _view(books: Books, row: TargetRow, known: Mapping[str, Subject]) -> TargetView:
    facts = books.facts(Period.whole_year(row.year).end_on)
    indicator = facts.catalogue[row.indicator]
    names = (books.zone_name(row.zone, "zh"), books.zone_name(row.zone, "en"))
    view = TargetView(row, indicator, *names, known.get(row.subject), None, ())
    try:
        value = float(convert(row.value, row.unit, indicator.unit))
        view = replace(view, value=value)
        asked = Question(row.indicator, row.zone, Period.whole_year(row.year))
        curve = curve_for(books, asked, row.curve, row.points, subject=row.subject)
        shares = tuple(float(100 * curve.share(month)) for month in range(1, 13))
    except InputError as error:
        found = Finding(error.code, "warning", "targets", ids=(row.record,), params=error.params)
        return replace(view, findings=(found,))
    return replace(view, shares=shares)


def _cascades(
    books: Books, views: Sequence[TargetView], year: int, access: Access | None
) -> tuple[Cascade, ...]:
    by_key = {(view.row.zone, view.row.indicator, view.row.subject): view for view in views}
    hierarchies = _children(books, year, access)
    found = []
    for whole in views:
        if whole.row.subject or not whole.value:
            continue
        for hierarchy, children in hierarchies.get(whole.zone, {}).items():
            parts = tuple(
                _zone_part(books, code, by_key.get((code, whole.row.indicator, "")))
                for code in children
            )
            covered = _covers(books, whole.zone, children, year)
            found.append(_cascade(whole, hierarchy, parts, covered=covered))
        own = [
            view
            for view in views
            if view.row.subject
            and (view.row.zone, view.row.indicator) == (whole.row.zone, whole.row.indicator)
        ]
        found.append(_cascade(whole, "", tuple(_subject_part(view) for view in own)))
    return tuple(cascade for cascade in found if cascade is not None)


def _children(
    books: Books, year: int, access: Access | None
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return zone to hierarchy to the zones directly below it at the end of a year."""
    rows = books.memberships
    end = Period.whole_year(year).end_on.isoformat()
    holds = rows["valid_from"].isna() | (rows["valid_from"] <= end)
    holds &= rows["valid_to"].isna() | (rows["valid_to"] > end)
    rows = rows[holds]
    if access is not None:
        seen = access.among(set(rows["parent"]) | set(rows["child"]))
        rows = rows[rows["parent"].isin(seen) & rows["child"].isin(seen)]
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for (parent, hierarchy), group in rows.groupby(["parent", "hierarchy"], sort=True):
        found.setdefault(str(parent), {})[str(hierarchy)] = tuple(sorted(set(group["child"])))
    return found


def _covers(books: Books, zone: str, parts: Sequence[str], year: int) -> bool:
    """Return whether zones make up another on the map; where nothing is drawn, they do."""
    scope = books.scope(Period.whole_year(year).end_on)
    areas = [scope.area_m2(part) for part in parts]
    whole = scope.area_m2(zone) if scope.has_boundary(zone) else None
    if whole is None or any(area is None for area in areas):
        return True
    return sum(area or 0.0 for area in areas) >= _COVERED * whole


def _cascade(
    whole: TargetView, hierarchy: str, parts: tuple[CascadePart, ...], *, covered: bool = True
) -> Cascade | None:
    if whole.value is None or all(part.value is None for part in parts):
        return None
    check = check_sum(
        whole.value, (Part(part.kind, part.code, part.value) for part in parts), covered=covered
    )
    return Cascade(whole, hierarchy, parts, check)


def _zone_part(books: Books, code: str, view: TargetView | None) -> CascadePart:
    names = (books.zone_name(code, "zh"), books.zone_name(code, "en"))
    value, key = (view.value, view.row.id) if view is not None else (None, None)
    return CascadePart("zone", code, *names, value, key)


def _subject_part(view: TargetView) -> CascadePart:
    kind: PartKind = "venture" if view.subject and view.subject.kind == "venture" else "work"
    name = view.subject.name if view.subject else view.row.subject
    return CascadePart(kind, view.row.subject, name, name, view.value, view.row.id)
