"""The language of formulas: what it reads, what it refuses, and what it computes."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.steering.ground import IN_BOTH, TO_OCTOBER, ask, at, codes, facts, rows
from zonewright.core.errors import SchemaError
from zonewright.core.periods import Period
from zonewright.steering.catalogue import COLUMNS, load, parse
from zonewright.steering.expressions import FUNCTIONS, parse_expression
from zonewright.steering.figure import Facts, Figure, Question
from zonewright.steering.registry import affected_by, months_back, rests_on, used_by, uses
from zonewright.steering.rollup import evaluate

LAST_YEAR = Period.parse("2022-01..2022-10")


def row(
    code: str, of: str, unit: str = "亿元", rule: str = "formula", **more: str
) -> dict[str, str]:
    given = {"code": code, "zh": code, "en": code, "unit": unit, "nature": "flow",
             "basis": "nominal", "rule": rule, "of": of}  # fmt: skip
    if rule == "reported":
        given |= {"table": "observations", "value": "value"}
    return dict.fromkeys(COLUMNS, "") | given | more


def known(of: str, unit: str = "亿元", *observations: dict[str, object], **more: object) -> Facts:
    """Return facts with an indicator ``x`` made of ``a``, ``b`` (亿元) and others."""
    registry = parse(
        [
            row("a", "", rule="reported"), row("b", "", rule="reported"),
            row("area", "", "ha", "reported"), row("rate", "", "%", "reported", nature="rate"),
            row("real", "", rule="reported", basis="comparable"), row("x", of, unit),
        ],
        known=load(),
    )  # fmt: skip
    plain = facts(observations=rows("observations", *observations))
    return Facts(plain.tables, plain.scope, plain.targets, plain.blocks, registry, **more)  # type: ignore[arg-type]


def told(code: str, value: float, unit: str = "亿元", period: object = TO_OCTOBER,
         zone: str = "C", **more: object) -> dict[str, object]:  # fmt: skip
    return {"indicator": code, "zone": zone, "value": value, "unit": unit, "period": str(period),
            "bound": "exact", "basis": "nominal", **more}  # fmt: skip


def x(facts_: Facts, zone: str = "C", period: Period = TO_OCTOBER) -> Figure:
    return evaluate(Question("x", zone, period), facts_)


@pytest.mark.parametrize(
    "text",
    ["", "a.b", "a[0]", "__import__('os')", "a ** 2", "a if b else a", "lambda: a", "a < b",
     "f'{a}'", "[a]", "ytd", "ytd()", "ytd(a, b)", "growth(x=a)", "share_of(a)", "share_of(a, b)",
     "a @ b", "a // b", "a % b", "True", "'a'", "1j", "a; b", "eval('a')", "quantity(a, '亩')",
     "quantity(1, '斤')", "(" * 300 + "a" + ")" * 300, "a+" * 600 + "a", "1e999 * a", "*a", "a,"],
)  # fmt: skip
def test_what_is_not_listed_is_refused(text: str) -> None:
    with pytest.raises(SchemaError):
        parse_expression(text)


@given(st.text(max_size=40))
@example("\x00")
@example("0" * 900)
@example("9" * 5000)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SchemaError):
        parse_expression(text)


@pytest.mark.parametrize(
    ("of", "unit", "message"),
    [
        ("a + area", "亿元", "cannot join cny and area"),
        ("max(a, area)", "亿元", "cannot join"),
        ("if_known(a, 1)", "亿元", "cannot join cny and number"),
        ("a / area", "亿元", "cny/area"),
        ("a / b", "亿元", "number"),
        ("growth(real)", "%", "growth of real"),
        ("growth(rate)", "%", "growth of rate"),
        ("growth(value_added_growth)", "%", "growth of value_added_growth"),
        ("unknown + a", "亿元", "unknown, which the dictionary does not list"),
        ("x + a", "亿元", "made of itself"),
        ("venture_topped_out / a", "%", "which is a date"),
    ],
)
def test_a_formula_that_cannot_be_computed_is_refused(of: str, unit: str, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        known(of, unit)


def test_a_ring_of_formulas_is_refused_and_named() -> None:
    with pytest.raises(SchemaError, match="made of itself") as caught:
        parse([row("p", "2 * q"), row("q", "r - p"), row("r", "p")])
    assert caught.value.params["chain"] in ("p → q → p", "p → q → r → p")


def test_units_of_one_dimension_convert_in_any_mix() -> None:
    found = known(
        "a / (area + quantity(500, '亩'))", "万元/亩",
        told("a", 30_000.0, "万元"), told("area", 2.0, "km2"),
    )  # fmt: skip
    assert x(found).number == pytest.approx(30_000 / (3_000 + 500))


def test_a_part_may_be_asked_of_another_time_or_zone() -> None:
    observations = (
        told("a", 12.0), told("a", 9.0, period="2023-01..2023-09"), told("a", 10.0, zone="JM"),
        told("a", 8.0, period=LAST_YEAR),
    )  # fmt: skip
    expected = {
        "month(a)": 3.0, "prev_year(a)": 8.0, "prev_month(a)": 9.0, "at(a, 'JM')": 10.0,
        "a - prev_month(a)": 3.0, "min(a, prev_year(a), at(a, 'JM'))": 8.0, "-a + 2 * a": 12.0,
        "if_known(b, a)": 12.0, "abs(prev_year(a) - a)": 4.0, "ytd(month(a))": 3.0,
    }  # fmt: skip
    for of, value in expected.items():
        assert x(known(of, "亿元", *observations)).number == pytest.approx(value), of
    assert x(known("share_of(a, 'city')", "%", *observations)).number == pytest.approx(120)
    assert x(known("growth(a)", "%", *observations)).number == pytest.approx(50)


def test_what_cannot_be_told_has_no_value_and_says_why() -> None:
    nothing = x(known("a + b", "亿元", told("a", 1.0)))
    assert (nothing.value, "rollup-input-missing" in codes(nothing)) == (None, True)
    by_zero = x(known("a / b", "%", told("a", 1.0), told("b", 0.0)))
    assert (by_zero.value, codes(by_zero)) == (None, ["expression-division"])
    before = x(known("growth(a)", "%", told("a", 1.0), told("a", -2.0, period=LAST_YEAR)))
    assert (before.value, codes(before)) == (None, ["expression-growth-base"])
    elsewhere = x(known("at(a, 'NOWHERE')", "亿元", told("a", 1.0)))
    assert (elsewhere.value, codes(elsewhere)) == (None, ["scope-zone-unknown"])


def test_a_formula_rests_on_the_records_of_its_parts() -> None:
    figure = x(known("a + b", "亿元", told("a", 1.0), told("b", 2.0)))
    assert figure.records == ("observations:0", "observations:1")
    assert [part.number for part in figure.inputs] == [1.0, 2.0]
    assert "a + b" in figure.formula("en")


def test_a_change_of_boundary_between_two_periods_is_told() -> None:
    observations = (told("a", 12.0), told("a", 8.0, period=LAST_YEAR))

    def version(_zone: str, day: date) -> tuple[str, ...]:
        return ("1",) if day < date(2023, 1, 1) else ("2",)

    moved = known("growth(a)", "%", *observations, versions_on=version)
    same = known("growth(a)", "%", *observations, versions_on=lambda _zone, _day: ("1",))
    assert codes(x(moved)) == ["expression-boundary"]
    assert codes(x(same)) == []


def test_a_change_of_sample_between_two_periods_is_told() -> None:
    firms = [
        told("output", 5.0, zone="S1", firm="F1"), told("output", 7.0, zone="S1", firm="F2"),
        told("output", 4.0, zone="S1", firm="F1", period=LAST_YEAR),
    ]  # fmt: skip
    figure = ask(facts(observations=rows("observations", *firms)), "output_change")
    assert figure.number == pytest.approx(200)
    (found,) = [found for found in figure.findings if found.code == "expression-sample"]
    assert (found.ids, found.params["count"]) == (("F2",), 1)


def test_records_of_both_years_lie_in_one_boundary() -> None:
    """What lies on the map is measured within the boundary of the day that is asked."""
    registry = parse([row("x", "growth(land_levelled)", "%")], known=load())
    events = rows(
        "parcel_events",
        at(IN_BOTH, parcel="P1", stage="L5", on="2022-03-01", area_m2=100.0),
        at(IN_BOTH, parcel="P2", stage="L5", on="2023-03-01", area_m2=150.0),
    )
    plain = facts(parcel_events=events)
    found = Facts(plain.tables, plain.scope, plain.targets, plain.blocks, registry,
                  versions_on=lambda zone, day: (str(day),))  # fmt: skip
    figure = x(found)
    assert (figure.number, codes(figure)) == (pytest.approx(50), [])


def test_what_uses_what() -> None:
    registry = parse([row("p", "works_invested / 2"), row("q", "p + prev_year(p)")], known=load())
    assert uses(registry, "q") == ("p",)
    assert rests_on(registry, "q") == ("works_invested", "p")
    assert used_by(registry, "p") == ("q",)
    assert {"p", "q", "works_completion"} <= set(affected_by(registry, "works_invested"))
    assert months_back(registry, "q") == 12


def test_functions_are_no_codes() -> None:
    for code in (*FUNCTIONS, "lambda", "X1", "a b", ""):
        with pytest.raises(SchemaError):
            parse([row(code, "", rule="reported")])
