"""A reader's session and the workspace's change tokens: every request of the desk needs both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from zonewright.store.selectors._frames import moment, query

_TOGETHER = {"postgresql": "json_object_agg(name, token)::text"}
_TOGETHER_ELSE = "json_group_object(name, token)"


@dataclass(frozen=True, slots=True)
class Session:
    """What a session holds, signed, and the change tokens of that moment by table."""

    data: str
    tokens: Mapping[str, str]


def session(key: str, now: datetime) -> Session | None:
    """Return a session that has not expired, with all change tokens, by one query."""
    together = _TOGETHER.get(connection.vendor, _TOGETHER_ELSE)
    found = query(
        f"""
        SELECT session_data, (SELECT {together} FROM store_revision)
          FROM django_session WHERE session_key = %s AND expire_date > %s""",  # noqa: S608
        (key, moment(now)),
    )
    return Session(found[0][0], json.loads(found[0][1] or "{}")) if found else None


def all_tokens() -> dict[str, str]:
    """Return the change tokens of all tables that have one."""
    return dict(query("SELECT name, token FROM store_revision"))
