"""How long a file says it is: the duration that its header states, and the length without an MP4's padding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av

__all__ = ["STATED", "exact_length", "stated_duration"]

SMPB = re.compile(r"\s*[0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{16})(?:\s|$)", re.IGNORECASE)
"""iTunes' comment: an unused number, the delay, the padding, the samples between them."""
STATED = ("aiff", "au", "caf", "flac", "matroska", "mov", "ogg", "tta", "wv")
"""Formats that state the duration; for others it is estimated, or read from what is left of the file."""


def stated_duration(container: av.container.InputContainer, stream: av.AudioStream) -> float | None:
    """Seconds, if the file states them or they can be estimated."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else None


def exact_length(container: av.container.InputContainer, stream: av.AudioStream) -> float | None:
    """Seconds without the padding that an MP4's encoder put after the sound; `None` for other containers.

    From iTunes' own count, which FFmpeg doesn't apply, or from the edit list.
    """
    if "mov" not in container.format.name.split(","):
        return None
    counted = SMPB.match(container.metadata.get("iTunSMPB", ""))
    if counted is not None and stream.rate:
        return int(counted[1], 16) / stream.rate
    return stated_duration(container, stream)
