"""What is found: in a playlist or plan, and in a library that can't fill a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

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
    """Minutes of music that are lacking."""
    rule: str
    """The rule that is to blame, in one word: "vocals", "energy", "duration", ..."""
    text: str
    """The whole, as a sentence that a therapist acts on."""


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """A rule of a template that may be relaxed, in one phase or (`phase` is "") everywhere."""

    phase: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} in {self.phase}" if self.phase else self.name


@dataclass(frozen=True, slots=True)
class PhaseSupply:
    """What a phase wants and what there is for it, in minutes."""

    phase: str
    wanted: float
    eligible: float
    """Of all music that may stand in it, no artist above the cap: what it would have if it were the only phase."""
    shared: float
    """Of the eligible, what may stand in another phase as well."""
    shared_with: tuple[str, ...]
    """Those phases."""
    lacking: float
    """What is missing when all phases are filled as evenly as can be, the tolerance of its end taken off."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why the library can't fill the template."""

    shortfalls: tuple[Shortfall, ...]
    supply: tuple[PhaseSupply, ...]
    """Every phase, those that lack nothing too."""
    gains: tuple[tuple[Rule, float], ...]
    """For each single rule that would help if relaxed, the minutes that it brings; most first."""
    conflict: tuple[Rule, ...]
    """A smallest set of rules that can't all be kept."""
    relaxation: tuple[Rule, ...] | None
    """The mildest set of rules found whose relaxing lets in minutes enough; `None`: nothing short of more music."""


class Place(str):
    """What a finding is about, as text ("track 7", "join 3", "phase peak") that also knows its parts."""

    __slots__ = ("kind", "name", "number")

    kind: Literal["track", "join", "phase", "variant", "phases", "rules", "session"]
    number: int
    """Of a track or join, from 1; 0 for all others. Join k lies between tracks k and k + 1."""
    name: str
    """Of a phase or variant; "" for all others."""

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
    """Something that `check` found in a playlist, or of which a plan warns."""

    kind: str
    """One word: "missing", "loudness", "energy", "voice", "minutes", ..."""
    where: Place
    text: str
    breaks: bool = True
    """Whether it breaks a rule; else it is a wish that was not met."""
