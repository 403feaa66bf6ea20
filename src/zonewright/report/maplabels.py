"""Where the names of a map stand: inside their shape, near it, or as a number with a list below.

Names are placed by hand's rules: the most telling point of a shape first, then places around it,
never over another. Where many small shapes crowd, they carry numbers instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LABEL_PX = 11.5
QUIET_PX = 11.0
BADGE_PX = 15.0
FEW = 5
RINGS = (0.0, 1.1, 2.0, 3.0, 4.2)
NORTH: tuple[float, float, float, float] = (0.0, 0.0, 46.0, 66.0)
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A name to place: the shape's point furthest from its edge, and how far that is [px]."""

    name: str
    x: float
    y: float
    radius: float
    quiet: bool
    colour: str


@dataclass(frozen=True, slots=True)
class Label:
    """A name placed: middle of its base line [px], size [px]; `number` is 0 for a written name."""

    name: str
    x: float
    y: float
    size: float
    quiet: bool
    colour: str
    number: int = 0


def lay_out(spots: Sequence[Spot], *, width: float, height: float) -> list[Label]:
    """Place names so that none covers another.

    Parameters
    ----------
    spots
        Names from the ground up.
    width, height
        Size of the map [px].

    Returns
    -------
    labels
        Numbers first, then names, upper layers first. A name without room near its shape is left
        out; a number never is.
    """
    taken: list[Box] = [NORTH]
    labels: list[Label] = []
    small = [spot for spot in spots if not spot.quiet and not _fits(spot)]
    numbered = sorted(small, key=lambda spot: (spot.y, spot.x)) if len(small) > FEW else []
    for number, spot in enumerate(numbered, start=1):
        x, y = spot.x, spot.y
        if found := _place(BADGE_PX, BADGE_PX, spot, 0.0, taken, width, height):
            (x, y), box = found
            taken.append(box)
        labels.append(Label(spot.name, x, y, 9.0, False, spot.colour, number))
    written = [spot for spot in spots if spot not in numbered]
    written.reverse()
    for spot in sorted(written, key=lambda spot: spot.quiet):
        size = QUIET_PX if spot.quiet else LABEL_PX
        lift = spot.radius + 2 if spot.radius < size and not spot.quiet else 0.0
        found = _place(text_width(spot.name, size), size, spot, lift, taken, width, height)
        if found:
            (x, y), box = found
            taken.append(box)
            labels.append(Label(spot.name, x, y + size * 0.36, size, spot.quiet, spot.colour))
    return labels


def _fits(spot: Spot) -> bool:
    return text_width(spot.name, LABEL_PX) <= 2.4 * spot.radius


def _place(
    wide: float,
    size: float,
    spot: Spot,
    lift: float,
    taken: Sequence[Box],
    width: float,
    height: float,
) -> tuple[tuple[float, float], Box] | None:
    """Return the middle of a label and the room it takes; None if there is no room near its shape.

    A shape smaller than its label is left uncovered: the label starts `lift` px off.
    """
    for ring in RINGS:
        if ring == 0 and lift:
            continue
        turns = 1 if ring == 0 else 12
        for turn in range(turns):
            angle = math.pi / 2 + 2 * math.pi * turn / turns
            x = spot.x + math.cos(angle) * (ring * (wide / 4 + size / 2) + lift)
            y = spot.y - math.sin(angle) * (ring * size * (0.7 if lift else 1.0) + lift)
            x = min(max(x, wide / 2 + 3), width - wide / 2 - 3)
            box = (x - wide / 2 - 2, y - size * 0.72, x + wide / 2 + 2, y + size * 0.6)
            if box[1] < 2 or box[3] > height - 2:
                continue
            if not any(_meet(box, other) for other in taken):
                return (x, y), box
    return None


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is drawn: a Chinese sign is one em, a Latin letter 0.56."""
    return sum(size if ord(sign) > 0x2E7F else size * 0.56 for sign in text)


def wrapped(text: str, size: float, width: float) -> Iterator[str]:
    """Yield the lines of a text that fit a width; a Latin word is never cut."""
    line = ""
    for piece in _pieces(text):
        if line and text_width(line + piece.rstrip(), size) > width:
            yield line.rstrip()
            line = piece.lstrip()
        else:
            line += piece
    if line.strip():
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Yield the units between which a line may break: Latin words, Chinese signs."""
    piece = ""
    for sign in text:
        if ord(sign) > 0x2E7F:
            if sign in "，。；：、）》”！？" and piece:
                piece += sign
                continue
            if piece:
                yield piece
            piece = sign
        else:
            if piece and (piece[-1] == " " or ord(piece[-1]) > 0x2E7F):
                yield piece
                piece = ""
            piece += sign
    if piece:
        yield piece
