from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from tests.unit.intake.books import coded, faults, parcels, squares, table_of, write_book
from zonewright.intake.reading import read_file, read_files

ROWS = [["地块编号", "总面积（亩）"], ["P-1", 5]]
OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def book(path: Path) -> Path:
    return write_book(path, {"地块": ROWS})


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"", "intake-file-empty"),
        ("a.xlsx", b"hello", "intake-file-disguised"),
        ("a.xlsx", b"PK\x03\x04 cut off", "intake-file-unreadable"),
        ("a.xls", OLE + bytes(600), "intake-file-unreadable"),
        ("a.xlsx", OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
         "intake-file-password"),
        ("a.gpkg", b"SQLite format 3\x00 no more", "intake-file-unreadable"),
        ("a.geojson", b"{", "intake-file-unreadable"),
        ("a.zip", b"PK\x03\x04 cut off", "intake-file-unreadable"),
        ("a.csv", b"\x00\x01\xff\xfe\xfd\x80", "intake-file-encoding"),
        ("a.csv", "地块编号,总面积\n\"P-1,5\n".encode(), "intake-file-unreadable"),
        ("a.docx", b"PK", "intake-type-unknown"),
        ("a.csv", "会议纪要\n内容\n".encode(), "intake-nothing-read"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_a_finding(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    read = read_file(path)
    assert [found for found, _ in faults(read)] == [code]
    assert read.refused
    assert (read.sha256, read.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert str(tmp_path) not in read.findings[-1].text("en")


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    assert coded(read_file(tmp_path / "none.xlsx"), "intake-file-missing")


def test_a_folder_stands_for_its_files_and_leaves_office_litter_out(tmp_path: Path) -> None:
    (tmp_path / "下级").mkdir()
    book(tmp_path / "下级" / "b.xlsx")
    book(tmp_path / "a.xlsx")
    (tmp_path / "~$a.xlsx").write_bytes(b"lock")
    (tmp_path / "README.md").write_text("notes")
    parcels(squares(), 4490).to_file(tmp_path / "p.shp", encoding="GBK")
    told: list[tuple[float, str]] = []
    reads = {read.name: read for read in read_files([tmp_path], lambda *at: told.append(at))}
    assert set(reads) == {"a.xlsx", "b.xlsx", "p.shp", "~$a.xlsx", "README.md"}
    assert not any(read.refused for read in reads.values())
    assert coded(reads["~$a.xlsx"], "intake-file-temporary")[0].severity == "info"
    assert coded(reads["README.md"], "intake-type-unknown")[0].severity == "info"
    assert told[0][0] == 0
    assert told[-1] == (1.0, "")


def test_a_workbook_under_another_workbooks_suffix_is_still_read(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx").rename(tmp_path / "a.xls")
    assert table_of(read_file(path), "parcels").rows[0]["code"] == "P-1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_tables_are_read_however_they_are_encoded(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = tmp_path / "地块.csv"
    lines = [["地块编号", "镇村", "总面积（亩）"], ["P-1", '"荷塘\n镇"', "5"]]
    path.write_bytes("\n".join(delimiter.join(line) for line in lines).encode(encoding))
    row = table_of(read_file(path), "parcels").rows[0]
    assert (row["code"], row["town"]) == ("P-1", "荷塘\n镇")


def test_an_archive_is_read_file_by_file_with_chinese_names(tmp_path: Path) -> None:
    book(tmp_path / "甲.xlsx")
    write_book(tmp_path / "乙.xlsx", {"地块": [ROWS[0], ["P-2", 6]]})
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(tmp_path / "甲.xlsx", "aa.xlsx")
        archive.write(tmp_path / "乙.xlsx", "bb.xlsx")
    content = path.read_bytes()
    for plain, name in ((b"aa.xlsx", "甲.xlsx"), (b"bb.xlsx", "乙.xlsx")):
        content = content.replace(plain, name.encode("gb18030"))
    path.write_bytes(content)
    read = read_file(path)
    assert {table.sheet for table in read.tables} == {"甲.xlsx/地块", "乙.xlsx/地块"}
    assert {table.file for table in read.tables} == {"all.zip"}


def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evil.csv", "x")
    assert coded(read_file(path), "intake-archive-unsafe")
    assert not (tmp_path.parent / "evil.csv").exists()


def test_two_sheets_that_disagree_are_named(tmp_path: Path) -> None:
    head = ["地块编号", "规划用途"]
    path = write_book(
        tmp_path / "a.xlsx", {"甲": [head, ["P-1", "工业"]], "乙": [head, ["P-1", "仓储"]]}
    )
    (finding,) = coded(read_file(path), "intake-sheets-disagree")
    assert (finding.place.sheet, str(finding.params["other"])) == ("乙", "甲 2")


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx")
    assert read_file(path) == read_file(path)


def test_returns_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    head = ["项目编号", "项目名称", "项目类型", "建设性质"]
    for name, status in (("2023年10月", "续建"), ("2023年9月", "新开工"), ("2022年12月", "前期")):
        rows = [head, ["W-1", "路", "道路", status]]
        write_book(tmp_path / f"工程表_{name}.xlsx", {"工程": rows})
    names = [f"工程表_{name}.xlsx" for name in ("2022年12月", "2023年9月", "2023年10月")]
    assert [read.name for read in read_files([tmp_path])] == names
    listed = sorted(tmp_path.iterdir())
    assert [read.name for read in read_files(listed)] == names
    chosen = [listed[2], listed[0], listed[1]]
    assert [read.name for read in read_files(chosen)] == [path.name for path in chosen]


_ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    '<office:spreadsheet><table:table table:name="台账">{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)
_MIME = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_MIME}"/>'
    "</manifest:manifest>"
)


def test_an_error_cell_of_an_open_document_is_no_empty_cell(tmp_path: Path) -> None:
    def line(*texts: str, repeated: int = 1) -> str:
        cells = "".join(
            f'<table:table-cell office:value-type="string"{" office:string-value=" + chr(34) * 2}>'
            f"<text:p>{text}</text:p></table:table-cell>"
            if text.startswith("#")
            else f'<table:table-cell office:value-type="string"><text:p>{text}</text:p>'
            "</table:table-cell>"
            for text in texts
        )
        return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'

    rows = (
        line("地块编号", "片区", "总面积（亩）")
        + line("P-1", "A", "12")
        + line("P-2", "A", "#REF!")
    )
    path = tmp_path / "台账.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", _MIME)
        archive.writestr("content.xml", _ODS.format(rows=rows))
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
    assert faults(read_file(path)) == [("intake-excel-error", "C3")]
