"""What a library lacks for a phase, in minutes, and what would help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from playlistkit.facts.fact import Fact
from playlistkit.facts.tracks import PLAYED_BY
from playlistkit.figures import beside, number
from playlistkit.names import sentence

__all__ = [
    "FirmRule",
    "Lack",
    "MoreMusic",
    "Relaxing",
    "RestNotFilled",
    "Sharing",
    "lacking_in_all",
    "lacking_of",
    "minutes_lacking",
]


def minutes_lacking(lacking: float, wanted: float) -> str:
    """The minutes that a phase lacks, as they are told: ``"3.0"``."""
    return beside(lacking, 0.0, wanted, digits=1)


def lacking_in_all(phases: Iterable[tuple[float, float]]) -> str:
    """The sum of what phases lack, each as it is told, and of what they want: ``"3.4 of 45"``.

    Parameters
    ----------
    phases : iterable of (float, float)
        The minutes that each lacks and wants.
    """
    each = list(phases)
    lacking = sum(float(minutes_lacking(*one)) for one in each if one[0] > 0)
    wanted = sum(one[1] for one in each)
    return f"{beside(lacking, 0.0, digits=1)} of {number(round(wanted, 1))}"


def lacking_of(lacking: float, wanted: float, *, everything: bool) -> str:
    """So many of a phase's minutes: ``"3.0 of its 30 min"``, or ``"all of its 30 min"``."""
    amount = "all" if everything else minutes_lacking(lacking, wanted)
    return f"{amount} of its {number(round(wanted, 1))} min"


@dataclass(frozen=True, slots=True, eq=False)
class Sharing(Fact):
    """How much of a phase's music other phases need too."""

    minutes: float | None
    """`None`: all of it."""
    phases: tuple[str, ...]
    lack_too: bool
    """Whether those phases lack music as well."""

    def __str__(self) -> str:
        names = self.phases
        who = " and ".join(names) if len(names) < 3 else f"{len(names)} other phases"
        share = "all" if self.minutes is None else f"{self.minutes:.1f} min"
        also = f", which {'lacks' if len(names) == 1 else 'lack'} music too" if self.lack_too else ""
        return f", {share} of it shared with {who}{also}"


@dataclass(frozen=True, slots=True, eq=False)
class Relaxing(Fact):
    """What relaxing a rule would bring."""

    remedy: str
    """Relaxing it, in the rule's own words: "widening its limits on energy"."""
    minutes: float

    def __str__(self) -> str:
        return f"{sentence(self.remedy)} would bring {self.minutes:.1f} min."


@dataclass(frozen=True, slots=True, eq=False)
class FirmRule(Fact):
    """A rule that is never relaxed bars half of the library or more."""

    rule: str
    barred: int
    tracks: int
    player: str
    phase: str

    def __str__(self) -> str:
        which = {
            "player": f"that {PLAYED_BY[self.player]} can't play",
            "track_minutes": "shorter or longer than track_minutes allows",
            "energy": "whose energy is unknown: scan them, or set it",
            "duration": "too short for this overlap, or of unknown length",
            "excluded": "excluded today",
            "avoid": "marked avoid",
            "music": "that sound like noise, speech or effects, or that genre or folder name so; for those that are music, set music_probability=1",
            "seconds": "too short to be more than an effect or a fragment",
            "silence": "with a longer silence inside than rules: inside: silence_limit allows",
            "jolt": "with a sudden jump inside, beyond rules: inside: jolt_limit",
            "swell": "that swell faster than rules: inside: swell_limit allows",
            "energy_max": f"that get fuller, for half a minute, than {self.phase} takes",
            "held_voice": f"with a voice that {self.phase} has no room for: its vocals say what it takes",
        }[self.rule]
        return f"The library holds {self.barred} of {self.tracks} tracks {which}."


@dataclass(frozen=True, slots=True, eq=False)
class MoreMusic(Fact):
    """Only more music helps; what a phase takes, to look for it by."""

    energy: tuple[float, float]
    vocals: str
    """What the phase allows: "none", "wordless" or "any"."""
    brightness: float | None
    """The most that it prefers."""
    percussiveness: float | None
    loudness_range: float | None
    """LU."""
    lengths: tuple[float | None, float | None]
    """Minutes of a track."""

    def __str__(self) -> str:
        (low, high), (shortest, longest) = self.energy, self.lengths
        parts = [f"energy {max(low, 0.0):.2f} to {min(high, 1.0):.2f}"]
        if self.vocals != "any":
            parts.append("no voice" if self.vocals == "none" else "no words")
        for name, most in (("brightness", self.brightness), ("percussiveness", self.percussiveness)):
            if most is not None:
                parts.append(f"{name} at most {most:g}")
        if self.loudness_range is not None:
            parts.append(f"moving at most {self.loudness_range:g} LU in loudness")
        if shortest is not None and longest is not None:
            parts.append(f"{shortest:g} to {longest:g} min a track")
        return f"Add music for it: {', '.join(parts)}."


@dataclass(frozen=True, slots=True, eq=False)
class Lack(Fact):
    """A phase lacks minutes."""

    phase: str
    lacking: float
    wanted: float
    eligible: float | None
    """Minutes that may play in it; `None` if there are none."""
    sharing: Sharing | None
    empty: bool
    """Whether there is no track at all."""
    remedy: Relaxing | FirmRule | MoreMusic

    def __str__(self) -> str:
        some = "no" if self.eligible is None else f"{self.eligible:.1f} min of"
        may = f"{some} music may play in it{self.sharing or ''}"
        if self.empty:
            may = "there is no track to choose from"
        lacks = lacking_of(self.lacking, self.wanted, everything=self.eligible is None)
        return f"{self.phase} lacks {lacks}: {may}. {self.remedy}"


@dataclass(frozen=True, slots=True, eq=False)
class RestNotFilled(Fact):
    """The library can't fill the rest of a running session."""

    phase: str
    """The first phase of the rest."""
    minutes: float

    def __str__(self) -> str:
        return f"The library can't fill the {self.minutes:.0f} min that are left, from {self.phase} on, within the rules."
