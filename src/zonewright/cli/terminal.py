"""What the commands write: tables, findings, progress, JSON."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from locale import getlocale

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from zonewright.core.errors import FindingsError, ZonewrightError
from zonewright.core.findings import Finding
from zonewright.core.texts import text_of

SHOWN_FINDINGS = 40
# A file or another program gets each row of a table on one line.
WIDTH_OF_FILES = 500
_GAP = "  "
_INDENT = "      "
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


def say(text: str, *, style: str = "") -> None:
    """Print a line as it stands; the terminal breaks it, so that it can be copied whole."""
    out().print(text, style=style, markup=False, soft_wrap=True)


def quoted(*words: object) -> str:
    """Return words as a command line that a shell takes as it stands."""
    return shlex.join(str(word) for word in words)


def print_json(value: object) -> None:
    """Print a value as JSON, Chinese as it is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def print_table(
    columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]], *, lead: int = 1
) -> None:
    """Print a table that fits the terminal; no number and no word is ever cut.

    Parameters
    ----------
    columns
        Heading of each column, and whether it holds numbers.
    rows
        Cells as text.
    lead
        How many first columns name the row. Where the table is wider than the terminal, they
        stand on a line of their own and the other columns below them.
    """
    lines = [[heading for heading, _ in columns], *([str(cell) for cell in row] for row in rows)]
    numeric = [number for _, number in columns]
    widths = [max(map(cell_len, cells)) for cells in zip(*lines, strict=True)]
    fits = sum(widths) + len(_GAP) * (len(widths) - 1) <= out().width
    for place, line in enumerate(lines):
        cells = [
            pad + cell if number else cell + pad
            for cell, number, width in zip(line, numeric, widths, strict=True)
            for pad in [" " * (width - cell_len(cell))]
        ]
        shown = (
            [_GAP.join(cells)]
            if fits
            else [" · ".join(line[:lead]), _INDENT + _GAP.join(cells[lead:])]
        )
        for text in shown:
            say(text.rstrip(), style="" if place else "bold")


def place_of(finding: Finding) -> str:
    """Return file, sheet, row and column of a finding."""
    return str(finding.place)


def print_findings(
    findings: Sequence[Finding],
    *,
    lang: str,
    limit: int = SHOWN_FINDINGS,
    has_json: bool = True,
    about: Callable[[Finding], str] = place_of,
) -> None:
    """Print findings, faults first, each after what it is about: its place in a file.

    Files that were imported before are only counted. `has_json` says whether the command can
    list all findings with ``--json``.
    """
    order = {"error": 0, "warning": 1, "info": 2}
    console = err()
    known = [finding for finding in findings if finding.code == "take-file-known"]
    if len(known) > 1:
        findings = [finding for finding in findings if finding.code != "take-file-known"]
        text = text_of("import-files-known", {"count": len(known)}, lang)
        console.print(f"[{_STYLE['info']}]{_WORD[lang]['info']}[/]", end=" ")
        console.print(text, markup=False, soft_wrap=True)
    ranked = sorted(findings, key=lambda finding: order[finding.severity])
    for finding in ranked[:limit]:
        word = _WORD[lang][finding.severity]
        place = about(finding)
        console.print(f"[{_STYLE[finding.severity]}]{word}[/]", end=" ")
        console.print(
            f"{place}: {finding.text(lang)}" if place else finding.text(lang),
            markup=False,
            soft_wrap=True,
        )
    if len(ranked) > limit:
        code = "findings-more-json" if has_json else "findings-more"
        console.print(text_of(code, {"count": len(ranked) - limit}, lang), markup=False)


def say_error(error: ZonewrightError, *, lang: str) -> int:
    """Print an error of the product and return the exit code that it stands for."""
    if isinstance(error, FindingsError):
        print_findings(error.findings, lang=lang)
    err().print(error.text(lang), style="bold red", markup=False, soft_wrap=True)
    return 1 if isinstance(error, FindingsError) else 2


def say_mistake(text: str) -> None:
    """Print what is wrong with how a command was called."""
    err().print(text, style="bold red", markup=False, soft_wrap=True)


@contextmanager
def progress(text: str, *, quiet: bool = False) -> Iterator[Report]:
    """Show a progress bar on standard error; yields ``report(done, text)`` with done in 0 to 1.

    A file or another program gets no bar.
    """
    console = err()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, disable=hidden, transient=True) as bar:
        task = bar.add_task(text, total=1.0)

        def report(done: float, what: str) -> None:
            bar.update(task, completed=done, description=what or text)

        yield report
