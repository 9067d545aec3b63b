"""One value of a template's tree: its kind and bounds checked, and what is wrong with it in words."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar, cast

from playlistkit.model import Range
from playlistkit.template.keys import BOUNDS, LINE_PATTERN, LONGEST, NAME_PATTERN, TEXT_PATTERN, Bounds
from playlistkit.template.spots import Items, Pairs, Scalar, Spot

__all__ = ["Fault", "Values", "clipped", "listed", "near", "shown"]

_ELSEWHERE = {
    "bpm": "tempo", "duration": "minutes", "length": "minutes", "volume": "loudness", "lufs": "loudness",
    "voice": "vocals", "singing": "vocals", "lyrics": "vocals", "crossfade": "overlap", "comment": "note",
    "familiar": "repeats", "repeat": "repeats", "goal": "note", "src": "evidence", "source": "sources", "maps_to": "stands_for", "default": "minutes",
}  # fmt: skip
"""What people write for a key of ours; difflib would not find it."""

_NUMBER_WITH_UNIT = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*(%|[A-Za-z]+)?")

Words = TypeVar("Words", bound=str)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a template."""

    line: int | None
    text: str
    between: bool = False
    """It holds between values, so that no schema can say it."""


class Values:
    """Reads one value after another and collects what is wrong with them.

    A value that is missing or faulty reads as `None`, so that reading goes on to the next fault; what is built
    from it is thrown away.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, spot: Spot, where: str, text: str, *, between: bool = False) -> None:
        """Note a fault at a spot; `where` is the part of the template, "" for the whole."""
        self.faults.append(Fault(spot.line, f"{where}: {text}" if where else text, between))

    def number(self, spot: Spot, where: str, key: str, bounds: Bounds) -> float | None:
        """A finite number within its bounds."""
        if not isinstance(spot, Scalar) or isinstance(spot.value, bool) or not isinstance(spot.value, float):
            self.fault(spot, where, f"{key} {shown(spot)} is not a number{_number_hint(spot, bounds)}")
            return None
        if not math.isfinite(spot.value):
            self.fault(spot, where, f"{key} {spot.written} is no finite number; give {bounds}")
            return None
        if spot.value not in bounds:
            self.fault(
                spot, where, f"{key} {spot.written} is not {bounds}{_percent_hint(spot.value, bounds)}"
            )
            return None
        return spot.value

    def whole(self, spot: Spot, where: str, key: str, bounds: Bounds) -> int | None:
        """A whole number within its bounds."""
        value = self.number(spot, where, key, bounds)
        if value is None:
            return None
        if value != int(value):
            self.fault(spot, where, f"{key} {value:g} is not a whole number")
            return None
        return int(value)

    def word(self, spot: Spot, where: str, key: str, words: tuple[Words, ...]) -> Words | None:
        """One of some words."""
        if isinstance(spot, Scalar) and spot.value in words:
            return spot.value
        if isinstance(spot, Scalar) and isinstance(spot.value, bool) and spot.written.lower() in words:
            return cast(Words, spot.written.lower())  # YAML reads a bare `on` as true
        self.fault(spot, where, f"{key} {shown(spot)} is none of {listed(words)}{near(spot, words)}")
        return None

    def flag(self, spot: Spot, where: str, key: str) -> bool | None:
        """True or false."""
        if isinstance(spot, Scalar) and isinstance(spot.value, bool):
            return spot.value
        self.fault(spot, where, f"{key} {shown(spot)} is neither true nor false")
        return None

    def text(self, spot: Spot, where: str, key: str) -> str | None:
        """A text of one or more lines."""
        if self.is_text(spot, where, key, LONGEST["note"]):
            return str(cast(Scalar, spot).value).strip()
        return None

    def line(self, spot: Spot, where: str, key: str) -> str | None:
        """A text of one line."""
        if not self.is_text(spot, where, key, LONGEST["line"]):
            return None
        value = str(cast(Scalar, spot).value)
        if not re.search(LINE_PATTERN, value):
            self.fault(spot, where, f"{key} {shown(spot)} must be one line")
            return None
        return value.strip()

    def is_text(self, spot: Spot, where: str, key: str, longest: int) -> bool:
        """Whether a value is a text that says something, of at most `longest` characters; told if not."""
        if not isinstance(spot, Scalar) or not isinstance(spot.value, str):
            quoted = isinstance(spot, Scalar) and spot.value is not None
            hint = f'; write "{clipped(cast(Scalar, spot).written)}" in quotes' if quoted else ""
            self.fault(spot, where, f"{key} {shown(spot)} is not a text{hint}")
        elif not spot.value.strip():
            self.fault(spot, where, f"{key} is empty; write something or take the line out")
        elif not re.search(TEXT_PATTERN, spot.value):
            self.fault(spot, where, f"{key} holds control characters; take them out")
        elif len(spot.value) > longest:
            self.fault(spot, where, f"{key} has {len(spot.value):,} characters; at most {longest:,} are read")
        else:
            return True
        return False

    def name(self, spot: Spot, where: str, what: str) -> str | None:
        """A name that can stand on the command line."""
        value = self.line(spot, where, what)
        if value is None:
            return None
        if not re.search(NAME_PATTERN, str(cast(Scalar, spot).value)):
            self.fault(spot, where, f"{what} {value!r}: a name has no = @ : or comma, nor blanks at its ends")
            return None
        return value

    def pairs(
        self, spot: Spot, where: str, what: str, keys: Collection[str], needed: Collection[str] = ()
    ) -> dict[str, Spot]:
        """The values of a mapping by key; unknown, doubled and missing keys are told."""
        if not isinstance(spot, Pairs):
            expected = f"a mapping with {listed(keys)}" if keys else "a mapping"
            self.fault(spot, where, f"{what} {shown(spot)} is not {expected}")
            return {}
        found: dict[str, Spot] = {}
        first_line: dict[str, int | None] = {}
        meant: set[str | None] = set()
        for key, value in spot.pairs:
            name = key.value if isinstance(key.value, str) else key.written
            if name in first_line:
                earlier = "" if first_line[name] is None else f", first in line {first_line[name]}"
                self.fault(key, where, f"key {clipped(name)!r} stands twice{earlier}; keep one", between=True)
                continue
            first_line[name] = key.line
            if keys and name not in keys:
                self.fault(key, where, f"unknown key {clipped(name)!r}{near(key, keys)}")
                meant.add(_nearest(key, keys))
                continue
            found[name] = value
        for name in needed:
            if name not in first_line and name not in meant:
                self.fault(spot, where, f"{what} lacks {name!r}; it can't be left out")
        return found

    def some(self, found: dict[str, Spot], spot: Spot, where: str, what: str, keys: Collection[str]) -> bool:
        """Whether a mapping holds anything; told if it is empty."""
        if isinstance(spot, Pairs) and not spot.pairs:
            self.fault(spot, where, f"{what} is empty; give {listed(keys)} or take the line out")
        return bool(found)

    def items(self, spot: Spot, where: str, what: str, of: str) -> tuple[Spot, ...]:
        """The values of a list that is not empty."""
        if not isinstance(spot, Items):
            self.fault(spot, where, f"{what} {shown(spot)} is not a list of {of}")
            return ()
        if not spot.items:
            self.fault(spot, where, f"{what} is empty; give a list of {of}")
        return spot.items

    def range(self, spot: Spot, where: str, key: str, keys: tuple[str, ...] = ("min", "max")) -> Range:
        """`{min: ..., max: ...}`, either of which may be missing."""
        if isinstance(spot, Scalar) and isinstance(spot.value, float):
            self.fault(
                spot,
                where,
                f"{key} {spot.written} must say which side it bounds; write {{max: {spot.written}}}",
            )
            return Range()
        found = self.pairs(spot, where, key, keys)
        self.some(found, spot, where, key, keys)
        values = {
            side: self.number(value, where, f"{key}: {side}", BOUNDS[key]) for side, value in found.items()
        }
        low, high = values.get("min"), values.get("max")
        if low is not None and high is not None and low > high:
            self.fault(spot, where, f"{key}: min {low:g} is above max {high:g}; swap them", between=True)
        return Range(low, high)

    def numbers(
        self, spot: Spot, where: str, key: str, bounds: Bounds, shape: str
    ) -> tuple[float, float] | None:
        """A list of two numbers."""
        if not isinstance(spot, Items) or len(spot.items) != 2:
            self.fault(spot, where, f"{key} {shown(spot)} is not {shape}")
            return None
        first, second = (self.number(item, where, key, bounds) for item in spot.items)
        return None if first is None or second is None else (first, second)


# --- wording ------------------------------------------------------------------------------------------------


def clipped(text: str, longest: int = 40) -> str:
    """A text on one line, shortened to at most `longest` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def shown(spot: Spot) -> str:
    """A value as a message quotes it."""
    if isinstance(spot, Pairs):
        return "{...}"
    if isinstance(spot, Items):
        return "[" + clipped(", ".join(shown(item) for item in spot.items[:8])) + "]"
    if spot.value is None:
        return "(nothing)"
    if isinstance(spot.value, str):
        return repr(clipped(spot.value))
    if isinstance(spot.value, bool) and spot.written.lower() not in ("true", "false"):
        return f"{spot.written} (which YAML takes for {str(spot.value).lower()})"
    return clipped(spot.written)


def listed(words: Collection[str]) -> str:
    """Words as in "a, b or c"."""
    listed = [str(word) for word in words]
    return " or ".join([", ".join(listed[:-1]), listed[-1]]) if len(listed) > 1 else "".join(listed)


def _nearest(key: Spot, words: Collection[str]) -> str | None:
    """The valid word that was probably meant."""
    given = key.written.lower() if isinstance(key, Scalar) else ""
    if _ELSEWHERE.get(given) in words:
        return _ELSEWHERE[given]
    return next(iter(difflib.get_close_matches(given[:60], list(words), n=1, cutoff=0.5)), None)


def near(key: Spot, words: Collection[str]) -> str:
    """The nearest valid word, as the end of a sentence; all of them if none is near and they are few."""
    nearest = _nearest(key, words)
    if nearest is not None:
        return f"; did you mean {nearest!r}?"
    return f"; known are {', '.join(words)}" if 0 < len(words) <= 20 else ""


def _number_hint(spot: Spot, bounds: Bounds) -> str:
    """What a person meant who wrote "40 min", "0,12" or "12%" for a number."""
    if isinstance(spot, Scalar) and isinstance(spot.value, str):
        match = _NUMBER_WITH_UNIT.fullmatch(spot.value.strip())
        if match:
            number = float(match[1].replace(",", "."))
            if match[2] == "%" and number / 100 in bounds:
                return f"; write {number / 100:g}"
            if number in bounds:
                unit = f" (it is in {bounds.unit})" if bounds.unit and match[2] else ""
                return f"; write {number:g}{unit}"
    return f"; give {bounds}"


def _percent_hint(value: float, bounds: Bounds) -> str:
    return f"; {value:g} % is {value / 100:g}" if bounds.high == 1 and 1 < value <= 100 else ""
