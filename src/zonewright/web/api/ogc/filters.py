"""Filters in CQL2, as text or JSON, turned into conditions of a query.

What is understood: and, or, not; comparisons of a property with a value; between, in, like, is
null; s_intersects with a point, a line, a polygon or a box; t_after, t_before, t_during,
t_intersects and t_equals. As in SQL, a comparison with a property that is empty is neither true nor
false.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import cql2
import shapely
from django.db.models import CharField, Lookup, Q, TextField
from django.db.models.constants import LOOKUP_SEP

from zonewright.store.selectors.meeting import meeting
from zonewright.web.api.ogc import crs, dates
from zonewright.web.api.ogc.catalogue import Collection, Property
from zonewright.web.api.problems import ApiError

if TYPE_CHECKING:
    _Lookup = Lookup[Any]
else:
    _Lookup = Lookup

TEXT, JSON = "cql2-text", "cql2-json"
# The parser follows nesting on the machine's own stack: what is nested deeper is not given to it.
_MOST_CHARS = 4_000
_MOST_DEEP = 50
_MOST_SIGNS = 150
_QUOTED = re.compile(r"'[^']*'")
_SIGNS = re.compile(r"\bnot\b|\bdiv\b|[-+*/%^]", re.IGNORECASE)

# Beyond what any column can hold; infinity and what is no number are not below it either.
_TOO_BIG = 1e15

_COMPARISONS = {"=": "exact", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


_UNREADABLE = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError,
)  # fmt: skip


class Like(_Lookup):
    """Whether a text matches a pattern with ``%`` and ``_``, upper and lower case apart."""

    lookup_name = "cql_like"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return the condition for PostgreSQL."""
        left, params = self.process_lhs(compiler, connection)
        return f"{left} LIKE %s", [*params, self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return the condition for SQLite, whose LIKE takes upper for lower case."""
        left, params = self.process_lhs(compiler, connection)
        return f"{left} GLOB %s", [*params, _glob(str(self.rhs))]


CharField.register_lookup(Like)
TextField.register_lookup(Like)


def _glob(pattern: str) -> str:
    found = []
    signs = iter(pattern)
    for sign in signs:
        if sign == "\\":
            sign = next(signs, "\\")
        elif sign in "%_":
            found.append("*" if sign == "%" else "?")
            continue
        found.append(f"[{sign}]" if sign in "*?[" else sign)
    return "".join(found)


def condition(text: str, of: Collection, *, language: str, system: str) -> Q:
    """Return the condition that a filter means.

    Parameters
    ----------
    text
        The filter.
    of
        The collection, whose properties it names.
    language
        ``cql2-text`` or ``cql2-json``.
    system
        Reference system of its geometries.

    Raises
    ------
    ApiError
        400, if it cannot be read, names what is not there or asks what is not offered.
    """
    _check_depth(text)
    try:
        parsed = cql2.parse_text(text) if language == TEXT else cql2.parse_json(text)
        tree = parsed.to_json()
    except (cql2.ParseError, cql2.ValidationError) as error:
        raise _refused(_first_line(str(error))) from error
    return _Translation(of, system).of(tree, negated=False)


def _check_depth(text: str) -> None:
    deep = deepest = 0
    for sign in text:
        deep += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, deep)
    signs = len(_SIGNS.findall(_QUOTED.sub("", text)))
    if len(text) > _MOST_CHARS or deepest > _MOST_DEEP or signs > _MOST_SIGNS:
        raise ApiError("ogc-filter-too-long", status=400, chars=_MOST_CHARS, deep=_MOST_DEEP)


def _first_line(text: str) -> str:
    lines = [line.strip(" |=") for line in text.splitlines() if line.strip(" |=")]
    return " ".join(lines[:1] + lines[-1:] if len(lines) > 1 else lines)[:200]


def _refused(reason: object) -> ApiError:
    return ApiError("ogc-filter", status=400, reason=reason)


@dataclass(frozen=True, slots=True)
class _Translation:
    """The translation of a filter on a collection."""

    collection: Collection
    system: str

    def of(self, node: object, *, negated: bool) -> Q:
        """Return the condition of a part of the filter, or its opposite."""
        if isinstance(node, bool):
            return Q() if node is not negated else Q(pk__in=())
        if not isinstance(node, dict) or not isinstance(node.get("op"), str):
            raise _refused(f"{_shown(node)} is no condition")
        op, args = str(node["op"]).lower(), node.get("args")
        if not isinstance(args, list):
            raise _refused(f"{op} has no arguments")
        if op in ("and", "or"):
            return self._joined(op, args, negated)
        if op == "not":
            return self.of(_only(op, args, 1)[0], negated=not negated)
        return self._leaf(op, args, negated)

    def _joined(self, op: str, args: list[Any], negated: bool) -> Q:
        parts = [self.of(part, negated=negated) for part in args]
        if not parts:
            raise _refused(f"{op} has no arguments")
        found = parts[0]
        for part in parts[1:]:
            # What is always so is an empty Q, which Django would leave out of an "or".
            if (op == "and") is not negated:
                found &= part
            else:
                found = Q() if not found or not part else found | part
        return found

    def _leaf(self, op: str, args: list[Any], negated: bool) -> Q:
        if op == "isnull":
            there = _filled(self._property(_only(op, args, 1)[0]))
            return there if negated else ~there
        if op == "s_intersects":
            return self._intersects(_only(op, args, 2), negated)
        make = self._makers().get(op)
        if make is None:
            raise _refused(f"{op} is not offered")
        if op in _MIRRORED and len(args) == 2 and not _is_property(args[0]):
            op, args = _MIRRORED[op], [args[1], args[0]]
        named = self._property(args[0] if args else None)
        found = make(op, named, args[1:])
        there = _filled(named)
        return there & ~found if negated else there & found

    def _makers(self) -> dict[str, Callable[[str, Property, list[Any]], Q]]:
        return {
            **dict.fromkeys(_MIRRORED, self._compared),
            "between": self._between,
            "in": self._in,
            "like": self._like,
            **dict.fromkeys(("t_after", "t_before", "t_during", "t_intersects", "t_equals"),
                            self._timed),
        }  # fmt: skip

    def _property(self, node: object) -> Property:
        name = node.get("property") if isinstance(node, dict) else None
        found = self.collection.properties.get(str(name))
        if found is None:
            known = ", ".join(self.collection.properties)
            name = name or _shown(node)
            raise ApiError("ogc-property-unknown", status=400, name=name, known=known)
        if found.kind == "object":
            raise _refused(f"{found.name} cannot be compared")
        return found

    def _compared(self, op: str, named: Property, args: list[Any]) -> Q:
        value = _value(named, _only(op, args, 1)[0])
        if op == "<>":
            return ~Q(**{named.path: value})
        return Q(**{f"{named.path}__{_COMPARISONS[op]}": value})

    def _between(self, op: str, named: Property, args: list[Any]) -> Q:
        low, high = (_value(named, given) for given in _only(op, args, 2))
        return Q(**{f"{named.path}__gte": low, f"{named.path}__lte": high})

    def _in(self, op: str, named: Property, args: list[Any]) -> Q:
        (given,) = _only(op, args, 1)
        if not isinstance(given, list):
            raise _refused("in needs a list")
        return Q(**{f"{named.path}__in": [_value(named, item) for item in given]})

    def _like(self, op: str, named: Property, args: list[Any]) -> Q:
        (pattern,) = _only(op, args, 1)
        if named.kind != "string" or not isinstance(pattern, str):
            raise _refused(f"like compares text, {named.name} is a {named.kind}")
        if "\0" in pattern or re.search(r"(?<!\\)(\\\\)*\\$", pattern):
            raise _refused("the pattern of like ends in the middle of a sign")
        return Q(**{f"{named.path}__cql_like": pattern})

    def _timed(self, op: str, named: Property, args: list[Any]) -> Q:
        if named.kind != "date":
            raise _refused(f"{named.name} is no date")
        span = _span(_only(op, args, 1)[0])
        path = named.path
        if op == "t_after":
            return Q(**{f"{path}__gt": span.last}) if span.last else Q(pk__in=())
        if op == "t_before":
            return Q(**{f"{path}__lt": span.first}) if span.first else Q(pk__in=())
        if op == "t_equals":
            return Q(**{path: span.first}) if span.first == span.last else Q(pk__in=())
        low, high = ("gt", "lt") if op == "t_during" else ("gte", "lte")
        found = Q(pk__isnull=False)
        if span.first is not None:
            found &= Q(**{f"{path}__{low}": span.first})
        if span.last is not None:
            found &= Q(**{f"{path}__{high}": span.last})
        return found

    def _intersects(self, args: list[Any], negated: bool) -> Q:
        if not self.collection.geometry:
            raise _refused(f"{self.collection.id} has no geometry")
        named = [item for item in args if _is_property(item)]
        shapes = [item for item in args if not _is_property(item)]
        if len(named) != 1 or len(shapes) != 1 or named[0]["property"] not in ("geometry", "geom"):
            raise _refused("s_intersects compares the property geometry with a geometry")
        shape = crs.inwards(crs.crossed(_shape(shapes[0]), self.system), self.system)
        met = Q(**meets(self.collection, shape))
        there = Q(**{f"{self.collection.geometry}{LOOKUP_SEP}isnull": False})
        return there & ~met if negated else met


def meets(of: Collection, shape: shapely.Geometry) -> dict[str, object]:
    """Return the condition, as keywords, that a feature meets a shape of the workspace's system."""
    return {f"{of.geometry_key}__in": meeting(of.located, shape)}


def property_equals(of: Collection, name: str, text: str) -> Q:
    """Return the condition that a property has a value written in an address.

    Raises
    ------
    ApiError
        400, if the property cannot have such a value.
    """
    named = of.properties[name]
    value: object = text
    if named.kind in ("number", "integer"):
        try:
            value = float(text)
        except ValueError:
            raise _wrong(named, text) from None
    elif named.kind == "boolean":
        value = {"true": True, "false": False}.get(text.lower())
    elif named.kind == "date":
        value = {"date": text}
    return _filled(named) & Q(**{named.path: _value(named, value)})


def _filled(named: Property) -> Q:
    """Return the condition that a property has a value; an empty text is none."""
    found = Q(**{f"{named.path}__isnull": False})
    return found & ~Q(**{named.path: ""}) if named.kind == "string" else found


def _value(named: Property, node: object) -> object:
    """Return a value of a filter as the query compares it with a property."""
    if named.kind == "string" and isinstance(node, str) and "\0" not in node:
        return node
    if named.kind == "boolean" and isinstance(node, bool):
        return node
    if named.kind in ("number", "integer") and isinstance(node, int | float):
        whole = named.kind == "number" or float(node).is_integer()
        if not isinstance(node, bool) and abs(node) < _TOO_BIG and whole:
            return node
    if named.kind == "date":
        found = _day(node)
        if found is not None:
            return found
    raise _wrong(named, _shown(node))


def _wrong(named: Property, text: str) -> ApiError:
    return ApiError(
        "api-parameter-value", status=400, name=named.name, text=text,
        wanted=f"a {named.kind}", wanted_zh=f" {named.kind} 类型的值",
    )  # fmt: skip


def _day(node: object) -> date | None:
    text = node
    if isinstance(node, dict):
        text = node.get("date", node.get("timestamp"))
    return dates.day(text, name="filter") if isinstance(text, str) else None


def _span(node: object) -> dates.Span:
    if isinstance(node, dict) and isinstance(node.get("interval"), list):
        ends = [_moment(end) for end in node["interval"]]
        if len(ends) == 2:
            return dates.between(ends[0], ends[1], name="filter")
    found = _day(node)
    if found is None:
        raise _refused(f"{_shown(node)} is no time")
    return dates.Span(found, found)


def _moment(node: object) -> str:
    if isinstance(node, dict):
        node = node.get("date", node.get("timestamp"))
    if not isinstance(node, str):
        raise _refused(f"{_shown(node)} is no time")
    return node


def _shape(node: object) -> shapely.Geometry:
    if isinstance(node, dict) and isinstance(node.get("bbox"), list):
        numbers = [number for number in node["bbox"] if isinstance(number, float)]
        if len(numbers) not in (4, 6):
            raise _refused("a box has four numbers")
        half = len(numbers) // 2
        return _finite(shapely.box(*numbers[:2], *numbers[half : half + 2]))
    try:
        # shapely reads any mapping with type and coordinates.
        found = shapely.geometry.shape(node)
    except _UNREADABLE:
        raise _refused(f"{_shown(node)} is no geometry") from None
    return _finite(found)


def _finite(shape: shapely.Geometry) -> shapely.Geometry:
    numbers = shapely.get_coordinates(shape)
    if shape.is_empty or not math.isfinite(float(abs(numbers).max())) or not shape.is_valid:
        raise _refused("a geometry is empty or crosses itself")
    return shapely.force_2d(shape)


def _is_property(node: object) -> bool:
    return isinstance(node, dict) and "property" in node


def _only(op: str, args: list[Any], number: int) -> list[Any]:
    if len(args) != number:
        raise _refused(f"{op} has {len(args)} arguments")
    return args


def _shown(node: object) -> str:
    return str(node)[:60]
