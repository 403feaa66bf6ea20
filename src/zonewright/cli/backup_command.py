"""``zonewright backup``: the whole workspace in one file."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, progress, quoted, say
from zonewright.core.errors import StorageError
from zonewright.store import backup as backups
from zonewright.store.address import is_shared
from zonewright.store.workspace import connect


@click.command("backup", cls=Command)
@options.workspace
@click.argument("file", required=False)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="Keep only this many backups of the workspace in the folder; the oldest are removed.",
)
@options.as_json
@click.pass_obj
def command(lang: str, workspace: str, file: str | None, keep: int | None, as_json: bool) -> None:
    """Write the whole workspace to one file, while others go on working in it.

    FILE may be a folder (the present one by default): the backup is then named after the
    workspace and the time. A name that ends with a slash is a folder, made if it is missing.
    The backup holds accounts and attachments: keep it where only you can read it.
    """
    connect(workspace)
    path = _path(workspace, file)
    step = {"en": "Backing up", "zh": "备份"}[lang]
    with progress(step) as report:
        made = backups.backup(path, progress=report)
    removed = _remove_old(path, keep) if keep else []
    if as_json:
        said = {"file": str(path), "rows": made.rows, "made_at": made.made_at}
        print_json({**said, "removed": [str(old) for old in removed]})
        return
    again = quoted("zonewright", "restore", path, "NEW.sqlite")
    size_mb = path.stat().st_size / 1e6
    text = {
        "en": f"Wrote {path} ({made.rows:,} rows, {size_mb:,.1f} MB). To restore: {again}",
        "zh": f"已写出 {path}（{made.rows:,} 行，{size_mb:,.1f} MB）。恢复：{again}",
    }
    say(text[lang])
    for old in removed:
        say({"en": f"Removed {old}", "zh": f"已删除 {old}"}[lang])


def _stem(workspace: str) -> str:
    name = workspace.partition("?")[0].rstrip("/") if is_shared(workspace) else workspace
    return Path(name).name.removesuffix(".sqlite")


def _path(workspace: str, file: str | None) -> Path:
    """Return where the backup is to be written."""
    folder = Path(file or ".")
    if file is not None and file.endswith(("/", os.sep)):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            cause = error.strerror or str(error)
            raise StorageError("backup-not-written", path=folder, cause=cause) from error
    if not folder.is_dir():
        return folder
    return folder / f"{_stem(workspace)}-{datetime.now():%Y%m%d-%H%M%S}{backups.SUFFIX}"


def _remove_old(path: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups of the same workspace beside a new one."""
    identity = backups.read_manifest(path).identity
    found = [
        (made.made_at, other)
        for other in path.parent.glob(f"*{backups.SUFFIX}")
        if (made := backups.manifest_if_any(other)) is not None and made.identity == identity
    ]
    old = [other for _, other in sorted(found)[:-keep] if other != path]
    for other in old:
        other.unlink()
    return old
