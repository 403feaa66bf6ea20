"""Open users' files, whatever they are, and read them as one set."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zonewright.core.findings import Severity
from zonewright.core.records import FileRead
from zonewright.intake import _calamine, archives, delimited, layers
from zonewright.intake.cumulative import complete_months
from zonewright.intake.drafts import Draft
from zonewright.intake.duplicates import note_across
from zonewright.intake.faults import CellError
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.references import resolve_references
from zonewright.intake.sheets import read_sheet

Progress = Callable[[float, str], None]
SUFFIXES = _calamine.SUFFIXES | delimited.SUFFIXES | layers.SUFFIXES | {".zip"}
_SIDECARS = frozenset(
    {".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".fix", ".xml"}
)
_TEMPORARY = ("~$", ".~", ".")
_CHUNK = 1 << 20


@dataclass(slots=True)
class _Opened:
    path: Path
    named: bool
    problems: Problems
    drafts: list[Draft] = field(default_factory=list)
    notice: str = ""


def read_file(path: Path | str) -> FileRead:
    """Read one file; what is wrong with it is in the findings, never an exception.

    Parameters
    ----------
    path
        A workbook (.xlsx .xls .xlsb .ods), a text table (.csv .tsv), a GeoPackage, GeoJSON or
        Shapefile, or a .zip of them.
    """
    return _read_set([(Path(path), True)], None)[0]


def read_files(
    paths: Iterable[Path | str], progress: Progress | None = None
) -> tuple[FileRead, ...]:
    """Read files as one set: names of zones and months of returns are looked up across it.

    Parameters
    ----------
    paths
        Files; a folder stands for the files in it and its folders.
    progress
        Called with the share done and the name of the file.
    """
    return _read_set(_expanded(paths), progress)


def _read_set(
    files: Sequence[tuple[Path, bool]], progress: Progress | None
) -> tuple[FileRead, ...]:
    opened = []
    for index, (path, named) in enumerate(files):
        if progress:
            progress(index / len(files), path.name)
        opened.append(_open(path, named))
    drafts = [draft for item in opened for draft in item.drafts]
    resolve_references(drafts)
    note_across(drafts)
    complete_months(drafts)
    if progress:
        progress(1.0, "")
    return tuple(_frozen(item) for item in opened)


def _expanded(paths: Iterable[Path | str]) -> list[tuple[Path, bool]]:
    found: dict[Path, bool] = {}
    listed = [Path(given) for given in paths]
    if listed == sorted(listed):  # as a shell lists them, not in an order of somebody's choice
        listed.sort(key=_by_number)
    for path in listed:
        if not path.is_dir():
            found.setdefault(path, True)
            continue
        for entry in sorted(path.rglob("*"), key=_by_number):
            if entry.is_file() and not _is_sidecar(entry):
                found.setdefault(entry, False)
    return list(found.items())


def _by_number(path: Path) -> list[tuple[int, str]]:
    """Order names by the numbers in them: the later of two returns counts, and 10月 follows 9月."""
    parts = re.split(r"(\d+)", str(path))
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _is_sidecar(path: Path) -> bool:
    if path.name.casefold().endswith((".aux.xml", ".shp.xml", "-wal", "-shm", "-journal")):
        return True
    if path.suffix.casefold() not in _SIDECARS:
        return False
    return any(path.with_suffix(end).exists() for end in (".shp", ".SHP"))


def _open(path: Path, named: bool) -> _Opened:
    item = _Opened(path, named, Problems(path.name))
    if path.name.startswith(_TEMPORARY):
        item.problems.add("intake-file-temporary", "info", Spot())
        return item
    severity: Severity = "error" if named else "info"
    if path.suffix.casefold() not in SUFFIXES:
        known = " ".join(sorted(SUFFIXES))
        item.problems.add("intake-type-unknown", severity, Spot(), suffix=path.suffix, known=known)
        return item
    try:
        if path.stat().st_size == 0:
            item.problems.add("intake-file-empty", "error", Spot())
            return item
        _read_into(item, path, prefix="")
    except CellError as fault:
        item.problems.add(fault.code, "error", Spot(), **fault.params)
        return item
    except FileNotFoundError:
        item.problems.add("intake-file-missing", "error", Spot())
        return item
    except OSError as error:
        item.problems.add("intake-file-unreadable", "error", Spot(), reason=error.strerror or "-")
        return item
    if not item.drafts and not any(
        finding.severity == "error" for finding in item.problems.found()
    ):
        item.problems.add("intake-nothing-read", "error" if named else "warning", Spot())
    return item


def _read_into(item: _Opened, path: Path, *, prefix: str) -> None:
    """Read a file, or a file out of an archive whose sheets get its name as prefix."""
    suffix = path.suffix.casefold()
    before = len(item.drafts)
    notice = ""
    if suffix == ".zip":
        _read_archive(item, path)
        return
    if suffix in layers.SUFFIXES:
        drafts, notice = layers.read_layers(path, name=item.path.name, problems=item.problems)
        item.drafts += drafts
    else:
        read = delimited.read_delimited if suffix in delimited.SUFFIXES else _calamine.read_workbook
        for grid in read(path):
            drafts, found = read_sheet(
                grid, file=item.path.name, stem=path.stem, problems=item.problems
            )
            item.drafts += drafts
            notice = notice or found
    item.notice = item.notice or notice
    for draft in item.drafts[before:]:
        draft.sheet = f"{prefix}{draft.sheet}" if prefix else draft.sheet


def _read_archive(item: _Opened, path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="zonewright-") as folder:
        try:
            members = archives.unpack(path, Path(folder))
        except archives.DAMAGED:
            raise CellError("intake-file-unreadable", reason="zip") from None
        readable = [
            member
            for member in members
            if member.suffix.casefold() in SUFFIXES - {".zip"}
            and not member.name.startswith(_TEMPORARY)
        ]
        for member in readable:
            prefix = "" if len(readable) == 1 else f"{member.name}/"
            _read_into(item, member, prefix=prefix)


def _frozen(item: _Opened) -> FileRead:
    sha256, size = _fingerprint(item.path)
    return FileRead(
        name=item.path.name,
        sha256=sha256,
        size=size,
        tables=tuple(draft.freeze() for draft in item.drafts),
        findings=item.problems.found(),
        notice=item.notice,
    )


def _fingerprint(path: Path) -> tuple[str, int]:
    """Return the digest and size of a file; of a Shapefile, of all its parts."""
    parts = [path]
    if path.suffix.casefold() == ".shp":
        parts += sorted(
            part
            for part in path.parent.glob(f"{path.stem}.*")
            if part != path and part.suffix.casefold() in _SIDECARS
        )
    digest, size = hashlib.sha256(), 0
    for part in parts:
        if not part.is_file():
            continue
        with part.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    return digest.hexdigest(), size
