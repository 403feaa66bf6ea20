"""The unit rates that plans begin with, and plain parameters read with their limits."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from zonewright.core.errors import InputError, RangeError

_MOST = 1e15
# Sections whose rates a set of changed rates may hold.
PRICED = ("unlock", "grading")


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


def rates_of(
    params: Mapping[str, object], plan: str, names: Sequence[str], *, most: float = _MOST
) -> dict[str, float]:
    """Return the rates of a plan: those brought, those that were changed, those given singly.

    Parameters
    ----------
    params
        Of the plan: ``rates``, a mapping (or the same as JSON) of changed rates, of other plans
        too; and single rates by their names, which go before it.
    plan
        Section of the rates that Zonewright brings.
    names
        Which of them.
    most
        Limit of each.

    Raises
    ------
    InputError, RangeError
        If a rate is not known, no number, or outside its limits.

    Examples
    --------
    >>> params = {"rates": {"level_cny_mu": 50_000, "swell": 1.3}, "acquire_cny_mu": 1}
    >>> rates_of(params, "unlock", ("acquire_cny_mu", "level_cny_mu", "connect_cny_mu"))
    {'acquire_cny_mu': 1.0, 'level_cny_mu': 50000.0, 'connect_cny_mu': 30000.0}
    """
    changed = _changed(params.get("rates"))
    known = sorted({name for section in PRICED for name in default_rates()[section]})
    strange = sorted(set(changed) - set(known))
    if strange:
        raise InputError("plan-rate-unknown", name=strange[0][:40], known=", ".join(known))
    usual = default_rates()[plan]
    changed = {name: number_of(changed, name, usual.get(name), most=most)
               for name in names if name in changed}  # fmt: skip
    return {
        name: number_of(params, name, float(str(changed.get(name, usual[name]))), most=most)
        for name in names
    }


def _changed(given: object) -> dict[str, object]:
    if isinstance(given, str) and given.strip():
        try:
            given = json.loads(given)
        except ValueError as error:
            raise InputError("plan-rates-unreadable", found=str(given)[:40]) from error
    if given is None or given == "":
        return {}
    if not isinstance(given, Mapping):
        raise InputError("plan-rates-unreadable", found=str(given)[:40])
    return {str(name): value for name, value in given.items()}


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
