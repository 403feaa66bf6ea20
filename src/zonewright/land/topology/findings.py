"""What was wrong with parcels, said row by row: repairs, repetitions, overlaps and slits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from zonewright.core.findings import Finding, Place
from zonewright.land.topology.near_survey import Slits
from zonewright.land.topology.overlaps import Overlaps
from zonewright.land.topology.repair import Fault, Repair

Ints = NDArray[np.int64]

_CODES = {
    Fault.CROSSING: "parcel-ring-crossing",
    Fault.SPIKE: "parcel-ring-spike",
    Fault.HOLE_OUTSIDE: "parcel-hole-outside",
    Fault.PARTS_OVERLAP: "parcel-parts-overlap",
    Fault.NO_AREA: "parcel-no-area",
}
# Below this change an area is the same to whoever reads it [m²].
_SAME_M2 = 0.01


@dataclass(frozen=True, slots=True)
class RowNames:
    """How the rows of a file are called in findings.

    Parameters
    ----------
    ids
        Shape (n,): what names each parcel.
    numbers
        Shape (n,): number of each row in its layer.
    file, layer
        Name of the file, without folders, and of the layer.
    degrees
        Whether coordinates are degrees: they are told to 1e-7 instead of to a centimetre.
    """

    ids: Sequence[object] | NDArray[np.object_] | Ints
    numbers: Sequence[int] | Ints
    file: str = ""
    layer: str = ""
    degrees: bool = False

    def place(self, row: int) -> Place:
        """Return where a row stands."""
        return Place(file=self.file, sheet=self.layer, row=int(self.numbers[row]))

    def spot(self, x: float, y: float) -> dict[str, object]:
        """Return a point as the parameters x and y of a text."""
        digits = 7 if self.degrees else 2
        return {"x": round(float(x), digits), "y": round(float(y), digits)}


@dataclass(frozen=True, slots=True)
class Faults:
    """What the search of a layer of parcels found.

    Parameters
    ----------
    repairs
        Polygons that were not valid.
    repeated, earlier
        Shape (k,): rows whose polygon an earlier row has drawn, and that row.
    overlaps, slits
        Pairs that lie over one another, or have a narrow strip between them; None: not looked for.
    """

    repairs: tuple[Repair, ...] = ()
    repeated: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    earlier: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    overlaps: Overlaps | None = None
    slits: Slits | None = None


def findings_of(faults: Faults, names: RowNames, *, most: int = 1_000) -> tuple[Finding, ...]:
    """Return a finding for each fault, the gravest of each kind first.

    What a repeated parcel shares with others is told of the earlier one only.

    Parameters
    ----------
    faults
        What was found.
    names
        How the rows are called.
    most
        Most findings of a kind; one more then tells how many are left out.

    Examples
    --------
    >>> repair = Repair(0, Fault.CROSSING, 5.0, 5.0, 0.0, 50.0)
    >>> (finding,) = findings_of(Faults((repair,)), RowNames(["A-1"], [17], file="lots.gpkg"))
    >>> str(finding.place), finding.text()[:55]
    ('lots.gpkg 17', 'The boundary of parcel A-1 crosses itself at 5.0, 5.0; ')
    """
    kinds: list[tuple[int, Callable[[], Iterator[Finding]]]] = [
        (len(faults.repairs), lambda: _of_repairs(faults.repairs, names)),
        (len(faults.repeated), lambda: _of_repeated(faults.repeated, faults.earlier, names)),
    ]
    overlaps, slits = faults.overlaps, faults.slits
    if overlaps is not None:
        deepest = _ranked(overlaps, faults.repeated, overlaps.area_m2)
        kinds.append((len(deepest), lambda: _of_overlaps(overlaps, deepest, names)))
    if slits is not None:
        widest = _ranked(slits, faults.repeated, slits.length_m * slits.width_m)
        kinds.append((len(widest), lambda: _of_slits(slits, widest, names)))
    found: list[Finding] = []
    for count, make in kinds:
        listed = list(islice(make(), most))
        found += listed
        if count > most:
            place = Place(file=names.file, sheet=names.layer)
            about = {"count": count - most, "listed": most, "like": listed[-1].code}
            found.append(Finding("parcel-more", "info", place=place, params=about))
    return tuple(found)


def _of_repairs(repairs: tuple[Repair, ...], names: RowNames) -> Iterator[Finding]:
    for repair in sorted(repairs, key=lambda one: -abs(one.after_m2 - one.before_m2)):
        changed = abs(repair.after_m2 - repair.before_m2) > _SAME_M2
        yield Finding(
            _CODES[repair.fault],
            "warning" if changed or repair.fault is Fault.NO_AREA else "info",
            field="geometry",
            place=names.place(repair.row),
            ids=(str(names.ids[repair.row]),),
            params={
                **names.spot(repair.x, repair.y),
                "before": f"{repair.before_m2:.2f}",
                "after": f"{repair.after_m2:.2f}",
            },
        )


def _of_repeated(rows: Ints, earlier: Ints, names: RowNames) -> Iterator[Finding]:
    for row, first in zip(rows.tolist(), earlier.tolist(), strict=True):
        yield Finding(
            "parcel-repeated",
            "warning",
            field="geometry",
            place=names.place(row),
            ids=(str(names.ids[row]), str(names.ids[first])),
            params={"other": names.ids[first], "row": int(names.numbers[first])},
        )


def _of_overlaps(overlaps: Overlaps, order: Ints, names: RowNames) -> Iterator[Finding]:
    for pair in order.tolist():
        first, second = int(overlaps.first[pair]), int(overlaps.second[pair])
        yield Finding(
            "parcel-overlap",
            "warning",
            field="geometry",
            place=names.place(second),
            ids=(str(names.ids[second]), str(names.ids[first])),
            params={
                **names.spot(overlaps.x[pair], overlaps.y[pair]),
                "area": f"{overlaps.area_m2[pair]:.2f}",
            },
        )


def _of_slits(slits: Slits, order: Ints, names: RowNames) -> Iterator[Finding]:
    for pair in order.tolist():
        first, second = int(slits.first[pair]), int(slits.second[pair])
        yield Finding(
            "parcel-slit",
            "info",
            field="geometry",
            place=names.place(second),
            ids=(str(names.ids[second]), str(names.ids[first])),
            params={
                **names.spot(slits.x[pair], slits.y[pair]),
                "width": f"{slits.width_m[pair]:.2f}",
                "length": f"{slits.length_m[pair]:.1f}",
            },
        )


def _ranked(pairs: Overlaps | Slits, repeated: Ints, area_m2: NDArray[np.float64]) -> Ints:
    """Return the positions of pairs, the largest first, without parcels that repeat others."""
    kept = np.flatnonzero(~np.isin(pairs.first, repeated) & ~np.isin(pairs.second, repeated))
    return kept[np.argsort(-area_m2[kept], kind="stable")]
