"""The roll-up as somebody would write it in SQL, beside the cube's."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from zonewright.core.units import UNITS
from zonewright.store.selectors._frames import moment, query

# Every zone with every zone below it, each once, however many ways lead there.
_REACH = """
    WITH RECURSIVE reach(parent, child) AS (
        SELECT parent_id, child_id FROM store_membership
        UNION
        SELECT r.parent, m.child_id FROM reach r JOIN store_membership m ON m.parent_id = r.child
    )"""


def rolled_up(as_of: datetime | None = None) -> dict[tuple[str, str, str], float]:
    """Return the monthly sums of every zone that has zones below it, in base units.

    Of several values of a month the one recorded last counts.
    """
    return {
        (zone, indicator, period): float(value)
        for zone, indicator, period, value in query(
            f"""{_REACH}, scale(unit, factor) AS (VALUES {_factors()}),
            latest AS (
                SELECT o.indicator_id, o.zone_id, o.period,
                       CAST(o.value AS double precision) * s.factor AS value,
                       row_number() OVER (
                           PARTITION BY o.indicator_id, o.zone_id, o.period
                           ORDER BY o.recorded_at DESC, o.id DESC) AS place
                  FROM store_observation o JOIN scale s ON s.unit = o.unit
                 WHERE o.recorded_at <= %s
            )
            SELECT z.code, i.code, l.period, sum(l.value)
              FROM latest l
              JOIN reach r ON r.child = l.zone_id
              JOIN store_zone z ON z.id = r.parent
              JOIN store_indicator i ON i.id = l.indicator_id
             WHERE l.place = 1
             GROUP BY z.code, i.code, l.period""",  # noqa: S608
            (moment(as_of),),
        )
    }


def year_to_date(
    indicators: list[str], periods: list[str], as_of: datetime | None
) -> dict[tuple[str, str], float]:
    """Return the sums of some months of some indicators of every zone, in base units: a board's."""
    marks, spans = (", ".join(["%s"] * len(given)) for given in (indicators, periods))
    return {
        (zone, indicator): float(value)
        for zone, indicator, value in query(
            f"""{_REACH}, scale(unit, factor) AS (VALUES {_factors()}),
            within(parent, child) AS (
                SELECT parent, child FROM reach UNION SELECT id, id FROM store_zone
            ),
            latest AS (
                SELECT o.indicator_id, o.zone_id, CAST(o.value AS double precision) * s.factor
                       AS value,
                       row_number() OVER (
                           PARTITION BY o.indicator_id, o.zone_id, o.period
                           ORDER BY o.recorded_at DESC, o.id DESC) AS place
                  FROM store_observation o JOIN scale s ON s.unit = o.unit
                 WHERE o.recorded_at <= %s AND o.period IN ({spans})
                   AND o.indicator_id IN (SELECT id FROM store_indicator WHERE code IN ({marks}))
            )
            SELECT z.code, i.code, sum(l.value)
              FROM latest l
              JOIN within w ON w.child = l.zone_id
              JOIN store_zone z ON z.id = w.parent
              JOIN store_indicator i ON i.id = l.indicator_id
             WHERE l.place = 1
             GROUP BY z.code, i.code""",  # noqa: S608
            (moment(as_of), *periods, *indicators),
        )
    }


def _factors() -> str:
    kind = "::double precision" if connection.vendor == "postgresql" else ""
    return ", ".join(
        f"('{code.replace('%', '%%')}', {float(unit.factor)!r}{kind})"
        for code, unit in UNITS.items()
    )
