"""Which land a reader asks for: a zone or all that they see, a day, another day, a size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from zonewright.web import language
from zonewright.web.access import of
from zonewright.web.inputs import plain
from zonewright.web.mapview import zones_of
from zonewright.workflows.land import MIN_BLOCK_MU, Question
from zonewright.workflows.land_rules import RULES, SUPPLY, RuleName

# What stands in an address for all land that a reader sees.
ALL = "all"
FIRST, LAST = date(1900, 1, 1), date(2100, 12, 31)
MOST_MU, MOST_GAP_M = 1_000_000.0, 100.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Which land is asked for.

    Parameters
    ----------
    zone
        Code of a zone; empty for all that the reader sees.
    name
        What the reader calls it.
    zones
        Codes of the zones that count; None for everything.
    on, since
        The day, and an earlier one with which it is compared.
    min_mu
        Smallest block [mu].
    rule
        By which rule land counts.
    gap_m
        Widest gap over a road or canal across which land is joined as well [m].
    faults
        What could not be read, by field, in the reader's language.
    """

    zone: str
    name: str
    zones: frozenset[str] | None
    on: date
    since: date
    min_mu: float
    rule: RuleName = SUPPLY
    gap_m: float = 0.0
    faults: tuple[str, ...] = ()

    @property
    def question(self) -> Question:
        """The question for the workflow."""
        return Question(self.zones, self.on, self.min_mu, self.rule, self.gap_m)

    @property
    def place(self) -> str:
        """What stands for the zone in an address."""
        return self.zone or ALL

    @property
    def query(self) -> str:
        """The same as a query string without the zone."""
        return self.query_by(self.rule)

    def query_by(self, rule: RuleName) -> str:
        """Return the same as a query string without the zone, by another rule."""
        given = {
            "on": self.on.isoformat(),
            "since": self.since.isoformat(),
            "mu": self.size,
            "rule": rule,
            **({"gap": self.gap} if self.gap_m else {}),
        }
        return f"?{urlencode(given)}"

    @property
    def whole_query(self) -> str:
        """The same as a query string, the zone too."""
        return f"{self.query}&{urlencode({'zone': self.zone})}"

    @property
    def gap(self) -> str:
        """The widest gap as a reader types it [m]."""
        return f"{self.gap_m:g}"

    @property
    def size(self) -> str:
        """The smallest block as a reader types it [mu]."""
        return f"{self.min_mu:g}" if self.min_mu < MOST_MU else f"{self.min_mu:.0f}"


def asked_of(request: HttpRequest, zone: str | None = None) -> Asked:
    """Return which land is asked for; what cannot be read is a fault, and the usual is taken.

    Parameters
    ----------
    request
        With ``zone``, ``on``, ``since``, ``mu``, ``rule`` and ``gap`` in its query.
    zone
        Zone of the address, instead of the query's.

    Raises
    ------
    Http404
        If there is no such zone, or none that the reader may see.
    """
    access, faults = of(request), []
    code = request.GET.get("zone", "").strip()[:200] if zone is None else zone
    code = "" if code == ALL else code
    today = timezone.localdate()
    on = _day(request.GET.get("on", ""), today)
    since = _day(request.GET.get("since", ""), None)
    if on is None:
        faults.append(_("The day cannot be read; write it as 2023-10-31."))
    if since is None and request.GET.get("since"):
        faults.append(_("The earlier day cannot be read; write it as 2023-10-31."))
    day = on or today
    before = since or _year_before(day)
    if before >= day:
        if since is not None:
            faults.append(_("The earlier day must lie before the day."))
        before = day - timedelta(days=1)
    size = _number(request.GET.get("mu", ""), MIN_BLOCK_MU, MOST_MU)
    gap_m = _number(request.GET.get("gap", ""), 0.0, MOST_GAP_M)
    if size is None:
        faults.append(_("The smallest block must be a number of mu above 0."))
    if gap_m is None:
        faults.append(_("The gap must be a number of metres from 0 to 100."))
    asked = Asked(
        "", _("All land that you see"), access.zones(), day, before, size or MIN_BLOCK_MU,
        _rule(request.GET.get("rule", "")), gap_m or 0.0, tuple(faults),
    )  # fmt: skip
    return _of_zone(request, asked, code) if code else asked


def asked_for(zone: str, name: str, on: date, rule: RuleName) -> Asked:
    """Return the land of a zone on a day, compared with the end of the year before."""
    return Asked(zone, name, frozenset({zone}), on, _year_before(on), MIN_BLOCK_MU, rule)


def _year_before(day: date) -> date:
    return date(day.year - 1, 12, 31)


def _of_zone(request: HttpRequest, asked: Asked, code: str) -> Asked:
    zones = zones_of(request)
    if not of(request).may("view", code) or code not in zones.index:
        raise Http404(code)
    row = zones.loc[code]
    name = language.choose(str(row["name"]), str(row["name_en"]))
    return replace(asked, zone=code, name=name, zones=frozenset({code}))


def _rule(text: str) -> RuleName:
    return next((rule for rule in RULES if rule == text.strip()), SUPPLY)


def _day(text: str, usual: date | None) -> date | None:
    if not text.strip():
        return usual
    try:
        found = date.fromisoformat(text.strip()[:20])
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None


def _number(text: str, usual: float, most: float) -> float | None:
    """Return a number above 0 and not above the most; the usual may be 0 and is then allowed."""
    if not text.strip():
        return usual
    try:
        found = float(Decimal(plain(text[:40])))
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return found if 0 < found <= most or found == usual else None
