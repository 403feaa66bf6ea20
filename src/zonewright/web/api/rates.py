"""How often one may ask: so many requests a minute for each token, reads and writes apart.

Each process counts for itself (a count in the database would make a write of every read): a desk
of N processes lets through at most N times as many. Another cache behind the name ``rates`` may
count them together.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches

from zonewright.web.api.problems import ApiError

_WINDOW_S = 60


@dataclass(frozen=True, slots=True)
class Gauge:
    """What of a minute's requests is used.

    Parameters
    ----------
    kind
        ``read``, ``write`` or ``refused``.
    quota, used
        Requests allowed and made.
    left_s
        Until the next minute begins [s].
    """

    kind: str
    quota: int
    used: int
    left_s: int

    @property
    def headers(self) -> dict[str, str]:
        """What an answer says of it (draft-ietf-httpapi-ratelimit-headers)."""
        return {
            "RateLimit-Policy": f'"{self.kind}";q={self.quota};w={_WINDOW_S}',
            "RateLimit": f'"{self.kind}";r={max(0, self.quota - self.used)};t={self.left_s}',
        }


def count(who: str, kind: str) -> Gauge:
    """Count a request and return how many are used.

    Raises
    ------
    ApiError
        429, if there were too many in this minute.
    """
    gauge = _counted(who, kind)
    refuse_above(gauge)
    return gauge


def refuse_above(gauge: Gauge) -> None:
    """Refuse what goes beyond the quota."""
    if gauge.used > gauge.quota:
        headers = {**gauge.headers, "Retry-After": str(gauge.left_s)}
        raise ApiError(
            "api-too-many", status=429, headers=headers, quota=gauge.quota, seconds=gauge.left_s
        )


def used(who: str, kind: str) -> Gauge:
    """Return how many requests are used without counting one."""
    now = time.time()
    return _gauge(kind, caches["rates"].get(_key(who, kind, now), 0), now)


def _counted(who: str, kind: str) -> Gauge:
    now = time.time()
    key = _key(who, kind, now)
    caches["rates"].add(key, 0, timeout=2 * _WINDOW_S)
    return _gauge(kind, caches["rates"].incr(key), now)


def _key(who: str, kind: str, now: float) -> str:
    return f"{kind}:{who}:{int(now // _WINDOW_S)}"


def _gauge(kind: str, number: int, now: float) -> Gauge:
    return Gauge(kind, settings.API_RATES[kind], number, _WINDOW_S - int(now % _WINDOW_S))
