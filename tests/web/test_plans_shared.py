"""Plans on the desk of a shared workspace: one unlock run and one grading run on PostGIS.

``tools/with_postgis make test-postgis`` runs these; what a plan must be is tested beside them on
the embedded workspace.
"""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.test import Client

from tests.web import test_grading, test_unlock
from tests.web.plan_ground import plots
from tests.web.readers import reader_with

pytestmark = [pytest.mark.postgis, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _shared(db: None) -> None:
    """Ask for the shared kind of workspace."""
    if connection.vendor != "postgresql":
        pytest.skip("ZONEWRIGHT_DATABASE_URL is no PostgreSQL (make test-postgis sets it)")


def test_an_unlock_plan_is_computed_and_shown(workspace: None, english: Client) -> None:
    plots()
    run = test_unlock.ask(english)
    assert run.status == "done", run.error
    plan = run.result["plans"][run.result["main"]]
    assert plan["verified"] is True
    assert 0 < plan["cost_cny"] <= plan["budget_cny"]
    address = f"{test_unlock.ADDRESS}{run.pk}/"
    page = english.get(address).content.decode()
    assert re.findall(r'href="/records/parcels/\d+/">(U\d\d)</a>', page) == plan["chosen"]
    shapes = json.loads(english.get(f"{address}parcels.json").content)
    assert set(plan["chosen"]) <= {one["properties"]["code"] for one in shapes["features"]}
    assert english.get(f"{address}plan.gpkg").content.startswith(b"SQLite format 3")
    # The list of plans is filtered by the zone, which stands in JSON.
    assert address in reader_with("viewer", "P1").get(test_unlock.ADDRESS).content.decode()
    stranger = reader_with("viewer", "S1")
    assert address not in stranger.get(test_unlock.ADDRESS).content.decode()
    assert stranger.get(address).status_code == 404
    again = test_unlock.ask(english)
    assert again.pk == run.pk


def test_a_grading_plan_is_computed_and_shown(workspace: None, english: Client) -> None:
    run = test_grading.ask(english)
    assert run.status == "done", run.error
    assert run.result["verified"] is True
    address = f"{test_grading.ADDRESS}{run.pk}/"
    page = english.get(address).content.decode()
    assert f"{run.result['plan']['pads'][0]['level_m']:.3f}" in page
    assert english.get(f"{address}cut-fill.png").content[:4] == b"\x89PNG"
    assert english.get(f"{address}files/pads.gpkg").content.startswith(b"SQLite format 3")
