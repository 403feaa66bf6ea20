"""Each role signs in, in both languages: what it is shown, what it may do, what is hidden."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from urllib.parse import quote

import pytest

from tests.e2e import people
from tests.e2e.conftest import Desk, Open, Reader
from tests.e2e.one_time import code_at

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = {"zh-CN": "zh-CN", "en-US": "en"}
ALL = (
    "overview", "board", "returns", "orders", "figures", "zones", "land", "map", "records",
    "report", "runs",
)  # fmt: skip
# Who holds a role in the cluster sees its look-back, but not every file that was taken in.
NAVIGATION: Mapping[str, tuple[str, ...]] = {
    "viewer": ALL,
    "reporter": ALL,
    "checker": ALL,
    "approver": ALL,
    "planner": (*ALL, "sources"),
    "administrator": (*ALL, "sources", "people"),
}
NAMES = {
    "zh-CN": {
        "overview": "总览", "board": "调度看板", "returns": "月报填报", "orders": "督办",
        "figures": "指标", "zones": "片区", "land": "土地", "map": "地图",
        "records": "台账", "report": "回头看", "sources": "数据来源", "runs": "运行记录",
        "people": "管理",
    },
    "en-US": {
        "overview": "Overview", "board": "Board", "returns": "Returns", "orders": "Orders",
        "figures": "Figures", "zones": "Zones", "land": "Land",
        "map": "Map", "records": "Ledgers", "report": "Look-back", "sources": "Sources",
        "runs": "Runs",
        "people": "Manage",
    },
}  # fmt: skip
MAY_EDIT_LAND = {"planner", "administrator"}
MAY_REPORT = {"reporter", "planner", "administrator"}
REFUSALS = {"zh-CN": "不能在此操作", "en-US": "not do it here"}
STAGE, DAY = "L9", "2024-03-01"


def key_of(desk: Desk, code: str) -> int:
    ((key,),) = desk.ask("select id from store_parcel where code = ?", code)
    return int(key)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("role", people.ROLES)
def test_a_role_is_shown_what_it_may_do(open_desk: Open, desk: Desk, role: str, lang: str) -> None:
    reader = open_desk(lang=lang, sign_in=False)
    reader.sign_in(people.ROLES[role].name)
    assert reader.page.locator("html").get_attribute("lang") == LANGUAGES[lang]
    shown = [text.strip() for text in reader.page.locator(".sections a").all_inner_texts()]
    names = NAMES[lang]
    assert sorted(shown) == sorted(names[section] for section in NAVIGATION[role])
    number = 300 + 2 * list(people.ROLES).index(role) + (lang == "en-US")
    parcel = f"/records/parcels/{key_of(desk, f'DK-{number:04d}')}/"
    reader.open(parcel)
    assert f"DK-{number:04d}" in reader.page.inner_text("h1")
    offered = reader.page.locator(f"a.button[href='{parcel}edit/']").count()
    assert offered == (role in MAY_EDIT_LAND)
    added = reader.page.locator("a[href^='/records/parcel_events/new/']").count()
    assert bool(added) == (role in MAY_REPORT)
    edit_land(reader, parcel, lang, allowed=role in MAY_EDIT_LAND)
    enter_stage(reader, f"DK-{number:04d}", lang, allowed=role in MAY_REPORT)
    written = desk.ask(
        "select count(*) from store_parcelevent e join store_parcel p on p.id = e.parcel_id "
        "where p.code = ? and e.stage = ? and e.\"on\" = ?",
        f"DK-{number:04d}", STAGE, DAY,
    )  # fmt: skip
    assert written == [(int(role in MAY_REPORT),)]


def edit_land(reader: Reader, parcel: str, lang: str, *, allowed: bool) -> None:
    if not allowed:
        with reader.refused(403):
            reader.open(f"{parcel}edit/")
        assert REFUSALS[lang] in reader.page.inner_text("main")
        return
    reader.open(f"{parcel}edit/")
    reader.page.fill("#id_owner", f"by {lang}")
    reader.submit(".record-form .button:not(.quiet)")
    assert "saved=" in reader.page.url
    assert f"by {lang}" in reader.page.inner_text(".record-values")


def enter_stage(reader: Reader, code: str, lang: str, *, allowed: bool) -> None:
    address = f"/records/parcel_events/new/?parcel={code}"
    if not allowed:
        with reader.refused(403):
            reader.open(address)
        assert REFUSALS[lang] in reader.page.inner_text("main")
        return
    reader.open(address)
    reader.page.select_option("#id_stage", STAGE)
    reader.page.fill("#id_on", DAY)
    reader.submit(".record-form .button:not(.quiet)")
    assert "saved=" in reader.page.url


def test_only_an_administrator_manages_people(open_desk: Open) -> None:
    keeper = open_desk(lang="en-US", who=people.ROLES["administrator"].name)
    keeper.open("/people/")
    assert people.OUTSIDER.name in keeper.page.inner_text("table")
    keeper.open("/audit/")
    assert keeper.page.locator("table tbody tr").count() > 3
    other = open_desk(lang="en-US", who=people.ROLES["planner"].name)
    for path in ("/people/", "/audit/", "/map/services/"):
        with other.refused(404):
            other.open(path)


def test_an_administrator_makes_an_account_that_signs_in_by_its_link(open_desk: Open) -> None:
    keeper = open_desk(lang="en-US", who=people.ROLES["administrator"].name)
    keeper.open("/people/new/")
    keeper.page.fill("[name=username]", "neu")
    keeper.page.select_option("[name=role]", "viewer")
    keeper.submit("main form.sheet .button")
    keeper.submit("form[action='/people/neu/link/'] .button")
    link = keeper.page.locator("input[value*='/reset/']").input_value()
    new = open_desk(lang="en-US", sign_in=False)
    new.page.goto(link)
    for field in new.page.locator("input[type=password]").all():
        field.fill("a-long-new-password")
    new.submit("main form .button")
    new.open("/sign-in/")
    if new.page.locator("#id_username").count():
        new.sign_in("neu", "a-long-new-password")
    assert new.page.inner_text(".who") == "neu"
    with new.refused(409):
        new.page.goto(link)  # a link opens once


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_outsider_is_told_that_there_is_nothing(open_desk: Open, desk: Desk, lang: str) -> None:
    reader = open_desk(lang=lang, who=people.OUTSIDER.name)
    own, foreign = key_of(desk, "DK-0001"), key_of(desk, "DK-0023")
    reader.open("/zones/G1/")
    reader.open(f"/records/parcels/{own}/")
    for path in (
        "/zones/G3/",
        f"/records/parcels/{foreign}/",
        f"/records/parcels/{foreign}/edit/",
        f"/map/record/parcel:{foreign}/",
    ):
        with reader.refused(404):
            reader.open(path)
    reader.open("/records/parcels/?size=1000")
    listed = reader.page.inner_text("#listing")
    assert "DK-0001" in listed
    assert "DK-0023" not in listed


def test_the_second_factor_is_asked_after_the_password(open_desk: Open) -> None:
    reader = open_desk(lang="en-US", who=people.PHONE.name)
    reader.open("/account/")
    reader.submit("#second-factor form .button")
    secret = reader.page.inner_text(".secret-text")
    assert reader.page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
    begun = time.time()
    reader.page.fill("#confirm-code", code_at(secret, begun))
    reader.submit("#second-factor form .button")
    codes = reader.page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    again = open_desk(lang="en-US", sign_in=False)
    again.sign_in(people.PHONE.name)
    assert "/sign-in/second-factor/" in again.page.url
    again.open("/figures/")  # the password alone opens nothing
    assert "/sign-in/" in again.page.url
    again.open("/sign-in/second-factor/")
    # The code that turned it on was used up; the next is good half a minute early.
    again.page.fill("#code", code_at(secret, begun + 30))
    again.submit(".sign-in .button:not(.quiet)")
    assert again.page.inner_text(".who") == people.PHONE.name
    third = open_desk(lang="en-US", sign_in=False)
    third.sign_in(people.PHONE.name)
    third.page.fill("#code", "000000" if code_at(secret, time.time()) != "000000" else "000001")
    third.submit(".sign-in .button:not(.quiet)")
    assert third.page.locator("#code-error").is_visible()
    third.page.wait_for_timeout(1_500)  # a wrong code makes the next one wait
    third.page.fill("#code", codes[0])
    third.submit(".sign-in .button:not(.quiet)")
    assert third.page.inner_text(".who") == people.PHONE.name


def test_guessing_a_password_is_stopped_and_said_so(open_desk: Open) -> None:
    reader = open_desk(lang="en-US", sign_in=False)
    for _ in range(5):
        reader.sign_in(people.GUESSED.name, "not-the-password")
        assert reader.page.locator("#sign-in-errors").is_visible()
    with reader.refused(429):
        reader.sign_in(people.GUESSED.name)
    said = reader.page.inner_text("#sign-in-errors")
    assert "Too many failed attempts" in said
    assert "15 minutes" in said
    chinese = open_desk(lang="zh-CN", sign_in=False)
    with chinese.refused(429):
        chinese.sign_in(people.GUESSED.name)
    assert re.search(r"15\s*分钟", chinese.page.inner_text("#sign-in-errors"))
    keeper = open_desk(lang="en-US", who=people.ROLES["administrator"].name)
    keeper.open(f"/audit/?{quote('q')}={people.GUESSED.name}")
    assert people.GUESSED.name in keeper.page.inner_text("main table")
