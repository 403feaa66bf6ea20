"""Grading plans on the desk: asked for with a terrain, computed by a worker, shown with proof."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.web.plan_ground import filled, terrain
from tests.web.readers import reader_with
from zonewright.store.models import Blob, Run
from zonewright.workflows.worker import work_off

pytestmark = pytest.mark.django_db
ADDRESS = "/land/grading/"


def ask(client: Client, **changed: object) -> Run:
    """Ask for a plan and let a worker compute it."""
    answer = client.post(ADDRESS, filled(**changed) | {"files": [terrain()]})
    assert answer.status_code == 302, answer.content.decode()
    work_off()
    return Run.objects.get(pk=int(answer["Location"].split("/")[-2]))


@pytest.fixture
def made(workspace: None, english: Client) -> Run:
    """A finished plan of a parcel in two terraces."""
    run = ask(english)
    assert run.status == "done", run.error
    return run


def test_a_plan_tells_levels_volumes_haul_and_cost(made: Run, english: Client) -> None:
    page = english.get(f"{ADDRESS}{made.pk}/").content.decode()
    plan, single = made.result["plan"], made.result["single"]
    assert made.result["verified"] is True
    assert len(plan["pads"]) == 2
    assert abs(plan["imbalance"]) < 1e-3
    assert made.result["cost_cny"] <= single["cost"]["total_cny"] * (1 + 1e-9)
    assert f"{plan['pads'][0]['level_m']:.3f}" in page
    assert f"{round(plan['cut_m3']):,}" in page
    assert "checked again by an independent computation" in page
    assert page.count('data-chart="') == 2
    assert "within the platform" in page


def test_the_page_speaks_chinese_too(made: Run, client: Client) -> None:
    page = client.get(f"{ADDRESS}{made.pk}/").content.decode()
    assert "已由独立程序复核" in page
    assert "台地" in page


def test_its_files_hold_the_plan(made: Run, english: Client) -> None:
    book = english.get(f"{ADDRESS}{made.pk}/plan.xlsx")
    sheets = openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content)))
    book.close()
    rows = list(sheets["Platforms"].iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["Platform", "P1", "P2"]
    assert rows[1][1] == pytest.approx(made.result["plan"]["pads"][0]["level_m"])
    assert english.get(f"{ADDRESS}{made.pk}/cut-fill.png").content[:4] == b"\x89PNG"
    grid = english.get(f"{ADDRESS}{made.pk}/files/cut-fill.asc")
    assert grid.content.startswith(b"ncols")
    pads = english.get(f"{ADDRESS}{made.pk}/files/pads.gpkg")
    assert pads.content.startswith(b"SQLite format 3")
    assert english.get(f"{ADDRESS}{made.pk}/files/ground.asc").status_code == 404


def test_a_section_is_a_chart_light_and_dark(made: Run, english: Client) -> None:
    for theme in ("light", "dark"):
        spec = english.get(f"{ADDRESS}{made.pk}/section-along.json?theme={theme}").json()
        assert "layer" in spec
    assert english.get(f"{ADDRESS}{made.pk}/section-along.json?theme=x").status_code == 400
    assert english.get(f"{ADDRESS}{made.pk}/section-around.json").status_code == 404


def test_the_same_question_is_computed_once(made: Run, english: Client) -> None:
    assert ask(english).pk == made.pk
    assert ask(english, terraces="1").pk != made.pk


def test_a_plan_is_changed_and_asked_again_with_the_same_terrain(
    made: Run, english: Client
) -> None:
    page = english.get(f"{ADDRESS}?like={made.pk}").content.decode()
    assert f'name="like" value="{made.pk}"' in page
    assert "the terrain of plan" in page
    assert 'name="parcels" value="DK-0000"' in page
    answer = english.post(ADDRESS, filled(cut_cny_m3="11", like=str(made.pk)))
    assert answer.status_code == 302, answer.content.decode()
    work_off()
    run = Run.objects.get(pk=int(answer["Location"].split("/")[-2]))
    assert run.status == "done", run.error
    assert run.params["cut_cny_m3"] == 11
    told = english.get(f"{ADDRESS}{run.pk}/").content.decode()
    assert "changed; else 9" in told
    stranger = reader_with("planner", "P1")
    answer = stranger.post(ADDRESS, filled(zone="P1", like=str(made.pk)))
    assert answer.status_code == 422  # no terrain of a zone that they do not see


def test_the_picture_is_no_page_of_its_own(made: Run, english: Client) -> None:
    # A browser writes styles into a page made of a picture, and the policy refuses them.
    answer = english.get(f"{ADDRESS}{made.pk}/cut-fill.png")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "image/png"


def test_a_run_leads_to_its_plan_and_tells_what_was_asked(made: Run, english: Client) -> None:
    page = english.get(f"/runs/{made.pk}/").content.decode()
    assert f'href="{ADDRESS}{made.pk}/"' in page
    assert "<dt>Soil</dt><dd>Balanced on the block: nothing comes or goes</dd>" in page
    assert "cut_cny_m3" not in page


def test_limits_that_cannot_be_met_are_named(workspace: None, english: Client) -> None:
    run = ask(english, pattern="one", min_level_m="500")
    assert run.status == "done"
    assert run.result["status"] == "infeasible"
    page = english.get(f"{ADDRESS}{run.pk}/").content.decode()
    assert "No plan keeps these limits" in page
    assert 'class="findings"' in page
    assert english.get(f"{ADDRESS}{run.pk}/plan.xlsx").status_code == 404


def test_a_terrain_elsewhere_fails_with_its_cause(workspace: None, english: Client) -> None:
    answer = english.post(ADDRESS, filled(parcels="DK-0035") | {"files": [terrain()]})
    work_off()
    page = english.get(answer["Location"]).content.decode()
    assert 'role="alert"' in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cut_cny_m3": "viel"}, "Write a number"),
        ({"time_limit_s": "99999"}, "600"),
        ({"pattern": "spiral"}, "spiral"),
    ],
)
def test_what_is_typed_wrongly_is_kept_and_explained(
    workspace: None, english: Client, changed: dict[str, str], said: str
) -> None:
    answer = english.post(ADDRESS, filled(**changed) | {"files": [terrain()]})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Run.objects.filter(question="grade").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.asc", b"\0\1\2"), ("a.tif", b"not a tiff"), ("a.csv", b"a,b\n"), ("a.tif", b"")],
)
def test_what_is_no_terrain_is_refused_and_not_kept(
    workspace: None, english: Client, name: str, content: bytes
) -> None:
    before = Blob.objects.count()
    answer = english.post(ADDRESS, filled() | {"files": [SimpleUploadedFile(name, content)]})
    assert answer.status_code == 422
    assert Blob.objects.count() == before
    assert english.post(ADDRESS, filled()).status_code == 422


def test_who_may_plan_and_who_may_look(made: Run) -> None:
    viewer, stranger = reader_with("viewer", "Z1"), reader_with("viewer", "P1")
    assert viewer.get(f"{ADDRESS}{made.pk}/").status_code == 200
    assert stranger.get(f"{ADDRESS}{made.pk}/").status_code == 404
    assert f"/land/grading/{made.pk}/" in viewer.get(ADDRESS).content.decode()
    assert f"/land/grading/{made.pk}/" not in stranger.get(ADDRESS).content.decode()
    for path in ("cut-fill.png", "plan.xlsx", "section-along.json", "files/pads.gpkg"):
        assert stranger.get(f"{ADDRESS}{made.pk}/{path}").status_code == 404
        answer = viewer.get(f"{ADDRESS}{made.pk}/{path}")
        answer.close()
        assert answer.status_code == 200
    assert viewer.post(ADDRESS, filled()).status_code == 403
    assert stranger.post(ADDRESS, filled()).status_code == 404
    assert Client().get(f"{ADDRESS}{made.pk}/").status_code == 302
    assert viewer.post(f"{ADDRESS}{made.pk}/cancel/").status_code == 403


def test_a_planner_of_a_zone_asks_and_sees_the_answer(workspace: None) -> None:
    planner = reader_with("planner", "Z1")
    page = planner.get(f"{ADDRESS}?zone=Z1").content.decode()
    assert 'name="files"' in page
    run = ask(planner)
    assert run.status == "done", run.error
    assert planner.get(f"{ADDRESS}{run.pk}/").status_code == 200
