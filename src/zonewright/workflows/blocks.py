"""Which land is ready and contiguous: the blocks of a zone on a day."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from zonewright.core.findings import Finding
from zonewright.core.schema import require_positive
from zonewright.core.units import convert
from zonewright.workflows.between import require_gap
from zonewright.workflows.books import open_books
from zonewright.workflows.land import MIN_BLOCK_MU, Question, overlap_findings
from zonewright.workflows.land_ground import ground_of
from zonewright.workflows.land_rules import LEVELLED, RuleName

__all__ = ["MIN_BLOCK_MU", "Block", "Blocks", "blocks_of"]
_MU_M2 = float(convert(1, "亩", "m2"))


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
    """The blocks of a zone on a day, largest first, by a rule (`land_rules`), and what is said."""

    zone: str
    on: date
    rule: RuleName
    gap_m: float
    rows: tuple[Block, ...]
    findings: tuple[Finding, ...]

    def as_dicts(self) -> list[dict[str, object]]:
        """Return plain values for JSON."""
        return [asdict(row) for row in self.rows]


def blocks_of(
    zone: str,
    *,
    on: date,
    min_area_mu: float = MIN_BLOCK_MU,
    rule: RuleName = LEVELLED,
    gap_m: float = 0.0,
    as_of: datetime | None = None,
) -> Blocks:
    """Return the contiguous blocks of a zone, each square metre counted once.

    Parameters
    ----------
    zone
        Zone code.
    on
        Day of the boundary and of the parcels' stages.
    min_area_mu
        Smallest block [mu]; one of exactly this size is kept.
    rule
        By which land counts: levelled by its stage, as figures do, or ready to supply.
    gap_m
        Widest gap over a road or canal of the workspace across which land is joined as well [m].
    as_of
        Time at which the workspace is seen; None means now.

    Returns
    -------
    blocks
        The findings name parcels that lie over one another, and what keeps gaps from being bridged.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone.
    RangeError
        If the size is not above 0, or the gap below it.
    """
    require_positive(min_area_mu=min_area_mu)
    require_gap(gap_m)
    books = open_books(as_of)
    books.require_zone(zone)
    question = Question(frozenset({zone}), on, min_area_mu, rule, gap_m)
    ground = ground_of(books, rule)
    inside = ground.inside(question.zones, on)
    found = ground.blocks(ground.ready(on, inside), min_area_m2=question.min_area_m2, gap_m=gap_m)
    said = ground.between.findings if gap_m > 0 else ()
    return Blocks(
        zone,
        on,
        rule,
        gap_m,
        tuple(
            Block(
                str(code), row.parcel_count, row.area_m2 / 10_000, row.area_m2 / _MU_M2, row.members
            )
            for code, row in zip(found.index, found.itertuples(index=False), strict=True)
        ),
        (*said, *overlap_findings(ground.overlaps(inside))),
    )
