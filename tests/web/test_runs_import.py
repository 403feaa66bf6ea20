"""Files into the workspace: uploaded, checked by a worker, confirmed, taken in once."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.web import sample
from tests.web.test_runs import person
from zonewright.store.models import AuditEntry, Blob, Run, SourceFile, Zone
from zonewright.web import upload_limit
from zonewright.workflows import uploads
from zonewright.workflows.worker import work_off

pytestmark = pytest.mark.django_db
HEADERS = ("片区编号", "片区名称", "片区类型", "边界生效日期")
FIRST = ("N1", "新片区", "园区", "2023-01-01")
GOOD = "".join(f"{','.join(row)}\n" for row in (HEADERS, FIRST, ("N2", *FIRST[1:])))
BAD = "地块编码,所属片区,征地日期\nDK-9001,没有这个片区,2023-02-30\n"


def csv(name: str = "片区表.csv", text: str = GOOD) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode("utf-8-sig"), "text/csv")


def upload(client: Client, *files: SimpleUploadedFile) -> Run:
    """Upload files, let the worker check them, and return the check."""
    answer = client.post("/import/", {"files": files})
    assert answer.status_code == 302, answer.content.decode()
    work_off()
    return Run.objects.get(pk=int(answer["Location"].split("/")[-2]))


def body(client: Client, run: Run, **asked: str) -> str:
    return client.get(f"/runs/{run.pk}/", asked).content.decode()


def test_the_page_says_what_may_be_given(workspace: None, english: Client) -> None:
    page = english.get("/import/").content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert 'data-most="209715200"' in page
    assert ".gpkg" in page
    assert "Nothing is written until you confirm" in page


def test_files_are_checked_then_taken_in_and_a_repeat_changes_nothing(
    workspace: None, english: Client
) -> None:
    check = upload(english, csv())
    assert (check.question, check.status, check.params) == (
        "check-files", "done", {"files": ["片区表.csv"]},
    )  # fmt: skip
    assert check.result["refused"] is False, check.result
    assert check.result["counts"]["zones"]["created"] == 2
    assert not Zone.objects.filter(code="N1").exists()
    page = body(english, check)
    assert "The files can be imported" in page
    assert f'action="/import/{check.pk}/take/"' in page
    answer = english.post(f"/import/{check.pk}/take/")
    work_off()
    taken = Run.objects.get(question="import-files")
    assert answer["Location"] == f"/runs/{taken.pk}/"
    assert (taken.status, taken.result["taken"]) == ("done", True)
    assert Zone.objects.get(code="N1").name == "新片区"
    assert "The files were imported" in body(english, taken)
    assert SourceFile.objects.get(name="片区表.csv").imported_by == sample.USER
    entry = AuditEntry.objects.get(action="import")
    assert (entry.by, entry.origin) == (sample.USER, f"run {taken.pk}")
    english.post(f"/import/{check.pk}/take/")
    work_off()
    assert Zone.objects.filter(code__in=("N1", "N2")).count() == 2
    last = Run.objects.filter(question="import-files").latest("id")
    assert "Everything in these files is known already" in body(english, last)


def test_faults_are_named_with_file_and_cell_and_nothing_can_be_confirmed(
    workspace: None, client: Client, english: Client
) -> None:
    check = upload(english, csv(), csv("台账.csv", BAD))
    assert check.status == "done"
    assert check.result["refused"] is True
    page = body(english, check)
    assert "Mend the faults first" in page
    assert "台账.csv" in page
    assert "<code>C2</code>" in page or "<code>B2</code>" in page
    assert "/take/" not in page
    assert "有错误待更正" in body(client, check)
    assert english.post(f"/import/{check.pk}/take/").status_code == 422
    assert not Run.objects.filter(question="import-files").exists()
    assert not Zone.objects.filter(code="N1").exists()
    errors = check.result["severities"]["error"]
    shown = body(english, check, severity="error")
    assert errors >= 1
    assert shown.count('class="tag tag-error">error') == errors


def test_an_import_that_is_refused_at_last_says_why_and_writes_nothing(
    workspace: None, english: Client
) -> None:
    check = upload(english, csv(text=GOOD + "N3,第三片区,,\n"))
    Run.objects.filter(pk=check.pk).update(result={**check.result, "refused": False})
    english.post(f"/import/{check.pk}/take/")
    work_off()
    run = Run.objects.get(question="import-files")
    if run.result["taken"]:  # the check found no fault: then there was none
        assert check.result["refused"] is False
    else:
        assert "Mend the faults first" in body(english, run)
        assert not Zone.objects.filter(code="N1").exists()


def test_a_workbook_is_told_from_its_content(workspace: None, english: Client) -> None:
    book = openpyxl.Workbook()
    for row in (HEADERS, FIRST):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    check = upload(english, SimpleUploadedFile("片区.xlsx", stream.getvalue()))
    assert check.result["counts"]["zones"]["created"] == 1
    assert [file["file"] for file in check.result["read"]] == ["片区.xlsx"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.exe", b"MZ\x90", "upload-type-unknown"),
        (".hidden.csv", b"a,b", "upload-type-unknown"),
        ("a.xlsx", b"<html>not a workbook", "upload-content-differs"),
        ("a.csv", b"\x00\x01\x02\x00", "upload-content-differs"),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 200, "upload-content-differs"),
        ("a.geojson", b"[1, 2]", "upload-content-differs"),
        ("a.csv", b"", "upload-empty"),
    ],
)
def test_what_is_no_data_is_refused_and_not_kept(
    workspace: None, english: Client, name: str, content: bytes, code: str
) -> None:
    answer = english.post("/import/", {"files": [csv(), SimpleUploadedFile(name, content)]})
    assert answer.status_code == 422
    assert name in answer.content.decode() or code == "upload-type-unknown"
    assert not Blob.objects.exists()
    assert not Run.objects.filter(question="check-files").exists()


def test_two_files_of_one_name_none_and_too_much_are_refused(
    workspace: None, english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert english.post("/import/", {"files": [csv(), csv()]}).status_code == 422
    assert english.post("/import/").status_code == 422
    monkeypatch.setattr(uploads, "MAX_BYTES", 10)
    answer = english.post("/import/", {"files": [csv()]})
    assert answer.status_code == 422
    assert "Upload them in parts" in answer.content.decode()
    assert not Blob.objects.exists()


def test_more_than_the_most_is_refused_before_it_is_kept_on_disk(
    workspace: None, english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_limit, "MOST", 1_000)
    at_once = english.post("/import/", {"files": [csv(text="a,b\n" * 1_000)]})
    assert at_once.status_code == 400
    assert "too large together" in at_once.content.decode()
    limit = upload_limit.UploadLimit(at_once.wsgi_request)
    limit.handle_raw_input(None, {}, 0, b"")  # a request that does not say how long it is
    assert limit.receive_data_chunk(b"x" * 999, 0) == b"x" * 999
    with pytest.raises(RequestDataTooBig):
        limit.receive_data_chunk(b"xx", 999)


def test_a_name_with_folders_keeps_only_its_end(workspace: None, english: Client) -> None:
    check = upload(english, csv("..\\..\\片区表.csv"))
    assert check.params == {"files": ["片区表.csv"]}


def test_the_same_files_are_checked_once(workspace: None, english: Client) -> None:
    assert upload(english, csv()).pk == upload(english, csv()).pk
    assert Blob.objects.count() == 1


def test_a_check_is_repeated_with_a_choice_whose_values_count(
    workspace: None, english: Client
) -> None:
    check = upload(english, csv())
    english.post(f"/import/{check.pk}/check/", {"prefer": "file"})
    fresh = Run.objects.filter(question="check-files").latest("id")
    assert fresh.params == {"files": ["片区表.csv"], "prefer": "file"}
    english.post(f"/import/{check.pk}/check/", {"prefer": "nonsense"})
    assert Run.objects.filter(question="check-files").count() == 2


def test_who_may_not_plan_everywhere_cannot_import(workspace: None, anonymous: Client) -> None:
    check_of = {"files": [csv()]}
    for client, code in (
        (person("li", "viewer", None), 403),
        (person("re", "reporter", None), 403),
        (person("wu", "planner", "G1"), 404),
        (person("no", "", None), 404),
        (anonymous, 302),
    ):
        assert client.get("/import/").status_code == code
        assert client.post("/import/", check_of).status_code == code
    assert not Run.objects.filter(question="check-files").exists()
    assert not Blob.objects.exists()


def test_only_a_check_is_taken_in(workspace: None, english: Client) -> None:
    other = Run.objects.filter(question="figures").first()
    assert other is not None
    for step in ("take", "check"):
        assert english.post(f"/import/{other.pk}/{step}/").status_code == 422
        assert english.post(f"/import/999999/{step}/").status_code == 404
        assert english.get(f"/import/{other.pk}/{step}/").status_code == 405


def test_an_empty_workspace_leads_to_the_import(empty: None, english: Client) -> None:
    assert 'href="/import/"' in english.get("/").content.decode()
