"""Small made libraries and templates for the planner's tests."""

from __future__ import annotations

import random

from playlistkit.model import Candidate, Curve, Features, Minutes, Phase, Rules, Template, Track

KEYS = "C C# D D# E F F# G G# A A# B".split()  # noqa: SIM905


def made_track(
    number: int, rng: random.Random, *, seconds: tuple[int, int] = (150, 600), artists: int = 40
) -> Candidate:
    """A track of whole seconds with everything known."""
    energy = rng.uniform(0.05, 0.6)
    duration = rng.randint(*seconds)
    start, end = (min(1.0, max(0.0, energy + rng.uniform(-0.1, 0.1))) for _ in range(2))
    loudness = -28 + 16 * energy + rng.uniform(-3, 3)
    timbre = tuple(rng.gauss(0, 1) for _ in range(4))
    return Candidate(
        Track(
            id=f"t{number}",
            path=f"/music/{number}.flac",
            title=f"Piece {number}",
            artist=f"Artist {rng.randrange(artists)}",
            duration=float(duration),
        ),
        Features(
            tempo=rng.uniform(45, 130),
            pulse_clarity=rng.random(),
            energy=energy,
            energy_start=start,
            energy_end=end,
            energy_curve=Curve((energy + 0.05 * ((k // 30) % 3 - 1) for k in range(duration)), 0.001),
            loudness=loudness,
            loudness_start=loudness + rng.uniform(-2, 2),
            loudness_end=loudness + rng.uniform(-2, 2),
            loudness_range=rng.uniform(2, 14),
            true_peak=-3.0,
            silence_start=(0.0, 0.0, 1.0, 4.0)[number % 4],
            silence_end=(0.0, 7.0, 0.0, 0.0, 2.0)[number % 5],
            brightness=rng.random(),
            percussiveness=rng.random() * 0.6,
            key=rng.choice(KEYS),
            mode=rng.choice(["major", "minor"]),
            key_clarity=rng.random(),
            timbre=timbre,
            timbre_start=timbre,
            timbre_end=timbre,
            vocals=rng.choices(["none", "wordless", "words", "unknown"], [70, 10, 15, 5])[0],
        ),
    )


def made_library(count: int, seed: int = 0, **kwargs: object) -> list[Candidate]:
    """`count` made tracks; the same for the same seed."""
    rng = random.Random(seed)
    return [made_track(number, rng, **kwargs) for number in range(count)]  # type: ignore[arg-type]


def phase(name: str, minutes: float, low: float, high: float, **kwargs: object) -> Phase:
    """A phase whose energy goes from `low` to `high`."""
    return Phase(
        name, Minutes(minutes, minutes / 2, minutes * 1.5), ((0.0, low), (1.0, high)), name, **kwargs
    )  # type: ignore[arg-type]


def five_phases(minutes: float = 90, rules: Rules | None = None, **peak: object) -> Template:
    """A template of the five phases."""
    part = minutes / 180
    return Template(
        "Made",
        (
            phase("arrival", 40 * part, 0.12, 0.15, vocals="none", tempo=(50.0, 80.0), loudness=-25.0),
            phase("onset", 20 * part, 0.15, 0.28, vocals="none", tempo=(50.0, 80.0), loudness=-24.0),
            phase("peak", 45 * part, 0.28, 0.42, tempo=(50.0, 90.0), loudness=-22.0, **peak),
            phase("return", 45 * part, 0.40, 0.25, vocals="wordless", loudness=-23.0),
            phase("grounding", 30 * part, 0.25, 0.18, loudness=-24.0),
        ),
        id="made",
        rules=rules or Rules(),
    )
