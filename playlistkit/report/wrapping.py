"""Text in the columns of a terminal: its width, cut to fit, wrapped between words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

__all__ = ["fitted", "wide", "wrapped"]


def wrapped(text: str, width: int, indent: int = 2) -> Iterator[str]:
    """Wrap the text at `width` columns; lines after the first are indented by two more. Spaces within a line stay."""
    line = " " * indent
    empty = True
    for found in re.finditer(r"(\s*)(\S+)", text):
        gap, word = found.group(1).replace("\n", " "), found.group(2)
        while wide(word) > width - indent - 2:  # longer than any line
            cut = len(word)
            while wide(word[:cut]) > width - wide(line) - 1:
                cut -= 1
            yield f"{line}{'' if empty else ' '}{word[:cut]}"
            line, word, empty = " " * (indent + 2), word[cut:], True
        if not empty and wide(line) + wide(gap) + wide(word) > width:
            yield line
            line, empty = " " * (indent + 2), True
        line += word if empty else f"{gap}{word}"
        empty = False
    yield line


def wide(text: str) -> int:
    """Columns the text takes: two for East Asian letters, none for combining accents."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def fitted(text: str, room: int) -> str:
    """The text in exactly `room` columns, cut with an ellipsis or padded with spaces."""
    if wide(text) > room:
        while text and wide(text) > room - 1:
            text = text[:-1]
        text = f"{text}…" if room > 0 else ""
    return text + " " * (room - wide(text))
