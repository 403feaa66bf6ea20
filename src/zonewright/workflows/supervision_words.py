"""What an order is about, and who answers for it, in words."""

from __future__ import annotations

from zonewright.steering.supervision.matters import ROLE, Cause
from zonewright.steering.supervision.rules import book
from zonewright.store.access import roles
from zonewright.store.models import Order


def text_of(order: Order, lang: str = "en") -> str:
    """Return what an order is about: its title, or the sentence of its cause."""
    return order.title or Cause.of(order.cause).text(book(), lang) or order.matter


def owner_name(owner: str, lang: str = "en") -> str:
    """Return who answers for an order: a person, or a role in a language."""
    if not owner.startswith(ROLE):
        return owner
    role = roles().get(owner.removeprefix(ROLE))
    return role.label(lang) if role else owner.removeprefix(ROLE)
