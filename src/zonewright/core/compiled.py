"""Functions that are compiled to machine code, at their first call or from the kept result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

# A whole number of compiled code: of Python or of numpy, it is the same to the machine.
Whole = Any
Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function of arrays and numbers; it runs without the interpreter's lock."""
    return cast(Function, numba.njit(nogil=True, cache=True)(function))
