"""Which addresses belong to the API."""

from __future__ import annotations

_ROOTS = ("/api/", "/ogc/")
# A page for people, who sign in as on every other page.
_PAGES = frozenset({"/api/v1/docs"})


def is_api(path: str) -> bool:
    """Return whether an address belongs to the API, not to the pages."""
    return (path.startswith(_ROOTS) or path == "/ogc") and path not in _PAGES
