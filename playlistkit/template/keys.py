"""What may stand in a template: its keys, the bounds of each number, the form of each text.

The reader and the JSON Schema share them, so that both refuse the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import get_args

from playlistkit.model import JoinRules, Repeats, VocalsRule

__all__ = [
    "BOUNDS", "JOIN_KEYS", "LINE_PATTERN", "LONGEST", "MOST_POINTS", "NAME_PATTERN", "PHASE_EVIDENCE", "PHASE_KEYS",
    "REPEATS", "RULES_EVIDENCE", "TAKEN_NAMES", "TEXT_PATTERN", "TOP_KEYS", "VARIANT_EVIDENCE", "VOCALS", "Bounds",
]  # fmt: skip

VOCALS: tuple[VocalsRule, ...] = get_args(VocalsRule)
"""From the strictest to the freest."""

REPEATS: tuple[Repeats, ...] = get_args(Repeats)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be, and the unit that its message names."""

    low: float
    high: float
    unit: str = ""
    above: bool = False
    """Whether `low` itself is refused."""

    def __contains__(self, value: float) -> bool:
        return (self.low < value if self.above else self.low <= value) and value <= self.high

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if self.above:
            return f"above {self.low:g} and at most {self.high:g}{unit}"
        return f"{self.low:g} to {self.high:g}{unit}"


_SHARE = Bounds(0, 1)
_DAY = Bounds(0, 1440, "minutes", above=True)
BOUNDS: Mapping[str, Bounds] = {
    "minutes": _DAY,
    "minutes.min": Bounds(0, 1440, "minutes"),
    "minutes.max": Bounds(0, 2160, "minutes", above=True),
    "energy": _SHARE,
    "energy_tolerance": _SHARE,
    "tempo": Bounds(20, 300, "BPM"),
    "loudness": Bounds(-60, 0, "LUFS"),
    "loudness_range": Bounds(0, 60, "LU", above=True),
    "share": Bounds(0, 1, above=True),
    "brightness": _SHARE,
    "percussiveness": _SHARE,
    "boundary_tolerance": Bounds(0, 3600, "seconds", above=True),
    "hold.minute": Bounds(0, 1440, "minutes"),
    "hold.around": Bounds(0, 120, "minutes", above=True),
    "loudness_step": Bounds(0, 40, "LU", above=True),
    "energy_step": Bounds(0, 1, above=True),
    "track_minutes": Bounds(0, 240, "minutes"),
    "artist.max": Bounds(1, 1000, "tracks"),
    "artist.apart_minutes": Bounds(0, 1440, "minutes"),
    "overlap": Bounds(0, 60, "seconds"),
    "tail_minutes": Bounds(0, 1440, "minutes"),
    "variant.energy": Bounds(-1, 1),
    "variant.minutes": Bounds(-1440, 1440, "minutes"),
    "hold_rise_minutes": Bounds(0, 120, "minutes"),
}
"""The bounds of every number, by its key."""

MOST_POINTS = 100  # of an energy curve; more help nobody
LONGEST = {"line": 200, "note": 5_000}
"""Characters of a name or tag, and of a note."""

# A name stands on the command line as PHASE=N, TRACK@PHASE and PHASE:first, and in one line of a playlist.
NAME_PATTERN = r"^[^\s=@:,]([^=@:,]*[^\s=@:,])?$(?!\n)"
LINE_PATTERN = r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$(?!\n)"
TEXT_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
TAKEN_NAMES = ("tail", "grounding now")
"""Words of the plan that no phase may have for a name."""

PHASE_EVIDENCE = (
    "minutes", "energy", "energy_tolerance", "tempo", "loudness", "loudness_range", "vocals", "brightness",
    "percussiveness", "boundary_tolerance", "album_runs", "repeats", "music", "hold",
)  # fmt: skip
PHASE_KEYS = ("name", "stands_for", *PHASE_EVIDENCE, "note", "evidence")
RULES_EVIDENCE = ("join", "track_minutes", "artist", "overlap", "tail_minutes", "boundary_tolerance")
VARIANT_EVIDENCE = (
    "energy", "energy_max", "tempo_max", "brightness_max", "percussiveness_max", "loudness_range_max",
    "loudness_up", "vocals", "minutes", "hold_rise_minutes",
)  # fmt: skip
TOP_KEYS = ("name", "id", "zero", "note", "build", "phases", "rules", "variants", "sources")
JOIN_KEYS = tuple(each.name for each in fields(JoinRules))
