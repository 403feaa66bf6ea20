"""The list of runs, the page of a run, cancelling, asking again, and files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone

from tests.web import sample
from zonewright.store import actions
from zonewright.store.access import Access, access_of, operator
from zonewright.store.actions import Made, create_user, tokens
from zonewright.store.models import AuditEntry, Grant, Run, User, Zone
from zonewright.workflows.worker import work_off

pytestmark = pytest.mark.django_db
Reader = Callable[[str], Client]
ON = {"on": "2023-10-31"}


def person(name: str, role: str, zone: str | None) -> Client:
    """Return somebody with a role, signed in, who reads English."""
    user = create_user(name, sample.PASSWORD)
    if role:
        Grant.objects.create(
            user=user, role=role, zone=Zone.objects.get(code=zone) if zone else None
        )
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    client.cookies["zonewright_language"] = "en"
    return client


def ask(question: str = "blocks", by: str = sample.USER) -> Run:
    return actions.queue_run(question, ON, access=operator(by), inputs="x", language="en")


def running(by: str = sample.USER) -> Run:
    ask(by=by)
    run = actions.claim_run("box:1:a")
    assert run is not None
    actions.beat(run, progress=0.42, message="West group")
    return run


def body(client: Client, number: int) -> str:
    return client.get(f"/runs/{number}/").content.decode()


def test_starting_one_queues_it_and_leads_to_its_page(workspace: None, english: Client) -> None:
    answer = english.post("/runs/start/blocks/", ON)
    run = Run.objects.get(question="blocks")
    assert answer["Location"] == f"/runs/{run.pk}/"
    assert (run.status, run.params, run.by, run.language) == ("queued", ON, sample.USER, "en")
    page = body(english, run.pk)
    assert "Compute the blocks of all zones" in page
    assert "waiting" in page
    assert f'hx-get="/runs/{run.pk}/"' in page
    assert AuditEntry.objects.get(action="queue").origin == "desk 127.0.0.1"


def test_asking_the_same_twice_is_one_run(workspace: None, english: Client) -> None:
    for _ in range(2):
        english.post("/runs/start/blocks/", ON)
    assert Run.objects.filter(question="blocks").count() == 1
    assert work_off() == 1
    page = english.post("/runs/start/blocks/", ON, follow=True).content.decode()
    assert "this is still the answer" in page
    assert Run.objects.filter(question="blocks").count() == 1


def test_progress_is_told_while_it_runs_and_then_no_more(workspace: None, english: Client) -> None:
    run = running()
    part = english.get(f"/runs/{run.pk}/", headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert '<progress max="100" value="42"' in part
    assert "West group" in part
    assert 'hx-trigger="every 1s"' in part
    actions.end_run(run, {"zones": []})
    part = english.get(f"/runs/{run.pk}/", headers={"hx-request": "true"}).content.decode()
    assert "hx-trigger" not in part
    assert "<progress" not in part
    assert "finished" in part


def test_a_run_that_nobody_takes_says_what_to_start(workspace: None, english: Client) -> None:
    run = ask()
    assert "zonewright worker" not in body(english, run.pk)
    Run.objects.update(queued_at=timezone.now() - timedelta(seconds=11))
    assert "<code>zonewright worker</code>" in body(english, run.pk)


def test_blocks_are_shown_by_zone_and_downloaded(workspace: None, english: Client) -> None:
    english.post("/runs/start/blocks/", ON)
    work_off()
    run = Run.objects.get(question="blocks")
    page = body(english, run.pk)
    assert run.status == "done"
    assert "Large industrial cluster" in page
    file = english.get(f"/runs/{run.pk}/files/blocks-2023-10-31.geojson")
    assert file["Content-Disposition"] == 'attachment; filename="blocks-2023-10-31.geojson"'
    assert "sandbox" in file["Content-Security-Policy"]
    features = json.loads(file.content)["features"]
    assert {feature["properties"]["zone"] for feature in features} >= {"Z1"}
    total = sum(f["properties"]["area_m2"] for f in features if f["properties"]["zone"] == "Z1")
    row = next(row for row in run.result["zones"] if row["zone"] == "Z1")
    assert row["area_m2"] == pytest.approx(total)


def test_the_exchange_copy_is_a_run_with_a_file(workspace: None, english: Client) -> None:
    english.post("/runs/start/export-gpkg/", ON)
    work_off()
    run = Run.objects.get(question="export-gpkg")
    assert (run.status, run.error) == ("done", "")
    assert "zonewright-2023-10-31.gpkg" in body(english, run.pk)
    content = english.get(f"/runs/{run.pk}/files/zonewright-2023-10-31.gpkg").content
    assert content.startswith(b"SQLite format 3\0")
    assert content[68:70] == b"GP"


def test_a_failure_is_told_in_each_readers_words(
    workspace: None, client: Client, english: Client
) -> None:
    run = running()
    actions.break_off(run, "run-broken", {"kind": "MemoryError"})
    assert "A fault of the program broke this off (MemoryError)" in body(english, run.pk)
    assert "程序故障导致运行中断（MemoryError）" in body(client, run.pk)
    assert "程序故障" in client.get("/runs/").content.decode()


def test_who_asked_cancels_and_a_repeat_has_no_second_effect(
    workspace: None, english: Client
) -> None:
    waiting = ask()
    assert (
        "The run was cancelled"
        in english.post(f"/runs/{waiting.pk}/cancel/", follow=True).content.decode()
    )
    assert Run.objects.get(pk=waiting.pk).status == "cancelled"
    assert english.post(f"/runs/{waiting.pk}/cancel/").status_code == 409
    assert AuditEntry.objects.filter(action="cancel").count() == 1
    run = running()
    page = english.post(f"/runs/{run.pk}/cancel/", follow=True).content.decode()
    assert "will stop at its next step" in page
    assert "being cancelled" in page
    assert 'id="run-cancel"' not in page


def test_a_run_is_asked_again_of_the_present_state(workspace: None, english: Client) -> None:
    run = running()
    actions.break_off(run, "run-broken", {"kind": "X"})
    answer = english.post(f"/runs/{run.pk}/again/")
    fresh = Run.objects.exclude(pk=run.pk).get(question="blocks")
    assert answer["Location"] == f"/runs/{fresh.pk}/"
    assert (fresh.params, fresh.status) == (ON, "queued")


def test_the_list_is_filtered_and_reloads_only_while_something_runs(
    workspace: None, english: Client
) -> None:
    done, waiting = running(by="chen"), ask("export-gpkg")
    assert 'hx-trigger="every 2s"' in english.get("/runs/").content.decode()
    actions.end_run(done, {"zones": []})
    actions.cancel_run(waiting, access=operator(sample.USER))
    assert "hx-trigger" not in english.get("/runs/").content.decode()

    def shown(**asked: str) -> set[int]:
        page = english.get("/runs/", asked).content.decode()
        return set(map(int, re.findall(r'<th scope="row"><a href="/runs/(\d+)/">', page)))

    assert shown(by="chen") == {done.pk}
    assert shown(status="cancelled") == {waiting.pk}
    assert shown(question="export-gpkg", by="chen") == set()
    assert shown(question="' OR 1=1") == set()
    assert {done.pk, waiting.pk} <= shown()


def test_a_viewer_of_everything_sees_all_runs_but_changes_none(workspace: None) -> None:
    viewer = person("li", "viewer", None)
    run = ask()
    page = body(viewer, run.pk)
    assert 'id="run-cancel"' not in page
    assert "Start a run" not in viewer.get("/runs/").content.decode()
    assert viewer.post(f"/runs/{run.pk}/cancel/").status_code == 403
    assert viewer.post("/runs/start/blocks/", ON).status_code == 403
    actions.cancel_run(run, access=operator("admin"))
    assert viewer.post(f"/runs/{run.pk}/again/").status_code == 403
    assert Run.objects.filter(question="blocks").count() == 1


def test_an_administrator_cancels_what_others_asked(workspace: None) -> None:
    run = ask()
    administrator = person("zhou", "administrator", None)
    assert administrator.post(f"/runs/{run.pk}/cancel/").status_code == 302
    assert Run.objects.get(pk=run.pk).status == "cancelled"


def test_to_an_outsider_there_is_no_run_of_others(workspace: None) -> None:
    outsider = person("wu", "planner", "Z1")
    run = running()
    actions.end_run(run, {}, files=[Made("a.txt", "text/plain", b"secret")])
    own = actions.queue_run(
        "look-back", {}, access=Access("wu", by_zone={"Z1": frozenset({"view", "plan"})}),
        inputs="x", zones=["Z1"],
    )  # fmt: skip
    for path in (f"/runs/{run.pk}/", f"/runs/{run.pk}/files/a.txt"):
        assert outsider.get(path).status_code == 404
    for step in ("cancel", "again"):
        assert outsider.post(f"/runs/{run.pk}/{step}/").status_code == 404
    page = outsider.get("/runs/").content.decode()
    assert f"/runs/{own.pk}/" in page
    assert f'"/runs/{run.pk}/"' not in page
    assert outsider.get(f"/runs/{own.pk}/").status_code == 200
    assert outsider.post("/runs/start/blocks/", ON).status_code == 403


def test_who_lost_the_view_of_everything_loses_what_they_asked_for_with_it(
    workspace: None,
) -> None:
    planner = person("chen", "planner", None)
    run = running("chen")
    actions.end_run(run, {}, files=[Made("a.txt", "text/plain", b"secret")])
    paths = (f"/runs/{run.pk}/", f"/runs/{run.pk}/files/a.txt", f"/api/v1/runs/{run.pk}")
    assert {planner.get(path).status_code for path in paths} == {200}
    user = User.objects.get(username="chen")
    limits = {"role": "viewer", "zone": Zone.objects.get(code="G1")}
    text, _ = tokens.issue(user, "small", access=access_of(user), **limits)
    program = Client(headers={"authorization": f"Bearer {text}"})
    assert program.get(paths[2]).status_code == 404
    assert program.get("/api/v1/runs").json()["items"] == []
    Grant.objects.filter(user=user).update(zone=Zone.objects.get(code="G1"))
    assert {planner.get(path).status_code for path in paths} == {404}


def test_strangers_and_wrong_methods_are_refused(
    workspace: None, client: Client, anonymous: Client
) -> None:
    run = ask()
    paths = (f"/runs/{run.pk}/", f"/runs/{run.pk}/files/x")
    steps = (f"/runs/{run.pk}/cancel/", f"/runs/{run.pk}/again/", "/runs/start/blocks/")
    for path in (*paths, "/runs/"):
        assert anonymous.get(path).status_code == 302
        assert client.post(path).status_code == 405
    for path in steps:
        assert anonymous.post(path).status_code == 302
        assert client.get(path).status_code == 405
    assert Run.objects.get(pk=run.pk).status == "queued"


@pytest.mark.parametrize(
    ("path", "code"),
    [("/runs/999999/", 404), ("/runs/start/blocks/", 422), ("/runs/start/nonsense/", 422)],
)
def test_bad_input_is_refused(workspace: None, client: Client, path: str, code: int) -> None:
    answer = client.post(path, {"on": "30/2"}) if "start" in path else client.get(path)
    assert answer.status_code == code
    assert not Run.objects.filter(question="blocks").exists()


def test_a_file_that_is_not_kept_is_not_found(workspace: None, client: Client) -> None:
    assert client.get(f"/runs/{ask().pk}/files/x.pdf").status_code == 404


def test_a_page_that_polls_asks_few_queries(
    workspace: None, client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    run = running()
    client.get(f"/runs/{run.pk}/")
    with django_assert_max_num_queries(10):
        client.get(f"/runs/{run.pk}/", headers={"hx-request": "true"})


def test_static_parts_are_there() -> None:
    for name in ("desk/runs.css", "desk/runs.mjs"):
        assert storages["staticfiles"].url(name) == f"/static/{name}"


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """Leave no thread or file of a worker behind."""
    yield
    assert not [entry for entry in Run.objects.filter(status="running") if entry.worker == ""]
