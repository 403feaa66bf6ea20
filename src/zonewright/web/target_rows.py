"""Targets as the desk shows them: a tree of who brings what, with curves and sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from zonewright.report import numbers
from zonewright.steering.catalogue import Indicator
from zonewright.steering.targets import Verdict
from zonewright.store.access import roles
from zonewright.web import board_view, language, words
from zonewright.web.steering_words import zone_name
from zonewright.workflows.books import Books
from zonewright.workflows.targets import Cascade, TargetBook, TargetChange, TargetView

SPARK_WIDTH, SPARK_HEIGHT = 60.0, 20.0
# A zone may lie in several others; nobody reads a tree deeper than this.
DEEPEST = 6
_PLAN = "plan"


@dataclass(frozen=True, slots=True)
class SumView:
    """How the parts of a target add up: verdict, sentence, and the parts that have no target."""

    verdict: str
    sign: str
    text: str
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target in the tree.

    Parameters
    ----------
    key
        Of the target.
    name, kind
        Who brings it, and whether that is a zone, a work or a project.
    zone, indicator
        Codes.
    depth
        How deep it lies.
    value
        With its unit.
    share
        Part of the target above; empty at the top.
    curve, spark, expected
        Kind of the curve, its drawing, and what it says in words.
    sums
        How its parts add up, one a hierarchy.
    findings
        What is wrong with it.
    may_plan
        Whether the reader may change it.
    """

    key: int
    name: str
    kind: str
    zone: str
    indicator: str
    depth: int
    value: str
    share: str
    curve: str
    spark: str
    expected: str
    sums: tuple[SumView, ...]
    findings: tuple[str, ...]
    change_at: str


def planners() -> str:
    """Return the names of the roles that may set targets."""
    names = [
        role.label(language.current()) for role in roles().values() if _PLAN in role.permissions
    ]
    return ("、" if language.current() == "zh" else ", ").join(names)


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """The targets of an indicator, as a tree."""

    code: str
    label: str
    unit: str
    rows: tuple[TargetRow, ...]


def groups(book: TargetBook, planned: frozenset[str] | None) -> list[TargetGroup]:
    """Return the targets of a year by indicator.

    Parameters
    ----------
    book
        The targets.
    planned
        Codes of the zones in which the reader may change targets; None means in all.
    """
    lang = language.current()
    by_indicator: dict[str, list[TargetView]] = {}
    for view in book.targets:
        by_indicator.setdefault(view.indicator.code, []).append(view)
    found = []
    for code, views in by_indicator.items():
        indicator = views[0].indicator
        cascades = [one for one in book.cascades if one.whole.indicator.code == code]
        rows = tuple(_tree(views, cascades, planned))
        unit = numbers.unit_label(indicator.unit, lang)
        found.append(TargetGroup(code, indicator.label(lang), unit, rows))
    return found


def _tree(
    views: Sequence[TargetView], cascades: Sequence[Cascade], planned: frozenset[str] | None
) -> Iterator[TargetRow]:
    by_key = {view.row.id: view for view in views}
    below: dict[int, list[Cascade]] = {}
    for cascade in cascades:
        below.setdefault(cascade.whole.row.id, []).append(cascade)
    parts = {part.target for cascade in cascades for part in cascade.parts}

    def rows(view: TargetView, above: TargetView | None, depth: int) -> Iterator[TargetRow]:
        own = below.get(view.row.id, [])
        yield target_row(view, own, planned, above=above, depth=depth)
        if depth >= DEEPEST:
            return
        keys = dict.fromkeys(part.target for cascade in own for part in cascade.parts)
        for key in keys:
            if key is not None and key in by_key:
                yield from rows(by_key[key], view, depth + 1)

    for view in views:
        if view.row.id not in parts:
            yield from rows(view, None, 0)


def target_row(
    view: TargetView,
    cascades: Sequence[Cascade],
    planned: frozenset[str] | None,
    *,
    above: TargetView | None = None,
    depth: int = 0,
) -> TargetRow:
    """Return a target as a row of the tree."""
    lang = language.current()
    share = ""
    if above is not None and above.value and view.value is not None:
        share = board_view.percent(100 * view.value / above.value)
    may = planned is None or view.zone in planned
    return TargetRow(
        key=view.row.id,
        name=view.name(lang),
        kind=view.subject.kind if view.subject else "zone",
        zone=view.zone,
        indicator=view.indicator.code,
        depth=depth,
        value=value_text(view),
        share=share,
        curve=words.choice(view.row.curve or "linear", "targets.curve"),
        spark=spark(view.shares),
        expected=expected_text(view.shares),
        sums=tuple(sum_view(one, view.indicator) for one in cascades),
        findings=tuple(finding.text(lang) for finding in view.findings),
        change_at=change_address(view) if may else "",
    )


def value_text(view: TargetView) -> str:
    """Return a target with its unit; in the unit in which it was set if that does not fit."""
    lang = language.current()
    if view.value is not None:
        return numbers.computed(view.value, view.indicator.unit, lang)
    return f"{numbers.number(view.row.value, 2)} {view.row.unit}"


def change_address(view: TargetView) -> str:
    """Return where a target is changed."""
    row = view.row
    given = {"zone": row.zone, "indicator": row.indicator, "year": row.year}
    if row.subject:
        given["subject"] = row.subject
    return f"{reverse('target-set')}?{urlencode(given)}"


def spark(shares: Sequence[float]) -> str:
    """Return a curve as the points of a polyline, from nothing in January to all in December.

    Examples
    --------
    >>> spark([50.0] * 11 + [100.0])[:19]
    '0.0,20.0 5.0,10.0 1'
    """
    if not shares:
        return ""
    step = SPARK_WIDTH / 12
    points = [(0.0, 0.0), *((month * step, share) for month, share in enumerate(shares, 1))]
    return " ".join(
        f"{x:.1f},{SPARK_HEIGHT * (1 - min(max(share, 0.0), 100.0) / 100):.1f}"
        for x, share in points
    )


def expected_text(shares: Sequence[float]) -> str:
    """Return what a curve asks by the end of each quarter."""
    if not shares:
        return ""
    quarters = (board_view.percent(shares[month - 1]) for month in (3, 6, 9, 12))
    names = (_("March"), _("June"), _("September"), _("December"))
    return " · ".join(f"{name} {share}" for name, share in zip(names, quarters, strict=True))


def sum_view(cascade: Cascade, indicator: Indicator) -> SumView:
    """Return how the parts of a target add up."""
    lang, check = language.current(), cascade.check
    total = numbers.computed(check.total, indicator.unit, lang)
    gap = numbers.computed(abs(check.difference), indicator.unit, lang)
    texts: Mapping[Verdict, tuple[str, str]] = {
        "equal": ("=", _("the parts add up: %(total)s")),
        "short": ("−", _("the parts give %(total)s, %(gap)s too little")),
        "over": ("+", _("the parts give %(total)s, %(gap)s more than the whole")),
        "within": ("<", _("these parts give %(total)s; they are not all of the zone")),
        "partial": ("…", _("the parts so far give %(total)s, %(gap)s not handed down")),
    }
    sign, text = texts[check.verdict]
    lacking = tuple(part.name(lang) for part in cascade.lacking)
    return SumView(check.verdict, sign, text % {"total": total, "gap": gap}, lacking)


def change_rows(
    changes: Sequence[TargetChange], known: Mapping[str, Indicator], books: Books
) -> list[dict[str, object]]:
    """Return the versions of targets in the reader's language."""
    lang = language.current()
    return [
        {
            "key": change.target,
            "number": change.number,
            "label": known[change.indicator].label(lang)
            if change.indicator in known
            else change.indicator,
            "zone": zone_name(books, change.zone),
            "subject": change.subject,
            "before": ""
            if change.before is None
            else numbers.computed(change.before, change.before_unit, lang),
            "value": numbers.computed(change.value, change.unit, lang),
            "curve": words.choice(change.curve or "linear", "targets.curve"),
            "reason": change.reason,
            "by": change.by,
            "at": change.at,
        }
        for change in changes
    ]
