"""Static files as they are served: named by their content, and compressed once.

`zonewright serve` collects them in a folder of the user's cache, unless ``ZONEWRIGHT_STATIC_ROOT``
names one. The folder's name tells what is in it, so that the next start finds it. Folders of other
versions are cleared away, but for the latest and those from which a desk is being served.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
from django.contrib.staticfiles.finders import get_finders
from whitenoise.compress import Compressor  # type: ignore[import-untyped]
from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage,
)

# Within a few percent of the smallest, in a twentieth of the time.
QUALITY = 5
KEPT = 3
# Folders in use, open and locked until this process ends.
_HELD: dict[Path, int] = {}


class _Compressor(Compressor):  # type: ignore[misc]
    """Compresses quickly, and not the maps of libraries' sources, which only developers load."""

    def should_compress(self, filename: str) -> bool:
        return not filename.endswith(".map") and super().should_compress(filename)

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=QUALITY))


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Files named by their content, each with a copy compressed by gzip and one by brotli."""

    def create_compressor(self, **options: Any) -> Compressor:
        """Return what compresses the files."""
        return _Compressor(**options)


def collected() -> Path | None:
    """Return a folder with all static files, made if it is not there; None if none can be made."""
    for root in (_cache_home() / "zonewright", Path(tempfile.gettempdir()) / _private_name()):
        folder = root / f"static-{_fingerprint()}"
        try:
            if not (folder / "staticfiles.json").is_file():
                root.mkdir(mode=0o700, parents=True, exist_ok=True)
                if root.stat().st_uid != os.getuid():
                    continue
                _collect(folder)
            _hold(folder)
        except OSError:
            continue
        return folder
    return None


def collect(folder: Path) -> None:
    """Collect the static files in a folder, in a process of its own: settings name one folder."""
    command = [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity=0"]
    names = {
        "DJANGO_SETTINGS_MODULE": "zonewright.web.settings",
        "ZONEWRIGHT_STATIC_ROOT": str(folder),
        # Nothing is signed there, but settings without a key are refused.
        "ZONEWRIGHT_SECRET_KEY": "unused-while-collecting-static-files" * 2,
    }
    unset = ("ZONEWRIGHT_SECRET_KEY_FILE", "ZONEWRIGHT_DATABASE_URL", "ZONEWRIGHT_WORKSPACE")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    subprocess.run(command, env=environment | names, check=True)


def _collect(folder: Path) -> None:
    partial = Path(tempfile.mkdtemp(prefix=".static-", dir=folder.parent))
    try:
        collect(partial)
        partial.chmod(0o700)
        if not folder.exists():
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    others = sorted(folder.parent.glob("static-*"), key=lambda path: path.stat().st_mtime)
    for old in others[:-KEPT]:
        if not _is_held(old):
            shutil.rmtree(old, ignore_errors=True)


def _hold(folder: Path) -> None:
    """Keep a folder from being cleared away for as long as this process lives."""
    if folder not in _HELD:
        _HELD[folder] = os.open(folder, os.O_RDONLY)
        fcntl.flock(_HELD[folder], fcntl.LOCK_SH)


def _is_held(folder: Path) -> bool:
    """Return whether a process serves from a folder; also if that cannot be told."""
    try:
        opened = os.open(folder, os.O_RDONLY)
    except OSError:
        return True
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(opened)
    return False


def _fingerprint() -> str:
    digest = sha256(f"{QUALITY}".encode())
    for name, path in sorted(_sources()):
        state = path.stat()
        digest.update(f"{name}|{state.st_size}|{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[tuple[str, Path]]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            yield name, Path(storage.path(name))


def _cache_home() -> Path:
    given = os.environ.get("XDG_CACHE_HOME", "")
    return Path(given) if Path(given).is_absolute() else Path.home() / ".cache"


def _private_name() -> str:
    return f"zonewright-{os.getuid()}"
