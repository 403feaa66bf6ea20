"""Which land is ready and contiguous: the blocks of a zone on a day."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from zonewright.core.units import convert
from zonewright.workflows.books import open_books

MIN_BLOCK_MU = 500.0


@dataclass(frozen=True, slots=True)
class Block:
    """A block of ready parcels that share edges.

    Parameters
    ----------
    block_id
        Lowest parcel code in it.
    parcel_count
        Number of parcels.
    area_ha, area_mu
        Geodesic area.
    members
        Parcel codes.
    """

    block_id: str
    parcel_count: int
    area_ha: float
    area_mu: float
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a zone on a day, largest first."""

    zone: str
    on: date
    rows: tuple[Block, ...]

    def as_dicts(self) -> list[dict[str, object]]:
        """Return plain values for JSON."""
        return [asdict(row) for row in self.rows]


def blocks_of(
    zone: str, *, on: date, min_area_mu: float = MIN_BLOCK_MU, as_of: datetime | None = None
) -> Blocks:
    """Return the contiguous ready blocks of a zone.

    Parameters
    ----------
    zone
        Zone code.
    on
        Day of the boundary and of the parcels' stages.
    min_area_mu
        Smallest block [mu]; one of exactly this size is kept.
    as_of
        Time at which the workspace is seen; None means now.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone.
    RangeError
        If the size is not above 0.
    """
    books = open_books(as_of)
    books.require_zone(zone)
    if min_area_mu == MIN_BLOCK_MU:
        found = books.blocks_of(zone, on)
    else:
        found = books.blocks(zone, on, float(convert(min_area_mu, "亩", "m2")))
    return Blocks(
        zone,
        on,
        tuple(
            Block(str(code), row.parcel_count, row.area_m2 / 10_000, row.area_mu, row.members)
            for code, row in zip(found.index, found.itertuples(index=False), strict=True)
        ),
    )
