"""Who may do what, and which records they see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.unit.store.conftest import Made, square
from zonewright.core.errors import NotAllowedError, UnknownReferenceError
from zonewright.store import mapping
from zonewright.store.access import PERMISSIONS, Access, access_of, operator, roles
from zonewright.store.indicators import sync_indicators
from zonewright.store.models import (
    ApiToken,
    Firm,
    FundEntry,
    Grant,
    Indicator,
    Membership,
    Milestone,
    NoGo,
    Observation,
    OutlineItem,
    Parcel,
    ParcelEvent,
    Plan,
    QuotaEntry,
    Target,
    User,
    Venture,
    Work,
    WorkMonth,
    Zone,
    ZoneVersion,
)
from zonewright.store.places import locate

SINCE = date(2020, 1, 1)


def zone(code: str, wkb: bytes | None = None) -> Zone:
    made, _ = Zone.objects.get_or_create(code=code, defaults={"name": code, "kind": "park"})
    if wkb is not None:
        ZoneVersion.objects.create(zone=made, valid_from=SINCE, geometry=wkb)
    return made


def belongs(child: str, parent: str, hierarchy: str = "admin", **dates: date) -> Membership:
    return Membership.objects.create(
        parent=zone(parent), child=zone(child), hierarchy=hierarchy, **dates
    )


def person(name: str = "wang", **more: Any) -> User:
    user, _ = User.objects.get_or_create(username=name, defaults=more)
    return user


def grant(role: str, code: str | None = None, hierarchy: str = "", *, to: str = "wang") -> User:
    where = None if code is None else zone(code)
    Grant.objects.create(user=person(to), role=role, zone=where, hierarchy=hierarchy)
    return person(to)


# ---- Roles ---------------------------------------------------------------------------------------


def test_roles_are_what_the_headquarters_knows() -> None:
    assert set(roles()) == {
        "viewer", "reporter", "checker", "approver", "planner", "administrator",
    }  # fmt: skip
    assert all("view" in role.permissions for role in roles().values())
    assert roles()["viewer"].permissions == {"view"}
    assert roles()["reporter"].permissions == {"view", "report"}
    assert roles()["administrator"].permissions == set(PERMISSIONS)
    assert {role.label("zh") for role in roles().values()} >= {"查看员", "管理员"}


@pytest.mark.parametrize("role", sorted(roles()))
def test_a_role_in_a_zone_allows_its_permissions_there_and_nothing_elsewhere(
    embedded: Made, role: str
) -> None:
    zone("B")
    access = access_of(grant(role, "A"))
    for permission in PERMISSIONS:
        allowed = permission in roles()[role].permissions
        assert access.may(permission, "A") == allowed
        assert access.may_anywhere(permission) == allowed
        assert not access.may(permission, "B")
        assert not access.may(permission)
        assert access.zones(permission) == ({"A"} if allowed else set())


@pytest.mark.parametrize("role", sorted(roles()))
def test_a_role_in_the_whole_workspace_reaches_zones_still_to_come(
    embedded: Made, role: str
) -> None:
    access = access_of(grant(role))
    for permission in PERMISSIONS:
        allowed = permission in roles()[role].permissions
        assert access.may(permission) == access.may(permission, "NEW") == allowed
        assert access.zones(permission) == (None if allowed else frozenset())


def test_grants_add_up_zone_by_zone(embedded: Made) -> None:
    grant("viewer")
    grant("reporter", "A")
    access = access_of(grant("planner", "B"))
    assert access.zones("view") is None
    assert access.zones("report") == {"A", "B"}
    assert access.zones("plan") == {"B"}
    assert not access.may("report", "C")


def test_a_role_that_is_no_longer_defined_allows_nothing(embedded: Made) -> None:
    assert access_of(grant("king", "A")) == Access("wang")


def test_who_has_no_grant_may_do_nothing(embedded: Made) -> None:
    access = access_of(person())
    assert not any(access.may_anywhere(permission) for permission in PERMISSIONS)
    assert access.zones() == frozenset()


def test_a_superuser_and_the_operator_may_do_everything(embedded: Made) -> None:
    boss = person("boss", is_superuser=True)
    assert access_of(boss) == operator("boss")
    assert all(operator("root").may(permission) for permission in PERMISSIONS)


def test_who_is_switched_off_may_do_nothing(embedded: Made) -> None:
    user = grant("administrator")
    user.is_active = False
    assert access_of(user) == Access("wang")
    assert access_of(person("boss", is_superuser=True, is_active=False)) == Access("boss")


# ---- What lies in a zone -------------------------------------------------------------------------


def test_a_grant_reaches_everything_below_through_every_hierarchy(embedded: Made) -> None:
    belongs("A", "CITY")
    belongs("B", "A", "group")
    belongs("C", "B", "platform")
    belongs("X", "OTHER")
    assert access_of(grant("viewer", "CITY")).zones() == {"CITY", "A", "B", "C"}
    assert access_of(grant("viewer", "B", to="li")).zones() == {"B", "C"}


def test_a_chosen_hierarchy_is_the_only_one_followed(embedded: Made) -> None:
    belongs("A", "CITY", "admin")
    belongs("B", "CITY", "group")
    belongs("C", "A", "group")
    belongs("D", "A", "admin")
    assert access_of(grant("viewer", "CITY", "admin")).zones() == {"CITY", "A", "D"}
    assert access_of(grant("viewer", "CITY", "group", to="li")).zones() == {"CITY", "B"}
    assert access_of(grant("viewer", "A", "platform", to="zhao")).zones() == {"A"}


def test_two_grants_each_follow_their_own_hierarchy(embedded: Made) -> None:
    belongs("A", "CITY", "admin")
    belongs("B", "CITY", "group")
    grant("viewer", "CITY", "admin")
    access = access_of(grant("reporter", "CITY", "group"))
    assert access.zones("view") == {"CITY", "A", "B"}
    assert access.zones("report") == {"CITY", "B"}


def test_a_membership_counts_while_it_holds(embedded: Made) -> None:
    begins, ends = date(2023, 3, 1), date(2023, 9, 1)
    belongs("A", "CITY", valid_from=begins, valid_to=ends)
    user = grant("viewer", "CITY")
    reached = {
        day: access_of(user, on=day).zones()
        for day in (date(2023, 2, 28), begins, date(2023, 8, 31), ends)
    }
    assert [len(zones or ()) for zones in reached.values()] == [1, 2, 2, 1]


def test_it_is_read_with_one_query_and_memberships_only_for_a_zone(embedded: Made) -> None:
    belongs("A", "CITY")
    zoned, everywhere = grant("viewer", "CITY"), grant("viewer", to="li")
    for user, queries in ((person("nobody"), 1), (everywhere, 1), (zoned, 2)):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            access_of(user)
        assert len(asked) == queries


# ---- Tokens --------------------------------------------------------------------------------------


def token(user: User, role: str = "", code: str | None = None, hierarchy: str = "") -> ApiToken:
    where = None if code is None else zone(code)
    return ApiToken(user=user, name="t", role=role, zone=where, hierarchy=hierarchy)


def test_a_token_without_a_role_may_what_its_holder_may(embedded: Made) -> None:
    user = grant("planner", "A")
    assert access_of(user, token=token(user)) == access_of(user)


def test_a_token_may_less_than_its_holder(embedded: Made) -> None:
    belongs("A", "CITY")
    user = grant("planner", "CITY")
    assert access_of(user, token=token(user, "viewer")).zones("plan") == frozenset()
    assert access_of(user, token=token(user, "viewer")).zones("view") == {"CITY", "A"}
    assert access_of(user, token=token(user, "planner", "A")).zones("plan") == {"A"}


def test_a_token_never_may_more_than_its_holder(embedded: Made) -> None:
    zone("B")
    user = grant("reporter", "A")
    for given in (token(user, "administrator"), token(user, "administrator", "A")):
        access = access_of(user, token=given)
        assert access.by_zone == {"A": {"view", "report"}}
        assert access.everywhere == frozenset()
    assert access_of(user, token=token(user, "administrator", "B")).by_zone == {}
    boss = person("boss", is_superuser=True)
    access = access_of(boss, token=token(boss, "reporter", "A"))
    assert (access.everywhere, access.by_zone) == (frozenset(), {"A": {"view", "report"}})


def test_a_token_of_somebody_switched_off_may_nothing(embedded: Made) -> None:
    user = grant("planner", "A")
    user.is_active = False
    assert access_of(user, token=token(user)) == Access("wang")


# ---- Refusals ------------------------------------------------------------------------------------


def test_an_outsider_is_told_that_there_is_no_such_zone(embedded: Made) -> None:
    zone("B")
    access = access_of(grant("planner", "A"))
    access.require("plan", "A")
    for code in ("B", "NOWHERE"):
        with pytest.raises(UnknownReferenceError, match=code) as refused:
            access.require("view", code)
        assert "known" not in str(refused.value)


def test_who_sees_it_is_told_that_the_role_lacks(embedded: Made) -> None:
    access = access_of(grant("viewer", "A"))
    for where in ("A", None):
        with pytest.raises(NotAllowedError, match="plan"):
            access.require("plan", where)


# ---- Records -------------------------------------------------------------------------------------

Pair = tuple[Any, Any]


def _zones() -> None:
    """Draw a zone that is granted and one that is not; each has a member."""
    zone("IN", square(112.0, 22.0, 0.2))
    zone("OUT", square(112.4, 22.0, 0.2))
    belongs("IN1", "IN")
    belongs("OUT1", "OUT")
    sync_indicators()


def _by_code(model: Any, **more: Any) -> Callable[[], Pair]:
    """Return what makes a record of each zone by the zone's field."""

    def make() -> Pair:
        found = [
            model.objects.create(
                code=code,
                zone=Zone.objects.get(code=code),
                **{name: value() if callable(value) else value for name, value in more.items()},
            )
            for code in ("IN", "OUT")
        ]
        return found[0], found[1]

    return make


def _drawn(model: Any, **more: Any) -> Pair:
    inside = model.objects.create(code="in", geometry=square(112.1, 22.1), **more)
    return inside, model.objects.create(code="out", geometry=square(112.5, 22.1), **more)


def _of(pair: Pair, model: Any, name: str, **more: Any) -> Pair:
    return tuple(model.objects.create(**{name: one}, **more) for one in pair)  # type: ignore[return-value]


def _indicator() -> Indicator:
    return Indicator.objects.get(code="land_levelled")


def _of_zones(model: Any, **more: Any) -> Pair:
    pair = Zone.objects.get(code="IN"), Zone.objects.get(code="OUT")
    return _of(pair, model, "zone", indicator=_indicator(), **more)


_ENTRY: dict[str, Any] = {"entry": "granted", "on": SINCE, "debit": "a", "credit": "b"}
_VENTURES = _by_code(Venture, name="厂", category="eu")
MAKERS: dict[str, Callable[[], Pair]] = {
    "zone": lambda: (Zone.objects.get(code="IN1"), Zone.objects.get(code="OUT1")),
    "zone_version": lambda: (
        ZoneVersion.objects.get(zone__code="IN"),
        ZoneVersion.objects.get(zone__code="OUT"),
    ),
    "membership": lambda: (
        Membership.objects.get(parent__code="IN"),
        Membership.objects.get(parent__code="OUT"),
    ),
    "plan": _by_code(Plan, name="规划", kind="master", stage="approved"),
    "parcel": lambda: _drawn(Parcel),
    "work": lambda: _drawn(Work, name="路", kind="road"),
    "no_go": lambda: _drawn(NoGo, kind="farmland"),
    "venture": _VENTURES,
    "firm": _by_code(Firm, name="企业"),
    "parcel_event": lambda: _of(_drawn(Parcel), ParcelEvent, "parcel", stage="L3", on=SINCE),
    "work_month": lambda: _of(_drawn(Work, name="路", kind="road"), WorkMonth, "work", month=SINCE),
    "milestone": lambda: _of(_VENTURES(), Milestone, "venture", step="signed"),
    "observation": lambda: _of_zones(Observation, period="2023", value=1, unit="ha"),
    "target": lambda: _of_zones(Target, year=2023, value=1, unit="ha"),
    "quota_entry": _by_code(QuotaEntry, category="new", area_m2=1.0, **_ENTRY),
    "fund_entry": _by_code(FundEntry, kind="bond", amount_cny=1, **_ENTRY),
    "outline_item": _by_code(
        OutlineItem, chapter="scope", indicator=_indicator, period="2023", unit="ha"
    ),
}


def test_every_table_is_asked_about() -> None:
    assert set(MAKERS) == {mapped.record for mapped in mapping.ALL}


@pytest.mark.parametrize("kind", MAKERS)
def test_a_record_in_the_zone_is_seen_and_one_outside_is_not(workspace: Made, kind: str) -> None:
    _zones()
    inside, outside = MAKERS[kind]()
    locate()
    access = access_of(grant("reporter", "IN"))
    rows = mapping.BY_RECORD[kind].model._default_manager.filter(pk__in=[inside.pk, outside.pk])
    assert list(access.narrow(rows)) == [inside]
    assert list(access.narrow(rows, "report")) == [inside]
    assert list(access.narrow(rows, "plan")) == []
    names = f"{kind}:{inside.pk}", f"{kind}:{outside.pk}"
    assert [access.sees(name) for name in names] == [True, False]
    assert access.seen(names) == {names[0]}
    assert operator("root").seen(names) == set(names)
    assert Access("nobody").narrow(rows).count() == 0
    assert access_of(grant("viewer", to="li")).narrow(rows).count() == 2


@pytest.mark.parametrize(
    ("model", "more"),
    [(Parcel, {}), (Work, {"name": "路", "kind": "road"}), (NoGo, {"kind": "farmland"})],
)
def test_a_record_without_a_place_is_for_who_sees_the_whole_workspace(
    workspace: Made, model: Any, more: dict[str, Any]
) -> None:
    _zones()
    model.objects.create(code="nowhere", **more)
    model.objects.create(code="far", geometry=square(115.0, 25.0), **more)
    locate()
    # Not located yet: nobody knows where it lies.
    model.objects.create(code="fresh", geometry=square(112.1, 22.1), **more)
    assert access_of(grant("administrator", "IN")).narrow(model.objects.all()).count() == 0
    assert access_of(grant("viewer", to="li")).narrow(model.objects.all()).count() == 3


def test_where_zones_overlap_a_record_is_seen_from_both(workspace: Made) -> None:
    zone("A", square(112.0, 22.0, 0.2))
    zone("B", square(112.1, 22.0, 0.2))
    zone("C", square(112.5, 22.0, 0.2))
    Parcel.objects.create(code="P1", geometry=square(112.15, 22.1))
    locate()
    seen = {
        code: access_of(grant("viewer", code, to=code)).narrow(Parcel.objects.all()).count()
        for code in "ABC"
    }
    assert seen == {"A": 1, "B": 1, "C": 0}
    Grant.objects.create(user=person("A"), role="viewer", zone=zone("B"))
    # Who is granted both sees it once.
    assert list(access_of(person("A")).narrow(Parcel.objects.all())) == [Parcel.objects.get()]


def test_a_membership_across_the_border_is_not_seen(workspace: Made) -> None:
    _zones()
    across = belongs("IN", "OUT", "platform")
    access = access_of(grant("viewer", "IN"))
    assert not access.sees(f"membership:{across.pk}")


def test_a_firms_return_is_seen_where_the_firm_is(workspace: Made) -> None:
    _zones()
    pair = _of(
        _by_code(Firm, name="企业")(), Observation, "firm", indicator=_indicator(),
        period="2023", value=1, unit="ha",
    )  # fmt: skip
    assert list(access_of(grant("viewer", "IN")).narrow(Observation.objects.all())) == [pair[0]]


@pytest.mark.parametrize(
    "name", ["", "parcel", "parcel:", "parcel:x", "parcel:-1", "grant:1", "user:1", "parcel:²"]
)
def test_what_names_no_record_is_seen_by_nobody(embedded: Made, name: str) -> None:
    assert not operator("root").sees(name)
    assert operator("root").seen([name]) == frozenset()


def test_many_records_are_asked_about_with_few_queries(embedded: Made) -> None:
    _zones()
    Parcel.objects.bulk_create(
        Parcel(code=f"P{number}", geometry=square(112.1 + 0.4 * (number % 2), 22.1))
        for number in range(2_000)
    )
    locate()
    access = access_of(grant("viewer", "IN"))
    names = [f"parcel:{pk}" for pk in Parcel.objects.values_list("pk", flat=True)]
    with CaptureQueriesContext(connection) as asked:
        assert len(access.seen(names)) == 1_000
    assert len(asked) == 2  # the places of their zones, and the parcels
