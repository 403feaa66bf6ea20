"""The rules of supervision, read from ``steering/data/orders.toml``.

Who answers for an order, how long it has, whom it reaches when it is overdue, and how its cause
reads: all of it is data. An order given by hand follows ``[by_hand]``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, get_args

from zonewright.core.errors import SchemaError
from zonewright.steering.supervision.facts import Named

FactName = Literal["pace", "gate", "return", "quota", ""]
Severity = Literal["high", "middle", "low"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
BY_HAND = ""
# What a rule of each sort may ask for; one of the first group must be there.
_WHEN: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "pace": (frozenset({"colours", "behind_pp"}), frozenset({"months"})),
    "gate": (frozenset({"overdue_days"}), frozenset({"gates"})),
    "return": (frozenset({"missing_days", "late_days"}), frozenset({"months"})),
    "quota": (frozenset({"within_days"}), frozenset({"at_least_mu"})),
    "": (frozenset(), frozenset()),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Parameters
    ----------
    code, name
        Its key, and what it is called; the key is empty for orders given by hand.
    fact
        Sort of facts that it looks at.
    when
        What must hold; see ``orders.toml``.
    severity
        ``high``, ``middle`` or ``low``.
    owner
        ``record`` for the person that the record names, and roles; the first that is known counts.
    due_days
        Days until the deadline [days].
    evidence
        Whether a reply needs a file before it is accepted.
    ladder
        Level to the days overdue after which the order reaches it [days], the lowest first.
    sentence
        Of its cause, with parameters.
    """

    code: str
    name: Named
    fact: FactName
    severity: Severity
    owner: tuple[str, ...]
    due_days: int
    evidence: bool
    ladder: tuple[tuple[int, int], ...]
    sentence: Named
    when: Mapping[str, Any]

    @property
    def months(self) -> int:
        """For how many months on end it must hold."""
        return int(self.when.get("months", 1))


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules by code in their order, levels of escalation and gates by name.

    `separate` says whether who replied may not judge the reply, as long as somebody else may.

    `by_hand` is the rule of orders that somebody gave; `rule` returns it for an empty code, and
    for one that is no longer among the rules: an order outlives its rule.
    """

    rules: Mapping[str, Rule]
    by_hand: Rule
    levels: Mapping[int, Named]
    gates: Mapping[str, Named]
    separate: bool

    def rule(self, code: str) -> Rule:
        """Return a rule by its code."""
        return self.rules.get(code, self.by_hand)

    def months(self, fact: FactName) -> int:
        """Return how many months the rules of a sort of facts look back over."""
        return max((rule.months for rule in self.rules.values() if rule.fact == fact), default=1)


@cache
def book() -> RuleBook:
    """Return the rules as ``orders.toml`` gives them."""
    text = (files("zonewright.steering") / "data" / "orders.toml").read_text(encoding="utf-8")
    return read(text)


def read(text: str) -> RuleBook:
    """Return the rules that a text in TOML gives.

    Raises
    ------
    SchemaError
        If a rule names an unknown sort of facts, condition, severity or ladder, or has none of
        the conditions that its sort needs.
    """
    data = tomllib.loads(text)
    ladders = {
        name: tuple(sorted((int(level), int(days)) for level, days in steps.items()))
        for name, steps in data["ladders"].items()
    }
    for name, steps in ladders.items():
        days = [after for _, after in steps]
        if days != sorted(days) or not {str(level) for level, _ in steps} <= set(data["levels"]):
            raise SchemaError("order-ladder-bad", ladder=name)
    rules = {code: _rule(code, row, ladders) for code, row in data["rules"].items()}
    return RuleBook(
        rules=rules,
        by_hand=_rule(BY_HAND, {"fact": "", **data["by_hand"]}, ladders),
        levels={int(level): _named(name) for level, name in data["levels"].items()},
        gates={code: _named(name) for code, name in data["gates"].items()},
        separate=bool(data["separate"]),
    )


def _named(pair: Mapping[str, str]) -> Named:
    return Named(pair["zh"], pair["en"])


def _rule(
    code: str, row: Mapping[str, Any], ladders: Mapping[str, tuple[tuple[int, int], ...]]
) -> Rule:
    fact, when = row["fact"], row.get("when", {})
    if fact not in _WHEN:
        raise SchemaError("order-rule-fact", rule=code, fact=fact, known=", ".join(_WHEN))
    needed, more = _WHEN[fact]
    if not set(when) <= needed | more or (needed and len(needed & set(when)) != 1):
        raise SchemaError("order-rule-when", rule=code, known=", ".join(sorted(needed | more)))
    if row["severity"] not in SEVERITIES:
        raise SchemaError("order-rule-severity", rule=code, known=", ".join(SEVERITIES))
    if row["ladder"] not in ladders:
        raise SchemaError("order-rule-ladder", rule=code, ladder=row["ladder"])
    return Rule(
        code=code,
        name=_named(row["name"]),
        fact=fact,
        severity=row["severity"],
        owner=tuple(row["owner"]),
        due_days=int(row["due_days"]),
        evidence=bool(row["evidence"]),
        ladder=ladders[row["ladder"]],
        sentence=Named(row.get("zh", ""), row.get("en", "")),
        when=MappingProxyType(dict(when)),
    )
