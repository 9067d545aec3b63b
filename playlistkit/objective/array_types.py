"""Arrays by what they hold."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Floats32", "Ints", "Mask", "flags"]

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]


def flags(values: Iterable[bool]) -> Mask:
    """An array of the values, one after the other [shape=(n,)]."""
    return np.fromiter(values, dtype=bool)
