"""Numbers as people and spreadsheets write them."""

from __future__ import annotations

import math
import re
import unicodedata

__all__ = ["NOTHING", "number", "plain_digits"]

NOTHING = frozenset({"", "-", "–", "n/a", "na", "nan", "null", "none", "undefined", "unknown", "#n/a"})
"""Cell texts that mean "no value", in lower case."""

NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE)
UNIT = re.compile(r"\s*(db|dbfs|lufs|lu|bpm|dbtp|s|sec|min)$", re.IGNORECASE)
SIGNS = str.maketrans(
    {"−": "-", "‒": "-", "–": "-", "٫": ".", "٬": "", "：": ":", "∶": ":", "’": "", " ": " "}
)
LONGEST = 40  # characters; anything longer is not a number


def plain_digits(text: str) -> str:
    """The text with typographic and other scripts' digits and signs turned into ASCII."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text.translate(SIGNS)).translate(SIGNS)
    return "".join(
        each if each.isascii() or not each.isdecimal() else str(unicodedata.decimal(each)) for each in text
    )


def number(text: str) -> float | None:
    """A number with point or decimal comma, without unit or percent sign; `None` if it is not one."""
    if len(text) > LONGEST:
        return None
    text = UNIT.sub("", plain_digits(text).strip().rstrip("%").strip())
    if not NUMBER.fullmatch(text):
        return None
    value = float(text.replace(",", "."))
    return value if math.isfinite(value) else None
