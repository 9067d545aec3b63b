"""Low-level descriptors as the library's table holds them: compressed NumPy archives."""

from __future__ import annotations

import io
import zipfile
from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playlistkit.analysis.lowlevel import LowLevel

__all__ = ["pack", "unpack"]


def pack(low: LowLevel) -> bytes:
    """A few kilobytes, the same for the same descriptors."""
    import numpy as np

    file = io.BytesIO()
    np.savez_compressed(file, **low.arrays())  # type: ignore[arg-type]
    return file.getvalue()


def unpack(packed: bytes) -> LowLevel | None:
    """What was packed; `None` if it is damaged, or was packed by a version that described other things."""
    import numpy as np

    from playlistkit.analysis.lowlevel import LowLevel

    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            same = set(arrays) == {each.name for each in fields(LowLevel)}
            return LowLevel(**arrays) if same else None
    except (ValueError, OSError, EOFError, zipfile.BadZipFile):
        return None
