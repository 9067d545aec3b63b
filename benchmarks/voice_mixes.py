"""What is said of voices far back in music, and of a voice in a part of a track.

usage: python benchmarks/voice_mixes.py VOICES MUSIC

VOICES/KIND/* are recordings in which somebody sings or speaks all the time, MUSIC/* has none. Of each voice 12 s are
laid into 12 s of three pieces, at 0 to -24 dB of the music, dry and with 2.2 s of reverberation. A mix counts as
throughout if it is repeated for 4 minutes, as a part if it is laid into 4, 10 or 20 minutes of other music: the
network's answers are put together, not the sound, which costs nothing and says the same, since each patch is asked
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

from playlistkit.analysis.voice import (
    PATCH_SECONDS,
    QUIET,
    SAMPLES,
    VOICE_RATE,
    BlockSearch,
    back,
    far_back,
    front,
    peak,
    powers,
    probability,
    vocals,
)
from playlistkit.audio import open_audio

LEVELS = (0, -6, -12, -18, -24)  # dB
CLIP = 12.0  # s
REVERBERATION = 2.2  # s
MOST = 240.0  # s of a piece
MINUTES = (4, 10, 20)
PATCH = round(PATCH_SECONDS * VOICE_RATE)

Odds = list[tuple[float, float] | None]  # of a voice, and of one far back


def load(path: Path, seconds: float) -> np.ndarray:
    with open_audio(path) as source:
        blocks, have = [], 0
        for block in source.blocks():
            blocks.append(block.mean(axis=1, dtype=np.float32))
            have += len(block)
            if have > seconds * source.rate:
                break
        return np.asarray(soxr.resample(np.concatenate(blocks), source.rate, VOICE_RATE), np.float32)


def ask(sound: np.ndarray) -> Odds:
    """The network's log odds in each 3 s; `None` where nothing sounds."""
    answers: Odds = []
    for start in range(0, len(sound) - PATCH + 1, PATCH):
        patch = sound[start : start + SAMPLES]
        mel = None if float(np.sqrt(np.mean(patch**2))) <= QUIET else powers(patch)
        odds = front(mel)
        answers.append(None if mel is None or odds is None else (odds, back(odds, mel)))
    return answers


def said(odds: Odds) -> str:
    """What is said of a track in which the network answers so."""
    search, behind = BlockSearch(), []
    alone = [each and each[0] for each in odds]
    for number, start in enumerate(range(0, len(odds), search.PATCHES)):
        part = alone[start : start + search.PATCHES]
        search.look(len(part), part.__getitem__)
        if (looked_at := odds[start + number % len(part)]) is not None:
            behind.append(looked_at[1])
    last = alone[-search.PATCHES :]
    search.look_at_the_end(len(last), last.__getitem__, PATCH_SECONDS * (len(odds) - len(last)))
    throughout, likeliest = search.answers()
    found = peak(likeliest)
    return vocals(
        probability(throughout), found[0] if found else None, None, behind=far_back(np.array(behind))
    )


def level(sound: np.ndarray) -> float:
    """Root mean square of what isn't rest."""
    frames = np.sqrt(np.mean(sound[: len(sound) // 1600 * 1600].reshape(-1, 1600) ** 2, axis=1))
    return float(np.sqrt(np.mean(frames[frames > 0.05 * frames.max()] ** 2)))


def room() -> np.ndarray:
    """Noise that dies away."""
    time = np.arange(int(REVERBERATION * VOICE_RATE)) / VOICE_RATE
    response = np.random.default_rng(0).standard_normal(len(time)) * 10 ** (-3 * time / REVERBERATION)
    return response / np.linalg.norm(response)


def mixes(voice: np.ndarray, music: np.ndarray) -> dict[tuple[int, str], Odds]:
    wet = 0.35 * voice + 0.8 * scipy.signal.fftconvolve(voice, room())[: len(voice)]
    music = 0.06 * music / level(music)
    return {
        (decibels, name): ask((music + each * 0.06 / level(each) * 10 ** (decibels / 20)).astype(np.float32))
        for name, each in (("dry", voice), ("wet", wet))
        for decibels in LEVELS
    }


def laid_into(part: Odds, others: list[Odds], minutes: float, draw: random.Random) -> Odds:
    """The part somewhere within so many minutes of other music."""
    whole = [each for piece in draw.sample(others, len(others)) for each in piece]
    length = round(minutes * 60 / PATCH_SECONDS)
    whole = (whole * (length // len(whole) + 1))[:length]
    start = draw.randrange(0, length - len(part))
    return whole[:start] + part + whole[start + len(part) :]


def share_none(tracks: list[Odds]) -> str:
    return f"{100 * np.mean([said(track) == 'none' for track in tracks]):5.0f}"


def main(voices: str, music: str) -> None:
    pieces = sorted(path for path in Path(music).rglob("*") if path.is_file())
    sound = [load(path, MOST)[: round(MOST * VOICE_RATE)] for path in pieces]
    alone = [ask(each) for each in sound]
    print(f"music alone, {len(alone)} pieces, called none: {share_none(alone)} %")
    calm = [each for each in alone if said(each) == "none"]
    draw = random.Random(1)
    for kind in sorted(path for path in Path(voices).iterdir() if path.is_dir()):
        made: dict[tuple[int, str], list[Odds]] = {}
        for path in sorted(kind.iterdir()):
            voice = load(path, CLIP)
            voice = np.tile(voice, int(CLIP * VOICE_RATE / len(voice)) + 1)[: round(CLIP * VOICE_RATE)]
            for under in draw.sample(sound, 3):
                for key, odds in mixes(voice, under[-len(voice) :]).items():
                    made.setdefault(key, []).append(odds)
        print(f"\n{kind.name}, called none (%)   {' '.join(f'{each:4} dB' for each in LEVELS)}")
        for name in ("dry", "wet"):
            whole = [share_none([odds * 20 for odds in made[each, name]]) for each in LEVELS]
            print(f"  {name}, throughout          {'   '.join(whole)}")
            for minutes in MINUTES:
                parts = [
                    share_none([laid_into(odds * 2, calm, minutes, draw) for odds in made[each, name]])
                    for each in LEVELS
                ]
                print(f"  {name}, 24 s in {minutes:2} minutes    {'   '.join(parts)}")


if __name__ == "__main__":
    if len(sys.argv) != 3 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
