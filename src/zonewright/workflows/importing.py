"""Take users' files into the workspace: read, check, write as one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from zonewright.core.findings import Finding, has_errors
from zonewright.core.records import FileRead
from zonewright.intake.reading import read_files
from zonewright.store import actions

Progress = Callable[[float, str], None]
Prefer = Literal["file", "workspace"]
READING_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did.

    Parameters
    ----------
    files
        Names of the files that were read.
    counts
        Table to its numbers of new, changed and unchanged records.
    findings
        Warnings and notices; an import with errors is refused as a whole.
    """

    files: tuple[str, ...]
    counts: Mapping[str, actions.Count]
    findings: tuple[Finding, ...]

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "taken": True,
            "files": list(self.files),
            "counts": {
                name: {
                    "created": count.created,
                    "updated": count.updated,
                    "unchanged": count.unchanged,
                }
                for name, count in self.counts.items()
            },
            "findings": [finding.as_dict(lang) for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """What a reading of files found; nothing was written."""

    files: tuple[FileRead, ...]
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """Whether the files would be refused."""
        return has_errors(self.findings)

    def summary(self, lang: str = "en") -> str:
        """Return one line that says how many files, rows and faults there are."""
        rows = sum(len(table.rows) for read in self.files for table in read.tables)
        faults = sum(finding.severity == "error" for finding in self.findings)
        if lang == "zh":
            return f"{len(self.files)} 个文件，{rows:,} 行，{faults} 个错误。"
        return f"{len(self.files)} files, {rows:,} rows, {faults} faults."

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "refused": self.refused,
            "files": [
                {
                    "file": read.name,
                    "tables": [
                        {"table": table.table, "sheet": table.sheet, "rows": len(table.rows)}
                        for table in read.tables
                    ],
                }
                for read in self.files
            ],
            "findings": [finding.as_dict(lang) for finding in self.findings],
        }


def _nothing(_done: float, _text: str) -> None:
    """Report progress to nobody."""


def import_files(
    paths: Iterable[Path],
    *,
    by: str,
    origin: str = "",
    prefer: Prefer | None = None,
    progress: Progress | None = None,
    at: datetime | None = None,
) -> Imported:
    """Read files, check them, and write them to the connected workspace as one step.

    Parameters
    ----------
    paths
        Files, or folders whose files are meant.
    by, origin
        Who imports, and from where, for the audit trail.
    prefer
        Whose value wins where a file that was exported and the workspace both changed; None makes
        that a fault.
    progress
        Called with the share done (0 to 1) and what is being done.

    Raises
    ------
    FindingsError
        If any file has a fault; nothing is written then.
    """
    report = progress or _nothing
    files = read_files(list(paths), progress=lambda done, text: report(READING_SHARE * done, text))
    taken = actions.take(
        files,
        by=by,
        origin=origin,
        prefer=prefer,
        at=at,
        progress=lambda done, text: report(READING_SHARE + (1 - READING_SHARE) * done, text),
    )
    return Imported(tuple(read.name for read in files), taken.counts, taken.findings)


def check_files(
    paths: Iterable[Path], *, against_workspace: bool, progress: Progress | None = None
) -> Checked:
    """Read files and return every finding; with a workspace, codes and balances are checked too."""
    report = progress or _nothing
    files = read_files(list(paths), progress=report)
    findings = tuple(finding for read in files for finding in read.findings)
    if against_workspace and not has_errors(findings):
        taken = actions.take(files, by="", dry_run=True)
        return Checked(files, taken.findings)
    return Checked(files, findings)
