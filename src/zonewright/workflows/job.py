"""What a job is: an analysis that a worker carries out, step by step, and that can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from zonewright.core.errors import StateError
from zonewright.store.access import Permission
from zonewright.store.actions import Made
from zonewright.store.models import Run

Stop = Literal["", "cancel", "release", "lost"]


class RunStoppedError(StateError):
    """A job ends at its next step because it was told to; `why` says by whom."""

    def __init__(self, why: Stop) -> None:
        self.why = why
        super().__init__("run-stopped")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job.

    Parameters
    ----------
    result
        Plain values.
    files
        Files that it made.
    write
        What is still to be written, done in the very transaction that ends the run, so that it is
        written once and never for a run that another worker has; its result goes before `result`.
    """

    result: Mapping[str, object] = field(default_factory=dict)
    files: Sequence[Made] = ()
    write: Callable[[], Mapping[str, object]] | None = None


@dataclass(slots=True)
class Context:
    """What a job is given: its parameters and files, and a way to say how far it has come.

    Parameters
    ----------
    run
        The run.
    folder
        Folder of the job's own: the files that it was given lie in ``given``.
    """

    run: Run
    folder: Path
    share: float = 0.0
    text: str = ""
    _stop: Stop = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def params(self) -> Mapping[str, object]:
        """Parameters of the run."""
        return dict(self.run.params)

    @property
    def lang(self) -> Literal["zh", "en"]:
        """Language of who asked."""
        return "en" if self.run.language == "en" else "zh"

    @property
    def given(self) -> list[Path]:
        """Files that the run was given, as they were named."""
        folder = self.folder / "given"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def progress(self, share: float, text: str) -> None:
        """Say how far the job has come (0 to 1) and what is being done.

        Raises
        ------
        RunStoppedError
            If the job was told to stop.
        """
        with self._lock:
            self.share, self.text = min(max(share, 0.0), 1.0), text
            why = self._stop
        if why:
            raise RunStoppedError(why)

    def say(self, share: float, *, zh: str, en: str) -> None:
        """Say how far the job has come, in the language of who asked."""
        self.progress(share, en if self.lang == "en" else zh)

    def part(self, start: float, end: float) -> Callable[[float, str], None]:
        """Return a progress of its own for a step that takes a share of the whole."""
        return lambda share, text: self.progress(start + (end - start) * share, text)

    def stop(self, why: Stop) -> None:
        """Tell the job to stop at its next step; what was told first counts."""
        with self._lock:
            self._stop = self._stop or why

    def stopped(self) -> bool:
        """Tell whether the job was told to stop: for steps that look at it themselves."""
        with self._lock:
            return bool(self._stop)

    def seen(self) -> tuple[float, str]:
        """Return how far the job has come."""
        with self._lock:
            return self.share, self.text


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of analysis.

    Parameters
    ----------
    question
        Its name, kept with every run.
    zh, en
        What a reader calls it.
    run
        Carries it out.
    permission
        What who asks must be allowed in the whole workspace.
    repeatable
        Whether it may be begun again after its worker was lost.
    of_files
        Whether it works on files that are given, not on the workspace alone.
    params
        Names of its parameters; ``on`` is a day, and today if it is left out.
    """

    question: str
    zh: str
    en: str
    run: Callable[[Context], Outcome]
    permission: Permission = "plan"
    repeatable: bool = True
    of_files: bool = False
    params: tuple[str, ...] = ()

    def label(self, lang: str = "en") -> str:
        """Return what a reader calls it."""
        return self.zh if lang == "zh" else self.en
