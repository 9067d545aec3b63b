"""Why a file can't be decoded, in words."""

from __future__ import annotations

__all__ = ["DAMAGED", "clock", "reason"]

DAMAGED = "it is damaged, cut short, or something else than its name says"
PLAIN = {
    "Invalid data found when processing input": DAMAGED,
    "Invalid argument": DAMAGED,
    "End of file": DAMAGED,
    "Input/output error": "it is cut short, or its disk has a fault",
    "Not yet implemented in FFmpeg, patches welcome": "it is of a kind that FFmpeg can't decode",
}
"""FFmpeg's message about opening a file, in words that say what may be wrong."""


def reason(error: BaseException) -> str:
    """What an error of FFmpeg or the system says, without its number and its path."""
    text = (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().rstrip(".")
    if str(getattr(error, "filename", None)).endswith("()") and not isinstance(error, MemoryError):
        # a decoder's own number, for which the system's words are wrong; PyAV names its function
        return DAMAGED
    return PLAIN.get(text, text)


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
