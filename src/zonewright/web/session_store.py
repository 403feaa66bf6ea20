"""Sessions in the workspace's database, read together with its change tokens (`web.moment`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from zonewright.store.selectors import sessions


class SessionStore(db.SessionStore):
    """Django's sessions in the database; one that was read knows the tokens of its moment."""

    tokens: Mapping[str, str] | None = None

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing, and a new key, if it is not there."""
        found = sessions.session(self.session_key, timezone.now()) if self.session_key else None
        if found is None:
            self._session_key = None
            return {}
        self.tokens = found.tokens
        read: dict[str, Any] = self.decode(found.data)
        return read
