"""Names of the codes that tables hold, in the reader's language."""

from __future__ import annotations

from zonewright.core.schema import table
from zonewright.core.texts import all_texts
from zonewright.store.selectors.cards import BY_HAND
from zonewright.web import language


def choice(code: str, field: str) -> str:
    """Return the name of a choice.

    Parameters
    ----------
    code
        The choice, ``"L3"``.
    field
        Where it is one, ``"parcel_events.stage"``.
    """
    name, _, column = field.partition(".")
    if language.current() == "zh":
        return str(table(name)[column].choices.get(code, code))
    text = all_texts().get(f"desk-choice-{name}-{column}-{code}", {})
    return text.get("en", code.replace("_", " ").capitalize())


def origin(text: str) -> str:
    """Return where a value came from; that it was written by hand in the reader's language."""
    zh, _, en = BY_HAND.partition(" · ")
    return text.replace(BY_HAND, zh if language.current() == "zh" else en.capitalize())


def order(field: str) -> tuple[str, ...]:
    """Return the choices of a column in their order."""
    name, _, column = field.partition(".")
    return tuple(table(name)[column].choices)
