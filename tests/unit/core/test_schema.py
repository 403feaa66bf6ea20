"""The dictionary of tables."""

from __future__ import annotations

from typing import get_args

import pandas as pd
import pytest

from zonewright.core.errors import RangeError, SchemaError
from zonewright.core.schema import (
    Kind,
    Table,
    all_tables,
    require_columns,
    require_positive,
    table,
)
from zonewright.core.units import UNITS

# Part of a key that an ordinary row leaves empty: a target of the zone itself has no subject.
WHOLE_WHERE_EMPTY = {("targets", "subject")}
EVERY = pytest.mark.parametrize("known", all_tables().values(), ids=all_tables())


@EVERY
def test_a_table_has_a_name_in_both_languages(known: Table) -> None:
    assert known.label("zh") != known.label("en")
    assert known.label("zh")
    assert known.label("en")


@EVERY
def test_fields_are_declared_completely(known: Table) -> None:
    names = [field.name for field in known.fields]
    assert len(names) == len(set(names))
    for field in known.fields:
        where = (known.name, field.name)
        assert field.kind in get_args(Kind), where
        assert field.zh, where
        assert field.en, where
        assert not field.unit or field.unit in UNITS, where
        assert not field.key or field.required or where in WHOLE_WHERE_EMPTY, where
        assert bool(field.choices) == (field.kind in ("choice", "services")), where


@EVERY
def test_every_table_has_a_key(known: Table) -> None:
    assert known.key


@EVERY
def test_names_that_readers_see_differ_within_a_table(known: Table) -> None:
    for lang in ("zh", "en"):
        labels = [field.label(lang) for field in known.fields]
        assert len(labels) == len(set(labels))


def test_measured_kinds_have_a_unit() -> None:
    for known in all_tables().values():
        for field in known.fields:
            if field.kind in ("area", "money", "energy"):
                assert field.unit, (known.name, field.name)


def test_a_table_by_name() -> None:
    parcels = table("parcels")
    assert parcels.key == ("code",)
    assert parcels.geometry is not None
    assert parcels.geometry.name == "geometry"
    assert table("memberships").geometry is None
    assert parcels["services"].choices["road"] == "道路"
    assert list(table("parcel_events")["stage"].choices) == [f"L{n}" for n in range(10)]
    with pytest.raises(KeyError):
        parcels["nonsense"]
    with pytest.raises(SchemaError, match="nonsense"):
        table("nonsense")


def test_required_columns() -> None:
    frame = pd.DataFrame({"a": [1]})
    require_columns(frame, "a", of="sample")
    with pytest.raises(SchemaError, match="sample lacks the column b") as caught:
        require_columns(frame, "a", "b", of="sample")
    assert caught.value.params == {"table": "sample", "field": "b"}


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_positive_numbers(value: float) -> None:
    require_positive(size=0.1)
    with pytest.raises(RangeError, match="size must be above 0"):
        require_positive(other=1, size=value)
