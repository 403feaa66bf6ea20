"""Files that somebody uploads: known by their content, not by their name alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from zonewright.core.errors import InputError
from zonewright.store.actions.blobs import keep
from zonewright.store.models import Blob

MAX_BYTES = 200 * 1024 * 1024
_MEGABYTE = 1024 * 1024
_HEAD = 4096
_LONGEST_STEM = 60
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _is_zip(head: bytes) -> bool:
    return head.startswith(_ZIP)


def _is_old_workbook(head: bytes) -> bool:
    return head.startswith(_OLE)


def _is_geopackage(head: bytes) -> bool:
    """Tell a GeoPackage from other SQLite files: a workspace is no file to import."""
    return head.startswith(b"SQLite format 3\0") and head[68:70] == b"GP"


def _is_text(head: bytes) -> bool:
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return utf16 or b"\0" not in head


def _is_json(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") and _is_text(head)


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    ".xlsx": (_SHEET, _is_zip),
    ".xlsm": (_SHEET, _is_zip),
    ".xlsb": ("application/vnd.ms-excel.sheet.binary.macroenabled.12", _is_zip),
    ".xls": ("application/vnd.ms-excel", _is_old_workbook),
    ".et": ("application/vnd.ms-excel", lambda head: _is_zip(head) or _is_old_workbook(head)),
    ".ods": ("application/vnd.oasis.opendocument.spreadsheet", _is_zip),
    ".csv": ("text/csv", _is_text),
    ".tsv": ("text/tab-separated-values", _is_text),
    ".gpkg": ("application/geopackage+sqlite3", _is_geopackage),
    ".geojson": ("application/geo+json", _is_json),
    ".json": ("application/geo+json", _is_json),
    ".zip": ("application/zip", _is_zip),
}


def _is_tiff(head: bytes) -> bool:
    return head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))


TERRAIN_KINDS: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    ".tif": ("image/tiff", _is_tiff),
    ".tiff": ("image/tiff", _is_tiff),
    ".asc": ("text/plain", _is_text),
    ".prj": ("text/plain", _is_text),
}


def keep_uploads(
    uploads: Sequence[UploadedFile[Any]],
    *,
    kinds: Mapping[str, tuple[str, Callable[[bytes], bool]]] = KINDS,
) -> list[tuple[str, Blob]]:
    """Check uploaded files and keep their bytes; call it in the transaction that uses them.

    Parameters
    ----------
    uploads
        As they came.
    kinds
        Which may be given: ending to media type and a look at the first bytes.

    Returns
    -------
    files
        Names, without folders, and bytes.

    Raises
    ------
    InputError
        If there is none, they are too large, or one is not what its name says.
    """
    if not uploads:
        raise InputError("upload-none")
    size = sum(upload.size or 0 for upload in uploads)
    if size > MAX_BYTES:
        raise InputError(
            "upload-large", size_mb=-(-size // _MEGABYTE), most_mb=MAX_BYTES // _MEGABYTE
        )
    names = [_name_of(upload) for upload in uploads]
    for name in names:
        if sum(name.casefold() == other.casefold() for other in names) > 1:
            raise InputError("upload-name-twice", name=name)
    found_kinds = [_kind(upload, name, kinds) for upload, name in zip(uploads, names, strict=True)]
    found = []
    for upload, name, kind in zip(uploads, names, found_kinds, strict=True):
        upload.seek(0)
        found.append((name, keep(upload.read(), kind)))
    return found


def _name_of(upload: UploadedFile[Any]) -> str:
    """Return a name that any disk takes, without folders."""
    path = PurePath((upload.name or "").replace("\\", "/").rpartition("/")[2].strip())
    return f"{path.stem[:_LONGEST_STEM]}{path.suffix}"


def _kind(
    upload: UploadedFile[Any],
    name: str,
    kinds: Mapping[str, tuple[str, Callable[[bytes], bool]]],
) -> str:
    suffix = PurePath(name).suffix.casefold()
    if suffix not in kinds or name.startswith("."):
        raise InputError("upload-type-unknown", name=name)
    if not upload.size:
        raise InputError("upload-empty", name=name)
    media_type, fits = kinds[suffix]
    upload.seek(0)
    if not fits(upload.read(_HEAD)):
        raise InputError("upload-content-differs", name=name, suffix=suffix)
    return media_type
