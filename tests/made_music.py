"""Made music that follows a template, and libraries of it whose files exist and hold nothing."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from playlistkit.library import Library
from playlistkit.model import Candidate, Curve, Features, Phase, Template, Track


def following(template: Template, *, times: float = 3.0, seed: int = 0) -> list[Candidate]:
    """For each phase of a template, `times` its minutes of tracks that fit it somewhere."""
    rng = random.Random(seed)
    found: list[Candidate] = []
    for phase in template.phases:
        seconds = 0.0
        while seconds < phase.minutes.default * 60 * times:
            found.append(fitting(phase, len(found), rng))
            seconds += found[-1].track.duration
    return found


def fitting(phase: Phase, number: int, rng: random.Random) -> Candidate:
    """A track of three to seven minutes that fits the phase at one of its fractions."""
    energy = max(0.02, level(phase, rng.random()) + rng.gauss(0, 0.015))
    loudness = (-23.0 if phase.loudness is None else phase.loudness) + rng.uniform(-1, 1)
    low, high = phase.tempo or (55.0, 85.0)
    duration = rng.randint(180, 420)
    timbre = tuple(rng.gauss(0, 0.5) for _ in range(4))
    return Candidate(
        Track(
            id=f"t{number:03}",
            path=f"/music/{number:03}.flac",
            title=f"Piece {number:03}",
            artist=f"Artist {number // 2:03}",
            duration=float(duration),
        ),
        Features(
            tempo=rng.uniform(low, high),
            pulse_clarity=rng.uniform(0.1, 0.6),
            energy=energy,
            energy_start=max(0.0, energy + rng.uniform(-0.02, 0.02)),
            energy_end=max(0.0, energy + rng.uniform(-0.02, 0.02)),
            energy_curve=Curve([energy] * duration, 0.001),
            loudness=loudness,
            loudness_start=loudness + rng.uniform(-0.5, 0.5),
            loudness_end=loudness + rng.uniform(-0.5, 0.5),
            loudness_range=rng.uniform(2, 5),
            true_peak=-3.0,
            brightness=rng.uniform(0.1, 0.35),
            percussiveness=rng.uniform(0.0, 0.1),
            key=rng.choice(["C", "D", "F", "G", "A"]),
            mode="major",
            key_clarity=0.5,
            timbre=timbre,
            timbre_start=timbre,
            timbre_end=timbre,
            silence_start=0.2,
            silence_end=0.5,
            vocals="none",
        ),
    )


def level(phase: Phase, fraction: float) -> float:
    """The energy that a phase aims at, at a fraction of it."""
    for (left, low), (right, high) in zip(phase.energy, phase.energy[1:], strict=False):
        if fraction <= right:
            return low + (high - low) * (fraction - left) / (right - left)
    return phase.energy[-1][1]


def keep(folder: Path, candidates: Iterable[Candidate]) -> Library:
    """A library of these tracks in `folder`; each has a file there, named by its title, of no sound."""
    music = folder / "music"
    music.mkdir(parents=True, exist_ok=True)
    library = Library(folder / "library.db")
    for each in candidates:
        file = music / f"{each.track.title}.flac"
        file.write_bytes(each.track.id.encode())
        state = file.stat()
        library.add_file(
            replace(each.track, path=str(file)),
            each.features,
            size=state.st_size,
            mtime_ns=state.st_mtime_ns,
            versions={},
        )
    return library
