"""The area of the ledger beside that of the map: both are kept, and a wrong unit is caught."""

from __future__ import annotations

import pytest

from tests.unit.store.conftest import Made, drawing, ledger, register
from zonewright.core.errors import FindingsError
from zonewright.core.findings import Finding, Place
from zonewright.store.actions import take
from zonewright.store.models import Parcel

DRAWN_M2 = 1_142_000.0  # about that of the squares in ``SHAPES``
MU_M2 = 2000 / 3


def row(area_m2: float, unit: str, bound: str = "exact") -> dict[str, object]:
    """Return a ledger's row for P1."""
    return {
        "code": "P1", "zone": "A", "reported_area": area_m2, "reported_area_unit": unit,
        "reported_area_bound": bound,
    }  # fmt: skip


def apart(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.code.startswith("take-area")]


def test_a_number_in_the_wrong_unit_refuses_the_import(workspace: Made) -> None:
    """1713 written as hectares where mu were meant: fifteen times the land."""
    take([register(), drawing()], by="t")
    wrong = ledger([row(DRAWN_M2 / MU_M2 * 10_000, "ha")], events=())
    with pytest.raises(FindingsError) as refused:
        take([wrong], by="t")
    (finding,) = apart(refused.value.findings)
    assert (finding.code, finding.severity) == ("take-area-unit", "error")
    assert finding.place == Place("ledger.xlsx", "台账", 5, "C")
    assert finding.params["fits"] == "亩"
    assert Parcel.objects.get(code="P1").reported_area_m2 is None


def test_it_is_caught_whichever_file_comes_first(workspace: Made) -> None:
    wrong = ledger([row(DRAWN_M2 * 15, "亩")], events=())
    with pytest.raises(FindingsError) as refused:
        take([register(), wrong, drawing()], by="t")
    (finding,) = apart(refused.value.findings)
    assert finding.place == Place("ledger.xlsx", "台账", 5, "C")


@pytest.mark.parametrize(
    ("share", "bound", "said"),
    [(1.04, "exact", []), (1.2, "exact", ["take-area-apart"]), (1.2, "approx", [])],
)
def test_a_small_difference_is_kept_and_a_larger_one_is_said(
    workspace: Made, share: float, bound: str, said: list[str]
) -> None:
    take([register(), drawing()], by="t")
    drawn = Parcel.objects.get(code="P1").area_m2
    assert drawn is not None
    taken = take([ledger([row(drawn * share, "亩", bound)], events=())], by="t")
    assert [finding.code for finding in apart(taken.findings)] == said
    kept = Parcel.objects.get(code="P1")
    assert (kept.area_m2, kept.reported_area_m2) == (drawn, drawn * share)
