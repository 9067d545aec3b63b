"""Findings about a playlist or plan, and about a library that can't fill a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from playlistkit.facts.fact import Fact

__all__ = [
    "Diagnosis",
    "Finding",
    "PhaseSupply",
    "Place",
    "Rule",
    "Shortfall",
]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What the library lacks for a phase."""

    phase: str
    minutes: float
    """Minutes of music lacking."""
    rule: str
    """The rule to blame, in one word: "vocals", "energy", "duration", ..."""
    about: Fact | str
    """The lack with its figures (a class of `playlistkit.facts`); in a plan read from a file, the sentence."""

    @property
    def text(self) -> str:
        """The whole as a sentence that a therapist can act on."""
        return str(self.about)

    def as_dict(self) -> dict[str, str | float]:
        """As it stands in JSON."""
        return {"phase": self.phase, "minutes": self.minutes, "rule": self.rule, "text": self.text}


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """A rule of a template that may be relaxed, in one phase or (`phase` is "") everywhere."""

    phase: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} in {self.phase}" if self.phase else self.name


@dataclass(frozen=True, slots=True)
class PhaseSupply:
    """What a phase wants and what the library has for it, in minutes."""

    phase: str
    wanted: float
    eligible: float
    """All music that may play in it, with no artist above the cap: its supply if it were the only phase."""
    shared: float
    """The part of the eligible music that may also play in another phase."""
    shared_with: tuple[str, ...]
    """Those phases."""
    lacking: float
    """Minutes missing when all phases are filled as evenly as possible, less the tolerance of its end."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why the library can't fill the template."""

    shortfalls: tuple[Shortfall, ...]
    supply: tuple[PhaseSupply, ...]
    """Every phase, including those that lack nothing."""
    gains: tuple[tuple[Rule, float], ...]
    """For each rule that would help if relaxed, the minutes it would bring; most first."""
    conflict: tuple[Rule, ...]
    """A smallest set of rules that can't all be kept."""
    relaxation: tuple[Rule, ...] | None
    """The mildest set of rules whose relaxing lets in enough minutes; `None` if only more music helps."""


class Place(str):
    """What a finding is about: a text ("track 7", "join 3", "phase peak") with its parts as attributes."""

    __slots__ = ("kind", "name", "number")

    kind: Literal["track", "join", "phase", "variant", "phases", "rules", "session"]
    number: int
    """Number of a track or join, from 1; 0 for other kinds. Join k lies between tracks k and k + 1."""
    name: str
    """Name of a phase or variant; "" for other kinds."""

    def __new__(
        cls,
        kind: Literal["track", "join", "phase", "variant", "phases", "rules", "session"],
        of: int | str = "",
    ) -> Place:
        """A place of a kind: which track or join by number, which phase or variant by name."""
        place = super().__new__(cls, f"{kind} {of}".rstrip())
        place.kind = kind
        place.number = of if isinstance(of, int) else 0
        place.name = "" if isinstance(of, int) else of
        return place

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.kind, self.number or self.name


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that `check` found in a playlist, or that a plan warns about."""

    kind: str
    """One word: "missing", "loudness", "energy", "voice", "minutes", ..."""
    where: Place
    about: Fact | str
    """What was found, with its figures (a class of `playlistkit.facts`), or as a sentence."""
    breaks: bool = True
    """Whether it breaks a rule; otherwise it misses a wish."""

    @property
    def text(self) -> str:
        """What was found, as a sentence."""
        return str(self.about)

    def as_dict(self) -> dict[str, str | bool]:
        """As it stands in JSON."""
        return {"kind": self.kind, "where": self.where, "text": self.text, "breaks": self.breaks}
