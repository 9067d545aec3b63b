"""Whether a file is complete: the length its container states, compared with what is there."""

from __future__ import annotations

import contextlib
import os
from typing import Any

__all__ = ["counted", "lacks_bytes", "lacks_end"]

OGG_PAGE = 65_307  # bytes at most


def lacks_bytes(path: str) -> bool:
    """Whether a WAV, RF64 or Wave64 is shorter than it says; in a WAV, sizes near 2 and 4 GiB mean "unknown"."""
    with open(path, "rb") as file:  # noqa: PTH123
        header = file.read(28)
        here = file.seek(0, os.SEEK_END)
    if header[:4] == b"RIFF":
        size = int.from_bytes(header[4:8], "little") + 8
        return size < 2**31 - 2**20 and here < 0.98 * size
    # 64 bits: for RF64 in its first chunk, for Wave64 after its first identifier
    size = int.from_bytes(header[20:28] if header[:4] == b"RF64" else header[16:24], "little")
    return here < 0.98 * size < 2**62


def lacks_end(path: str) -> bool:
    """Whether an Ogg file ends before its last page: within a page, or in something else."""
    with open(path, "rb") as file:  # noqa: PTH123
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 2 * OGG_PAGE))
        end = file.read()
    at = end.rfind(b"OggS")
    header = end[at : at + 27] if at >= 0 else b""
    if len(header) < 27:
        return True
    behind = len(end) - at - 27 - header[26] - sum(end[at + 27 : at + 27 + header[26]])
    is_last = header[5] & 4  # of its stream; then tags may follow
    return behind < 0 or (behind > 0 and not is_last)


def counted(path: str) -> float | None:
    """Seconds that the header of an MP3 (Xing, Info, VBRI) or a WMA states; `None` if it has none."""
    from mutagen.asf import ASF
    from mutagen.mp3 import MP3

    kinds: tuple[Any, ...] = (MP3, ASF)
    for kind in kinds:
        with contextlib.suppress(Exception):  # mutagen raises whatever a crafted header provokes
            info = kind(path).info
            if kind is ASF or (not info.sketchy and (info.encoder_info or info.bitrate_mode)):
                return float(info.length) or None
    return None
