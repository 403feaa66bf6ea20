"""Who carries a shortfall: what each part should have brought by now, and what it lacks of that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

CarrierKind = Literal["work", "parcel", "venture", "zone"]


@dataclass(frozen=True, slots=True)
class Due:
    """What a part should have brought by now.

    Parameters
    ----------
    kind, code
        ``work``, ``parcel``, ``venture`` or ``zone``, and its code.
    planned
        By its own plan, up to the end of the month [the indicator's unit].
    done
        What it has brought [the same unit].
    """

    kind: CarrierKind
    code: str
    planned: float
    done: float


@dataclass(frozen=True, slots=True)
class Lack:
    """What a part lacks.

    Parameters
    ----------
    kind, code, planned, done
        As in `Due`.
    missing
        Planned less done, above 0 [the indicator's unit].
    share_pct
        Of all that parts lack [%].
    """

    kind: CarrierKind
    code: str
    planned: float
    done: float
    missing: float
    share_pct: float


def lacks(parts: Iterable[Due]) -> tuple[Lack, ...]:
    """Return the parts that are behind their plan, the largest lack first.

    Parameters
    ----------
    parts
        Each once, in any order.

    Examples
    --------
    >>> found = lacks([Due("work", "A", 10, 4), Due("work", "B", 5, 7), Due("work", "C", 2, 0)])
    >>> [(lack.code, lack.missing, lack.share_pct) for lack in found]
    [('A', 6, 75.0), ('C', 2, 25.0)]
    """
    behind = [(part, part.planned - part.done) for part in parts if part.planned > part.done]
    total = sum(missing for _, missing in behind)
    found = [
        Lack(part.kind, part.code, part.planned, part.done, missing, 100 * missing / total)
        for part, missing in behind
    ]
    return tuple(sorted(found, key=lambda lack: (-lack.missing, lack.kind, lack.code)))
