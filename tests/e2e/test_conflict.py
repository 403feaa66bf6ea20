"""Two people edit the same parcel: the second is told, sees both, chooses, and can go back."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Desk, Open, Reader
from tests.e2e.people import COLLEAGUES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAVE = ".record-form .button:not(.quiet)"


def value_of(reader: Reader, label: str) -> str:
    """Return a value of the record's page."""
    row = reader.page.locator(".record-values > div", has_text=label).first
    return row.locator("dd").inner_text().strip().partition("\n")[0]  # without who typed it


def test_the_second_of_two_editors_sees_both_and_chooses(open_desk: Open, desk: Desk) -> None:
    ((key,),) = desk.ask("select id from store_parcel where code = ?", "DK-0500")
    address = f"/records/parcels/{key}/"
    first, second = (open_desk(lang="en-US", who=person.name) for person in COLLEAGUES)
    for reader in (first, second):
        reader.open(f"{address}edit/")
    first.page.fill("#id_owner", "Mei's choice")
    first.page.fill("#id_town", "Mei town")
    first.submit(SAVE)
    assert "saved=" in first.page.url

    second.page.fill("#id_owner", "Jun's choice")
    second.page.fill("#id_use", "Jun's use")
    second.page.fill("#id_reason", "seen on site")
    with second.refused(409):
        second.submit(SAVE)
    assert second.page.evaluate("document.activeElement.id") == "faults"
    table = second.page.locator("table.conflict")
    assert COLLEAGUES[0].name in table.inner_text()
    both = table.locator("tr.both")
    assert both.count() == 1
    assert "Mei's choice" in both.inner_text()
    assert "Jun's choice" in both.inner_text()
    assert second.page.is_checked("#theirs-town")  # only the other person changed it
    assert second.page.is_checked("#yours-use")
    assert desk.ask("select owner from store_parcel where id = ?", key) == [("Mei's choice",)]
    second.page.check("#yours-owner")
    assert second.page.input_value("#id_reason") == "seen on site"
    second.submit("form[data-once] .button:not(.quiet)")
    assert "saved=" in second.page.url
    assert value_of(second, "Person in charge") == "Jun's choice"
    assert value_of(second, "Town") == "Mei town"
    assert value_of(second, "Planned use") == "Jun's use"

    heads = second.page.locator(".history-head").all_inner_texts()
    assert COLLEAGUES[1].name in heads[0]
    assert COLLEAGUES[0].name in heads[1]
    assert "seen on site" in second.page.inner_text(".history")
    second.page.locator(".message.saved a", has_text="Undo").click()
    second.page.wait_for_url("**/undo/")
    assert "Mei's choice" in second.page.inner_text("table.lines")
    second.submit("form[data-once] .button:not(.quiet)")
    second.open(address)
    assert value_of(second, "Person in charge") == "Mei's choice"
    assert desk.ask("select owner, town from store_parcel where id = ?", key) == [
        ("Mei's choice", "Mei town")
    ]
    assert "taken back" in second.page.inner_text(".history")


def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(
    open_desk: Open, desk: Desk
) -> None:
    ((key,),) = desk.ask("select id from store_parcel where code = ?", "DK-0501")
    reader = open_desk(lang="en-US", who=COLLEAGUES[0].name)
    reader.open(f"/records/parcels/{key}/edit/")
    reader.page.fill("#id_reported_area", "many")
    reader.page.fill("#id_owner", "typed before the fault")
    with reader.refused(422):
        reader.submit(SAVE)
    assert reader.page.evaluate("document.activeElement.id") == "faults"
    assert reader.page.input_value("#id_reported_area") == "many"
    assert reader.page.input_value("#id_owner") == "typed before the fault"
    fault = reader.page.locator("#field-reported_area .fault")
    assert fault.is_visible()
    told = reader.page.locator("#id_reported_area").get_attribute("aria-describedby") or ""
    assert (fault.get_attribute("id") or "?") in told.split()
    reader.page.locator("#faults a").first.click()
    assert reader.page.evaluate("document.activeElement.id") == "id_reported_area"
    reader.page.fill("#id_reported_area", "145.8")  # as large as on the map
    reader.submit(SAVE)
    assert "saved=" in reader.page.url
