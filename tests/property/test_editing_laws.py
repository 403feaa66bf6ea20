"""Laws of editing: the trail tells everything, and everything can be taken back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.store.conftest import square
from tests.unit.store.desk import BOSS, fill
from zonewright.core.errors import ZonewrightError
from zonewright.store import workspace as workspaces
from zonewright.store.actions import add, delete, edit, undo
from zonewright.store.mapping import NAMES, SERIES
from zonewright.store.models import AuditEntry
from zonewright.store.selectors import listing
from zonewright.store.selectors.history import by_field, in_effect
from zonewright.store.selectors.record import parse_record, plain

trials = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TABLES = ("parcels", "parcel_events", "works", "work_months", "ventures", "milestones", "zones")
State = dict[str, dict[str, object]]

codes = st.sampled_from(["P1", "P2", "P9", "B1"])
shapes = st.builds(square, st.sampled_from([112.1, 112.11, 112.2]), st.just(22.1),
                   st.sampled_from([0.01, 0.0101]))  # fmt: skip
days = st.dates(min_value=date(2021, 1, 1),
                max_value=date(2024, 1, 1))  # fmt: skip
steps = st.one_of(
    st.tuples(st.just("add"), st.just("parcels"), st.fixed_dictionaries(
        {"code": codes, "zone": st.sampled_from(["A", "B"])}, optional={"geometry": shapes})),
    st.tuples(st.just("add"), st.just("parcel_events"), st.fixed_dictionaries(
        {"parcel": codes, "stage": st.sampled_from(["L3", "L5", "L7"]), "on": days})),
    st.tuples(st.just("add"), st.just("milestones"), st.fixed_dictionaries(
        {"venture": st.just("V1"), "step": st.sampled_from(["signed", "started"])},
        optional={"actual_on": days})),
    st.tuples(st.just("edit"), st.just("parcels"), st.fixed_dictionaries({}, optional={
        "use": st.sampled_from(["M1", "M2", None]), "geometry": st.one_of(st.none(), shapes),
        "zone": st.sampled_from(["A", "B", None]), "town": st.text("甲乙a ", max_size=3),
        "reported_area": st.sampled_from([1_100_000.0, 1_200_000.0, None]),
        "services": st.sampled_from([{"road": 1}, {"gas": 5}, None])})),
    st.tuples(st.just("edit"), st.just("parcel_events"), st.fixed_dictionaries({"on": days},
        optional={"on_precision": st.sampled_from(["d", "m"]), "evidence": st.text("函a")})),
    st.tuples(st.just("edit"), st.just("work_months"), st.fixed_dictionaries(
        {"invested": st.decimals(0, 1000, places=2)})),
    st.tuples(st.just("edit"), st.just("ventures"), st.fixed_dictionaries({
        "investment": st.integers(1, 10**6)}, optional={
        "investment_unit": st.sampled_from(["万元", "美元"]),
        "investment_bound": st.sampled_from(["ge", "exact"])})),
    st.tuples(st.just("delete"), st.sampled_from(TABLES), st.just({})),
    st.tuples(st.just("undo"), st.just(""), st.just({})),
)  # fmt: skip
acts = st.lists(st.tuples(steps, st.integers(0, 50)), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("laws") / "filled.sqlite"
    with django_db_blocker.unblock():
        workspaces.create(path, title="测试", title_en="Test")
        fill()
        connection.close()
        yield path
        connection.close()


def perform(act: tuple[Any, int]) -> None:
    """Do one act; what is refused leaves no trace."""
    (what, table, values), which = act
    if what == "add":
        add(table, values, access=BOSS, origin="t")
        return
    if what == "undo":
        entries = list(AuditEntry.objects.exclude(record="").order_by("pk"))
        if entries:
            undo(entries[which % len(entries)].pk, access=BOSS, origin="t")
        return
    rows = listing(table, access=BOSS, limit=100).rows
    if not rows:
        return
    row = rows[which % len(rows)]
    if what == "delete":
        delete(row.record, token=row.token, access=BOSS, origin="t")
    else:
        edit(row.record, values, token=row.token, access=BOSS, origin="t")


def perform_all(many: list[tuple[Any, int]]) -> None:
    for act in many:
        try:
            perform(act)
        except ZonewrightError:
            continue


def whole() -> State:
    """Return every record that counts, by what identifies it, with all that it says."""
    found: State = {}
    for table in TABLES:
        mapped = NAMES[table]
        for row in listing(table, access=BOSS, limit=1000).rows:
            values = {name: plain(value) for name, value in row.values.items()}
            shape = plain(row.geometry)
            told = {name: value for name, value in values.items() if value is not None}
            key = row.record if mapped.record not in SERIES else f"{table} {row.title}"
            found[key] = {**told, **({"geometry": shape} if shape else {}),
                          "computed": plain(dict(row.computed)),
                          "zones": sorted(row.zones)}  # fmt: skip
    return found


def origins() -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for table in ("parcels", "works", "ventures", "milestones"):
        manager = NAMES[table].model._default_manager
        rows += [
            (table, pk, str(source), str(group))
            for pk, source, group in manager.order_by("pk").values_list("pk", "source", "origins")
        ]
    return rows


def start(filled: Path, tmp_path: Path) -> None:
    connection.close()
    path = tmp_path / "work.sqlite"
    for rest in ("", "-wal", "-shm"):
        path.with_name(path.name + rest).unlink(missing_ok=True)
    shutil.copyfile(filled, path)
    workspaces.connect(path)


@trials
@given(acts)
def test_undoing_everything_restores_every_record(
    filled: Path, tmp_path: Path, many: list[tuple[Any, int]]
) -> None:
    start(filled, tmp_path)
    before, sources, first = whole(), origins(), AuditEntry.objects.latest("pk").pk
    perform_all(many)
    for entry in list(AuditEntry.objects.filter(pk__gt=first).order_by("-pk")):
        if in_effect(entry):
            undo(entry.pk, access=BOSS, origin="t")
    assert whole() == before
    assert origins() == sources


@trials
@given(acts)
def test_the_trail_alone_tells_how_every_record_stands(
    filled: Path, tmp_path: Path, many: list[tuple[Any, int]]
) -> None:
    start(filled, tmp_path)
    told: State = {name: dict(values) for name, values in raw().items()}
    first = AuditEntry.objects.latest("pk").pk
    perform_all(many)
    for entry in AuditEntry.objects.filter(pk__gt=first).order_by("pk"):
        replay(told, entry)
    assert told == raw()


def raw() -> State:
    """Return every row of the tables by name, with the values that were given."""
    found: State = {}
    for table in TABLES:
        for row in listing(table, access=BOSS, limit=1000, superseded=True).rows:
            whole = {**row.values, "geometry": row.geometry}
            values = {name: plain(value) for name, value in whole.items()}
            found[row.record] = {key: value for key, value in values.items() if value is not None}
    return found


def replay(told: State, entry: AuditEntry) -> None:
    mapped, _ = parse_record(entry.record)
    before, after = entry.before or {}, entry.after or {}
    if entry.after is None:
        told.pop(entry.record)
        for name in before["_rows"]:
            told.pop(name, None)
        return
    if entry.before is None:
        told[entry.record] = by_field(mapped, after)
        for name, row in after["_rows"].items():
            child, _ = parse_record(name)
            told[name] = {k: v for k, v in by_field(child, row).items() if v not in (None, "")}
        return
    old = told[entry.record] if mapped.record not in SERIES else earlier(told, entry)
    now = {**old, **by_field(mapped, after)}
    told[entry.record] = {name: value for name, value in now.items() if value is not None}


def earlier(told: State, entry: AuditEntry) -> dict[str, object]:
    """Return the row of a series that a later one corrected: that with the values before."""
    mapped, _ = parse_record(entry.record)
    before = by_field(mapped, entry.before or {})
    rows = [name for name in told if name.startswith(f"{mapped.record}:")]
    for name in sorted(rows, key=lambda item: -int(item.partition(":")[2])):
        values = told[name]
        same = all(values.get(field) == value for field, value in before.items())
        if same and code_of(mapped.record, values) == entry.code:
            return values
    raise AssertionError(entry.record)


def code_of(kind: str, values: dict[str, object]) -> object:
    return values["parcel" if kind == "parcel_event" else "work"]
