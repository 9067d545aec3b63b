"""The objective stated a second time, one slot after the other in plain numbers, as docs/planning.md has it.

Nothing here is the package's but its public values and the scale of energy: what judge, rules and planner say of drawn
sessions (`drawn.py`) is held against this. Every weight and scale is written out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from playlistkit.energy import played
from playlistkit.model import Features, Phase, Range, Session, Slot, Template

LEVELLED = -21.0  # LUFS at which energy counts where a service levels everything
FIFTHS = "C G D A E B F# C# G# D# A# F".split()  # noqa: SIM905
VOICES = ["none", "wordless", "words", "unknown"]
HIGHEST = {"none": 0, "wordless": 1, "any": 2}  # of VOICES, what a phase takes


def known(value: float | None) -> float | None:
    """The value, or `None` where it is absurd."""
    return None if value is None or not abs(value) < 1e9 else value


def share(value: float | None) -> float | None:
    """The same of what lies between 0 and 1."""
    return None if known(value) is None else min(max(value, 0.0), 1.0)


def first_known(*values: float | None) -> float | None:
    return next((each for each in values if each is not None), None)


# --- the curve ---


def phases_of(template: Template) -> list[tuple[Phase, float, float]]:
    """Each phase that is played, with its begin and end in seconds."""
    found, at = [], 0.0
    for phase in template.phases:
        if phase.minutes.default > 0:
            found.append((phase, at, at + phase.minutes.default * 60))
            at = found[-1][2]
    return found


def stretches(template: Template) -> list[tuple[float, float, float, float]]:
    """The curve's straight lines: from, to, level at the first and at the last second; the last has no end."""
    lines, end, level = [], 0.0, 0.0
    for phase, begin, end in phases_of(template):
        points = [(0.0, phase.energy[0][1]), *phase.energy, (1.0, phase.energy[-1][1])]
        for (left, low), (right, high) in pairwise(points):
            lines.append((begin + left * (end - begin), begin + right * (end - begin), low, high))
        level = phase.energy[-1][1]
    return [line for line in lines if line[1] > line[0]] + [(end, math.inf, level, level)]


def squared_miss(template: Template, energies: Sequence[float], start: float, seconds: float) -> float:
    """The integral of (e − C)² over what plays from `start` on, where e is constant over every ten seconds."""
    total = 0.0
    lines = [line for line in stretches(template) if line[0] < start + seconds and line[1] > start]
    for k in range(math.ceil(seconds / 10)):
        energy = energies[min(k, len(energies) - 1)]
        begin, end = start + 10 * k, start + min(10 * (k + 1), seconds)
        for left, right, low, high in lines:
            a, b = max(begin, left), min(end, right)
            if b > a:
                slope = 0.0 if right == math.inf else (high - low) / (right - left)
                off = [energy - low - slope * (at - left) for at in (a, (a + b) / 2, b)]
                total += (b - a) * (off[0] ** 2 + 4 * off[1] ** 2 + off[2] ** 2) / 6  # exact for a square
    return total


def band(phase: Phase) -> tuple[float, float]:
    """Mean energies that a phase takes."""
    up = down = phase.energy_tolerance
    if phase.energy_limit is not None:
        up, down = max(up, phase.energy_limit.up), max(down, phase.energy_limit.down)
    levels = [level for _, level in phase.energy]
    return min(levels) - down, max(levels) + up


# --- what is heard ---


@dataclass
class Heard:
    """A track as it is heard: `None` where unknown."""

    features: Features
    seconds: float
    gain: float | None
    lift: float | None
    """dB at which energy is judged."""

    def _moved(self, energy: float | None, loudness: float | None) -> float | None:
        if energy is None or loudness is None or not self.lift:
            return energy
        return float(played(energy, loudness, loudness + self.lift))

    @property
    def loudness(self) -> float | None:
        return known(self.features.loudness)

    @property
    def own_energy(self) -> float | None:
        """At the track's own level."""
        own, curve = share(self.features.energy), self.features.energy_curve
        return min(max(sum(curve) / len(curve), 0), 1) if own is None and curve else own

    @property
    def energy(self) -> float | None:
        return self._moved(self.own_energy, self.loudness)

    def own_level(self, side: str, near: str = "") -> float | None:
        """LUFS of an end; `near` for the ten seconds next to the join."""
        wide = first_known(known(getattr(self.features, f"loudness_{side}")), self.loudness)
        return first_known(known(getattr(self.features, f"loudness_{side}_near")), wide) if near else wide

    def level(self, side: str, near: str = "") -> float | None:
        level = self.own_level(side, near)
        return None if level is None or self.gain is None else level + self.gain

    def energy_at(self, side: str) -> float | None:
        own = first_known(share(getattr(self.features, f"energy_{side}")), self.own_energy)
        return self._moved(own, self.own_level(side))

    def curve(self) -> list[float] | None:
        """Energy second by second."""
        curve, levels = self.features.energy_curve, self.features.loudness_curve
        if not curve:
            return None
        if not self.lift:
            return list(curve)
        whole = levels if levels and len(levels) >= len(curve) else [self.loudness] * len(curve)
        return [self._moved(own, level) for own, level in zip(curve, whole, strict=False)]

    def means(self, size: int) -> list[float]:
        """Energy in means of so many seconds for as long as the track lasts; 0 where it is unknown."""
        count = math.ceil(self.seconds / size)
        values = self.curve()
        if values is not None:
            values += [values[-1]] * (count + 1) * size
            return [sum(values[k * size : (k + 1) * size]) / size for k in range(count)]
        body = self.energy
        if body is None:
            return [0.0] * count
        ramp = min(45.0, self.seconds / 5)
        found = []
        for k in range(count):
            middle = (k * size + min((k + 1) * size, self.seconds)) / 2
            early = min(max(1 - middle / ramp, 0), 1)
            late = min(max(1 - (self.seconds - middle) / ramp, 0), 1)
            found.append(
                body + (self.energy_at("start") - body) * early + (self.energy_at("end") - body) * late
            )
        return found

    def fullest(self) -> float | None:
        """The highest energy over half a minute."""
        curve, levels = self.features.energy_curve, self.features.loudness_curve
        if not curve:
            whole = [self.energy, self.energy_at("start"), self.energy_at("end")]
            return max((each for each in whole if each is not None), default=None)
        size = min(30, len(curve))
        sums = [sum(round(each / curve.step) for each in curve[:size])]
        for k in range(size, len(curve)):
            sums.append(sums[-1] + round(curve[k] / curve.step) - round(curve[k - size] / curve.step))
        at = sums.index(max(sums))
        whole = levels and len(levels) >= at + size
        level = sum(levels[at : at + size]) / size if whole else self.loudness
        return self._moved(sums[at] * curve.step / size, level)

    @property
    def clarity(self) -> float:
        """How far the tempo is believed."""
        clarity = share(self.features.pulse_clarity)
        return 1.0 if clarity is None else clarity if clarity >= 0.3 else 0.0

    @property
    def tempo(self) -> float | None:
        tempo = known(self.features.tempo)
        return math.log2(tempo) if tempo is not None and tempo > 0 else None

    @property
    def voice(self) -> str:
        return self.features.vocals or "unknown"


def overlap_of(session: Session) -> float:
    if session.overlap is not None:
        return max(session.overlap, 0.0)
    return max(session.template.rules.overlap, 6.0 if session.player == "render" else 0.0)


def gain_of(session: Session, phase: Phase, features: Features) -> float | None:
    """dB with which a player plays a track in a phase."""
    loudness, peak = known(features.loudness), known(features.true_peak)
    if session.player == "spotify":
        return None if loudness is None else -14.0 - loudness
    if session.player == "files" or phase.loudness is None or loudness is None:
        return 0.0
    return round(min(max(phase.loudness - loudness, -24.0), 12.0, 0.0 if peak is None else -1.0 - peak), 2)


def heard(session: Session, features: Features, seconds: float, gain: float | None) -> Heard:
    """A track under the session's player, with a gain."""
    if session.player == "spotify":
        loudness = known(features.loudness)
        level = None if loudness is None else -14.0 - loudness
        return Heard(features, seconds, level, None if loudness is None else LEVELLED - loudness)
    return Heard(features, seconds, gain, gain)


# --- the terms ---


def tempo_miss(one: Heard, phase: Phase) -> float:
    if phase.tempo is None or one.tempo is None:
        return 0.0
    low, high = map(math.log2, phase.tempo)
    misses = [
        max(low - one.tempo - octave, one.tempo + octave - high, 0) / math.log2(1.1) + (0.5 if octave else 0)
        for octave in (-1, 0, 1)
    ]
    return min(min(misses) ** 2, 9.0) * one.clarity


def voice_amount(one: Heard, phase: Phase) -> float:
    return 0.0 if phase.vocals == "any" else {"unknown": 1.0, "words": 12.8}.get(one.voice, 0.0)


def outside(value: float | None, allowed: Range) -> float:
    """How far a value lies outside of a range; 0 if it is unknown."""
    if value is None:
        return 0.0
    low = -math.inf if allowed.low is None else allowed.low
    high = math.inf if allowed.high is None else allowed.high
    return max(low - value, value - high, 0.0)


def sound_amount(one: Heard, phase: Phase, session: Session) -> float:
    features, inside = one.features, session.template.rules.inside
    excesses = [
        outside(share(features.brightness), phase.brightness) / 0.2,
        outside(share(features.percussiveness), phase.percussiveness) / 0.2,
        outside(known(features.loudness_range), phase.loudness_range) / 4,
        outside(known(features.jolt), Range(None, inside.jolt)) / 4,
        outside(known(features.swell), Range(None, inside.swell)) / 4,
    ]
    return min(sum(each**2 for each in excesses), 4.0)


def rises(one: Heard) -> Iterator[tuple[float, float]]:
    """The unbroken rises within a track, from and to in its seconds, by means of half a minute."""
    levels = one.means(30)
    begin = 0
    for k in range(1, len(levels) + 1):
        if k == len(levels) or levels[k] - levels[k - 1] <= 0.005:
            if k - 1 > begin:
                yield 30.0 * begin, 30.0 * (k - 1)
            begin = k


def hold_amount(one: Heard, start: float, seconds: float, session: Session) -> int:
    """How many rises last for longer than a hold allows."""
    windows = [
        (begin + 60 * phase.hold.minute, 60 * phase.hold.around, 60 * phase.hold.rise_minutes)
        for phase, begin, _ in phases_of(session.template)
        if phase.hold is not None
    ]
    if not windows:
        return 0
    shortest = min(longest for *_, longest in windows)
    return sum(
        min(start + min(end, seconds), middle + around) - max(start + begin, middle - around) > longest
        for begin, end in rises(one)
        if end - begin > shortest
        for middle, around, longest in windows
    )


@dataclass
class Passage:
    """A join: its steps, and its parts from 0 to 1."""

    rise: float | None
    step: float | None
    silence: float
    parts: dict[str, float]

    @property
    def roughness(self) -> float:
        weights = {"tempo": 0.2, "key": 0.15, "loudness": 0.2, "timbre": 0.25, "energy": 0.2, "wish": 0.5}
        return sum(weights[name] * part for name, part in self.parts.items())


def passage(one: Heard, two: Heard, session: Session) -> Passage:
    """From the end of one track to the start of the next."""
    rules, parts = session.template.rules.join, {}
    parts["tempo"] = 0.0
    if one.tempo is not None and two.tempo is not None:
        step = abs(one.tempo - two.tempo)
        parts["tempo"] = min(abs(step - round(step)) / 0.25, 1) * min(one.clarity, two.clarity)
    parts["key"] = 0.5
    if one.features.key and two.features.key:
        places = [
            (FIFTHS.index(each.features.key) - (3 if each.features.mode == "minor" else 0)) % 12
            for each in (one, two)
        ]
        steps = abs(places[0] - places[1])
        modes = [each.features.mode == "minor" for each in (one, two)]
        steps = min(steps, 12 - steps) + (0.5 if modes[0] != modes[1] else 0)
        clear = min(first_known(share(each.features.key_clarity), 1.0) for each in (one, two))
        parts["key"] = clear * min(steps / 4, 1) + (1 - clear) * 0.5
    rise, most = None, -math.inf
    for near in ("", "near"):  # the ten seconds next to the join count where they are nearer to a limit
        levels = one.level("end", near), two.level("start", near)
        if None not in levels and (rise is not None or not near):
            step = levels[1] - levels[0]
            used = max(
                step / max(rules.loudness_up_limit, 1e-9), -step / max(rules.loudness_down_limit, 1e-9)
            )
            rise, most = (step, used) if used > most else (rise, most)
    parts["loudness"] = 0.5 if rise is None else min(abs(rise) / 10, 1)
    vectors = one.features.timbre_end or one.features.timbre, two.features.timbre_start or two.features.timbre
    parts["timbre"] = 0.5
    if all(vectors):
        squares = [(a - b) ** 2 for a, b in zip(*vectors, strict=True)]
        parts["timbre"] = min(math.sqrt(sum(squares) / len(squares)) / 1.6, 1)
    energies = one.energy_at("end"), two.energy_at("start")
    step = None if None in energies else abs(energies[1] - energies[0])
    parts["energy"] = 0.5 if step is None else min(step / 0.3, 1)
    silences = [0.0, 0.0]
    if session.player != "render":
        ends = known(one.features.silence_end) or 0.0, known(two.features.silence_start) or 0.0
        silences = [max(max(ends[0], 0.0) - overlap_of(session), 0.0), max(ends[1], 0.0)]
    excesses = [
        (value - wish) / max(limit - wish, 1e-9)
        for value, wish, limit in (
            (rise, rules.loudness_up, rules.loudness_up_limit),
            (None if rise is None else -rise, rules.loudness_down, rules.loudness_down_limit),
            (step, rules.energy_step, rules.energy_step_limit),
            (sum(silences), rules.silence, rules.silence_limit),
        )
        if value is not None
    ]
    parts["wish"] = min(max(0.0, *excesses), 1.0)
    return Passage(rise, step, sum(silences), parts)


def people_of(slot: Slot) -> set[str]:
    """Who plays: the made tracks list their people."""
    return set(slot.track.people)


def judged(
    session: Session, slots: Sequence[Slot], kept: Sequence[str]
) -> tuple[list[dict[str, float]], list[Passage], dict[str, float]]:
    """Points by slot and term, the joins, and by how many seconds each phase ends late."""
    played = [slot for slot in slots if slot.phase != "tail"]
    phases = {phase.name: (phase, end) for phase, _, end in phases_of(session.template)}
    whole = max(end for _, end in phases.values())
    ears = [heard(session, slot.features, slot.duration, slot.gain) for slot in played]
    joins = [passage(one, two, session) for one, two in pairwise(ears)]
    points: list[dict[str, float]] = []
    last: dict[str, tuple[int, float]] = {}
    residuals = {}
    for k, (slot, one) in enumerate(zip(played, ears, strict=True)):
        seconds = slot.duration - slot.overlap
        if k + 1 == len(played) and not slot.overlap:
            seconds = slot.duration - overlap_of(session)
        missed = squared_miss(session.template, one.means(10), slot.start, seconds) / 0.1**2
        own = {"energy": 40 * missed / whole, "join": 0.0, "boundary": 0.0, "artist": 0.0, "tempo": 0.0,
               "voice": 0.0, "keep": 0.0, "sound": 0.0, "length": 0.0}  # fmt: skip
        own["hold"] = 10.0 * hold_amount(one, slot.start, seconds, session)
        if k:
            own["join"] = 30 * joins[k - 1].roughness * 300 / whole
        if slot.phase in phases:
            phase, target = phases[slot.phase]
            doubt = share(slot.features.energy_doubt) or 0.0
            own["energy"] += 40 * (doubt / 0.1) ** 2 * seconds / whole
            own["tempo"] = 15 * tempo_miss(one, phase) * seconds / whole
            own["voice"] = 50 * voice_amount(one, phase) * seconds / whole
            own["keep"] = 1.0 * bool(kept and slot.track.id not in kept) * seconds / whole
            own["sound"] = 5 * sound_amount(one, phase, session) * seconds / whole
            own["length"] = 4 * min(max((slot.duration - 600) / 900, 0), 1) * seconds / whole
            if all(later.phase != slot.phase for later in played[k + 1 :]):
                end = played[k + 1].start if k + 1 < len(played) else slot.start + slot.duration
                rules = session.template.rules
                tolerance = first_known(phase.boundary_tolerance, rules.boundary_tolerance)
                residuals[slot.phase] = end - target
                own["boundary"] = 10 * ((end - target) / max(tolerance, 1)) ** 2 / len(phases)
            earlier = [last[person] for person in people_of(slot) if person in last]
            apart = session.template.rules.artist_apart_minutes * 60
            if earlier and apart > 0 and not (phase.album_runs and max(earlier)[0] == k - 1):
                gap = max(slot.start - max(earlier)[1], 0)
                own["artist"] = 5 * max(0, 1 - gap / apart) * 300 / whole
        last.update(dict.fromkeys(people_of(slot), (k, slot.start + slot.duration - slot.overlap)))
        points.append(own)
    return points, joins, residuals
