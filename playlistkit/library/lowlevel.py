"""Low-level descriptors as stored in the library: compressed NumPy archives."""

from __future__ import annotations

import io
import zipfile
from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playlistkit.analysis.lowlevel import LowLevel

__all__ = ["pack", "unpack"]


def pack(low: LowLevel) -> bytes:
    """Compress descriptors to a few kilobytes; equal descriptors give equal bytes."""
    import numpy as np

    file = io.BytesIO()
    np.savez_compressed(file, **low.arrays())  # type: ignore[arg-type]
    return file.getvalue()


def unpack(packed: bytes) -> LowLevel | None:
    """The packed descriptors; `None` if damaged or packed by an incompatible version."""
    import numpy as np

    from playlistkit.analysis.lowlevel import LowLevel

    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            same = set(arrays) == {each.name for each in fields(LowLevel)}
            return LowLevel(**arrays) if same else None
    except (ValueError, OSError, EOFError, zipfile.BadZipFile):
        return None
