"""Bytes known by their fingerprint: each content is kept once."""

from __future__ import annotations

from hashlib import sha256

from zonewright.core.errors import StateError
from zonewright.store.models import Blob

WKB = "application/wkb"
_NAMED = "wkb sha256:"


def keep(content: bytes, media_type: str) -> Blob:
    """Keep bytes, unless they are kept already.

    Parameters
    ----------
    content
        The bytes.
    media_type
        What they are, as in ``application/pdf``.
    """
    digest = sha256(content).hexdigest()
    blob, _ = Blob.objects.get_or_create(
        sha256=digest,
        defaults={"size": len(content), "media_type": media_type, "content": content},
    )
    return blob


def keep_shapes(*shapes: bytes | None) -> None:
    """Keep the shapes of a change, so that it can be taken back."""
    for shape in shapes:
        if shape is not None:
            keep(shape, WKB)


def shape_named(text: str) -> bytes:
    """Return a shape by its name in the audit trail, ``wkb sha256:…``.

    Raises
    ------
    StateError
        If it was not kept.
    """
    digest = text.removeprefix(_NAMED)
    content = Blob.objects.filter(sha256=digest).values_list("content", flat=True).first()
    if content is None:
        raise StateError("undo-shape-gone")
    return bytes(content)
