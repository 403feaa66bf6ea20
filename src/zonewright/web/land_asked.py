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

# What stands in an address for all land that a reader sees.
ALL = "all"
FIRST, LAST = date(1900, 1, 1), date(2100, 12, 31)
MOST_MU = 1_000_000.0


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
    faults
        What could not be read, by field, in the reader's language.
    """

    zone: str
    name: str
    zones: frozenset[str] | None
    on: date
    since: date
    min_mu: float
    faults: tuple[str, ...] = ()

    @property
    def question(self) -> Question:
        """The question for the workflow."""
        return Question(self.zones, self.on, self.min_mu)

    @property
    def place(self) -> str:
        """What stands for the zone in an address."""
        return self.zone or ALL

    @property
    def query(self) -> str:
        """The same as a query string without the zone."""
        given = {"on": self.on.isoformat(), "since": self.since.isoformat(), "mu": self.size}
        return f"?{urlencode(given)}"

    @property
    def whole_query(self) -> str:
        """The same as a query string, the zone too."""
        return f"{self.query}&{urlencode({'zone': self.zone})}"

    @property
    def size(self) -> str:
        """The smallest block as a reader types it [mu]."""
        return f"{self.min_mu:g}" if self.min_mu < MOST_MU else f"{self.min_mu:.0f}"


def asked_of(request: HttpRequest, zone: str | None = None) -> Asked:
    """Return which land is asked for; what cannot be read is a fault, and the usual is taken.

    Parameters
    ----------
    request
        With ``zone``, ``on``, ``since`` and ``mu`` in its query.
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
    before = since or date(day.year - 1, 12, 31)
    if before >= day:
        if since is not None:
            faults.append(_("The earlier day must lie before the day."))
        before = day - timedelta(days=1)
    size = _size(request.GET.get("mu", ""))
    if size is None:
        faults.append(_("The smallest block must be a number of mu above 0."))
    asked = Asked(
        "", _("All land that you see"), access.zones(), day, before, size or MIN_BLOCK_MU,
        tuple(faults),
    )  # fmt: skip
    return _of_zone(request, asked, code) if code else asked


def _of_zone(request: HttpRequest, asked: Asked, code: str) -> Asked:
    zones = zones_of(request)
    if not of(request).may("view", code) or code not in zones.index:
        raise Http404(code)
    row = zones.loc[code]
    name = language.choose(str(row["name"]), str(row["name_en"]))
    return replace(asked, zone=code, name=name, zones=frozenset({code}))


def _day(text: str, usual: date | None) -> date | None:
    if not text.strip():
        return usual
    try:
        found = date.fromisoformat(text.strip()[:20])
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None


def _size(text: str) -> float | None:
    if not text.strip():
        return MIN_BLOCK_MU
    try:
        found = float(Decimal(plain(text[:40])))
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return found if 0 < found <= MOST_MU else None
