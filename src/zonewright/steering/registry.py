"""What an indicator is made of, and what is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from zonewright.core.errors import SchemaError, UnknownReferenceError
from zonewright.core.units import unit
from zonewright.steering.expressions import (
    Binary,
    Call,
    Dimension,
    Name,
    Node,
    dimension,
    dimension_of_unit,
    dimension_text,
    names,
    parse_expression,
)
from zonewright.steering.indicator import Indicator

Registry = Mapping[str, Indicator]
# How many indicators a mistaken code is answered with.
_MOST_LIKE = 3


def uses(registry: Registry, code: str) -> tuple[str, ...]:
    """Return the indicators that one is made of, directly."""
    return tuple(dict.fromkeys(operand.indicator for operand in _of(registry, code).of))


def used_by(registry: Registry, code: str) -> tuple[str, ...]:
    """Return the indicators that are made of one, directly, in the order of the registry."""
    _of(registry, code)
    return tuple(other for other in registry if code in uses(registry, other))


def rests_on(registry: Registry, code: str) -> tuple[str, ...]:
    """Return everything that an indicator is made of, however deep: parts before what needs them.

    Examples
    --------
    >>> from zonewright.steering.catalogue import load
    >>> rests_on(load(), "value_added_rate")
    ('value_added', 'output')
    """
    found: dict[str, None] = {}
    _collect(registry, code, found)
    found.pop(code, None)
    return tuple(found)


def order(registry: Registry) -> tuple[str, ...]:
    """Return all codes, each after those that it is made of."""
    found: dict[str, None] = {}
    for code in registry:
        _collect(registry, code, found)
    return tuple(found)


def affected_by(registry: Registry, code: str) -> tuple[str, ...]:
    """Return everything that changes with an indicator, however far, in the registry's order."""
    _of(registry, code)
    return tuple(other for other in registry if other != code and code in rests_on(registry, other))


def months_back(registry: Registry, code: str) -> int:
    """Return how many months before the one that is asked an indicator reads at most.

    Examples
    --------
    >>> from zonewright.steering.catalogue import load
    >>> months_back(load(), "output_change"), months_back(load(), "output")
    (12, 0)
    """
    indicator = _of(registry, code)
    if indicator.rule == "formula":
        return _back(parse_expression(indicator.formula), registry)
    return max((months_back(registry, part) for part in uses(registry, code)), default=0)


def asks_city(registry: Registry, code: str) -> bool:
    """Return whether an indicator, or what it is made of, asks for the city of a zone."""
    for part in (code, *rests_on(registry, code)):
        indicator = registry[part]
        if any(operand.at for operand in indicator.of):
            return True
        if indicator.rule == "formula" and _has_text(parse_expression(indicator.formula), "city"):
            return True
    return False


def check(registry: Registry) -> None:
    """Refuse a registry that is not sound.

    Raises
    ------
    SchemaError
        If an indicator is made of one that is not there, or, however far, of itself; if a formula
        adds what cannot be added, or its unit measures something else; if it recomputes a growth
        rate that must be taken as published.
    """
    for indicator in registry.values():
        _require_operands(indicator, registry)
    _require_no_cycle(registry)
    for indicator in registry.values():
        if indicator.rule == "formula":
            _require_formula(indicator, registry)


def unknown_indicator(code: str, known: Registry) -> UnknownReferenceError:
    """Return the error for a code that no indicator has; it names those like it, if there are.

    Examples
    --------
    >>> from zonewright.steering.catalogue import load
    >>> unknown_indicator("work_invested", load()).params["near"].split(", ")[0]
    'works_invested'
    """
    like = get_close_matches(code, known, n=_MOST_LIKE, cutoff=0.6)
    asked = code.casefold()
    like += [
        item.code
        for item in known.values()
        if asked and any(asked in name.casefold() for name in (item.code, item.zh, item.en))
    ]
    if not like:
        return UnknownReferenceError("rollup-indicator-unknown", indicator=code)
    nearest = list(dict.fromkeys(like))[:_MOST_LIKE]
    return UnknownReferenceError(
        "rollup-indicator-unknown-near",
        indicator=code,
        near=", ".join(nearest),
        near_zh="、".join(f"{one}（{known[one].zh}）" for one in nearest),
        near_en=", ".join(f"{one} ({known[one].en})" for one in nearest),
    )


def _of(registry: Registry, code: str) -> Indicator:
    if code not in registry:
        raise unknown_indicator(code, registry)
    return registry[code]


def _collect(registry: Registry, code: str, found: dict[str, None]) -> None:
    if code not in found:
        for part in uses(registry, code):
            _collect(registry, part, found)
        found[code] = None


def _require_operands(indicator: Indicator, registry: Registry) -> None:
    for operand in indicator.of:
        if operand.indicator not in registry:
            raise SchemaError(
                "catalogue-unknown", indicator=indicator.code, operand=operand.indicator
            )


def _require_no_cycle(registry: Registry) -> None:
    """Walk without recursion: a user's chain of definitions may be long."""
    done: set[str] = set()
    for start in registry:
        path: list[str] = []
        waiting: list[tuple[str, bool]] = [(start, False)]
        while waiting:
            code, is_left = waiting.pop()
            if is_left:
                path.pop()
                done.add(code)
            elif code in path:
                chain = " → ".join((*path[path.index(code) :], code))
                raise SchemaError("catalogue-cycle", indicator=code, chain=chain)
            elif code not in done:
                path.append(code)
                waiting.append((code, True))
                waiting.extend((part, False) for part in uses(registry, code))


def _require_formula(indicator: Indicator, registry: Registry) -> None:
    node = parse_expression(indicator.formula)

    def of_code(code: str) -> Dimension:
        given = registry[code].unit
        if unit(given).dimension == "date":
            raise SchemaError("expression-date", indicator=indicator.code, of=code)
        return dimension_of_unit(given)

    try:
        found = dimension(node, of_code)
    except SchemaError as error:
        raise SchemaError(error.code, **{**error.params, "indicator": indicator.code}) from error
    if found != dimension_of_unit(indicator.unit):
        raise SchemaError(
            "expression-unit", indicator=indicator.code, unit=indicator.unit,
            found=dimension_text(found),
        )  # fmt: skip
    for code in _grown(node):
        for part in (code, *rests_on(registry, code)):
            known = registry[part]
            if known.basis == "comparable" or known.nature in ("rate", "rank"):
                raise SchemaError("expression-growth", indicator=indicator.code, of=part)


def _grown(node: Node) -> Iterator[str]:
    """Yield the codes whose growth is computed."""
    if isinstance(node, Call):
        if node.function == "growth":
            yield from names(node)
        for arg in node.args:
            yield from _grown(arg)
    elif isinstance(node, Binary):
        yield from _grown(node.left)
        yield from _grown(node.right)


def _back(node: Node, registry: Registry) -> int:
    if isinstance(node, Name):
        return months_back(registry, node.code)
    if isinstance(node, Binary):
        return max(_back(node.left, registry), _back(node.right, registry))
    if not isinstance(node, Call):
        return 0
    own = {"prev_year": 12, "growth": 12, "prev_month": 1}.get(node.function, 0)
    return own + max(_back(arg, registry) for arg in node.args)


def _has_text(node: Node, text: str) -> bool:
    if isinstance(node, Binary):
        return _has_text(node.left, text) or _has_text(node.right, text)
    if isinstance(node, Call):
        return node.text == text or any(_has_text(arg, text) for arg in node.args)
    return False
