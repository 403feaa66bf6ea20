"""The language in which an indicator is written from others: ``ytd(tax) / land_supplied``.

Codes of indicators, numbers, ``+ - * / ( )`` and these functions; nothing else is read, so that a
definition typed by a user can compute but do no harm.

==============================  ====================================================================
``ytd(x)``                      x from January to the month that is asked
``month(x)``                    x in the month alone
``prev_year(x)``                x of the same months a year before
``prev_month(x)``               x a month earlier (of a year to date: up to the month before)
``growth(x)``                   ``(x - prev_year(x)) / prev_year(x)``, nominal
``share_of(x, 'city')``         x of the zone by x of its city, or of a zone whose code is given
``at(x, 'ZONE')``               x of another zone
``min``, ``max``, ``abs``       of two or more, or of one
``if_known(x, y)``              y where x cannot be told
``quantity(500, '亩')``          a number with its unit
==============================  ====================================================================

What is added or compared must have one dimension; units of it convert (亩, 公顷, 平方公里; 亿, 万).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from zonewright.core.errors import SchemaError
from zonewright.core.units import known_unit, unit

Op = Literal["+", "-", "*", "/"]
Dimension = tuple[tuple[str, int], ...]
MOST_CHARACTERS = 1_000
NUMBER: Dimension = ()
_OPS: Mapping[type[ast.operator], Op] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
}  # fmt: skip
# Function to how many expressions it takes (least, most) and whether a text follows.
_FUNCTIONS: Mapping[str, tuple[int, int, bool]] = {
    "ytd": (1, 1, False), "month": (1, 1, False), "prev_year": (1, 1, False),
    "prev_month": (1, 1, False), "growth": (1, 1, False), "share_of": (1, 1, True),
    "at": (1, 1, True), "min": (2, 20, False), "max": (2, 20, False), "abs": (1, 1, False),
    "if_known": (2, 2, False), "quantity": (1, 1, True),
}  # fmt: skip
FUNCTIONS = tuple(_FUNCTIONS)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, in the base unit of its dimension."""

    value: Fraction
    dimension: Dimension = NUMBER


@dataclass(frozen=True, slots=True)
class Name:
    """An indicator, by its code."""

    code: str


@dataclass(frozen=True, slots=True)
class Binary:
    """Two expressions joined by ``+``, ``-``, ``*`` or ``/``."""

    op: Op
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function of expressions; `text` is its quoted argument, if it takes one."""

    function: str
    args: tuple[Node, ...]
    text: str = ""


Node = Number | Name | Binary | Call


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Node:
    """Return what an expression means.

    Raises
    ------
    SchemaError
        If it is empty, too long, or holds anything but what the module lists.

    Examples
    --------
    >>> parse_expression("tax / 2").op
    '/'
    >>> parse_expression("tax.__class__")
    Traceback (most recent call last):
    ...
    zonewright.core.errors.SchemaError: “tax.__class__” cannot be read at “tax.__class__”; ...
    """
    if not text.strip() or len(text) > MOST_CHARACTERS:
        raise SchemaError("expression-length", text=text[:60], most=MOST_CHARACTERS)
    try:
        tree = ast.parse(text.strip(), mode="eval")
        return _Reader(text.strip()).node(tree.body)
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        if isinstance(error, SchemaError):
            raise
        raise SchemaError("expression-unreadable", text=text, at=text) from error


def names(node: Node) -> tuple[str, ...]:
    """Return the codes that an expression names, each once, in order.

    Examples
    --------
    >>> names(parse_expression("ytd(tax) / (land + tax)"))
    ('tax', 'land')
    """
    return tuple(dict.fromkeys(_names(node)))


def functions(node: Node) -> frozenset[str]:
    """Return the functions that an expression calls."""
    if isinstance(node, Call):
        return frozenset({node.function}).union(*map(functions, node.args))
    if isinstance(node, Binary):
        return functions(node.left) | functions(node.right)
    return frozenset()


def dimension_of_unit(name: str) -> Dimension:
    """Return the dimension of a unit; a share is a plain number.

    Examples
    --------
    >>> dimension_of_unit("万元/亩"), dimension_of_unit("%")
    ((('area', -1), ('cny', 1)), ())
    """
    upper, _, lower = unit(name).dimension.partition("/")
    return _times(_plain(upper), _plain(lower) if lower else NUMBER, -1)


def dimension(node: Node, of_code: Callable[[str], Dimension]) -> Dimension:
    """Return the dimension of an expression.

    Parameters
    ----------
    of_code
        Gives the dimension of an indicator.

    Raises
    ------
    SchemaError
        If what is added or compared has two dimensions.
    """
    if isinstance(node, Number):
        return node.dimension
    if isinstance(node, Name):
        return of_code(node.code)
    if isinstance(node, Binary):
        left, right = dimension(node.left, of_code), dimension(node.right, of_code)
        if node.op in "*/":
            return _times(left, right, 1 if node.op == "*" else -1)
        return _same(node.op, left, right)
    found = [dimension(arg, of_code) for arg in node.args]
    for other in found[1:]:
        _same(node.function, found[0], other)
    return NUMBER if node.function in ("growth", "share_of") else found[0]


def dimension_text(given: Dimension) -> str:
    """Return a dimension as a reader may know it.

    Examples
    --------
    >>> dimension_text((("area", -1), ("cny", 1)))
    'cny/area'
    """
    above = "·".join(name for name, power in given for _ in range(power))
    below = "·".join(name for name, power in given for _ in range(-power))
    return f"{above or '1'}/{below}" if below else above or "number"


class _Reader:
    """Turns the syntax tree of Python into nodes; whatever is not listed is refused."""

    def __init__(self, text: str) -> None:
        self.text = text

    def node(self, tree: ast.expr) -> Node:
        if isinstance(tree, ast.Constant):
            return Number(self._number(tree))
        if isinstance(tree, ast.Name):
            if tree.id in _FUNCTIONS:
                raise self._refused(tree)
            return Name(tree.id)
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub | ast.UAdd):
            inside = self.node(tree.operand)
            if isinstance(tree.op, ast.UAdd):
                return inside
            return Binary("*", Number(Fraction(-1)), inside)
        if isinstance(tree, ast.BinOp) and type(tree.op) in _OPS:
            return Binary(_OPS[type(tree.op)], self.node(tree.left), self.node(tree.right))
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.keywords:
            return self._call(tree, tree.func.id)
        raise self._refused(tree)

    def _call(self, tree: ast.Call, name: str) -> Node:
        if name not in _FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise SchemaError("expression-function", text=self.text, name=name, known=known)
        least, most, has_text = _FUNCTIONS[name]
        given = tree.args[:-1] if has_text else tree.args
        if not least <= len(given) <= most or (has_text and len(tree.args) != most + 1):
            raise SchemaError("expression-arguments", text=self.text, name=name)
        words = self._text(tree.args[-1], name) if has_text else ""
        args = tuple(self.node(arg) for arg in given)
        if name == "quantity":
            number = args[0]
            if not isinstance(number, Number) or not known_unit(words):
                raise SchemaError("expression-arguments", text=self.text, name=name)
            return Number(number.value * unit(words).factor, dimension_of_unit(words))
        return Call(name, args, words)

    def _text(self, tree: ast.expr, name: str) -> str:
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str) and tree.value.strip():
            return tree.value.strip()
        raise SchemaError("expression-arguments", text=self.text, name=name)

    def _number(self, tree: ast.Constant) -> Fraction:
        if isinstance(tree.value, bool) or not isinstance(tree.value, int | float):
            raise self._refused(tree)
        found = Decimal(repr(tree.value))
        if not found.is_finite():
            raise self._refused(tree)
        return Fraction(found)

    def _refused(self, tree: ast.expr) -> SchemaError:
        part = ast.get_source_segment(self.text, tree) or self.text
        return SchemaError("expression-unreadable", text=self.text, at=part)


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, Name):
        yield node.code
    elif isinstance(node, Binary):
        yield from _names(node.left)
        yield from _names(node.right)
    elif isinstance(node, Call):
        for arg in node.args:
            yield from _names(arg)


def _plain(name: str) -> Dimension:
    return NUMBER if name in ("share", "") else ((name, 1),)


def _times(left: Dimension, right: Dimension, sign: int) -> Dimension:
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _same(op: str, left: Dimension, right: Dimension) -> Dimension:
    if left != right:
        both = [dimension_text(given) for given in (left, right)]
        raise SchemaError("expression-dimensions", op=op, left=both[0], right=both[1])
    return left
