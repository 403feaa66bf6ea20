"""Adding, editing and deleting: typed values, faults beside fields, conflicts, who may."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import pytest
import shapely
from django.test import Client

from tests.web import sample
from tests.web.readers import reader_with
from tests.web.rest import fill_rest
from zonewright.store import actions
from zonewright.store.access import operator
from zonewright.store.mapping import NAMES
from zonewright.store.models import (
    AuditEntry,
    Milestone,
    Parcel,
    ParcelEvent,
    Target,
    User,
    Venture,
    Work,
    Zone,
)
from zonewright.store.selectors import record_state

pytestmark = pytest.mark.django_db
INPUT = re.compile(r"<input[^>]*>|<select.*?</select>|<textarea.*?</textarea>", re.S)


def fields(page: str) -> dict[str, str]:
    """Return what a browser would send of a page's form, untouched."""
    found: dict[str, str] = {}
    form = page[page.index("<main") :]
    form = form[form.index('<form method="post"') :]
    for tag in INPUT.findall(form[: form.index("</form>")]):
        name = re.search(r'name="([^"]+)"', tag)
        if name is None or (' type="radio"' in tag and " checked" not in tag):
            continue
        if tag.startswith("<select"):
            chosen = re.search(r'value="([^"]*)" selected', tag) or re.search(
                r'value="([^"]*)"', tag
            )
            found[name[1]] = chosen[1] if chosen else ""
        elif tag.startswith("<textarea"):
            found[name[1]] = plain(tag.partition(">")[2].rpartition("<")[0]).removeprefix("\n")
        else:
            value = re.search(r' value="([^"]*)"', tag)
            found[name[1]] = plain(value[1]) if value else ""
    return found


def plain(text: str) -> str:
    for sign, code in (
        ("'", "&#x27;"),
        ('"', "&quot;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("&", "&amp;"),
    ):
        text = text.replace(code, sign)
    return text


def opened(client: Client, address: str) -> dict[str, str]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return fields(answer.content.decode())


def edit_of(name: str, pk: int) -> str:
    return f"/records/{name}/{pk}/edit/"


def parcel(code: str = "DK-0005") -> Parcel:
    return Parcel.objects.get(code=code)


@pytest.mark.parametrize("name", list(NAMES))
def test_a_form_sent_back_as_it_was_changes_nothing(
    workspace: None, client: Client, name: str
) -> None:
    fill_rest()
    first = NAMES[name].model._default_manager.earliest("pk")
    sent = opened(client, edit_of(name, first.pk))
    count = AuditEntry.objects.count()
    answer = client.post(edit_of(name, first.pk), sent)
    assert answer.status_code == 302, answer.content.decode()
    assert AuditEntry.objects.count() == count
    assert client.get(answer["Location"]).status_code == 200


def test_typed_values_are_kept_in_the_unit_in_which_they_were_typed(
    workspace: None, client: Client
) -> None:
    address = edit_of("parcels", parcel().pk)
    sent = opened(client, address)
    sent |= {
        "reported_area": "３５,０２４", "reported_area_unit": "亩", "reported_area_bound": "ge",
        "basic_farmland": "yes", "available_on": "2023-12-31", "acquired_pct": "86.5",
        "services-road": "4", "services-water": "0", "owner": " 王某 ", "reason": "实测",
    }  # fmt: skip
    answer = client.post(address, sent)
    assert answer.status_code == 302, answer.content.decode()
    found = parcel()
    assert found.reported_area_m2 == pytest.approx(35_024 * 2000 / 3)
    assert (found.reported_area_unit, found.reported_area_bound) == ("亩", "ge")
    assert (found.basic_farmland, found.acquired_pct) == (True, 86.5)
    assert found.available_on == date(2023, 12, 31)
    assert found.services == {"road": 4, "water": 0}
    assert found.owner == "王某"
    entry = AuditEntry.objects.latest("pk")
    assert (entry.by, entry.reason) == ("linh", "实测")
    again = opened(client, address)
    assert (again["reported_area"], again["reported_area_unit"]) == ("35024", "亩")


def test_money_in_dollars_keeps_its_currency(workspace: None, client: Client) -> None:
    pk = Venture.objects.get(code="V1").pk
    address = edit_of("ventures", pk)
    sent = opened(client, address) | {"investment": "1.5", "investment_unit": "亿美元"}
    assert client.post(address, sent).status_code == 302
    venture = Venture.objects.get(code="V1")
    assert (venture.investment, venture.currency) == (Decimal(150_000_000), "USD")
    assert opened(client, address)["investment_unit"] == "亿美元"
    assert "1.5亿美元" in client.get(f"/records/ventures/{pk}/").content.decode()


def test_points_of_a_curve_are_one_input_a_month(workspace: None, client: Client) -> None:
    target = Target.objects.first()
    assert target is not None
    address = edit_of("targets", target.pk)
    sent = opened(client, address) | {"curve": "stepped", "points-6": "60", "points-12": "100"}
    answer = client.post(address, sent)
    assert answer.status_code == 302, answer.content.decode()
    target.refresh_from_db()
    assert target.points == {"6": 60.0, "12": 100.0}


def test_only_the_month_is_known(workspace: None, client: Client) -> None:
    sent = opened(client, "/records/milestones/new/?venture=V1")
    assert sent["venture"] == "V1"
    sent |= {"step": "signed", "actual_on": "2023-06-03", "actual_on_precision": "m"}
    answer = client.post("/records/milestones/new/", sent)
    assert answer.status_code == 302, answer.content.decode()
    made = Milestone.objects.get()
    assert (made.actual_on, made.actual_precision) == (date(2023, 6, 30), "m")


# ---- Shapes -----------------------------------------------------------------------------------


def test_a_shape_is_drawn_as_geojson(workspace: None, client: Client) -> None:
    address = edit_of("parcels", parcel().pk)
    shape = shapely.box(112.71, 22.41, 112.72, 22.42)
    sent = opened(client, address)
    assert json.loads(sent["geometry"])["type"] == "MultiPolygon"
    answer = client.post(address, sent | {"geometry": shapely.to_geojson(shape)})
    assert answer.status_code == 302, answer.content.decode()
    found = parcel()
    assert shapely.from_wkb(found.geometry).equals(shape)
    assert found.area_m2 == pytest.approx(1.14e6, rel=0.01)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"type": "Polygon"}', "POINT (112 22)", "POLYGON EMPTY", "nonsense",
             '{"type":"FeatureCollection","features":[]}', "POLYGON ((0 0, 1 1, 0 1, 1 0, 0 0))"]
)  # fmt: skip
def test_a_shape_that_cannot_be_used_is_a_fault_of_its_field(
    workspace: None, english: Client, text: str
) -> None:
    address = edit_of("parcels", parcel().pk)
    before = parcel().geometry
    answer = english.post(address, opened(english, address) | {"geometry": text, "owner": "Li"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_geometry"' in page
    assert fields(page)["geometry"] == text
    assert parcel().geometry == before
    assert parcel().owner == ""


# ---- Faults -----------------------------------------------------------------------------------


def test_faults_stand_beside_their_fields_and_what_was_typed_is_kept(
    workspace: None, english: Client
) -> None:
    address = edit_of("works", Work.objects.get(code="W0").pk)
    sent = opened(english, address)
    sent |= {"name": "", "total_cost": "much", "started_on": "2023-02-31", "zone": "NOWHERE"}
    answer = english.post(address, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    again = fields(page)
    assert (again["total_cost"], again["started_on"], again["zone"]) == (
        "much",
        "2023-02-31",
        "NOWHERE",
    )
    for name in ("name", "total_cost", "started_on"):
        assert f'href="#id_{name}"' in page
        assert f'class="field wrong" id="field-{name}"' in page
    assert "Write a number" in page
    assert Work.objects.get(code="W0").name == "道路0"


def test_what_the_workspace_refuses_stands_beside_its_field(
    workspace: None, english: Client
) -> None:
    address = edit_of("works", Work.objects.get(code="W0").pk)
    sent = opened(english, address) | {"zone": "NOWHERE", "finished_on": "2001-01-01"}
    page = english.post(address, sent).content.decode()
    assert 'class="field wrong" id="field-zone"' in page
    sent = opened(english, address) | {"finished_on": "2001-01-01"}
    assert 'id="faults"' in english.post(address, sent).content.decode()


def test_the_faults_are_read_first(workspace: None, english: Client) -> None:
    page = english.post("/records/zones/new/", {"code": "N1"}).content.decode()
    assert '<div class="message error" id="faults" role="alert" tabindex="-1">' in page
    assert 'href="#id_name"' in page


# ---- Adding -----------------------------------------------------------------------------------


def test_a_record_is_added_once_however_often_it_is_sent(workspace: None, client: Client) -> None:
    address = "/records/parcel_events/new/"
    sent = opened(client, f"{address}?parcel=DK-0000")
    sent |= {"stage": "L4", "on": "2023-05-05", "evidence": "验收单"}
    first = client.post(address, sent)
    assert first.status_code == 302, first.content.decode()
    second = client.post(address, sent)
    assert second["Location"] == first["Location"]
    events = ParcelEvent.objects.filter(parcel__code="DK-0000", stage="L4")
    assert [event.evidence for event in events] == ["验收单"]
    page = client.get(first["Location"]).content.decode()
    assert "已保存。" in page
    assert re.search(r'href="/changes/\d+/undo/"', page)


def test_a_new_zone_can_be_made_and_drawn(workspace: None, client: Client) -> None:
    sent = opened(client, "/records/zones/new/") | {"code": "N9", "name": "新区", "kind": "park"}
    assert client.post("/records/zones/new/", sent).status_code == 302
    sent = opened(client, "/records/zone_versions/new/?zone=N9")
    sent |= {"valid_from": "2023-05-01", "geometry": "POLYGON((113 22,113.1 22,113.1 22.1,113 22))"}
    answer = client.post("/records/zone_versions/new/", sent)
    assert answer.status_code == 302, answer.content.decode()
    assert Zone.objects.get(code="N9").versions.count() == 1


def test_a_code_that_is_taken_is_refused(workspace: None, english: Client) -> None:
    sent = opened(english, "/records/works/new/") | {"code": "W0", "name": "x", "kind": "road"}
    answer = english.post("/records/works/new/", sent)
    assert answer.status_code == 422
    assert 'id="field-code"' in answer.content.decode()
    assert Work.objects.filter(code="W0").count() == 1


# ---- Two people -------------------------------------------------------------------------------


def theirs(**values: object) -> None:
    record = f"parcel:{parcel().pk}"
    access = operator("zhang")
    token = record_state(record, access).token
    actions.edit(record, values, token=token, access=access, origin="test")


def test_who_saves_second_is_shown_both(workspace: None, english: Client) -> None:
    address = edit_of("parcels", parcel().pk)
    mine = opened(english, address) | {"owner": "Li", "town": "North"}
    theirs(owner="Zhang", use="M1")
    answer = english.post(address, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "zhang" in page
    assert parcel().owner == "Zhang"
    pairs = re.findall(r'<tr( class="both")?><th scope="row">([^<]*)', page)
    rows = {name.strip(): both for both, name in pairs}
    assert set(rows) == {"Person in charge", "Town", "Planned use"}
    assert [name for name, both in rows.items() if both] == ["Person in charge"]
    sent = fields(page)
    assert (sent["pick-owner"], sent["pick-town"], sent["pick-use"]) == ("yours", "yours", "theirs")


@pytest.mark.parametrize(("pick", "owner"), [("yours", "Li"), ("theirs", "Zhang")])
def test_the_reader_picks_field_by_field(
    workspace: None, english: Client, pick: str, owner: str
) -> None:
    address = edit_of("parcels", parcel().pk)
    mine = opened(english, address) | {"owner": "Li", "town": "North"}
    theirs(owner="Zhang", use="M1")
    sent = fields(english.post(address, mine).content.decode()) | {"pick-owner": pick}
    answer = english.post(address, sent)
    assert answer.status_code == 302, answer.content.decode()
    found = parcel()
    assert (found.owner, found.town, found.use) == (owner, "North", "M1")


def test_a_third_change_in_the_meantime_is_told_again(workspace: None, english: Client) -> None:
    address = edit_of("parcels", parcel().pk)
    mine = opened(english, address) | {"owner": "Li"}
    theirs(owner="Zhang")
    sent = fields(english.post(address, mine).content.decode())
    theirs(owner="Wang")
    again = english.post(address, sent)
    assert again.status_code == 409
    assert "Wang" in again.content.decode()
    assert parcel().owner == "Wang"


def test_the_same_edit_sent_twice_has_no_second_effect(workspace: None, client: Client) -> None:
    address = edit_of("parcels", parcel().pk)
    sent = opened(client, address) | {"owner": "王某"}
    client.post(address, sent)
    count = AuditEntry.objects.count()
    assert client.post(address, sent).status_code == 302
    assert AuditEntry.objects.count() == count


def test_a_shape_that_somebody_else_moved_is_not_moved_back(
    workspace: None, english: Client
) -> None:
    address = edit_of("parcels", parcel().pk)
    mine = opened(english, address) | {"owner": "Li"}
    moved = shapely.MultiPolygon([shapely.box(112.71, 22.41, 112.72, 22.42)])
    theirs(geometry=moved)
    sent = fields(english.post(address, mine).content.decode())
    assert sent["pick-geometry"] == "theirs"
    assert english.post(address, sent).status_code == 302
    assert shapely.from_wkb(parcel().geometry).equals(moved)
    assert parcel().owner == "Li"


# ---- Deleting ---------------------------------------------------------------------------------


def test_deleting_asks_for_a_reason(workspace: None, english: Client) -> None:
    address = f"/records/parcels/{parcel().pk}/delete/"
    sent = opened(english, address)
    answer = english.post(address, sent)
    assert answer.status_code == 422
    assert "Say why" in answer.content.decode()
    assert parcel().code == "DK-0005"
    answer = english.post(address, sent | {"reason": "twice in the ledger"})
    assert answer.status_code == 302
    assert not Parcel.objects.filter(code="DK-0005").exists()
    assert AuditEntry.objects.latest("pk").reason == "twice in the ledger"
    assert english.post(address, sent | {"reason": "again"}).status_code == 404


def test_what_was_changed_meanwhile_is_not_deleted(workspace: None, english: Client) -> None:
    address = f"/records/parcels/{parcel().pk}/delete/"
    sent = opened(english, address) | {"reason": "x"}
    theirs(owner="Zhang")
    assert english.post(address, sent).status_code == 409
    assert parcel().owner == "Zhang"


# ---- Who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["edit", "delete"])
def test_who_sees_it_but_may_not_is_told_so(workspace: None, what: str) -> None:
    address = f"/records/parcels/{parcel('DK-0000').pk}/{what}/"
    sent = {"reason": "x", "token": "x", "owner": "Li", "code": "DK-0000"}
    for client, status in (
        (reader_with("viewer", "G1"), 403),
        (reader_with("reporter", "G1"), 403),
        (reader_with("planner", "G3"), 404),
        (reader_with(), 404),
    ):
        assert client.get(address).status_code == status
        assert client.post(address, sent).status_code == status
    assert parcel("DK-0000").owner == ""


def test_a_reporter_reports_and_a_planner_plans(workspace: None) -> None:
    reporter = reader_with("reporter", "G1")
    assert reporter.get("/records/parcel_events/new/").status_code == 200
    assert reporter.get("/records/parcels/new/").status_code == 403
    assert reader_with("viewer", None).get("/records/parcel_events/new/").status_code == 403


def test_nobody_writes_into_a_zone_of_others(workspace: None) -> None:
    planner = reader_with("planner", "G1")
    sent = opened(planner, "/records/parcels/new/") | {
        "code": "X-1", "geometry": "POLYGON((113 22.45,113.01 22.45,113.01 22.46,113 22.45))",
    }  # fmt: skip
    answer = planner.post("/records/parcels/new/", sent)
    assert answer.status_code in (403, 404, 422)
    assert not Parcel.objects.filter(code="X-1").exists()


def test_anonymous_readers_and_forged_forms_are_refused(workspace: None, anonymous: Client) -> None:
    address = edit_of("parcels", parcel().pk)
    assert anonymous.post(address, {}).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username=sample.USER))
    assert strict.post(address, {"owner": "Li"}).status_code == 403
