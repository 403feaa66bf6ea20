"""Choose things whose sizes add up to a published total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.errors import EngineError
from zonewright.examples.jiangmen.frame import Floats

_TRIES = 60


def choose_sum(
    sizes: Floats, total: float, *, tolerance: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return positions of sizes that add up to a total.

    A random subset is filled up to the total; what is missing is then met by exchanging one
    chosen size for another, or a pair for a pair.

    Parameters
    ----------
    sizes
        Positive sizes, shape (n,).
    total
        Wanted sum, in the unit of `sizes`.
    tolerance
        How far the sum may be off.
    rng
        Source of chance.

    Raises
    ------
    EngineError
        If the sizes are too few or no exchange meets the total.

    Examples
    --------
    >>> import numpy as np
    >>> chosen = choose_sum(
    ...     np.array([1.0, 2.0, 4.0, 8.0]), 7.0, tolerance=0.1, rng=np.random.default_rng(1)
    ... )
    >>> chosen.tolist()
    [0, 1, 2]
    """
    if sizes.sum() + tolerance < total:
        raise EngineError("example-sum-missed", total=total, best=float(sizes.sum()))
    best = np.inf
    for _ in range(_TRIES):
        order = rng.permutation(len(sizes))
        filled = np.cumsum(sizes[order])
        count = int(np.searchsorted(filled, total, side="right"))
        inside, outside = order[:count].copy(), order[count:].copy()
        missing = total - float(sizes[inside].sum())
        for _ in range(3):
            if abs(missing) <= tolerance:
                break
            missing = _exchange(sizes, inside, outside, missing)
        best = min(best, abs(missing))
        if abs(missing) <= tolerance:
            return np.sort(inside)
    raise EngineError("example-sum-missed", total=total, best=best)


def _exchange(
    sizes: Floats, inside: NDArray[np.int64], outside: NDArray[np.int64], missing: float
) -> float:
    """Exchange the one pair, in place, that leaves the least missing; return what is missing."""
    if not len(inside) or not len(outside):
        return missing
    gain = sizes[outside][None, :] - sizes[inside][:, None]
    row, column = np.unravel_index(np.abs(gain - missing).argmin(), gain.shape)
    left = missing - float(gain[row, column])
    if abs(left) < abs(missing):
        inside[row], outside[column] = outside[column], inside[row]
        return left
    return missing


def split_sum(total: int, weights: Floats) -> NDArray[np.int64]:
    """Split a whole number by weights; the parts are whole and add up to it exactly.

    Examples
    --------
    >>> import numpy as np
    >>> split_sum(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    """
    shares = weights / weights.sum() * total
    parts = np.floor(shares).astype(np.int64)
    rest = int(total - parts.sum())
    parts[np.argsort(parts - shares, kind="stable")[:rest]] += 1
    return np.asarray(parts, dtype=np.int64)
