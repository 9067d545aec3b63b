"""Typed access to the members of a plan's JSON, with faults that say where they are."""

from __future__ import annotations

import json
import math
import typing
from collections.abc import Iterable, Sequence

from playlistkit.errors import InputError

__all__ = ["MOST_SECONDS", "Values"]

MOST_SECONDS = 48 * 3600.0  # longer than any session or file that we would write
MOST_NUMBER = 1e12
MOST = {"phases": 100, "slots": 5_000, "tail": 5_000, "reserves": 100, "shortfalls": 1_000, "warnings": 5_000}
"""Most of each that a plan may hold."""
MOST_VALUES = 200_000  # of a curve, a second each


class Values:
    """Typed access to the members of a JSON object; `where` names it in messages.

    Each method raises `InputError` with the member's place if it is missing or something else.
    """

    def __init__(self, values: object, where: str, path: str = "") -> None:
        if not isinstance(values, dict):
            raise InputError(
                f"{where}: damaged plan: {path or 'the whole'} is {_kind(values)}, not an object"
            )
        self.values: dict[str, object] = values
        self.where = where
        self._path = path

    def at(self, key: str) -> str:
        """The path of a member, for messages."""
        return f"{self._path}.{key}" if self._path else key

    def wrong(self, key: str, expected: str) -> InputError:
        """The error that a member is not what is expected."""
        found = _kind(self.values[key]) if key in self.values else "missing"
        return InputError(f"{self.where}: damaged plan: {self.at(key)} is {found}, expected {expected}")

    def get(self, key: str) -> object:
        """A member of any kind."""
        if key not in self.values:
            raise self.wrong(key, "a value")
        return self.values[key]

    def text(self, key: str) -> str:
        """A text."""
        value = self.values.get(key)
        if not isinstance(value, str):
            raise self.wrong(key, "a text")
        return value

    def text_or_none(self, key: str) -> str | None:
        """A text; `None` if it is null or missing."""
        return None if self.values.get(key) is None else self.text(key)

    def number(self, key: str) -> float:
        """A finite number."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.wrong(key, "a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not abs(number) <= MOST_NUMBER:
            raise self.wrong(key, "a number within reach")
        return number

    def number_or_none(self, key: str) -> float | None:
        """A finite number; `None` if it is null or missing."""
        return None if self.values.get(key) is None else self.number(key)

    def seconds(self, key: str) -> float:
        """Seconds, not negative."""
        value = self.number(key)
        if not 0 <= value <= MOST_SECONDS:
            raise self.wrong(
                key, "0 or more seconds" if value < 0 else f"at most {MOST_SECONDS:,.0f} seconds"
            )
        return value

    def within(self, key: str, most: float) -> float:
        """A number from -`most` to `most`."""
        value = self.number(key)
        if abs(value) > most:
            raise self.wrong(key, f"from -{most:g} to {most:g}")
        return value

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.values.get(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def choice(self, key: str, words: Sequence[str]) -> str:
        """One of some words."""
        value = self.text(key)
        if value not in words:
            raise self.wrong(key, f"one of {', '.join(words)}")
        return value

    def member(self, key: str) -> Values:
        """An object."""
        return Values(self.get(key), self.where, self.at(key))

    def items(self, key: str) -> list[object]:
        """A list of anything, not too long."""
        value = self.values.get(key)
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        most = MOST_VALUES if self._path else MOST.get(key, MOST_VALUES)
        if len(value) > most:
            raise self.wrong(key, f"a list of at most {most:,}")
        return value

    def objects(self, key: str) -> list[Values]:
        """A list of objects."""
        return [
            Values(value, self.where, f"{self.at(key)}[{number}]")
            for number, value in enumerate(self.items(key))
        ]

    def lists(self) -> Iterable[tuple[str, list[Values]]]:
        """Each member as a list of objects."""
        return [(key, self.objects(key)) for key in self.values]

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self.items(key)
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(key, "a list of texts")
        return tuple(typing.cast("list[str]", values))

    def floats(self, key: str) -> tuple[float, ...]:
        """A list of finite numbers."""
        values = self.items(key)
        if not all(isinstance(value, (int, float)) and abs(value) <= MOST_NUMBER for value in values):
            raise self.wrong(key, "a list of numbers within reach")
        return tuple(float(typing.cast(float, value)) for value in values)

    def numbers(self, key: str) -> dict[str, float]:
        """An object whose members are all numbers."""
        members = self.member(key)
        return {name: members.number(name) for name in members.values}


def _kind(value: object) -> str:
    """A wrong value as shown in messages."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = (
        json.dumps(value, ensure_ascii=False)
        if not isinstance(value, float) or math.isfinite(value)
        else str(value)
    )
    return text if len(text) <= 40 else f"{text[:37]}..."
