"""What the commands write: tables, findings, progress, JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from locale import getlocale

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from zonewright.core.errors import FindingsError, ZonewrightError
from zonewright.core.findings import Finding

SHOWN_FINDINGS = 40
WIDTH_OF_FILES = 160
_STYLE = {"error": "bold red", "warning": "yellow", "info": "dim"}
_WORD = {
    "en": {"error": "error", "warning": "warning", "info": "note"},
    "zh": {"error": "错误", "warning": "警告", "info": "提示"},
}

Report = Callable[[float, str], None]


def language_of_terminal() -> str:
    """Return ``zh`` or ``en`` as the environment of the terminal says."""
    name = os.environ.get("LC_ALL") or os.environ.get("LANG") or getlocale()[0] or ""
    return "zh" if name.lower().startswith("zh") else "en"


def out() -> Console:
    """Return the console for answers (standard output)."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    return console


def err() -> Console:
    """Return the console for progress, findings and errors (standard error)."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    return console


def print_json(value: object) -> None:
    """Print a value as JSON, Chinese as it is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def print_table(
    title: str, columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]
) -> None:
    """Print a table; each column is its heading and whether it holds numbers."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for heading, numeric in columns:
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    out().print(table)


def print_findings(findings: Sequence[Finding], *, lang: str, limit: int = SHOWN_FINDINGS) -> None:
    """Print findings, faults first, each with its file, sheet, row and column."""
    order = {"error": 0, "warning": 1, "info": 2}
    console = err()
    ranked = sorted(findings, key=lambda finding: order[finding.severity])
    for finding in ranked[:limit]:
        word = _WORD[lang][finding.severity]
        place = str(finding.place)
        console.print(f"[{_STYLE[finding.severity]}]{word}[/]", end=" ")
        console.print(
            f"{place}: {finding.text(lang)}" if place else finding.text(lang), markup=False
        )
    if len(ranked) > limit:
        more = len(ranked) - limit
        console.print(
            f"… {more} 条略；用 --json 看全部"
            if lang == "zh"
            else f"… {more} more; --json lists all"
        )


def say_error(error: ZonewrightError, *, lang: str) -> int:
    """Print an error of the product and return the exit code that it stands for."""
    if isinstance(error, FindingsError):
        print_findings(error.findings, lang=lang)
    err().print(error.text(lang), style="bold red", markup=False)
    return 1 if isinstance(error, FindingsError) else 2


@contextmanager
def progress(text: str, *, quiet: bool = False) -> Iterator[Report]:
    """Show a progress bar on standard error; yields ``report(done, text)`` with done in 0 to 1."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err(), disable=quiet, transient=True) as bar:
        task = bar.add_task(text, total=1.0)

        def report(done: float, what: str) -> None:
            bar.update(task, completed=done, description=what or text)

        yield report
