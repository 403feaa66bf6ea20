"""Which land is ready, by a rule that is data, and what the rest lacks, since when."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.errors import InputError
from zonewright.core.schema import require_columns
from zonewright.land.dated import Runs, require_stages

Kind = Literal["stage", "ownership", "constraint", "connection"]
Marks = NDArray[np.bool_]
Limit = float | str | bool
_KINDS = ("stage", "ownership", "constraint", "connection")
_KEYS = {
    "lack", "kind", "field", "at_least", "at_most", "one_of", "unknown", "mendable", "zh", "en",
}  # fmt: skip
# What a parcel lacks is kept as one bit a lack in a 64-bit number.
_MOST_LACKS = 62


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that ready land must have.

    Parameters
    ----------
    lack
        Code of what a parcel lacks that does not meet it.
    kind
        What it is about.
    field
        Column of the parcels.
    at_least, at_most
        Limits, themselves allowed: numbers, or stages L0 to L9. None: no limit.
    one_of
        Allowed values; empty: any.
    unknown_passes
        Whether a parcel of which it is not known meets it.
    mendable
        Whether work or money can bring it about.
    zh, en
        What a reader sees.
    """

    lack: str
    kind: Kind
    field: str
    at_least: float | str | None
    at_most: float | str | None
    one_of: tuple[Limit, ...]
    unknown_passes: bool
    mendable: bool
    zh: str
    en: str

    def met(self, values: pd.Series) -> Marks:
        """Return where known values meet the condition, shape (n,)."""
        passed = np.ones(len(values), dtype=bool)
        if self.at_least is not None:
            passed &= (values >= self.at_least).to_numpy(dtype=bool)
        if self.at_most is not None:
            passed &= (values <= self.at_most).to_numpy(dtype=bool)
        if self.one_of:
            passed &= values.isin(list(self.one_of)).to_numpy(dtype=bool)
        return passed


@dataclass(frozen=True, slots=True)
class Rule:
    """When land is ready: all conditions, in the order in which a reader sees what is lacking."""

    version: str
    conditions: tuple[Condition, ...]

    @property
    def lacks(self) -> tuple[str, ...]:
        """Return the codes of what can be lacking, each once."""
        return tuple(dict.fromkeys(condition.lack for condition in self.conditions))

    def label(self, lack: str, lang: str = "en") -> str:
        """Return what a lack is called in a language."""
        found = next((one for one in self.conditions if one.lack == lack), None)
        if found is None:
            return lack
        return found.zh if lang == "zh" else found.en


def read_rule(text: str) -> Rule:
    """Return the rule of a TOML text, written as ``land/data/readiness.toml``.

    Raises
    ------
    InputError
        If the text is no TOML, or a condition is incomplete or contradicts itself; the message
        names the condition.

    Examples
    --------
    >>> rule = read_rule('''
    ... version = "own"
    ... [[condition]]
    ... lack = "not_levelled"
    ... kind = "stage"
    ... field = "stage"
    ... at_least = "L5"
    ... unknown = "fails"
    ... mendable = true
    ... zh = "未平整"
    ... en = "not levelled"
    ... ''')
    >>> rule.lacks
    ('not_levelled',)
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise InputError("readiness-unreadable", cause=str(fault)) from fault
    rows = given.get("condition")
    if not isinstance(rows, list) or not rows:
        raise InputError("readiness-empty")
    rule = Rule(
        str(given.get("version", "")),
        tuple(_condition(place, row) for place, row in enumerate(rows, start=1)),
    )
    if len(rule.lacks) > _MOST_LACKS:
        raise InputError("readiness-too-many", count=len(rule.lacks), most=_MOST_LACKS)
    return rule


@cache
def standard_rule() -> Rule:
    """Return the rule that Zonewright brings.

    Acquired and paid in full, levelled and not yet supplied, outside no-go areas, and with a road
    where the ledger says anything of roads.
    """
    source = files("zonewright.land") / "data" / "readiness.toml"
    return read_rule(source.read_text(encoding="utf-8"))


def judge(parcels: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Return which parcels are ready, and what each of the others lacks.

    Parameters
    ----------
    parcels
        Shape (n,), the fields that the rule names: ``stage`` (L0 to L9), ``acquired_pct`` [%],
        ``no_go_m2`` [m²], connections by name with their state 0 to 5, and so on.
    rule
        What ready land must have.

    Returns
    -------
    judged
        Index as `parcels`. ``ready`` (bool), ``lacks`` (tuple of codes, in the order of the rule),
        ``mendable`` (bool: all that it lacks can be brought about), ``unknown`` (tuple of fields
        of which nothing is known and which were taken as met).

    Raises
    ------
    SchemaError
        If a column is absent whose condition fails where nothing is known.
    InputError
        If a column holds values that cannot be compared with the rule's limits.

    Examples
    --------
    >>> parcels = pd.DataFrame({"stage": ["L5", "L3", "L8"], "no_go_m2": [0.0, 9.0, 0.0]})
    >>> judge(parcels, standard_rule())[["ready", "lacks"]].values.tolist()
    [[True, ()], [False, ('not_levelled', 'no_go')], [False, ('supplied',)]]
    """
    lacks = rule.lacks
    lacking = np.zeros(len(parcels), dtype=np.int64)
    missing = np.zeros(len(parcels), dtype=np.int64)
    stuck = np.zeros(len(parcels), dtype=bool)
    fields = tuple(dict.fromkeys(condition.field for condition in rule.conditions))
    for condition in rule.conditions:
        failed, unknown = _failed(parcels, condition)
        lacking[failed] |= 1 << lacks.index(condition.lack)
        if condition.unknown_passes:
            missing[unknown] |= 1 << fields.index(condition.field)
        if not condition.mendable:
            stuck |= failed
    return pd.DataFrame(
        {
            "ready": lacking == 0,
            "lacks": _named(lacking, lacks),
            "mendable": ~stuck,
            "unknown": _named(missing, fields),
        },
        index=parcels.index,
    )


def judge_on(parcels: pd.DataFrame, events: pd.DataFrame, rule: Rule, *, on: date) -> pd.DataFrame:
    """Return which parcels were ready at the end of a day, and since when they are or wait.

    Parameters
    ----------
    parcels
        Shape (n,), index parcel code, each once. A field with dated values in `events` is taken
        from there; ``stage`` always is. The other fields are taken as they stand.
    events
        ``parcel``, ``on`` and any fields of the rule; an empty cell says nothing of a field. The
        ledger's stage events fit as they are. A parcel stands at the furthest stage reached; any
        other field has its latest value.
    rule
        What ready land must have.
    on
        The day, included.

    Returns
    -------
    judged
        As `judge`, and: ``since`` (timestamp), for ready land the day on which the last dated
        condition was met, for the rest the earliest of `lacks_since`; ``lacks_since`` (tuple, one
        entry a lack): the day since which the field stands where it stands, thus since when the
        parcel has been waiting. NaT where no event tells.

    Raises
    ------
    SchemaError, InputError
        As `judge`; also if a parcel code occurs twice.

    Examples
    --------
    >>> parcels = pd.DataFrame({"acquired_pct": [100, 100]}, index=["A", "B"])
    >>> events = pd.DataFrame({
    ...     "parcel": ["A", "A", "B"], "stage": ["L3", "L5", "L3"],
    ...     "on": pd.to_datetime(["2023-02-01", "2023-06-01", "2023-03-01"])})
    >>> judged = judge_on(parcels, events, standard_rule(), on=date(2023, 12, 31))
    >>> judged["lacks"].tolist(), judged["since"].dt.strftime("%m-%d").tolist()
    ([(), ('not_levelled',)], ['06-01', '03-01'])
    """
    require_columns(events, "parcel", "stage", "on", of="parcel_events")
    twice = parcels.index[parcels.index.duplicated()]
    if len(twice):
        raise InputError("readiness-code-repeated", parcel=twice[0], count=len(twice))
    past = events[events["on"] < pd.Timestamp(on) + pd.Timedelta(days=1)]
    past = past.assign(on=pd.to_datetime(past["on"]))
    runs = {
        name: Runs.of(past, name, parcels.index)
        for name in dict.fromkeys(condition.field for condition in rule.conditions)
        if name in events
    }
    present = parcels.copy(deep=False)
    for name, run in runs.items():
        if name == "stage" or name not in parcels:
            present[name] = run.value
        else:
            present[name] = run.value.where(run.known, parcels[name])
    judged = judge(present, rule)
    met_since = np.full(len(parcels), np.datetime64("NaT"), dtype="datetime64[ns]")
    waiting: dict[str, NDArray[np.datetime64]] = {}
    for condition in rule.conditions:
        if condition.field not in runs:
            continue
        run = runs[condition.field]
        met_since = np.fmax(met_since, run.met_since(condition.met))
        failed, _ = _failed(present, condition)
        days = np.where(failed, run.changed_on, np.datetime64("NaT"))
        waiting[condition.lack] = np.fmin(waiting.get(condition.lack, days), days)
    ready = judged["ready"].to_numpy(dtype=bool)
    since = np.where(ready, met_since, np.datetime64("NaT"))
    for days in waiting.values():
        since = np.where(ready, since, np.fmin(since, days))
    return judged.assign(since=since, lacks_since=_days_of(judged["lacks"], waiting))


def connection_states(services: pd.Series) -> pd.DataFrame:
    """Return a ledger's connections, one mapping a parcel, as a column a service.

    Parameters
    ----------
    services
        Shape (n,): service to state 0 to 5; None or an empty mapping where nothing is known.

    Returns
    -------
    states
        Index as `services`; NaN where a parcel says nothing of a service.

    Examples
    --------
    >>> connection_states(pd.Series([{"road": 4}, None]))["road"].tolist()
    [4.0, nan]
    """
    rows = [dict(entry) if isinstance(entry, Mapping) else {} for entry in services]
    return pd.DataFrame(rows, index=services.index).astype(float)


def _days_of(
    lacks: pd.Series, waiting: Mapping[str, NDArray[np.datetime64]]
) -> NDArray[np.object_]:
    """Return the day of each lack of each parcel, as one tuple a parcel."""
    stamps = {lack: pd.DatetimeIndex(days) for lack, days in waiting.items()}
    listed = np.empty(len(lacks), dtype=object)
    for place, codes in enumerate(lacks):
        listed[place] = tuple(stamps[code][place] if code in stamps else pd.NaT for code in codes)
    return listed


def _failed(parcels: pd.DataFrame, condition: Condition) -> tuple[Marks, Marks]:
    """Return where a condition is not met, and where it is not known."""
    if condition.field not in parcels:
        if not condition.unknown_passes:
            require_columns(parcels, condition.field, of="parcels")
        return np.zeros(len(parcels), dtype=bool), np.ones(len(parcels), dtype=bool)
    values = parcels[condition.field]
    unknown = values.isna().to_numpy(dtype=bool)
    if condition.field == "stage":
        unknown = unknown | (values == "").to_numpy(dtype=bool)
        require_stages(values[~unknown])
    failed = np.where(unknown, not condition.unknown_passes, False)
    try:
        failed[~unknown] = ~condition.met(values[~unknown].infer_objects())
    except TypeError as fault:
        raise InputError("readiness-not-comparable", field=condition.field) from fault
    return failed, unknown


def _named(bits: NDArray[np.int64], names: tuple[str, ...]) -> NDArray[np.object_]:
    """Return the names whose bits are set, as one tuple a number."""
    patterns, inverse = np.unique(bits, return_inverse=True)
    tuples = np.empty(len(patterns), dtype=object)
    for place, pattern in enumerate(patterns.tolist()):
        tuples[place] = tuple(name for bit, name in enumerate(names) if pattern >> bit & 1)
    return cast("NDArray[np.object_]", tuples[inverse])


def _condition(place: int, row: Mapping[str, Any]) -> Condition:
    strange = sorted(set(row) - _KEYS)
    if strange:
        raise InputError("readiness-key-unknown", place=place, key=strange[0])
    limits = [key for key in ("at_least", "at_most", "one_of") if row.get(key) not in (None, [])]
    texts = ("lack", "field", "zh", "en")
    absent = [key for key in texts if not isinstance(row.get(key), str) or not row[key]]
    if row.get("kind") not in _KINDS:
        absent.append("kind")
    if row.get("unknown") not in ("fails", "passes"):
        absent.append("unknown")
    if not isinstance(row.get("mendable"), bool):
        absent.append("mendable")
    if absent or not limits:
        wanted = absent[0] if absent else "at_least, at_most, one_of"
        raise InputError("readiness-key-missing", place=place, key=wanted)
    low, high = row.get("at_least"), row.get("at_most")
    if low is not None and high is not None and low > high:
        raise InputError("readiness-limits", place=place, low=low, high=high)
    return Condition(
        lack=row["lack"],
        kind=row["kind"],
        field=row["field"],
        at_least=low,
        at_most=high,
        one_of=tuple(row.get("one_of", ())),
        unknown_passes=row["unknown"] == "passes",
        mendable=row["mendable"],
        zh=row["zh"],
        en=row["en"],
    )
