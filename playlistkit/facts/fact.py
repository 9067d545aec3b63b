"""The base class of facts, and words that several of them use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from playlistkit.figures import beside, number

__all__ = ["Fact", "late", "listed", "within"]


class Fact(ABC):
    """Something found, with its figures as fields; `str` says it in words. Its classes are in `playlistkit.facts`.

    A fact equals its own sentence, and any other fact of the same words: a plan read back from a file holds sentences.
    """

    __slots__ = ()

    @abstractmethod
    def __str__(self) -> str: ...

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, Fact | str) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))


def listed(words: Sequence[str]) -> str:
    """``"a, b and c"``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def within(low: float | None, high: float | None) -> str:
    """A range: ``"at most 3"``, ``"at least 2"``, ``"2 to 3"``."""
    if low is None:
        return f"at most {number(high or 0.0)}"
    if high is None:
        return f"at least {number(low)}"
    return f"{number(low)} to {number(high)}"


def late(residual: float, tolerance: float) -> str:
    """How late or early a phase ends, in seconds, beside what is allowed: ``"40 s late"``."""
    return f"{beside(abs(residual), tolerance, digits=0)} s {'late' if residual > 0 else 'early'}"
