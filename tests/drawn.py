"""Drawn sessions, tracks and slots: some values unknown, some absurd, many on round steps so that they meet their limits."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from by_hand import FIFTHS, VOICES, first_known, known, phases_of

from playlistkit.model import (
    Candidate,
    Curve,
    EnergyLimit,
    Features,
    Hold,
    InsideRules,
    JoinRules,
    Minutes,
    Phase,
    Player,
    Range,
    Rules,
    Session,
    Slot,
    Template,
    Track,
    Variant,
)

PLAYERS: tuple[Player, ...] = ("files", "spotify", "render")
PEOPLE = ("ann", "bo", "cy", "di")


class Draw:
    """Draws values, some unknown, some absurd, many on round steps so that they meet their limits."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def maybe(self, make: Callable[[], object], chance: float = 0.8) -> object:
        return make() if self.rng.random() < chance else None

    def number(self, low: float, high: float, step: float) -> float:
        if self.rng.random() < 0.3:
            return round(self.rng.uniform(low, high), 2)
        return low + step * self.rng.randint(0, round((high - low) / step))

    def odd(self, low: float, high: float, step: float, *odd: float) -> float | None:
        """A number, nothing, or now and then something absurd."""
        chance = self.rng.random()
        if chance < 0.03:
            return self.rng.choice((math.nan, 1e12, *odd))
        return None if chance < 0.2 else self.number(low, high, step)

    def curve(self, seconds: float, low: float, high: float, step: float) -> Curve | None:
        length = round(seconds) + self.rng.randint(-3, 3)
        if self.rng.random() < 0.4 or not 0 < length < 400:
            return None
        turns = [self.rng.uniform(low, high) for _ in range(self.rng.randint(2, 6))]
        values = []
        for k in range(length):
            place = k / length * (len(turns) - 1)
            left = int(place)
            values.append(turns[left] + (turns[left + 1] - turns[left]) * (place - left))
        return Curve(values, step)

    def features(self, seconds: float) -> Features:
        loudness = self.odd(-40, -8, 1)
        level = first_known(known(loudness), -20.0)
        near = {
            name: self.maybe(lambda: round(level + self.rng.uniform(-4, 4), 2), 0.6)
            for name in ("loudness_start", "loudness_end", "loudness_start_near", "loudness_end_near")
        }
        whole = self.maybe(lambda: tuple(self.rng.gauss(0, 0.8) for _ in range(3)))
        ends = [
            self.maybe(lambda: tuple(self.rng.gauss(0, 0.8) for _ in range(3)), 0.6) if whole else None
            for _ in range(2)
        ]
        return Features(
            tempo=self.odd(30, 200, 5, 0.0, -10.0),
            pulse_clarity=self.odd(0, 1, 0.1, 1.5),
            energy=self.odd(0, 1, 0.05, -0.5, 1.5),
            energy_start=self.odd(0, 1, 0.05),
            energy_end=self.odd(0, 1, 0.05),
            energy_doubt=self.maybe(lambda: self.number(0, 0.3, 0.1), 0.3),
            energy_curve=self.curve(seconds, 0, 0.8, 0.001),
            loudness=loudness,
            loudness_curve=self.curve(seconds, level - 6, level + 4, 0.01),
            loudness_range=self.odd(0, 16, 1),
            true_peak=self.odd(-12, 1, 1),
            silence_start=self.odd(0, 12, 1, -3.0),
            silence_end=self.odd(0, 12, 1, -3.0),
            silence_inside=self.odd(0, 12, 1),
            silence_inside_at=self.maybe(lambda: self.number(0, 200, 1), 0.5),
            jolt=self.odd(0, 24, 1),
            jolt_at=self.maybe(lambda: self.number(0, 200, 1), 0.5),
            swell=self.odd(0, 36, 1),
            brightness=self.odd(0, 1, 0.1),
            percussiveness=self.odd(0, 1, 0.1),
            music_probability=self.odd(0, 1, 0.05),
            speech=self.rng.choice([None, None, 0.0, 4.0, 6.0, 12.0]),
            repetition=self.rng.choice([None, None, 0.0, 0.2, 0.4, 0.74, 0.74, 0.75]),
            key=self.maybe(lambda: self.rng.choice(FIFTHS)),
            mode=self.rng.choice(["major", "minor", None]),
            key_clarity=self.odd(0, 1, 0.25),
            vocals=self.rng.choice([*VOICES, None]),
            timbre=whole,
            timbre_start=ends[0],
            timbre_end=ends[1],
            **near,
        )

    def range(self, low: float, high: float, step: float) -> Range:
        """Open, or closed on a side or two."""
        ends = sorted(self.number(low, high, step) for _ in range(2))
        return self.rng.choice([Range(), Range(ends[0], None), Range(None, ends[1]), Range(*ends)])

    def points(self) -> tuple[tuple[float, float], ...]:
        """A phase's energy: one to six points, not always from its first moment to its last; some are steps."""
        places = sorted(self.number(0, 1, 0.1) for _ in range(self.rng.randint(1, 6)))
        return tuple((at, round(self.rng.uniform(0, 0.8), 2)) for at in places)


def drawn_phase(draw: Draw, name: str) -> Phase:
    rng = draw.rng
    minutes = rng.choice([0.0, 2.0, 5.0, 7.5]) if name == "extra" else rng.choice([4.0, 7.5, 11.0])
    hold = Hold(rng.uniform(0, 6), rng.choice([2.0, 5.0]), rise_minutes=rng.choice([0.5, 1.0, 2.0]))
    return Phase(
        name,
        Minutes(minutes, 0, 60),
        draw.points(),
        rng.choice(["peak", "return", "grounding"]),
        energy_tolerance=rng.choice([0.05, 0.1, 0.2]),
        energy_limit=draw.maybe(lambda: EnergyLimit(rng.choice([0.0, 0.2]), rng.choice([0.0, 0.3])), 0.5),
        energy_max=draw.maybe(lambda: draw.number(0.3, 0.8, 0.1), 0.3),
        tempo=draw.maybe(lambda: rng.choice([(50.0, 80.0), (60.0, 66.0), (90.0, 91.0)]), 0.7),
        loudness=draw.maybe(lambda: rng.choice([-26.0, -24.0, -20.0]), 0.7),
        loudness_range=draw.range(0, 16, 1),
        loudness_range_limit=draw.range(0, 16, 1),
        vocals=rng.choice(["none", "wordless", "any"]),
        vocals_share=rng.choice([0.0, 0.0, 0.3, 1.0]),
        vocals_beyond=rng.choice(["wordless", "any"]),
        brightness=draw.range(0, 1, 0.1),
        brightness_limit=draw.range(0, 1, 0.1),
        percussiveness=draw.range(0, 1, 0.1),
        percussiveness_limit=draw.range(0, 1, 0.1),
        boundary_tolerance=draw.maybe(lambda: rng.choice([0.0, 20.0]), 0.3),
        album_runs=rng.random() < 0.3,
        repeats=rng.choice(["never", "allowed", "last session"]),
        hold=hold if rng.random() < 0.3 else None,
    )


def drawn_session(draw: Draw) -> Session:
    rng = draw.rng
    names = ["onset", "peak", "extra", "return"][: rng.randint(2, 4)]
    rules = Rules(
        join=JoinRules(
            rng.choice([2.0, 3.0]),
            6.0,
            rng.choice([3.0, 5.0]),
            10.0,
            0.15,
            rng.choice([0.15, 0.25]),
            4.0,
            10.0,
        ),
        inside=InsideRules(jolt=rng.choice([8.0, 10.0]), swell=rng.choice([10.0, 15.0])),
        track_minutes=draw.rng.choice([Range(), Range(0.5, None), Range(2.5, 12.0), Range(4.0, 5.0)]),
        artist_max=rng.randint(1, 3),
        artist_apart_minutes=rng.choice([0.0, 5.0, 30.0]),
        works=rng.choice(["together", "free"]),
        overlap=rng.choice([0.0, 3.0, 8.0]),
        boundary_tolerance=rng.choice([0.5, 15.0, 40.0]),
    )
    variants = (Variant("quiet", vocals="none"), Variant("slow", energy=-0.1))
    return Session(
        Template("T", tuple(drawn_phase(draw, name) for name in names), rules=rules, variants=variants),
        variants=rng.choice([(), ("quiet",), ("slow",)]),
        player=rng.choice(PLAYERS),
        overlap=rng.choice([None, 0.0, 2.5, -1.0]),
        excluded_tracks=frozenset({"t1"}),
        excluded_artists=frozenset(rng.choice([(), ("Cy",)])),
        used_tracks=frozenset({"t2", "t3"}),
        last_session=rng.choice([(), ("t3", "t0", "t2")]),
        strict=rng.random() < 0.3,
    )


def drawn_track(draw: Draw, number: int) -> Candidate:
    rng = draw.rng
    seconds = rng.choice([30.0, 59.9, 60.0, 150.0, 240.0, 300.0, 720.0, round(rng.uniform(20, 1700), 3)])
    folder = rng.choice(["/music", "/music", "/music", "/Podcasts", "C:\\Music\\sfx"])
    track = Track(
        f"t{number}",
        path=draw.maybe(lambda: f"{folder}/{number}.flac"),
        uri=draw.maybe(lambda: f"spotify:track:{number}", 0.6),
        title=f"Piece {number}",
        genre=rng.choice([None, None, None, "Ambient", "Audiobook", "Spoken Word"]),
        duration=rng.choice([seconds] * 12 + [0.0, math.nan]),
        people=tuple(sorted(rng.sample(PEOPLE, rng.choice([0, 1, 1, 1, 2])))),
        **rng.choice([{}, {}, {"work": rng.choice(["Suite", "Mass"]), "movement": rng.randint(1, 3)}]),
    )
    features = draw.features(seconds)
    if rng.random() < 0.1:  # only the therapist says so with certainty
        features = replace(features, music_probability=1.0)
    return Candidate(track, features, keep=rng.random() < 0.3, avoid=rng.random() < 0.1)


def drawn_slots(draw: Draw, session: Session, candidates: Sequence[Candidate]) -> list[Slot]:
    """Any tracks one after the other, in phases that come in order, some with a tail; nothing else is in order."""
    rng, slots = draw.rng, []
    names = [phase.name for phase, *_ in phases_of(session.template)]
    count = rng.randint(1, 7)
    places = sorted(rng.randrange(len(names)) for _ in range(count))
    for k, place in enumerate(places):
        one = rng.choice([each for each in candidates if each.track.duration > 20])
        start = slots[-1].start + slots[-1].duration - slots[-1].overlap if slots else rng.choice([0.0, 17.3])
        slots.append(
            Slot(
                names[place] if rng.random() < 0.95 else "elsewhere",
                start,
                one.track.duration if rng.random() < 0.8 else one.track.duration - 7.7,
                one.track,
                one.features,
                overlap=rng.choice([0.0, 2.5, 6.0]) if k + 1 < count else rng.choice([0.0, 4.0]),
                gain=rng.choice([0.0, -3.0, 4.5]) if session.player == "render" else 0.0,
            )
        )
    if rng.random() < 0.3:
        slots.append(replace(slots[0], phase="tail", start=slots[-1].end))
    return slots


def drawn(seed: int, tracks: int = 8) -> tuple[Draw, Session, list[Candidate]]:
    draw = Draw(random.Random(seed))
    return draw, drawn_session(draw), [drawn_track(draw, number) for number in range(tracks)]
