"""Spatial indexes and change tokens, kept by the database itself.

On SQLite an R-tree stands beside each located table; triggers of plain SQL keep it from the four
columns of the bounding box, so that any program may write rows. On PostgreSQL a GiST index serves.
On both, triggers give a table a new token in ``store_revision`` with every change (whoever caches a
result knows whether it still holds), and they forget the box or area of a geometry that another
program changed without it: SQL cannot measure one on the ellipsoid, so reads measure what is NULL.

`sync` is idempotent and runs after every migration, because a table that Django remakes on SQLite
loses its triggers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

LOCATED = ("store_zoneversion", "store_parcel", "store_nogo", "store_work", "store_mapfeature")
PLACED = ("store_parcel", "store_nogo", "store_work")
# Layers so big that whoever holds one in memory must learn which rows changed (`models.Change`).
# The key is the parcel's: a stage of a past day changes with an event that leaves the present one.
LOGGED = {"store_parcel": "id", "store_parcelevent": "parcel_id"}
MEASURED = ("store_zoneversion", "store_parcel", "store_nogo")
# What figures are computed from; runs, users, map layers and the audit trail change no figure.
TRACKED = (
    "store_zone", "store_zoneversion", "store_membership", "store_plan", "store_parcel",
    "store_parcelevent", "store_nogo", "store_work", "store_workmonth", "store_venture",
    "store_milestone", "store_firm", "store_indicator", "store_observation", "store_target",
    "store_outlineitem", "store_quotaentry", "store_fundentry", "store_sourcefile",
)  # fmt: skip
# Tables whose tokens caches of the desk rest on.
WATCHED = (
    "store_workspace", "store_user", "otp_totp_totpdevice", "store_grant", "store_place",
    "store_maplayer", "store_mapfeature", "store_return", "store_order", "store_publication",
)  # fmt: skip

_SQLITE_RTREE = """
CREATE VIRTUAL TABLE IF NOT EXISTS {t}_rtree USING rtree(id, west, east, south, north);
DROP TRIGGER IF EXISTS {t}_rtree_insert;
CREATE TRIGGER {t}_rtree_insert AFTER INSERT ON {t} WHEN NEW.west IS NOT NULL BEGIN
  INSERT OR REPLACE INTO {t}_rtree VALUES (NEW.id, NEW.west, NEW.east, NEW.south, NEW.north);
END;
DROP TRIGGER IF EXISTS {t}_rtree_update;
CREATE TRIGGER {t}_rtree_update AFTER UPDATE OF id, west, south, east, north ON {t} BEGIN
  DELETE FROM {t}_rtree WHERE id = OLD.id;
  INSERT OR REPLACE INTO {t}_rtree
    SELECT NEW.id, NEW.west, NEW.east, NEW.south, NEW.north WHERE NEW.west IS NOT NULL;
END;
DROP TRIGGER IF EXISTS {t}_rtree_delete;
CREATE TRIGGER {t}_rtree_delete AFTER DELETE ON {t} BEGIN
  DELETE FROM {t}_rtree WHERE id = OLD.id;
END;
DELETE FROM {t}_rtree WHERE id NOT IN (SELECT id FROM {t} WHERE west IS NOT NULL);
INSERT OR REPLACE INTO {t}_rtree
  SELECT id, west, east, south, north FROM {t} WHERE west IS NOT NULL;
"""

_SQLITE_FORGET_BOX = """
CREATE INDEX IF NOT EXISTS {t}_boxless ON {t} (id) WHERE west IS NULL;
DROP TRIGGER IF EXISTS {t}_forget_box;
CREATE TRIGGER {t}_forget_box AFTER UPDATE OF geometry ON {t}
  WHEN NEW.geometry IS NOT OLD.geometry
   AND NEW.west IS OLD.west AND NEW.south IS OLD.south
   AND NEW.east IS OLD.east AND NEW.north IS OLD.north BEGIN
  UPDATE {t} SET west = NULL, south = NULL, east = NULL, north = NULL WHERE id = NEW.id;
END;
"""

_SQLITE_FORGET_AREA = """
DROP TRIGGER IF EXISTS {t}_forget_area;
CREATE TRIGGER {t}_forget_area AFTER UPDATE OF geometry ON {t}
  WHEN NEW.geometry IS NOT OLD.geometry AND NEW.area_m2 IS OLD.area_m2 BEGIN
  UPDATE {t} SET area_m2 = NULL WHERE id = NEW.id;
END;
"""

_SQLITE_FORGET_PLACE = """
DROP TRIGGER IF EXISTS {t}_forget_place;
CREATE TRIGGER {t}_forget_place AFTER UPDATE OF {columns} ON {t}
  WHEN ({new}) IS NOT ({old}) AND NEW.place_id IS OLD.place_id BEGIN
  UPDATE {t} SET place_id = NULL WHERE id = NEW.id;
END;
"""

_SQLITE_LOG = """
DROP TRIGGER IF EXISTS {t}_log_insert;
CREATE TRIGGER {t}_log_insert AFTER INSERT ON {t} BEGIN
  INSERT INTO store_change (name, row) VALUES ('{t}', NEW.{key});
END;
DROP TRIGGER IF EXISTS {t}_log_update;
CREATE TRIGGER {t}_log_update AFTER UPDATE ON {t} BEGIN
  INSERT INTO store_change (name, row) VALUES ('{t}', NEW.{key});
  INSERT INTO store_change (name, row) SELECT '{t}', OLD.{key} WHERE OLD.{key} <> NEW.{key};
END;
DROP TRIGGER IF EXISTS {t}_log_delete;
CREATE TRIGGER {t}_log_delete AFTER DELETE ON {t} BEGIN
  INSERT INTO store_change (name, row) VALUES ('{t}', OLD.{key});
END;
"""

# Of the dates of a stage the one recorded last counts; a day that is still to come does not yet.
_STAGE = """coalesce((SELECT max(e.stage) FROM store_parcelevent e
    WHERE e.parcel_id = {key} AND e."on" <= {today}
      AND NOT EXISTS (SELECT 1 FROM store_parcelevent n
                       WHERE n.parcel_id = e.parcel_id AND n.stage || '' = e.stage
                         AND (n.recorded_at, n.id) > (e.recorded_at, e.id))), '')"""

# An event may be given to another parcel: then both parcels' stages are found anew.
_SQLITE_STAGE = """
DROP TRIGGER IF EXISTS store_parcelevent_stage_{event};
CREATE TRIGGER store_parcelevent_stage_{event} AFTER {event} ON store_parcelevent BEGIN
  UPDATE store_parcel SET stage = {stage} WHERE id IN ({keys}) AND stage <> {stage};
END;
"""

_EVENT_KEYS = {
    "INSERT": "NEW.parcel_id",
    "UPDATE": "NEW.parcel_id, OLD.parcel_id",
    "DELETE": "OLD.parcel_id",
}

_SQLITE_REVISION = """
INSERT OR IGNORE INTO store_revision (name, token) VALUES ('{t}', lower(hex(randomblob(16))));
DROP TRIGGER IF EXISTS {t}_token_{event};
CREATE TRIGGER {t}_token_{event} AFTER {event} ON {t} BEGIN
  UPDATE store_revision SET token = lower(hex(randomblob(16))) WHERE name = '{t}';
END;
"""

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION zonewright_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE store_revision SET token = replace(gen_random_uuid()::text, '-', '')
   WHERE name = TG_TABLE_NAME;
  RETURN NULL;
END $$;
"""

_POSTGRES_FORGET = """
CREATE OR REPLACE FUNCTION zonewright_forget_box() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.west := NULL; NEW.south := NULL; NEW.east := NULL; NEW.north := NULL;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION zonewright_forget_area() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.area_m2 := NULL;
  RETURN NEW;
END $$;
"""

_POSTGRES_FORGET_PLACE = """
CREATE OR REPLACE FUNCTION zonewright_forget_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.place_id := NULL;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS {t}_forget_place ON {t};
CREATE TRIGGER {t}_forget_place BEFORE UPDATE OF {columns} ON {t} FOR EACH ROW
  WHEN (({new}) IS DISTINCT FROM ({old})
    AND NEW.place_id IS NOT DISTINCT FROM OLD.place_id)
  EXECUTE FUNCTION zonewright_forget_place();
"""

_POSTGRES_LOG = """
CREATE OR REPLACE FUNCTION {t}_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO store_change (name, row) SELECT DISTINCT TG_TABLE_NAME, {key} FROM changed;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION {t}_log_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO store_change (name, row)
    SELECT TG_TABLE_NAME, {key} FROM changed UNION SELECT TG_TABLE_NAME, {key} FROM before_change;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS {t}_log_insert ON {t};
CREATE TRIGGER {t}_log_insert AFTER INSERT ON {t} REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION {t}_log();
DROP TRIGGER IF EXISTS {t}_log_update ON {t};
CREATE TRIGGER {t}_log_update AFTER UPDATE ON {t}
  REFERENCING NEW TABLE AS changed OLD TABLE AS before_change
  FOR EACH STATEMENT EXECUTE FUNCTION {t}_log_moved();
DROP TRIGGER IF EXISTS {t}_log_delete ON {t};
CREATE TRIGGER {t}_log_delete AFTER DELETE ON {t} REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION {t}_log();
"""

_POSTGRES_STAGE = """
CREATE OR REPLACE FUNCTION zonewright_stages(parcels bigint[]) RETURNS void LANGUAGE sql AS $$
  UPDATE store_parcel SET stage = now_reached.stage
    FROM (SELECT id, {stage} AS stage FROM store_parcel WHERE id = ANY(parcels)) AS now_reached
   WHERE store_parcel.id = now_reached.id AND store_parcel.stage <> now_reached.stage
$$;
CREATE OR REPLACE FUNCTION zonewright_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM zonewright_stages(ARRAY(SELECT DISTINCT parcel_id FROM changed));
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION zonewright_stage_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM zonewright_stages(
    ARRAY(SELECT parcel_id FROM changed UNION SELECT parcel_id FROM before_change));
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS store_parcelevent_stage ON store_parcelevent;
DROP TRIGGER IF EXISTS store_parcelevent_stage_insert ON store_parcelevent;
CREATE TRIGGER store_parcelevent_stage_insert AFTER INSERT ON store_parcelevent
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION zonewright_stage();
DROP TRIGGER IF EXISTS store_parcelevent_stage_update ON store_parcelevent;
CREATE TRIGGER store_parcelevent_stage_update AFTER UPDATE ON store_parcelevent
  REFERENCING NEW TABLE AS changed OLD TABLE AS before_change
  FOR EACH STATEMENT EXECUTE FUNCTION zonewright_stage_moved();
DROP TRIGGER IF EXISTS store_parcelevent_stage_delete ON store_parcelevent;
CREATE TRIGGER store_parcelevent_stage_delete AFTER DELETE ON store_parcelevent
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION zonewright_stage();
"""

_POSTGRES_FORGET_BOX = """
DROP TRIGGER IF EXISTS {t}_forget_box ON {t};
CREATE TRIGGER {t}_forget_box BEFORE UPDATE OF geometry ON {t} FOR EACH ROW
  WHEN (NEW.geometry IS DISTINCT FROM OLD.geometry
    AND (NEW.west, NEW.south, NEW.east, NEW.north)
        IS NOT DISTINCT FROM (OLD.west, OLD.south, OLD.east, OLD.north))
  EXECUTE FUNCTION zonewright_forget_box();
"""

_POSTGRES_FORGET_AREA = """
DROP TRIGGER IF EXISTS {t}_forget_area ON {t};
CREATE TRIGGER {t}_forget_area BEFORE UPDATE OF geometry ON {t} FOR EACH ROW
  WHEN (NEW.geometry IS DISTINCT FROM OLD.geometry
    AND NEW.area_m2 IS NOT DISTINCT FROM OLD.area_m2)
  EXECUTE FUNCTION zonewright_forget_area();
"""

_POSTGRES_REVISION = """
INSERT INTO store_revision (name, token) VALUES ('{t}', replace(gen_random_uuid()::text, '-', ''))
  ON CONFLICT DO NOTHING;
DROP TRIGGER IF EXISTS {t}_token ON {t};
CREATE TRIGGER {t}_token AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {t}
  FOR EACH STATEMENT EXECUTE FUNCTION zonewright_touch();
"""

_POSTGRES_INDEX = """
CREATE INDEX IF NOT EXISTS {t}_geometry ON {t} USING gist (geometry);
CREATE INDEX IF NOT EXISTS {t}_boxless ON {t} (id) WHERE west IS NULL;
"""


def sync(connection: BaseDatabaseWrapper) -> None:
    """Make indexes, triggers and tokens of every table that exists; what is there is renewed."""
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        if "store_revision" not in present:
            return
        _run(cursor, _scripts(connection.vendor, present))
        if "store_change" in present:
            renew_stages(connection)


def renew_stages(connection: BaseDatabaseWrapper) -> None:
    """Bring every parcel's stage up to date: a day that an event named may have come."""
    stage = _stage(connection.vendor, "store_parcel.id")
    with connection.cursor() as cursor:
        # On PostgreSQL an UPDATE renews the table's token also where it finds nothing to change.
        cursor.execute(f"SELECT id FROM store_parcel WHERE stage <> {stage}")  # noqa: S608
        stale = cursor.fetchall()
        cursor.executemany(f"UPDATE store_parcel SET stage = {stage} WHERE id = %s", stale)  # noqa: S608


def _stage(vendor: str, key: str) -> str:
    """Return the SQL of the furthest stage that a parcel has reached by today.

    Today is that of the headquarters, not of the server's clock; SQLite knows no time zones, so it
    is told how far the headquarters' clocks are ahead.
    """
    if vendor == "postgresql":
        name = timezone.get_default_timezone_name()
        return _STAGE.format(key=key, today=f"(now() AT TIME ZONE '{name}')::date")
    ahead = timezone.localtime().utcoffset() or timedelta()
    return _STAGE.format(key=key, today=f"date('now', '{ahead.total_seconds():+.0f} seconds')")


def _place_rests_on(name: str) -> dict[str, str]:
    """Return the columns of a table whose change makes a record's place another."""
    columns = ("geometry",) if name == "store_nogo" else ("geometry", "zone_id")
    return {
        "t": name,
        "columns": ", ".join(columns),
        "new": ", ".join(f"NEW.{column}" for column in columns),
        "old": ", ".join(f"OLD.{column}" for column in columns),
    }


def _scripts(vendor: str, present: set[str]) -> Iterator[str]:
    """Return every statement that makes what the database keeps by itself."""

    def there(names: Iterable[str]) -> list[str]:
        return [name for name in names if name in present]

    # Before migration 0002 there is no place, no log and no stage to keep.
    placed, logged = (PLACED, LOGGED) if "store_change" in present else ((), {})
    tokens = there((*TRACKED, *WATCHED))
    if vendor == "postgresql":
        yield from (_POSTGRES_FUNCTION, _POSTGRES_FORGET)
        for script, names in (
            (_POSTGRES_INDEX, there(LOCATED)),
            (_POSTGRES_FORGET_BOX, there(LOCATED)),
            (_POSTGRES_FORGET_AREA, there(MEASURED)),
            (_POSTGRES_REVISION, tokens),
        ):
            yield from (script.format(t=name) for name in names)
        yield from (_POSTGRES_FORGET_PLACE.format(**_place_rests_on(name)) for name in placed)
        yield from (_POSTGRES_LOG.format(t=name, key=key) for name, key in logged.items())
        if logged:
            yield _POSTGRES_STAGE.format(stage=_stage(vendor, "store_parcel.id"))
        return
    for script, names in (
        (_SQLITE_RTREE, there(LOCATED)),
        (_SQLITE_FORGET_BOX, there(LOCATED)),
        (_SQLITE_FORGET_AREA, there(MEASURED)),
    ):
        yield from (part for name in names for part in _statements(script, t=name))
    for name in placed:
        yield from _statements(_SQLITE_FORGET_PLACE, **_place_rests_on(name))
    for name, key in logged.items():
        yield from _statements(_SQLITE_LOG, t=name, key=key)
    for event in ("INSERT", "UPDATE", "DELETE"):
        for name in tokens:
            yield from _statements(_SQLITE_REVISION, t=name, event=event)
        if logged:
            stage = _stage(vendor, "store_parcel.id")
            keys = _EVENT_KEYS[event]
            yield from _statements(_SQLITE_STAGE, event=event, keys=keys, stage=stage)


def _run(cursor: Any, statements: Iterable[str]) -> None:
    for statement in statements:
        cursor.execute(statement)


def _statements(script: str, **names: str) -> list[str]:
    """Return the statements of a script; the body of a trigger ends with ``END;``."""
    found: list[str] = []
    for line in script.format(**names).strip().splitlines():
        in_body = bool(found) and "CREATE TRIGGER" in found[-1] and "END;" not in found[-1]
        starts = not line.startswith(" ") and not in_body
        if starts:
            found.append(line)
        else:
            found[-1] += "\n" + line
    return found


def sync_after_migration(using: str, **_signal: object) -> None:
    """Renew indexes and triggers when Django has migrated a database."""
    if apps.is_installed("zonewright.store"):
        sync(connections[using])
