"""The digest of a workspace by content: the same files and steps from scratch give the same."""

from __future__ import annotations

from collections.abc import Mapping

from zonewright.store.selectors.digest import content_digest, content_digests

__all__ = ["content_digest", "content_digests", "differing"]


def differing(
    one: Mapping[str, tuple[int, str]], other: Mapping[str, tuple[int, str]]
) -> tuple[str, ...]:
    """Return the names of the tables in which two workspaces (`content_digests`) differ."""
    return tuple(name for name in sorted({*one, *other}) if one.get(name) != other.get(name))
