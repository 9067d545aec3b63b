"""The kinds of rules that may be relaxed: how each reads its value, gives way by a step, and tells what that does.

`relaxing` declares the rules themselves, each with its weight and words.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, get_args

from playlistkit.figures import counted
from playlistkit.model import EnergyLimit, Phase, Range, Template, VocalsRule

__all__ = [
    "ArtistMax",
    "EnergyDistance",
    "LastSession",
    "OfAPhase",
    "OfTheWhole",
    "Part",
    "RangeLimit",
    "Relaxable",
    "TrackMinutes",
    "Used",
    "VoiceAllowed",
]

Part = TypeVar("Part", Phase, Template)
"""What has the rule: each phase, or the template as a whole."""

FULLER = 0.10
"""Most energy by which a limit may rise in total: too much harms, too little doesn't."""

NUMBER = r"\d+(?:\.\d+)?"


@dataclass(frozen=True, slots=True)
class Relaxable(ABC, Generic[Part]):
    """A kind of rule that may be relaxed."""

    weight: float
    """How much it matters that it is kept."""
    words: str
    """What is given up, in words: "the limits on energy"."""
    remedy: str
    """As what would help; ``{it}`` and ``{its}`` stand for the phase."""
    costs: str
    """What may then be heard, as a sentence."""

    @abstractmethod
    def value(self, part: Part, /) -> str | None:
        """Its limit as text, which `to` reads; `None` where it sets none."""

    @abstractmethod
    def by(self, part: Part, steps: int, /) -> Part:
        """`part` with the limit so many steps wider."""

    @abstractmethod
    def to(self, part: Part, value: str, /) -> Part:
        """`part` with the limit at `value`, if that is wider; a ValueError says in a few words what it should be."""

    def within(self, _before: Part, after: Part, /) -> Part:
        """`after`, as far as the rule gives way in all."""
        return after

    @abstractmethod
    def does(self, before: Part, after: Part, /) -> str:
        """What relaxing it does, as a button says it."""


class OfAPhase(Relaxable[Phase]):
    """A rule that each phase has for itself."""

    __slots__ = ()


class OfTheWhole(Relaxable[Template]):
    """A rule of the whole session."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class RangeLimit(OfAPhase):
    """A range of the phase; its number is the highest value."""

    key: str
    step: float
    noun: str

    def value(self, part: Phase, /) -> str | None:
        high = self._limit(part).high
        return None if high is None else f"{high:g}"

    def by(self, part: Phase, steps: int, /) -> Phase:
        low, high = self._limit(part).low, self._limit(part).high
        more = self.step * steps
        return self._with(part, low and max(0.0, round(low - more, 3)), high and round(high + more, 3))

    def to(self, part: Phase, value: str, /) -> Phase:
        limit = self._limit(part)
        if limit.high is None:
            return part
        return self._with(part, limit.low, max(limit.high, _number(value)))

    def does(self, before: Phase, after: Phase, /) -> str:
        limit = self._limit(after)
        if limit.high is not None and limit.high > (self._limit(before).high or 0.0):
            return f"Allow {self.noun} up to {limit.high:g} in {before.name}"
        return f"Allow {self.noun} down to {limit.low or 0:g} in {before.name}"

    def _limit(self, part: Phase) -> Range:
        limit: Range = getattr(part, f"{self.key}_limit")
        return limit

    def _with(self, part: Phase, low: float | None, high: float | None) -> Phase:
        changed: dict[str, Any] = {f"{self.key}_limit": Range(low, high)}
        return replace(part, **changed)


class EnergyDistance(OfAPhase):
    """How far energy may lie outside the phase's targets; its number is the distance."""

    __slots__ = ()
    step = 0.10

    def value(self, part: Phase, /) -> str | None:
        return f"{self._sides(part).down:g}"

    def by(self, part: Phase, steps: int, /) -> Phase:
        now = self._sides(part)
        return self._with(part, now.up + self.step * steps, now.down + self.step * steps)

    def to(self, part: Phase, value: str, /) -> Phase:
        return self._with(part, _number(value), _number(value))

    def does(self, before: Phase, after: Phase, /) -> str:
        then = self._sides(after)
        return f"Let {before.name} take energy {then.down:g} below its curve and {then.up:g} above"

    def _sides(self, part: Phase) -> EnergyLimit:
        limit, least = part.energy_limit or EnergyLimit(0.0, 0.0), part.energy_tolerance
        return EnergyLimit(max(limit.up, least), max(limit.down, least))

    def _with(self, part: Phase, up: float, down: float) -> Phase:
        now = self._sides(part)
        wider = EnergyLimit(
            round(min(max(up, now.up), now.up + FULLER, 1.0), 3), round(min(max(down, now.down), 1.0), 3)
        )
        return replace(part, energy_limit=wider)

    def within(self, before: Phase, after: Phase, /) -> Phase:
        most = round(min(self._sides(before).up + FULLER, 1.0), 3)
        limit = self._sides(after)
        return replace(after, energy_limit=EnergyLimit(min(limit.up, most), limit.down))


class VoiceAllowed(OfAPhase):
    """Which voices may sound."""

    __slots__ = ()
    order: tuple[VocalsRule, ...] = get_args(VocalsRule)

    def value(self, part: Phase, /) -> str | None:
        return part.vocals

    def by(self, part: Phase, steps: int, /) -> Phase:
        place = min(self.order.index(part.vocals) + steps, len(self.order) - 1)
        return replace(part, vocals=self.order[place])

    def to(self, part: Phase, value: str, /) -> Phase:
        if value not in self.order:
            raise ValueError(f"give one of {', '.join(self.order)}")
        return self.by(part, max(0, self.order.index(value) - self.order.index(part.vocals)))

    def does(self, before: Phase, after: Phase, /) -> str:
        return f"Allow {'any' if after.vocals == 'any' else 'wordless'} voice in {before.name}"


class LastSession(OfAPhase):
    """Whether a phase draws on the client's last session alone."""

    __slots__ = ()

    def value(self, _part: Phase, /) -> str | None:
        return None

    def by(self, part: Phase, steps: int, /) -> Phase:
        return replace(part, repeats="allowed") if steps and part.repeats == "last session" else part

    def to(self, _part: Phase, _value: str, /) -> Phase:
        raise ValueError("it takes no value")

    def does(self, before: Phase, _after: Phase, /) -> str:
        return f"Let {before.name} use all music"


class TrackMinutes(OfTheWhole):
    """How long a track lasts; its value is ``"1.5..45"``."""

    __slots__ = ()
    shorter, longer = 0.6, 1.5

    def value(self, part: Template, /) -> str | None:
        limits = part.rules.track_minutes
        low, high = limits.low or 0.0, limits.high
        return f"{low:g}.." + ("" if high is None else f"{high:g}")

    def by(self, part: Template, steps: int, /) -> Template:
        now = part.rules.track_minutes
        low = now.low and round(now.low * self.shorter**steps, 2)
        return self._with(part, low, now.high and round(now.high * self.longer**steps, 1))

    def to(self, part: Template, value: str, /) -> Template:
        found = re.fullmatch(rf"({NUMBER})\.\.({NUMBER})?", value)
        if found is None:
            raise ValueError("give the shortest and the longest in minutes, such as 1.5..45")
        now = part.rules.track_minutes
        low = None if now.low is None else min(now.low, float(found[1]))
        high = None if now.high is None or found[2] is None else max(now.high, float(found[2]))
        return self._with(part, low, high)

    def does(self, _before: Template, after: Template, /) -> str:
        low, high = after.rules.track_minutes.low or 0.0, after.rules.track_minutes.high
        return (
            f"Take tracks of {low:g} min and more"
            if high is None
            else f"Take tracks of {low:g} to {high:g} min"
        )

    def _with(self, part: Template, low: float | None, high: float | None) -> Template:
        return replace(part, rules=replace(part.rules, track_minutes=Range(low, high)))


class ArtistMax(OfTheWhole):
    """How many tracks one artist may have."""

    __slots__ = ()
    step = 2

    def value(self, part: Template, /) -> str | None:
        return str(part.rules.artist_max)

    def by(self, part: Template, steps: int, /) -> Template:
        return self._with(part, part.rules.artist_max + self.step * steps)

    def to(self, part: Template, value: str, /) -> Template:
        if not value.isdecimal():
            raise ValueError("give a whole number")
        return self._with(part, max(part.rules.artist_max, int(value)))

    def does(self, _before: Template, after: Template, /) -> str:
        return f"Allow {counted(after.rules.artist_max, 'track')} of one artist"

    def _with(self, part: Template, most: int) -> Template:
        return replace(part, rules=replace(part.rules, artist_max=most))


class Used(OfTheWhole):
    """Whether tracks of the client's earlier sessions stay away: a choice of the day, which no template holds."""

    __slots__ = ()

    def value(self, _part: Template, /) -> str | None:
        return None

    def by(self, part: Template, _steps: int, /) -> Template:
        return part

    def to(self, _part: Template, _value: str, /) -> Template:
        raise ValueError("it takes no value")

    def does(self, _before: Template, _after: Template, /) -> str:
        return "Allow tracks of earlier sessions again"


def _number(text: str) -> float:
    if not re.fullmatch(NUMBER, text):
        raise ValueError("give a number")
    return float(text)
