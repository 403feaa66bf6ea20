"""The main pages of the desk, and how a browser comes to those without an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.e2e import plans
from tests.e2e.conftest import Desk, Reader

SAVE = ".record-form .button:not(.quiet)"
Visit = Callable[[Reader], None]


def addresses(desk: Desk) -> dict[str, str]:
    """Return the main pages by name."""
    ((parcel,),) = desk.ask("select id from store_parcel where code = 'DK-0010'")
    ((run,),) = desk.ask("select min(id) from store_run")
    ((target,),) = desk.ask("select min(id) from store_target")
    asked = "select id from store_run where question = ? and by = 'tests' order by id"
    unlock, other = (number for (number,) in desk.ask(asked, "unlock"))
    ((grading,),) = desk.ask(asked, "grade")
    return {
        "overview": "/",
        "figures": "/figures/",
        "figure": "/figures/F018/",
        "zones": "/zones/",
        "zone": "/zones/Z1/",
        "map": f"/map/?record=parcel:{parcel}",
        "ledgers": "/records/",
        "list": "/records/parcels/?stage=L5",
        "record": f"/records/parcels/{parcel}/",
        "form": f"/records/parcels/{parcel}/edit/",
        "deletion": f"/records/parcels/{parcel}/delete/",
        "land": "/land/",
        "block": f"/land/blocks/P1/DK-0284/?on={plans.ON}",
        "quota": "/land/quota/",
        "unlock": "/land/unlock/",
        "unlock plan": f"/land/unlock/{unlock}/",
        "unlock why": f"/land/unlock/{unlock}/why/?parcel=U04",
        "unlock compared": f"/land/unlock/compare/?run={unlock}&run={other}",
        "grading": "/land/grading/",
        "grading form": "/land/grading/?zone=P1",
        "grading plan": f"/land/grading/{grading}/",
        "board": "/board/",
        "board by order": "/board/?sort=works_invested&only=target",
        "figure of the board": "/board/Z1/works_invested/",
        "publications": "/publications/",
        "indicators": "/indicators/",
        "indicator": "/indicators/tax_per_mu/",
        "targets": "/targets/",
        "target": f"/targets/{target}/",
        "target form": "/targets/set/?zone=Z1&indicator=works_invested&year=2023",
        "forecasts": "/forecast/",
        "forecast": "/forecast/Z1/works_invested/",
        "back-test": "/forecast/Z1/works_invested/back-test/",
        "returns": "/returns/",
        "returns of a month": "/returns/?month=2023-10&step=fill&all=1",
        "return to begin": "/returns/2023-10/works/Z1/",
        "orders": "/orders/",
        "new order": "/orders/new/",
        "orders of a month": "/orders/month/",
        "meeting": "/orders/meeting/",
        "runs": "/runs/",
        "run": f"/runs/{run}/",
        "run of a plan": f"/runs/{unlock}/",
        "import": "/import/",
        "report": "/report/",
        "sources": "/sources/",
        "account": "/account/",
        "people": "/people/",
        "new account": "/people/new/",
        "person": "/people/vera/",
        "audit": "/audit/",
        "layers": "/map/layers/",
        "services": "/map/services/",
        "API": "/api/v1/docs",
    }


def visits(desk: Desk) -> Iterator[tuple[str, Visit]]:
    """Return every main page by name, with what shows it."""
    for name, path in addresses(desk).items():
        yield name, opener(path)
    yield "faults", show_faults
    yield "conflict", show_conflict
    yield "not found", show_not_found


def opener(path: str) -> Visit:
    """Return what opens an address and waits until its map, chart or panel is there."""

    def show(reader: Reader) -> None:
        reader.open(path)
        if reader.page.locator("#map").count():
            reader.wait_for_map()
        if reader.page.locator("#plan-map").count():
            reader.wait("Number(document.getElementById('plan-map').dataset.idle || 0) > 0")
        if reader.page.locator("[data-chart]").count():
            reader.wait("!document.querySelector('[data-chart]:not([data-drawn])')")
        if "record=" in path:
            reader.page.locator("#map-panel .map-card").wait_for()

    return show


def show_faults(reader: Reader) -> None:
    """Send a form of a parcel that cannot be saved."""
    reader.open("/records/parcels/new/")
    reader.page.fill("#id_reported_area", "many")
    with reader.refused(422):
        reader.submit(SAVE)


def show_conflict(reader: Reader) -> None:
    """Change a parcel, then send a form of it that was opened before."""
    reader.open("/records/parcels/?q=DK-0011")
    reader.page.click("#listing tbody th a")
    address = reader.page.url.partition("?")[0].removeprefix(reader.root)
    reader.open(f"{address}edit/")
    marks = {name: reader.page.input_value(f"[name={name}]") for name in ("token", "opened")}
    before = reader.page.input_value("#id_owner")
    reader.page.fill("#id_owner", f"{before}+")
    reader.submit(SAVE)
    reader.open(f"{address}edit/")
    for name, value in marks.items():  # as a form that was opened before the change
        reader.page.locator(f"[name={name}]").evaluate(
            "(input, value) => { input.value = value }", value
        )
    reader.page.fill("#id_owner", f"{before}-")
    with reader.refused(409):
        reader.submit(SAVE)
    reader.page.locator("table.conflict").wait_for()


def show_not_found(reader: Reader) -> None:
    """Ask for a zone that is not there."""
    with reader.refused(404):
        reader.open("/zones/NOWHERE/")
