"""The indicators of a workspace: those that come with the program, and its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from zonewright.steering.catalogue import Indicator, load, parse
from zonewright.store.models import Indicator as Row
from zonewright.store.selectors.state import token

# Key of an indicator's own definition, as a row of ``indicators.csv``, within `Row.definition`.
OWN = "row"


def catalogue(as_of: datetime | None = None) -> Mapping[str, Indicator]:
    """Return every indicator by code, those of the program first.

    Parameters
    ----------
    as_of
        Definitions are not dated: the present ones hold at any time.

    Raises
    ------
    SchemaError
        If a definition was written by another program and cannot be used.
    """
    return _catalogue(token("store_indicator"))


@lru_cache(maxsize=4)
def _catalogue(_token: str) -> Mapping[str, Indicator]:
    own = own_rows()
    return parse(own, known=load()) if own else load()


def own_rows() -> list[dict[str, str]]:
    """Return the definitions that the workspace added, in the order in which they came."""
    found = Row.objects.exclude(code__in=tuple(load())).order_by("pk")
    rows = found.values_list("definition", flat=True)
    return [dict(given[OWN]) for given in rows if OWN in given]
