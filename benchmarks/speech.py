"""Who is told from music as a speaker, and the answer that tells it, fitted to speech over music.

usage: python benchmarks/speech.py FOLDER
       python benchmarks/speech.py fit FOLDER speech.npz

The first hears files in FOLDER/KIND/, as a scan does, and prints for each kind how many have nobody who speaks, somebody for
a few seconds, and more than a session takes (`SPEECH_SECONDS`); of the latter where they begin.

The second makes `playlistkit/analysis/speech.npz`. FOLDER/speech/SPEAKER/ has speech alone, FOLDER/music/SOURCE/ music without a
voice, FOLDER/other/SOURCE/ what may not count as speech: songs, rap, chant, choirs, voices without their music, nature.
Each second of speech is heard alone and at four levels over a second of music, 18 dB softer to 6 dB louder, two of five with
reverberation. A logistic regression on YAMNet's last hidden layer, speech and all else weighing alike, is cross-validated by
speaker and source, then fitted to all. Needs scikit-learn.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import soxr
from scipy.signal import fftconvolve

from playlistkit import analysis
from playlistkit.analysis.yamnet import RATE, SAMPLES, yamnet
from playlistkit.audio import open_audio
from playlistkit.objective.music import SPEECH_SECONDS

LEVELS = (-18, -12, -9, -6, -3, 0, 3, 6)  # dB of the music above the speech
OVER = 4  # of them for each second of speech
EACH = 120  # seconds of each speaker at most; of other sources a tenth for each file
PENALTY = 0.003
FOLDS = 5
ACTIVE = 0.15  # of a second's highest level: what is softer is a pause
MOST_PAUSE = 0.5
REVERBERATIONS = (0.3, 0.6, 1.2, 2.0)  # s
REVERBERANT = 0.4

Sounds = list[tuple[str, np.ndarray]]


def seconds(folder: Path, each: int, draw: np.random.Generator) -> Sounds:
    """Windows of the network's length of all files of each source."""
    found: Sounds = []
    for path in sorted(path for path in folder.glob("*/*") if path.is_file()):
        with open_audio(path) as source:
            sound = np.concatenate([block.mean(axis=1, dtype=np.float32) for block in source.blocks()])
            sound = soxr.resample(sound, source.rate, RATE)
        starts = draw.permutation(np.arange(0, len(sound) - SAMPLES + 1, SAMPLES // 2))[:each]
        found += [(path.parent.name, sound[start : start + SAMPLES]) for start in starts]
    return [(source, sound) for source, sound in found if level(sound) > 1e-3]


def level(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(sound**2)))


def speaks(sound: np.ndarray) -> bool:
    """Whether a second of speech alone isn't mostly a pause."""
    parts = np.sqrt((sound[: SAMPLES // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1))
    return bool((parts > ACTIVE * parts.max()).mean() > MOST_PAUSE)


def reverberant(sound: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    last = draw.choice(REVERBERATIONS)
    tail = draw.standard_normal(round(last * RATE)) * np.exp(
        -6.9 / last * np.arange(round(last * RATE)) / RATE
    )
    tail *= draw.choice([0.3, 0.6, 1.0]) / np.sqrt((tail**2).sum())
    tail[0] += 1
    wet = fftconvolve(np.tile(sound, 2), tail)[len(sound) : 2 * len(sound)]
    return np.asarray(wet * level(sound) / level(wet))


def hidden(sounds: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(
        [yamnet().listen(np.array(sounds[k : k + 16], np.float32)).hidden for k in range(0, len(sounds), 16)]
    )


def fit(folder: Path, to: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    draw = np.random.default_rng(5)
    spoken = [each for each in seconds(folder / "speech", EACH, draw) if speaks(each[1])]
    music, other = (seconds(folder / name, EACH // 10, draw) for name in ("music", "other"))
    sounds: list[np.ndarray] = []
    rows: list[tuple[bool, str, str, float]] = []  # spoken, speaker or source, source of the music, dB
    for speaker, sound in spoken:
        voice = reverberant(sound, draw) if draw.random() < REVERBERANT else sound
        sounds.append(voice)
        rows.append((True, speaker, "", -np.inf))
        for louder in draw.choice(LEVELS, OVER, replace=False):
            source, under = music[draw.integers(len(music))]
            sounds.append(voice + under * (level(voice) / level(under) * 10 ** (louder / 20)))
            rows.append((True, speaker, source, float(louder)))
    for source, sound in (*music, *other):
        sounds.append(sound)
        rows.append((False, source, source, 0.0))
    heard, labels = hidden(sounds), np.array([row[0] for row in rows])
    names = np.unique([row[1] for row in rows])
    fold = dict(zip(names, draw.permutation(len(names)) % FOLDS, strict=True))
    odds = np.zeros(len(rows))
    for k in range(FOLDS):
        held = np.array([fold[row[1]] == k for row in rows])
        known = ~held & np.array([fold.get(row[2], -1) != k for row in rows])
        model = LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=3000)
        odds[held] = model.fit(heard[known], labels[known]).decision_function(heard[held])
    kinds = defaultdict(list)
    for row, value in zip(rows, odds, strict=True):
        over = f"speech, music {row[3]:+.0f} dB" if row[2] else "speech alone"
        kinds[over if row[0] else row[1]].append(value)
    for kind, values in kinds.items():
        print(f"{kind:<32} {len(values):5d} called speech {100 * np.mean(np.array(values) > 0):5.1f} %")
    model = LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=3000).fit(heard, labels)
    np.savez(to, hidden=model.coef_[0].astype(np.float32), bias=np.float32(model.intercept_[0]))


def report(folder: Path) -> None:
    kinds: dict[str, list[tuple[str, float, float | None]]] = defaultdict(list)
    for path in sorted(path for path in folder.glob("*/*") if path.is_file()):
        with open_audio(path) as stream:
            features = analysis.analyze(stream.blocks(), stream.rate)
        kinds[path.parent.name].append((path.stem, features.speech or 0.0, features.speech_at))
    print(f"{'kind':<24} {'files':>5} {'nobody':>6} {'a little':>8} {'barred':>6}")
    for kind, heard in kinds.items():
        barred = [each for each in heard if each[1] > SPEECH_SECONDS]
        nobody = sum(1 for each in heard if not each[1])
        print(
            f"{kind:<24} {len(heard):5d} {nobody:6d} {len(heard) - nobody - len(barred):8d} {len(barred):6d}"
        )
        if 0 < len(barred) <= len(heard) // 2:
            print(
                "    barred: "
                + ", ".join(f"{name} ({many:.0f} s from {at:.0f} s on)" for name, many, at in barred)
            )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fit", folder, to]:
            fit(Path(folder), Path(to))
        case [folder] if folder != "--help":
            report(Path(folder))
        case _:
            sys.exit(__doc__)
