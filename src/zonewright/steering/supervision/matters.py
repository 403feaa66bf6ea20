"""Which matters need an order: rules applied to facts, as of a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from zonewright.core.periods import Period
from zonewright.core.units import convert
from zonewright.steering.supervision.facts import (
    Facts,
    GateFact,
    Named,
    PaceFact,
    QuotaFact,
    ReturnFact,
)
from zonewright.steering.supervision.rules import SEVERITIES, Rule, RuleBook, Severity

ROLE = "role:"
_PERIODS = ("month",)
_MU_M2 = float(convert(1, "亩", "m2"))


@dataclass(frozen=True, slots=True)
class Cause:
    """Why: the rule, the parameters of its sentence as plain values, and the records behind it."""

    rule: str
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    records: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return plain values, as an order keeps them."""
        return {"rule": self.rule, "params": dict(self.params), "records": list(self.records)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Cause:
        """Return the cause that an order keeps."""
        return cls(
            str(kept.get("rule", "")),
            MappingProxyType(dict(kept.get("params", {}))),
            tuple(kept.get("records", ())),
        )

    def text(self, book: RuleBook, lang: str = "en") -> str:
        """Return the sentence in a language; empty if its rule is no longer there."""
        rule = book.rules.get(self.rule)
        if rule is None:
            return ""
        known = {
            name: self.params.get(f"{name}_{lang}", value) for name, value in self.params.items()
        }
        for name in ("name", "gate"):
            known[name] = self.params.get(f"{name}_{lang}", self.params.get(name, ""))
        for name in _PERIODS:
            if name in known:
                known[name] = Period.parse(str(known[name])).label(lang)
        for name in known:
            if name.endswith("_on"):
                known[name] = _day(str(known[name]), lang)
        return rule.sentence.label(lang).format_map(known)


def _day(text: str, lang: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {day:%B %Y}"


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that needs an order.

    Parameters
    ----------
    rule, severity
        The rule that found it, and how grave it is.
    key
        What it is about, once: sort of facts, zone, indicator and subject. However the rule that
        finds it changes from month to month, one order on it is open at most.
    zone, indicator, subject
        Where, of which figure, and about which record; the last two may be empty.
    cause
        Why.
    owner
        A person, or ``role:CODE``.
    due_on
        Deadline of the order, were it given on the day asked for.
    """

    rule: str
    severity: Severity
    key: str
    zone: str
    indicator: str
    subject: str
    cause: Cause
    owner: str
    due_on: date


def find_matters(facts: Facts, *, period: Period, on: date, book: RuleBook) -> tuple[Matter, ...]:
    """Return what needs an order, the gravest first.

    Parameters
    ----------
    facts
        Of the month and of those before it that the rules look back over. Facts of months after
        `period`, and gates reached after `on`, are seen as of `on`.
    period
        The month that is looked at (its last month counts).
    on
        The day on which orders would be given.
    book
        The rules.

    Returns
    -------
    matters
        By severity, zone, rule and subject; the same facts in any order give the same matters.
        Of each `Matter.key` there is one: that of the first rule that finds it.

    Examples
    --------
    >>> from zonewright.steering.supervision.rules import book
    >>> late = GateFact("P1", "start", "work:7", "W7", "Road", date(2023, 3, 1), owner="Li")
    >>> (matter,) = find_matters(
    ...     Facts(gates=(late,)), period=Period.month(2023, 3), on=date(2023, 4, 1), book=book())
    >>> matter.rule, matter.owner, matter.due_on.isoformat()
    ('gate-overdue', 'Li', '2023-04-16')
    >>> matter.cause.text(book(), "en")
    'W7 Road: start was planned for 1 March 2023 and is 31 days overdue'
    """
    month = Period.month(period.year, period.last_month)
    found: dict[str, Matter] = {}
    for rule in book.rules.values():
        for matter in _of_rule(rule, facts, month, on, book):
            found.setdefault(matter.key, matter)
    order = {code: place for place, code in enumerate(book.rules)}
    return tuple(
        sorted(
            found.values(),
            key=lambda item: (
                SEVERITIES.index(item.severity), item.zone, order[item.rule], item.key
            ),
        )
    )  # fmt: skip


def _of_rule(rule: Rule, facts: Facts, month: Period, on: date, book: RuleBook) -> Iterator[Matter]:
    if rule.fact == "pace":
        yield from _of_paces(rule, facts.paces, month, on)
    elif rule.fact == "gate":
        yield from _of_gates(rule, facts.gates, on, book)
    elif rule.fact == "return":
        missing = "missing_days" in rule.when
        judge = _of_missing if missing else _of_late
        yield from judge(rule, facts.returns, month, on)
    elif rule.fact == "quota":
        yield from _of_quotas(rule, facts.quotas, on)


def _of_paces(rule: Rule, paces: Iterable[PaceFact], month: Period, on: date) -> Iterator[Matter]:
    by_month: dict[tuple[str, str], dict[int, PaceFact]] = {}
    for fact in paces:
        by_month.setdefault((fact.zone, fact.indicator), {})[fact.month.last] = fact
    for (zone, indicator), seen in by_month.items():
        # A year's target begins anew in January: months of another year do not count.
        wanted = [place for place in _back(month, rule.months) if place // 12 == month.year]
        judged = [seen.get(place) for place in wanted]
        if len(judged) < rule.months or not all(map(_test_of(rule), judged)):
            continue
        fact = seen[month.last]
        params = {
            "name_zh": fact.name.zh, "name_en": fact.name.en, "month": str(month),
            "months": rule.months, "completion_pct": fact.completion_pct,
            "behind_pp": -fact.ahead_pp,
        }  # fmt: skip
        key = f"pace|{zone}|{indicator}|"
        cause = Cause(rule.code, MappingProxyType(params), fact.records)
        yield _matter(rule, key, zone, cause, on, indicator=indicator)


def _test_of(rule: Rule) -> Callable[[PaceFact | None], bool]:
    """Return the test by which a rule judges a month of a target; no figure is no fault."""

    def holds(fact: PaceFact | None) -> bool:
        if fact is None or fact.completion_pct >= 100:
            return False
        if "colours" in rule.when:
            return fact.colour in rule.when["colours"]
        return -fact.ahead_pp >= float(rule.when["behind_pp"])

    return holds


def _of_gates(rule: Rule, gates: Iterable[GateFact], on: date, book: RuleBook) -> Iterator[Matter]:
    wanted = rule.when.get("gates")
    for fact in gates:
        days = fact.overdue_days(on)
        if days < int(rule.when["overdue_days"]) or (wanted and fact.gate not in wanted):
            continue
        gate = book.gates.get(fact.gate, Named(fact.gate, fact.gate))
        params = {
            "code": fact.code, "name": fact.name, "gate": fact.gate, "gate_zh": gate.zh,
            "gate_en": gate.en, "planned_on": fact.planned_on.isoformat(), "overdue_days": days,
        }  # fmt: skip
        key = f"gate|{fact.zone}|{fact.gate}|{fact.subject}"
        cause = Cause(rule.code, MappingProxyType(params), (fact.subject,))
        yield _matter(rule, key, fact.zone, cause, on, subject=fact.subject, person=fact.owner)


def _of_missing(
    rule: Rule, returns: Iterable[ReturnFact], month: Period, on: date
) -> Iterator[Matter]:
    """Yield a matter for each zone and month: one order asks for all that it has not handed in."""
    owed: dict[tuple[str, Period], list[ReturnFact]] = {}
    for fact in returns:
        late = fact.late_days(on) >= int(rule.when["missing_days"])
        if late and fact.is_missing(on) and fact.month.last <= month.last:
            owed.setdefault((fact.zone, fact.month), []).append(fact)
    for (zone, of), facts in owed.items():
        listed = sorted(facts, key=lambda fact: (fact.due_on, fact.kind))
        params = {
            "name_zh": "、".join(f"《{fact.name.zh}》" for fact in listed),
            "name_en": ", ".join(fact.name.en for fact in listed),
            "kinds": [fact.kind for fact in listed],
            "count": len(listed),
            "month": str(of),
            "due_on": listed[0].due_on.isoformat(),
            "overdue_days": listed[0].late_days(on),
        }
        cause = Cause(rule.code, MappingProxyType(params))
        yield _matter(rule, f"return|{zone}||{of}", zone, cause, on)


def _of_late(
    rule: Rule, returns: Iterable[ReturnFact], month: Period, on: date
) -> Iterator[Matter]:
    by_kind: dict[tuple[str, str], dict[int, ReturnFact]] = {}
    for fact in returns:
        by_kind.setdefault((fact.zone, fact.kind), {})[fact.month.last] = fact
    for (zone, kind), seen in by_kind.items():
        judged = [seen.get(place) for place in _back(month, rule.months)]
        late = int(rule.when["late_days"])
        if not all(
            fact is not None and not fact.is_missing(on) and fact.late_days(on) >= late
            for fact in judged
        ):
            continue
        last = seen[month.last]
        params = {
            "kind": kind, "name_zh": last.name.zh, "name_en": last.name.en, "month": str(month),
            "months": rule.months, "due_on": last.due_on.isoformat(),
            "overdue_days": last.late_days(on),
        }  # fmt: skip
        cause = Cause(rule.code, MappingProxyType(params))
        yield _matter(rule, f"late|{zone}|{kind}|", zone, cause, on)


def _of_quotas(rule: Rule, quotas: Iterable[QuotaFact], on: date) -> Iterator[Matter]:
    for fact in quotas:
        days, left_mu = (fact.expires_on - on).days, fact.left_m2 / _MU_M2
        if not 0 <= days <= int(rule.when["within_days"]):
            continue
        if left_mu < float(rule.when.get("at_least_mu", 0)) or left_mu <= 0:
            continue
        params = {
            "code": fact.code, "name_zh": fact.name.zh, "name_en": fact.name.en,
            "left_mu": left_mu, "expires_on": fact.expires_on.isoformat(), "days_left": days,
        }  # fmt: skip
        key = f"quota|{fact.zone}||{fact.subject}"
        cause = Cause(rule.code, MappingProxyType(params), (fact.subject,))
        yield _matter(rule, key, fact.zone, cause, on, subject=fact.subject)


def _back(month: Period, months: int) -> range:
    """Return the months up to one, as `Period` counts them."""
    return range(month.last - months + 1, month.last + 1)


def _matter(
    rule: Rule,
    key: str,
    zone: str,
    cause: Cause,
    on: date,
    *,
    indicator: str = "",
    subject: str = "",
    person: str = "",
) -> Matter:
    known = [person if name == "record" else f"{ROLE}{name}" for name in rule.owner]
    return Matter(
        rule=rule.code,
        severity=rule.severity,
        key=key,
        zone=zone,
        indicator=indicator,
        subject=subject,
        cause=cause,
        owner=next((name for name in known if name), ""),
        due_on=on + timedelta(days=rule.due_days),
    )
