"""What is said of voices far back in music, and of a voice in a part of a track.

usage: python benchmarks/voice_mixes.py VOICES MUSIC

VOICES/KIND/* are recordings in which somebody sings or speaks all the time, MUSIC/* has none. Of each voice 12 s are
laid into 12 s of three pieces, at 0 to -24 dB of the music, dry and with 2.2 s of reverberation. A mix counts as
throughout if it is repeated for 4 minutes, as a part if it is laid into 4, 10 or 20 minutes of other music: the
network's answers are put together, not the sound, which costs nothing and says the same, since each window is asked
about by itself. Prints the share that is called none, kind by kind, and that of the music alone.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

# One thread as in the workers of a scan, before numpy is imported.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import numpy as np
import scipy.signal
import soxr

from playlistkit.analysis.fireredvad import fireredvad
from playlistkit.analysis.voice import SILENT, log_odds, peak, probability, reconsidered, unsure, vocals
from playlistkit.analysis.windows import CLOSER, QUIET, STEP
from playlistkit.analysis.yamnet import RATE, SAMPLES, yamnet
from playlistkit.audio import open_audio

LEVELS = (0, -6, -12, -18, -24)  # dB
CLIP = 12.0  # s
REVERBERATION = 2.2  # s
MOST = 240.0  # s of a piece
LONG = CLOSER * RATE
MINUTES = (4, 10, 20)
HALVES = slice(0, 6), slice(6, 12)  # of a mix heard along, each 24 s of it


def load(path: Path, seconds: float) -> np.ndarray:
    with open_audio(path) as source:
        blocks, have = [], 0
        for block in source.blocks():
            blocks.append(block.mean(axis=1, dtype=np.float32))
            have += len(block)
            if have > seconds * source.rate:
                break
        return np.asarray(soxr.resample(np.concatenate(blocks), source.rate, RATE), np.float32)


def ask(sound: np.ndarray, step: float = STEP) -> np.ndarray:
    """The log odds of a voice in each window, so many seconds apart."""
    places = range(0, len(sound) - SAMPLES + 1, round(step * RATE))
    windows = np.array([sound[place : place + SAMPLES] for place in places], np.float32)
    closer = np.array([sound[max(0, min(place, len(sound) - LONG)) :][:LONG] for place in places], np.float32)
    odds = np.full(len(windows), SILENT)
    loud = np.flatnonzero(np.sqrt(np.mean(windows**2, axis=1)) > QUIET)
    for few in np.array_split(loud, len(loud) // 4 + 1):
        if len(few):
            first = log_odds(yamnet().listen(windows[few]))
            again = unsure(first)
            if again.any():
                first[again] = reconsidered(first[again], fireredvad().listen(closer[few][again]))
            odds[few] = first
    return odds


def along(mix: np.ndarray) -> np.ndarray:
    """The log odds in a mix that is repeated, each time heard a second later [shape=(windows,)]."""
    odds, step = ask(mix, 1.0), round(STEP)
    return np.concatenate([odds[first::step] for first in range(step)])


def said(odds: np.ndarray) -> str:
    """What is said of a track in which the network answers so."""
    found = peak(odds, STEP)
    return vocals(probability(odds), found[0] if found else None, None)


def level(sound: np.ndarray) -> float:
    """Root mean square of what isn't rest."""
    frames = np.sqrt(np.mean(sound[: len(sound) // 1600 * 1600].reshape(-1, 1600) ** 2, axis=1))
    return float(np.sqrt(np.mean(frames[frames > 0.05 * frames.max()] ** 2)))


def room() -> np.ndarray:
    """Noise that dies away."""
    time = np.arange(int(REVERBERATION * RATE)) / RATE
    response = np.random.default_rng(0).standard_normal(len(time)) * 10 ** (-3 * time / REVERBERATION)
    return response / np.linalg.norm(response)


def mixes(voice: np.ndarray, music: np.ndarray) -> dict[tuple[int, str], np.ndarray]:
    wet = 0.35 * voice + 0.8 * scipy.signal.fftconvolve(voice, room())[: len(voice)]
    music = np.resize(0.06 * music / level(music), len(voice))
    return {
        (decibels, name): along(music + each * 0.06 / level(each) * 10 ** (decibels / 20))
        for name, each in (("dry", voice), ("wet", wet))
        for decibels in LEVELS
    }


def laid_into(part: np.ndarray, others: list[np.ndarray], minutes: float, draw: random.Random) -> np.ndarray:
    """The part somewhere within so many minutes of other music."""
    length = round(minutes * 60 / STEP)
    whole = np.resize(np.concatenate(draw.sample(others, len(others))), length)
    start = draw.randrange(0, length - len(part))
    whole[start : start + len(part)] = part
    return whole


def share_none(tracks: list[np.ndarray]) -> str:
    return f"{100 * np.mean([said(track) == 'none' for track in tracks]):5.0f}"


def main(voices: str, music: str) -> None:
    pieces = sorted(path for path in Path(music).rglob("*") if path.is_file())
    sound = [load(path, MOST)[: round(MOST * RATE)] for path in pieces]
    alone = [ask(each) for each in sound]
    print(f"music alone, {len(alone)} pieces, called none: {share_none(alone)} %")
    calm = [each for each in alone if said(each) == "none"]
    draw = random.Random(1)
    for kind in sorted(path for path in Path(voices).iterdir() if path.is_dir()):
        made: dict[tuple[int, str], list[np.ndarray]] = {}
        for path in sorted(kind.iterdir()):
            voice = load(path, CLIP)
            voice = np.tile(voice, int(CLIP * RATE / len(voice)) + 1)[: round(CLIP * RATE)]
            for under in draw.sample(sound, 3):
                for key, odds in mixes(voice, under[-len(voice) :]).items():
                    made.setdefault(key, []).append(odds)
        print(f"\n{kind.name}, called none (%)   {' '.join(f'{each:4} dB' for each in LEVELS)}")
        for name in ("dry", "wet"):
            whole = [share_none([np.tile(odds, 5) for odds in made[each, name]]) for each in LEVELS]
            print(f"  {name}, throughout          {'   '.join(whole)}")
            for minutes in MINUTES:
                parts = [
                    share_none(
                        [
                            laid_into(odds[draw.choice(HALVES)], calm, minutes, draw)
                            for odds in made[each, name]
                        ]
                    )
                    for each in LEVELS
                ]
                print(f"  {name}, 24 s in {minutes:2} minutes    {'   '.join(parts)}")


if __name__ == "__main__":
    if len(sys.argv) != 3 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
