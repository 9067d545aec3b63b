"""Filters and fitted weights that come with the package, each set in a `.npz` file beside the module that uses it.

Takes the name of a set and gives its arrays, read once a process and read-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "Stored", "scaled", "stored"]

Array = npt.NDArray[np.float32]
Stored = Mapping[str, npt.NDArray[Any]]


@cache
def stored(name: str) -> Stored:
    """All arrays of ``name.npz`` by their names, read-only; numbers with a fraction are float32."""
    source = resources.files("playlistkit.analysis") / f"{name}.npz"
    with source.open("rb") as file, np.load(file) as archive:
        arrays = {key: _single(archive[key]) for key in archive}
    for array in arrays.values():
        array.setflags(write=False)
    return MappingProxyType(arrays)


def scaled(arrays: Stored, name: str) -> Array:
    """One of the arrays as float32; what is kept in eight bits is multiplied by ``name_scale``.

    Parameters
    ----------
    arrays : mapping of str to np.ndarray
        As `stored` gives them.
    name : str
        An array's name. Its scale, if it has one, has one number for each of its last axis.

    Returns
    -------
    np.ndarray
        A new array if there is a scale, else the array itself.
    """
    scale = arrays.get(f"{name}_scale")
    return np.asarray(arrays[name] if scale is None else arrays[name] * scale, dtype=np.float32)


def _single(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A float array in single precision, any other as it is."""
    return array.astype(np.float32) if array.dtype.kind == "f" else array
