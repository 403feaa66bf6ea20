"""Whether what figures are computed from has changed."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from zonewright.store.models import Revision, Workspace
from zonewright.store.spatial import TRACKED


def token(table: str) -> str:
    """Return the change token of a table: another one means that its rows may have changed."""
    return Revision.objects.values_list("token", flat=True).get(name=table)


def tokens(*tables: str) -> str:
    """Return the change tokens of some tables as one text."""
    found = Revision.objects.filter(name__in=tables).order_by("name")
    return "|".join(found.values_list("token", flat=True))


def fingerprint(as_of: datetime | None = None) -> str:
    """Return a fingerprint of everything that figures are computed from.

    The database renews a table's token with every change, whoever makes it; equal fingerprints mean
    equal figures. A refused or repeated import changes none.

    Parameters
    ----------
    as_of
        Time at which the workspace is seen; None means as it is now.
    """
    digest = sha256()
    for identity in Workspace.objects.values_list("identity", flat=True):
        digest.update(str(identity).encode())
    tokens = Revision.objects.filter(name__in=TRACKED).order_by("name")
    for name, value in tokens.values_list("name", "token"):
        digest.update(f"|{name}={value}".encode())
    digest.update(f"|{as_of.isoformat() if as_of else ''}".encode())
    return digest.hexdigest()
