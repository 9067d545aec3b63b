"""Sums and extremes of neighbours, in few passes.

`scipy.ndimage` has running ones, too, but takes a sixth of a second to import.
"""

from __future__ import annotations

from functools import reduce
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from playlistkit.analysis.bundled import Array

__all__ = ["grouped", "running"]


def grouped(values: Array, groups: int) -> Array:
    """Sums of each so many columns [shape=(n, groups)]; as a product it takes a tenth of the time of `sum`."""
    size = values.shape[1] // groups
    return (values.reshape(-1, size) @ np.ones(size, np.float32)).reshape(-1, groups)


def running(fold: np.ufunc, values: Array, n: int, axis: int) -> Array:
    """Fold each value with its neighbours, `n` in all [shape as `values`]; what would lie beyond an end is mirrored.

    Parameters
    ----------
    fold : np.ufunc
        `np.add`, `np.minimum` or `np.maximum`.
    values : np.ndarray
    n : int
        Odd.
    axis : int
        Along which values are neighbours.

    Notes
    -----
    Folds of 1, 2, 4, 8 ... neighbours are made of each other and put together, so that 25 take six passes; and
    all at once in one row, in which those that reach from one end over the other are left out, as passes over short rows are slow.
    """
    margins = [(n // 2, n // 2) if each == axis else (0, 0) for each in range(values.ndim)]
    padded = np.pad(values, margins, mode="symmetric")
    apart = prod(values.shape[axis + 1 :])  # neighbours, once all lie in one row
    folded = padded.ravel()
    count = len(folded) - (n - 1) * apart
    parts, first, size = [], 0, 1
    while size <= n:
        if size > 1:
            half = size // 2 * apart
            folded = fold(folded[:-half], folded[half:])
        if n & size:
            parts.append(folded[first : first + count])
            first += size * apart
        size *= 2
    return as_strided(reduce(fold, parts), values.shape, padded.strides, writeable=False)
