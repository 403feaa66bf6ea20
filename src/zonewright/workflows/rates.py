"""The unit rates that plans begin with, and plain parameters read with their limits."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files

from zonewright.core.errors import InputError, RangeError

_MOST = 1e15


@cache
def default_rates() -> Mapping[str, Mapping[str, float]]:
    """Return the rates that Zonewright brings, by plan: assumptions, not prices."""
    return {
        name: {key: float(value) for key, value in section.items()}
        for name, section in _given().items()
        if isinstance(section, Mapping)
    }


def rates_version() -> str:
    """Return the version of the rates that Zonewright brings."""
    return str(_given()["version"])


@cache
def _given() -> Mapping[str, object]:
    source = files("zonewright.land") / "data" / "costs.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def number_of(
    params: Mapping[str, object],
    name: str,
    default: float | None = None,
    *,
    least: float = 0.0,
    most: float = _MOST,
) -> float:
    """Return a number of a plan's parameters.

    Raises
    ------
    InputError
        If it is absent without a default, or no number.
    RangeError
        If it lies outside its limits.
    """
    found = optional_number(params, name, least=least, most=most)
    if found is not None:
        return found
    if default is None:
        raise InputError("plan-parameter-missing", name=name)
    return default


def optional_number(
    params: Mapping[str, object], name: str, *, least: float = -_MOST, most: float = _MOST
) -> float | None:
    """Return a number of a plan's parameters, None where it is absent; errors as `number_of`."""
    value = params.get(name)
    if value is None or value == "":
        return None
    try:
        found = float(str(value))
    except ValueError as error:
        raise InputError("plan-parameter-number", name=name, value=str(value)[:40]) from error
    if not least <= found <= most:
        raise RangeError("plan-parameter-range", name=name, value=found, least=least, most=most)
    return found


def choice_of(params: Mapping[str, object], name: str, *known: str) -> str:
    """Return one of several words of a plan's parameters; the first if it is absent.

    Raises
    ------
    InputError
        If it is none of them.
    """
    value = str(params.get(name) or known[0])
    if value not in known:
        raise InputError(
            "plan-parameter-choice", name=name, value=value[:40], known=", ".join(known)
        )
    return value


def day_of(params: Mapping[str, object]) -> date:
    """Return the day of a plan's parameters, which the queue has checked.

    Raises
    ------
    InputError
        If it is absent or no day.
    """
    text = str(params.get("on", ""))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError("day-bad", text=text[:40]) from error
