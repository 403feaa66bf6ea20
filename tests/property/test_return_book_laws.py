"""No value of a return's workbook changes silently, whatever is done to the workbook."""

from __future__ import annotations

import io
import random
import zipfile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from tests.property.return_mutations import MUTATIONS, Scene, Truth, truth_of
from tests.unit.intake.return_samples import filled, opened, read, saved, tab
from zonewright.core.findings import Finding
from zonewright.intake.return_marks import marked
from zonewright.intake.return_read import Asked, ReturnRead, read_return
from zonewright.intake.return_sheets import put
from zonewright.steering.returns.kinds import kinds

COUNT = 4
BOOKS = {code: filled(kind, COUNT) for code, kind in kinds().items()}


def names(finding: Finding, tab: str, key: str, number: int | None, letter: str) -> bool:
    """Return whether a finding names a cell: its record, row or column, or says they are gone."""
    place = finding.place
    if key in finding.ids or (finding.code, place.sheet) == ("return-book-captions-gone", tab):
        return True
    if place.sheet not in ("", tab) or finding.code == "return-book-rows-moved":
        return False
    gone = place.row is None and number is None
    unread = finding.severity == "error" and not letter
    return gone or unread or place.row == number or bool(letter and place.column == letter)


def silent_changes(result: ReturnRead, truth: Truth, tabs: dict[str, str]) -> list[str]:
    """Return the values that were read otherwise than they are, without a finding that says so."""
    columns = {sheet: dict(place.columns) for sheet, place in result.places.items()}
    found = {(sheet, row.key): row for sheet, rows in result.rows.items() for row in rows}
    silent = []
    for (sheet, key, name), value in truth.items():
        row = found.get((sheet, key))
        if row is not None and row.values.get(name) == value:
            continue
        # A free row's sign is no value: it may have got another one.
        own = {field: said for (at, of, field), said in truth.items() if (at, of) == (sheet, key)}
        if key[0] == "+" and any(
            all(line.values.get(field) == said for field, said in own.items())
            for line in result.rows.get(sheet, ())
        ):
            continue
        number = row.row if row else None
        letter = columns.get(sheet, {}).get(name, "")
        if not any(names(finding, tabs[sheet], key, number, letter) for finding in result.findings):
            got = row.values.get(name) if row else "no row"
            silent.append(f"{sheet} {key} {name}: {value!r} became {got!r}")
    for (sheet, key), row in found.items():
        known = any(name[:2] == (sheet, key) for name in truth)
        told = any(f.place.row == row.row and f.place.sheet == tabs[sheet] for f in result.findings)
        if not known and not told:
            silent.append(f"{sheet} {key}: nobody reported this row")
    return silent


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    code=st.sampled_from(sorted(BOOKS)),
    steps=st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=4),
    seed=st.integers(0, 2**32),
)
def test_no_value_changes_silently(code: str, steps: list[object], seed: int) -> None:
    kind, rnd = kinds()[code], random.Random(seed)
    book, truth = opened(BOOKS[code]), truth_of(kind, COUNT)
    sheet = rnd.choice(kind.sheets)
    made = tab(book, sheet)
    scene = Scene(book, made, sheet, truth, rnd)
    for step in steps:
        assert callable(step)
        step(scene)
    result = read(saved(book))
    tabs = {item.code: item.zh for item in kind.sheets} | {sheet.code: made.title}
    assert silent_changes(result, truth, tabs) == [], [str(finding) for finding in result.findings]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    code=st.sampled_from(sorted(BOOKS)),
    part=st.integers(0, 30),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), min_size=1, max_size=5),
    packed=st.booleans(),
)
def test_no_damaged_workbook_raises(
    code: str, part: int, changes: list[tuple[float, bytes]], packed: bool
) -> None:
    data = BOOKS[code]
    result = read(damaged(data, changes) if packed else with_damaged_part(data, part, changes))
    assert all(finding.text("zh") and finding.text("en") for finding in result.findings)
    marked(data, result.findings)


def damaged(data: bytes, changes: list[tuple[float, bytes]]) -> bytes:
    """Return bytes with some written over."""
    content = bytearray(data)
    for share, text in changes:
        at = int(share * len(content))
        content[at : at + len(text)] = text
    return bytes(content)


def with_damaged_part(data: bytes, part: int, changes: list[tuple[float, bytes]]) -> bytes:
    """Return an archive of which one part was damaged, and is packed as it should be."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        names = old.namelist()
        for index, name in enumerate(names):
            content = old.read(name)
            new.writestr(name, damaged(content, changes) if index == part % len(names) else content)
    return stream.getvalue()


captions = st.sampled_from([
    "块号", "构成地块", "面积（亩）", "面积（公顷）", "面积", "成熟日期", "项目编号", "项目名称",
    "当月完成投资（万元）", "年累完成投资（万元）", "形象进度%", "合计", "2023年10月",
    "单位：万元", None,
])  # fmt: skip
contents = st.one_of(
    st.none(), st.text(max_size=6), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
    st.sampled_from(["小计", "C-001", "1,234", "５亩", "4公顷", "2023.4", "#N/A", "=1+1", "-"]),
)  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    heads=st.lists(st.lists(captions, min_size=1, max_size=7), min_size=1, max_size=3),
    rows=st.lists(st.lists(contents, max_size=7), max_size=6),
    kind=st.sampled_from(["", *sorted(BOOKS)]),
)
def test_no_workbook_of_an_offices_own_raises(
    heads: list[list[str | None]], rows: list[list[object]], kind: str
) -> None:
    book = Workbook()
    made = book.worksheets[0]
    for number, line in enumerate([*heads, *rows], 1):
        for column, value in enumerate(line, 1):
            put(made.cell(number, column), value)
    asked = Asked(kind, "TS" if kind else "", "2023-10" if kind else "")
    result = read_return("自制.xlsx", saved(book), kinds(), asked=asked)
    assert result.refused or result.kind
    assert all(finding.text("zh") and finding.text("en") for finding in result.findings)
