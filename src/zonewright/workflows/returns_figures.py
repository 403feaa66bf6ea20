"""What map and ledger give for a zone and month, for the rules that compare a return with them."""

from __future__ import annotations

from collections.abc import Mapping

from zonewright.core.periods import Period
from zonewright.core.units import convert
from zonewright.steering.returns.kinds import ReturnKind
from zonewright.steering.rollup import Question, evaluate
from zonewright.workflows.books import open_books


def map_figures(kind: ReturnKind, zone: str, period: str) -> Mapping[str, float]:
    """Return the indicators that a kind's rules ask for, in square metres; unknown ones left out.

    Parameters
    ----------
    kind
        What is returned.
    zone
        Zone code.
    period
        The month, as in ``2023-04``: figures are of its last day.
    """
    wanted = {
        str(rule.params["indicator"]) for rule in kind.rules if rule.rule == "figure"
    }  # fmt: skip
    if not wanted:
        return {}
    month = Period.parse(period)
    books = open_books()
    found = {}
    for code in sorted(wanted):
        figure = evaluate(Question(code, zone, month), books.facts(month.end_on))
        if isinstance(figure.value, int | float):
            found[code] = float(convert(figure.value, figure.indicator.unit, "m2"))
    return found
