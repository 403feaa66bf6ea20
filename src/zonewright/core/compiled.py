"""Functions that are compiled to machine code, at their first call or from the kept result."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numba
from numba.core import event

# A whole number of compiled code: of Python or of numpy, it is the same to the machine.
Whole = Any
# Fewer things than this are not worth a second thread.
_FEW = 20_000

Function = TypeVar("Function", bound=Callable[..., Any])
Result = TypeVar("Result")
Other = TypeVar("Other")


log = logging.getLogger(__name__)


class _Told(event.Listener):
    """Says, the first time that something is compiled, why it takes so long."""

    told = False

    def on_start(self, event: object) -> None:  # noqa: ARG002
        """Say so, once."""
        if not self.told:
            self.told = True
            log.warning(
                "首次使用，正在编译，最多约半分钟，以后不再需要。 "
                "Compiling for the first use, up to half a minute; it is kept."
            )

    def on_end(self, event: object) -> None:
        """Say nothing."""


event.register("numba:compile", _Told())  # type: ignore[no-untyped-call]


def compiled(function: Function) -> Function:
    """Compile a function of arrays and numbers; it runs without the interpreter's lock."""
    return cast(Function, numba.njit(nogil=True, cache=True)(function))


def at_once(tasks: Iterable[Callable[[], Result]]) -> list[Result]:
    """Return what tasks give, in their order; each runs in a thread of its own.

    It is for tasks of compiled code, which hold no lock.

    Examples
    --------
    >>> at_once([lambda: 1, lambda: 2])
    [1, 2]
    """
    first, *others = tasks
    if not others:
        return [first()]
    with ThreadPoolExecutor(max_workers=len(others)) as pool:
        started = [pool.submit(task) for task in others]
        return [first(), *(task.result() for task in started)]


def both_at_once(one: Callable[[], Result], other: Callable[[], Other]) -> tuple[Result, Other]:
    """Return what two tasks of compiled code give, of which each runs in a thread of its own.

    Examples
    --------
    >>> both_at_once(lambda: 1, lambda: "two")
    (1, 'two')
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        started = pool.submit(other)
        return one(), started.result()


def in_halves(count: int, work: Callable[[int, int], Result], *, few: int = _FEW) -> list[Result]:
    """Return what work on some things gives: from a position to before another, in halves at once.

    Fewer things than `few` are done in one go.

    Examples
    --------
    >>> in_halves(30_000, lambda begin, end: end - begin)
    [15000, 15000]
    """
    if count < few:
        return [work(0, count)]
    return at_once([lambda: work(0, count // 2), lambda: work(count // 2, count)])
